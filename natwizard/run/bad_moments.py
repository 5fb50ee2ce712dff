"""Finds and keeps the moments that a person on a call would have noticed. Pure."""

import itertools
from collections.abc import Sequence

from msgspec.structs import replace

from natwizard.model.finding import ChartColumn
from natwizard.model.watch import BadKind, BadMoment, WatchLimits

MOST_MOMENTS = 500
SAME_MOMENT_S = 2.0
"""Trouble of one kind that comes back within so short a time is one moment."""

QUARTER_S = 0.25
PACKETS_A_QUARTER = 12
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
    if all(quarter.lost >= PACKETS_A_QUARTER for _at_s, quarter in second):
        return _made(BadKind.NO_ANSWER, second, lost)
    if lost >= limits.lost_in_second:
        return _made(BadKind.LOST, lossy, lost)
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
    counted = first.kind in {BadKind.LOST, BadKind.NO_ANSWER}
    worst = first.worst + second.worst if counted else max(first.worst, second.worst)
    end_s = max(first.start_s + first.duration_s, second.start_s + second.duration_s)
    return replace(first, duration_s=end_s - first.start_s, worst=worst)
