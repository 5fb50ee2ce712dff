"""What is counted of one step of calls: exact figures of packets whose times are given."""

import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import msgspec
import pytest

from natwizard.probes.media.arrival import Arrival
from natwizard.probes.media.call_load import (
    PACKETS_PER_S,
    SPARSE_BYTES,
    CallLoad,
    SenderFaults,
    StepFigures,
    _back_ns,
)
from natwizard.probes.media.path import ReflectorFlow
from natwizard.wire import stamp

MS = 1_000_000
START = 10**12
NOW_UNIX_NS = 1_800_000_000 * 10**9


@pytest.fixture
def flows() -> Iterator[list[ReflectorFlow]]:
    """Two lanes whose far end is this test; what leaves and comes back is up to it."""
    with ExitStack() as stack:
        opened = []
        for session in (1, 2):
            datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            datagrams.bind(("127.0.0.1", 0))
            datagrams.connect(datagrams.getsockname())
            datagrams.setblocking(False)
            opened.append(ReflectorFlow(out=datagrams, back=datagrams, session=session))
        yield opened


def counted(
    flows: list[ReflectorFlow], *times_ms: Sequence[float | None], spacing_ms: int = 20
) -> CallLoad:
    """A step whose packets took so long, by lane; None never came back."""
    load = CallLoad(flows, calls=2, duration_s=1.0)
    for lane, taken_ms in enumerate(times_ms):
        for number, time_ms in enumerate(taken_ms):
            sent_ns = START + number * spacing_ms * MS
            load.sent_ns[lane].append(sent_ns)
            load.back_ns[lane].append(0 if time_ms is None else sent_ns + round(time_ms * MS))
    return load


def test_packets_are_counted_over_all_lanes(flows: list[ReflectorFlow]) -> None:
    load = counted(flows, [10, 12, None, None, 14], [11, None, 13, None, 170.5])
    load.late_ns.extend(number * MS for number in range(101))
    figures = load.figures()
    assert (figures.calls, figures.sent, figures.received) == (2, 10, 6)
    assert (figures.unsent, figures.stalls, figures.overflowed, figures.strays) == (0, 0, 0, 0)
    assert figures.late == 1
    assert figures.round_trip_ms == pytest.approx(12.5)
    assert figures.p95_ms == pytest.approx(131.375)
    assert figures.send_late_p95_ms == pytest.approx(95)
    assert figures.gaps == 3
    assert load.missing() == 4


@pytest.mark.parametrize(("slowest_ms", "late"), [(160.0, 0), (160.001, 1)])
def test_a_packet_is_late_beyond_what_a_call_waits(
    flows: list[ReflectorFlow], slowest_ms: float, late: int
) -> None:
    assert counted(flows, [10.0, slowest_ms]).figures().late == late


def test_without_an_answer_there_are_no_times(flows: list[ReflectorFlow]) -> None:
    figures = counted(flows, [None, None], [None]).figures()
    assert (figures.received, figures.gaps, figures.late) == (0, 2, 0)
    assert (figures.round_trip_ms, figures.p95_ms, figures.waiting_ms) == (None, None, None)
    assert (figures.arrived_kbit_s, figures.send_late_p95_ms) == (None, 0.0)
    assert (figures.sent_kbit_s, figures.duration_s) == (0.0, 0.0)


def test_rates_are_of_ip(flows: list[ReflectorFlow]) -> None:
    """250 bytes each: fifty a second are the 100 kbit/s of one call."""
    load = counted(flows, [10.0] * 50, [10.0] * 50)
    load._sent_s = 1.0
    figures = load.figures()
    assert figures.sent_kbit_s == pytest.approx(200)
    assert figures.duration_s == 1.0
    # two lanes at the same moments: from the first that settled to the last there is one less
    assert figures.arrived_kbit_s == pytest.approx(200, rel=0.04)


def test_what_comes_in_a_burst_at_first_is_no_speed(flows: list[ReflectorFlow]) -> None:
    """Forty packets at once, and then one every 20 ms."""
    burst = counted(flows, [1.0 - 0.02 * number for number in range(40)], spacing_ms=0)
    for number in range(1, 101):
        burst.sent_ns[0].append(START)
        burst.back_ns[0].append(START + number * 20 * MS)
    assert burst.figures().arrived_kbit_s == pytest.approx(100, rel=0.001)


