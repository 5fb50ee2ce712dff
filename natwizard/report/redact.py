"""Masks who and where in a whole report: user, computer, homes, SSID, MAC, public addresses."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from typing import TypeAlias

import msgspec

from natwizard.model.address import parse_host_port
from natwizard.model.profile import Targets
from natwizard.model.report import ComputerSummary, ProfileUsed, Report

MASK = "***"
REVERSED = ".in-addr.arpa"
MAC_MASK = "**:**:**:**:**:**"

# Addresses that name nobody: private use (RFC 1918), shared (RFC 6598), loopback, link-local,
# multicast and reserved. Documentation addresses are treated as public ones.
NAMELESS_V4 = tuple(
    IPv4Network(text)
    for text in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
                 "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3")
)  # fmt: skip
# A whole /24 or more is a provider's or a vendor's range; less could be one customer's.
LONGEST_RANGE_PREFIX = 24

# Account and computer names that tell nothing but would turn prose into stars.
GENERIC = frozenset(
    ("root", "admin", "administrator", "user", "users", "guest", "public", "default", "shared",
     "ubuntu", "debian", "home", "desktop", "laptop", "localhost", "test")
)  # fmt: skip
SHORTEST_IN_PROSE = 3
SHORTEST_INSIDE_WORDS = 8
SHORTEST_NUMBER = 5

_OCTETS = r"(?:\d{1,3}\.){3}\d{1,3}"
_IPV4 = rf"(?<!\d)(?<!\d\.){_OCTETS}(?!\d|\.\d)(?:/\d{{1,2}}|\.in-addr\.arpa)?"
_IPV4_IN_NAME = r"(?<!\d)(?:\d{1,3}-){3}\d{1,3}(?!\d|-\d)"
_IPV6 = (
    r"(?<![\w:.])(?=[0-9A-Fa-f]*:[0-9A-Fa-f:]*:)"
    rf"(?:[0-9A-Fa-f:]{{1,30}}:{_OCTETS}|[0-9A-Fa-f:]{{2,39}})"
    r"(?:%\w+)?(?:/\d{1,3})?(?![\w:]|\.\d)"
)
_ADDRESS = re.compile(f"{_IPV6}|{_IPV4}")
_MAC = (
    r"(?<![\w:-])[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![\w:-])"
    r"|(?<![\w.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w.])"
)
_HOME = r"(?:(?<![\w.])[A-Za-z]:|(?<![\w.\-]))[\\/]+(?:Users|home|Documents and Settings)[\\/]+"
_NAME_IN_PATH = r"(?:[^\\/\"'<>|:*?\r\n]{1,64}(?=[\\/])|[^\s\\/\"'<>|:*?,;()]{1,64})"
HOME_PATH = re.compile(f"(?P<home>{_HOME})(?P<owner>{_NAME_IN_PATH})", re.IGNORECASE)


class Redactor:
    """What to mask and what to keep, ready to be applied to any text.

    Attributes:
        names: of people, computers and wireless networks.
        kept: texts that stay whole wherever they stand (targets, the run code).
        kept_addresses: of servers, which the profile itself names.
    """

    def __init__(
        self, names: Iterable[str], kept: Iterable[str] = (), kept_addresses: Iterable[str] = ()
    ) -> None:
        self.names = tuple(sorted({name for name in names if _tells(name)}, key=_longest_first))
        self.kept = tuple(sorted(filter(None, set(kept)), key=_longest_first))
        self.kept_addresses = frozenset(filter(None, map(_canonical, kept_addresses)))
        self._pattern = re.compile(self._alternatives(), re.IGNORECASE)

    def text(self, text: str) -> str:
        """The text with everything masked that must be; masking twice changes nothing."""
        return self._pattern.sub(self._replacement, text)

    def _alternatives(self) -> str:
        kept = [rf"(?<![\w.-]){re.escape(text)}(?![\w-])" for text in self.kept]
        names = [_name_pattern(name) for name in self.names]
        groups = {
            "home": HOME_PATH.pattern.replace("?P<home>", "?P<path>"),
            "kept": "|".join(kept),
            "name": "|".join(names),
            "mac": _MAC,
            "ipv6": _IPV6,
            "ipv4": _IPV4,
            "dashed": _IPV4_IN_NAME,
        }
        return "|".join(f"(?P<{name}>{pattern})" for name, pattern in groups.items() if pattern)

    def _replacement(self, match: re.Match[str]) -> str:
        found = match.group()
        match match.lastgroup:
            case "home":
                owner = match["owner"]
                return match["path"] + (owner if owner.lower() in GENERIC else MASK)
            case "name":
                return MASK
            case "mac":
                return MAC_MASK
            case "ipv4":
                return self._masked_ipv4(found)
            case "dashed":
                return self._masked_ipv4(found.replace("-", ".")).replace(".", "-")
            case "ipv6":
                return self._masked_ipv6(found)
            case _:
                return found

    def _masked_ipv4(self, found: str) -> str:
        address, slash, prefix = found.partition("/")
        backwards = address.endswith(REVERSED)
        try:
            parsed = IPv4Address(_turned(address) if backwards else address)
        except ValueError:
            return found
        if self._is_kept(parsed) or (slash and _is_range(parsed, int(prefix))):
            return found
        if backwards:
            return f"*.*.*.*{REVERSED}"
        first, second = address.split(".")[:2]
        return f"{first}.{second}.*.*{slash}{prefix}"

    def _masked_ipv6(self, found: str) -> str:
        address, slash, prefix = found.partition("/")
        try:
            parsed = IPv6Address(address)
        except ValueError:
            return found
        if self._is_kept(parsed):
            return found
        return f"{int(parsed) >> 112:x}:*{slash}{prefix}"

    def _is_kept(self, address: IPv4Address | IPv6Address) -> bool:
        if _canonical(str(address)) in self.kept_addresses:
            return True
        if isinstance(address, IPv4Address):
            return any(address in network for network in NAMELESS_V4)
        # even link-local IPv6 may carry the hardware address (RFC 4291, appendix A)
        return address.is_loopback or address.is_unspecified or address.is_multicast


def names_of(text: str) -> tuple[str, ...]:
    """The forms a name turns up in: with its domain, before or after it, and alone."""
    parts = {text, text.rpartition("\\")[2], text.partition("@")[0], text.partition(".")[0]}
    return tuple(part for part in parts if part)


def addresses_in(text: str) -> tuple[str, ...]:
    """Every address in a text, in the form `Masks.kept_addresses` compares."""
    found = (match.group() for match in _ADDRESS.finditer(text))
    return tuple(filter(None, (_canonical(address) for address in found)))


def _turned(address: str) -> str:
    """The address in a name for reverse lookups, which has its octets backwards."""
    return ".".join(reversed(address.removesuffix(REVERSED).split(".")))


def _name_pattern(name: str) -> str:
    """Long names count inside words too; short ones must stand alone to be meant."""
    escaped = re.escape(name)
    if len(name) >= SHORTEST_INSIDE_WORDS:
        return escaped
    return rf"(?<![^\W_]){escaped}(?![^\W_])"


def _tells(name: str) -> bool:
    return (
        len(name) >= SHORTEST_IN_PROSE
        and name.lower() not in GENERIC
        and (any(map(str.isalpha, name)) or len(re.sub(r"\D", "", name)) >= SHORTEST_NUMBER)
    )


def _longest_first(text: str) -> tuple[int, str]:
    return -len(text), text


def _is_range(address: IPv4Address, prefix: int) -> bool:
    if prefix > LONGEST_RANGE_PREFIX:
        return False
    return int(address) & ((1 << (32 - prefix)) - 1) == 0


def _canonical(address: str) -> str:
    try:
        return str(ip_address(address.strip("[]").partition("/")[0].partition("%")[0]))
    except ValueError:
        return ""


Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

# Keys of evidence whose values name a person, a computer or a network.
TELLING_KEY = re.compile(r"ssid|^(user|login|account|computer|host)_?name$|^(user|mac)$|_mac$")
# Fields of the report's own types that hold no free text.
FIXED_FIELDS = frozenset(
    ("schema_version", "app_version", "run_id", "run_code", "started_at", "finished_at", "verdict",
     "status", "check", "requirement", "page", "owner", "unit", "name", "code", "depends_on",
     "operation", "probe", "explains", "answers", "targets", "source", "link", "version",
     "point", "reply", "on", "made_at")
)  # fmt: skip
# Keys of evidence under which the far end stands, and those under which we do.
SERVER_KEYS = frozenset(("target", "server"))
OWN_KEYS = frozenset(("public", "plain", "seen", "local", "local_address", "mapped"))
LOOK_UPS = frozenset(("look_up", "resolve"))
# Targets that name people.
TELLING_TARGETS = frozenset(("turn_user", "salesforce_user", "salesforce_cti_users"))
FIXED_IN_EVIDENCE = frozenset(("code", "operation", "status"))


def redact(report: Report) -> Report:
    """The report without what tells who and where; again changes nothing.

    The profile's own targets stay, with the addresses that were tried for them: whoever opens a
    firewall needs them. So do private addresses, which name nobody outside.
    """
    content = _as_json(report)
    evidence: list[Json] = [
        msgspec.json.decode(bytes(record.evidence)) for record in report.outcomes
    ]
    masks = Redactor(
        names=_names(report, [content, *evidence]),
        kept=_kept(report),
        kept_addresses=_server_addresses(report, evidence),
    )
    encoded = msgspec.json.encode(_masked(content, masks, FIXED_FIELDS))
    masked = msgspec.json.decode(encoded, type=Report)
    masked = msgspec.structs.replace(masked, profile=_masked_profile(masked.profile))
    outcomes = tuple(
        msgspec.structs.replace(
            record,
            evidence=msgspec.Raw(msgspec.json.encode(_masked(brought, masks, FIXED_IN_EVIDENCE))),
        )
        for record, brought in zip(masked.outcomes, evidence, strict=True)
    )
    return msgspec.structs.replace(
        masked, machine=_masked_machine(masked.machine), outcomes=outcomes, redacted=True
    )


def _as_json(report: Report) -> Json:
    """Everything but the evidence, which each probe forms as it likes."""
    bare = tuple(
        msgspec.structs.replace(record, evidence=msgspec.Raw(b"null")) for record in report.outcomes
    )
    encoded = msgspec.json.encode(msgspec.structs.replace(report, outcomes=bare))
    content: Json = msgspec.json.decode(encoded)
    return content


def _masked_machine(machine: ComputerSummary) -> ComputerSummary:
    return msgspec.structs.replace(
        machine,
        host_name=MASK if machine.host_name else "",
        user_name=MASK if machine.user_name else "",
    )


def _masked_profile(profile: ProfileUsed) -> ProfileUsed:
    """A password never stays, and a user name for a server tells who."""
    targets = profile.targets.without_secrets()
    telling = {
        key: MASK if isinstance(value, str) else (MASK,) * len(value)
        for key, value in msgspec.structs.asdict(targets).items()
        if key in TELLING_TARGETS and value
    }
    targets = msgspec.structs.replace(targets, **telling)
    return msgspec.structs.replace(profile, targets=targets)


def _names(report: Report, nodes: list[Json]) -> Iterator[str]:
    yield from names_of(report.machine.user_name)
    yield from names_of(report.machine.host_name)
    for node in nodes:
        for key, text in _texts(node, ""):
            if TELLING_KEY.search(key.lower()):
                yield text
            for found in HOME_PATH.finditer(text):
                yield found["owner"]


def _texts(node: Json, key: str) -> Iterator[tuple[str, str]]:
    """Every text with the key it is found under; a list's members share the list's key."""
    match node:
        case str():
            yield key, node
        case list():
            for member in node:
                yield from _texts(member, key)
        case dict():
            for name, member in node.items():
                yield key, name
                yield from _texts(member, name)


def _masked(node: Json, masks: Redactor, fixed: frozenset[str]) -> Json:
    match node:
        case str():
            return masks.text(node)
        case list():
            return [_masked(member, masks, fixed) for member in node]
        case dict():
            masked: dict[str, Json] = {}
            for key, member in node.items():
                name = _unused(masks.text(key), masked)
                if key in fixed:
                    masked[name] = member
                elif fixed is FIXED_IN_EVIDENCE and TELLING_KEY.search(key.lower()):
                    masked[name] = _hidden(member)
                else:
                    masked[name] = _masked(member, masks, fixed)
            return masked
        case _:
            return node


def _hidden(node: Json) -> Json:
    """What stands under a telling key, however short it is."""
    match node:
        case str():
            return MASK if node else ""
        case list():
            return [_hidden(member) for member in node]
        case _:
            return node


def _unused(name: str, taken: dict[str, Json]) -> str:
    """Two addresses may look alike once masked; neither may push the other out."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def _kept(report: Report) -> Iterator[str]:
    yield report.run_code
    for target in _targets(report.profile.targets):
        yield target
        yield _host(target)


