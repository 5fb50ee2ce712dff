"""The kernel's filter against its description in Python, by the kernel itself."""

import socket
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from natwizard.reflector import flood_filter
from natwizard.wire import stamp, stun

NOW_S = int(time.time()) + stamp.NTP_EPOCH_S
WINDOW = flood_filter.ClockWindow(NOW_S - 1_000_000, NOW_S + 1_000_000)
MARKER = stun.encode_request(b"marker marke")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="socket filters are Linux's")


@pytest.fixture(scope="module")
def filtered() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A sender, and a receiver with the filter."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sender.connect(receiver.getsockname())
        assert flood_filter.attach(receiver, WINDOW)
        yield sender, receiver


def passes(filtered: tuple[socket.socket, socket.socket], datagram: bytes) -> bool:
    sender, receiver = filtered
    sender.send(datagram)
    sender.send(MARKER)
    came = receiver.recv(65_535)
    if came != MARKER or datagram == MARKER:
        assert came == datagram
        assert receiver.recv(65_535) == MARKER
        return True
    return False


def may_be_ours(datagram: bytes) -> bool:
    return flood_filter.may_be_ours(datagram, WINDOW)


def packet(sent_s: int, filling: int, size: int) -> bytes:
    return (bytes(4) + sent_s.to_bytes(4, "big") + bytes(8)).ljust(size, bytes((filling,)))[:size]


EDGES_S = [
    edge + step
    for edge in (
        0,
        stamp.UPTIME_S,
        stamp.NTP_EPOCH_S,
        stamp.NTP_EPOCH_S + stamp.UPTIME_S,
        *WINDOW,
    )
    for step in (-1, 0, 1)
    if edge + step >= 0
]


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"x",
        b"OPTIONS",
        b"OPTIONS ",
        b"OPTIONS sip:x SIP/2.0\r\n\r\n",
        b"INVITE sip:x SIP/2.0\r\n\r\n",
        b"OPTIVITE" + bytes(50),
        b"REGISTER sip:x SIP/2.0",
        *(MARKER[:size] for size in range(4, 21)),
        b"\1\1" + MARKER[2:],
        b"\0\2" + MARKER[2:],
        *(packet(1 << 31, 0, size) for size in (43, 44, 172, 1472, 1473)),
        *(packet(NOW_S, 0xA5, size) for size in (43, 44, 1472, 1473)),
        *(packet(second, 0xA5, 100) for second in EDGES_S),
    ],
)
def test_edges_are_where_they_are_said_to_be(
    filtered: tuple[socket.socket, socket.socket], datagram: bytes
) -> None:
    assert passes(filtered, datagram) is may_be_ours(datagram)


def test_each_byte_that_stamp_wants_zero_is_looked_at(
    filtered: tuple[socket.socket, socket.socket],
) -> None:
    for place in range(16, 44):
        changed = bytearray(packet(1 << 31, 0, 172))
        changed[place] = 1
        assert not passes(filtered, bytes(changed))
        assert not may_be_ours(bytes(changed))


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=1500)
    | st.builds(packet, st.integers(0, 0xFFFFFFFF), st.integers(0, 255), st.integers(0, 1500))
    | st.builds(lambda place, byte: MARKER[:place] + byte + MARKER[place + 1 :],
                st.integers(0, 19), st.binary(min_size=1, max_size=1))
)  # fmt: skip
def test_kernel_and_description_agree(
    filtered: tuple[socket.socket, socket.socket], datagram: bytes
) -> None:
    assert passes(filtered, datagram) is may_be_ours(datagram)


def test_what_is_answered_may_pass() -> None:
    for size in (44, 172):
        sender = stamp.SenderPacket(
            sequence=0x41424344, sent=stamp.ntp_from_unix_ns(time.time_ns())
        )
        assert may_be_ours(stamp.encode_sender(sender, size=size))
    for size in (20, 80):
        assert may_be_ours(stun.encode_request(bytes(12), size=size))


def test_a_filter_can_be_taken_away() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sender.connect(receiver.getsockname())
        assert flood_filter.attach(receiver, WINDOW)
        sender.send(b"junk")
        flood_filter.detach(receiver)
        flood_filter.detach(receiver)
        sender.send(b"more junk")
        assert receiver.recv(100) == b"more junk"


@pytest.mark.parametrize(
    ("unix_s", "first", "last"),
    [
        (1_800_000_000, 4_006_396_800, 4_011_580_800),
        (2_085_978_495, 0, 0xFFFFFFFF),  # the last second of NTP era 0
        (2_085_978_496, 0, 0xFFFFFFFF),
        (2_085_978_496 + 31 * 86_400, 86_400, 61 * 86_400),
    ],
)
def test_the_window_of_right_clocks_is_around_now(
    monkeypatch: pytest.MonkeyPatch, unix_s: int, first: int, last: int
) -> None:
    monkeypatch.setattr(time, "time", lambda: float(unix_s))
    assert flood_filter._window_now() == (first, last)


def test_the_window_moves_with_the_days(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        guard = flood_filter.FloodGuard(datagrams)
        later_s = time.time() + 100 * 86_400
        monkeypatch.setattr(time, "time", lambda: later_s)
        datagram = packet(int(later_s) + stamp.NTP_EPOCH_S, 0xA5, 100)
        assert not guard.may_be_ours(datagram)
        guard.look(time.monotonic() + flood_filter.WINDOW_S + 1)
        assert guard.may_be_ours(datagram)


def test_where_there_are_no_filters_a_flood_is_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(flood_filter.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(flood_filter, "attach", lambda *_arguments: False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        guard = flood_filter.FloodGuard(datagrams)
        for _batch in range(50):
            for _one in range(flood_filter.FLOOD_JUNK):
                guard.count_junk()
            now[0] += 0.01
        assert (guard.floods, guard.filtering) == (1, False)