@pytest.mark.parametrize(("packets", "told"), [(7, False), (12, False), (13, True), (20, True)])
def test_a_rate_takes_eight_packets_that_settled(
    flows: list[ReflectorFlow], packets: int, told: bool
) -> None:
    """Of 13, those after two fifths of the time."""
    rate = counted(flows, [10.0] * packets).figures().arrived_kbit_s
    assert (rate is not None) is told
    if rate is not None:
        assert rate == pytest.approx(100)


def test_a_queue_that_fills_shows_in_the_last_third(flows: list[ReflectorFlow]) -> None:
    assert counted(flows, [10, 10, 10, 10, 40, 40]).figures().waiting_ms == pytest.approx(30)
    assert counted(flows, [10, 10, 10, 50, 40, 40]).figures().waiting_ms == pytest.approx(30)
    assert counted(flows, [10, 10, 10, 10, None, 40]).figures().waiting_ms == pytest.approx(30)
    assert counted(flows, [10, 10, 10, 10, None, None]).figures().waiting_ms is None


def test_only_what_was_sent_long_enough_ago_is_overdue(
    flows: list[ReflectorFlow], monkeypatch: pytest.MonkeyPatch
) -> None:
    load = counted(flows, [None, 10, None, None], [None])
    now_ns = START + 60 * MS
    monkeypatch.setattr("time.perf_counter_ns", lambda: now_ns)
    assert load.overdue(0.06) == (2, 2)
    assert load.overdue(0.04) == (2, 3)
    assert load.overdue(0.0) == (4, 5)
    assert load.overdue(1.0) == (0, 0)


def answered(flow: ReflectorFlow, sequence: int, sent: int, *, session: int | None = None) -> bytes:
    return stamp.encode_reflector(
        stamp.ReflectorPacket(
            sequence=sequence,
            sent=stamp.ntp_from_unix_ns(NOW_UNIX_NS + 3 * MS),
            received=stamp.ntp_from_unix_ns(NOW_UNIX_NS),
            sender_sequence=sequence,
            sender_sent=sent,
            sender_error_estimate=1,
            session=flow.session if session is None else session,
        )
    )


def test_answers_are_told_from_what_others_send(flows: list[ReflectorFlow]) -> None:
    """The sockets are connected to themselves: what leaves is what comes."""
    load = CallLoad(flows, calls=2, duration_s=1.0)
    for _packet in range(3):
        load._send(0, 0)
        flows[0].back.recv(2048)
    stamps = load._stamps[0]
    for datagram in (
        answered(flows[0], 0, stamps[0]),
        answered(flows[0], 0, stamps[0]),  # twice
        answered(flows[0], 2, stamps[2], session=0),  # a reflector older than RFC 8972
        answered(flows[0], 1, stamps[1] + 1),  # another time than was sent
        answered(flows[0], 3, stamps[0]),  # a number that was not sent yet
        answered(flows[0], 1, stamps[1], session=7),  # a late answer to an earlier step
        answered(flows[0], 3, stamps[0], session=0),  # nobody's, and no proof of anything
        b"junk",
    ):
        flows[0].out.send(datagram)
    load._drain(0)
    assert [bool(back) for back in load.back_ns[0]] == [True, False, True]
    assert load.figures().strays == 3
    assert load.figures().received == 2


def test_so_many_are_read_at_once_and_no_more(flows: list[ReflectorFlow]) -> None:
    load = CallLoad(flows, calls=2, duration_s=1.0)
    for _number in range(70):
        flows[0].out.send(b"junk")
    load._drain(0)
    assert load.figures().strays == 64
    load._drain(0)
    assert load.figures().strays == 70


def test_a_packet_that_cannot_leave_is_counted(flows: list[ReflectorFlow]) -> None:
    load = CallLoad(flows, calls=2, duration_s=1.0)
    flows[1].out.close()
    load._send(0, 0)
    load._send(1, 0)
    load._lanes = flows[:1]  # a closed socket tells nothing of what it dropped
    figures = load.figures()
    assert (figures.sent, figures.unsent) == (2, 1)


