"""Two routers on the way of a stream, looked at while it runs: the gateway and the provider's.

At most eight packets find them, then each gets one small packet a second: routers ration such
answers (Linux: one a second), and more would read as loss.
"""

import asyncio
import ipaddress
import re
import socket
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from struct import Struct as Layout

from msgspec import Struct

from natwizard.model.privacy import OwnAddress, ServerText
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.reachability import side_by_side
from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host
from natwizard.probes.media.arrival import (
    OLDEST_NS,
    SO_TIMESTAMPNS,
    both_clocks_ns,
    read_ancillary,
)
from natwizard.probes.network import Endpoint, Network

# On Windows ping itself waits a second (-w 1000), elsewhere longer
ONE_PING_S = 2.0
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_TIME = re.compile(r"[=<]\s*(\d{1,6}(?:[.,]\d{1,3})?)\s*ms", re.IGNORECASE)


async def ping_router(host: Host, address: str, hops: int) -> str:
    """Who ends one packet to an IPv4 address after so many hops; empty if nobody says so."""
    limit = ("-n", "1", "-w", "1000", "-i") if host.platform == "windows" else ("-c", "1", "-m")
    output = await _run(host, ("ping", *limit, str(hops), address), ONE_PING_S)
    return first_other(output, address)


async def ping_times(host: Host, address: str, count: int) -> tuple[float, ...]:
    """Round trips in ms of those of `count` pings that came back, one a second."""
    number = "-n" if host.platform == "windows" else "-c"
    return times_in(await _run(host, ("ping", number, str(count), address), count + ONE_PING_S))


async def _run(host: Host, command: tuple[str, ...], timeout_s: float) -> str:
    """What it printed; nothing where there is no such command."""
    try:
        found = await run_detached(lambda: host.run(command, timeout_s=timeout_s), name="ping")
    except (OSError, TimeoutError):
        return ""
    return found.output[:20_000]


def first_other(output: str, target: str) -> str:
    """The first address in ping's words, of any language, that is not the target's."""
    for found in _ADDRESS.findall(output):
        try:
            address = str(ipaddress.ip_address(found))
        except ValueError:
            continue
        if address != target:
            return address
    return ""


def times_in(output: str) -> tuple[float, ...]:
    """Times of the lines of answers: only those tell a TTL, in every language."""
    lines = [line for line in output.splitlines() if "ttl" in line.lower()]
    found = [match for line in lines if (match := _TIME.search(line))]
    return tuple(float(match[1].replace(",", ".")) for match in found)


# Linux only; Python 3.11 names none of them. linux/in.h, linux/in6.h, linux/errqueue.h.
IP_RECVERR, IPV6_RECVERR, MSG_ERRQUEUE = 11, 25, 0x2000
FROM_ICMP, FROM_ICMP6 = 2, 3
TIME_EXCEEDED, TIME_EXCEEDED_6 = 11, 3
_REPORT = Layout("=IBBBxII")
# Behind sock_extended_err (16 bytes): sockaddr_in has its address at 4, sockaddr_in6 at 8
_OFFENDER_AT: dict[int, slice] = {socket.AF_INET: slice(20, 24), socket.AF_INET6: slice(24, 40)}
PAYLOAD = b"hop"


