"""One setting of a browser as an administrator or the person wrote it down, and its spelling."""

import re

import msgspec
from msgspec import Struct

from natwizard.model.privacy import FilePath, PublicText, QuotingText
from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.printable import printable

# A list of allowed sites may have thousands of entries; a report shows a few
VALUES_AT_MOST = 64
# A list of objects, such as WebRtcIPHandlingUrl; what is nested deeper is none of ours
NESTED_AT_MOST = 2


class PolicyValue(Struct, frozen=True, kw_only=True):
    """A value that is in force.

    Attributes:
        key: the policy ("DefaultCookiesSetting", "Cookies.Behavior") or the preference
            ("media.peerconnection.enabled").
        values: as text: one, or the entries of a list; truth is "true" or "false", a number of
            the registry stays a number.
        place: registry key or file where it stands.
        own: the person's own preference, not an administrator's policy.
    """

    family: BrowserFamily
    key: PublicText
    values: tuple[QuotingText, ...]
    place: FilePath
    own: bool = False


def spelled(value: object, levels: int = NESTED_AT_MOST) -> tuple[str, ...]:
    """A JSON or plist value as `PolicyValue.values`; empty where it is nothing we compare.

    A list is its entries; an object in it, such as one of WebRtcIPHandlingUrl, is one text.
    """
    match value:
        case bool():
            return ("true" if value else "false",)
        case str() | int() | float():
            return (printable(str(value)),)
        case list() if levels:
            entries = (spelled(entry, levels - 1) for entry in value[:VALUES_AT_MOST])
            return tuple(text for entry in entries for text in entry)
        case dict() if levels:
            texts = [spelled(entry, levels - 1) for entry in value.values()][:VALUES_AT_MOST]
            return (" ".join(text for entry in texts for text in entry),)
        case _:
            return ()


def at(values: object, key: str) -> object:
    """What stands at "Cookies.Behavior" in nested values, also where a plist writes A__B."""
    if isinstance(values, dict) and (flat := key.replace(".", "__")) in values:
        return values[flat]
    for part in key.split("."):
        if not isinstance(values, dict):
            return None
        values = values.get(part)
    return values


def json_values(text: str) -> dict[str, object]:
    """The top of a JSON object; empty where it is none."""
    try:
        read: object = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


# strings come first, for what stands in one stays
# One that is never closed goes on to the end: no JSON either way, and it is looked at once
_STRING = r'"(?:\\.|[^"\\])*+(?:"|\\?\Z)'
_COMMENTS = re.compile(rf"({_STRING})|//[^\r\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING_COMMAS = re.compile(rf"({_STRING})|,(?=\s*[\]}}])", re.DOTALL)
_HEX_ESCAPES = re.compile(r"(\\\\)|\\x([0-9A-Fa-f]{2})")


def chromium_json_values(text: str) -> dict[str, object]:
    """As `json_values`, with what Chromium's own reader takes beside JSON, and no more.

    That is a byte order mark, comments, a comma before a closing bracket, and line ends and \\xHH
    in strings (base/json/json_reader.h; tried on Chromium 156). A general reader of JSON5 takes
    files that Chromium refuses whole, and would tell of policies that are not in force.
    """
    plain = _COMMENTS.sub(_without_comment, text.removeprefix("\ufeff"))
    plain = _TRAILING_COMMAS.sub(lambda match: _one_line(match[1] or ""), plain)
    plain = _HEX_ESCAPES.sub(lambda match: match[1] or rf"\u00{match[2]}", plain)
    return json_values(plain)


def _without_comment(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    is_open = match[0].startswith("/*") and not match[0].endswith("*/")
    return "/*" if is_open else " "  # which stays a mistake


def _one_line(string: str) -> str:
    return string.replace("\r", r"\r").replace("\n", r"\n")