@pytest.mark.parametrize(
    ("kept_ms", "waited_ms", "back_ms"),
    [
        (0, 0, 31.25),
        (3, 0, 28.25),
        (31, 0, 0.25),
        # as long as the whole way, longer, or less than nothing: a clock that was set
        (31.25, 0, 31.25),
        (40, 0, 31.25),
        (-1, 0, 31.25),
        # the kernel had it 4 ms before it was read
        (0, 4, 27.25),
        # so long ago that it was not sent yet: this computer's clock was set
        (0, 31.25, 31.25),
        (0, 40, 31.25),
    ],
)
def test_the_time_that_a_reflector_kept_a_packet_is_none_of_the_lines(
    kept_ms: float, waited_ms: float, back_ms: float
) -> None:
    """31.25 ms are 1/32 s, which a timestamp holds exactly."""
    read_ns = START + round(31.25 * MS)
    arrival = Arrival(b"", ("127.0.0.1", 1), read_ns, round(waited_ms * MS), 64)
    packet = stamp.ReflectorPacket(
        sequence=0,
        sent=stamp.ntp_from_unix_ns(NOW_UNIX_NS + round(kept_ms * MS)),
        received=stamp.ntp_from_unix_ns(NOW_UNIX_NS),
        sender_sequence=0,
        sender_sent=0,
        sender_error_estimate=1,
    )
    assert (_back_ns(arrival, packet, START) - START) / MS == pytest.approx(back_ms, abs=1e-5)


@pytest.mark.parametrize(
    ("family", "head", "size"), [(socket.AF_INET, b"", 222), (socket.AF_INET6, b"", 202),
                                 (socket.AF_INET, b"\x40\x00\x00\x00", 218)],
)  # fmt: skip
def test_a_packet_has_250_bytes_of_ip_whatever_it_is_wrapped_in(
    family: socket.AddressFamily, head: bytes, size: int
) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        datagrams.connect(datagrams.getsockname())
        flow = ReflectorFlow(out=datagrams, back=datagrams, session=5, head=head)
        load = CallLoad([flow], calls=1, duration_s=1.0)
        load._send(0, 0)
        datagram = datagrams.recv(2048)
        assert len(datagram) == size + len(head)
        if head:
            assert datagram[:4] == b"\x40\x00" + size.to_bytes(2, "big")
        assert stamp.decode_sender(datagram[len(head) :]).session == 5


def test_a_step_of_small_packets_is_one_that_the_thinnest_line_has_room_for() -> None:
    """35 kbit/s of IP at the pace of one call; a STAMP packet and its headers fit into it."""
    assert SPARSE_BYTES * 8 * PACKETS_PER_S == 35_200
    assert stamp.BASE_BYTES + 40 <= SPARSE_BYTES
    assert PACKETS_PER_S * 0.02 == 1


@pytest.mark.parametrize("name", ["unsent", "stalls", "overflowed", "strays", "gaps"])
def test_a_step_of_an_older_report_had_no_trouble_that_nobody_counted(name: str) -> None:
    old = (
        b'{"calls":1,"duration_s":2.0,"sent":100,"received":99,"late":0,"round_trip_ms":20.0,'
        b'"p95_ms":21.0,"send_late_p95_ms":0.1}'
    )
    step = msgspec.json.decode(old, type=StepFigures)
    assert getattr(step, name) == 0
    assert (step.sent_kbit_s, step.arrived_kbit_s, step.waiting_ms) == (0.0, None, None)
    if name != "gaps":
        assert getattr(SenderFaults(), name) == 0


def test_overflows_of_this_step_alone_count(flows: list[ReflectorFlow]) -> None:
    """A socket tells all that it dropped since it was opened, in the steps before as well."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells")
    back = flows[0].back
    back.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def flood() -> None:
        for _packet in range(100):
            flows[0].out.send(bytes(172))

    flood()
    load = CallLoad(flows, calls=2, duration_s=1.0)
    assert load.figures().overflowed == 0
    flood()
    assert load.figures().overflowed == 100


def test_a_step_is_told_to_the_millisecond(
    flows: list[ReflectorFlow],
) -> None:
    load = counted(flows, [10.0, 12.0, 14.0])
    load._sent_s = 0.123_456
    assert load.figures().duration_s == 0.123
    load.late_ns.extend([0, 1_000_000])
    assert load.figures().send_late_p95_ms == pytest.approx(0.95)
