"""How many calls at once the line carries, up to those asked for: a ramp, then a bisection.

The packets go to the profile's own reflector only (`targets.media`), and never for more calls
than the person asked for.
"""

import asyncio
import socket
from collections.abc import Awaitable
from contextlib import ExitStack

from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.statistics import wilson_interval
from natwizard.probes.arrival import prepare_arrivals
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.call_load import CallLoad, StepFigures
from natwizard.probes.media_path import MediaPath, PathTried, open_media_path
from natwizard.probes.quiet import quiet_process

CALLS_AT_MOST = 200
SOCKETS_AT_MOST = 8
STEPS_AT_MOST = 5
STRAGGLERS_S = 1.0
STRAGGLER_STEP_S = 0.05
BETWEEN_STEPS_S = 0.3


class CarriedLimits(Struct, frozen=True, kw_only=True):
    """When a number of calls counts as carried.

    Attributes:
        loss_share: more loss than this, late packets included, is too much once it is proven.
        late_after_ms: a packet this much slower than the fastest is lost to a call: no jitter
            buffer waits so long. Filled queues show here before they drop anything.
        send_late_p95_ms: later than this, the computer was the limit and not the line.
    """

    loss_share: float = 0.01
    late_after_ms: float = 150.0
    send_late_p95_ms: float = 5.0


class CallsEvidence(Struct, frozen=True, kw_only=True):
    """A ramp of calls to the media target.

    Attributes:
        asked: calls the person wants at once, at most 200.
        steps: in the order they were tried; empty where no greeting came back.
        carried: the most calls that the line carried; 0 if not even one.
        limited_by_computer: this computer could not send fast enough to tell more.
    """

    path: PathTried
    asked: int
    steps: tuple[StepFigures, ...] = ()
    carried: int = 0
    limited_by_computer: bool = False


async def gather(context: ProbeContext, step_s: float) -> CallsEvidence:
    """Half of the calls, then all; where a step fails, the largest number below it."""
    target = require_target(context.targets.media, "targets.media")
    asked = max(1, min(CALLS_AT_MOST, context.answers.concurrent_calls))
    path, tried = await open_media_path(context, target)
    if path is None:
        return CallsEvidence(path=tried, asked=asked)
    limits = CarriedLimits()
    with ExitStack() as opened:
        sockets = _open_sockets(context, path, min(asked, SOCKETS_AT_MOST), opened)
        steps, carried = await _ramp(context, path, sockets, asked, step_s, limits)
    return CallsEvidence(
        path=tried,
        asked=asked,
        steps=steps,
        carried=carried,
        limited_by_computer=any(step.send_late_p95_ms > limits.send_late_p95_ms for step in steps),
    )


def _open_sockets(
    context: ProbeContext, path: MediaPath, number: int, opened: ExitStack
) -> list[socket.socket]:
    """Several flows: routers may hold a single one back."""
    opened.enter_context(path.datagrams)
    sockets = [path.datagrams]
    while len(sockets) < number:
        datagrams = opened.enter_context(context.network.open_udp(path.endpoint.family))
        prepare_arrivals(datagrams)
        datagrams.connect((path.endpoint.address, path.endpoint.port))
        sockets.append(datagrams)
    return sockets


async def _ramp(
    context: ProbeContext,
    path: MediaPath,
    sockets: list[socket.socket],
    asked: int,
    step_s: float,
    limits: CarriedLimits,
) -> tuple[tuple[StepFigures, ...], int]:
    steps: list[StepFigures] = []
    carried, too_many = 0, asked + 1
    for number in range(STEPS_AT_MOST):
        calls = _next_calls(carried, too_many, asked)
        if calls == carried:
            break
        text = _("Trying {calls} calls at once").format(calls=calls)
        context.progress(number / STEPS_AT_MOST, text)
        step = await _step(path, sockets, calls, step_s, limits)
        steps.append(step)
        if step.send_late_p95_ms > limits.send_late_p95_ms:
            break
        if is_carried(step, limits):
            carried = calls
        else:
            too_many = calls
        await asyncio.sleep(BETWEEN_STEPS_S)
    return tuple(steps), carried


def _next_calls(carried: int, too_many: int, asked: int) -> int:
    """The number to try next; `carried` itself when there is nothing between."""
    if carried == 0 and too_many > asked:
        return (asked + 1) // 2 if asked > 2 else asked
    if too_many > asked:
        return asked
    return (carried + too_many) // 2


async def _step(
    path: MediaPath,
    sockets: list[socket.socket],
    calls: int,
    step_s: float,
    limits: CarriedLimits,
) -> StepFigures:
    with quiet_process():
        load = CallLoad(sockets, path.session, calls=calls, duration_s=step_s)
        with load:
            while load.sending:  # noqa: ASYNC110 - a thread that keeps time sets no events
                await asyncio.sleep(0.1)
            for _step in range(round(STRAGGLERS_S / STRAGGLER_STEP_S)):
                if not load.missing():
                    break
                await asyncio.sleep(STRAGGLER_STEP_S)
    return load.figures(limits.late_after_ms)


def is_carried(step: StepFigures, limits: CarriedLimits) -> bool:
    """Whether too much loss is not proven; a step is too short to prove that there is none."""
    spoilt = step.sent - step.received + step.late
    low, _high = wilson_interval(spoilt, step.sent)
    return low <= limits.loss_share


def make_calls_probe(step_s: float = 2.5) -> Probe[CallsEvidence]:
    """The ramp with steps of another length, for demos and tests; its name stays "calls"."""

    def look(context: ProbeContext) -> Awaitable[CallsEvidence]:
        return gather(context, step_s)

    return Probe(
        name="calls",
        title="Trying as many calls at once as you need",
        evidence=CallsEvidence,
        phase=Phase.MEDIA,
        typical_s=2 * step_s + 1,
        deadline_s=STEPS_AT_MOST * (step_s + 2) + 10,
        gather=look,
    )


CALLS = make_calls_probe()
