"""Many desks with one problem: where, when, how sure, and which desks are odd by themselves.

For each requirement and each group of desks (a site, a subnet, a provider, a browser, all), the
runs are scored by how much likelier each result is under a shared fault than otherwise, once in
the order of time and once by the hour of the day; stretches with the highest sums (Ruzzo and Tompa
1999) are candidates, as in a Bernoulli scan statistic (Kulldorff 1997). The desks in each are held
against chance and against all other desks in the same hours by exact tests, corrected for every
group and window that was looked at. The likeliest is told first, and what it explains is no
evidence for the next. Pure: no clock, no database.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from natwizard.fleet.significance import (
    binomial_greater,
    false_discovery_rates,
    fisher_greater,
)

KINDS = ("everywhere", "provider", "site", "subnet", "browser")
"""Of groups, a wider place before those inside it."""
INSIDE = {"provider": "site", "everywhere": "site", "site": "subnet", "browser": "site"}
"""By which smaller places it is seen whether a group is hit evenly."""

DESKS_AT_LEAST = 3
HALF = 0.5
EVEN_SHARE = 0.6
SURE = 0.01
"""One false alarm in a hundred folders, at most."""
ODD_SURE = 0.05
"""One in twenty of the desks that are told as odd, at most."""
UNDER_A_FAULT = 0.8
"""How often a desk fails while a shared fault is on; which value hardly matters."""
OTHERWISE_AT_LEAST, OTHERWISE_AT_MOST = 0.02, 0.3
REST_OF_A_SITE, REST_OF_MORE = 0.05, 0.001
"""A fault of a whole site is likelier than of a subnet; two sites may well fail at one time."""
ABOUT_AS_OFTEN = 1.5
ENOUGH_RUNS = 20
"""Fewer runs of a group at other times say little about what is usual there."""
DAYS_AT_LEAST = 3
SAME_RESULT_S = 1800.0
"""A desk that runs again and again in half an hour tells one thing once."""
ODD_RUNS_AT_LEAST = 3


class Event(NamedTuple):
    """One requirement of one run. `groups` is in the order of KINDS; an empty name is no group.

    `of_day_s` is local time: what comes back at nine o'clock does so by the clock on the wall.
    """

    at_s: float
    of_day_s: float
    seat: str
    run: str
    groups: tuple[str, ...]
    failed: bool


class Window(Struct, frozen=True):
    """From the first failure to the last, UTC seconds."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """At least a minute: a window of one moment has looked somewhere, too."""
        return max(60.0, self.end_s - self.start_s)

    def overlap_s(self, other: "Window") -> float:
        """Seconds that both have."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def meets(self, other: "Window") -> bool:
        """Whether they have a moment in common."""
        return self.start_s <= other.end_s and other.start_s <= self.end_s


class _Stretch(Struct, frozen=True):
    """A group of desks in a window, and by how much a shared fault makes it likelier.

    Attributes:
        place: of the group's kind in KINDS.
        daily: `window` is of each day, in seconds of local time, else once, in UTC seconds.
    """

    place: int
    group: str
    window: Window
    daily: bool
    gain: float

    def holds(self, event: Event) -> bool:
        """Whether an event is in the window, whoever's it is."""
        at_s = event.of_day_s if self.daily else event.at_s
        return self.window.start_s <= at_s <= self.window.end_s

    def is_here(self, event: Event) -> bool:
        """Whether an event is of the group."""
        return event.groups[self.place] == self.group


class Cause(Struct, frozen=True, kw_only=True):
    """One problem of many desks.

    Attributes:
        kind, group: one of KINDS, and which of them.
        failed, desks: desks that failed in half of their runs or more, of those that ran then.
        failed_elsewhere, desks_elsewhere: the same of all other desks.
        chance: of seeing this by accident, corrected for all that was looked at.
        also: further requirements that failed at the same desks in the same hours.
        lasts: nothing has passed there since.
        daily: it comes back at one time of the day.
    """

    kind: str
    group: str
    requirement: str
    failed: int
    desks: int
    failed_elsewhere: int
    desks_elsewhere: int
    windows: tuple[Window, ...]
    chance: float
    also: tuple[str, ...] = ()
    lasts: bool = False
    daily: bool = False

    @property
    def share(self) -> float:
        """Of the desks there."""
        return self.failed / self.desks


class OddDesk(Struct, frozen=True, kw_only=True):
    """One desk that fails where its neighbours pass."""

    seat: str
    site: str
    requirement: str
    failed: int
    runs: int
    neighbours: int
    rate: float


class Analysis(Struct, frozen=True, kw_only=True):
    """What is shared, worst first, and what is not."""

    causes: tuple[Cause, ...]
    odd: tuple[OddDesk, ...]


