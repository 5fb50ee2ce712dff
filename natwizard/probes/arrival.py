"""Reads datagrams with the time the kernel got them, where the system tells it."""

import socket
import sys
import time
from contextlib import suppress
from struct import Struct as Layout
from typing import NamedTuple

# Linux only; Python 3.11 names neither. Values and layout: asm-generic/socket.h, linux/in.h.
SO_TIMESTAMPNS = 35
IP_RECVTTL = 12
_TIMESPEC = Layout("@ll")
_HOPS = Layout("@i")

BUFFER_BYTES = 2048
ANCILLARY_BYTES = 128
OLDEST_NS = 2_000_000_000
"""A kernel time further back than this is a clock that was set, not a packet that waited."""

CLOCK_ATTEMPTS = 4
TOGETHER_NS = 20_000

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
    for level, option, value in wanted:
        with suppress(OSError):  # each is a comfort that a kernel may refuse
            datagrams.setsockopt(level, option, value)


def receive(datagrams: socket.socket) -> Arrival:
    """The next datagram. Raises OSError (TimeoutError, BlockingIOError) as the socket does."""
    if sys.platform != "linux":
        datagram, source = datagrams.recvfrom(BUFFER_BYTES)
        return Arrival(datagram, (source[0], source[1]), time.perf_counter_ns(), None, 0)
    datagram, ancillary, _flags, source = datagrams.recvmsg(BUFFER_BYTES, ANCILLARY_BYTES)
    unix_ns, read_ns = both_clocks_ns()
    waited_ns, hops_left = None, 0
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET:
            if kind == SO_TIMESTAMPNS and len(value) == _TIMESPEC.size:
                seconds, rest_ns = _TIMESPEC.unpack(value)
                age_ns = unix_ns - seconds * 1_000_000_000 - rest_ns
                waited_ns = age_ns if 0 <= age_ns < OLDEST_NS else None
        elif kind in (socket.IP_TTL, socket.IPV6_HOPLIMIT) and len(value) == _HOPS.size:
            (hops_left,) = _HOPS.unpack(value)
    return Arrival(datagram, (source[0], source[1]), read_ns, waited_ns, hops_left)
