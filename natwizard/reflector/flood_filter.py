"""While a flood of junk lasts, the kernel drops it: Linux's socket filters, in classic BPF.

Whoever floods a port with what is none of its protocols wins nothing, however much Python costs
for a datagram. Source: Linux, Documentation/networking/filter.rst, include/uapi/linux/filter.h.
"""

import ctypes
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from struct import Struct as Layout
from typing import NamedTuple

from natwizard.probes.media.arrival import overflowed
from natwizard.wire import stamp, stun

# Linux only; Python names neither. Values: asm-generic/socket.h
SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27

CLOCKS_OFF_S = 30 * 86_400
"""How wrong a sender's clock may be that was set once."""

# NTP's seconds have 32 bits and wrap in 2036 (RFC 5905, 6)
NTP_ERA_S = 1 << 32
WINDOW_S = 86_400.0
"""A reflector runs for years: the window of right clocks is moved once a day."""

FLOOD_JUNK = 256
FLOOD_WINDOW_S = 0.1
"""So much that is nobody's protocol within such a time, is a flood. A full queue
holds some 250 packets, so that the filter is there before more than one queue of calls is lost."""

# Far below what sets the filter (2,560 a second), so that it does not come and go
FLOOD_CALM_PER_S = 200.0
# A rate of drops needs some seconds to be one
FLOOD_LOOK_S = 10.0

_UDP_HEADER_BYTES = 8
"""A filter of a UDP socket sees the datagram from its UDP header."""

# These are from linux/bpf_common.h
_LOAD_LENGTH, _LOAD_WORD, _LOAD_HALF = 0x80, 0x20, 0x28
_IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x15, 0x35, 0x06
# A filter returns how many bytes to keep, and 0 to drop the packet (filter.rst)
_WHOLE = 0xFFFFFFFF

# struct sock_filter and struct sock_fprog (linux/filter.h)
_INSTRUCTION = Layout("=HBBI")
_PROGRAM = Layout("@HP")

TEXT_METHODS = (b"OPTIONS ", b"INVITE s")
"""How text begins that is answered, to eight bytes: a filter compares words."""


class ClockWindow(NamedTuple):
    """What senders' clocks may show, in NTP seconds."""

    earliest_s: int
    latest_s: int


class _Test(NamedTuple):
    """One load and comparison; `then` and `otherwise` are labels, "" for the next instruction."""

    load: tuple[int, int]
    compare: tuple[int, int]
    then: str = ""
    otherwise: str = ""


class FloodGuard:
    """Watches one UDP socket's junk, and has the kernel drop it while there is a flood of it.

    Attributes:
        floods: how many there were; `filtering`: whether one lasts.
    """

    __slots__ = (
        "_datagrams",
        "_dropped",
        "_junk",
        "_junk_since_s",
        "_looked_s",
        "_window",
        "_window_s",
        "filtering",
        "floods",
    )

    def __init__(self, datagrams: socket.socket) -> None:
        self.floods = 0
        self.filtering = False
        self._datagrams = datagrams
        self._window, self._window_s = _window_now(), time.monotonic()
        self._junk = self._dropped = 0
        self._junk_since_s = self._looked_s = 0.0

    def may_be_ours(self, datagram: bytes) -> bool:
        """A cheap look that tells most junk from what is worth decoding."""
        return may_be_ours(datagram, self._window)

    def count_junk(self) -> None:
        """One datagram was nobody's protocol."""
        self._junk += 1
        # the clock is read once for so many: it costs more than counting
        if self._junk < FLOOD_JUNK:
            return
        now_s = time.monotonic()
        if now_s - self._junk_since_s < FLOOD_WINDOW_S and not self.filtering:
            self.filtering = attach(self._datagrams, self._window)
            # where there are no filters, a flood that goes on is still one
            self.floods += self.filtering or now_s - self._looked_s > FLOOD_LOOK_S
            self._dropped, self._looked_s = overflowed(self._datagrams), now_s
        self._junk, self._junk_since_s = 0, now_s

    def look(self, now_s: float) -> None:
        """See every ten seconds whether the flood is over, and let everything through again."""
        if now_s - self._window_s > WINDOW_S:
            self._window, self._window_s = _window_now(), now_s
            if self.filtering:
                attach(self._datagrams, self._window)
        if not self.filtering or now_s - self._looked_s < FLOOD_LOOK_S:
            return
        dropped = overflowed(self._datagrams)
        if dropped - self._dropped < FLOOD_CALM_PER_S * (now_s - self._looked_s):
            detach(self._datagrams)
            self.filtering = False
        self._dropped, self._looked_s = dropped, now_s


