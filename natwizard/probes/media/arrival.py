"""Reads datagrams with the time the kernel got them, where the system tells it.

Linux does to the nanosecond, macOS to the microsecond, Windows from build 20348 on where the
adapter's driver stamps packets. Where nobody tells, a thread's own time stands for it.
"""

import asyncio
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from struct import Struct as Layout
from typing import NamedTuple

from natwizard.probes.media import winsock

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

# Windows only: mstcpip.h. A reading of the performance counter; 0 is none.
WINDOWS_TIMESTAMP = 0x300A
_COUNTER = Layout("<Q")

DATAGRAM_BYTES = winsock.DATAGRAM_BYTES if sys.platform == "win32" else 2048
"""Room for one datagram: Windows calls it an error (WSAEMSGSIZE) where a longer one is cut off."""

# A timestamp and a hop count take under 64 bytes, headers included
ANCILLARY_BYTES = 128
HOP_LIMITS = (socket.IP_TTL, getattr(socket, "IPV6_HOPLIMIT", socket.IP_TTL))
OLDEST_NS = 2_000_000_000
"""A kernel time further back than this, or yet to come, is a clock that was set, or another one (an
adapter of Windows may stamp by its own), not a packet that waited."""

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


async def next_datagram(datagrams: socket.socket, size: int = DATAGRAM_BYTES) -> bytes:
    """The next datagram of a socket that never blocks. Raises OSError.

    What has come already is returned without a turn of the event loop (asyncio's `sock_recv`).
    Then no time limit ends whoever waits for an answer while somebody sends other things without
    end, and nothing else runs: so each takes a turn.
    """
    await asyncio.sleep(0)
    return await asyncio.get_running_loop().sock_recv(datagrams, size)


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
    elif isinstance(datagrams, winsock.MessageSocket):
        with suppress(OSError):
            datagrams.ask_for_times()
    for level, option, value in wanted:
        with suppress(OSError):  # each is a comfort that a kernel may refuse
            datagrams.setsockopt(level, option, value)


def receive(datagrams: socket.socket) -> Arrival:
    """The next datagram. Raises OSError (TimeoutError, BlockingIOError) as the socket does."""
    if sys.platform == "win32":
        return _receive_on_windows(datagrams)
    datagram, ancillary, _flags, source = datagrams.recvmsg(DATAGRAM_BYTES, ANCILLARY_BYTES)
    unix_ns, read_ns = both_clocks_ns()
    told = read_ancillary(ancillary)
    waited_ns = _plausible(unix_ns - told.unix_ns) if told.unix_ns else None
    place = (source[0], source[1])
    return Arrival(datagram, place, read_ns, waited_ns, told.hops_left)


def _receive_on_windows(datagrams: socket.socket) -> Arrival:
    if not (isinstance(datagrams, winsock.MessageSocket) and datagrams.is_timed):
        datagram, source = datagrams.recvfrom(DATAGRAM_BYTES)
        return Arrival(datagram, (source[0], source[1]), time.perf_counter_ns(), None, 0)
    datagram, ancillary, place = datagrams.receive_message()
    (now, frequency), read_ns = winsock.counter(), time.perf_counter_ns()
    came = read_ancillary(ancillary).counter_ticks
    waited_ns = _plausible((now - came) * 1_000_000_000 // frequency) if came else None
    return Arrival(datagram, place, read_ns, waited_ns, 0)


def _plausible(age_ns: int) -> int | None:
    return age_ns if 0 <= age_ns < OLDEST_NS else None


class KernelInfo(NamedTuple):
    """What the kernel says of a datagram; 0 where it says nothing.

    Attributes:
        counter_ticks: when it came, as a reading of Windows' performance counter.
    """

    unix_ns: int = 0
    hops_left: int = 0
    counter_ticks: int = 0


def read_ancillary(ancillary: Iterable[tuple[int, int, bytes]]) -> KernelInfo:
    """The kernel's words beside a datagram, of any of the three; others are passed over."""
    unix_ns = hops_left = ticks = 0
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
        elif kind == WINDOWS_TIMESTAMP and len(value) == _COUNTER.size:
            (ticks,) = _COUNTER.unpack(value)
    return KernelInfo(unix_ns, hops_left, ticks)


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