def _targets(targets: Targets) -> Iterator[str]:
    for key, value in msgspec.structs.asdict(targets).items():
        if key not in ("extra_roots", "turn_password", *TELLING_TARGETS):
            yield from filter(None, (value,) if isinstance(value, str) else value)


def _host(target: str) -> str:
    """The host of "host:port" or of an address with a scheme; empty where there is none."""
    authority = target.partition("://")[2].partition("/")[0] or target
    try:
        return parse_host_port(authority, default_port=1).host
    except ValueError:
        return ""


def _server_addresses(report: Report, evidence: list[Json]) -> set[str]:
    """Addresses that may stay: in the profile, tried as a target, or a name of it led there.

    What a server saw us as is never one of them, whatever else was done with that address.
    """
    found = set(_addresses(evidence, SERVER_KEYS))
    for finding in report.findings:
        if finding.about_service:
            texts = (finding.observed, *(detail.text for detail in finding.details))
            found.update(address for text in texts for address in addresses_in(text))
    found -= set(_addresses(evidence, OWN_KEYS))
    return found | {_host(target) for target in _targets(report.profile.targets)}


def _addresses(node: Json, keys: frozenset[str], *, inside: bool = False) -> Iterator[str]:
    """Addresses anywhere below one of the keys; the value of a look-up counts as a server."""
    match node:
        case str() if inside:
            yield from addresses_in(node)
        case list():
            for member in node:
                yield from _addresses(member, keys, inside=inside)
        case dict():
            looked_up = keys is SERVER_KEYS and node.get("operation") in LOOK_UPS
            for key, member in node.items():
                counts = inside or key in keys or (looked_up and key == "value")
                yield from _addresses(member, keys, inside=counts)
