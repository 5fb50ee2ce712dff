"""All runs of one requirement, kept so that those of a window are found without a look at the rest.

Where many desks fail, thousands of windows have to be looked at. Pure.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from msgspec import Struct

from natwizard.fleet.scan import HALF, Event, Stretch
from natwizard.fleet.significance import binomial_greater

FAILS_ANYWAY = 3
"""Other failed runs, and half of all other runs: such a desk is no witness of what these hours
do."""
SELDOM = 0.001
"""So seldom any desk fails as often as one that is no witness."""


class Tally(Struct, frozen=True):
    """Of each desk all runs of a requirement, and those that failed."""

    runs: Counter[str]
    failures: Counter[str]

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Tally":
        """Of some events."""
        runs, failures = Counter[str](), Counter[str]()
        for event in events:
            runs[event.seat] += 1
            failures[event.seat] += event.failed
        return cls(runs, failures)


class Counted(Struct, frozen=True):
    """Runs, and how many of them failed."""

    failed: int
    runs: int

    @classmethod
    def of(cls, events: Sequence[Event]) -> "Counted":
        """Of some events."""
        return cls(sum(event.failed for event in events), len(events))

    def __sub__(self, other: "Counted") -> "Counted":
        return Counted(self.failed - other.failed, self.runs - other.runs)

    @property
    def expected(self) -> float:
        """How often a run fails, by the rule of succession (Laplace): half where there is none."""
        return (self.failed + 1) / (self.runs + 2)


class Parted(Struct, frozen=True, kw_only=True):
    """Runs in and beside a stretch, of desks that are witnesses.

    Attributes:
        here, elsewhere: in the window, of the group and of all others.
        outside: everything but `here`.
        other_hours: everything outside the window.
        no_witnesses: desks that fail at other times, too.
    """

    here: list[Event]
    elsewhere: list[Event]
    outside: Counted
    other_hours: Counted
    no_witnesses: frozenset[str]


class RequirementRuns:
    """`events` are in order of time."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self._of_day = sorted(events, key=attrgetter("of_day_s"))
        self._moments = [event.at_s for event in events]
        self._moments_of_day = [event.of_day_s for event in self._of_day]
        self._all = Counted.of(events)
        self._tally = Tally.of(events)
        # those that may be no witnesses: desks that ran and failed as often are told at once
        self._alike: dict[Counted, set[str]] = defaultdict(set)
        for seat, failed in self._tally.failures.items():
            if failed >= FAILS_ANYWAY:
                self._alike[Counted(failed, self._tally.runs[seat])].add(seat)

    def parted(self, stretch: Stretch) -> Parted:
        """The runs in a stretch and beside it."""
        within = self._within(stretch)
        anyway, theirs = self._failing_anyway(within)
        if anyway:
            within = [event for event in within if event.seat not in anyway]
        here = [event for event in within if stretch.is_here(event)]
        left = self._all - theirs
        return Parted(
            here=here,
            elsewhere=[event for event in within if not stretch.is_here(event)],
            outside=left - Counted.of(here),
            other_hours=left - Counted.of(within),
            no_witnesses=anyway,
        )

    def before_and_after(self, stretch: Stretch, parted: Parted) -> list[Event]:
        """Runs of the group outside the window: takes a look at all."""
        return [
            event
            for event in self.events
            if stretch.is_here(event)
            and not stretch.holds(event)
            and event.seat not in parted.no_witnesses
        ]

    def _within(self, stretch: Stretch) -> list[Event]:
        """In the order of time, or of the day."""
        if stretch.daily:
            events, moments = self._of_day, self._moments_of_day
        else:
            events, moments = self.events, self._moments
        window = stretch.window
        return events[bisect_left(moments, window.start_s) : bisect_right(moments, window.end_s)]

    def _failing_anyway(self, within: list[Event]) -> tuple[frozenset[str], Counted]:
        """Desks that fail at other times, too, clearly more often than is usual, and all of their
        runs: they are no witnesses of what these hours do, and would make chance look likelier
        than it is.
        """
        usual = (self._all - Counted.of(within)).expected
        inside = Tally.of(within)
        found: set[str] = set()
        failed = runs = 0
        for whole, seats in self._alike.items():
            at_other_times = seats - inside.runs.keys()
            if at_other_times and _fails_anyway(whole, usual):
                found |= at_other_times
                failed += whole.failed * len(at_other_times)
                runs += whole.runs * len(at_other_times)
        for seat, ran in inside.runs.items():
            whole = Counted(self._tally.failures[seat], self._tally.runs[seat])
            if _fails_anyway(whole - Counted(inside.failures[seat], ran), usual):
                found.add(seat)
                failed += whole.failed
                runs += whole.runs
        return frozenset(found), Counted(failed, runs)


def _fails_anyway(at_other_times: Counted, usual: float) -> bool:
    failed, ran = at_other_times.failed, at_other_times.runs
    return (
        failed >= FAILS_ANYWAY
        and failed >= HALF * ran
        and binomial_greater(failed, ran, usual) <= SELDOM
    )
