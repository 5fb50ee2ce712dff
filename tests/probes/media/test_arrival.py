"""Arrival times of datagrams, on real sockets."""

import gc
import socket
import struct
import sys
import time
from contextlib import ExitStack, suppress

import pytest
from computers.platforms import posix_only
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.media import arrival as arrival_module
from natwizard.probes.media import winsock
from natwizard.probes.media.arrival import (
    HOP_LIMITS,
    SCM_TIMESTAMP,
    SO_TIMESTAMP,
    SO_TIMESTAMPNS,
    WINDOWS_TIMESTAMP,
    Arrival,
    KernelInfo,
    both_clocks_ns,
    overflowed,
    prepare_arrivals,
    read_ancillary,
    receive,
)
from natwizard.probes.media.timing_guard import (
    EXECUTION_SPEED,
    IGNORE_TIMER_RESOLUTION,
    PROCESS_POWER_THROTTLING,
    THREAD_PRIORITY_HIGHEST,
    FineTimer,
    TimingGuard,
    low_jitter_process,
    prefer_this_thread,
)


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_the_time_in_the_kernel_is_told_apart_from_the_way(
    family: socket.AddressFamily, host: str
) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        prepare_arrivals(server)
        server.bind((host, 0))
        server.settimeout(5)
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.connect(server.getsockname())
            client.send(b"hello")
            sent_ns = time.perf_counter_ns()
            time.sleep(0.05)
            arrival = receive(server)
            assert arrival.datagram == b"hello"
            assert arrival.source == client.getsockname()[:2]
    if sys.platform == "linux":
        assert arrival.waited_ns is not None
        assert arrival.waited_ns >= 45_000_000
        assert arrival.arrived_ns < sent_ns + 40_000_000
        assert arrival.hops_left > 0


def test_a_socket_without_times_still_receives() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"", server.getsockname())
        arrival = receive(server)
    assert (arrival.datagram, arrival.waited_ns, arrival.hops_left) == (b"", None, 0)
    assert arrival.arrived_ns == arrival.read_ns


@pytest.mark.parametrize(
    ("level", "kind", "value", "told"),
    [
        # struct timespec of Linux, 64 bits: 1,800,000,000 s and 123,456,789 ns
        (1, SO_TIMESTAMPNS, "00d2496b00000000 15cd5b0700000000", 1_800_000_000_123_456_789),
        # struct timeval of macOS: 1,800,000,000 s and 123,456 us, then four bytes of padding
        (1, SCM_TIMESTAMP, "00d2496b00000000 40e20100 ffffffff", 1_800_000_000_123_456_000),
        (1, SO_TIMESTAMPNS, "00d2496b", 0),
        (1, SCM_TIMESTAMP, "", 0),
        (1, 77, "00d2496b00000000 15cd5b0700000000", 0),
    ],
)
@posix_only("Windows tells arrival times in another structure")
@pytest.mark.skipif(sys.byteorder != "little", reason="the vectors are little-endian")
def test_the_kernels_times_are_read_as_its_headers_lay_them_out(
    level: int, kind: int, value: str, told: int
) -> None:
    ancillary = [(socket.SOL_SOCKET if level == 1 else level, kind, bytes.fromhex(value))]
    assert read_ancillary(ancillary) == KernelInfo(unix_ns=told)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_datagrams_that_nobody_read_in_time_are_counted() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        prepare_arrivals(server)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        client.connect(server.getsockname())
        assert overflowed(server) == 0
        for _packet in range(200):
            client.send(bytes(172))
        came = 0
        with suppress(BlockingIOError):
            while receive(server):
                came += 1
        assert overflowed(server) == 200 - came > 0


class RecordedWindows:
    """The calls that Windows would get."""

    def __init__(self, *, grants: bool) -> None:
        self.calls: list[tuple[object, ...]] = []
        self._grants = grants

    def begin_period(self, tick_ms: int) -> bool:
        self.calls.append(("begin", tick_ms))
        return self._grants

    def end_period(self, tick_ms: int) -> None:
        self.calls.append(("end", tick_ms))

    def throttle(self, control_mask: int, state_mask: int) -> None:
        self.calls.append(("throttle", control_mask, state_mask))


