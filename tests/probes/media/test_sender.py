"""One stream of voice packets on a clock that the test moves: when they leave, and what counts."""

import errno
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from natwizard.model.outcome import FailureCode
from natwizard.probes.media import beacons, call_load, sender
from natwizard.probes.media.arrival import Arrival
from natwizard.probes.media.beacons import LOCATIONS, SOCKETS, BeaconPath, BeaconStream
from natwizard.probes.media.call_load import CallLoad
from natwizard.probes.media.path import MediaPath, ReflectorFlow, ReflectorGreeting
from natwizard.probes.media.sender import MediaStream
from natwizard.probes.media.stream_threads import JOIN_S, RECEIVE_WAIT_S, StreamThreads
from natwizard.probes.network import Endpoint
from natwizard.wire import stamp

MS = 1_000_000
START_NS = 7 * 10**12
HERE = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=9)


@dataclass
class Clock:
    """A computer whose time passes only as it sleeps, and that oversleeps where it is told to."""

    now_ns: int = START_NS
    oversleeps_ns: dict[int, int] = field(default_factory=dict)
    slept: int = 0

    def perf_counter_ns(self) -> int:
        return self.now_ns

    def sleep(self, wanted_s: float) -> None:
        self.now_ns += round(wanted_s * 1e9) + self.oversleeps_ns.get(self.slept, 0)
        self.slept += 1


class Sending(socket.socket):
    """A socket connected to itself, which refuses the sends that it is told to."""

    refuses: Callable[[int], OSError | None] = staticmethod(lambda _number: None)
    tried = 0

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
        self.tried += 1
        error = self.refuses(self.tried - 1)
        if error is not None:
            raise error
        return super().send(data, flags)


def opened(stack: ExitStack) -> Sending:
    datagrams = stack.enter_context(Sending(socket.AF_INET, socket.SOCK_DGRAM))
    datagrams.bind(("127.0.0.1", 0))
    datagrams.connect(datagrams.getsockname())
    datagrams.setblocking(False)
    return datagrams


@pytest.fixture
def datagrams() -> Iterator[Sending]:
    with ExitStack() as stack:
        yield opened(stack)


def stream_on(datagrams: socket.socket, *, packets: int = 10, head: bytes = b"") -> MediaStream:
    path = MediaPath(
        flow=ReflectorFlow(out=datagrams, back=datagrams, session=5, head=head),
        endpoint=HERE,
        greeting=ReflectorGreeting(sent=1, answered=0, reflector_sequence=0),
    )
    stream = MediaStream(path, packets=packets, interval_s=0.02, size=172)
    # no wait for the threads' sake between the closers
    stream._stop.wait = lambda _timeout_s=None: stream._stop.is_set()  # type: ignore[method-assign]
    return stream


