"""All that a watch remembers: bounded, however long it lasts. Pure."""

import itertools
import math
from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from natwizard.model.address import RelayTransport
from natwizard.model.finding import ChartColumn
from natwizard.model.watch import (
    BadKind,
    BadMoment,
    CallStanding,
    WatchColumn,
    WatchedCall,
    WatchFigures,
    WatchLimits,
    joined_columns,
)
from natwizard.probes.browser_page.load import ComputerLoad
from natwizard.probes.browser_page.steps import WatchedDirection, WatchedSecond
from natwizard.probes.media.stream import MediaFigures, TimingQuality

# Decision 50: beyond it neighbours are put together, so that a storm costs no memory
MOST_MOMENTS = 500
SAME_MOMENT_S = 2.0
"""Trouble of one kind that comes back within so short a time is one moment."""

# The width of the columns that a stream tells (figures.COLUMN_S)
QUARTER_S = 0.25
AWAKE_AFTER_S = 15.0
"""A network card and its address take this long to come back after a sleep, or longer."""

SILENT_QUARTER_PACKETS = 12
"""Of the 12.5 that a call sends; a quarter second in which all of them are lost is silence."""


Quarter = tuple[float, ChartColumn]
"""When a quarter second began, in seconds of the watch, and what was seen in it."""


def seconds_of(quarters: Sequence[Quarter]) -> tuple[tuple[Quarter, ...], ...]:
    """Quarters by whole seconds of the watch."""
    grouped = itertools.groupby(quarters, key=lambda quarter: int(quarter[0]))
    return tuple(tuple(members) for _second, members in grouped)


