"""Which hosts go past a proxy, by the lists of a desktop's settings.

Source: Chromium, net/docs/proxy.md ("Proxy bypass rules"); it reads GNOME's and KDE's alike.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

LOCAL = "<local>"
DEFAULT_PORTS = {"http": 80, "https": 443}
WITH_PORT = re.compile(r"(?P<host>[^:]*|\[.*\]):(?P<port>\d+)")


def is_local(url: str) -> bool:
    """This computer and its own cable: browsers never send those through a proxy."""
    host = _host(urlsplit(url))
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_link_local


def goes_past(url: str, patterns: Iterable[str], *, by_ending: bool = False) -> bool:
    """Whether a URL matches one of the patterns.

    They are names, "*.example.com", ".example.com", addresses, networks and "<local>", each with
    or without a scheme before and a port behind.

    Args:
        by_ending: names match whatever ends with them, as KDE has it.
    """
    return any(_matches(urlsplit(url), each.strip().lower(), by_ending) for each in patterns)


def _matches(url: SplitResult, pattern: str, by_ending: bool) -> bool:  # noqa: FBT001 - as above
    scheme, _, rest = pattern.rpartition("://")
    if not rest or scheme not in {"", url.scheme}:
        return False
    host = _host(url)
    if rest == LOCAL:
        return "." not in host and ":" not in host
    if "/" in rest:
        return _in_network(host, rest)
    with_port = WITH_PORT.fullmatch(rest)
    if with_port is not None and rest.count(":") == 1 + with_port["host"].count(":"):
        if int(with_port["port"]) != (url.port or DEFAULT_PORTS.get(url.scheme)):
            return False
        rest = with_port["host"]
    if _in_network(host, rest.strip("[]")):
        return True
    if rest.startswith(".") or (by_ending and not _is_address(rest)):
        rest = f"*{rest}"
    parts = map(re.escape, rest.split("*"))
    return re.fullmatch(".*".join(parts), host) is not None


def _host(url: SplitResult) -> str:
    return (url.hostname or "").lower()


def _in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
