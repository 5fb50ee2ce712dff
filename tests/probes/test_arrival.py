"""Arrival times of datagrams, on real sockets."""

import gc
import socket
import sys
import time
from contextlib import ExitStack, suppress

import pytest

from natwizard.probes.arrival import both_clocks_ns, prepare_arrivals, receive
from natwizard.probes.quiet import quiet_process


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


def test_both_clocks_run_alike() -> None:
    offsets = []
    for _reading in range(20):
        unix_ns, perf_ns = both_clocks_ns()
        offsets.append(unix_ns - perf_ns)
    assert max(offsets) - min(offsets) < 50_000_000


def test_a_quiet_process_is_as_before_afterwards() -> None:
    before_s, collects = sys.getswitchinterval(), gc.isenabled()
    with suppress(KeyError), quiet_process():
        assert sys.getswitchinterval() < before_s
        assert not gc.isenabled()
        raise KeyError
    assert (sys.getswitchinterval(), gc.isenabled()) == (before_s, collects)


def test_quiet_times_that_overlap_leave_the_process_as_it_was() -> None:
    before_s = sys.getswitchinterval()
    first, second = quiet_process(), quiet_process()
    with ExitStack() as last:
        with first:
            last.enter_context(second)
        assert sys.getswitchinterval() < before_s
    assert sys.getswitchinterval() == before_s
