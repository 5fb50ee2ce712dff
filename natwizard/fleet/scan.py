"""Stretches of time in which a group of desks fails more often than usual. Pure.

The runs of a group are scored by how much likelier each result is under a shared fault than
otherwise, in the order of time or by the hour of the day; the stretches with the highest sums are
candidates, as in a Bernoulli scan statistic (Kulldorff 1997, "A spatial scan statistic"). Where
several places of one kind are hit in the same hours, whatever they have in common, they are a
candidate together: of all sets of places only those that score best need a look (Neill 2012,
"Fast subset scan for spatial pattern detection").
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from msgspec import Struct

from natwizard.fleet.significance import binomial_greater, log_choose

KINDS = ("everywhere", "provider", "site", "subnet", "browser")
"""Of groups, a wider place before those inside it."""
DESKS_AT_LEAST = 3
"""What fewer desks met is not claimed to be shared (decision 72)."""
UNDER_A_FAULT = 0.8
"""How often a desk fails while a shared fault is on; which value hardly matters."""
OTHERWISE_AT_LEAST, OTHERWISE_AT_MOST = 0.02, 0.3
"""Bounds of how often a desk fails without a fault: at 0 a single failure would weigh without end,
and near `UNDER_A_FAULT` none would weigh at all."""
UNDER_A_FAULT_IN_PART = 0.2
"""The same of all desks, where a fault hits some of the places: a fifth of them, or more."""
DESKS_IN_A_SET = 2
"""Of a group that is named beside others: one desk may have failed by itself meanwhile."""
UNLIKELY = 0.01
"""So seldom a group that is hit all along passes as often as this one does."""
IN_SETS = ("site", "browser")
"""Places of these kinds are told together; several providers are told as their sites, and subnets
of several sites are too many to choose from: some set of them always fits a little better."""
HALF = 0.5
SAME_RESULT_S = 1800.0
"""A desk that runs again and again in half an hour tells one thing once."""


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

    def is_near(self, at_s: float, within_s: float) -> bool:
        """Whether a moment is in it, or so many seconds before or after."""
        return self.start_s - within_s <= at_s <= self.end_s + within_s

    def gap_s(self, other: "Window") -> float:
        """Seconds between the two; 0 where they meet."""
        return max(0.0, self.start_s - other.end_s, other.start_s - self.end_s)


class Stretch(Struct, frozen=True):
    """A group of desks in a window, and by how much a shared fault makes it likelier.

    Attributes:
        place: of the groups' kind in KINDS.
        groups: one, or several that are hit together.
        daily: `window` is of each day, in seconds of local time, else once, in UTC seconds.
        gain: logarithm of a likelihood ratio, less what it costs to name a set of groups.
    """

    place: int
    groups: frozenset[str]
    window: Window
    daily: bool
    gain: float

    def holds(self, event: Event) -> bool:
        """Whether an event is in the window, whoever's it is."""
        at_s = event.of_day_s if self.daily else event.at_s
        return self.window.start_s <= at_s <= self.window.end_s

    def is_here(self, event: Event) -> bool:
        """Whether an event is of the group."""
        return event.groups[self.place] in self.groups


def thinned(events: Iterable[Event]) -> list[Event]:
    """In order of time, without a desk's same result again within half an hour."""
    last: dict[tuple[str, bool], float] = {}
    kept = []
    for event in sorted(events, key=attrgetter("at_s")):
        key = (event.seat, event.failed)
        if event.at_s - last.get(key, -math.inf) >= SAME_RESULT_S:
            last[key] = event.at_s
            kept.append(event)
    return kept


