"""All that a watch remembers: bounded, however long it lasts. Pure."""

import math

from natwizard.model.finding import ChartColumn
from natwizard.model.watch import BadKind, BadMoment, WatchFigures, WatchLimits
from natwizard.probes.media import Machine, MediaFigures
from natwizard.run.bad_moments import QUARTER_S, MomentLog, moments_in, seconds_of
from natwizard.run.watch_columns import WatchColumns

PACKETS_A_QUARTER = 12.5
STEPS_AN_OCTAVE = 20
MOST_STEPS = 400


class WatchTally:
    """Feed it each stretch of the call, in time order, and what became of the websocket."""

    def __init__(self, limits: WatchLimits) -> None:
        self.limits = limits
        self.columns = WatchColumns()
        self.moments = MomentLog()
        self._pending: list[tuple[float, ChartColumn]] = []
        self._counts: dict[int, int] = {}
        self._measured_s, self._sent, self._lost, self._highest_ms = 0.0, 0, 0, 0.0
        self._jitter_sum_ms, self._jitter_weight, self._worst_jitter_ms = 0.0, 0, 0.0
        self._open_since_s: float | None = None
        self._shut_since: tuple[float, BadKind] | None = None
        self._websocket_s, self._cuts = 0.0, 0

    def quarter(self, at_s: float, quarter: ChartColumn) -> None:
        """A quarter second of the call; what it means is judged with the stretch it belongs to."""
        self._pending.append((at_s, quarter))
        self.columns.take(at_s, quarter, round(PACKETS_A_QUARTER))
        if quarter.lost < PACKETS_A_QUARTER:
            step = _step(quarter.median)
            self._counts[step] = self._counts.get(step, 0) + 1
            self._highest_ms = max(self._highest_ms, quarter.high)

    def stretch(self, figures: MediaFigures, started_s: float) -> None:
        """A stretch of the call is over: count it, and judge its seconds."""
        counted, machine = figures.counted, figures.machine
        self._measured_s += figures.duration_s
        self._sent += counted.sent
        self._count_lost()
        ways = (figures.jitter.out, figures.jitter.back)
        known = [jitter.mean_ms for jitter in ways if jitter is not None]
        if not known and figures.jitter.round_trip is not None:
            known = [figures.jitter.round_trip.mean_ms]
        if known:
            self._jitter_sum_ms += max(known) * counted.received
            self._jitter_weight += counted.received
            self._worst_jitter_ms = max(self._worst_jitter_ms, *known)
        late_ms = max(machine.send_late_p95_ms, machine.lag_p95_ms)
        stood_still = machine.stalls > 0 and not machine.kernel_times
        if late_ms > self.limits.spoilt_ms or stood_still:
            late_ms = max(late_ms, machine.send_late_max_ms)
            self._add(BadKind.COMPUTER, started_s, figures.duration_s, late_ms)
            self._judge_silence(machine)
        else:
            self._judge_pending()

    def finish(self) -> None:
        """The watch ends in the middle of a stretch: what has settled of it counts."""
        quarters = len(self._pending)
        self._measured_s += QUARTER_S * quarters
        self._sent += round(PACKETS_A_QUARTER * quarters)
        self._count_lost()
        self._judge_pending()

    def _count_lost(self) -> None:
        """As the chart has it: an answer that comes after seconds is none to people on a call."""
        self._lost += sum(quarter.lost for _at_s, quarter in self._pending)

    def _judge_silence(self, machine: Machine) -> None:
        """Of a stretch that this computer spoilt: no answer for longer than it was ever late.

        Packets that leave or are read a little late are not lost by that.
        """
        kept_up = not (machine.stalls or machine.unsent or machine.overflowed)
        for moment in moments_in(seconds_of(self._pending), self.limits):
            longer = 1000 * moment.duration_s > machine.send_late_max_ms
            if kept_up and longer and moment.kind is BadKind.NO_ANSWER:
                self.moments.add(moment)
        self._pending.clear()

    def _judge_pending(self) -> None:
        for moment in moments_in(seconds_of(self._pending), self.limits):
            self.moments.add(moment)
        self._pending.clear()

    def no_answer(self, start_s: float, end_s: float) -> None:
        """The far end did not even answer a greeting."""
        self._pending.clear()
        self._add(BadKind.NO_ANSWER, start_s, end_s - start_s, 0.0)

    def websocket_open(self, at_s: float) -> None:
        """It stands."""
        self._open_since_s = at_s
        if self._shut_since is not None:
            since_s, kind = self._shut_since
            self._add(kind, since_s, at_s - since_s, 0.0)
            self._shut_since = None

    def websocket_lost(self, at_s: float, kind: BadKind) -> None:
        """It was cut, does not answer any more, or does not open."""
        if self._open_since_s is not None:
            self._websocket_s += at_s - self._open_since_s
            self._cuts += 1
            self._open_since_s = None
        if self._shut_since is None:
            self._shut_since = (at_s, kind)

    def all_moments(self, now_s: float) -> tuple[BadMoment, ...]:
        """All so far, with what is still wrong."""
        told = self.moments.all()
        if self._shut_since is None:
            return told
        since_s, kind = self._shut_since
        return (*told, BadMoment(kind=kind, start_s=since_s, duration_s=now_s - since_s))

    def figures(self, now_s: float) -> WatchFigures:
        """All so far in numbers."""
        still_s = now_s - self._open_since_s if self._open_since_s is not None else 0.0
        weight = self._jitter_weight
        return WatchFigures(
            measured_s=round(self._measured_s, 3),
            sent=self._sent,
            lost=self._lost,
            median_ms=self._quantile(0.5),
            p95_ms=self._quantile(0.95),
            highest_ms=self._highest_ms if self._counts else None,
            jitter_ms=self._jitter_sum_ms / weight if weight else None,
            worst_jitter_ms=self._worst_jitter_ms if weight else None,
            websocket_s=round(self._websocket_s + still_s, 3),
            websocket_cuts=self._cuts,
        )

    def _add(self, kind: BadKind, start_s: float, duration_s: float, worst: float) -> None:
        self.moments.add(
            BadMoment(kind=kind, start_s=start_s, duration_s=max(0.0, duration_s), worst=worst)
        )

    def _quantile(self, share: float) -> float | None:
        total = sum(self._counts.values())
        seen = 0
        for step in sorted(self._counts):
            seen += self._counts[step]
            if seen >= share * total:
                return _middle_ms(step)
        return None


def _step(time_ms: float) -> int:
    """Times by steps of a twentieth of an octave above 1 ms less: a bounded number of them."""
    return min(MOST_STEPS, round(STEPS_AN_OCTAVE * math.log2(1 + max(0.0, time_ms))))


def _middle_ms(step: int) -> float:
    return float(2 ** (step / STEPS_AN_OCTAVE) - 1)
