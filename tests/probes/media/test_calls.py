"""The ramp of calls against the real reflector, on lines of known capacity."""

import asyncio
import dataclasses
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import SimpleNamespace

import msgspec
import pytest
from servers.udp_lab import (
    LOST,
    PASSED,
    Fate,
    Relay,
    Told,
    closed_port,
    every,
    make_context,
    passed,
    reflecting,
    run,
    silent_port,
)

from natwizard.model.outcome import Attempt, FailureCode
from natwizard.model.profile import Answers, Targets
from natwizard.probes.failures import CannotGather
from natwizard.probes.media import arrival
from natwizard.probes.media import calls as calls_module
from natwizard.probes.media.call_load import CallLoad, StepFigures
from natwizard.probes.media.calls import (
    CallsEvidence,
    CarriedLimits,
    calls_in,
    is_carried,
    is_crowded,
    is_spoilt,
    make_calls_probe,
    next_calls,
)
from natwizard.probes.media.path import (
    COUNTED_BYTES,
    MediaPath,
    PathAttempts,
    ReflectorFlow,
    ReflectorGreeting,
)
from natwizard.probes.media.stream import MEDIA, MediaEvidence, make_media_probe
from natwizard.probes.network import Endpoint

PROBE = make_calls_probe(step_s=0.8)


@dataclass
class Line:
    """A line that takes so many packets a second, with or without a deep queue before it."""

    packets_per_s: float
    burst: float = 12
    queue_s: float = 0.0
    free_s: float = 0.0

    def __call__(self, _number: int) -> Fate:
        now = time.monotonic()
        self.free_s = max(self.free_s, now - self.burst / self.packets_per_s)
        waits_s = max(0.0, self.free_s - now)
        if waits_s > self.queue_s:
            return LOST
        self.free_s += 1 / self.packets_per_s
        return (waits_s,) if waits_s else PASSED


def ramp(
    calls: int, line: Callable[[int], Fate] | None = None, *, step_s: float = 0.8
) -> CallsEvidence:
    probe = make_calls_probe(step_s=step_s)

    async def scene() -> CallsEvidence:
        async with reflecting() as (_reflector, ports):
            server = ("127.0.0.1", ports[0])
            answers = Answers(concurrent_calls=calls)
            if line is None:
                target = f"127.0.0.1:{ports[0]}"
                return await probe.gather(make_context(Targets(media=target), answers=answers))
            with Relay(servers={("127.0.0.3", 0): server}, onward=line).running() as relay:
                target = relay.addresses()[0]
                return await probe.gather(make_context(Targets(media=target), answers=answers))

    for _try in range(3):  # this machine stalls now and then, and a run that it spoilt says so
        evidence = run(scene())
        if not evidence.limited_by_computer:
            break
    return evidence


@pytest.mark.quiet
@pytest.mark.parametrize(("calls", "tried"), [(1, [1, 2]), (2, [2, 4]), (6, [3, 6, 12])])
def test_a_line_with_room_is_tried_up_to_twice_what_was_asked(calls: int, tried: list[int]) -> None:
    evidence = ramp(calls)
    assert (evidence.asked, evidence.carried) == (calls, 2 * calls)
    assert [step.calls for step in evidence.steps] == tried
    assert all(step.sent == step.calls * 40 for step in evidence.steps)
    assert evidence.idle is not None
    assert evidence.idle.calls == 1
    assert not evidence.limited_by_computer


@pytest.mark.quiet
def test_never_more_than_twice_the_calls_asked_for_reach_the_reflector() -> None:
    """Counted at the far end: nothing is sent but what the evidence tells."""

    async def scene() -> tuple[CallsEvidence, int]:
        async with reflecting() as (reflector, ports):
            answers = Answers(concurrent_calls=5)
            targets = Targets(media=f"127.0.0.1:{ports[0]}")
            evidence = await PROBE.gather(make_context(targets, answers=answers))
            return evidence, reflector.counters().received

    evidence, received = run(scene())
    assert evidence.idle is not None
    told = evidence.idle.sent + sum(step.sent for step in evidence.steps)
    greeting = 1
    # a packet that a stalled machine's own buffers drop may be missing, none may be too many
    assert 0.9 * told <= received <= greeting + told
    for step in evidence.steps:
        assert step.calls <= 2 * evidence.asked
        assert step.sent <= 50 * 2 * evidence.asked * 0.8
        assert step.duration_s <= 0.8


STREAM_S = 2.0


