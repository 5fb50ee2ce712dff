"""One setting of a browser as an administrator or the person wrote it down, and its spelling."""

import msgspec
from msgspec import Struct

from natwizard.model.privacy import FilePath, PublicText, QuotingText
from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.printable import printable

VALUES_AT_MOST = 64
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
