"""How many calls at once the line carries: a ramp to those asked for, then a search around them.

The packets go to the profile's own reflector or TURN server only, and never for more than twice
the calls the person asked for. One call alone comes first: how much longer a round trip takes
while the line is busy is told as well.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from msgspec import Struct

from natwizard.model.language import N_, _
from natwizard.model.statistics import wilson_interval
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.media.call_load import CallLoad, StepFigures
from natwizard.probes.media.path import (
    MediaPath,
    PathAttempts,
    ReflectorFlow,
    connect_lane,
    new_session,
    open_media_path,
)
from natwizard.probes.media.timing_guard import low_jitter_process

CALLS_AT_MOST = 200
TIMES_ASKED = 2
LANES_AT_MOST = 8
STEPS_AT_MOST = 5
CLOSE_ENOUGH = 8
"""Above the number asked for, an eighth of it is near enough: nobody needs it to the call."""

IDLE_S = 0.6
STRAGGLERS_S = 1.0
STRAGGLER_STEP_S = 0.05
BETWEEN_STEPS_S = 0.3
TICK_S = 0.1
HOPELESS_AFTER_S = 0.5
HOPELESS_SHARE = 0.05


class CarriedLimits(Struct, frozen=True, kw_only=True):
    """When a number of calls counts as carried.

    Attributes:
        loss_share: more loss than this, late packets included, is too much once it is proven.
        late_after_ms: a packet this much slower than the fastest is lost to a call: no jitter
            buffer waits so long. Filled queues show here before they drop anything.
        send_late_p95_ms: later than this, the computer was the limit and not the line.
        overflowed_share: nor is it the line where this computer drops more of what comes back.
    """

    loss_share: float = 0.01
    late_after_ms: float = 150.0
    send_late_p95_ms: float = 5.0
    overflowed_share: float = 0.001


class CallsEvidence(Struct, frozen=True, kw_only=True):
    """A ramp of calls to the media target.

    Attributes:
        asked: calls the person wants at once, at most 200.
        idle: one call alone, before the ramp; None where no greeting came back.
        steps: in the order they were tried; empty where no greeting came back.
        carried: the most calls that the line carried; 0 if not even one.
        limited_by_computer: this computer could not send fast enough to tell more.
    """

    path: PathAttempts
    asked: int
    idle: StepFigures | None = None
    steps: tuple[StepFigures, ...] = ()
    carried: int = 0
    limited_by_computer: bool = False

    def busiest(self, wanted: int) -> StepFigures | None:
        """The step with the most calls, up to those wanted."""
        fitting = [step for step in self.steps if step.calls <= wanted]
        return max(fitting, key=lambda step: step.calls, default=None)


async def gather(context: ProbeContext, step_s: float) -> CallsEvidence:
    """One call, half of the calls, all, twice as many; where a step fails, the number below it."""
    asked = max(1, min(CALLS_AT_MOST, context.answers.concurrent_calls))
    path, tried = await open_media_path(context)
    if path is None:
        return CallsEvidence(path=tried, asked=asked)
    with ExitStack() as opened:
        opened.callback(path.close)
        flows = _open_lanes(context, path, min(asked, LANES_AT_MOST), opened)
        ramp = _Ramp(context, flows, asked, step_s)
        with low_jitter_process():
            await ramp.climb()
    return CallsEvidence(
        path=tried,
        asked=asked,
        idle=ramp.idle,
        steps=tuple(ramp.steps),
        carried=ramp.carried,
        limited_by_computer=any(is_spoilt(step, ramp.limits) for step in ramp.steps),
    )


def _open_lanes(
    context: ProbeContext, path: MediaPath, number: int, opened: ExitStack
) -> tuple[ReflectorFlow, ...]:
    """Several flows: routers may hold a single one back. Through a TURN server there is one."""
    flows = [path.flow]
    if path.flow.out is path.flow.back:
        while len(flows) < number:
            flow = connect_lane(context, path.endpoint, path.flow.session)
            opened.callback(flow.out.close)
            flows.append(flow)
    return tuple(flows)


class _Ramp:
    """One search, and what is known so far."""

    def __init__(
        self, context: ProbeContext, flows: Sequence[ReflectorFlow], asked: int, step_s: float
    ) -> None:
        self.idle: StepFigures | None = None
        self.steps: list[StepFigures] = []
        self.carried = 0
        self._context = context
        self._lanes = flows
        self._asked = asked
        self._step_s = step_s
        self.limits = CarriedLimits()

    async def climb(self) -> None:
        """Try numbers until the next one would tell nothing new."""
        self.idle = await self._step(1, min(IDLE_S, self._step_s))
        too_many: int | None = None
        for number in range(STEPS_AT_MOST):
            calls = next_calls(self.carried, too_many, self._asked)
            if calls == self.carried:
                break
            text = _("Trying {calls} calls at once").format(calls=calls)
            self._context.progress((number + 0.3) / (STEPS_AT_MOST + 0.3), text)
            step = await self._step(calls, self._step_s)
            self.steps.append(step)
            if is_spoilt(step, self.limits):
                break
            if is_carried(step, self.limits):
                self.carried = calls
            else:
                too_many = calls
            await asyncio.sleep(BETWEEN_STEPS_S)

    async def _step(self, calls: int, step_s: float) -> StepFigures:
        session = new_session()
        flows = [replace(flow, session=session) for flow in self._lanes]
        with CallLoad(flows, calls=calls, duration_s=step_s) as load:
            while load.sending:
                await asyncio.sleep(TICK_S)
                if self._is_hopeless(load):
                    load.stop_sending()
            for _turn in range(round(STRAGGLERS_S / STRAGGLER_STEP_S)):
                if not load.missing():
                    break
                await asyncio.sleep(STRAGGLER_STEP_S)
        return load.figures(self.limits.late_after_ms)

    def _is_hopeless(self, load: CallLoad) -> bool:
        """Far too much is missing already: others on the line should not suffer any longer."""
        idle_ms = self.idle.p95_ms if self.idle is not None else None
        after_s = HOPELESS_AFTER_S + (idle_ms or 0.0) / 1000
        missing, sent = load.overdue(after_s)
        return self.idle is not None and wilson_interval(missing, sent)[0] > HOPELESS_SHARE


def next_calls(carried: int, too_many: int | None, asked: int) -> int:
    """The number to try next; `carried` itself when enough is known."""
    most = min(CALLS_AT_MOST, TIMES_ASKED * asked)
    if too_many is None:
        if carried == 0 and asked > 2:
            return (asked + 1) // 2
        return asked if carried < asked else most
    near = max(1, asked // CLOSE_ENOUGH) if carried >= asked else 1
    return carried if too_many - carried <= near else (carried + too_many) // 2


def is_carried(step: StepFigures, limits: CarriedLimits) -> bool:
    """Whether too much loss is not proven; a step is too short to prove that there is none."""
    spoilt = step.sent - step.received + step.late
    low, _high = wilson_interval(spoilt, step.sent)
    return low <= limits.loss_share


def is_spoilt(step: StepFigures, limits: CarriedLimits) -> bool:
    """Whether this computer was too slow for a step, in sending or in reading."""
    return (
        step.send_late_p95_ms > limits.send_late_p95_ms
        or step.overflowed > limits.overflowed_share * step.sent
    )


def make_calls_probe(step_s: float = 2.0) -> Probe[CallsEvidence]:
    """The ramp with steps of another length, for demos and tests; its name stays "calls"."""

    def look(context: ProbeContext) -> Awaitable[CallsEvidence]:
        return gather(context, step_s)

    return Probe(
        name="calls",
        title=N_("Trying as many calls at once as you need"),
        evidence=CallsEvidence,
        phase=Phase.MEDIA,
        typical_s=3 * step_s + 2,
        deadline_s=STEPS_AT_MOST * (step_s + 2) + 20,
        gather=look,
    )


CALLS = make_calls_probe()
