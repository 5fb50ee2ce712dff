"""What goes into a proxy script (PAC) and what comes out of it, as text; no I/O.

Source: the return values of FindProxyForURL as Chromium and Firefox read them, and the URLs that
Chromium hands over (net/docs/proxy.md).
"""

import re
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port

WEB = {"PROXY", "HTTP"}
OTHERS = {"HTTPS", "SOCKS", "SOCKS4", "SOCKS5", "QUIC", "MASQUE"}
DIRECT = "DIRECT"
DEFAULT_PORTS = {"http": 80, "https": 443}
PROXY_PORT = 80
ENTRIES_AT_MOST = 20
URL_CHARACTERS = 2_000
USER_INFO = re.compile(r"(?<=://)[^/?#]*@")


class Choice(Struct, frozen=True, kw_only=True):
    """How browsers go, as far as we can follow.

    Attributes:
        proxy: the first web proxy, "http://host:port"; empty for the direct way.
        passed_over: kinds of proxy that stand before it, and that we do not speak.
        understood: whether anything in the answer is known.
    """

    proxy: str = ""
    passed_over: tuple[str, ...] = ()
    understood: bool = True

    @property
    def followed(self) -> bool:
        """Whether this is a way of the script's own, and not just what we have left."""
        return self.understood and (bool(self.proxy) or not self.passed_over)


def read_answer(text: str) -> Choice:
    """ "PROXY a:8080; SOCKS b; DIRECT", in its order; nothing at all is the direct way."""
    entries = [entry.split() for entry in text.split(";")[:ENTRIES_AT_MOST] if entry.strip()]
    passed_over: list[str] = []
    for kind, *places in entries:
        if kind.upper() == DIRECT:
            return Choice(passed_over=tuple(passed_over))
        place = _place(places)
        if place is None:  # browsers pass over what they cannot read, too
            continue
        if kind.upper() in WEB:
            return Choice(proxy=f"http://{place}", passed_over=tuple(passed_over))
        if kind.upper() in OTHERS:
            passed_over.append(kind.upper())
    return Choice(passed_over=tuple(passed_over), understood=bool(passed_over) or not entries)


def handed_over(url: str) -> tuple[str, str]:
    """URL and host as browsers give them to a script: nothing private in them.

    Of https only the origin; no user, no fragment and no port that goes without saying.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    place = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != DEFAULT_PORTS.get(parts.scheme):
        place = f"{place}:{parts.port}"
    return f"{parts.scheme}://{place}{_resource(parts)}"[:URL_CHARACTERS], host


def without_user(address: str) -> str:
    """An address without the password that may stand in it."""
    return USER_INFO.sub("", address)


def _resource(parts: SplitResult) -> str:
    if parts.scheme == "https":
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _place(words: list[str]) -> HostPort | None:
    if len(words) != 1:
        return None
    try:
        return parse_host_port(words[0], default_port=PROXY_PORT)
    except ValueError:
        return None