def analyse(events_of: dict[str, Sequence[Event]]) -> Analysis:
    """Find what is behind the failures; `events_of` has each requirement's events, in the order
    in which a report has them.
    """
    ordered = {name: _thinned(events) for name, events in events_of.items()}
    looks = sum(_groups_in(events) for events in ordered.values())
    remaining = dict(ordered)
    causes: list[Cause] = []
    for name in _specific_first(ordered):
        mine: list[Cause] = []
        while clearest := _clearest(name, remaining[name], looks):
            cause, stretch = clearest
            looks = max(1, looks - 1)  # step-down: the next is tested against one less (Holm 1979)
            also, remaining = _explained(name, stretch, remaining)
            mine.append(replace(cause, also=also))
        causes += _joined(mine)
    causes = _one_a_problem(causes)
    causes.sort(key=lambda cause: (-cause.failed, cause.chance))
    return Analysis(causes=tuple(causes), odd=_odd(remaining))


def _specific_first(events_of: dict[str, list[Event]]) -> list[str]:
    """The requirement that fails least often first, and where some do about as often, as in a
    report: one that sums others up (an estimated call quality) fails wherever any of them does,
    stands behind them, and is then explained already.
    """
    places = {name: place for place, name in enumerate(events_of)}
    failures = {name: sum(map(attrgetter("failed"), events)) for name, events in events_of.items()}
    order: list[str] = []
    alike: list[str] = []
    for name in sorted(failures, key=lambda name: failures[name]):
        if alike and failures[name] > ABOUT_AS_OFTEN * failures[alike[0]]:
            order += sorted(alike, key=lambda each: places[each])
            alike = []
        alike.append(name)
    return order + sorted(alike, key=lambda each: places[each])


def _thinned(events: Iterable[Event]) -> list[Event]:
    """In order of time, without a desk's same result again within half an hour."""
    last: dict[tuple[str, bool], float] = {}
    kept = []
    for event in sorted(events, key=attrgetter("at_s")):
        key = (event.seat, event.failed)
        if event.at_s - last.get(key, -math.inf) >= SAME_RESULT_S:
            last[key] = event.at_s
            kept.append(event)
    return kept


def _groups_in(events: list[Event]) -> int:
    """How many groups of desks are looked at for one requirement."""
    names = {
        (place, name)
        for event in events
        for place, name in enumerate(event.groups)
        if name or KINDS[place] == "everywhere"
    }
    return len(names)


def _clearest(requirement: str, events: list[Event], looks: int) -> tuple[Cause, _Stretch] | None:
    """Of all stretches in all groups that are sure and evenly hit, the likeliest."""
    found = [*_stretches_in(events, daily=False), *_stretches_in(events, daily=True)]
    found.sort(key=lambda each: each.gain, reverse=True)
    for stretch in found:
        cause = _tested(requirement, stretch, events, looks)
        if cause is not None and cause.chance <= SURE and _is_even(stretch, events):
            return cause, stretch
    return None


def _stretches_in(events: list[Event], *, daily: bool) -> Iterator[_Stretch]:
    if daily:
        events = sorted(events, key=attrgetter("of_day_s"))
    for place, kind in enumerate(KINDS):
        groups: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.groups[place] or kind == "everywhere":
                groups[event.groups[place]].append(event)
        shares = {name: _share(members) for name, members in groups.items()}
        for name, members in groups.items():
            if len({event.seat for event in members if event.failed}) < DESKS_AT_LEAST:
                continue
            others = [share for other, share in shares.items() if other != name]
            usual = median(others) if others else _share(members)
            for first, last, gain in _stretches(members, usual):
                within = members[first : last + 1]
                if len({event.seat for event in within if event.failed}) < DESKS_AT_LEAST:
                    continue
                ends = [each.of_day_s if daily else each.at_s for each in (within[0], within[-1])]
                yield _Stretch(place, name, Window(*ends), daily, gain)


def _explained(
    requirement: str, stretch: _Stretch, events_of: dict[str, list[Event]]
) -> tuple[tuple[str, ...], dict[str, list[Event]]]:
    """What else a cause is behind, and the events that it leaves open.

    What failed together with it in most of its runs is no problem of its own there.
    """

    def is_hit(event: Event) -> bool:
        return stretch.is_here(event) and stretch.holds(event)

    hit_runs = {event.run for event in events_of[requirement] if event.failed and is_hit(event)}
    left, also = dict(events_of), []
    for name, events in events_of.items():
        if name != requirement:
            together = sum(event.failed and event.run in hit_runs for event in events)
            if together < HALF * len(hit_runs):
                continue
            also.append(name)
        left[name] = [event for event in events if not is_hit(event)]
    return tuple(also), left


