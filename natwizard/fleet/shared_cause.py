"""Many desks with one problem: where, when, how sure, and which desks are odd by themselves.

For each requirement and each group of desks (a site, a subnet, a provider, a browser, all), the
runs are scored by how much likelier each result is under a shared fault than otherwise, once in
the order of time and once by the hour of the day; stretches with the highest sums (Ruzzo and Tompa
1999) are candidates, as in a Bernoulli scan statistic (Kulldorff 1997). The desks in each are held
against chance and against all other desks in the same hours by exact tests, corrected for every
group and window that was looked at; places that are in trouble of their own meanwhile are no
standard for others. The likeliest is told first, and what it explains is no evidence for the
next. Pure: no clock, no database.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from natwizard.fleet.odd_desks import OddDesk, odd_desks
from natwizard.fleet.requirement_runs import Counted, Parted, RequirementRuns, Tally
from natwizard.fleet.scan import (
    DESKS_AT_LEAST,
    KINDS,
    SAME_RESULT_S,
    Event,
    Stretch,
    Window,
    groups_in,
    stretches_in,
    thinned,
)
from natwizard.fleet.significance import (
    binomial_greater,
    boschloo_greater,
    fisher_greater,
    log_choose,
    places_of_a_window,
)

INSIDE = {"provider": "site", "everywhere": "site", "site": "subnet", "browser": "site"}
"""By which smaller places it is seen whether a group is hit evenly."""
BESIDE = {"provider": "site", "site": "site", "subnet": "subnet", "browser": "browser"}
"""By which places the desks elsewhere are told apart: those that have trouble themselves are no
standard of what is usual in those hours."""
AROUND = {"subnet": ("site", "provider"), "site": ("provider",)}
"""Larger places that one of this kind is a part of, besides everywhere."""

HALF = 0.5
"""A desk fails in a window where half of its runs there do, and a place where half its desks do."""
A_PART = 0.1
"""Of the longer time: two requirements that share less of it are two problems of one place."""
EVEN_SHARE = 0.6
"""Of a place's parts, that must fail too: else the few that do are the cause."""
MOST_PLACES = 0.8
"""Of all sites that must have been heard in these hours and fail: else it is told of those that do,
and perhaps it is everywhere."""
SURE = 0.01
"""One false alarm in a hundred folders, at most."""
SURE_BY_ITSELF = 0.001
"""Where desks elsewhere cannot bear it out that the place makes a difference."""
REST_OF_A_SITE, REST_OF_MORE = 0.05, 0.001
"""A fault of a whole site is likelier than of a subnet; two sites may well fail at one time."""
IN_DOUBT = 0.05
"""A larger place whose rest passes too seldom to exclude it is named as one that it may be."""
ABOUT_AS_OFTEN = 1.5
"""Requirements that fail this nearly as often are taken in the order of a report instead."""
FEW_DESKS = 5_000
"""Desks here times desks elsewhere up to which Boschloo's test is worth its time: of more desks it
hardly differs from Fisher's."""
ENOUGH_RUNS = 20
"""Fewer runs of a group at other times say little about what is usual there."""
DAY_S = 86400.0
EASTMOST_S = 13 * 3600.0
"""Zones are 14 hours east of UTC to 12 west, so that midnights of one date are 26 hours apart; with
this, all but those of a few islands count as one day."""
DAILY_SHARE = 0.2
"""Of the permitted error, for what comes back every day, which has more days to show itself; the
rest is for what has happened once (weighted Bonferroni, Holm 1979)."""
DAYS_AT_LEAST = 3
"""Two days at one hour are chance or the same fault that lasted; three are a habit."""


class Scope(Struct, frozen=True):
    """Which desks are meant: `kind` is one of KINDS, `groups` are which of them."""

    kind: str
    groups: tuple[str, ...]


