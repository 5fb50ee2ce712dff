"""Masks who and where in a report or a watch, as the marks on its types say.

The values of personal fields are looked for in every text that may quote them, in all spellings;
addresses, MAC addresses and home folders are known by their form, too.
"""

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from typing import TypeAlias
from urllib.parse import quote, quote_plus

import msgspec

from natwizard.model.address import parse_host_port
from natwizard.model.privacy import (
    Mark,
    Personal,
    PersonalKind,
    Public,
    Quoting,
    Server,
    TextShape,
    evidence_shape,
    published_addresses,
    shape_of,
)
from natwizard.model.profile import Targets
from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord

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

# Names of accounts, computers, networks and devices that tell nothing but would turn prose into
# stars; systems name them in the person's language.
GENERIC = frozenset(
    ("root", "admin", "administrator", "user", "users", "guest", "public", "default", "shared",
     "ubuntu", "debian", "home", "desktop", "laptop", "localhost", "test",
     "account", "agent", "api", "call", "calls", "cti", "helpdesk", "info", "integration", "phone",
     "sales", "salesforce", "service", "support", "sync", "system", "telephony", "webphone",
     "audio", "browser", "computer", "device", "headphones", "headset", "line", "microphone",
     "monitor", "router", "sound", "speaker", "speakers",
     "computerlautsprecher", "kopfhörer", "lautsprecher", "mikrofon", "standard",
     "casque", "haut-parleur", "haut-parleurs", "micro", "microphone interne", "par défaut",
     "altavoces", "altavoz", "auriculares", "micrófono", "predeterminado",
     "benutzer", "dienst", "gast", "konto", "telefon", "utilisateur", "invité", "compte",
     "téléphone", "usuario", "invitado", "cuenta", "teléfono", "kiosk", "reception",
     "ethernet", "internet", "lan", "network", "office", "vpn", "wifi", "wi-fi", "wireless",
     "büro", "netz", "netzwerk", "verbindung", "wlan", "bureau", "connexion", "réseau",
     "conexión", "oficina", "red")
)  # fmt: skip
# One or two letters stand in every other word of a text, and would mask it all
SHORTEST_IN_PROSE = 3
# A shorter name is a part of common words by chance
SHORTEST_INSIDE_WORDS = 8
# Shorter ones are years, times and sizes in every report
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
# Of a row of slashes only the first may begin one, or the second behind a word: to begin at each
# costs the square of their number.
_HOME = (
    r"(?:(?<![\w.])[A-Za-z]:|(?<![\w.\-\\/])(?=[\\/])|(?<=[\w.\-][\\/])(?=[\\/]))"
    r"[\\/]++(?:Users|home|Documents and Settings)[\\/]++"
)
_LOGIN_IN_URL = r"(?<=://)[^\s/?#@\"'<>]{1,256}(?=@)"
_NAME_IN_PATH = r"(?:[^\\/\"'<>|:*?\r\n]{1,64}(?=[\\/])|[^\s\\/\"'<>|:*?,;()]{1,64})"
HOME_PATH = re.compile(f"(?P<home>{_HOME})(?P<owner>{_NAME_IN_PATH})", re.IGNORECASE)
# In what is known to be a path, homes may lie deeper: /var/home, /mnt/c/Users, \\server\Users.
DEEP_HOME = re.compile(
    rf"(?P<home>[\\/](?:Users|home|Documents and Settings)[\\/]++)(?P<owner>{_NAME_IN_PATH})",
    re.IGNORECASE,
)
# The account part of a Windows security identifier (MS-DTYP, 2.4.2.4) is unique in the world.
_SID = r"(?<=S-1-5-21-)\d+(?:-\d+){2,3}"

