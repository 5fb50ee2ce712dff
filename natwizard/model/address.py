"""Targets as people write them: host, host:port, [IPv6]:port."""

import re
from ipaddress import IPv6Address, ip_address

from msgspec import Struct

WEBPHONE_PORT = 10062
"""Of the webphone's secure websocket, where a target leaves it out."""

URL_SCHEMES = {"http", "https", "ws", "wss"}

_BRACKETED = re.compile(r"\[(?P<host>[0-9A-Fa-f:.]+(%[\w.-]+)?)\](:(?P<port>\d{1,5}))?")
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
        raise ValueError(f"expected host or host:port, got {text[:80]!r}")
    if text.startswith("["):
        IPv6Address(match["host"])
    port = int(match["port"]) if match["port"] else default_port
    if port is None:
        raise ValueError(f"expected host:port, got {text[:80]!r} without a port")
    if not 1 <= port <= 65535:
        raise ValueError(f"expected a port from 1 to 65535, got {port}")
    return HostPort(match["host"], port)


def host_port_of_url(text: str) -> str:
    """The "host:port" of a pasted web address ("https://webphone.example.com/x"); any other
    text as it is.
    """
    scheme, found, rest = text.strip().partition("://")
    if not found or scheme.lower() not in URL_SCHEMES:
        return text.strip()
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return place.rpartition("@")[2]


def is_literal(host: str) -> bool:
    """Whether a host is an address already."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def parse_ports(texts: tuple[str, ...]) -> tuple[range, ...]:
    """Read ("5000-64000", "3479") as ranges; ValueError says what was expected."""
    ranges = []
    for text in texts:
        low, _, high = text.partition("-") if "-" in text else (text, "-", text)
        if not (low.isdecimal() and high.isdecimal()):
            raise ValueError(f'expected a port or "low-high", got {text[:80]!r}')
        first, last = int(low), int(high)
        if not 1 <= first <= last <= 65535:
            raise ValueError(f"expected ports from 1 to 65535 in order, got {text!r}")
        ranges.append(range(first, last + 1))
    return tuple(ranges)