class Cause(Struct, frozen=True, kw_only=True):
    """One problem of many desks.

    Attributes:
        kind, group: one of KINDS, and which of them; the one with most of the failures.
        also_at: further groups of that kind that are hit in the same hours, by name.
        failed, desks: desks that failed in half of their runs or more, of those that ran then.
        failed_elsewhere, desks_elsewhere: the same of all other desks but those of `apart`.
        apart: places that were in trouble of their own meanwhile.
        perhaps: larger places that it may be instead, the smallest first: too few of the desks in
            them that are not here ran in those hours to tell.
        chance: of seeing this by accident, corrected for all that was looked at.
        also: further requirements that failed at the same desks in the same hours.
        lasts: nothing has passed there since.
        daily: it comes back at one time of the day.
        of_day: where it is daily, from when to when, in seconds of each desk's own day; beyond a
            day's end where it goes on after midnight.
        days: where it is daily, on how many days it was then; a night is one.
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
    also_at: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    perhaps: tuple[Scope, ...] = ()
    lasts: bool = False
    daily: bool = False
    of_day: Window | None = None
    days: int = 0

    @property
    def places(self) -> tuple[str, ...]:
        """Every group that is hit."""
        return (self.group, *self.also_at)

    @property
    def share(self) -> float:
        """Of the desks there."""
        return self.failed / self.desks


class Analysis(Struct, frozen=True, kw_only=True):
    """What is shared, worst first, and what is not."""

    causes: tuple[Cause, ...]
    odd: tuple[OddDesk, ...]


def analyse(events_of: dict[str, Sequence[Event]]) -> Analysis:
    """Find what is behind the failures; `events_of` has each requirement's events, in the order
    in which a report has them.
    """
    ordered = {name: thinned(events) for name, events in events_of.items()}
    looks = sum(groups_in(events) for events in ordered.values())
    seen = {event.groups for events in ordered.values() for event in events}
    remaining = dict(ordered)
    causes: list[Cause] = []
    for name in _specific_first(ordered):
        mine: list[Cause] = []
        while clearest := _clearest(name, remaining[name], looks):
            cause, stretch = clearest
            looks = max(1, looks - 1)  # step-down: the next is tested against one less (Holm 1979)
            also, remaining = _explained(name, stretch, remaining)
            mine.append(replace(cause, also=also))
        causes += _joined([each for each in mine if not _with_remainder(each, causes, seen)])
    causes = _one_a_problem(causes)
    causes.sort(key=lambda cause: (-cause.failed, cause.chance))
    return Analysis(causes=tuple(causes), odd=odd_desks(remaining))


def _specific_first(events_of: dict[str, list[Event]]) -> list[str]:
    """The requirement that fails least often first, and where some do about as often, as in a
    report: one that sums others up (an estimated call quality) fails wherever any of them does,
    stands behind them, and is then explained already.
    """
    places = {name: place for place, name in enumerate(events_of)}
    failures = {name: sum(map(attrgetter("failed"), events)) for name, events in events_of.items()}
    order: list[str] = []
    for name in sorted(failures, key=lambda name: failures[name]):
        behind = (
            index
            for index, other in enumerate(order)
            if places[name] < places[other] and failures[name] <= ABOUT_AS_OFTEN * failures[other]
        )
        order.insert(next(behind, len(order)), name)
    return order


def _clearest(requirement: str, events: list[Event], looks: int) -> tuple[Cause, Stretch] | None:
    """Of all stretches in all groups that are sure and evenly hit, the likeliest."""
    found = [*stretches_in(events, daily=False), *stretches_in(events, daily=True)]
    found.sort(key=lambda each: each.gain, reverse=True)
    runs = RequirementRuns(events)
    for stretch in found:
        cause = _tested(requirement, stretch, runs, looks)
        if cause is not None and cause.chance <= SURE and _is_even(stretch, events):
            return cause, stretch
    return None


def _explained(
    requirement: str, stretch: Stretch, events_of: dict[str, list[Event]]
) -> tuple[tuple[str, ...], dict[str, list[Event]]]:
    """What else a cause is behind, and the events that it leaves open.

    What failed together with it in most of its runs is no problem of its own there, if the same
    desks do not fail it as often without it on these days.
    """

    def is_hit(event: Event) -> bool:
        return stretch.is_here(event) and stretch.holds(event)

    failing = [event for event in events_of[requirement] if event.failed]
    failing_runs = {event.run for event in failing}
    hit = [event for event in failing if is_hit(event)]
    hit_runs, hit_seats = {event.run for event in hit}, {event.seat for event in hit}
    left, also = dict(events_of), []
    for name, events in events_of.items():
        if name != requirement:
            together = sum(event.failed and event.run in hit_runs for event in events)
            if together < HALF * len(hit_runs):
                continue
            without = [
                event.failed
                for event in events
                if event.seat in hit_seats
                and event.run not in failing_runs
                and (stretch.daily or stretch.window.is_near(event.at_s, DAY_S))
            ]
            if without and sum(without) / len(without) >= HALF * together / len(hit_runs):
                continue
            also.append(name)
        left[name] = [event for event in events if not is_hit(event)]
    return tuple(also), left


def _tested(requirement: str, stretch: Stretch, runs: RequirementRuns, looks: int) -> Cause | None:
    """How likely it is that the desks of a group fail so often in a window by accident.

    Two things have to be excluded. That it is chance: against how often desks fail at all other
    times, by the binomial distribution, corrected for every group and window that could have
    been found. And that it is the same everywhere: against the desks elsewhere in the same
    hours, by an exact test. The weaker of the two counts. Where the first is sure and the second
    is not, something is shared, and it is left open by how many.
    """
    parted = runs.parted(stretch)
    here = parted.here
    failed, desks = _desks(here)
    if failed < DESKS_AT_LEAST or failed < HALF * desks:
        return None
    failures = Counter(event.groups[stretch.place] for event in here if event.failed)
    if len(failures) < len(stretch.groups):
        return None  # one of them was named for desks that are no witnesses
    windows = _windows(stretch, here)
    if stretch.daily and len(windows) < DAYS_AT_LEAST:
        return None
    # what is usual outside, and any more windows, make chance no less likely
    at_least = _by_itself(parted.outside.expected, here)
    if binomial_greater(failed, desks, at_least) * looks > SURE:
        return None
    before_and_after = runs.before_and_after(stretch, parted)
    usual = _usual_of_a_desk(_usual(parted, before_and_after), here, parted.elsewhere)
    looked_at = (len(here) + len(before_and_after)) / len(here)
    looked_at *= places_of_a_window(failed, desks * usual)
    looked_at /= DAILY_SHARE if stretch.daily else 1 - DAILY_SHARE
    if len(stretch.groups) > 1:
        of_kind = {event.groups[stretch.place] for event in runs.events}
        looked_at *= math.exp(log_choose(len(of_kind), len(stretch.groups)))
    chance = min(1.0, binomial_greater(failed, desks, usual) * looks * looked_at)
    if chance > SURE:
        return None
    compared = _compared(stretch, failed, desks, parted)
    if compared is None:
        return None
    perhaps = _perhaps(stretch, failed, desks, parted.elsewhere, runs.events)
    if compared.chance <= SURE:
        chance = max(chance, compared.chance)
    else:
        if chance > SURE_BY_ITSELF:
            return None
        perhaps += (Scope("everywhere", ("",)),)
    end_s = max(window.end_s for window in windows)
    later = [event for event in before_and_after if event.at_s > end_s]
    group, *also_at = sorted(stretch.groups, key=lambda name: (-failures[name], name))
    return Cause(
        kind=KINDS[stretch.place],
        group=group,
        also_at=tuple(also_at),
        requirement=requirement,
        failed=failed,
        desks=desks,
        failed_elsewhere=compared.failed,
        desks_elsewhere=compared.desks,
        apart=compared.apart,
        perhaps=perhaps,
        windows=windows,
        chance=chance,
        lasts=not stretch.daily and not any(not event.failed for event in later),
        daily=stretch.daily,
        of_day=stretch.window if stretch.daily else None,
        days=len(windows) if stretch.daily else 0,
    )


class _Compared(Struct, frozen=True, kw_only=True):
    """Desks elsewhere in the same hours, without those of places that have trouble themselves."""

    failed: int
    desks: int
    apart: tuple[str, ...]
    chance: float


def _compared(stretch: Stretch, failed: int, desks: int, parted: Parted) -> _Compared | None:
    """How likely so great a difference is if the place makes none; 1 where nobody was heard
    elsewhere, None where all who were have trouble of their own.

    Which places are left out is seen in the same figures, so every choice of as many has a part
    of the permitted error: 1/2 for leaving out none, 1/4 for one, shared by all choices of one.
    So is which places are told together.
    """
    kind = BESIDE.get(KINDS[stretch.place])
    if kind is None:
        return _Compared(failed=0, desks=0, apart=(), chance=0.0)
    if not parted.elsewhere:
        return _Compared(failed=0, desks=0, apart=(), chance=1.0)
    within = KINDS.index(kind)
    parts: dict[str, list[Event]] = defaultdict(list)
    for event in parted.elsewhere:
        parts[event.groups[within]].append(event)
    usual = parted.other_hours.expected
    counts = {name: _desks(part) for name, part in parts.items()}
    apart = tuple(
        sorted(
            name
            for name, (hit, all_there) in counts.items()
            if name
            and hit >= HALF * all_there
            and binomial_greater(hit, all_there, usual) <= REST_OF_MORE
        )
    )
    left = [each for name, each in counts.items() if name not in apart]
    if not left:
        return None
    failed_there, desks_there = (sum(column) for column in zip(*left, strict=True))
    choices = 2 ** (len(apart) + 1) * math.exp(log_choose(len(counts), len(apart)))
    choices = choices if apart else 1.0
    choices *= _ways_to_choose(len(stretch.groups), len(counts))
    chance = _difference(failed, desks, failed_there, desks_there, SURE / choices)
    return _Compared(
        failed=failed_there, desks=desks_there, apart=apart, chance=min(1.0, chance * choices)
    )


def _ways_to_choose(told: int, others: int) -> float:
    """How many sets of as many places there are: those told together were chosen because they
    fail, so that those left over look better than they are. One is no set.
    """
    return math.exp(log_choose(told + others, told)) if told > 1 else 1.0


def _difference(
    failed: int, desks: int, failed_there: int, desks_there: int, permitted: float
) -> float:
    """By Fisher's exact test, and where that is not below what is permitted, by Boschloo's."""
    chance = fisher_greater(failed, desks, failed_there, desks_there)
    if permitted < chance <= HALF and desks * desks_there <= FEW_DESKS:
        chance = boschloo_greater(failed, desks, failed_there, desks_there)
    return chance


def _perhaps(
    stretch: Stretch, failed: int, desks: int, elsewhere: list[Event], events: list[Event]
) -> tuple[Scope, ...]:
    """Larger places, but for everywhere, that the desks in the rest of them do not exclude."""
    found = []
    others = {event.groups[stretch.place] for event in elsewhere}
    choices = _ways_to_choose(len(stretch.groups), len(others))
    for kind in AROUND.get(KINDS[stretch.place], ()):
        place = KINDS.index(kind)
        around = {event.groups[place] for event in events if stretch.is_here(event)} - {""}
        inside = {event.seat for event in events if stretch.is_here(event)}
        if kind == "provider" and len(around) > 1:
            continue  # several that have nothing else in common
        if all(event.seat in inside for event in events if event.groups[place] in around):
            continue  # the same desks under another name
        rest = [event for event in elsewhere if event.groups[place] in around]
        permitted = IN_DOUBT / choices
        if _difference(failed, desks, *_desks(rest), permitted) > permitted:
            found.append(Scope(kind, tuple(sorted(around))))
    return tuple(found)


def _windows(stretch: Stretch, here: list[Event]) -> tuple[Window, ...]:
    """When exactly: one window, or one for each day on which something failed."""
    if not stretch.daily:
        return (stretch.window,)
    days: dict[float, list[float]] = defaultdict(list)
    for event in here:
        if event.failed:
            midnight_s = event.at_s - event.of_day_s  # that of the desk's own zone
            days[(midnight_s + EASTMOST_S) // DAY_S].append(event.at_s)
    return tuple(Window(min(times), max(times)) for _day, times in sorted(days.items()))


def _usual(parted: Parted, before_and_after: Sequence[Event]) -> float:
    """How often a run fails at all other times, of these desks or of all, whichever is more."""
    everywhere = parted.outside.expected
    if len(before_and_after) < ENOUGH_RUNS:
        return everywhere
    return max(everywhere, Counted.of(before_and_after).expected)


def _usual_of_a_desk(usual: float, here: Iterable[Event], elsewhere: Iterable[Event]) -> float:
    """How often a desk fails in half of its runs in a window, where a run fails as is usual: of two
    runs one is enough, of many it hardly happens. As the runs of a desk depend on each other, it is
    then as often as desks elsewhere do in the same hours, where that is less than is usual.
    """
    failed_there, desks_there = _desks(elsewhere)
    there = (failed_there + 1) / (desks_there + 2)
    return max(_by_itself(usual, here), min(usual, there))


def _by_itself(usual: float, here: Iterable[Event]) -> float:
    """The same, where the runs of a desk do not depend on each other."""
    runs = Tally.of(here).runs.values()
    return sum(binomial_greater(math.ceil(HALF * each), each, usual) for each in runs) / max(
        1, len(runs)
    )


def _desks(events: Iterable[Event]) -> tuple[int, int]:
    """Desks that failed in half of their runs or more, and all."""
    tally = Tally.of(events)
    failed = sum(tally.failures[seat] >= HALF * runs for seat, runs in tally.runs.items())
    return failed, len(tally.runs)


def _is_even(stretch: Stretch, events: list[Event]) -> bool:
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
    hit = [failed >= HALF * desks for failed, desks in told]
    if kind == "everywhere" and sum(hit) < MOST_PLACES * len(known):
        return False
    if _spares_a_part(told):
        return False
    failed, desks = (sum(counts) for counts in zip((0, 0), *told[1:], strict=True))
    if failed < HALF * desks or not failed:
        return False
    inside = [event for part in parts.values() for event in part]
    elsewhere = (event for event in events if stretch.holds(event) and not stretch.is_here(event))
    usual = _usual_of_a_desk(
        Counted.of(others if len(others) >= ENOUGH_RUNS else events).expected,
        inside,
        elsewhere,
    )
    several = [failed >= HALF * desks for failed, desks in told if desks > 1]
    allowed = REST_OF_A_SITE if kind == "site" else REST_OF_MORE
    return binomial_greater(failed, desks, usual) <= allowed and sum(several) >= EVEN_SHARE * len(
        several
    )


def _spares_a_part(parts: Sequence[tuple[int, int]]) -> bool:
    """Whether one of several parts fails clearly less than the others; of each the desks that
    failed, and all.
    """
    failed, desks = (sum(column) for column in zip(*parts, strict=True))
    return any(
        _difference(failed - hit, desks - there, hit, there, SURE / len(parts)) * len(parts) <= SURE
        for hit, there in parts
    )


def _joined(causes: list[Cause]) -> list[Cause]:
    """What comes back at one place is one problem with several windows."""
    same: dict[tuple[str, frozenset[str]], list[Cause]] = defaultdict(list)
    for cause in causes:
        same[cause.kind, frozenset(cause.places)].append(cause)
    joined = []
    for members in same.values():
        leading = max(members, key=lambda each: (each.failed, -each.chance))
        windows = {window for each in members for window in each.windows}
        joined.append(
            replace(
                _with_its_night(leading, members),
                windows=tuple(sorted(windows, key=attrgetter("start_s"))),
                also=tuple(dict.fromkeys(name for each in members for name in each.also)),
                lasts=any(each.lasts for each in members),
            )
        )
    return joined


def _with_its_night(cause: Cause, others: Iterable[Cause]) -> Cause:
    """What comes back from before midnight until after it is found as two, for days end there: one
    of them, told with the hours and the nights of both.
    """
    for other in others:
        for evening, morning in ((cause, other), (other, cause)):
            if evening.of_day is None or morning.of_day is None:
                continue
            parted_s = morning.of_day.start_s + DAY_S - evening.of_day.end_s
            if morning.of_day.end_s < evening.of_day.start_s and parted_s <= SAME_RESULT_S:
                begins_s = evening.windows[0].start_s - HALF * DAY_S  # at noon, by any clock
                nights = {
                    (window.start_s - begins_s) // DAY_S
                    for window in (*evening.windows, *morning.windows)
                }
                hours = Window(evening.of_day.start_s, morning.of_day.end_s + DAY_S)
                return replace(cause, of_day=hours, days=len(nights))
    return cause


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


def _with_remainder(cause: Cause, causes: list[Cause], seen: set[tuple[str, ...]]) -> bool:
    """Whether it is the rest of one of `causes`, which it is then made a part of.

    Loss from 9 to 11 and latency from 10 to 11 leave loss from 9 to 10 over when latency is
    explained, perhaps only clear in one subnet of the site.
    """
    for place, whole in enumerate(causes):
        if cause.requirement in whole.also and _follows(cause, whole, seen):
            causes[place] = replace(
                whole,
                windows=_merged((*whole.windows, *cause.windows)),
                also=tuple(dict.fromkeys((*whole.also, *cause.also))),
                lasts=whole.lasts or cause.lasts,
            )
            return True
    return False


def _follows(cause: Cause, leading: Cause, seen: set[tuple[str, ...]]) -> bool:
    """At the same place or within it, and hardly parted in time."""
    here, there = KINDS.index(cause.kind), KINDS.index(leading.kind)
    if any(groups[there] not in leading.places for groups in seen if groups[here] in cause.places):
        return False
    return cause.daily == leading.daily and all(
        any(one.gap_s(other) <= SAME_RESULT_S for other in leading.windows) for one in cause.windows
    )


def _merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """In order of time; those that are hardly parted are one."""
    merged: list[Window] = []
    for window in sorted(windows, key=attrgetter("start_s")):
        if merged and merged[-1].gap_s(window) <= SAME_RESULT_S:
            window = Window(merged[-1].start_s, max(merged[-1].end_s, window.end_s))
            merged.pop()
        merged.append(window)
    return tuple(merged)


def _same(one: Cause, other: Cause) -> bool:
    """The same place, and most of the shorter time; not an hour out of weeks."""
    if (one.kind, set(one.places)) != (other.kind, set(other.places)):
        return False
    both_s = sum(a.overlap_s(b) for a in one.windows for b in other.windows)
    shorter_s, longer_s = sorted(
        sum(each.length_s for each in cause.windows) for cause in (one, other)
    )
    return both_s >= max(HALF * shorter_s, A_PART * longer_s)