@pytest.mark.parametrize("grants", [True, False])
def test_a_fine_tick_is_given_back_once_and_only_if_it_was_granted(grants: bool) -> None:
    windows = RecordedWindows(grants=grants)
    timer = FineTimer(windows)
    timer.begin()
    timer.end()
    asked = [("throttle", EXECUTION_SPEED | IGNORE_TIMER_RESOLUTION, 0), ("begin", 1)]
    assert windows.calls == [*asked, *([("end", 1)] if grants else []), ("throttle", 0, 0)]
    timer.end()
    assert windows.calls.count(("end", 1)) == grants


@given(st.lists(st.tuples(st.just(socket.SOL_SOCKET), st.sampled_from([2, 35]), st.binary())))
def test_no_words_of_a_kernel_crash_the_reader(
    ancillary: list[tuple[int, int, bytes]],
) -> None:
    read_ancillary(ancillary)


@pytest.mark.skipif(sys.platform == "win32", reason="there it is granted")
def test_nobody_else_lets_a_program_go_before_others() -> None:
    assert not prefer_this_thread()


def test_other_systems_need_no_finer_tick() -> None:
    timer = FineTimer(None)
    timer.begin()
    timer.end()


def test_both_clocks_run_alike() -> None:
    offsets = []
    for _reading in range(20):
        unix_ns, perf_ns = both_clocks_ns()
        offsets.append(unix_ns - perf_ns)
    assert max(offsets) - min(offsets) < 50_000_000


def test_a_quiet_process_is_as_before_afterwards() -> None:
    before_s, collects = sys.getswitchinterval(), gc.isenabled()
    with suppress(KeyError), low_jitter_process():
        assert sys.getswitchinterval() < before_s
        assert not gc.isenabled()
        raise KeyError
    assert (sys.getswitchinterval(), gc.isenabled()) == (before_s, collects)


def test_quiet_times_that_overlap_leave_the_process_as_it_was() -> None:
    before_s = sys.getswitchinterval()
    first, second = low_jitter_process(), low_jitter_process()
    with ExitStack() as last:
        with first:
            last.enter_context(second)
        assert sys.getswitchinterval() < before_s
    assert sys.getswitchinterval() == before_s


def test_a_quiet_process_wishes_for_a_fine_tick_once_whoever_overlaps() -> None:
    windows = RecordedWindows(grants=True)
    quiet = TimingGuard(FineTimer(windows))
    quiet.begin()
    quiet.begin()
    quiet.end()
    assert ("end", 1) not in windows.calls
    quiet.end()
    assert (windows.calls.count(("begin", 1)), windows.calls.count(("end", 1))) == (1, 1)


def test_a_tick_that_was_never_asked_for_is_not_given_back() -> None:
    windows = RecordedWindows(grants=True)
    FineTimer(windows).end()
    assert windows.calls == [("throttle", 0, 0)]


def test_the_numbers_are_those_of_the_systems_headers() -> None:
    """sys/socket.h and mstcpip.h; processthreadsapi.h and winbase.h: no test here asks them."""
    assert (SO_TIMESTAMP, SCM_TIMESTAMP, WINDOWS_TIMESTAMP) == (0x0400, 0x02, 0x300A)
    assert (PROCESS_POWER_THROTTLING, THREAD_PRIORITY_HIGHEST) == (4, 2)
    assert (EXECUTION_SPEED, IGNORE_TIMER_RESOLUTION) == (0x1, 0x4)


HOPS = struct.pack("@i", 57)


