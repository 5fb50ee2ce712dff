"""Interfaces that lead to the internet, sockets that leave by one of them, and which it is now.

An address alone does not choose the way: Linux and macOS send what is bound to one interface's
address by the preferred interface all the same. Sources: socket(7), proc(5), Darwin's netinet/in.h.

Which way packets would take is asked of the routing table without sending any: a connected
datagram socket gets the address that they would leave from (udp(7)). Linux keeps a route whose
cable is out, so the carrier is asked for, too.
"""

import ctypes
import ipaddress
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from natwizard.probes.line import LineState, LineWay
from natwizard.probes.network import EgressInterface, Endpoint
from natwizard.system.datagrams import datagram_socket
from natwizard.system.facts import ask_table

if sys.platform == "win32":
    from natwizard.windows_functions import windows_function

SO_BINDTODEVICE = 25
IP_BOUND_IF, IPV6_BOUND_IF = 25, 125

ELSEWHERE: dict[int, str] = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Documentation addresses (RFC 5737, 3849): a route to them is one to the internet."""

ROUTES_V4, ROUTES_V6 = Path("/proc/net/route"), Path("/proc/net/ipv6_route")
UP, REJECT = 0x1, 0x200


def ways_out(family: socket.AddressFamily) -> tuple[EgressInterface, ...]:
    """One of each interface that is up, has an address that can leave, and a route for it."""
    running = {name for name, stats in ask_table(psutil.net_if_stats).items() if stats.isup}
    ways = []
    for name, addresses in sorted(ask_table(psutil.net_if_addrs).items()):
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
            # 9 is the discard port, though nothing is sent at all
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


INTERFACES = Path("/sys/class/net")
# Each is asked for twice a second; one look has to stay under some milliseconds
DESTINATIONS_AT_MOST = 18


def clock_s() -> float:
    """Seconds of a clock that goes on while the computer sleeps; no clock change moves it."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)  # time.monotonic() rests in sleep there
    if sys.platform == "win32":
        # counts sleep
        return windows_function("kernel32", "GetTickCount64", ctypes.c_uint64)() / 1000
    return time.monotonic()


def awake_s() -> float:
    """Seconds of a clock that rests while the computer sleeps. Beside `clock_s` it tells sleep from
    a program that stood still.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_UPTIME_RAW)  # mach_absolute_time
    if sys.platform == "win32":
        ticks = ctypes.c_uint64()  # of 100 ns
        ask = windows_function(
            "kernel32", "QueryUnbiasedInterruptTime", ctypes.c_int, ctypes.c_void_p
        )
        ask(ctypes.byref(ticks))
        return ticks.value / 1e7
    return time.monotonic()


@dataclass(slots=True)
class SystemLine:
    """Looks at the ways to the internet, and to all that a run has asked for so far.

    Attributes:
        source_ports: that it asks from, by family. Linux may share its connections among several
            default routes (fib_multipath_hash_policy): another port may go another way each time.
    """

    destinations: Callable[[], Iterable[Endpoint]]
    source_ports: dict[int, int] = field(default_factory=dict)

    def __call__(self) -> LineState:
        """One look, in a few milliseconds. Raises OSError."""
        at, awake = clock_s(), awake_s()
        running = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
        interfaces = {
            address.address.partition("%")[0]: name
            for name, addresses in psutil.net_if_addrs().items()
            for address in addresses
            if address.family in (socket.AF_INET, socket.AF_INET6)
        }
        counted: dict[str, int] = {}
        ways: dict[str, LineWay | None] = {}
        for endpoint in self._all():
            local_address = self._leaves_from(endpoint)
            interface = interfaces.get(local_address, "")
            if not local_address or (interface and interface not in running):
                ways[endpoint.address] = None
                continue
            if interface not in counted:
                counted[interface] = _carrier_changes(interface)
            ways[endpoint.address] = LineWay(
                interface=interface,
                local_address=local_address,
                carrier_changes=counted[interface],
            )
        return LineState(ways=ways, addresses=frozenset(interfaces), clock_s=at, awake_s=awake)

    def _leaves_from(self, endpoint: Endpoint) -> str:
        """The address that packets would leave from, or empty where there is no way."""
        with socket.socket(endpoint.family, socket.SOCK_DGRAM) as asking:
            if sys.platform == "linux":
                self._from_the_same_port(asking)
            try:
                asking.connect((endpoint.address, endpoint.port))
            except OSError:
                return ""
            return str(asking.getsockname()[0]).partition("%")[0]

    def _from_the_same_port(self, asking: socket.socket) -> None:
        """As far as nobody else has taken it meanwhile."""
        with suppress(OSError):
            asking.bind(("", self.source_ports.get(asking.family, 0)))
            self.source_ports[asking.family] = asking.getsockname()[1]

    def _all(self) -> list[Endpoint]:
        anywhere = [
            Endpoint(family=socket.AddressFamily(family), address=address, port=9)
            for family, address in ELSEWHERE.items()
        ]
        return [*anywhere, *self.destinations()][:DESTINATIONS_AT_MOST]


def _carrier_changes(interface: str) -> int:
    """Linux counts them (Documentation/ABI/testing/sysfs-class-net); 0 elsewhere."""
    if sys.platform != "linux" or not interface or "/" in interface:
        return 0
    try:
        return int((INTERFACES / interface / "carrier_changes").read_text("ascii"))
    except (OSError, ValueError):
        return 0
