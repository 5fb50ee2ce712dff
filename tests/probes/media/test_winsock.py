"""What Windows says beside a datagram: its form everywhere, the calls where there is a Windows.

The suite under Windows' Python makes the calls for real, under wine and on the runner. Wine refuses
to tell times; hop counts, which it does tell, come by the same call and in the same list.
"""

import errno
import socket
import sys
import time
from collections.abc import Iterator
from struct import pack

import pytest
from computers.platforms import under_wine
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.media import winsock
from natwizard.probes.media.arrival import (
    OLDEST_NS,
    WINDOWS_TIMESTAMP,
    KernelInfo,
    prepare_arrivals,
    read_ancillary,
    receive,
)
from natwizard.system.datagrams import DatagramSocket

ON_WINDOWS = pytest.mark.skipif(sys.platform != "win32", reason="only Windows has these calls")
IP_RECVTTL = 21
"""ws2ipdef.h; Python names it from 3.12 on."""


def told(level: int, kind: int, value: bytes) -> bytes:
    """A control message: WSA_CMSG_LEN, level, type, data, filled up to the next one's place."""
    return pack("<Qii", 16 + len(value), level, kind) + value + bytes(-len(value) % 8)


STAMP = told(socket.SOL_SOCKET, WINDOWS_TIMESTAMP, pack("<Q", 123_456_789))
HOPS = told(0, 4, pack("<i", 64))


@pytest.mark.parametrize(
    ("control", "messages"),
    [
        (b"", []),
        (STAMP, [(socket.SOL_SOCKET, WINDOWS_TIMESTAMP, pack("<Q", 123_456_789))]),
        (HOPS + STAMP, [(0, 4, HOPS[16:20]), (socket.SOL_SOCKET, WINDOWS_TIMESTAMP, STAMP[16:])]),
        (told(0, 4, b""), [(0, 4, b"")]),
        (told(0, 4, b"123456789") + HOPS, [(0, 4, b"123456789"), (0, 4, HOPS[16:20])]),
        # cut short: in the header, in the data; lengths that cannot be
        (HOPS + STAMP[:15], [(0, 4, pack("<i", 64))]),
        (HOPS + STAMP[:20], [(0, 4, pack("<i", 64))]),
        (pack("<Qii", 0, 0, 4) + HOPS, []),
        (pack("<Qii", 2**63, 0, 4) + HOPS, []),
    ],
)  # fmt: skip
def test_messages_are_read_one_after_the_other(
    control: bytes, messages: list[tuple[int, int, bytes]]
) -> None:
    assert list(winsock.control_messages(control)) == messages


@given(st.binary(max_size=200))
def test_no_control_buffer_crashes_the_reader(control: bytes) -> None:
    read_ancillary(winsock.control_messages(control))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("0200 1f90 c0000201" + "00" * 20, ("192.0.2.1", 8080)),
        ("1700 1f90 00000000 20010db8" + "00" * 11 + "01 00000000", ("2001:db8::1", 8080)),
        # as short as they can be, and a byte less
        ("0200 1f90 c0000201", ("192.0.2.1", 8080)),
        ("0200 1f90 c00002", ("", 0)),
        ("1700 1f90 00000000 20010db8" + "00" * 11 + "01", ("2001:db8::1", 8080)),
        ("1700 1f90 00000000 20010db8" + "00" * 11, ("", 0)),
        ("1100 1f90" + "00" * 24, ("", 0)),
        ("0200 1f90 c0", ("", 0)),
        ("", ("", 0)),
    ],
)
def test_sources_are_read_out_of_windows_own_form(name: str, source: tuple[str, int]) -> None:
    assert winsock.source_of(bytes.fromhex(name)) == source


def test_a_stamp_is_read_out_of_its_message() -> None:
    assert read_ancillary(winsock.control_messages(STAMP)) == KernelInfo(counter_ticks=123_456_789)
    short = told(socket.SOL_SOCKET, WINDOWS_TIMESTAMP, pack("<I", 1))
    assert read_ancillary(winsock.control_messages(short)) == KernelInfo()


@pytest.mark.skipif(sys.platform == "win32", reason="there it is granted, or refused by Windows")
def test_elsewhere_nobody_is_asked() -> None:
    with DatagramSocket(socket.AF_INET) as datagrams:
        with pytest.raises(OSError, match="only Windows"):
            datagrams.ask_for_times()
        with pytest.raises(OSError, match="only Windows"):
            datagrams.receive_message()
        assert not datagrams.is_timed