@pytest.mark.parametrize(
    ("level", "kind", "value", "told"),
    [
        (socket.IPPROTO_IP, socket.IP_TTL, HOPS, KernelInfo(hops_left=57)),
        (socket.IPPROTO_IPV6, HOP_LIMITS[1], HOPS, KernelInfo(hops_left=57)),
        (socket.IPPROTO_IP, socket.IP_TTL, HOPS[:2], KernelInfo()),
        (socket.IPPROTO_IP, socket.IP_TOS, HOPS, KernelInfo()),
        (socket.SOL_SOCKET, socket.IP_TTL, HOPS, KernelInfo()),
        (socket.SOL_SOCKET, WINDOWS_TIMESTAMP, struct.pack("<Q", 9), KernelInfo(counter_ticks=9)),
        (socket.SOL_SOCKET, 77, struct.pack("<Q", 9), KernelInfo()),
        (socket.IPPROTO_IP, SO_TIMESTAMPNS, bytes(16), KernelInfo()),
    ],
)
@posix_only("Windows numbers them in another way")
def test_what_a_kernel_says_is_read_by_who_says_it_and_how_long_it_is(
    level: int, kind: int, value: bytes, told: KernelInfo
) -> None:
    assert read_ancillary([(level, kind, value)]) == told
    assert read_ancillary([(level, kind, value), (level, 99, b"")]) == told


class Readings:
    """The clocks of a computer whose threads are put aside: each reading is given."""

    def __init__(self, *perf_ns: int) -> None:
        self._perf = iter(perf_ns)
        self.read = 0

    def perf_counter_ns(self) -> int:
        self.read += 1
        return next(self._perf)

    def time_ns(self) -> int:
        return 10**18 + self.read


@pytest.mark.parametrize(
    ("perf_ns", "pairs"),
    [
        ((0, 19_999), 1),
        # this thread was put aside between the two: once more
        ((0, 20_000, 50_000, 50_001), 2),
        # a computer that is too busy for it gets the fourth, and no more tries
        (tuple(number * 30_000 for number in range(20)), 4),
    ],
)
def test_two_clocks_are_read_together_or_again(
    perf_ns: tuple[int, ...], pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Readings(*perf_ns)
    monkeypatch.setattr(arrival_module, "time", clock)
    unix_ns, read_ns = both_clocks_ns()
    assert clock.read == 2 * pairs
    assert unix_ns == 10**18 + 2 * pairs - 1
    assert read_ns == perf_ns[2 * pairs - 1]


class Stamped(winsock.MessageSocket):
    """As Windows' own, for a driver that stamps: the arithmetic is the same everywhere."""

    is_timed = True
    came = 0

    def receive_message(self) -> winsock.Message:
        stamp = (socket.SOL_SOCKET, WINDOWS_TIMESTAMP, struct.pack("<Q", self.came))
        return b"hello", [stamp], ("192.0.2.1", 7)


@pytest.mark.parametrize(
    ("came", "waited_ns"),
    [
        (50_000_000 - 300_000, 30_000_000),
        (50_000_000, 0),
        (50_000_000 - 3, 300),
        # none was given, it is yet to come, or nobody reads that late
        (0, None),
        (50_000_001, None),
        (50_000_000 - 20_000_000, None),
        (50_000_000 - 19_999_999, 1_999_999_900),
    ],
)
@posix_only("there it is read for real")
def test_a_counters_reading_becomes_the_time_that_a_packet_waited(
    came: int, waited_ns: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten million ticks a second, as on most computers."""
    monkeypatch.setattr(winsock, "counter", lambda: (50_000_000, 10_000_000))
    with Stamped(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.came = came
        found = arrival_module._receive_on_windows(datagrams)
    assert found._replace(read_ns=0) == Arrival(b"hello", ("192.0.2.1", 7), 0, waited_ns, 0)


@posix_only("there it is read for real")
def test_where_nobody_stamps_a_threads_own_time_stands_for_it() -> None:
    for kind in (socket.socket, winsock.MessageSocket):
        with (
            kind(socket.AF_INET, socket.SOCK_DGRAM) as server,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
        ):
            server.bind(("127.0.0.1", 0))
            server.settimeout(5)
            client.connect(server.getsockname())
            client.send(b"hello")
            found = arrival_module._receive_on_windows(server)
            assert found._replace(read_ns=0) == Arrival(b"hello", client.getsockname(), 0, None, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="there it is an error")
def test_a_datagram_is_as_long_as_the_longest_of_ours_and_some_more() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        client.connect(server.getsockname())
        for sent, read in ((1472, 1472), (4000, 2048)):
            client.send(bytes(sent))
            assert len(receive(server).datagram) == read


def test_a_socket_that_is_gone_tells_of_no_drops() -> None:
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.close()
    assert overflowed(datagrams) == 0