def _share(events: Sequence[Event]) -> float:
    return sum(event.failed for event in events) / len(events)


def _stretches(events: list[Event], usual: float) -> list[tuple[int, int, float]]:
    """Maximal scoring stretches: places of the first and last failure, and what each scores.

    All of them, in linear time: Ruzzo and Tompa, "A linear time algorithm for finding all maximal
    scoring subsequences" (ISMB 1999).
    """
    usual = min(OTHERWISE_AT_MOST, max(OTHERWISE_AT_LEAST, usual))
    hit = math.log(UNDER_A_FAULT / usual)
    miss = math.log((1 - UNDER_A_FAULT) / (1 - usual))
    parts: list[tuple[float, float, int, int]] = []  # sum before, sum after, first, last
    total = 0.0
    for place, event in enumerate(events):
        before, total = total, total + (hit if event.failed else miss)
        if not event.failed:
            continue
        part = (before, total, place, place)
        while True:
            left = next(
                (index for index in range(len(parts) - 1, -1, -1) if parts[index][0] < part[0]),
                None,
            )
            if left is None or parts[left][1] >= part[1]:
                parts.append(part)
                break
            part = (parts[left][0], part[1], parts[left][2], part[3])
            del parts[left:]
    return [(first, last, after - before) for before, after, first, last in parts]


def _tested(requirement: str, stretch: _Stretch, events: list[Event], looks: int) -> Cause | None:
    """How likely it is that the desks of a group fail so often in a window by accident.

    Two things have to be excluded. That it is chance: against how often desks fail at all other
    times, by the binomial distribution, corrected for every group and window that could have
    been found. And that it is the same everywhere: against the desks elsewhere in the same
    hours, by Fisher's test. The weaker of the two counts.
    """
    here, elsewhere, before_and_after, outside = _parted(stretch, events)
    failed, desks = _desks(here)
    if failed < DESKS_AT_LEAST or failed < HALF * desks:
        return None
    windows = _windows(stretch, here)
    if stretch.daily and len(windows) < DAYS_AT_LEAST:
        return None
    usual = max(
        _expected(each)
        for each in (before_and_after, outside)
        if len(each) >= ENOUGH_RUNS or each is outside
    )
    looked_at = (len(here) + len(before_and_after)) / len(here)
    chance = min(1.0, binomial_greater(failed, desks, usual) * looks * looked_at)
    failed_elsewhere, desks_elsewhere = _desks(elsewhere)
    if desks_elsewhere:
        difference = fisher_greater(failed, desks, failed_elsewhere, desks_elsewhere)
        chance = max(chance, difference)
    end_s = max(window.end_s for window in windows)
    later = [event for event in before_and_after if event.at_s > end_s]
    return Cause(
        kind=KINDS[stretch.place],
        group=stretch.group,
        requirement=requirement,
        failed=failed,
        desks=desks,
        failed_elsewhere=failed_elsewhere,
        desks_elsewhere=desks_elsewhere,
        windows=windows,
        chance=chance,
        lasts=not stretch.daily and not any(not event.failed for event in later),
        daily=stretch.daily,
    )


def _parted(
    stretch: _Stretch, events: list[Event]
) -> tuple[list[Event], list[Event], list[Event], list[Event]]:
    """Of the group and in the window; in the window elsewhere; of the group at other times; and
    everything but the first.
    """
    here, elsewhere, before_and_after, outside = [], [], [], []
    for event in events:
        if stretch.holds(event):
            if stretch.is_here(event):
                here.append(event)
                continue
            elsewhere.append(event)
        elif stretch.is_here(event):
            before_and_after.append(event)
        outside.append(event)
    return here, elsewhere, before_and_after, outside


def _windows(stretch: _Stretch, here: list[Event]) -> tuple[Window, ...]:
    """When exactly: one window, or one for each day on which something failed."""
    if not stretch.daily:
        return (stretch.window,)
    days: dict[float, list[float]] = defaultdict(list)
    for event in here:
        if event.failed:
            days[event.at_s - event.of_day_s].append(event.at_s)
    return tuple(Window(min(times), max(times)) for _day, times in sorted(days.items()))


def _expected(events: Sequence[Event]) -> float:
    """How often a run fails, by the rule of succession (Laplace): one half where there is none."""
    return (sum(event.failed for event in events) + 1) / (len(events) + 2)


def _desks(events: Iterable[Event]) -> tuple[int, int]:
    """Desks that failed in half of their runs or more, and all."""
    runs, failures = Counter[str](), Counter[str]()
    for event in events:
        runs[event.seat] += 1
        failures[event.seat] += event.failed
    return sum(failures[seat] >= HALF * runs[seat] for seat in runs), len(runs)


