"""Arrival times of datagrams, on real sockets."""

import gc
import socket
import sys
import time
from contextlib import ExitStack, suppress

import pytest
from computers.platforms import posix_only
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.media.arrival import (
    SCM_TIMESTAMP,
    SO_TIMESTAMPNS,
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
