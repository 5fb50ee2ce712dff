"""How many calls at once the line carries: a ramp to those asked for, then a search around them.

The packets go to the profile's own reflector or TURN server only, and never for more than twice
the calls the person asked for. One call alone comes first: how much longer a round trip takes
while the line is busy is told as well.

Where the stream of voice packets, which is one call of 100 kbit/s each way, came through just
before, it stands for that one call, and somebody who calls alone needs no more.
"""

import asyncio
import math
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from msgspec import Struct

from natwizard.model.language import N_, _
from natwizard.model.profile import Answers
from natwizard.model.statistics import wilson_interval
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.media.call_load import SPARSE_BYTES, CallLoad, StepFigures
from natwizard.probes.media.liveness import LivenessCheck, check_liveness
from natwizard.probes.media.path import (
    COUNTED_BYTES,
    MediaPath,
    PathAttempts,
    ReflectorFlow,
    connect_lane,
    new_session,
    open_media_path,
)
from natwizard.probes.media.stream import MEDIA
from natwizard.probes.media.timing_guard import low_jitter_process

# These are 10,000 packets a second, what a reflector answers on one core (docs/reflector.md)
CALLS_AT_MOST = 200
# More than twice what a person needs would only take the line from others (decision 9)
TIMES_ASKED = 2
# Several, since routers may hold a single flow back
LANES_AT_MOST = 8
# Half of the calls, all, twice as many, then a search; each step fills the line for seconds
STEPS_AT_MOST = 6
# Ten seconds, as long as the stream whose loss it is compared with (decision 111)
ONCE_MORE_STEPS = 5
CLOSE_ENOUGH = 8
"""Above the number asked for, an eighth of it is near enough: nobody needs it to the call."""

# Of IP, as PACKET_BYTES are sent
CALL_KBIT_S = 100.0
IDLE_S = 1.0
STRAGGLERS_S = 1.0
STRAGGLER_STEP_S = 0.05
# What one step left in queues is not the next one's delay
BETWEEN_STEPS_S = 0.3
DRAINED_S = 2.0
"""What waits on a full line has left it after this; else the next step begins behind it."""

TICK_S = 0.1
# Before it packets may only be late; others share the line meanwhile (decision 9)
HOPELESS_AFTER_S = 0.5
# Five times what a call bears (loss_share), and proven by the interval, not just seen
HOPELESS_SHARE = 0.05
HOPELESS_CALLS = 2
"""More than these: a step of one or two calls hurts nobody, and tells the rate of a thin line."""

OVERFILL = 1.3
"""So much more than a line carries fills it within a step, and does not drown it."""

NEARLY_A_CALL, NEARLY_SHARE, NEARLY_AT_MOST = 0.05, 0.005, 0.15
"""So much of a call's rate may be missing from a measured one, and half a percent: packets are
counted whole, and a line that carries exactly ten calls is measured as 9.95."""


class CarriedLimits(Struct, frozen=True, kw_only=True):
    """When a number of calls counts as carried.

    Attributes:
        loss_share: more loss than this, late packets included, is too much once it is proven.
        send_late_p95_ms: later than this, the computer was the limit and not the line.
        overflowed_share: nor is it the line where this computer drops more of what comes back.
        waiting_ms: packets that wait longer than this at the end of a step fill a queue.
        loss_at_any_load: a line that loses more than this carries nothing, whatever loses it.
    """

    loss_share: float = 0.01
    send_late_p95_ms: float = 5.0
    overflowed_share: float = 0.001
    waiting_ms: float = 60.0
    loss_at_any_load: float = 0.2


