"""Reads datagrams with the time the kernel got them, where the system tells it.

Linux does to the nanosecond, macOS to the microsecond. Windows could (SIO_TIMESTAMPING), but only
through WSARecvMsg, which Python does not have: there a thread's own time stands for it.
"""

import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from struct import Struct as Layout
from typing import NamedTuple

# Linux only; Python 3.11 names none. Values and layout: asm-generic/socket.h, linux/in.h.
SO_TIMESTAMPNS = 35
SO_MEMINFO, MEMINFO_WORDS = 55, 9
IP_RECVTTL = 12
_TIMESPEC = Layout("@ll")
_HOPS = Layout("@i")
_MEMINFO = Layout(f"@{MEMINFO_WORDS}I")

# macOS only: sys/socket.h, sys/time.h (the microseconds are an int, and padded)
SO_TIMESTAMP, SCM_TIMESTAMP = 0x0400, 0x02
_TIMEVAL = Layout("@qi4x")

DATAGRAM_BYTES = 65_535 if sys.platform == "win32" else 2048
"""Room for one datagram: Windows calls it an error (WSAEMSGSIZE) where a longer one is cut off."""

# A timestamp and a hop count take under 64 bytes, headers included
ANCILLARY_BYTES = 128
HOP_LIMITS = (socket.IP_TTL, getattr(socket, "IPV6_HOPLIMIT", socket.IP_TTL))
OLDEST_NS = 2_000_000_000
"""A kernel time further back than this is a clock that was set, not a packet that waited."""

# Between two readings another thread may have had its turn; four in a row is a busy computer
CLOCK_ATTEMPTS = 4
# Two readings of a clock take under a microsecond; a thread that was put aside takes longer
TOGETHER_NS = 20_000

# A burst that meets a full buffer would read as loss of the line
RECEIVE_BUFFER_BYTES = 1 << 20


class Arrival(NamedTuple):
    """One datagram. Not a Struct: thousands a second are made while timing matters.

    Attributes:
        waited_ns: from its arrival at the kernel to our reading it; None where nobody tells.
        hops_left: TTL or hop limit on arrival; 0 where it is not known.
    """

    datagram: bytes
    source: tuple[str, int]
    read_ns: int
    waited_ns: int | None
    hops_left: int

    @property
    def arrived_ns(self) -> int:
        """On the clock of `time.perf_counter_ns`."""
        return self.read_ns - (self.waited_ns or 0)


def both_clocks_ns() -> tuple[int, int]:
    """The clock of the day and `time.perf_counter_ns` at one moment, whoever else wants to run."""
    for _attempt in range(CLOCK_ATTEMPTS):
        before_ns = time.perf_counter_ns()
        unix_ns, after_ns = time.time_ns(), time.perf_counter_ns()
        if after_ns - before_ns < TOGETHER_NS:
            break
    return unix_ns, after_ns


def prepare_arrivals(datagrams: socket.socket) -> None:
    """Ask the kernel for arrival times and hop counts, and for room for bursts."""
    wanted = [(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)]
    if sys.platform == "linux":
        wanted.append((socket.SOL_SOCKET, SO_TIMESTAMPNS, 1))
        if datagrams.family == socket.AF_INET6:
            wanted.append((socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1))
        else:
            wanted.append((socket.IPPROTO_IP, IP_RECVTTL, 1))
    elif sys.platform == "darwin":
        wanted.append((socket.SOL_SOCKET, SO_TIMESTAMP, 1))
    for level, option, value in wanted:
        with suppress(OSError):  # each is a comfort that a kernel may refuse
            datagrams.setsockopt(level, option, value)


def receive(datagrams: socket.socket) -> Arrival:
    """The next datagram. Raises OSError (TimeoutError, BlockingIOError) as the socket does."""
    if sys.platform == "win32":
        datagram, source = datagrams.recvfrom(DATAGRAM_BYTES)
        return Arrival(datagram, (source[0], source[1]), time.perf_counter_ns(), None, 0)
    datagram, ancillary, _flags, source = datagrams.recvmsg(DATAGRAM_BYTES, ANCILLARY_BYTES)
    unix_ns, read_ns = both_clocks_ns()
    told = read_ancillary(ancillary)
    age_ns = unix_ns - told.unix_ns
    waited_ns = age_ns if told.unix_ns and 0 <= age_ns < OLDEST_NS else None
    place = (source[0], source[1])
    return Arrival(datagram, place, read_ns, waited_ns, told.hops_left)


class KernelInfo(NamedTuple):
    """What the kernel says of a datagram; 0 where it says nothing."""

    unix_ns: int = 0
    hops_left: int = 0


def read_ancillary(ancillary: Iterable[tuple[int, int, bytes]]) -> KernelInfo:
    """The kernel's words beside a datagram, of Linux and macOS; others are passed over."""
    unix_ns = hops_left = 0
    for level, kind, value in ancillary:
        if level != socket.SOL_SOCKET:
            if kind in HOP_LIMITS and len(value) == _HOPS.size:
                (hops_left,) = _HOPS.unpack(value)
        elif kind == SO_TIMESTAMPNS and len(value) == _TIMESPEC.size:
            seconds, rest = _TIMESPEC.unpack(value)
            unix_ns = seconds * 1_000_000_000 + rest
        elif kind == SCM_TIMESTAMP and len(value) == _TIMEVAL.size:
            seconds, rest = _TIMEVAL.unpack(value)
            unix_ns = seconds * 1_000_000_000 + rest * 1000
    return KernelInfo(unix_ns, hops_left)


def overflowed(datagrams: socket.socket) -> int:
    """Datagrams that came and that this computer dropped on this socket since it was opened:
    nobody read them in time. Linux tells (sock_diag.h, SK_MEMINFO_DROPS); elsewhere it is 0.
    """
    if sys.platform != "linux":
        return 0
    try:
        words = datagrams.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size)
    except OSError:
        return 0
    return int(_MEMINFO.unpack(words)[-1]) if len(words) == _MEMINFO.size else 0
