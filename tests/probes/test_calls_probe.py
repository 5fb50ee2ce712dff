"""The ramp of calls against the real reflector, on lines of known capacity."""

import asyncio
import threading
import time
from dataclasses import dataclass

import msgspec
import pytest
from udp_lab import (
    LOST,
    PASSED,
    Fate,
    Relay,
    Told,
    closed_port,
    make_context,
    reflecting,
    run,
)

from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Answers, Targets
from natwizard.probes.call_load import StepFigures
from natwizard.probes.calls import (
    CallsEvidence,
    CarriedLimits,
    _next_calls,
    is_carried,
    make_calls_probe,
)
from natwizard.probes.failures import CannotGather

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


def ramp(calls: int, line: Line | None = None, *, step_s: float = 0.8) -> CallsEvidence:
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

    return run(scene())


@pytest.mark.parametrize(("calls", "tried"), [(1, [1]), (2, [2]), (10, [5, 10])])
def test_a_line_with_room_carries_all_that_were_asked(calls: int, tried: list[int]) -> None:
    evidence = ramp(calls)
    assert evidence.carried == evidence.asked == calls
    assert [step.calls for step in evidence.steps] == tried
    assert all(step.sent == step.calls * 40 for step in evidence.steps)
    assert not evidence.limited_by_computer


def test_the_largest_number_that_fits_is_found_between_the_steps() -> None:
    evidence = ramp(4, Line(packets_per_s=165, burst=20), step_s=1.2)
    assert [step.calls for step in evidence.steps] == [2, 4, 3]
    assert evidence.carried == 3


def test_a_queue_that_only_delays_is_found_too() -> None:
    evidence = ramp(4, Line(packets_per_s=110, queue_s=2.0))
    assert evidence.carried < 4
    failed = next(step for step in evidence.steps if step.calls == 4)
    assert failed.late > 0


def test_a_line_for_nothing_carries_nothing() -> None:
    assert ramp(2, Line(packets_per_s=10, burst=2)).carried == 0


def test_nobody_is_sent_more_calls_than_were_asked_for() -> None:
    assert ramp(0).asked == 1
    assert [_next_calls(0, 201, 200), _next_calls(100, 201, 200)] == [100, 200]


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


def test_without_a_target_the_setting_is_named() -> None:
    with pytest.raises(CannotGather) as missed:
        run(PROBE.gather(make_context(Targets())))
    assert missed.value.failure.detail == "targets.media"


def test_a_reflector_that_is_not_there_gets_no_calls() -> None:
    context = make_context(Targets(media=f"127.0.0.1:{closed_port()}"))
    evidence = run(PROBE.gather(context))
    assert evidence.steps == ()
    greeting = evidence.path.greetings[0]
    assert greeting.failure is not None
    assert greeting.failure.code is FailureCode.CONNECTION_REFUSED


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