Pair = tuple[DatagramSocket, socket.socket]


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6], ids=["IPv4", "IPv6"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """One that receives, and one that is connected to it."""
    with (
        DatagramSocket(request.param) as near,
        socket.socket(request.param, socket.SOCK_DGRAM) as far,
    ):
        near.bind(("127.0.0.1" if request.param == socket.AF_INET else "::1", 0))
        near.settimeout(5)
        far.connect(near.getsockname())
        yield near, far


@ON_WINDOWS
@pytest.mark.parametrize("datagram", [b"", b"hello", bytes(range(256)) * 5])
def test_windows_own_call_reads_what_was_sent_and_from_where(pair: Pair, datagram: bytes) -> None:
    near, far = pair
    far.send(datagram)
    told_datagram, _ancillary, source = near.receive_message()
    assert (told_datagram, source) == (datagram, far.getsockname()[:2])


@ON_WINDOWS
@pytest.mark.parametrize("pair", [socket.AF_INET], indirect=True)
def test_what_windows_says_beside_a_datagram_is_heard(pair: Pair) -> None:
    near, far = pair
    near.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
    for hops in (64, 17):
        far.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)
        far.send(b"hello")
        datagram, ancillary, _source = near.receive_message()
        assert datagram == b"hello"
        assert [int.from_bytes(value[:4], "little") for _level, _kind, value in ancillary] == [hops]


@ON_WINDOWS
def test_waiting_ends_as_it_does_for_any_socket(pair: Pair) -> None:
    near, _far = pair
    near.settimeout(0.05)
    with pytest.raises(TimeoutError):
        near.receive_message()
    near.setblocking(False)
    with pytest.raises(BlockingIOError) as caught:
        near.receive_message()
    assert caught.value.errno in (errno.EAGAIN, errno.EWOULDBLOCK, 10035)


@ON_WINDOWS
def test_a_refused_request_costs_the_times_and_nothing_else(pair: Pair) -> None:
    """Under wine it is refused; on Windows there may be times, or none, but no wrong ones."""
    near, far = pair
    prepare_arrivals(near)
    if under_wine():
        with pytest.raises(OSError, match=r".+"):
            near.ask_for_times()
        assert not near.is_timed
    far.send(b"hello")
    time.sleep(0.05)
    arrival = receive(near)
    assert (arrival.datagram, arrival.source) == (b"hello", far.getsockname()[:2])
    assert arrival.waited_ns is None or 40_000_000 < arrival.waited_ns < OLDEST_NS


class StampedSocket(DatagramSocket):
    """As if the adapter's driver stamped: a reading of the counter at another moment than now."""

    is_timed = True
    age_s = 0.0
    ticks = 0

    def receive_message(self) -> winsock.Message:
        """Raises OSError."""
        datagram, source = self.recvfrom(100)
        now, frequency = winsock.counter()
        ticks = self.ticks or now - round(self.age_s * frequency)
        stamp = told(socket.SOL_SOCKET, WINDOWS_TIMESTAMP, pack("<Q", ticks))
        return datagram, list(winsock.control_messages(stamp)), source[:2]


@ON_WINDOWS
@pytest.mark.parametrize(
    ("age_s", "ticks", "believed"),
    [
        (0.030, 0, True),
        (0.3, 0, True),
        (3.0, 0, False),  # nobody reads that late
        (-0.010, 0, False),  # it is yet to come
        (0, 1, False),  # a clock of the adapter's own that has just begun
        (0, 1_800_000_000_000_000_000, False),  # one that tells the time of the day, in ns
    ],
)
def test_a_stamp_is_believed_where_it_can_be_one_of_this_clock(
    age_s: float, ticks: int, believed: bool
) -> None:
    with (
        StampedSocket(socket.AF_INET) as near,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far,
    ):
        near.bind(("127.0.0.1", 0))
        near.age_s, near.ticks = age_s, ticks
        far.sendto(b"hello", near.getsockname())
        arrival = receive(near)
    assert arrival.datagram == b"hello"
    if believed:
        assert arrival.waited_ns is not None
        assert age_s * 1e9 * 0.99 <= arrival.waited_ns < OLDEST_NS
    else:
        assert arrival.waited_ns is None


@ON_WINDOWS
def test_pythons_clock_is_windows_counter() -> None:
    before_ns = time.perf_counter_ns()
    ticks, frequency = winsock.counter()
    after_ns = time.perf_counter_ns()
    assert before_ns <= ticks * 10**9 // frequency <= after_ns


def test_room_and_numbers_are_those_of_windows_headers() -> None:
    """ws2def.h, mswsock.h, mstcpip.h: the calls themselves are made where there is a Windows."""
    assert (winsock.SIO_TIMESTAMPING, winsock.TIMESTAMPING_FLAG_RX) == (0x980000EB, 1)
    assert winsock.SIO_GET_EXTENSION_FUNCTION_POINTER == 0xC8000006
    # sizeof(SOCKADDR_IN6), and the longest payload of UDP with some more
    assert (winsock.NAME_BYTES, winsock.DATAGRAM_BYTES) == (28, 65_535)
    # three messages of eight bytes, each with its header
    assert 3 * (winsock.HEADER_BYTES + 8) <= winsock.CONTROL_BYTES <= 1024
    assert (winsock.FAMILY_4, winsock.FAMILY_6) == (2, 23)


@pytest.mark.skipif(sys.platform == "win32", reason="there it has a counter")
def test_elsewhere_there_is_no_counter() -> None:
    assert winsock.counter() == (0, 1)