class CallsEvidence(Struct, frozen=True, kw_only=True):
    """A ramp of calls to the media target.

    Attributes:
        asked: calls the person wants at once, at most 200.
        stream: the stream of voice packets before the ramp, as a step of one call, where the line
            carried it: then no single call is tried again, and none at all where one is enough.
            Its packets count as the stream's own.
        idle: small packets at the pace of one call, before the ramp; None where the stream tells
            as much, or no greeting came back.
        steps: in the order they were tried; empty where no greeting came back.
        carried: the most calls that the line carried; 0 if not even one.
        limited_by_computer: this computer could not send fast enough to tell more.
        arrived_kbit_s: of IP, what came back of the most that the line was given room for.
        once_more: one call for longer, where too much got lost though there was room: a stream
            of ten seconds may have missed what these showed.
        line_full: some step had more than the line carries, so that this is all there is.
        liveness: what was asked where nothing at all came back of the last step; else None.
    """

    path: PathAttempts
    asked: int
    stream: StepFigures | None = None
    idle: StepFigures | None = None
    steps: tuple[StepFigures, ...] = ()
    carried: int = 0
    limited_by_computer: bool = False
    arrived_kbit_s: float | None = None
    line_full: bool = False
    once_more: StepFigures | None = None
    liveness: LivenessCheck | None = None

    @property
    def tried(self) -> tuple[StepFigures, ...]:
        """Every number of calls that was on the line, the stream's one first."""
        return (*((self.stream,) if self.stream is not None else ()), *self.steps)

    @property
    def unloaded(self) -> StepFigures | None:
        """What the line did before it was loaded with calls."""
        return self.idle or self.stream

    @property
    def uncrowded(self) -> tuple[StepFigures, ...]:
        """Steps that the line had room for: what they lost was lost on the way."""
        if self.limited_by_computer:
            return ()
        first = (self.idle,) if self.idle is not None else ()
        last = (self.once_more,) if self.once_more is not None else ()
        return (*first, *(step for step in self.steps if step.calls <= self.carried), *last)

    @property
    def lossy(self) -> bool:
        """Whether more got lost than a call can bear, though there was room."""
        limits = CarriedLimits()
        return any(not is_carried(step, limits) for step in self.uncrowded)

    @property
    def heaviest(self) -> StepFigures | None:
        """The step at the highest rate that the line carried: the first that was more than it
        carries, which has filled it, else the one with the most calls.
        """
        if self.line_full:
            over = [step for step in self.steps if step.calls > self.carried]
            return min(over, key=lambda step: step.calls, default=None)
        return max(self.steps, key=lambda step: step.calls, default=None)


async def gather(context: ProbeContext, step_s: float) -> CallsEvidence:
    """One call, half of the calls, all, twice as many; where a step fails, the number below it.

    One call has been on the line already, where a stream of voice packets came before.
    """
    asked = max(1, min(CALLS_AT_MOST, context.answers.concurrent_calls))
    media = context.found_by(MEDIA)
    stream = media.call if media is not None and _came_through(media.call) else None
    if media is not None and stream is not None and asked == 1:
        return CallsEvidence(
            path=media.path,
            asked=asked,
            stream=stream,
            carried=stream.calls,
            arrived_kbit_s=_came_back_kbit_s(stream),
        )
    path, tried = await open_media_path(context)
    if path is None:
        return CallsEvidence(path=tried, asked=asked)
    with ExitStack() as opened:
        opened.callback(path.close)
        flows = _open_lanes(context, path, min(asked, LANES_AT_MOST), opened)
        ramp = _Ramp(context, flows, asked, step_s, stream)
        with low_jitter_process():
            await ramp.climb()
    silent = bool(ramp.steps) and ramp.steps[-1].sent > 0 and ramp.steps[-1].received == 0
    liveness = await check_liveness(context, path) if silent else None
    return CallsEvidence(
        path=tried,
        asked=asked,
        stream=stream,
        idle=ramp.idle,
        steps=tuple(ramp.steps),
        carried=ramp.carried,
        limited_by_computer=any(is_spoilt(step, ramp.limits) for step in ramp.steps),
        arrived_kbit_s=ramp.arrived_kbit_s,
        line_full=bool(ramp.crowded),
        once_more=ramp.once_more,
        liveness=liveness,
    )


def _came_through(call: StepFigures | None) -> bool:
    """Whether a stream shows that the line carries one call: all was sent that a call is, too
    little got lost to matter, and nothing piled up. A computer that sends unevenly makes it no
    easier for the line.
    """
    limits = CarriedLimits()
    if call is None or call.waiting_ms is None:
        return False
    sent = call.sent_kbit_s >= (1 - NEARLY_A_CALL) * CALL_KBIT_S
    return sent and is_carried(call, limits) and call.waiting_ms <= limits.waiting_ms


