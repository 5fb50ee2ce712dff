"""The ramp of calls against the real reflector, on lines of known capacity."""

import asyncio
import dataclasses
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

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
from natwizard.probes.media.call_load import CallLoad, StepFigures
from natwizard.probes.media.calls import (
    CallsEvidence,
    CarriedLimits,
    is_carried,
    is_spoilt,
    make_calls_probe,
    next_calls,
)
from natwizard.probes.media.path import COUNTED_BYTES, PathAttempts, ReflectorFlow
from natwizard.probes.media.stream import MEDIA, MediaEvidence, make_media_probe

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