def groups_in(events: list[Event]) -> int:
    """How many groups of desks are looked at for one requirement: those in which enough desks fail
    at all. What can never be told needs no correction for having looked (Tarone 1990), and what
    has two names (a site of one subnet) is looked at once.
    """
    failing = [event for event in events if event.failed]
    looked_at = set()
    for place, kind in enumerate(KINDS):
        names = _with_enough_desks(failing, place) - (set() if kind == "everywhere" else {""})
        desks: dict[str, set[str]] = defaultdict(set)
        for event in events:
            if event.groups[place] in names:
                desks[event.groups[place]].add(event.seat)
        looked_at |= {frozenset(seats) for seats in desks.values()}
    return len(looked_at)


def stretches_in(events: list[Event], *, daily: bool) -> Iterator[Stretch]:
    """Every stretch of every group in which enough desks fail; `events` are in order of time."""
    failing = [event for event in events if event.failed]
    if len({event.seat for event in failing}) < DESKS_AT_LEAST:
        return
    if daily:
        events = sorted(events, key=attrgetter("of_day_s"))
    hours = _in_part(events, daily=daily)
    clear = math.log(len(events))
    for place, kind in enumerate(KINDS):
        members: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            members[event.groups[place]].append(event)
        if kind != "everywhere":
            members.pop("", None)  # desks of no known place have nothing in common
        failures = Counter(event.groups[place] for event in failing)
        shares = {name: failures[name] / len(found) for name, found in members.items()}
        alone = [
            stretch
            for name in sorted(_with_enough_desks(failing, place) & members.keys())
            for stretch in _of_groups(place, frozenset((name,)), members[name], shares, daily=daily)
        ]
        yield from alone
        windows = [stretch.window for stretch in alone if stretch.gain > clear]
        if kind == "everywhere":
            hours += windows
        elif kind in IN_SETS and len(members) > 1:
            moments = {
                name: [each.of_day_s if daily else each.at_s for each in found]
                for name, found in members.items()
            }
            yield from {
                stretch: None
                for window in dict.fromkeys([*hours, *windows])
                for stretch in _hit_together(
                    place,
                    window,
                    _within(window, members, moments),
                    members,
                    shares,
                    daily=daily,
                )
            }


def _with_enough_desks(failing: list[Event], place: int) -> set[str]:
    """Groups in which enough different desks fail at all."""
    seats: dict[str, set[str]] = defaultdict(set)
    for event in failing:
        seats[event.groups[place]].add(event.seat)
    return {name for name, found in seats.items() if len(found) >= DESKS_AT_LEAST}


def _of_groups(
    place: int,
    groups: frozenset[str],
    events: list[Event],
    shares: Mapping[str, float],
    *,
    daily: bool,
) -> Iterator[Stretch]:
    """Every stretch of the events of some groups; `shares` has how often each group fails.

    Its gain is less what it costs to say which groups, of all of this kind: else the one place
    that happened to pass would make a fault of everywhere one of all the others.
    """
    others = [share for name, share in shares.items() if name not in groups]
    usual = median(others or shares.values())
    price = log_choose(len(shares), len(groups))
    for first, last, gain in _stretches(events, usual):
        within = events[first : last + 1]
        if len({event.seat for event in within if event.failed}) >= DESKS_AT_LEAST:
            yield Stretch(place, groups, Window(*_ends(within, daily=daily)), daily, gain - price)


def _ends(events: Sequence[Event], *, daily: bool) -> tuple[float, float]:
    first, last = events[0], events[-1]
    return (first.of_day_s, last.of_day_s) if daily else (first.at_s, last.at_s)


def _in_part(events: list[Event], *, daily: bool) -> list[Window]:
    """Hours in which enough desks fail somewhere, though not most of all desks: where there are so
    many runs, a lower gain comes by chance somewhere. Of few desks they run into each other: then
    the hours of single places and of all desks tell more.
    """
    share = sum(event.failed for event in events) / len(events)
    found = []
    for first, last, gain in _stretches(events, share, UNDER_A_FAULT_IN_PART):
        within = events[first : last + 1]
        if gain <= math.log(len(events)):
            continue
        if len({event.seat for event in within if event.failed}) >= DESKS_AT_LEAST:
            found.append(Window(*_ends(within, daily=daily)))
    return found