# How systems name a person's own device: "Kim's AirPods", "AirPods Pro von Kim".
DEVICE_OWNER = re.compile(
    r"^(?P<before>\w[\w .-]{0,60}?)['\u2019]s?\s"
    r"|^(?:AirPods|Beats|HomePod|iMac|iPad|iPhone|Mac|MacBook)\b.*?"
    r"\s(?:von|de|di|van|d['\u2019])\s?(?P<after>\w[\w .-]{0,60})$"
)


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
        spelled = {form for name in names if _tells(name) for form in spellings(name)}
        self.names = tuple(sorted(spelled, key=_longest_first))
        self.kept = tuple(sorted(filter(None, set(kept)), key=_longest_first))
        self.kept_addresses = frozenset(filter(None, map(_canonical, kept_addresses)))
        self._pattern = re.compile(self._alternatives(), re.IGNORECASE)
        self._numbered: dict[str, dict[int, str]] = {}

    def text(self, text: str) -> str:
        """The text with everything masked that must be; masking twice changes nothing."""
        return self._pattern.sub(self._replacement, text)

    def _alternatives(self) -> str:
        kept = [rf"(?<![\w.-]){re.escape(text)}(?![\w-])" for text in self.kept]
        names = [_name_pattern(name) for name in self.names]
        groups = {
            "login": _LOGIN_IN_URL,
            "sid": _SID,
            "path": HOME_PATH.pattern,
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
            case "path":
                return _masked_owner(match)
            case "name" | "login" | "sid":
                return MASK
            case "mac":
                return MAC_MASK
            case "ipv4":
                return self._masked_ipv4(found)
            case "dashed":
                masked = self._masked_ipv4(found.replace("-", ".")).partition(" ")[0]
                return masked.replace(".", "-")
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
        return f"{self._told_apart(f'{first}.{second}.*.*', int(parsed))}{slash}{prefix}"

    def _masked_ipv6(self, found: str) -> str:
        address, slash, prefix = found.partition("/")
        try:
            parsed = IPv6Address(address)
        except ValueError:
            return found
        if self._is_kept(parsed):
            return found
        # one line has one /64; the rest a computer changes by itself (RFC 8981)
        mask = self._told_apart(f"{int(parsed) >> 112:x}:*", int(parsed) >> 64)
        return f"{mask}{slash}{prefix}"

    def _told_apart(self, mask: str, value: int) -> str:
        """The mask, with a number from the second value on that has the same one.

        Rules compare public addresses: two that read alike would make two lines one.
        """
        alike = self._numbered.setdefault(mask, {})
        return alike.setdefault(value, f"{mask} ({len(alike) + 1})" if alike else mask)

    def _is_kept(self, address: IPv4Address | IPv6Address) -> bool:
        if _canonical(str(address)) in self.kept_addresses:
            return True
        if isinstance(address, IPv4Address):
            return any(address in network for network in NAMELESS_V4)
        # even link-local IPv6 may carry the hardware address (RFC 4291, appendix A)
        return address.is_loopback or address.is_unspecified or address.is_multicast


def names_of(text: str) -> tuple[str, ...]:
    """The forms a name turns up in: with its domain, before or after it, and alone."""
    alone = text.rpartition("\\")[2]
    before_domain = alone.partition("@")[0]
    parts = {text, alone, before_domain, before_domain.partition(".")[0]}
    return tuple(part for part in parts if part)


def spellings(name: str) -> set[str]:
    """As URLs, macOS' file names, markup and escaped logs write a name; case is all one."""
    forms = {name, name.upper(), name.lower()}
    for form in tuple(forms):
        forms |= {unicodedata.normalize(kind, form) for kind in ("NFC", "NFD")}
    for form in tuple(forms):
        forms |= {quote(form), quote(form, safe=""), quote_plus(form), html.escape(form)}
        forms.add(form.encode("unicode_escape").decode())
    # what differs in case only is one to the pattern, and each costs time on every text
    return set({form.lower(): form for form in sorted(forms)}.values())


def addresses_in(text: str) -> tuple[str, ...]:
    """Every address in a text, in the form `Redactor.kept_addresses` compares."""
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
Address: TypeAlias = IPv4Address | IPv6Address
Treat: TypeAlias = Callable[[str, "Mark | None"], str]

# What no type describes (a probe of another version): keys say whose the values are, and a text
# under any other key is masked whole.
TELLING_KEY = re.compile(
    r"ssid|^(user|login|account|computer|host|machine|device|person|owner)_?(name|id)$"
    r"|^(user|login|account|computer|person|owner|mac|e?mail)$|_mac$|_e?mail$"
    r"|wi_?fi|wlan|signed_in|_(user|account|computer|person|owner)$"
)
FIXED_KEYS = frozenset(("code", "operation", "status"))
SERVER_KEYS = frozenset(("target", "server"))
OWN_KEYS = frozenset(("public", "plain", "seen", "local", "local_address", "mapped"))
LOOK_UPS = frozenset(("look_up", "resolve"))
# Kinds whose value is masked whole where it stands, and looked for everywhere else.
WHOLE = frozenset(
    (PersonalKind.NAME, PersonalKind.COMPUTER, PersonalKind.NETWORK, PersonalKind.HARDWARE,
     PersonalKind.CREDENTIAL)
)  # fmt: skip

# "My Domain URL Formats" in Salesforce Help: the first label names the org
SALESFORCE_DOMAINS = (
    "salesforce.com", "force.com", "salesforce.mil", "sfcrmproducts.cn", "site.com",
    "salesforce-sites.com", "visualforce.com", "documentforce.com",
)  # fmt: skip
MOST_NAMES = 5_000
"""Each costs time on every text, and no run brings so many: 200,000 in a file from outside would
take minutes. Beyond it, texts that may quote one are masked whole."""
MOST_NAME_CHARACTERS = 100_000
"""Of all names together, likewise: one letter may have forty in all its spellings."""
MOST_COMPARED = 500_000_000
"""Names times characters that they are looked for in, likewise: this takes some five seconds; a
run of some 50 kB with a hundred names has five million."""

NOT_AN_ORG = re.compile(r"(?:login|test|welcome|www|[a-z]{2,4}\d+|\*+)", re.IGNORECASE)
_HOST_IN_URL = re.compile(r"^(?P<before>[a-z]+://(?:[^/@]*@)?)?(?P<host>[^/:?#\s]+)", re.IGNORECASE)


def redact(report: Report) -> Report:
    """The report without what tells who and where; again changes nothing.

    The profile's own targets stay, with the addresses that were tried for them: whoever opens a
    firewall needs them. So do private addresses, which name nobody outside, and all that rules
    look at: judged again, it gives the same verdicts.
    """
    told = _as_json(report)  # with its secrets, which other texts may quote
    targets = report.profile.targets.without_secrets()
    report = msgspec.structs.replace(
        report, profile=msgspec.structs.replace(report.profile, targets=targets)
    )
    content = _as_json(report)
    evidence: list[Json] = [
        msgspec.json.decode(bytes(record.evidence)) for record in report.outcomes
    ]
    shapes = [evidence_shape(record.probe) for record in report.outcomes]
    masking = _Masking(
        [(told, shape_of(Report)), *zip(evidence, shapes, strict=True)],
        kept=_kept(report.run_code, targets),
        served=_told_of_the_service(report),
        targets={_host(target) for target in _targets(targets)},
    )
    # what was measured comes first: masks that look alike are numbered as they are met
    hidden = [
        msgspec.Raw(msgspec.json.encode(masking.of(node, shape)))
        for node, shape in zip(evidence, shapes, strict=True)
    ]
    encoded = msgspec.json.encode(masking.of(content, shape_of(Report)))
    masked = msgspec.json.decode(encoded, type=Report)
    outcomes = tuple(
        msgspec.structs.replace(record, evidence=each)
        for record, each in zip(masked.outcomes, hidden, strict=True)
    )
    return msgspec.structs.replace(masked, outcomes=outcomes, redacted=True)


def masked_watch(record: WatchRecord) -> WatchRecord:
    """Without who and which computer; the servers stay, whoever looks after them needs them."""
    content: Json = msgspec.json.decode(msgspec.json.encode(record))
    shape = shape_of(WatchRecord)
    called = record.call.target if record.call is not None else ""
    servers = [record.media, record.websocket, called]
    masking = _Masking(
        [(content, shape)],
        kept=[record.run_code, *servers, *map(_host, servers)],
        served=set(),
        targets=set(map(_host, servers)),
    )
    encoded = msgspec.json.encode(masking.of(content, shape))
    masked = msgspec.json.decode(encoded, type=WatchRecord)
    return msgspec.structs.replace(masked, redacted=True)


class _Masking:
    """What the texts of some documents tell, gathered first, so that each can be masked in all.

    Attributes:
        served: addresses that the report itself tells of the service.
        targets: hosts of the profile, which stay whatever else is at their address.
    """

    def __init__(
        self,
        documents: list[tuple[Json, TextShape | None]],
        *,
        kept: Iterable[str],
        served: set[str],
        targets: set[str],
    ) -> None:
        self._names: set[str] = set()
        self._servers = set(served)
        self._own: set[str] = set()
        self._ranges: list[tuple[str, str]] = []
        self._stand_ins: dict[str, str] = {}
        self._characters = 0
        for node, shape in documents:
            _visit(node, shape, None, self._gather, self._ranges)
        stay = (self._servers - self._own) | targets
        stay |= set(_naming_nobody(self._ranges, stay))
        whole = tuple(kept)
        self._too_many = (
            len(self._names) > MOST_NAMES
            or sum(map(len, (*self._names, *whole))) > MOST_NAME_CHARACTERS
            or (len(self._names) + len(whole)) * self._characters > MOST_COMPARED
        )
        names, whole = ((), ()) if self._too_many else (self._names, whole)
        self._redactor = Redactor(names=names, kept=whole, kept_addresses=stay)

    def of(self, node: Json, shape: TextShape | None) -> Json:
        """A document as others may see it."""
        return _visit(node, shape, None, self._masked, [])

    def _gather(self, text: str, mark: Mark | None) -> str:
        self._characters += len(text)
        match mark:
            case Public():
                return text
            case Server():
                self._servers.update(addresses_in(text))
            case Personal(kind=PersonalKind.ADDRESS):
                self._own.update(addresses_in(text))
            case Personal(kind=PersonalKind.NAME | PersonalKind.COMPUTER):
                self._names.update(names_of(text))
            case Personal(kind=PersonalKind.ORG):
                self._names.update(_org_names(text))
            case Personal(kind=PersonalKind.PATH) if not _is_web_address(text):
                self._names.update(found["owner"] for found in DEEP_HOME.finditer(text))
            case Personal(kind=PersonalKind.DEVICE) if owner := DEVICE_OWNER.search(text):
                self._names.add(owner["before"] or owner["after"])
            case Personal(kind=kind) if kind in WHOLE:
                self._names.add(text)
        if "/" in text or "\\" in text:
            self._names.update(found["owner"] for found in HOME_PATH.finditer(text))
        return text

    def _masked(self, text: str, mark: Mark | None) -> str:
        match mark:
            case Public():
                return text
            case None:
                return MASK if text else ""
            case Personal(kind=kind) if kind in WHOLE:
                return MASK if text else ""
            case _ if self._too_many:
                return MASK if text else ""
            case Personal(kind=PersonalKind.ORG):
                return self._redactor.text(_masked_org(text))
            case Personal(kind=PersonalKind.ADDRESS) if _is_a_name(text):
                return MASK
            case Personal(kind=PersonalKind.PATH) if not _is_web_address(text):
                return self._redactor.text(DEEP_HOME.sub(_masked_owner, text))
            case Personal(kind=PersonalKind.RANGE):
                return self._range_end(text)
            case _:
                return self._redactor.text(text)

    def _range_end(self, text: str) -> str:
        """Rules compare ranges, so that a masked end has to be an address still.

        0.n.n.n is nobody's (RFC 1122, 3.2.1.3), and in none of the vendor's ranges.
        """
        if "*" not in self._redactor.text(text):
            return text
        return self._stand_ins.setdefault(text, _nobodys_address(len(self._stand_ins) + 1))


def _nobodys_address(number: int) -> str:
    """Of 0.0.0.0/8, a different one for each number."""
    return str(IPv4Address(number % 2**24))


def _visit(
    node: Json,
    shape: TextShape | None,
    mark: Mark | None,
    treat: Treat,
    ranges: list[tuple[str, str]],
) -> Json:
    """The node with every text as `treat` has it, given its mark; None where nobody marked it.

    Where there is no shape, `mark` is what the keys above say. Both ends of ranges are added to
    `ranges`: whether one stays depends on the other.
    """
    match node:
        case str():
            return treat(node, mark if shape is None else shape.text)
        case list():
            below = None if shape is None else shape.items
            return [_visit(member, below, mark, treat, ranges) for member in node]
        case dict():
            if shape is not None and _is_range_shape(shape):
                ranges.append((str(node.get("start")), str(node.get("end"))))
            visited: dict[str, Json] = {}
            numbers: dict[str, int] = {}
            for key, member in node.items():
                if shape is not None and key in shape.fields:
                    visited[key] = _visit(member, shape.fields[key], None, treat, ranges)
                elif shape is not None and shape.values is not None:
                    name = treat(key, shape.keys.text if shape.keys else None)
                    name = _unused(name, visited, numbers)
                    visited[name] = _visit(member, shape.values, None, treat, ranges)
                else:
                    said = mark or _mark_by_key(key, node)
                    name = _unused(treat(key, Quoting()), visited, numbers)
                    visited[name] = _visit(member, None, said, treat, ranges)
            return visited
        case _:
            return node


def _mark_by_key(key: str, node: dict[str, Json]) -> Mark | None:
    if key in FIXED_KEYS:
        return Public()
    if key in OWN_KEYS:
        return Personal(PersonalKind.ADDRESS)
    if key in SERVER_KEYS or (key == "value" and node.get("operation") in LOOK_UPS):
        return Server()
    return Personal(PersonalKind.NAME) if TELLING_KEY.search(key.lower()) else None


def _is_range_shape(shape: TextShape) -> bool:
    start = shape.fields.get("start")
    return start is not None and start.text == Personal(PersonalKind.RANGE)


def _naming_nobody(ranges: list[tuple[str, str]], stay: set[str]) -> Iterator[str]:
    """The ends of ranges that are a provider's, or that hold an address which stays anyway.

    Ranges that touch count as one: that is how rules look at them.
    """
    addresses = [ip_address(text) for text in filter(None, map(_canonical, stay))]
    known = {
        version: sorted(int(each) for each in addresses if each.version == version)
        for version in (4, 6)
    }
    for low, high, ends in _joined(ranges):
        is_wide = int(high) - int(low) + 1 >= 1 << (32 - LONGEST_RANGE_PREFIX)
        place = bisect_left(known[low.version], int(low))
        holds_known = any(each <= int(high) for each in known[low.version][place : place + 1])
        if is_wide or holds_known:
            yield from ends


def _joined(ranges: Iterable[tuple[str, str]]) -> list[tuple[Address, Address, list[str]]]:
    """Ranges that touch or overlap as one, each with the ends it was put together from."""
    spans = []
    for start, end in ranges:
        try:
            spans.append((ip_address(start), ip_address(end), [start, end]))
        except ValueError:
            continue
    joined: list[tuple[Address, Address, list[str]]] = []
    for low, high, ends in sorted(spans, key=lambda span: (span[0].version, int(span[0]))):
        last = joined[-1] if joined else None
        if last and last[0].version == low.version and int(low) <= int(last[1]) + 1:
            last[2].extend(ends)
            joined[-1] = (last[0], max(last[1], high, key=int), last[2])
        else:
            joined.append((low, high, ends))
    return joined


def _is_web_address(text: str) -> bool:
    """Whether "home" in it is a page's, and nobody's."""
    return "://" in text and not text.lower().startswith("file:")


def _masked_owner(found: re.Match[str]) -> str:
    return found["home"] + (found["owner"] if found["owner"].lower() in GENERIC else MASK)


def _is_a_name(text: str) -> bool:
    """Whether a name stands where an address was meant; browsers make up those in .local."""
    host = text.rpartition(":")[0] or text
    is_masked = "*" in text
    return bool(text) and not (is_masked or addresses_in(text) or host.endswith(".local"))


def _org_host(text: str) -> re.Match[str] | None:
    """The host of an address that is an org's; None for Salesforce's own and this computer's."""
    found = _HOST_IN_URL.match(text)
    if found is None or _canonical(found["host"]) or found["host"].lower() in GENERIC:
        return None
    is_shared = NOT_AN_ORG.fullmatch(found["host"].partition(".")[0]) is not None
    return None if is_shared and (_is_salesforce(found["host"]) or "*" in found["host"]) else found


def _is_salesforce(host: str) -> bool:
    return any(host.lower().endswith(f".{domain}") for domain in SALESFORCE_DOMAINS)


def _org_names(text: str) -> Iterator[str]:
    found = _org_host(text)
    if found is None:
        return
    host = found["host"]
    label = host.partition(".")[0]
    if not _is_salesforce(host) or not _tells(label):
        yield host  # a label such as "sales" alone would turn prose into stars
    if _is_salesforce(host):
        yield label
        yield label.partition("--")[0]  # the org of a sandbox: "acme--uat"


def _masked_org(text: str) -> str:
    found = _org_host(text)
    if found is None:
        return text
    host = found["host"]
    masked = f"{MASK}.{host.partition('.')[2]}" if _is_salesforce(host) else MASK
    return f"{found['before'] or ''}{masked}{text[found.end() :]}"


def _as_json(report: Report) -> Json:
    """Everything but the evidence, whose shape is its probe's."""
    bare = tuple(
        msgspec.structs.replace(record, evidence=msgspec.Raw(b"null")) for record in report.outcomes
    )
    encoded = msgspec.json.encode(msgspec.structs.replace(report, outcomes=bare))
    content: Json = msgspec.json.decode(encoded)
    return content


def _unused(name: str, taken: dict[str, Json], numbers: dict[str, int]) -> str:
    """Two keys may look alike once masked; neither may push the other out.

    `numbers` remembers how far each went: to count from 2 every time is quadratic.
    """
    free = name
    while free in taken:
        numbers[name] = numbers.get(name, 1) + 1
        free = f"{name} ({numbers[name]})"
    return free


def _kept(run_code: str, targets: Targets) -> Iterator[str]:
    yield run_code
    for target in _targets(targets):
        yield target
        yield _host(target)


def _targets(targets: Targets) -> Iterator[str]:
    """The profile's targets that tell nobody; certificates are no targets."""
    shape = shape_of(Report).fields["profile"].fields["targets"]
    for key, value in msgspec.structs.asdict(targets).items():
        described = shape.fields[key].items or shape.fields[key]
        if key != "extra_roots" and described.text == Public():
            yield from filter(None, (value,) if isinstance(value, str) else value)


def _host(target: str) -> str:
    """The host of "host:port" or of an address with a scheme; empty where there is none."""
    authority = target.partition("://")[2].partition("/")[0] or target
    try:
        return parse_host_port(authority, default_port=1).host
    except ValueError:
        return ""


def _told_of_the_service(report: Report) -> set[str]:
    """What the vendor prints, and what findings on the service's ranges name."""
    named = {address for text in published_addresses() for address in addresses_in(text)}
    return named | {
        address
        for finding in report.findings
        if finding.about_service
        for text in (finding.observed, *(detail.text for detail in finding.details))
        for address in addresses_in(text)
    }