def after_a_stream(
    calls: int, line: Callable[[int], Fate] | None = None, *, as_counted: bool = True
) -> tuple[CallsEvidence, int]:
    """The ramp behind a stream of voice packets in the same run, and the packets it sent itself."""
    stream = make_media_probe(STREAM_S, STREAM_S, as_counted=as_counted)

    async def scene() -> tuple[CallsEvidence, int]:
        async with reflecting() as (reflector, ports):
            server = ("127.0.0.1", ports[0])
            with Relay(servers={("127.0.0.3", 0): server}, onward=line or passed).running() as way:
                targets = Targets(media=way.addresses()[0])
                answers = Answers(concurrent_calls=calls)
                context = make_context(targets, answers=answers)
                media = await stream.gather(context)
                before = reflector.counters().received

                def gathered(probe: str) -> object | None:
                    return media if probe == MEDIA.name else None

                evidence = await PROBE.gather(dataclasses.replace(context, gathered=gathered))
                return evidence, reflector.counters().received - before

    for _try in range(3):
        evidence, received = run(scene())
        spoilt = line is None and evidence.stream is None  # the only reason on a line with room
        if not spoilt and not evidence.limited_by_computer:
            return evidence, received
    pytest.skip("this machine is too busy to send packets in time")


def test_who_calls_alone_needs_no_call_but_that_of_the_stream() -> None:
    evidence, received = after_a_stream(1)
    assert (evidence.carried, evidence.steps, evidence.idle) == (1, (), None)
    assert received == 0
    assert evidence.stream is not None
    assert (evidence.stream.calls, evidence.stream.sent) == (1, STREAM_S * 50)
    assert evidence.stream.sent_kbit_s == pytest.approx(100, rel=0.02)
    assert evidence.arrived_kbit_s == pytest.approx(100, rel=0.05)
    assert not evidence.line_full
    assert not evidence.lossy


WHOLE = StepFigures(
    calls=1, duration_s=10.0, sent=500, received=500, late=0, round_trip_ms=20.0, p95_ms=24.0,
    send_late_p95_ms=0.2, sent_kbit_s=100.0, arrived_kbit_s=100.0, waiting_ms=3.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "carried"),
    [
        ({}, 1),
        ({"send_late_p95_ms": 15.0, "stalls": 2}, 1),  # uneven, and yet all of a call
        ({"received": 497}, 1),
        ({"sent_kbit_s": 90.0, "stalls": 12}, 0),  # this computer sent less than a call is
        ({"received": 480}, 0),
        ({"late": 20}, 0),
        ({"waiting_ms": 75.0}, 0),
        ({"received": 0, "round_trip_ms": None, "waiting_ms": None}, 0),
    ],
)
def test_only_a_whole_stream_stands_for_a_call(changed: dict[str, float], carried: int) -> None:
    """There is nobody to ask: what is not known by the stream stays unknown."""
    media = MediaEvidence(
        path=PathAttempts(target="reflector", lookup=Attempt(
            operation="look_up", target="reflector", started_s=0, duration_s=0, value=(),
        )),
        call=msgspec.structs.replace(WHOLE, **changed),
    )  # fmt: skip
    context = dataclasses.replace(
        make_context(Targets(media=f"127.0.0.1:{closed_port()}")), gathered=lambda _probe: media
    )
    evidence = run(PROBE.gather(context))
    assert evidence.carried == carried
    assert (evidence.stream is not None) == bool(carried)


def test_for_more_calls_the_ramp_goes_on_from_the_one_of_the_stream() -> None:
    evidence, _received = after_a_stream(3)
    assert evidence.stream is not None
    assert evidence.idle is None
    assert evidence.unloaded == evidence.stream
    assert [step.calls for step in evidence.steps] == [2, 3, 6]
    assert evidence.carried == 6
    # packets of the stream are counted with the stream's own, and not twice
    assert evidence.uncrowded == evidence.steps


@pytest.mark.parametrize(
    "line",
    [
        Line(packets_per_s=40, queue_s=0.4),
        Line(packets_per_s=40),
        every(20, LOST),
    ],
    ids=["a line that fills up", "a line that drops what is too much", "a lossy line"],
)
def test_a_stream_that_did_not_come_through_whole_stands_for_nothing(
    line: Callable[[int], Fate],
) -> None:
    evidence, received = after_a_stream(1, line)
    assert evidence.stream is None
    assert evidence.idle is not None
    assert evidence.steps
    assert received > 0