def moments_in(seconds: Sequence[Sequence[Quarter]], limits: WatchLimits) -> tuple[BadMoment, ...]:
    """What is wrong in each second; the worst thing counts."""
    medians = sorted(quarter.median for second in seconds for _at_s, quarter in second)
    usual_ms = medians[len(medians) // 2] if medians else 0.0
    told = (_moment(second, usual_ms, limits) for second in seconds)
    return tuple(moment for moment in told if moment is not None)


def _moment(second: Sequence[Quarter], usual_ms: float, limits: WatchLimits) -> BadMoment | None:
    lossy = [each for each in second if each[1].lost]
    slow = [each for each in second if each[1].median > limits.round_trip_ms]
    late = [each for each in second if each[1].high > usual_ms + limits.late_after_ms]
    lost = float(sum(quarter.lost for _at_s, quarter in lossy))
    if all(quarter.lost >= SILENT_QUARTER_PACKETS for _at_s, quarter in second):
        return _made(BadKind.NO_ANSWER, second, lost)
    if lost >= limits.lost_in_second:
        return _made(BadKind.LOST, lossy, lost)
    # one slow quarter second of four is a moment for LATE, not a slow line
    if 2 * len(slow) > len(second):
        return _made(BadKind.SLOW, slow, max(quarter.median for _at_s, quarter in slow))
    if late:
        return _made(BadKind.LATE, late, max(quarter.high for _at_s, quarter in late))
    return None


def _made(kind: BadKind, told: Sequence[Quarter], worst: float) -> BadMoment:
    """From the first of these quarters to the last."""
    start_s, end_s = told[0][0], told[-1][0] + QUARTER_S
    return BadMoment(kind=kind, start_s=start_s, duration_s=end_s - start_s, worst=worst)


class MomentLog:
    """Keeps moments; of too many, neighbours of one kind are put together, and none is dropped."""

    def __init__(self, most: int = MOST_MOMENTS) -> None:
        if most <= len(BadKind):
            raise ValueError(f"{most} moments are too few: one of each kind must have its place")
        self._most = most
        self._moments: list[BadMoment] = []

    def add(self, moment: BadMoment) -> None:
        """Add one; it began after those before it of its kind."""
        place = self._last_of(moment.kind)
        if place is not None and _touches(self._moments[place], moment):
            self._moments[place] = _joined(self._moments[place], moment)
            return
        self._moments.append(moment)
        if len(self._moments) > self._most:
            self._put_together()

    def all(self) -> tuple[BadMoment, ...]:
        """All of them by their beginning."""
        return tuple(sorted(self._moments, key=lambda moment: moment.start_s))

    def _put_together(self) -> None:
        """The two of one kind that make the shortest stretch: so all stretches stay alike short.

        The newest stays alone, it may still grow. There are more moments than kinds, hence a pair.
        """
        latest: dict[BadKind, int] = {}
        pairs: list[tuple[float, int, int]] = []
        for place, moment in enumerate(self._moments[:-1]):
            before = latest.get(moment.kind)
            if before is not None:
                end_s = moment.start_s + moment.duration_s
                pairs.append((end_s - self._moments[before].start_s, before, place))
            latest[moment.kind] = place
        _length_s, before, place = min(pairs)
        first, second = self._moments[before], self._moments.pop(place)
        times = first.times + second.times
        self._moments[before] = replace(_joined(first, second), times=times)

    def _last_of(self, kind: BadKind) -> int | None:
        places = range(len(self._moments) - 1, -1, -1)
        return next((place for place in places if self._moments[place].kind is kind), None)


def _touches(first: BadMoment, second: BadMoment) -> bool:
    return second.start_s <= first.start_s + first.duration_s + SAME_MOMENT_S


def _joined(first: BadMoment, second: BadMoment) -> BadMoment:
    counted = first.kind in {BadKind.LOST, BadKind.NO_ANSWER, BadKind.CALL_GAPS}
    worst = first.worst + second.worst if counted else max(first.worst, second.worst)
    end_s = max(first.start_s + first.duration_s, second.start_s + second.duration_s)
    return replace(first, duration_s=end_s - first.start_s, worst=worst)


# Twelve minutes in seconds; a longer watch has wider ones, a day's 128 s
MOST_COLUMNS = 720
FIRST_WIDTH_S = 1.0


class WatchColumns:
    """Takes quarter seconds in time order; columns double in width when there are too many."""

    def __init__(self, most: int = MOST_COLUMNS) -> None:
        self.width_s = FIRST_WIDTH_S
        self._most = most
        self._columns: list[WatchColumn] = []

    def take(self, at_s: float, quarter: ChartColumn, packets: int) -> None:
        """Add a quarter second of `packets` packets that began at `at_s`."""
        answered = max(0, packets - quarter.lost)
        column = WatchColumn(
            start_s=self._floor(at_s),
            low=quarter.low,
            median=quarter.median,
            high=quarter.high,
            answered=answered,
            lost=quarter.lost,
        )
        if self._columns and self._columns[-1].start_s >= column.start_s:
            self._columns[-1] = joined_columns(self._columns[-1], column)
        else:
            self._columns.append(column)
        if len(self._columns) > self._most:
            self._double()

    def all(self) -> tuple[WatchColumn, ...]:
        """Columns so far, in time order; where nothing was measured there is none."""
        return tuple(self._columns)

    def _floor(self, at_s: float) -> float:
        return int(at_s / self.width_s) * self.width_s

    def _double(self) -> None:
        self.width_s *= 2
        joined: list[WatchColumn] = []
        for column in self._columns:
            start_s = self._floor(column.start_s)
            if joined and joined[-1].start_s == start_s:
                joined[-1] = joined_columns(joined[-1], column)
            else:
                joined.append(
                    WatchColumn(
                        start_s=start_s, low=column.low, median=column.median, high=column.high,
                        answered=column.answered, lost=column.lost,
                    )
                )  # fmt: skip
        self._columns = joined


STOPPED_MS = 5000.0
"""A second of the call that is longer by this was none: the computer slept, or the tab did."""

SILENCE_MS = 1000.0
"""No packet in a second is the line's where no program waited so long."""

COUNTED_AFTER_S = 1.0
"""What a busy computer spoilt may be counted in the second after."""

SECOND_PACKETS = 50
"""What a second weighs in a column, whatever came of it."""


class CallTally:
    """What a call in the browser tells of itself, second by second: bounded.

    Attributes:
        moments: those of the whole watch; the call's are added.
    """

    def __init__(self, limits: WatchLimits, moments: MomentLog, target: str) -> None:
        self.limits, self.target = limits, target
        self.standing = CallStanding.OPENING
        self._moments = moments
        self._made_up, self._delays = WatchColumns(), WatchColumns()
        self._round_trips, self._jitters = WatchColumns(), WatchColumns()
        self._transport: RelayTransport | Literal[""] = ""
        self._held_s, self._delay_sum_ms, self._worst_delay_ms = 0.0, 0.0, 0.0
        self._seconds, self._samples, self._concealed = 0, 0, 0
        self._received, self._lost = 0, 0
        self._busy_until_s, self._busy_late_ms, self._grew = -math.inf, 0.0, False
        self._since_s: float | None = None
        self._out: tuple[float, BadKind] | None = None

    def held(self, at_s: float) -> None:
        """It stands, for the first time or again."""
        self.standing, self._since_s = CallStanding.HELD, at_s
        if self._out is not None:
            since_s, kind = self._out
            self._add(kind, since_s, at_s - since_s, 0.0)
            self._out = None

    def lost(self, at_s: float, standing: CallStanding, kind: BadKind) -> None:
        """It does not stand any more, or does not for another reason than before."""
        stood = self._since_s is not None
        self.let_go(at_s)
        self.standing = standing
        if self._out is not None and self._out[1] is not kind:
            since_s, before = self._out
            self._add(before, since_s, at_s - since_s, 0.0)
            self._out = (at_s, kind)
        elif stood:
            self._out = (at_s, kind)

    def let_go(self, at_s: float) -> None:
        """It is held no longer, for no bad reason."""
        if self._since_s is not None:
            self._held_s += max(0.0, at_s - self._since_s)
            self._since_s = None

    def second(self, at_s: float, second: WatchedSecond, load: ComputerLoad) -> None:
        """About a second that ends at `at_s`, and how busy this computer was in it."""
        if self.standing is not CallStanding.HELD:
            self.held(at_s)  # a tab that stood still goes on
        self._transport = second.transport
        if not second.directions or second.late_ms > STOPPED_MS:
            return
        start_s = max(0.0, at_s - 1.0)
        made_up = 1000 * max(map(_made_up_share, second.directions))
        delay_ms = max(each.buffer_ms + each.round_trip_ms / 2 for each in second.directions)
        lost = sum(each.lost for each in second.directions)
        self._seconds += 1
        self._samples += sum(each.samples for each in second.directions)
        self._concealed += sum(each.concealed for each in second.directions)
        self._received += sum(each.received for each in second.directions)
        self._lost += lost
        self._delay_sum_ms += delay_ms
        self._worst_delay_ms = max(self._worst_delay_ms, delay_ms)
        for columns, value in (
            (self._made_up, made_up),
            (self._delays, delay_ms),
            (self._round_trips, max(each.round_trip_ms for each in second.directions)),
            (self._jitters, max(each.jitter_ms for each in second.directions)),
        ):
            column = ChartColumn(start_s=start_s, low=value, median=value, high=value, lost=lost)
            columns.take(start_s, column, SECOND_PACKETS + lost)
        late_ms = max(second.late_ms, load.late_ms)
        woken_late = late_ms > self.limits.page_late_ms
        if woken_late or load.busy_share > self.limits.busy_share:
            self._busy_until_s = at_s + COUNTED_AFTER_S
            self._busy_late_ms = late_ms if woken_late else 0.0
        # programs that wait lose no packets before their sockets are full, after seconds
        silent = any(each.received == 0 for each in second.directions)
        on_the_line = (silent and late_ms < SILENCE_MS) or (
            not woken_late and lost >= self.limits.lost_in_second
        )
        trip_ms = max(each.round_trip_ms for each in second.directions)
        self._judge(start_s, made_up, delay_ms, trip_ms, on_the_line=on_the_line)

    def _judge(
        self, start_s: float, made_up: float, delay_ms: float, trip_ms: float, *, on_the_line: bool
    ) -> None:
        gaps, late = made_up >= self.limits.made_up_ms, delay_ms > self.limits.call_delay_ms
        busy = start_s < self._busy_until_s
        # a jitter buffer that grew while the computer was busy stays large for long
        self._grew = late and (self._grew or busy) and trip_ms < self.limits.call_delay_ms
        if (gaps and busy and not on_the_line) or (late and not gaps and self._grew):
            self._add(BadKind.COMPUTER, start_s, 1.0, self._busy_late_ms)
        elif gaps:
            self._add(BadKind.CALL_GAPS, start_s, 1.0, made_up)
        elif late:
            self._add(BadKind.CALL_LATE, start_s, 1.0, delay_ms)

    def still_out(self, now_s: float) -> tuple[BadMoment, ...]:
        """What is wrong with it and goes on."""
        if self._out is None:
            return ()
        since_s, kind = self._out
        return (BadMoment(kind=kind, start_s=since_s, duration_s=max(0.0, now_s - since_s)),)

    def figures(self, now_s: float) -> WatchedCall:
        """All so far."""
        still_s = now_s - self._since_s if self._since_s is not None else 0.0
        seconds = self._seconds
        return WatchedCall(
            target=self.target,
            standing=self.standing,
            transport=self._transport,
            held_s=round(self._held_s + max(0.0, still_s), 3),
            made_up_share=round(self._concealed / self._samples, 6) if self._samples else 0.0,
            received=self._received,
            lost=self._lost,
            delay_ms=round(self._delay_sum_ms / seconds, 1) if seconds else None,
            worst_delay_ms=round(self._worst_delay_ms, 1) if seconds else None,
            column_s=self._made_up.width_s,
            made_up=self._made_up.all(),
            delays=self._delays.all(),
            round_trips=self._round_trips.all(),
            jitters=self._jitters.all(),
        )

    def _add(self, kind: BadKind, start_s: float, duration_s: float, worst: float) -> None:
        self._moments.add(
            BadMoment(kind=kind, start_s=start_s, duration_s=max(0.0, duration_s), worst=worst)
        )


def _made_up_share(direction: WatchedDirection) -> float:
    """0 to 1; where nothing was played all of it is missing."""
    if direction.samples == 0:
        return 1.0
    return min(1.0, direction.concealed / direction.samples)


# 50 packets a second
PACKETS_A_QUARTER = 12.5
# Neighbouring steps differ by 3.5 %, finer than a median of a quarter second is known
STEPS_AN_OCTAVE = 20
# 2**20 ms, a quarter of an hour: no answer takes longer
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
        self._slept_until_s = -math.inf
        self._quarters = 0

    def slept(self, start_s: float, duration_s: float) -> None:
        """The computer slept: what was on its way meanwhile says nothing of the line."""
        self._add(BadKind.SLEPT, start_s, duration_s, 0.0)
        self._slept_until_s = start_s + duration_s

    def quarter(self, at_s: float, quarter: ChartColumn) -> None:
        """A quarter second of the call; what it means is judged with the stretch it belongs to."""
        self._pending.append((at_s, quarter))
        # every other quarter has 13 packets, the rest 12
        packets = math.floor((self._quarters + 1) * PACKETS_A_QUARTER) - math.floor(
            self._quarters * PACKETS_A_QUARTER
        )
        self._quarters += 1
        self.columns.take(at_s, quarter, packets)
        if quarter.lost < SILENT_QUARTER_PACKETS:  # the median of a silent one is that before it
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

    def _judge_silence(self, machine: TimingQuality) -> None:
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
        awake = [each for each in self._pending if each[0] > self._slept_until_s + AWAKE_AFTER_S]
        for moment in moments_in(seconds_of(awake), self.limits):
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
