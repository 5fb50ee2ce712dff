"""Masks names and addresses in a text; what a report may keep is told beforehand."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

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


class Masks:
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
