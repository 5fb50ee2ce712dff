"""Interfaces that lead to the internet, and sockets whose packets leave by one of them.

An address alone does not choose the way: Linux and macOS send what is bound to one interface's
address by the preferred interface all the same. Sources: socket(7), proc(5), Darwin's netinet/in.h.
"""

import ipaddress
import socket
import sys
from pathlib import Path

import psutil

from natwizard.probes.network import EgressInterface
from natwizard.system.datagrams import datagram_socket

SO_BINDTODEVICE = 25
IP_BOUND_IF, IPV6_BOUND_IF = 25, 125

ELSEWHERE: dict[int, str] = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Documentation addresses (RFC 5737, 3849): a route to them is one to the internet."""

ROUTES_V4, ROUTES_V6 = Path("/proc/net/route"), Path("/proc/net/ipv6_route")
UP, REJECT = 0x1, 0x200


def ways_out(family: socket.AddressFamily) -> tuple[EgressInterface, ...]:
    """One of each interface that is up, has an address that can leave, and a route for it."""
    running = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    ways = []
    for name, addresses in sorted(psutil.net_if_addrs().items()):
        own = [
            each.address for each in addresses if each.family == family and _leaves(each.address)
        ]
        if own and name in running:
            way = EgressInterface(family=family, interface=name, local_address=own[0])
            if _has_route(way):
                ways.append(way)
    return tuple(ways)


def open_udp_by(way: EgressInterface) -> socket.socket:
    """An unconnected, non-blocking datagram socket of one interface. Raises OSError."""
    datagrams = datagram_socket(way.family)
    try:
        datagrams.setblocking(False)
        if sys.platform == "linux":
            datagrams.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, way.interface.encode())
        elif sys.platform == "darwin":
            index = socket.if_nametoindex(way.interface)
            if way.family == socket.AF_INET6:
                datagrams.setsockopt(socket.IPPROTO_IPV6, IPV6_BOUND_IF, index)
            else:
                datagrams.setsockopt(socket.IPPROTO_IP, IP_BOUND_IF, index)
        datagrams.bind((way.local_address, 0))
    except BaseException:
        datagrams.close()
        raise
    return datagrams


def _leaves(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def _has_route(way: EgressInterface) -> bool:
    """Linux takes everything for on-link once a socket is bound to an interface: read its table."""
    if sys.platform == "linux":
        path = ROUTES_V6 if way.family == socket.AF_INET6 else ROUTES_V4
        return way.interface in default_interfaces(_text(path))
    try:
        with open_udp_by(way) as datagrams:
            datagrams.connect((ELSEWHERE[way.family], 9))
    except OSError:
        return False
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""


def default_interfaces(table: str) -> frozenset[str]:
    """Interfaces of usable default routes in /proc/net/route or /proc/net/ipv6_route."""
    found = set()
    for line in table.splitlines():
        words = line.split()
        if len(words) == 11 and words[1] == words[7] == "00000000":
            interface, flags = words[0], words[3]
        elif len(words) == 10 and words[0].strip("0") == "" and words[1] == "00":
            interface, flags = words[9], words[8]
        else:
            continue
        if int(flags, 16) & (UP | REJECT) == UP:
            found.add(interface)
    return frozenset(found)