def test_smaller_packets_than_a_call_is_counted_with_stand_for_nothing() -> None:
    evidence, _received = after_a_stream(1, passed, as_counted=False)
    assert evidence.stream is None
    assert [step.calls for step in evidence.steps] == [1, 2]


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("head", [b"", b"\x40\x00\x00\xac"])
def test_a_packet_is_as_large_as_a_call_is_counted_with(
    family: socket.AddressFamily, head: bytes
) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        flow = ReflectorFlow(out=datagrams, back=datagrams, session=1, head=head)
        headers = {socket.AF_INET: 28, socket.AF_INET6: 48}[family]
        assert flow.payload_of(COUNTED_BYTES) + len(head) + headers == COUNTED_BYTES
    assert COUNTED_BYTES * 8 * 50 == 100_000


@pytest.mark.quiet
def test_a_stall_of_this_computer_is_no_burst_on_the_line() -> None:
    """The schedule moves: else the calls of the pause would all leave at once."""

    class Slow(socket.socket):
        sent_at_s: list[float] = []  # noqa: RUF012 - read after the run

        def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
            if len(self.sent_at_s) == 40:
                time.sleep(0.15)
            self.sent_at_s.append(time.perf_counter())
            return super().send(data, flags)

    with (
        Slow(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        silent_port() as port,
    ):
        datagrams.setblocking(False)
        datagrams.connect(("127.0.0.1", port))
        flow = ReflectorFlow(out=datagrams, back=datagrams, session=1)
        with CallLoad([flow], calls=4, duration_s=0.5) as load:
            while load.sending:
                time.sleep(0.02)
        figures = load.figures()
    assert figures.stalls >= 1
    # 0.15 s are 30 packets of four calls; a machine that is busy itself may hold back a few
    burst = [at_s for at_s in Slow.sent_at_s[41:] if at_s - Slow.sent_at_s[40] < 0.012]
    assert len(burst) < 15


@pytest.mark.quiet
@pytest.mark.parametrize("step_ns", [10**9 // 2, -(10**9) // 2])
def test_a_clock_that_is_set_during_the_calls_makes_nothing_late(
    step_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, asked = arrival.both_clocks_ns, [0]

    def stepped() -> tuple[int, int]:
        asked[0] += 1
        unix_ns, perf_ns = honest()
        return unix_ns + (step_ns if asked[0] > 40 else 0), perf_ns

    monkeypatch.setattr(arrival, "both_clocks_ns", stepped)
    evidence = ramp(1)
    assert evidence.idle is not None
    for step in (evidence.idle, *evidence.steps):
        assert step.late == 0
        assert step.round_trip_ms is not None
        assert step.round_trip_ms >= 0


def test_answers_that_this_computer_dropped_are_not_the_lines_doing() -> None:
    step = StepFigures(
        calls=100, duration_s=2.0, sent=10_000, received=9_000, late=0, round_trip_ms=20.0,
        p95_ms=21.0, send_late_p95_ms=0.1, overflowed=1_000,
    )  # fmt: skip
    assert not is_carried(step, CarriedLimits())
    assert is_spoilt(step, CarriedLimits())
    assert not is_spoilt(msgspec.structs.replace(step, overflowed=0), CarriedLimits())


@pytest.mark.quiet
def test_the_largest_number_that_fits_is_found_between_the_steps() -> None:
    evidence = ramp(4, Line(packets_per_s=165, burst=20), step_s=1.2)
    assert [step.calls for step in evidence.steps] == [2, 4, 3]
    assert evidence.carried == 3


@pytest.mark.quiet
def test_a_queue_that_only_delays_is_found_too() -> None:
    evidence = ramp(4, Line(packets_per_s=110, queue_s=2.0))
    assert evidence.carried < 4
    failed = next(step for step in evidence.steps if step.calls == 4)
    assert failed.late > 0


@pytest.mark.quiet
def test_the_round_trip_grows_while_the_line_is_busy() -> None:
    last = [0.0]

    def busy_line(_number: int) -> Fate:
        """Slow for packets that come close after another, as those of one call alone never do."""
        now = time.monotonic()
        close, last[0] = now - last[0] < 0.012, now
        return (0.03,) if close else PASSED

    evidence = ramp(4, busy_line)
    busy = evidence.heaviest
    assert evidence.idle is not None
    assert busy is not None
    assert evidence.idle.round_trip_ms is not None
    assert busy.round_trip_ms is not None
    assert busy.calls == max(step.calls for step in evidence.steps)
    assert busy.round_trip_ms - evidence.idle.round_trip_ms > 20


@pytest.mark.quiet
def test_a_line_for_nothing_carries_nothing_and_is_soon_left_alone() -> None:
    evidence = ramp(2, Line(packets_per_s=10, burst=2), step_s=4.0)
    assert evidence.carried == 0
    assert evidence.steps[0].duration_s < 2


@pytest.mark.parametrize(
    ("carried", "too_many", "asked", "tried_next"),
    [
        (0, None, 1, 1),
        (1, None, 1, 2),
        (0, None, 10, 5),
        (5, None, 10, 10),
        (10, None, 10, 20),
        (20, None, 10, 20),
        (10, 20, 10, 15),
        (15, 16, 10, 15),
        (100, 112, 100, 100),
        (80, 100, 100, 90),
        (89, 90, 100, 89),
        (0, 1, 1, 0),
        # below what is asked for, and for few calls above it, each one counts
        (3, 5, 10, 4),
        (10, 12, 10, 11),
        # above many, an eighth of them is near enough
        (100, 113, 100, 106),
        (0, None, 2, 2),
        (0, None, 3, 2),
        (150, None, 150, 200),
        (200, None, 200, 200),
    ],
)
def test_the_next_number_is_never_above_twice_what_was_asked(
    carried: int, too_many: int | None, asked: int, tried_next: int
) -> None:
    assert next_calls(carried, too_many, asked) == tried_next


@pytest.mark.quiet
def test_no_calls_asked_for_counts_as_one() -> None:
    assert ramp(0).asked == 1


@pytest.mark.parametrize(
    ("spoilt", "late", "sent", "carried"),
    [(0, 0, 125, True), (1, 0, 125, True), (5, 0, 125, False), (0, 5, 125, False)],
)
def test_a_number_of_calls_is_carried_unless_too_much_loss_is_proven(
    spoilt: int, late: int, sent: int, carried: bool
) -> None:
    step = StepFigures(
        calls=1,
        duration_s=2.5,
        sent=sent,
        received=sent - spoilt,
        late=late,
        round_trip_ms=20.0,
        p95_ms=21.0,
        send_late_p95_ms=0.1,
    )
    assert is_carried(step, CarriedLimits()) is carried


@pytest.mark.quiet
def test_without_a_target_the_setting_is_named() -> None:
    with pytest.raises(CannotGather) as missed:
        run(PROBE.gather(make_context(Targets())))
    assert missed.value.failure.detail == "targets.media"


@pytest.mark.quiet
def test_a_reflector_that_is_not_there_gets_no_calls() -> None:
    context = make_context(Targets(media=f"127.0.0.1:{closed_port()}"))
    evidence = run(PROBE.gather(context))
    assert evidence.steps == ()
    greeting = evidence.path.greetings[0]
    assert greeting.failure is not None
    assert greeting.failure.code is FailureCode.CONNECTION_REFUSED


@pytest.mark.quiet
def test_progress_moves_on_and_evidence_survives_the_report() -> None:
    async def scene() -> tuple[CallsEvidence, Told]:
        told = Told()
        async with reflecting() as (_reflector, ports):
            targets = Targets(media=f"127.0.0.1:{ports[0]}")
            answers = Answers(concurrent_calls=3)
            context = make_context(targets, answers=answers, told=told)
            return await PROBE.gather(context), told

    evidence, told = run(scene())
    assert told.fractions == sorted(told.fractions)
    assert msgspec.json.decode(msgspec.json.encode(evidence), type=CallsEvidence) == evidence


@pytest.mark.quiet
def test_it_stops_at_once_and_leaves_no_thread_behind() -> None:
    async def scene() -> float:
        async with reflecting() as (_reflector, ports):
            targets = Targets(media=f"127.0.0.1:{ports[0]}")
            context = make_context(targets, answers=Answers(concurrent_calls=5))
            async with asyncio.TaskGroup() as group:
                task = group.create_task(PROBE.gather(context))
                await asyncio.sleep(0.4)
                started = time.perf_counter()
                task.cancel()
            return time.perf_counter() - started

    assert run(scene()) < 1
    assert not [thread.name for thread in threading.enumerate() if "calls" in thread.name]


# ---- the search for the number, on lines whose steps are given


def step(calls: int = 1, **changed: object) -> StepFigures:
    """Two seconds of so many calls that all came back in time."""
    sent = 100 * calls
    whole = StepFigures(
        calls=calls, duration_s=2.0, sent=sent, received=sent, late=0, round_trip_ms=20.0,
        p95_ms=24.0, send_late_p95_ms=0.2, sent_kbit_s=100.0 * calls,
        arrived_kbit_s=100.0 * calls, waiting_ms=3.0,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changed)


LIMITS = CarriedLimits()


@pytest.mark.parametrize(
    ("rate_kbit_s", "calls"),
    [
        (None, None),
        (0.0, 0),
        # a twentieth of a call may be missing, and half a percent of them all
        (94.4, 0),
        (94.6, 1),
        (995.0, 10),
        (990.1, 10),
        (989.9, 9),
        # of many calls no more than 0.15 of one
        (4984.0, 49),
        (4986.0, 50),
        (20_000.0, 200),
    ],
)
def test_a_rate_has_room_for_calls_that_are_counted_by_whole_packets(
    rate_kbit_s: float | None, calls: int | None
) -> None:
    assert calls_in(rate_kbit_s) == calls


@pytest.mark.parametrize(
    ("changed", "spoilt"),
    [
        ({"send_late_p95_ms": 5.0}, False),
        ({"send_late_p95_ms": 5.1}, True),
        ({"sent": 10_000, "overflowed": 10}, False),
        ({"sent": 10_000, "overflowed": 11}, True),
    ],
)
def test_a_step_is_this_computers_doing_from_its_limits_on(
    changed: dict[str, float], spoilt: bool
) -> None:
    assert is_spoilt(step(100, **changed), LIMITS) is spoilt


@pytest.mark.parametrize(
    ("changed", "smaller", "crowded"),
    [
        ({}, (), False),
        # no loss that matters, however long the queue: carried all the same
        ({"waiting_ms": 80.0}, (), False),
        ({"received": 900, "waiting_ms": 60.0}, (step(5, received=450),), False),
        ({"received": 900, "waiting_ms": 60.1}, (step(5, received=450),), True),
        ({"received": 900, "waiting_ms": None}, (step(5, received=450),), True),
        # a line that loses as much of a smaller step loses at any load
        ({"received": 900}, (step(5, received=440),), False),
        ({"received": 900}, (step(5),), True),
        ({"received": 900}, (step(2), step(3)), True),
        # what is late is as good as lost
        ({"late": 100}, (step(5, received=440),), False),
        ({"late": 100}, (step(5),), True),
        # and one that loses a fifth for sure carries nothing
        ({"received": 780}, (step(5, received=380),), False),
        ({"received": 750}, (step(5, received=370),), True),
        # nobody knows a smaller one
        ({"received": 900}, (), False),
    ],
)
def test_a_step_is_more_than_the_line_carries_where_smaller_ones_lost_less(
    changed: dict[str, float], smaller: tuple[StepFigures, ...], crowded: bool
) -> None:
    assert is_crowded(step(10, **changed), smaller, LIMITS) is crowded


LOOKED: Attempt[tuple[Endpoint, ...]] = Attempt(
    operation="look_up", target="reflector", started_s=0, duration_s=0, value=()
)


def evidence(**changed: object) -> CallsEvidence:
    return CallsEvidence(path=PathAttempts(target="t", lookup=LOOKED), asked=4, **changed)


def test_what_a_ramp_tells_of_a_line_with_room_and_of_one_without() -> None:
    stream, idle, two, four, eight = step(1, duration_s=10.0), step(1), step(2), step(4), step(8)
    longer = step(1, duration_s=10.0, sent=500, received=400)
    assert (evidence().tried, evidence().uncrowded, evidence().heaviest) == ((), (), None)
    assert evidence().unloaded is None
    assert not evidence().lossy
    room = evidence(stream=stream, steps=(two, four, eight), carried=8)
    assert room.tried == (stream, two, four, eight)
    assert room.unloaded is stream
    assert room.uncrowded == (two, four, eight)
    assert room.heaviest is eight
    # the first that was more than the line carries has filled it
    full = evidence(idle=idle, steps=(two, eight, four), carried=2, line_full=True)
    assert full.tried == (two, eight, four)
    assert full.unloaded is idle
    assert full.uncrowded == (idle, two)
    assert full.heaviest is four
    assert evidence(steps=(two,), carried=2, line_full=True).heaviest is None
    lossy = evidence(idle=idle, steps=(two,), carried=2, once_more=longer)
    assert lossy.uncrowded == (idle, two, longer)
    assert lossy.lossy
    # a computer that was the limit tells nothing of the line
    spoilt = msgspec.structs.replace(lossy, limited_by_computer=True)
    assert spoilt.uncrowded == ()
    assert not spoilt.lossy


@pytest.mark.parametrize(
    ("changed", "carried"),
    [
        # as much as a call is, but for a twentieth; no longer a queue than a call bears
        ({"sent_kbit_s": 95.0}, 1),
        ({"sent_kbit_s": 94.9}, 0),
        ({"waiting_ms": 60.0}, 1),
        ({"waiting_ms": 60.1}, 0),
    ],
)
def test_a_stream_stands_for_a_call_up_to_the_same_limits(
    changed: dict[str, float], carried: int
) -> None:
    test_only_a_whole_stream_stands_for_a_call(changed, carried)


class Ramp(calls_module._Ramp):
    """The search itself, whose steps a test answers in place of a line.

    Attributes:
        tried: calls, seconds and bytes of each step that was asked for.
    """

    def __init__(
        self,
        answers: Callable[[int], StepFigures],
        asked: int,
        *,
        stream: StepFigures | None = None,
        told: Told | None = None,
    ) -> None:
        super().__init__(make_context(Targets(), told=told), (), asked, 2.0, stream)
        self._answers = answers
        self.tried: list[tuple[int, float, int]] = []

    async def _step(
        self, calls: int, step_s: float, *, packet_bytes: int = COUNTED_BYTES
    ) -> StepFigures:
        self.tried.append((calls, step_s, packet_bytes))
        return self._answers(calls)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits between the steps; how long they would have."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(calls_module, "asyncio", SimpleNamespace(sleep=sleep))
    return slept


def carrying(most_kbit_s: float) -> Callable[[int], StepFigures]:
    """A line that drops what is more than this, and spaces out what comes at its own rate."""

    def answer(calls: int) -> StepFigures:
        share = min(1.0, most_kbit_s / (100.0 * calls))
        if share == 1.0:
            return step(calls)
        received = round(100 * calls * share)
        return step(calls, received=received, arrived_kbit_s=most_kbit_s, waiting_ms=90.0)

    return answer


@pytest.mark.parametrize(
    ("most_kbit_s", "asked", "tried", "carried", "full"),
    [
        (10_000.0, 1, [1, 2], 2, False),
        (10_000.0, 2, [2, 4], 4, False),
        (10_000.0, 3, [2, 3, 6], 6, False),
        (10_000.0, 10, [5, 10, 20], 20, False),
        # nothing is tried that the rate has no room for; what it has room for is
        (650.0, 10, [5, 10, 9, 6], 6, True),
        (350.0, 10, [5, 3], 3, True),
        (100.0, 1, [1, 2], 1, True),
        (64.0, 1, [1], 0, True),
        (64.0, 10, [5, 1], 0, True),
        (90.0, 3, [2], 0, True),
        (20_000.0, 150, [75, 150, 200], 200, False),
    ],
)
def test_the_search_goes_up_to_what_the_line_carries_and_no_further(
    most_kbit_s: float, asked: int, tried: list[int], carried: int, full: bool, hasty: list[float]
) -> None:
    told = Told()
    ramp = Ramp(carrying(most_kbit_s), asked, told=told)
    run(ramp.climb())
    # one call's worth of small packets first, for a second, which even a thin line carries
    assert ramp.tried[0] == (1, 1.0, 88)
    assert [calls for calls, _step_s, _bytes in ramp.tried[1:]] == tried
    assert {(step_s, size) for _calls, step_s, size in ramp.tried[1:]} == {(2.0, 250)}
    assert (ramp.carried, bool(ramp.crowded)) == (carried, full)
    assert ramp.once_more is None
    # what is left in queues is no delay of the next step, and nobody waits for longer
    assert all(0.1 <= slept_s <= 1 for slept_s in hasty)
    assert told.fractions == sorted(told.fractions)
    assert 0 < told.fractions[0] <= told.fractions[-1] < 1
    if full:
        assert ramp.full_kbit_s == most_kbit_s
        assert ramp.arrived_kbit_s == most_kbit_s
    else:
        assert ramp.full_kbit_s is None
        assert ramp.arrived_kbit_s == 100.0 * carried


def test_no_search_takes_more_than_six_steps(hasty: list[float]) -> None:
    """Each fills the line for seconds. Nobody tells this one's rate."""

    def answer(calls: int) -> StepFigures:
        lost = {"received": 60 * calls, "arrived_kbit_s": None, "waiting_ms": 90.0}
        return step(calls, **lost) if calls > 113 else step(calls)

    ramp = Ramp(answer, 200)
    run(ramp.climb())
    assert len(ramp.steps) == 6
    assert len(hasty) == 6
    assert ramp.carried <= 113


def test_behind_a_stream_the_search_begins_with_more_and_counts_it(hasty: list[float]) -> None:
    ramp = Ramp(carrying(250.0), 3, stream=step(1))
    run(ramp.climb())
    assert ramp.idle is None
    assert [calls for calls, _step_s, _bytes in ramp.tried] == [2, 3]
    assert ramp.carried == 2
    none = Ramp(carrying(64.0), 3, stream=step(1))
    run(none.climb())
    assert none.carried == 0  # the rate has room for none, whatever the stream was
    untold = Ramp(lambda calls: step(calls, received=0, arrived_kbit_s=None, waiting_ms=None), 3,
                  stream=step(1))  # fmt: skip
    run(untold.climb())
    assert untold.carried == 1
    assert hasty


def test_what_gets_lost_though_there_is_room_is_looked_at_for_longer(hasty: list[float]) -> None:
    lossy = Ramp(lambda calls: step(calls, received=90 * calls), 2)
    lossy._stream = step(1, received=90)
    run(lossy.climb())
    assert lossy.crowded == []
    assert lossy.tried[-1] == (1, 10.0, 250)  # as long as the stream that it is compared with
    assert lossy.once_more is not None
    assert hasty


def test_a_computer_that_is_too_slow_ends_the_search(hasty: list[float]) -> None:
    ramp = Ramp(lambda calls: step(calls, send_late_p95_ms=9.0), 10)
    run(ramp.climb())
    assert [each.calls for each in ramp.steps] == [5]
    assert hasty == []


@pytest.mark.parametrize(("lasted_s", "again"), [(1.7, True), (1.8, False)])
def test_a_step_that_was_cut_short_is_tried_again_for_its_rate(
    lasted_s: float, again: bool, hasty: list[float]
) -> None:
    """A line that was far too full had its step ended early: what fills it just so tells more."""

    def answer(calls: int) -> StepFigures:
        full = step(calls, received=60 * calls, arrived_kbit_s=300.0, waiting_ms=90.0)
        return msgspec.structs.replace(full, duration_s=lasted_s) if calls == 4 else full

    ramp = Ramp(answer, 7)
    run(ramp.climb())
    assert [each.calls for each in ramp.steps][:2] == ([4, 4] if again else [4, 3])
    assert hasty


def test_of_steps_that_were_cut_short_only_what_fills_the_line_just_so_is_tried_again(
    hasty: list[float],
) -> None:
    def answer(calls: int) -> StepFigures:
        full = step(calls, received=60 * calls, arrived_kbit_s=300.0, waiting_ms=90.0)
        return msgspec.structs.replace(full, duration_s=1.0 if calls == 10 else 2.0)

    ramp = Ramp(answer, 20)
    run(ramp.climb())
    assert [each.calls for each in ramp.steps][:3] == [10, 4, 3]
    assert hasty


def test_a_line_that_bears_more_for_a_while_is_not_asked_the_same_again(
    hasty: list[float],
) -> None:
    """A policer lets a burst pass: what ought to fill the line came through, and would again."""
    policed = carrying(300.0)
    ramp = Ramp(lambda calls: step(calls) if calls <= 4 else policed(calls), 20)
    run(ramp.climb())
    assert [each.calls for each in ramp.steps] == [10, 4]
    assert ramp.carried == 3
    assert hasty


@dataclass
class Sent:
    """What a step has out: packets that are due, and how many of them are missing."""

    missing_of: tuple[int, int]
    asked_s: list[float] = field(default_factory=list)

    def overdue(self, after_s: float) -> tuple[int, int]:
        self.asked_s.append(after_s)
        return self.missing_of


@pytest.mark.parametrize(
    ("calls", "missing_of", "hopeless"),
    [
        (3, (100, 1000), True),
        (3, (60, 1000), False),  # more than a twentieth, and not for sure
        (3, (70, 1000), True),
        (3, (0, 0), False),
        (3, (1, 1), True),
        # so few hurt nobody, unless the line does not even carry small packets
        (2, (900, 1000), False),
    ],
)
def test_a_step_is_ended_early_where_far_too_much_is_missing_for_sure(
    calls: int, missing_of: tuple[int, int], hopeless: bool
) -> None:
    ramp, sent = Ramp(step, 10), Sent(missing_of)
    ramp.idle = step(1, p95_ms=250.0)
    assert ramp._is_hopeless(calls, sent) is hopeless  # type: ignore[arg-type]
    # half a second more than an answer takes
    assert sent.asked_s == ([] if calls == 2 else [0.75])


def test_a_step_is_not_ended_early_where_it_tells_what_nobody_knows_yet() -> None:
    lost = Sent((900, 1000))
    ramp = Ramp(step, 10)
    assert not ramp._is_hopeless(9, lost)  # type: ignore[arg-type]
    ramp.idle = step(1, received=50)
    assert ramp._is_hopeless(1, lost)  # type: ignore[arg-type]
    ramp.idle = step(1, received=51)
    assert not ramp._is_hopeless(1, lost)  # type: ignore[arg-type]
    # a step that holds just more than the line's rate is to tell that rate
    ramp.steps = [step(8, received=300, arrived_kbit_s=300.0, waiting_ms=90.0)]
    assert not ramp._is_hopeless(4, lost)  # type: ignore[arg-type]
    assert ramp._is_hopeless(5, lost)  # type: ignore[arg-type]
    ramp.steps = [step(20, received=1000, arrived_kbit_s=1000.0, waiting_ms=90.0)]
    assert not ramp._is_hopeless(14, lost)  # type: ignore[arg-type]
    assert ramp._is_hopeless(15, lost)  # type: ignore[arg-type]


@dataclass
class Draining:
    """How many packets are still missing, each time that somebody looks."""

    missing_s: list[int]

    def missing(self) -> int:
        return self.missing_s.pop(0) if len(self.missing_s) > 1 else self.missing_s[0]


@pytest.mark.parametrize(
    ("missing", "waited_s"),
    [
        ([0], 0.0),
        ([3, 2, 0], 0.1),
        ([5], 1.0),  # nothing comes any more
        ([5, 5, 5, 4], 1.1),
        (list(range(200, 0, -1)), 3.0),  # a queue that never ends
    ],
)
def test_no_step_begins_behind_the_packets_of_another(
    missing: list[int], waited_s: float, hasty: list[float]
) -> None:
    run(calls_module._wait_for_stragglers(Draining(missing)))  # type: ignore[arg-type]
    assert sum(hasty) == pytest.approx(waited_s, abs=0.06)


def test_the_time_it_takes_follows_the_calls_that_are_asked_for() -> None:
    probe = make_calls_probe(step_s=2.0)
    assert probe.typical_for is not None
    took = [probe.typical_for(Answers(concurrent_calls=calls)) for calls in (1, 2, 3, 50)]
    assert took[0] <= 0.5
    assert 4 <= took[1] < 6 <= took[2] == took[3] < 9
    assert probe.typical_s == 8.0
    # six steps and ten seconds more, each with what is waited for, and witnesses for silence
    assert 6 * (2 + 3) + 5 * 2 + 3 + 10 <= probe.deadline_s <= 120


def test_calls_take_several_flows_to_a_reflector_and_one_through_a_turn_server() -> None:
    """Routers may hold a single one back. Each is freed, but for the path's own."""
    with (
        silent_port() as port,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back,
    ):
        here = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=port)
        greeting = ReflectorGreeting(sent=1, answered=0, reflector_sequence=0)

        def lanes(back_: socket.socket, number: int) -> list[socket.socket]:
            flow = ReflectorFlow(out=out, back=back_, session=7)
            path = MediaPath(flow=flow, endpoint=here, greeting=greeting)
            with ExitStack() as opened:
                context = make_context(Targets())
                flows = calls_module._open_lanes(context, path, number, opened)
                assert {each.session for each in flows} == {7}
                assert all(each.out.fileno() != -1 for each in flows)
            return [each.out for each in flows]

        for number in (1, 3, 8):
            sockets = lanes(out, number)
            assert len(set(sockets)) == number
            assert [each.fileno() == -1 for each in sockets] == [False] + [True] * (number - 1)
        assert lanes(back, 8) == [out]
    # more would be new entries in a home router's table, for nothing
    assert 2 <= calls_module.LANES_AT_MOST <= 16
    # what one reflector answers on one core, and what a step of the search may take of a line
    assert calls_module.CALLS_AT_MOST * 50 == 10_000
    assert calls_module.TICK_S <= 0.1 < calls_module.HOPELESS_AFTER_S