def _hit_together(
    place: int,
    window: Window,
    there: dict[str, list[Event]],
    members: Mapping[str, list[Event]],
    shares: Mapping[str, float],
    *,
    daily: bool,
) -> Iterator[Stretch]:
    """The groups that fail in these hours as one candidate, where there are several."""
    hit = _best_set(there, median(shares.values()))
    if not 1 < len(hit) < len(members):
        return
    events = sorted(
        (event for name in hit for event in members[name]),
        key=attrgetter("of_day_s" if daily else "at_s"),
    )
    for stretch in _of_groups(place, frozenset(hit), events, shares, daily=daily):
        if stretch.window.overlap_s(window) > 0:
            yield stretch


def _within(
    window: Window, members: Mapping[str, list[Event]], moments: Mapping[str, list[float]]
) -> dict[str, list[Event]]:
    """The events of each group in a window; `moments` are those of the events."""
    found = {
        name: events[
            bisect_left(moments[name], window.start_s) : bisect_right(moments[name], window.end_s)
        ]
        for name, events in members.items()
    }
    return {name: events for name, events in found.items() if events}


def _best_set(there: Mapping[str, list[Event]], usual: float) -> tuple[str, ...]:
    """Of all sets of groups the one that scores best: it begins with the group that does."""
    scores = {
        name: _score(events, usual) for name, events in there.items() if _fails_all_along(events)
    }
    order = sorted(scores, key=lambda name: (-scores[name], name))
    sums = [0.0, *accumulate(scores[name] for name in order)]
    best = max(range(len(sums)), key=lambda count: sums[count] - log_choose(len(there), count))
    return tuple(order[:best])


def _fails_all_along(events: Sequence[Event]) -> bool:
    """Whether a group may fail in all of these hours, and not only in some of them."""
    failing = [event.seat for event in events if event.failed]
    passed = len(events) - len(failing)
    return (
        len(set(failing)) >= DESKS_IN_A_SET
        and len(failing) >= HALF * len(events)
        and binomial_greater(passed, len(events), 1 - UNDER_A_FAULT) > UNLIKELY
    )


def _score(events: Iterable[Event], usual: float) -> float:
    hit, miss = _weights(usual, UNDER_A_FAULT)
    return sum(hit if event.failed else miss for event in events)


def _weights(usual: float, under_a_fault: float) -> tuple[float, float]:
    """Of a failed and of a passed run: logarithms of how much likelier it is under a fault."""
    usual = min(OTHERWISE_AT_MOST, max(OTHERWISE_AT_LEAST, usual), HALF * under_a_fault)
    return math.log(under_a_fault / usual), math.log((1 - under_a_fault) / (1 - usual))


def _stretches(
    events: list[Event], usual: float, under_a_fault: float = UNDER_A_FAULT
) -> list[tuple[int, int, float]]:
    """Maximal scoring stretches: places of the first and last failure, and what each scores.

    All of them, in linear time: Ruzzo and Tompa, "A linear time algorithm for finding all maximal
    scoring subsequences" (ISMB 1999).
    """
    hit, miss = _weights(usual, under_a_fault)
    parts: list[tuple[float, float, int, int]] = []  # sum before, sum after, first, last
    lower: list[int] = []  # of each part, the last one before it with a lower sum before; -1: none
    total = 0.0
    for place, event in enumerate(events):
        before, total = total, total + (hit if event.failed else miss)
        if not event.failed:
            continue
        part = (before, total, place, place)
        while True:
            left = len(parts) - 1
            while left >= 0 and parts[left][0] >= part[0]:
                left = lower[left]  # those between are no lower
            if left < 0 or parts[left][1] >= part[1]:
                parts.append(part)
                lower.append(left)
                break
            part = (parts[left][0], part[1], parts[left][2], part[3])
            del parts[left:], lower[left:]
    return [(first, last, after - before) for before, after, first, last in parts]