def taken(datagrams: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(datagrams.recv(4096))
        except BlockingIOError:
            return found


def gaps_ms(sent_ns: list[int]) -> list[float]:
    return [(after - before) / MS for before, after in itertools.pairwise(sent_ns)]


# ---- when packets leave


def test_packets_leave_every_20_ms_once_both_threads_had_time_to_start(
    datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "time", Clock())
    stream = stream_on(datagrams)
    stream._send_all()
    assert stream.sent_ns == [START_NS + (20 + 20 * number) * MS for number in range(10)]
    assert (stream.late_ns, stream.stalls, stream.unsent) == ([0] * 10, 0, [])
    # what came back and what was dropped is none of the sender's
    assert (stream.refused, stream.strays, stream.overflowed) == (0, 0, 0)
    packets = taken(datagrams)
    assert [len(packet) for packet in packets] == [172] * 10 + [stamp.BASE_BYTES] * 3
    read = [stamp.decode_sender(packet) for packet in packets]
    assert [packet.sequence for packet in read] == list(range(13))
    assert {packet.session for packet in read} == {5}
    # each carries its own moment
    assert len({packet.sent for packet in read[:10]}) == 10


@pytest.mark.parametrize(("late_ns", "sleeps"), [(20 * MS - 1, 10), (20 * MS, 9)])
def test_what_is_due_leaves_without_a_pause(
    late_ns: int, sleeps: int, datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sleeps for no time at all still lets every other program go first."""
    clock = Clock(oversleeps_ns={3: late_ns})
    monkeypatch.setattr(sender, "time", clock)
    stream_on(datagrams)._send_all()
    assert clock.slept == sleeps


def test_packets_carry_the_time_of_day(datagrams: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this computer, as RFC 8762 has it: the other side's clock is held against it."""
    monkeypatch.setattr(sender, "time", Clock())
    stream = stream_on(datagrams, packets=2)
    stream.offset_ns = 1_760_000_000 * 10**9
    stream._send_all()
    sent = [stamp.decode_sender(packet).sent for packet in taken(datagrams)]
    moments_ns = [stream.offset_ns + START_NS + after_ms * MS for after_ms in (20, 40)]
    assert sent[:2] == [stamp.ntp_from_unix_ns(moment_ns) for moment_ns in moments_ns]


@pytest.mark.parametrize(
    ("late_ms", "stalls", "gap_ms"),
    [
        # late, and the next ones at their own deadlines
        (15.0, 0, 5.0),
        # so late that the next ones are due already: they follow at once, as a queue lets them
        (100.0, 0, 0.0),
        # a tenth of a second: the computer stood still, and the schedule moves
        (100.001, 1, 20.0),
        (5000.0, 1, 20.0),
    ],
)
def test_a_late_packet_moves_the_others_only_where_the_computer_stood_still(
    late_ms: float, stalls: int, gap_ms: float, datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "time", Clock(oversleeps_ns={3: round(late_ms * MS)}))
    stream = stream_on(datagrams)
    stream._send_all()
    gaps = gaps_ms(stream.sent_ns)
    assert gaps[:2] == [20.0, 20.0]
    assert gaps[2] == pytest.approx(20 + late_ms)
    assert gaps[3] == pytest.approx(gap_ms)
    assert gaps[-1] == pytest.approx(20.0)
    assert stream.stalls == stalls
    assert stream.late_ns[3] == round(late_ms * MS)
    assert len(stream.sent_ns) == 10


def test_it_sends_on_where_it_is_lengthened_and_no_more_where_it_is_stopped(
    datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "time", Clock())
    stream = stream_on(datagrams, packets=4)

    def lengthen(number: int) -> OSError | None:
        if number == 2:
            stream.packets = 6
        if number == 4:
            stream._stop.set()
        return None

    datagrams.refuses = lengthen  # type: ignore[method-assign]
    stream._send_all()
    assert len(stream.sent_ns) == 5
    assert len(taken(datagrams)) == 5  # nor any closer


def test_through_a_turn_server_nobody_counts_and_no_closers_are_sent(
    datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "time", Clock())
    stream = stream_on(datagrams, packets=2, head=b"\x40\x00\x00\x00")
    stream._send_all()
    assert [packet[:4] for packet in taken(datagrams)] == [b"\x40\x00\x00\xac"] * 2


def test_a_report_on_an_earlier_packet_costs_no_packet_and_a_refusal_does(
    datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third packet is turned back once; the fifth and the sixth are, twice each."""
    monkeypatch.setattr(sender, "time", Clock())
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "report")
    full = OSError(errno.ENETUNREACH, "no way")
    errors = {2: refused, 5: full, 6: full, 7: refused, 8: refused}
    datagrams.refuses = errors.get  # type: ignore[method-assign]
    stream = stream_on(datagrams, packets=6)
    stream._send_all()
    assert stream.unsent == [4, 5]
    assert stream.refused == 3
    assert len(stream.sent_ns) == 6
    assert stream.send_failure is not None
    assert stream.send_failure.code is FailureCode.NETWORK_UNREACHABLE


# ---- what comes back


def answer(sequence: int, sent: int, *, session: int = 5) -> bytes:
    return stamp.encode_reflector(
        stamp.ReflectorPacket(
            sequence=sequence + 1,
            sent=2,
            received=1,
            sender_sequence=sequence,
            sender_sent=sent,
            sender_error_estimate=1,
            session=session,
        )
    )


def arrived(stream: MediaStream, datagram: bytes, *, after_ms: float, waited_ms: float) -> None:
    read_ns = stream.sent_ns[-1] + round((after_ms + waited_ms) * MS)
    waited_ns = round(waited_ms * MS)
    stream._take_in(Arrival(datagram, ("127.0.0.1", 9), read_ns, waited_ns, 64))


def test_answers_are_told_from_strays_and_from_those_to_closers(
    datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "time", Clock())
    stream = stream_on(datagrams, packets=3)
    stream._send_all()
    stamps, closers = stream._stamps, stream._closing_stamps
    assert len(closers) == 3
    for datagram in (
        answer(0, stamps[0]),
        answer(1, stamps[1], session=0),  # a reflector older than RFC 8972
        answer(2, stamps[1]),  # another packet's time
        answer(2, stamps[2], session=6),  # somebody else's
        answer(3, closers[0]),
        answer(5, closers[2]),
        answer(6, closers[2]),  # a number that was never sent
        b"junk",
    ):
        arrived(stream, datagram, after_ms=30, waited_ms=2)
    assert [each.sequence for each in stream.answers] == [0, 1]
    assert [each.sequence for each in stream.closing] == [3, 5]
    assert [each.reflector_sequence for each in stream.answers] == [1, 2]
    assert stream.strays == 4
    assert stream.waited_ns == [2 * MS] * 2
    assert stream.answers[0].arrived_ns == stream.sent_ns[-1] + 30 * MS


@pytest.mark.parametrize(
    ("after_ms", "believed"),
    [(0.0, True), (-0.001, False), (-500.0, False)],
    ids=["at once", "just before", "long before"],
)
def test_a_packet_that_came_before_it_left_came_when_it_was_read(
    after_ms: float, believed: bool, datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The computer's clock was set meanwhile; the kernel stamps by it."""
    monkeypatch.setattr(sender, "time", Clock())
    stream = stream_on(datagrams, packets=1)
    stream._send_all()
    arrived(stream, answer(0, stream._stamps[0]), after_ms=after_ms, waited_ms=600)
    [told] = stream.answers
    after = after_ms if believed else after_ms + 600
    assert told.arrived_ns == stream.sent_ns[0] + round(after * MS)
    assert stream.waited_ns == ([600 * MS] if believed else [])


class Receiving(socket.socket):
    """A socket that has these in store: datagrams, or what the system says instead of one."""

    def __init__(self) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_DGRAM)
        self.store: list[bytes | OSError] = []
        self.over: Callable[[], None] = lambda: None

    def recvmsg(self, *_room: int) -> tuple[bytes, list[object], int, tuple[str, int]]:  # type: ignore[override]
        if not self.store:
            self.over()
            raise TimeoutError
        told = self.store.pop(0)
        if isinstance(told, OSError):
            raise told
        return told, [], 0, ("127.0.0.1", 9)


@pytest.mark.skipif(not hasattr(socket.socket, "recvmsg"), reason="reads by another call")
def test_whoever_takes_in_answers_survives_what_the_system_says(
    datagrams: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports of the way are counted; an interface that is gone is waited for, not asked again."""
    clock = Clock()
    monkeypatch.setattr(sender, "time", clock)
    stream = stream_on(datagrams, packets=1)
    stream._send_all()
    slept = clock.slept
    with Receiving() as back:
        back.store = [
            TimeoutError(),
            ConnectionRefusedError(),
            ConnectionResetError(),
            OSError(errno.ENETDOWN, "down"),
            b"junk",
            answer(0, stream._stamps[0]),
        ]
        back.over = stream._stop.set
        stream._lane = ReflectorFlow(out=datagrams, back=back, session=5)
        stream._receive_all()
    assert (stream.refused, stream.strays, len(stream.answers)) == (2, 1, 1)
    assert clock.slept == slept + 1


# ---- several calls at once


def load_on(
    stack: ExitStack, *, calls: int, duration_s: float, lanes: int = 2
) -> tuple[CallLoad, list[Sending]]:
    sockets = [opened(stack) for _lane in range(lanes)]
    flows = [ReflectorFlow(out=each, back=each, session=5) for each in sockets]
    return CallLoad(flows, calls=calls, duration_s=duration_s), sockets


def test_calls_are_spread_over_20_ms_and_over_the_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of several people, who did not begin at the same moment."""
    monkeypatch.setattr(call_load, "time", Clock())
    with ExitStack() as stack:
        load, _sockets = load_on(stack, calls=21, duration_s=0.1)
        load._send_all()
    assert [len(each) for each in load.sent_ns] == [55, 50]
    first = START_NS + 2 * MS
    moments = sorted(moment for lane in load.sent_ns for moment in lane)
    # the first and the last of 21 share a millisecond
    assert moments[:21] == [first, *(first + slot * MS for slot in range(20))]
    assert moments[21] == first + 20 * MS
    assert load.late_ns == [0] * 105
    figures = load.figures()
    assert (figures.sent, figures.duration_s, figures.stalls) == (105, 0.1, 0)
    assert figures.sent_kbit_s == pytest.approx(2100)


@pytest.mark.parametrize(("late_ms", "stalls", "gap_ms"), [(20.0, 0, 0.0), (20.001, 1, 20.0)])
def test_calls_catch_up_unless_the_computer_stood_still_for_a_packets_time(
    late_ms: float, stalls: int, gap_ms: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_load, "time", Clock(oversleeps_ns={2: round(late_ms * MS)}))
    with ExitStack() as stack:
        load, _sockets = load_on(stack, calls=1, duration_s=0.2)
        load._send_all()
    gaps = gaps_ms(load.sent_ns[0])
    assert gaps[1] == pytest.approx(20 + late_ms)
    assert gaps[2] == pytest.approx(gap_ms)
    assert load.figures().stalls == stalls
    assert len(load.sent_ns[0]) == 10


@pytest.mark.parametrize("stop", [CallLoad.stop_sending, lambda load: load._stop.set()])
def test_calls_end_where_enough_is_known(
    stop: Callable[[CallLoad], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_load, "time", Clock())
    with ExitStack() as stack:
        load, [lane] = load_on(stack, calls=1, duration_s=10.0, lanes=1)

        def enough(number: int) -> None:
            if number == 9:
                stop(load)

        lane.refuses = enough  # type: ignore[method-assign]
        load._send_all()
    assert (load.figures().sent, load.figures().duration_s) == (10, 0.2)
    assert load.missing() == 10


@pytest.mark.parametrize(("duration_s", "packets"), [(0.001, 1), (0.029, 1), (0.031, 2)])
def test_even_the_shortest_step_is_a_packet(
    duration_s: float, packets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_load, "time", Clock())
    with ExitStack() as stack:
        load, _lanes = load_on(stack, calls=1, duration_s=duration_s)
        load._send_all()
    assert load.figures().sent == packets


# ---- public beacons


@pytest.fixture
def beacon_stream() -> Iterator[tuple[BeaconStream, list[Sending]]]:
    with ExitStack() as stack:
        paths = tuple(
            BeaconPath(
                target=f"{place}",
                endpoint=HERE,
                greeting_ms=1.0,
                sockets=tuple(opened(stack) for _each in range(SOCKETS // LOCATIONS)),
            )
            for place in range(LOCATIONS)
        )
        stream = BeaconStream(paths, slots=50)
        yield stream, [each for each in stream.flows if isinstance(each, Sending)]


Beacons = tuple[BeaconStream, list[Sending]]


def test_beacons_are_asked_in_turn_every_20_ms(
    beacon_stream: Beacons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beacons, "time", Clock())
    stream, sockets = beacon_stream
    stream._send_all()
    assert stream.sent_ns == [START_NS + (20 + 20 * number) * MS for number in range(50)]
    assert stream.flow_of == [number % 24 for number in range(50)]
    assert stream.place_of == (0, 1, 2) * 8
    assert (stream.late_ns, stream.dropped_slots, stream.stalls) == ([0] * 50, 0, 0)
    assert (stream.refused, stream.strays, stream.overflowed) == (0, 0, 0)
    sent = [taken(each) for each in sockets]
    assert [len(each) for each in sent] == [3, 3] + [2] * 22
    assert {len(packet) for each in sent for packet in each} == {250}
    assert len({packet for each in sent for packet in each}) == 50
    # 2.1 a second and socket: below the 3 that a beacon answers
    assert 1000 / 20 / SOCKETS < 3


@pytest.mark.parametrize(
    ("late_ms", "dropped", "stalls"),
    [(60.0, 0, 0), (60.001, 1, 1), (80.0, 1, 1), (101.0, 3, 1)],
)
def test_a_slot_that_is_too_late_is_dropped_and_a_row_of_them_is_one_stall(
    late_ms: float, dropped: int, stalls: int, beacon_stream: Beacons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Sent in a burst they would run into the limit of a socket, and read as the line's loss."""
    monkeypatch.setattr(beacons, "time", Clock(oversleeps_ns={3: round(late_ms * MS)}))
    stream, _sockets = beacon_stream
    stream._send_all()
    assert (stream.dropped_slots, stream.stalls) == (dropped, stalls)
    assert len(stream.sent_ns) == 50 - dropped
    assert max(stream.late_ns) <= 60 * MS
    assert stream.sent_ns[-1] == START_NS + 50 * 20 * MS


def test_a_slot_that_is_due_is_not_waited_for(
    beacon_stream: Beacons, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(oversleeps_ns={3: 20 * MS, 20: 20 * MS - 1})
    monkeypatch.setattr(beacons, "time", clock)
    beacon_stream[0]._send_all()
    assert clock.slept == 49


def test_two_stalls_are_two(beacon_stream: Beacons, monkeypatch: pytest.MonkeyPatch) -> None:
    late = {3: 65 * MS, 20: 65 * MS}
    monkeypatch.setattr(beacons, "time", Clock(oversleeps_ns=late))
    stream, _sockets = beacon_stream
    stream._send_all()
    assert (stream.dropped_slots, stream.stalls) == (2, 2)


def test_a_beacons_refusal_costs_one_packet_and_a_report_none(
    beacon_stream: Beacons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beacons, "time", Clock())
    stream, sockets = beacon_stream
    reports = {0: ConnectionRefusedError(errno.ECONNREFUSED, "report")}
    sockets[1].refuses = reports.get  # type: ignore[method-assign]
    gone = OSError(errno.ENETUNREACH, "no way")
    sockets[2].refuses = lambda number: gone if number < 2 else None  # type: ignore[method-assign]
    stream._send_all()
    assert (stream.unsent, stream.refused) == ([2, 26], 1)
    assert stream.send_failure is not None
    assert stream.send_failure.code is FailureCode.NETWORK_UNREACHABLE


def test_only_the_same_bytes_on_the_same_socket_are_an_answer(
    beacon_stream: Beacons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sockets are connected to themselves: what leaves is what comes."""
    monkeypatch.setattr(beacons, "time", Clock())
    stream, sockets = beacon_stream
    stream.slots = 24
    stream._send_all()
    packets = [taken(each)[0] for each in sockets]
    number_at = slice(10, 14)
    later = bytearray(packets[3])
    later[number_at] = (24).to_bytes(4, "big")
    other = bytearray(packets[4])
    other[-1] = 1
    for flow, datagram in (
        (0, packets[0]),
        (0, packets[0]),  # twice
        (1, packets[2]),  # on another's socket
        (3, bytes(later)),  # a number that was not sent yet
        (4, bytes(other)),  # not what was sent
        (5, packets[5] + b"\x00"),
        (5, packets[5][:-1]),
        (6, bytes(8) + packets[6][8:]),  # an earlier run's
    ):
        Sending.send(sockets[flow], datagram)
        stream._read(sockets[flow], flow)
    stream._read(sockets[7], 7)  # nothing is there
    assert [reply.number for reply in stream.replies] == [0, 0]
    assert (stream.strays, stream.refused) == (6, 0)


@pytest.mark.parametrize(("after_ms", "believed"), [(0.0, True), (-0.001, False)])
def test_a_beacons_answer_before_its_question_came_when_it_was_read(
    after_ms: float, believed: bool, beacon_stream: Beacons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beacons, "time", Clock())
    stream, sockets = beacon_stream
    stream.slots = 1
    stream._send_all()
    [packet] = taken(sockets[0])
    read_ns = stream.sent_ns[0] + round((after_ms + 600) * MS)
    come = Arrival(packet, ("127.0.0.1", 9), read_ns, 600 * MS, 64)
    monkeypatch.setattr(beacons, "receive", lambda _socket: come)
    stream._read(sockets[0], 0)
    [reply] = stream.replies
    assert reply.arrived_ns == (read_ns - 600 * MS if believed else read_ns)
    assert stream.waited_ns == ([600 * MS] if believed else [])


# ---- the two threads


class Hanging(StreamThreads):
    """Sends until it is stopped, and receives for as long as it likes."""

    def __init__(self) -> None:
        super().__init__("hanging")
        self.daemons: list[bool] = []
        self.freed = threading.Event()
        self.ended = False

    def _send_all(self) -> None:
        self.daemons.append(threading.current_thread().daemon)
        self._stop.wait()

    def _receive_all(self) -> None:
        self.daemons.append(threading.current_thread().daemon)
        self.freed.wait()

    def _ended(self) -> None:
        self.ended = True


def test_a_thread_that_hangs_is_left_behind_and_keeps_no_program_from_ending() -> None:
    stream = Hanging()
    with stream:
        assert stream.sending
    try:
        assert stream.ended
        assert not stream.sending
        assert stream._receiver.is_alive()
        assert stream.daemons == [True, True]
    finally:
        stream.freed.set()
        stream._receiver.join()
    # a receiver looks up several times before it is given up, and nobody waits for long
    assert 5 * RECEIVE_WAIT_S <= JOIN_S <= 1
