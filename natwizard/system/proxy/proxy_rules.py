"""Manual proxy settings as Chromium applies them: which proxy for which URL, and what goes past.

Source: net/proxy_resolution/proxy_config.cc, net/base/scheme_host_port_matcher_rule.cc and
net/base/proxy_string_util.cc; tests hold the result against a real Chromium.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from natwizard.model.address import parse_host_port
from natwizard.probes.network import ProxyEntry, ProxyKind, ProxyList

LOCAL = "<local>"
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# Where an entry names no port, as net/base/proxy_string_util.cc has them
PROXY_PORTS = {
    ProxyKind.HTTP: 80,
    ProxyKind.HTTPS: 443,
    ProxyKind.SOCKS4: 1080,
    ProxyKind.SOCKS5: 1080,
    ProxyKind.QUIC: 443,
}
SOCKS_SCHEMES = {
    "socks": ProxyKind.SOCKS5,
    "socks4": ProxyKind.SOCKS4,
    "socks4a": ProxyKind.SOCKS4,
    "socks5": ProxyKind.SOCKS5,
    "socks5h": ProxyKind.SOCKS5,
}
SEPARATORS = re.compile(r"[,;]")
NUMBERS = re.compile(r"[\d.]+")
# int() raises for thousands of them
PORT_DIGITS = 5


class ProxyRules(Struct, frozen=True, kw_only=True):
    """One set of manual settings.

    Attributes:
        every: for all URLs; where it is set, the next three do not count.
        http, https: for URLs of these schemes.
        fallback: a SOCKS proxy, for what has none of its own, and first for websockets.
        exceptions: what goes past the proxies, see `goes_past`.
        by_ending: an exception matches whatever ends with it.
        only_exceptions: nothing but the exceptions goes through the proxies (KDE).
    """

    every: ProxyEntry | None = None
    http: ProxyEntry | None = None
    https: ProxyEntry | None = None
    fallback: ProxyEntry | None = None
    exceptions: tuple[str, ...] = ()
    by_ending: bool = False
    only_exceptions: bool = False

    def proxies_for(self, url: str) -> ProxyList:
        """The proxy for a URL."""
        past = goes_past(url, self.exceptions, by_ending=self.by_ending)
        entry = None if past is not self.only_exceptions else self._entry(urlsplit(url).scheme)
        return ProxyList(entries=(entry,) if entry is not None else ())

    def _entry(self, scheme: str) -> ProxyEntry | None:
        if self.every is not None:
            return self.every
        if scheme in {"ws", "wss"}:
            # RFC 6455, section 4.1: SOCKS before the proxy of https, that before the one of http
            return self.fallback or self.https or self.http
        return {"http": self.http, "https": self.https}.get(scheme) or self.fallback


def parse_proxy(text: str, kind: ProxyKind = ProxyKind.HTTP) -> ProxyEntry | None:
    """ "host", "host:port" or "scheme://user@host:port/"; None where that names no proxy.

    Browsers take "https://" before a proxy for decoration, and so do we. "socks://" is taken at
    its word, though Chromium speaks HTTP to it: a SOCKS server is what stands there.
    """
    scheme, mark, place = text.strip().partition("://")
    if not mark:
        scheme, place = "", scheme
    kind = SOCKS_SCHEMES.get(scheme.lower(), kind) if kind is not ProxyKind.SOCKS4 else kind
    place = place.rpartition("@")[2].removesuffix("/")
    try:
        server = parse_host_port(place, default_port=PROXY_PORTS[kind])
    except ValueError:
        return None
    return ProxyEntry(kind=kind, server=server)


def is_local(url: str) -> bool:
    """This computer and its own cable: browsers never send those through a proxy."""
    host = _host(urlsplit(url))
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_link_local


def split_exceptions(text: str) -> tuple[str, ...]:
    """The entries of a list like no_proxy; spaces alone part nothing."""
    return tuple(each.strip() for each in SEPARATORS.split(text) if each.strip())


def goes_past(url: str, patterns: Iterable[str], *, by_ending: bool = False) -> bool:
    """Whether a URL matches one of the patterns.

    They are names with * and ?, ".example.com", addresses (IPv6 in brackets), networks
    ("10.0.0.0/8") and "<local>", each with or without a scheme before and, but for networks, a
    port behind.

    Args:
        by_ending: names match whatever ends with them: the environment and KDE have it so.
    """
    parts = urlsplit(url)
    return any(_matches(parts, each.strip().lower(), by_ending=by_ending) for each in patterns)


def _matches(url: SplitResult, pattern: str, *, by_ending: bool) -> bool:
    host = _host(url)
    if pattern == LOCAL:
        return "." not in host and ":" not in host
    scheme, marked, rest = pattern.rpartition("://")
    if not rest or (marked and scheme != url.scheme):
        return False
    if "/" in rest:
        return _in_network(host, rest)
    name, colon, port = rest.rpartition(":")
    if colon and not rest.endswith("]"):
        if not port.isdecimal() or len(port) > PORT_DIGITS:
            return False
        if int(port) != (url.port or DEFAULT_PORTS.get(url.scheme)):
            return False
        rest = name
    literal = _literal(rest)
    if literal:
        return literal == host
    if rest.startswith(".") or (by_ending and not rest.startswith("*")):
        rest = f"*{rest}"
    return re.fullmatch(_wildcards(rest), host) is not None


def _wildcards(pattern: str) -> str:
    """Of * and ?, an expression. Each part between two stars is looked for once, and never anew
    further on: no host needs that, and each star would multiply the time.
    """
    first, *others = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    between = "".join(f"(?>.*?{part})" for part in others[:-1])
    return first + between + (f".*{others[-1]}" if others else "")


def _host(url: SplitResult) -> str:
    host = (url.hostname or "").lower()
    return _literal(f"[{host}]" if ":" in host else host) or host


def _literal(text: str) -> str:
    """An address in its usual spelling; empty for names, and for IPv6 without brackets."""
    try:
        if text.startswith("[") and text.endswith("]"):
            return str(ipaddress.IPv6Address(text[1:-1]))
        # "10.1" is an address to browsers, too
        return socket.inet_ntoa(socket.inet_aton(text)) if NUMBERS.fullmatch(text) else ""
    except (OSError, ValueError):
        return ""


def _in_network(host: str, network: str) -> bool:
    if not network.rpartition("/")[2].isdecimal():
        return False
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