def _is_even(stretch: _Stretch, events: list[Event]) -> bool:
    """Whether a group is hit as a whole, and not by one of the places in it alone.

    Without the place that is hit most, the rest must still fail more than chance has it, in
    most of its places.
    """
    kind = KINDS[stretch.place]
    inner = INSIDE.get(kind)
    if inner is None:
        return True
    within = KINDS.index(inner)
    parts: dict[str, list[Event]] = defaultdict(list)
    known, others = set(), []
    for event in events:
        if not stretch.is_here(event):
            continue
        known.add(event.groups[within])
        if stretch.holds(event):
            parts[event.groups[within]].append(event)
        else:
            others.append(event)
    if len(known) < 2:
        # the only subnet of a site is told as the site, the only site of a provider as itself
        return kind in ("site", "everywhere")
    told = sorted((_desks(part) for part in parts.values()), reverse=True)
    failed, desks = (sum(counts) for counts in zip((0, 0), *told[1:], strict=True))
    if failed < HALF * desks or not failed:
        return False
    usual = _expected(others if len(others) >= ENOUGH_RUNS else events)
    several = [failed >= HALF * desks for failed, desks in told if desks > 1]
    allowed = REST_OF_A_SITE if kind == "site" else REST_OF_MORE
    return binomial_greater(failed, desks, usual) <= allowed and sum(several) >= EVEN_SHARE * len(
        several
    )


def _joined(causes: list[Cause]) -> list[Cause]:
    """What comes back at one place is one problem with several windows."""
    same: dict[tuple[str, str], list[Cause]] = defaultdict(list)
    for cause in causes:
        same[cause.kind, cause.group].append(cause)
    joined = []
    for members in same.values():
        leading = max(members, key=lambda each: (each.failed, -each.chance))
        windows = {window for each in members for window in each.windows}
        joined.append(
            replace(
                leading,
                windows=tuple(sorted(windows, key=attrgetter("start_s"))),
                also=tuple(dict.fromkeys(name for each in members for name in each.also)),
                lasts=any(each.lasts for each in members),
            )
        )
    return joined


def _one_a_problem(causes: list[Cause]) -> list[Cause]:
    """Requirements that fail at one place in the same hours are one problem: the clearest leads."""
    kept: list[Cause] = []
    for cause in sorted(causes, key=lambda each: (each.chance, -each.failed)):
        leading = next((place for place, each in enumerate(kept) if _same(each, cause)), None)
        if leading is None:
            kept.append(cause)
        elif cause.requirement not in (kept[leading].requirement, *kept[leading].also):
            also = (*kept[leading].also, cause.requirement)
            kept[leading] = replace(kept[leading], also=also)
    return kept


def _same(one: Cause, other: Cause) -> bool:
    """The same place, and most of the shorter time."""
    if (one.kind, one.group) != (other.kind, other.group):
        return False
    both_s = sum(a.overlap_s(b) for a in one.windows for b in other.windows)
    shorter_s = min(sum(each.length_s for each in cause.windows) for cause in (one, other))
    return both_s >= HALF * shorter_s


def _odd(events_of: dict[str, list[Event]]) -> tuple[OddDesk, ...]:
    """Desks that fail where others at their site pass, in what no shared cause explains."""
    found: list[tuple[float, OddDesk]] = []
    looks = 0
    for name, events in events_of.items():
        sites: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            sites[event.groups[KINDS.index("site")]].append(event)
        for site, members in sites.items():
            runs = Counter(event.seat for event in members)
            failures = Counter(event.seat for event in members if event.failed)
            looks += len(runs)
            for seat, failed in failures.items():
                if failed < ODD_RUNS_AT_LEAST or failed < HALF * runs[seat]:
                    continue
                # other odd desks must not hide this one
                others = [
                    each for each in runs if each != seat and failures[each] < HALF * runs[each]
                ]
                chance = fisher_greater(
                    failed,
                    runs[seat],
                    sum(failures[each] for each in others),
                    sum(runs[each] for each in others),
                )
                desk = OddDesk(seat=seat, site=site, requirement=name, failed=failed,
                               runs=runs[seat], neighbours=len(others), rate=chance)  # fmt: skip
                found.append((chance, desk))
    rates = false_discovery_rates([chance for chance, _desk in found], looks)
    odd = [
        replace(desk, rate=rate)
        for (_chance, desk), rate in zip(found, rates, strict=True)
        if rate <= ODD_SURE
    ]
    return tuple(sorted(odd, key=lambda desk: (desk.site, desk.requirement, desk.seat)))
