"""Targets as people write them (host, host:port, [IPv6]:port), and one spelling of addresses."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from natwizard.model.language import N_, _

IpAddress: TypeAlias = IPv4Address | IPv6Address

WEBPHONE_PORT = 10062
"""Of the webphone's secure websocket, where a target leaves it out."""

URL_SCHEMES = {"http", "https", "ws", "wss"}
RelayTransport: TypeAlias = Literal["udp", "tcp", "tls"]
"""How voice goes to a TURN server (RFC 8656, 3.1)."""

RELAY_TRANSPORTS: Final[Mapping[RelayTransport, str]] = {
    "udp": N_("UDP"),
    "tcp": N_("TCP"),
    "tls": N_("TLS on port 443"),
}
"""As they are told to people, in the order in which a webphone tries them."""

SERVER_SCHEMES = frozenset({"stun", "stuns", "turn", "turns", "sip", "sips"})

_BRACKETED = re.compile(r"\[(?P<host>[0-9A-Fa-f:.]+(%[\w.-]+)?)\](:(?P<port>\d{1,5}))?")
# A host name has at most 253 characters (RFC 1035, 2.3.4, as text)
_PLAIN = re.compile(
    r"(?P<host>[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9.])?)(:(?P<port>\d{1,5}))?"
)


class HostPort(Struct, frozen=True):
    """A host name or address, and a port from 1 to 65535."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_host_port(text: str, *, default_port: int | None = None) -> HostPort:
    """Read "host", "host:port", "[address]:port"; ValueError says what was expected."""
    match = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
    if match is None:
        raise ValueError(_("expected host or host:port, got {text}").format(text=repr(text[:80])))
    if text.startswith("["):
        IPv6Address(match["host"])
    port = int(match["port"]) if match["port"] else default_port
    if port is None:
        raise ValueError(
            _("expected host:port, got {text} without a port").format(text=repr(text[:80]))
        )
    if not 1 <= port <= 65535:
        raise ValueError(_("expected a port from 1 to 65535, got {port}").format(port=port))
    return HostPort(match["host"], port)


def host_port_of_url(text: str) -> str:
    """The "host:port" of a pasted address: of a web page ("https://webphone.example.com/x"), of a
    server as browsers and phones write it (stun:, turn:, sip:; RFC 7064, 7065, 3261), with or
    without a path, in <angle brackets> as mails have it. Any other text as it is.
    """
    text = text.strip().removeprefix("<").removesuffix(">").strip()
    scheme, found, rest = text.partition("://")
    if found and scheme.lower() not in URL_SCHEMES:
        return text
    place = re.split(r"[/?#;]", rest if found else text, maxsplit=1)[0]
    scheme, _colon, server = place.partition(":")
    named = not found and scheme.lower() in SERVER_SCHEMES and not server.isdecimal()
    if named and server:
        place = server
    return place.rpartition("@")[2] if found or named else place


def is_literal(host: str) -> bool:
    """Whether a host is an address already."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def canonical_ip(text: str) -> IpAddress:
    """The address that a socket means by a text: no zone, an IPv4-mapped one as IPv4.

    A server that listens on [::] sees IPv4 clients as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
    Raises ValueError where it is no address.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def canonical_host(text: str) -> str:
    """An address in its one spelling, with its zone where it has one; a name as it is."""
    try:
        address = canonical_ip(text)
    except ValueError:
        return text
    zone = text.partition("%")[2]
    return f"{address}%{zone}" if zone and address.version == 6 else str(address)


NAT64_PREFIX: Final = IPv6Network("64:ff9b::/96")
"""The well-known one (RFC 6052, 2.1); networks may have others."""


def behind_translation(address: IpAddress) -> IpAddress:
    """The IPv4 address that an IPv6 one stands for: NAT64's (RFC 6052), 6to4's (RFC 3056).

    Others stay as they are. For comparing only: who has IPv6 alone connects to the long form.
    """
    if not isinstance(address, IPv6Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64_PREFIX:
        return IPv4Address(address.packed[12:])
    return address.sixtofour or address


def possible_ipv4(address: IPv6Address) -> Iterator[IPv4Address]:
    """What IPv4 addresses it may stand for under any prefix that a network chose (RFC 6052, 2.2).

    Bits 64 to 71 and all after the IPv4 address are zero there, so most addresses are none.
    """
    packed = address.packed
    for prefix_bytes in (4, 5, 6, 7, 8):
        rest = packed[prefix_bytes:8] + packed[9:]
        if packed[8] == 0 and not any(rest[4:]):
            yield IPv4Address(rest[:4])
    yield IPv4Address(packed[12:])


def parse_ports(texts: tuple[str, ...]) -> tuple[range, ...]:
    """Read ("5000-64000", "3479") as ranges; ValueError says what was expected."""
    ranges = []
    for text in texts:
        low, _dash, high = text.partition("-") if "-" in text else (text, "-", text)
        if not (low.isdecimal() and high.isdecimal()):
            raise ValueError(
                _('expected a port or "low-high", got {text}').format(text=repr(text[:80]))
            )
        first, last = int(low), int(high)
        if not 1 <= first <= last <= 65535:
            raise ValueError(
                _("expected ports from 1 to 65535 in order, got {text}").format(text=repr(text))
            )
        ranges.append(range(first, last + 1))
    return tuple(ranges)