def _came_back_kbit_s(step: StepFigures) -> float:
    return step.sent_kbit_s * step.received / step.sent if step.sent else 0.0


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
        self,
        context: ProbeContext,
        flows: Sequence[ReflectorFlow],
        asked: int,
        step_s: float,
        stream: StepFigures | None,
    ) -> None:
        self._stream = stream
        self.idle: StepFigures | None = None
        self.steps: list[StepFigures] = []
        self.once_more: StepFigures | None = None
        self._context = context
        self._lanes = flows
        self._asked = asked
        self._step_s = step_s
        self.limits = CarriedLimits()

    @property
    def _unloaded(self) -> StepFigures | None:
        return self.idle or self._stream

    @property
    def crowded(self) -> list[StepFigures]:
        """Steps that were more than the line carries; what smaller ones lost is the measure."""
        smaller = [self._unloaded] if self._unloaded is not None else []
        found: list[StepFigures] = []
        for step in sorted(self.steps, key=lambda step: step.calls):
            if found or is_crowded(step, smaller, self.limits):
                found.append(step)
            else:
                smaller.append(step)
        return found

    @property
    def full_kbit_s(self) -> float | None:
        """The line's own rate, by the fullest of those steps that told one."""
        told = [step for step in self.crowded if step.arrived_kbit_s is not None]
        best = max(told, key=lambda step: step.received / step.calls, default=None)
        return best.arrived_kbit_s if best is not None else None

    @property
    def arrived_kbit_s(self) -> float | None:
        """The line's rate where it was full, else what came back of the largest step."""
        full, room = self.full_kbit_s, [s for s in self.steps if s not in self.crowded]
        largest = max(room, key=lambda step: step.calls, default=None)
        if full is not None or largest is None or not largest.sent:
            return full
        return _came_back_kbit_s(largest)

    @property
    def carried(self) -> int:
        """The most calls that came through, and no more than the measured rate has room for."""
        crowded = self.crowded
        came = max((step.calls for step in self.steps if step not in crowded), default=0)
        if self._stream is not None:
            came = max(came, self._stream.calls)
        most = calls_in(self.full_kbit_s)
        return came if most is None else min(came, most)

    async def climb(self) -> None:
        """Try numbers until the next one would tell nothing new."""
        if self._stream is None:
            self.idle = await self._step(1, min(IDLE_S, self._step_s), packet_bytes=SPARSE_BYTES)
        for number in range(STEPS_AT_MOST):
            calls = self._next()
            if calls is None:
                break
            text = _("Trying {calls} calls at once").format(calls=calls)
            self._context.progress((number + 0.3) / (STEPS_AT_MOST + 0.3), text)
            self.steps.append(await self._step(calls, self._step_s))
            if is_spoilt(self.steps[-1], self.limits):
                return
            await asyncio.sleep(BETWEEN_STEPS_S)
        if self.carried and any(not is_carried(each, self.limits) for each in self._with_room()):
            self._context.progress(0.95, _("Looking longer at what gets lost"))
            self.once_more = await self._step(1, ONCE_MORE_STEPS * self._step_s)

    def _with_room(self) -> list[StepFigures]:
        crowded = self.crowded
        return [step for step in self.steps if step not in crowded]

    def _next(self) -> int | None:
        """First up to a step that fills the line, then one that tells its rate, then how many
        calls that is, tried; None when enough is known.
        """
        tried = {step.calls for step in self.steps if not _was_cut_short(step, self._step_s)}
        too_many = min((step.calls for step in self.crowded), default=None)
        rate = self.full_kbit_s
        if too_many is not None and rate is not None:
            telling = min(too_many, max(1, math.ceil(OVERFILL * rate / CALL_KBIT_S)))
            if telling not in tried:
                return telling
            fitting = calls_in(rate) or 0
            if fitting > self.carried and fitting < too_many and fitting not in tried:
                return fitting
        came = max((step.calls for step in self.steps if step not in self.crowded), default=0)
        calls = next_calls(came, too_many, self._asked)
        most = calls_in(rate)
        if calls == came or calls in tried or (most is not None and calls > most):
            return None
        return calls

    async def _step(
        self, calls: int, step_s: float, *, packet_bytes: int = COUNTED_BYTES
    ) -> StepFigures:
        session = new_session()
        flows = [replace(flow, session=session) for flow in self._lanes]
        with CallLoad(flows, calls=calls, duration_s=step_s, packet_bytes=packet_bytes) as load:
            while load.sending:
                await asyncio.sleep(TICK_S)
                if self._is_hopeless(calls, load):
                    load.stop_sending()
            await _wait_for_stragglers(load)
        return load.figures()

    def _is_hopeless(self, calls: int, load: CallLoad) -> bool:
        """Far too much is missing already: others on the line should not suffer any longer.

        Not in a step that is to tell the rate: it holds little more than the line carries.
        """
        rate, idle = self.full_kbit_s, self._unloaded
        if idle is None or (calls <= HOPELESS_CALLS and idle.received > idle.sent / 2):
            return False
        if rate is not None and (calls - 1) * CALL_KBIT_S <= OVERFILL * rate:
            return False
        after_s = HOPELESS_AFTER_S + (idle.p95_ms or 0.0) / 1000
        missing, sent = load.overdue(after_s)
        return wilson_interval(missing, sent)[0] > HOPELESS_SHARE


