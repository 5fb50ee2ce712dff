"""Whether a connection came to its end on this computer already, by a firewall of its own.

Windows says so by itself (WSAEACCES). Linux says it of datagrams alone (EPERM from sendto); a
connection that a rule of its own rejects is "refused", and one that it drops is silent, as if
somebody on the way had done it. Two facts of Linux tell these apart, without any right:

- A SYN that is rejected here is rejected before it leaves. So it is sent once more to where nobody
  can answer: IPv4 straight onto the cable, without the router (SO_DONTROUTE, socket(7)), where
  nobody answers for an address from elsewhere; IPv6 to an address of the link that nobody has.
  Whatever turns that away is on this computer. What leaves all the same has a hop to live.
- A segment that is dropped here fails in the kernel's own sending, so that it is not counted
  among those on the way (`tcpi_retrans`), though it was sent again (`tcpi_total_retrans`).

macOS has neither, and is not told apart. Source: tcp(7), linux/tcp.h, net/ipv4/tcp_output.c.
"""

import asyncio
import errno
import ipaddress
import secrets
import socket
import struct
import sys
from pathlib import Path

from natwizard.probes.network import Endpoint, Route

TURNED_AWAY = frozenset({errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.EACCES})
"""What nftables' "reject" makes of a connection: a reset, or one of ICMP's "unreachable"."""

AT_ONCE_S = 0.1
"""What is turned away here comes back within the call. A neighbour that does not answer is given
up after seconds only (arp(7), mcast_solicit)."""

SO_BINDTODEVICE = 25
SYN_SENT = 2
TCP_INFO_BYTES = 104
# tcp_info: state is the first of eight bytes, retransmits the third; of the numbers of four bytes
# that follow, retrans is the eighth and total_retrans the 24th
STATE_AT, RETRANSMITS_AT, RETRANS_AT, TOTAL_RETRANS_AT = 0, 2, 8 + 7 * 4, 8 + 23 * 4

# destination, its length, source, its length, next router, ..., interface (proc(5))
ROUTES_V6, ROUTE_WORDS, SIXTY_FOUR = Path("/proc/net/ipv6_route"), 10, "40"
LINK_LOCAL = b"\xfe\x80" + bytes(6)

NEIGHBOURS = Path("/proc/net/arp")
COMPLETE = 0x2


def barred(endpoint: Endpoint) -> PermissionError:
    """As Linux says it of a datagram that a rule of this computer stops."""
    return PermissionError(errno.EPERM, f"stopped on this computer on its way to {endpoint}")


async def turned_away_here(endpoint: Endpoint, route: Route | None, number: int) -> bool:
    """Whether this computer itself ended a connection with this error number.

    False where it cannot be told: for addresses of this computer and its own link, where whoever
    is asked may answer for itself, and on other systems.
    """
    if sys.platform != "linux" or number not in TURNED_AWAY or route is None:
        return False
    if not route.interface or ipaddress.ip_address(endpoint.address.partition("%")[0]).is_loopback:
        return False
    try:
        if endpoint.family == socket.AF_INET6:
            return await _refuses_nobody(endpoint.port, route, number)
        return not _on_link(endpoint) and await _refuses_on_cable(endpoint, route, number)
    except OSError:
        return False


def _on_link(endpoint: Endpoint) -> bool:
    """Connecting a datagram socket sends nothing; without a router it needs a link for it."""
    with socket.socket(endpoint.family, socket.SOCK_DGRAM) as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)
        return asked.connect_ex((endpoint.address, endpoint.port)) == 0


async def _refuses_on_cable(endpoint: Endpoint, route: Route, number: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)
        again.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, route.interface.encode())
        again.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
        ended = await _ended_with(again, (endpoint.address, endpoint.port))
    return ended == number and not _has_neighbour(endpoint.address)


async def _refuses_nobody(port: int, route: Route, number: int) -> bool:
    nobody = str(ipaddress.IPv6Address(_link_prefix(route.interface) + secrets.token_bytes(8)))
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as again:
        again.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 1)
        place = (nobody, port, 0, socket.if_nametoindex(route.interface))
        return await _ended_with(again, place) == number


def _link_prefix(interface: str) -> bytes:
    """The first 64 bits of addresses that are looked for on the link itself. A report of Linux' own
    ("unreachable") comes back for public ones alone.
    """
    try:
        lines = ROUTES_V6.read_text("ascii", "replace").splitlines()
    except OSError:
        lines = []
    for words in map(str.split, lines):
        if len(words) == ROUTE_WORDS and words[9] == interface:
            prefix = bytes.fromhex(words[0])[:8]
            without_router = not words[4].strip("0")
            if words[1] == SIXTY_FOUR and without_router and prefix != LINK_LOCAL:
                return prefix
    return LINK_LOCAL


async def _ended_with(connection: socket.socket, place: tuple[str | int, ...]) -> int:
    """The error number of a connection that ends at once; 0 for one that does not.

    Looked at once, after a while: what comes back within the call itself wakes nobody.
    """
    connection.setblocking(False)
    begun = connection.connect_ex(place)
    if begun not in {0, errno.EINPROGRESS}:
        return begun
    await asyncio.sleep(AT_ONCE_S)
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def _has_neighbour(address: str) -> bool:
    """Whether somebody on the cable answers for an address, as routers may (proxy ARP)."""
    try:
        lines = NEIGHBOURS.read_text("ascii", "replace").splitlines()
    except OSError:
        return True
    found = (words for line in lines if len(words := line.split()) > 2 and words[0] == address)
    return any(int(words[2], 16) & COMPLETE for words in found)


def dropped_here(connection: socket.socket) -> bool:
    """Whether what a silent connection sent never left; False where it cannot be told.

    It has to have sent its SYN twice, which takes a second.
    """
    if sys.platform != "linux":
        return False
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    except OSError:
        return False
    if len(info) < TCP_INFO_BYTES or info[STATE_AT] != SYN_SENT:
        return False
    [on_the_way] = struct.unpack_from("=I", info, RETRANS_AT)
    [sent_again] = struct.unpack_from("=I", info, TOTAL_RETRANS_AT)
    # where the route has gone nothing is sent again, and only the tries are counted
    tries = int(info[RETRANSMITS_AT])
    return bool(sent_again == tries > 0 and on_the_way == 0)