class HopSocket:
    """One socket whose packets end at one hop. The caller closes it; IPv4 and IPv6."""

    def __init__(self, network: Network, endpoint: Endpoint, hops: int) -> None:
        """Raises OSError where the system does not let us."""
        self.datagrams = network.open_udp(endpoint.family)
        try:
            six = endpoint.family == socket.AF_INET6
            level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
            limit = socket.IPV6_UNICAST_HOPS if six else socket.IP_TTL
            self.datagrams.setsockopt(level, limit, hops)
            self.datagrams.setsockopt(level, IPV6_RECVERR if six else IP_RECVERR, 1)
            self.datagrams.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.datagrams.connect((endpoint.address, endpoint.port))
        except BaseException:
            self.datagrams.close()
            raise

    def close(self) -> None:
        """Free the socket."""
        self.datagrams.close()

    async def ask(self, timeout_s: float) -> tuple[str, float] | None:
        """Who reported the end of a packet, and after how many ms; None for nobody in time."""
        while self._read() is not None:  # late reports on earlier packets
            pass
        sent_ns = time.perf_counter_ns()
        try:
            self.datagrams.send(PAYLOAD)
        except OSError:  # an earlier report, or no way out: the next try tells
            return None
        reported = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self.datagrams, reported.set)
        try:
            async with asyncio.timeout(timeout_s):
                await reported.wait()
        except TimeoutError:
            return None
        finally:
            loop.remove_reader(self.datagrams)
        report = self._read()
        if report is None:
            return None
        router, at_ns = report
        return (router, (at_ns - sent_ns) / 1e6) if router and at_ns >= sent_ns else None

    def _read(self) -> tuple[str, int] | None:
        """The next report: router (empty if it means something else) and time; None for none."""
        if sys.platform == "win32":  # has no such reports: `hops` asks by ping there
            return None
        try:
            # the packet that was reported comes back whole, and ours has three bytes
            _data, ancillary, _flags, _to = self.datagrams.recvmsg(64, 512, MSG_ERRQUEUE)
        except OSError:
            return None
        unix_ns, read_ns = both_clocks_ns()
        age_ns = unix_ns - read_ancillary(ancillary).unix_ns
        reports = (value for _level, kind, value in ancillary if kind in (IP_RECVERR, IPV6_RECVERR))
        router = router_of(self.datagrams.family, next(reports, b""))
        return router, read_ns - (age_ns if 0 <= age_ns < OLDEST_NS else 0)


def router_of(family: int, report: bytes) -> str:
    """Who says that the hops ran out (struct sock_extended_err and an address); "" for others."""
    at = _OFFENDER_AT.get(family)
    if at is None or len(report) < at.stop:
        return ""
    _error, origin, kind, _code, _info, _data = _REPORT.unpack_from(report)
    if (origin, kind) not in ((FROM_ICMP, TIME_EXCEEDED), (FROM_ICMP6, TIME_EXCEEDED_6)):
        return ""
    return str(ipaddress.ip_address(report[at]))


HOPS_AT_MOST = 8
# The stream goes on meanwhile; a name that is late is left out
NAME_S = 2.0
LONGEST_NAME = 253  # RFC 1035, section 2.3.4, without the root's own dot
SHARED_SUFFIXES = frozenset(("ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"))
# Less than EVERY_S: a late answer must not be taken for that to the next packet
ANSWER_S = 0.9
EVERY_S = 1.0
# Each call of ping starts a process; at the end one that still runs counts for nothing
PINGS_AT_ONCE = 3
# Longer than the longest stream (60 s)
PINGS_AT_MOST = 90

# Addresses that no router of the internet has: RFC 1918, 6598, 3927, 4193, 4291
INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
        "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip


class PathRouter(Struct, frozen=True, kw_only=True):
    """One router.

    Attributes:
        number: hops from this computer, from 1.
        sent: packets it was to answer; `times_ms`: round trips of those it did, in order.
        network: domain of its name, which tells the provider ("provider.example"); empty where it
            has none, and for the routers of a private network.
    """

    number: int
    address: OwnAddress
    sent: int
    times_ms: tuple[float, ...]
    network: ServerText = ""


class PathRouters(Struct, frozen=True, kw_only=True):
    """What routers on the way answered; None where the router did not, or was not found.

    Attributes:
        gateway: the first hop.
        public: the first with an address of the internet; the gateway itself may be it.
    """

    gateway: PathRouter | None = None
    public: PathRouter | None = None


@dataclass(slots=True)
class _Watched:
    number: int
    address: str
    sent: int = 0
    times_ms: list[float] = field(default_factory=list)
    network: str = ""

    def result(self) -> PathRouter:
        return PathRouter(
            number=self.number,
            address=self.address,
            sent=self.sent,
            times_ms=tuple(round(time_ms, 3) for time_ms in self.times_ms),
            network=self.network,
        )


async def watch_hops(context: ProbeContext, endpoint: Endpoint, over: asyncio.Event) -> PathRouters:
    """Look until `over` is set; ends within a second of it. Raises nothing for what it lacks."""
    if ipaddress.ip_address(endpoint.address.partition("%")[0]).is_loopback:
        return PathRouters()
    if context.host.platform == "linux":
        with ExitStack() as opened:
            return await _watch_by_udp(context, endpoint, over, opened)
    if endpoint.family == socket.AF_INET:
        return await _watch_by_ping(context, endpoint.address, over)
    return PathRouters()