async def _wait_for_stragglers(load: CallLoad) -> None:
    """Until all is back, or nothing more has come for a while: no step begins behind another's
    packets.
    """
    quiet_s = waited_s = 0.0
    missing = load.missing()
    while missing and quiet_s < STRAGGLERS_S and waited_s < STRAGGLERS_S + DRAINED_S:
        await asyncio.sleep(STRAGGLER_STEP_S)
        waited_s += STRAGGLER_STEP_S
        still = load.missing()
        quiet_s = quiet_s + STRAGGLER_STEP_S if still == missing else 0.0
        missing = still


def _was_cut_short(step: StepFigures, step_s: float) -> bool:
    return step.duration_s < 0.9 * step_s


def calls_in(rate_kbit_s: float | None) -> int | None:
    """How many calls a rate has room for."""
    if rate_kbit_s is None:
        return None
    calls = rate_kbit_s / CALL_KBIT_S
    return math.floor(calls + min(NEARLY_AT_MOST, NEARLY_A_CALL + NEARLY_SHARE * calls))


def next_calls(carried: int, too_many: int | None, asked: int) -> int:
    """The number to try next; `carried` itself when enough is known."""
    most = min(CALLS_AT_MOST, TIMES_ASKED * asked)
    if too_many is None:
        if carried == 0 and asked > 2:
            return (asked + 1) // 2
        return asked if carried < asked else most
    near = max(1, asked // CLOSE_ENOUGH) if carried >= asked else 1
    return carried if too_many - carried <= near else (carried + too_many) // 2


def is_crowded(step: StepFigures, smaller: Sequence[StepFigures], limits: CarriedLimits) -> bool:
    """Whether the line, and not its losses at any load, is why a step was not carried.

    Packets wait longer and longer, or more get lost than of smaller steps, beyond chance.
    """
    if is_carried(step, limits):
        return False
    if step.waiting_ms is None or step.waiting_ms > limits.waiting_ms:
        return True
    low = wilson_interval(_spoilt(step), step.sent)[0]
    if low > limits.loss_at_any_load:
        return True
    before = sum(map(_spoilt, smaller)), sum(each.sent for each in smaller)
    return low > wilson_interval(*before)[1]


def _spoilt(step: StepFigures) -> int:
    return step.sent - step.received + step.late


def is_carried(step: StepFigures, limits: CarriedLimits) -> bool:
    """Whether too much loss is not proven; a step is too short to prove that there is none."""
    low, _high = wilson_interval(_spoilt(step), step.sent)
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

    def typical_s(answers: Answers) -> float:
        """Behind a stream: nothing, two steps or three."""
        calls = answers.concurrent_calls
        return 0.1 if calls == 1 else (2 if calls == 2 else 3) * (step_s + BETWEEN_STEPS_S)

    return Probe(
        name="calls",
        title=N_("Trying as many calls at once as you need"),
        evidence=CallsEvidence,
        phase=Phase.MEDIA,
        typical_s=3 * step_s + 2,
        deadline_s=(STEPS_AT_MOST + ONCE_MORE_STEPS) * (step_s + STRAGGLERS_S + DRAINED_S + 1) + 20,
        gather=look,
        typical_for=typical_s,
    )


CALLS = make_calls_probe()
