"""The form in which a run leaves the computer: redacted, and without private addresses too.

A report that a person hands over keeps private addresses, which name nobody outside. A whole
company's reports in one place would tell who sat where, so they go as well; the site stays.
"""

import re
from ipaddress import IPv4Address, IPv4Network

import msgspec

from natwizard.model.encoding import as_utf8
from natwizard.model.profile import Targets
from natwizard.model.report import Report
from natwizard.model.shared import Seat, SharedReport
from natwizard.report.redact import redact

PRIVATE_V4 = tuple(
    IPv4Network(text)
    for text in ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
)
"""RFC 1918, RFC 6598 and RFC 3927. IPv6 addresses are masked by `redact`, whatever their kind."""

_ADDRESS = re.compile(
    r"(?<![\d])(?<![\d][.-])(?:\d{1,3}[.-]){3}\d{1,3}(?P<reversed>\.in-addr\.arpa)?(?!\d|[.-]\d)"
)
_SEPARATOR = re.compile(r"[.-]")


def shared_report(report: Report, seat: Seat, *, amended_at: str = "") -> SharedReport:
    """What is sent of a run; `report` may be redacted already or not."""
    masked = redact(report)
    kept = frozenset(_target_addresses(masked.profile.targets))
    content = msgspec.json.decode(msgspec.json.encode(masked))
    fields = _masked(content, kept)
    if not isinstance(fields, dict):  # a report is an object
        raise TypeError("a report is a JSON object")
    fields["seat"] = msgspec.to_builtins(seat)
    fields["amended_at"] = amended_at
    fields["handed_over"] = []  # whoever reads it has it
    return msgspec.json.decode(msgspec.json.encode(fields), type=SharedReport)


def shared_json(report: SharedReport) -> bytes:
    """UTF-8 on one line: thousands of them are read at once, and `jq` makes it readable."""
    return msgspec.json.encode(report) + b"\n"


def as_shared(content: bytes) -> SharedReport | None:
    """A saved report that was shared already, with its seat; None where it was not."""
    try:
        return msgspec.json.decode(as_utf8(content), type=SharedReport)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError):
        return None


def file_name(seat: Seat, run_id: str) -> str:
    """`<host id>-<run id>.json`; nothing in it can make it leave the folder."""
    host, run = (re.sub(r"[^0-9a-z-]", "", text.lower())[:64] for text in (seat.host_id, run_id))
    return f"{host or 'unknown'}-{run or 'unknown'}.json"


def _masked(node: object, kept: frozenset[str]) -> object:
    match node:
        case str():
            return _ADDRESS.sub(lambda found: _mask(found, kept), node)
        case list():
            return [_masked(member, kept) for member in node]
        case dict():
            return {_masked(key, kept): _masked(member, kept) for key, member in node.items()}
        case _:
            return node


def _mask(found: re.Match[str], kept: frozenset[str]) -> str:
    """The first number stays: it tells what kind of network it was, and nothing more."""
    text, backwards = found.group(), found["reversed"] or ""
    octets = _SEPARATOR.split(text.removesuffix(backwards))
    try:
        address = IPv4Address(".".join(reversed(octets) if backwards else octets))
    except ValueError:
        return text
    if str(address) in kept or not any(address in network for network in PRIVATE_V4):
        return text
    sign = "-" if "-" in text and not backwards else "."
    hidden = ("*", "*", "*", octets[3]) if backwards else (octets[0], "*", "*", "*")
    return f"{sign.join(hidden)}{backwards}"


def _target_addresses(targets: Targets) -> set[str]:
    """Servers that the profile names stay: whoever opens a firewall needs them."""
    texts = msgspec.json.encode(targets).decode()
    return {found.group() for found in _ADDRESS.finditer(texts)}
