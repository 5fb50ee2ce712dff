"""What is found of a window without a look at the rest is what a look at all finds."""

import random

import pytest
from fleet.fleet_claims import events_of
from fleet.synthetic import make_fleet

from natwizard.fleet.requirement_runs import FAILS_ANYWAY, SELDOM, Counted, RequirementRuns
from natwizard.fleet.scan import KINDS, Event, Stretch, Window, stretches_in, thinned
from natwizard.fleet.shared_cause import analyse
from natwizard.fleet.significance import binomial_greater

DAY_S = 86400.0
SITE = KINDS.index("site")


def some_events(seed: int, *, seats: int = 12, days: int = 4) -> list[Event]:
    """Of two sites; a third of the desks fails nearly always, one at times."""
    chance = random.Random(seed)
    events = []
    for seat in range(seats):
        often = 0.9 if seat % 3 == 0 else 0.1
        for number in range(chance.randrange(1, 3 * days)):
            at_s = chance.randrange(days * 24) * 3600.0
            groups = ("", "", f"Site {chance.randrange(2)}", "", "")
            events.append(
                Event(at_s, at_s % DAY_S, f"{seat}", f"{seat}-{number}", groups,
                      chance.random() < often)
            )  # fmt: skip
    return sorted(events, key=lambda each: each.at_s)


def fails_anyway(events: list[Event], seat: str, usual: float) -> bool:
    own = Counted.of([each for each in events if each.seat == seat])
    return (
        own.failed >= FAILS_ANYWAY
        and 2 * own.failed >= own.runs
        and binomial_greater(own.failed, own.runs, usual) <= SELDOM
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_window_is_parted_as_by_a_look_at_every_run(seed: int) -> None:
    """Hours begin and end at the moments of runs, where a bound that is left out would show."""
    chance = random.Random(seed)
    events = some_events(seed)
    daily = bool(seed % 2)
    start_s, end_s = sorted(
        chance.randrange(24 if daily else 24 * 4) * 3600.0 for _each in range(2)
    )
    stretch = Stretch(SITE, frozenset(("Site 0",)), Window(start_s, end_s), daily, 0.0)
    runs = RequirementRuns(events)
    parted = runs.parted(stretch)

    other_hours = [each for each in events if not stretch.holds(each)]
    usual = Counted.of(other_hours).expected
    anyway = {
        seat for seat in {each.seat for each in events} if fails_anyway(other_hours, seat, usual)
    }
    left = [each for each in events if each.seat not in anyway]
    here = [each for each in left if stretch.holds(each) and stretch.is_here(each)]
    assert parted.no_witnesses == anyway
    assert sorted(parted.here) == sorted(here)
    assert sorted(parted.elsewhere) == sorted(
        each for each in left if stretch.holds(each) and not stretch.is_here(each)
    )
    assert parted.outside == Counted.of([each for each in left if each not in here])
    assert parted.other_hours == Counted.of([each for each in left if not stretch.holds(each)])
    assert runs.before_and_after(stretch, parted) == [
        each for each in left if not stretch.holds(each) and stretch.is_here(each)
    ]


def test_there_are_desks_that_fail_anyway_in_these() -> None:
    everything = Stretch(SITE, frozenset(("Site 0",)), Window(-2.0, -1.0), False, 0.0)
    told = [RequirementRuns(some_events(seed)).parted(everything) for seed in range(40)]
    assert sum(bool(each.no_witnesses) for each in told) > 10


def test_where_a_third_of_the_desks_fails_all_the_time_few_windows_need_a_look_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a first week of 5,000 desks takes many minutes: windows times runs."""
    events_of_all = events_of(make_fleet(1, sites=4, desks=20, odd=1.0, faults=0))
    stretches = sum(
        len([*stretches_in(thinned(events), daily=daily)])
        for events in events_of_all.values()
        for daily in (False, True)
    )
    looks = []

    def counting(self: RequirementRuns, *arguments: object) -> list[Event]:
        looks.append(arguments)
        return whole(self, *arguments)  # type: ignore[arg-type]

    whole = RequirementRuns.before_and_after
    monkeypatch.setattr(RequirementRuns, "before_and_after", counting)
    analyse(events_of_all)
    assert stretches > 300
    assert len(looks) < stretches / 20
