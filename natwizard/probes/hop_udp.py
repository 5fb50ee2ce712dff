"""Asks routers on the way for a sign of life, as an unprivileged Linux program can.

A UDP packet whose hops run out is reported by the router where they do (ICMP time exceeded), and
the kernel hands the report to the socket that sent it. Sources: RFC 792, RFC 4443, ip(7), ipv6(7).
"""

import asyncio
import ipaddress
import socket
import sys
import time
from struct import Struct as Layout

from natwizard.probes.arrival import SO_TIMESTAMPNS, both_clocks_ns
from natwizard.probes.network import Endpoint, Network

# Linux only; Python 3.11 names none of them. linux/in.h, linux/in6.h, linux/errqueue.h.
IP_RECVERR, IPV6_RECVERR, MSG_ERRQUEUE = 11, 25, 0x2000
FROM_ICMP, FROM_ICMP6 = 2, 3
TIME_EXCEEDED, TIME_EXCEEDED_6 = 11, 3
_REPORT = Layout("=IBBBxII")
_TIMESPEC = Layout("@ll")
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
            _data, ancillary, _flags, _to = self.datagrams.recvmsg(64, 512, MSG_ERRQUEUE)
        except OSError:
            return None
        unix_ns, at_ns = both_clocks_ns()
        router = ""
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                if len(value) == _TIMESPEC.size:
                    seconds, rest_ns = _TIMESPEC.unpack(value)
                    age_ns = unix_ns - seconds * 1_000_000_000 - rest_ns
                    at_ns -= age_ns if 0 <= age_ns < 1_000_000_000 else 0
            elif kind in (IP_RECVERR, IPV6_RECVERR):
                router = router_of(self.datagrams.family, value)
        return router, at_ns


def router_of(family: int, report: bytes) -> str:
    """Who says that the hops ran out (struct sock_extended_err and an address); "" for others."""
    at = _OFFENDER_AT.get(family)
    if at is None or len(report) < at.stop:
        return ""
    _error, origin, kind, _code, _info, _data = _REPORT.unpack_from(report)
    if (origin, kind) not in ((FROM_ICMP, TIME_EXCEEDED), (FROM_ICMP6, TIME_EXCEEDED_6)):
        return ""
    return str(ipaddress.ip_address(report[at]))
