"""Stretches of time in which a group of desks fails more often than usual. Pure.

The runs of a group are scored by how much likelier each result is under a shared fault than
otherwise, in the order of time or by the hour of the day; the stretches with the highest sums are
candidates, as in a Bernoulli scan statistic (Kulldorff 1997, "A spatial scan statistic").
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter, itemgetter
from statistics import median
from typing import NamedTuple

from msgspec import Struct

KINDS = ("everywhere", "provider", "site", "subnet", "browser")
"""Of groups, a wider place before those inside it."""
DESKS_AT_LEAST = 3
"""What fewer desks met is not claimed to be shared (decision 72)."""
UNDER_A_FAULT = 0.8
"""How often a desk fails while a shared fault is on; which value hardly matters."""
OTHERWISE_AT_LEAST, OTHERWISE_AT_MOST = 0.02, 0.3
"""Bounds of how often a desk fails without a fault: at 0 a single failure would weigh without end,
and near `UNDER_A_FAULT` none would weigh at all."""
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

    def gap_s(self, other: "Window") -> float:
        """Seconds between the two; 0 where they meet."""
        return max(0.0, self.start_s - other.end_s, other.start_s - self.end_s)


class Stretch(Struct, frozen=True):
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
    """How many groups of desks are looked at for one requirement."""
    names = {
        (place, name)
        for event in events
        for place, name in enumerate(event.groups)
        if name or KINDS[place] == "everywhere"
    }
    return len(names)


def stretches_in(events: list[Event], *, daily: bool) -> Iterator[Stretch]:
    """Every stretch of every group in which enough desks fail; `events` are in order of time."""
    failing = [event for event in events if event.failed]
    if len({event.seat for event in failing}) < DESKS_AT_LEAST:
        return
    if daily:
        events = sorted(events, key=attrgetter("of_day_s"))
    groups = [event.groups for event in events]
    for place, kind in enumerate(KINDS):
        names = list(map(itemgetter(place), groups))
        runs, failures = Counter(names), Counter(event.groups[place] for event in failing)
        if kind != "everywhere":
            runs.pop("", None)  # desks of no known place have nothing in common
        wanted = _with_enough_desks(failing, place) & runs.keys()
        members: dict[str, list[Event]] = {name: [] for name in wanted}
        for name, event in zip(names, events, strict=True):
            if name in wanted:
                members[name].append(event)
        shares = {name: failures[name] / count for name, count in runs.items()}
        for name in sorted(wanted):
            others = [share for other, share in shares.items() if other != name]
            usual = median(others) if others else shares[name]
            for first, last, gain in _stretches(members[name], usual):
                within = members[name][first : last + 1]
                if len({event.seat for event in within if event.failed}) < DESKS_AT_LEAST:
                    continue
                ends = [each.of_day_s if daily else each.at_s for each in (within[0], within[-1])]
                yield Stretch(place, name, Window(*ends), daily, gain)


def _with_enough_desks(failing: list[Event], place: int) -> set[str]:
    """Groups in which enough different desks fail at all."""
    seats: dict[str, set[str]] = defaultdict(set)
    for event in failing:
        seats[event.groups[place]].add(event.seat)
    return {name for name, found in seats.items() if len(found) >= DESKS_AT_LEAST}


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