def _window_now() -> ClockWindow:
    """Around the time of the day; not across the wrap of 2036, where it takes every clock."""
    now_s = int(time.time()) + stamp.NTP_EPOCH_S
    if not CLOCKS_OFF_S < now_s % NTP_ERA_S < NTP_ERA_S - CLOCKS_OFF_S:
        return ClockWindow(0, NTP_ERA_S - 1)
    return ClockWindow(now_s % NTP_ERA_S - CLOCKS_OFF_S, now_s % NTP_ERA_S + CLOCKS_OFF_S)


def may_be_ours(datagram: bytes, window: ClockWindow) -> bool:
    """What the filter lets through, in Python."""
    if datagram[4:8] == stun.COOKIE:
        return len(datagram) >= stun.HEADER_BYTES and datagram[:2] == b"\0\1"
    return datagram[:8] in TEXT_METHODS or stamp.may_be_sent(
        datagram, earliest_s=window.earliest_s, latest_s=window.latest_s
    )


def attach(datagrams: socket.socket, window: ClockWindow) -> bool:
    """Drop in the kernel what `may_be_ours` refuses; False where that cannot be had."""
    if sys.platform != "linux":
        return False
    code = _assemble(_program(window))
    buffer = ctypes.create_string_buffer(code, len(code))
    pointer = _PROGRAM.pack(len(code) // _INSTRUCTION.size, ctypes.addressof(buffer))
    try:
        datagrams.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, pointer)
    except OSError:
        return False
    return True


def detach(datagrams: socket.socket) -> None:
    """Let everything through again."""
    if sys.platform == "linux":
        with suppress(OSError):
            datagrams.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)


def _program(window: ClockWindow) -> list[_Test | str]:
    """Tests in order; a text is a label for what follows. Falls through to a refusal."""

    def word(offset: int) -> tuple[int, int]:
        return _LOAD_WORD, _UDP_HEADER_BYTES + offset

    def longer_than(size: int, otherwise: str) -> _Test:
        at_least = (_IF_AT_LEAST, _UDP_HEADER_BYTES + size)
        return _Test((_LOAD_LENGTH, 0), at_least, otherwise=otherwise)

    def within(first: int, last: int, beyond: str) -> Iterable[_Test | str]:
        yield _Test(word(4), (_IF_AT_LEAST, first), otherwise=beyond)
        yield _Test(word(4), (_IF_AT_LEAST, last + 1), otherwise="take")
        yield beyond

    program: list[_Test | str] = [longer_than(8, "refuse")]
    cookie = int.from_bytes(stun.COOKIE, "big")
    program += [
        _Test(word(4), (_IF_EQUAL, cookie), otherwise="text"),
        longer_than(stun.HEADER_BYTES, "refuse"),
        _Test((_LOAD_HALF, _UDP_HEADER_BYTES), (_IF_EQUAL, stun.REQUEST), "take", "refuse"),
        "text",
    ]
    for number, method in enumerate(TEXT_METHODS):
        first, second = (int.from_bytes(part, "big") for part in (method[:4], method[4:]))
        program += [
            _Test(word(0), (_IF_EQUAL, first), otherwise=f"not text {number}"),
            _Test(word(4), (_IF_EQUAL, second), "take"),
            f"not text {number}",
        ]
    program += [
        longer_than(stamp.BASE_BYTES, "refuse"),
        _Test(
            (_LOAD_LENGTH, 0),
            (_IF_AT_LEAST, _UDP_HEADER_BYTES + stamp.SIZE_LIMIT_BYTES + 1),
            then="refuse",
        ),
        *(
            _Test(word(offset), (_IF_EQUAL, 0), otherwise="no zeros")
            for offset in range(stamp.ZEROS_FROM, stamp.BASE_BYTES, 4)
        ),
        # a jump that is always taken
        _Test(word(4), (_IF_AT_LEAST, 0), "take"),
        "no zeros",
        *within(0, stamp.UPTIME_S - 1, "not since start"),
        *within(stamp.NTP_EPOCH_S, stamp.NTP_EPOCH_S + stamp.UPTIME_S - 1, "not since 1970"),
        *within(window.earliest_s, window.latest_s, "refuse"),
    ]
    return program


def _assemble(program: list[_Test | str]) -> bytes:
    """Two instructions a test; a label is a place, and ends with it: jumps go forward only."""
    places: dict[str, int] = {}
    size = 0
    for part in program:
        if isinstance(part, str):
            places[part] = size
        else:
            size += 2
    places |= {"refuse": size, "take": size + 1}
    code = b""
    place = 0
    for part in program:
        if isinstance(part, str):
            continue
        after = place + 2
        code += _INSTRUCTION.pack(part.load[0], 0, 0, part.load[1])
        yes, no = (places[label] - after if label else 0 for label in (part.then, part.otherwise))
        code += _INSTRUCTION.pack(part.compare[0], yes, no, part.compare[1])
        place = after
    return code + _INSTRUCTION.pack(_RETURN, 0, 0, 0) + _INSTRUCTION.pack(_RETURN, 0, 0, _WHOLE)