async def no_hops() -> PathRouters:
    """For streams that go on for hours: strangers' routers are not asked that long."""
    return PathRouters()


def is_inside(address: str) -> bool:
    """Whether an address belongs to a private network, and not to the internet."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in INSIDE)


async def _watch_by_udp(
    context: ProbeContext, endpoint: Endpoint, over: asyncio.Event, opened: ExitStack
) -> PathRouters:
    asking: dict[int, HopSocket] = {}
    for number in range(1, HOPS_AT_MOST + 1):
        try:
            asking[number] = HopSocket(context.network, endpoint, number)
        except OSError:
            return PathRouters()
        opened.callback(asking[number].close)
    answers = await side_by_side([asking[number].ask(ANSWER_S) for number in asking])
    found = {number: answer[0] for number, answer in zip(asking, answers, strict=True) if answer}
    watched = _worth_watching(found)

    async def watch(hop: _Watched) -> None:
        while not over.is_set():
            hop.sent += 1
            answer = await asking[hop.number].ask(ANSWER_S)
            if answer is not None and answer[0] == hop.address:
                hop.times_ms.append(answer[1])
            await _pause(over, EVERY_S - (answer[1] / 1000 if answer else ANSWER_S))

    await side_by_side([work(hop) for hop in watched for work in (watch, partial(_name, context))])
    return _hops(watched)


async def _name(context: ProbeContext, hop: _Watched) -> None:
    """Which network a router of the internet belongs to; its own name tells no more."""
    if is_inside(hop.address):
        return
    try:
        name = await context.network.name_of(hop.address, timeout_s=NAME_S)
    except (OSError, TimeoutError, UnicodeError):
        return
    hop.network = network_in(name)


_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def network_in(name: str) -> str:
    """The domain of a host name ("ae1.core.provider.example"); empty for what is no name.

    Two labels, or three where the last but one is a registry's own ("provider.co.uk").
    """
    labels = name.rstrip(".").lower().split(".") if len(name) <= LONGEST_NAME else []
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        return ""
    shared = len(labels[-1]) == 2 and labels[-2] in SHARED_SUFFIXES and len(labels) > 2
    return ".".join(labels[-3 if shared else -2 :])


async def _watch_by_ping(context: ProbeContext, address: str, over: asyncio.Event) -> PathRouters:
    numbers = range(1, HOPS_AT_MOST + 1)
    routers = await side_by_side([ping_router(context.host, address, number) for number in numbers])
    watched = _worth_watching(
        {number: router for number, router in zip(numbers, routers, strict=True) if router}
    )

    if not watched:
        return PathRouters()

    async def watch(hop: _Watched) -> None:
        while not over.is_set() and hop.sent < PINGS_AT_MOST:
            hop.sent += PINGS_AT_ONCE
            hop.times_ms += await ping_times(context.host, hop.address, PINGS_AT_ONCE)

    async with asyncio.TaskGroup() as group:
        works = [group.create_task(watch(hop)) for hop in watched]
        naming = [group.create_task(_name(context, hop)) for hop in watched]
        ended = group.create_task(over.wait())
        await asyncio.wait((ended, *works), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        for hop, work in zip(watched, works, strict=True):
            if not work.done():  # what is still out does not count
                hop.sent -= PINGS_AT_ONCE
                work.cancel()
        for asking in naming:  # it has had as long as the stream
            asking.cancel()
    return _hops(watched)


def _worth_watching(found: dict[int, str]) -> tuple[_Watched, ...]:
    """The first hop, and the first that is on the internet."""
    numbers = {number for number in found if number == 1}
    numbers.update([number for number in sorted(found) if not is_inside(found[number])][:1])
    return tuple(_Watched(number, found[number]) for number in sorted(numbers))


def _hops(watched: tuple[_Watched, ...]) -> PathRouters:
    found = [hop.result() for hop in watched]
    return PathRouters(
        gateway=next((hop for hop in found if hop.number == 1), None),
        public=next((hop for hop in found if not is_inside(hop.address)), None),
    )


async def _pause(over: asyncio.Event, seconds: float) -> None:
    try:
        # an answer that took longer than EVERY_S must not let packets follow each other at once
        async with asyncio.timeout(max(0.05, seconds)):
            await over.wait()
    except TimeoutError:
        return
