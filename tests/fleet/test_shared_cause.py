"""Shared causes against planted truth: found where they are, nowhere else, and told once."""

import random

import pytest
from fleet.fleet_claims import claims_of, events_of
from fleet.synthetic import SCENES, Score, make_fleet, score

from natwizard.fleet import shared_cause
from natwizard.fleet.scan import Event, Window
from natwizard.fleet.shared_cause import Scope, analyse

DAY_S = 86400.0
EVERYWHERE = Scope("everywhere", ("",))


def added(scores: list[Score]) -> Score:
    return Score(
        found=sum(each.found for each in scores),
        right=sum(each.right for each in scores),
        planted=sum(each.planted for each in scores),
        met=sum(each.met for each in scores),
        left_open=sum(each.left_open for each in scores),
    )


def test_planted_causes_are_found_and_no_others() -> None:
    """The goal: precision and recall of 0.95 at 20 desks a site (make bench has more seeds)."""
    scores = []
    for seed in range(100, 104):
        fleet = make_fleet(seed)
        scores.append(score(fleet, claims_of(analyse(events_of(fleet)))))
    total = added(scores)
    assert total.planted >= 20
    assert total.precision >= 0.95
    assert total.recall >= 0.95


def test_odd_desks_are_told_apart_from_causes() -> None:
    fleet = make_fleet(200, odd=0.04)
    truth = {(desk.host_id, name) for desk in fleet.desks for name in desk.broken}
    told = {(each.seat, each.requirement) for each in analyse(events_of(fleet)).odd}
    assert len(told & truth) >= 0.9 * len(truth)
    assert len(told - truth) <= 1


@pytest.mark.parametrize("noise", [0.002, 0.02, 0.08])
def test_a_fleet_without_a_shared_cause_has_none(noise: float) -> None:
    """However noisy the desks are by themselves."""
    for seed in range(300, 302):
        fleet = make_fleet(seed, faults=0, noise=noise, days=7)
        assert analyse(events_of(fleet)).causes == ()


LEVELS = (0.02, 0.05, 0.1, 0.2)


def test_the_chance_of_a_cause_is_right_at_every_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fleets without one, no larger share has a cause than its chance says: a promise of one in
    100 would take thousands of fleets to see, one in five takes a hundred.
    """
    monkeypatch.setattr(shared_cause, "SURE", max(LEVELS))
    monkeypatch.setattr(shared_cause, "SURE_BY_ITSELF", max(LEVELS) / 10)
    clearest = []
    for seed in range(60):
        for noise in (0.02, 0.1):
            fleet = make_fleet(40_000 + seed, sites=3, desks=5, noise=noise, faults=0)
            causes = analyse(events_of(fleet)).causes
            clearest.append(min((cause.chance for cause in causes), default=1.0))
    told = {level: sum(chance <= level for chance in clearest) for level in LEVELS}
    assert all(count <= level * len(clearest) for level, count in told.items()), told
    assert told[max(LEVELS)], "nothing was looked at"


def steady(seats: int, site: str, days: int, provider: str = "") -> list[Event]:
    """Every seat passes four times a day."""
    return [
        Event(day * DAY_S + hour * 3600 + seat, hour * 3600.0 + seat, f"{site}-{seat}",
              f"{site}-{seat}-{day}-{hour}", ("", provider, site, "", ""), False)
        for day in range(days)
        for hour in (8, 10, 12, 14)
        for seat in range(seats)
    ]  # fmt: skip


def failing(events: list[Event], where: str, start_s: float, end_s: float) -> list[Event]:
    """The same, with every run at a site in a window failed."""
    return [
        event._replace(failed=event.failed or (event.groups[2] == where
                                               and start_s <= event.at_s <= end_s))
        for event in events
    ]  # fmt: skip


def test_the_sentence_of_the_issue() -> None:
    """27 of 30 desks at one site, half an hour, the others in the same hours fine."""
    events = [*steady(30, "Leeds", 5), *steady(30, "Lyon", 5)]
    start_s = 2 * DAY_S + 8 * 3600
    spared = {"Leeds-3", "Leeds-11", "Leeds-19"}
    hit = [
        event._replace(failed=False) if event.seat in spared else event
        for event in failing(events, "Leeds", start_s, start_s + 1800)
    ]
    (cause,) = analyse({"quality.loss": hit}).causes
    assert (cause.kind, cause.group, cause.failed, cause.desks) == ("site", "Leeds", 27, 30)
    assert (cause.failed_elsewhere, cause.desks_elsewhere) == (0, 30)
    assert cause.chance < 1e-9
    assert not cause.lasts


def test_the_same_fault_everywhere_is_no_sites_fault() -> None:
    events = [event for site in ("Leeds", "Lyon", "Bath") for event in steady(12, site, 5)]
    start_s = 3 * DAY_S + 10 * 3600
    hit = [event._replace(failed=start_s <= event.at_s <= start_s + 900) for event in events]
    (cause,) = analyse({"port.webphone": hit}).causes
    assert cause.kind == "everywhere"
    assert cause.failed == 36


def test_all_sites_of_a_provider_are_one_problem_of_the_provider() -> None:
    places = (("Leeds", "North"), ("Lyon", "North"), ("Bath", "South"), ("Cork", "South"))
    events = [event for site, name in places for event in steady(12, site, 5, name)]
    start_s = 3 * DAY_S + 10 * 3600
    for site in ("Leeds", "Lyon"):
        events = failing(events, site, start_s, start_s + 900)
    (cause,) = analyse({"quality.latency": events}).causes
    assert (cause.kind, cause.group, cause.failed) == ("provider", "North", 24)


def test_two_sites_of_one_provider_that_fail_on_different_days_are_two_problems() -> None:
    places = (("Leeds", "North"), ("Lyon", "North"), ("Bath", "South"), ("Cork", "South"))
    events = [event for site, name in places for event in steady(12, site, 5, name)]
    events = failing(events, "Leeds", DAY_S + 28800, DAY_S + 30600)
    events = failing(events, "Lyon", 3 * DAY_S + 43200, 3 * DAY_S + 45000)
    causes = analyse({"quality.latency": events}).causes
    assert {(cause.kind, cause.group) for cause in causes} == {("site", "Leeds"), ("site", "Lyon")}


def at_three_sites(seats: int = 12) -> list[Event]:
    """Three sites of three providers, five days."""
    places = (("Leeds", "North"), ("Lyon", "South"), ("Bath", "East"))
    return [event for site, name in places for event in steady(seats, site, 5, name)]


def test_two_of_three_sites_in_the_same_hour_are_one_problem_of_both() -> None:
    """Each is no standard for the other: the third is."""
    events, start_s = at_three_sites(), 2 * DAY_S + 8 * 3600
    for site in ("Leeds", "Lyon"):
        events = failing(events, site, start_s, start_s + 1800)
    (cause,) = analyse({"quality.loss": events}).causes
    assert (cause.kind, set(cause.places)) == ("site", {"Leeds", "Lyon"})
    assert (cause.failed, cause.desks) == (24, 24)
    assert (cause.failed_elsewhere, cause.desks_elsewhere, cause.apart) == (0, 12, ())


def test_all_of_three_sites_are_everywhere() -> None:
    events, start_s = at_three_sites(), 2 * DAY_S + 8 * 3600
    for site in ("Leeds", "Lyon", "Bath"):
        events = failing(events, site, start_s, start_s + 1800)
    (cause,) = analyse({"quality.loss": events}).causes
    assert (cause.kind, cause.places) == ("everywhere", ("",))


def test_where_a_site_was_not_heard_it_is_not_everywhere() -> None:
    """Nobody at the third ran in those hours: it is told of those that did."""
    start_s = 2 * DAY_S + 8 * 3600
    events = [
        event for event in at_three_sites()
        if event.groups[2] != "Bath" or not start_s <= event.at_s <= start_s + 1800
    ]  # fmt: skip
    for site in ("Leeds", "Lyon"):
        events = failing(events, site, start_s, start_s + 1800)
    (cause,) = analyse({"quality.loss": events}).causes
    assert (cause.kind, set(cause.places)) == ("site", {"Leeds", "Lyon"})
    assert cause.desks_elsewhere == 0
    assert cause.perhaps == (EVERYWHERE,)


@pytest.mark.parametrize(("heard", "perhaps"), [(1, (EVERYWHERE,)), (12, ())])
def test_what_too_few_desks_elsewhere_exclude_is_left_open(
    heard: int, perhaps: tuple[Scope, ...]
) -> None:
    """One desk that passes at another site proves nothing of the others there."""
    start_s = 2 * DAY_S + 8 * 3600
    events = [
        event for event in failing(at_three_sites(), "Leeds", start_s, start_s + 1800)
        if event.groups[2] == "Leeds" or not start_s <= event.at_s <= start_s + 1800
        or (event.groups[2] == "Lyon" and int(event.seat.removeprefix("Lyon-")) < heard)
    ]  # fmt: skip
    (cause,) = analyse({"quality.loss": events}).causes
    assert (cause.places, cause.failed, cause.desks_elsewhere) == (("Leeds",), 12, heard)
    assert cause.perhaps == perhaps


@pytest.mark.parametrize("the_other_was_heard", [False, True])
def test_whether_it_is_a_subnet_or_its_site_is_left_open_where_only_one_was_heard(
    *, the_other_was_heard: bool
) -> None:
    start_s = 2 * DAY_S + 8 * 3600
    events = [
        event._replace(groups=(*event.groups[:3], f"{event.groups[2]} {int(event.seat[-1]) % 2}",
                               ""))
        for event in at_three_sites(10)
    ]  # fmt: skip
    hit = [
        event._replace(failed=event.groups[3] == "Leeds 1"
                       and start_s <= event.at_s <= start_s + 1800)
        for event in events
        if the_other_was_heard or event.groups[3] != "Leeds 0"
        or not start_s <= event.at_s <= start_s + 1800
    ]  # fmt: skip
    (cause,) = analyse({"quality.loss": hit}).causes
    assert (cause.kind, cause.places) == ("subnet", ("Leeds 1",))
    # its provider has no other site, and is the same desks
    whole = (
        () if the_other_was_heard else (Scope("site", ("Leeds",)), Scope("provider", ("North",)))
    )
    assert cause.perhaps == whole


def test_of_three_sites_two_that_fail_are_not_everywhere_whatever_else_fails_on_other_days() -> (
    None
):
    """Most desks fail in these hours, and the third site passes as clearly."""
    events = at_three_sites()
    for site, day in (("Leeds", 2), ("Bath", 2), ("Lyon", 3), ("Leeds", 3)):
        start_s = day * DAY_S + 8 * 3600
        events = failing(events, site, start_s, start_s + 1800)
    causes = analyse({"quality.loss": events}).causes
    assert {frozenset(cause.places) for cause in causes} == {
        frozenset(("Leeds", "Bath")), frozenset(("Leeds", "Lyon"))
    }  # fmt: skip
    assert all(cause.perhaps == () for cause in causes)


def test_desks_that_fail_anyway_hide_no_shared_problem_and_are_not_counted_in_it() -> None:
    """Four desks of the third site always fail, and make failures look usual."""
    events = [
        event._replace(failed=event.seat in {"Bath-1", "Bath-2", "Bath-3", "Leeds-9"})
        for event in at_three_sites()
    ]
    start_s = 2 * DAY_S + 8 * 3600
    hit = [
        event._replace(failed=event.failed or (
            event.seat in {"Leeds-0", "Leeds-1", "Leeds-2", "Leeds-3"}
            and start_s <= event.at_s <= start_s + 1800))
        for event in events
        if event.groups[2] != "Leeds" or not start_s <= event.at_s <= start_s + 1800
        or event.seat in {"Leeds-0", "Leeds-1", "Leeds-2", "Leeds-3", "Leeds-9"}
    ]  # fmt: skip
    analysis = analyse({"port.webphone": hit})
    (cause,) = analysis.causes
    assert (cause.places, cause.failed, cause.desks) == (("Leeds",), 4, 4)
    assert {desk.seat for desk in analysis.odd} == {"Bath-1", "Bath-2", "Bath-3", "Leeds-9"}


def test_an_hour_at_a_place_that_fails_something_else_for_days_is_a_problem_of_its_own() -> None:
    closed = failing(at_three_sites(), "Leeds", DAY_S, 5 * DAY_S)
    start_s = 2 * DAY_S + 10 * 3600
    slow = failing(at_three_sites(), "Leeds", start_s, start_s + 1800)
    causes = analyse({"port.webphone": closed, "quality.latency": slow}).causes
    assert {(cause.requirement, cause.places, cause.also) for cause in causes} == {
        ("port.webphone", ("Leeds",), ()), ("quality.latency", ("Leeds",), ())
    }  # fmt: skip


def test_what_fails_before_and_after_is_no_part_of_what_passes_meanwhile() -> None:
    """The port is closed in Leeds from the second day on; on the third, half an hour of latency."""
    events = at_three_sites()
    start_s = 2 * DAY_S + 10 * 3600
    closed = failing(events, "Leeds", DAY_S, 5 * DAY_S)
    slow = failing(
        failing(events, "Leeds", start_s, start_s + 1800), "Lyon", start_s, start_s + 1800
    )
    causes = {
        cause.requirement: cause
        for cause in analyse({"port.webphone": closed, "quality.latency": slow}).causes
    }
    assert causes.keys() == {"port.webphone", "quality.latency"}
    assert causes["port.webphone"].places == ("Leeds",)
    assert causes["port.webphone"].lasts
    assert set(causes["quality.latency"].places) == {"Leeds", "Lyon"}
    assert causes["quality.latency"].also == ()


def test_a_site_that_fails_for_days_hides_no_other_and_is_not_told_with_it() -> None:
    events = failing(at_three_sites(8), "Leeds", DAY_S, 5 * DAY_S)
    start_s = 3 * DAY_S + 12 * 3600
    events = failing(events, "Lyon", start_s, start_s + 1800)
    causes = {cause.group: cause for cause in analyse({"quality.loss": events}).causes}
    assert causes.keys() == {"Leeds", "Lyon"}
    assert causes["Leeds"].lasts
    assert all(cause.also_at == () for cause in causes.values())
    passing = causes["Lyon"]
    assert (passing.failed, passing.desks) == (8, 8)


def test_two_sites_one_after_the_other_on_one_day_are_two_problems() -> None:
    events, day_s = at_three_sites(), 2 * DAY_S
    events = failing(events, "Leeds", day_s + 8 * 3600, day_s + 8 * 3600 + 1800)
    events = failing(events, "Lyon", day_s + 12 * 3600, day_s + 12 * 3600 + 1800)
    causes = analyse({"quality.loss": events}).causes
    assert {cause.places for cause in causes} == {("Leeds",), ("Lyon",)}


def test_one_failing_desk_does_not_name_its_site_with_others() -> None:
    events, start_s = at_three_sites(), 2 * DAY_S + 8 * 3600
    events = failing(events, "Leeds", start_s, start_s + 1800)
    events = [
        event._replace(failed=event.failed or (
            event.seat == "Lyon-3" and start_s <= event.at_s <= start_s + 1800))
        for event in events
        if event.groups[2] != "Lyon" or event.seat in ("Lyon-3", "Lyon-4")
    ]  # fmt: skip
    (cause,) = analyse({"quality.loss": events}).causes
    assert cause.places == ("Leeds",)


@pytest.mark.parametrize("sites", [3, 6])
def test_few_sites_are_told_as_surely_as_many(sites: int) -> None:
    """Two fleets of each scene and two of every kind of fault; make bench has more, and 12 sites.

    What is missed in small fleets are faults that three desks met: chance is as likely.
    """
    scores = []
    for plant in (*SCENES.values(), None):
        for seed in (501, 502):
            fleet = make_fleet(seed, sites=sites, silent=0.1, plant=plant)
            scores.append(score(fleet, claims_of(analyse(events_of(fleet)))))
    total = added(scores)
    assert total.planted >= 15
    assert total.precision >= 0.95
    assert total.recall >= 0.9
    assert total.left_open <= 0.15 * total.found


def test_of_five_desks_that_fail_more_and_more_each_day_is_evidence() -> None:
    """A desk that fails in most of twenty runs is no accident, though its site was none too good
    before: counted as if each had run once, five desks never suffice.
    """
    scores = []
    for seed in (9004, 9005, 9007, 9012):
        fleet = make_fleet(seed, sites=12, desks=5, silent=0.1, plant=SCENES["drift"])
        scores.append(score(fleet, claims_of(analyse(events_of(fleet)))))
    total = added(scores)
    assert (total.found, total.right, total.met) == (4, 4, 4)


def test_of_two_runs_one_that_fails_is_no_desk_that_fails_for_long() -> None:
    """Where a desk fails in one run of fifty, it does so in one of two twice as often: that four of
    five did somewhere in hours of two runs each is chance (one of the seeds that once told it).
    """
    for seed in (8000, 8003):
        fleet = make_fleet(seed, sites=12, desks=5, faults=0, noise=0.05)
        assert analyse(events_of(fleet)).causes == ()


def test_one_desk_that_always_fails_is_odd_and_no_cause() -> None:
    events = [
        event._replace(failed=event.seat == "Leeds-4")
        for site in ("Leeds", "Lyon")
        for event in steady(20, site, 5)
    ]
    analysis = analyse({"computer.ram": events})
    assert analysis.causes == ()
    (odd,) = analysis.odd
    assert (odd.seat, odd.failed, odd.runs) == ("Leeds-4", 20, 20)


def test_one_desk_that_runs_a_thousand_times_weighs_as_one() -> None:
    events = steady(20, "Leeds", 5) + steady(20, "Lyon", 5)
    eager = [
        Event(DAY_S + 28800 + second, 28800.0 + second, "Leeds-1", f"again-{second}",
              ("", "", "Leeds", "", ""), True)
        for second in range(1000)
    ]  # fmt: skip
    assert analyse({"quality.loss": events + eager}).causes == ()


def test_what_fails_along_is_told_with_the_cause() -> None:
    """Call quality fails wherever loss does: one problem, and the specific one leads."""
    events = [*steady(20, "Leeds", 5), *steady(20, "Lyon", 5)]
    start_s = 2 * DAY_S + 28800
    hit = failing(events, "Leeds", start_s, start_s + 1800)
    (cause,) = analyse({"quality.loss": hit, "quality.mos": hit}).causes
    assert cause.requirement == "quality.loss"
    assert cause.also == ("quality.mos",)


def test_what_sums_others_up_leads_no_problem_however_often_the_rest_fails() -> None:
    """Jitter fails a little more often than what is estimated from it, memory a little less."""
    events = [*steady(20, "Leeds", 8), *steady(20, "Lyon", 8)]
    hit = events
    for day in range(8):
        hit = failing(hit, "Leeds", day * DAY_S + 28800, day * DAY_S + 30600)
    count = sum(event.failed for event in hit)
    alone = [event for event in events if event.groups[2] == "Lyon"]
    few = {event.run for event in random.Random(1).sample(events, -(-2 * count // 3))}
    more = {event.run for event in alone[::40]}
    memory = [event._replace(failed=event.run in few) for event in events]
    jitter = [event._replace(failed=event.failed or event.run in more) for event in hit]
    (cause,) = analyse(
        {"computer.ram": memory, "quality.jitter": jitter, "quality.mos": hit}
    ).causes
    assert (cause.requirement, cause.also) == ("quality.jitter", ("quality.mos",))


def hourly(site: str, days: int) -> list[Event]:
    """Twenty seats, every hour of six, three minutes one after the other."""
    return [
        Event(day * DAY_S + of_day_s, of_day_s, f"{site}-{seat}", f"{site}-{seat}-{day}-{hour}",
              ("", "", site, f"{site} {seat % 2}", ""), False)
        for day in range(days)
        for hour in range(8, 14)
        for seat in range(20)
        for of_day_s in [hour * 3600.0 + seat * 180]
    ]  # fmt: skip


def test_what_began_earlier_than_what_it_fails_along_with_is_one_problem() -> None:
    """Loss from 8 to 12, latency from 9:15 to 12: no second problem from 8 to 9:15."""
    events = [*hourly("Leeds", 5), *hourly("Lyon", 5)]
    day_s = 2 * DAY_S
    loss = failing(events, "Leeds", day_s + 8 * 3600, day_s + 12 * 3600)
    latency = failing(events, "Leeds", day_s + 9.25 * 3600, day_s + 12 * 3600)
    (cause,) = analyse({"quality.loss": loss, "quality.latency": latency}).causes
    assert (cause.kind, cause.group) == ("site", "Leeds")
    assert {cause.requirement, *cause.also} == {"quality.loss", "quality.latency"}
    (window,) = cause.windows
    assert window.start_s == day_s + 8 * 3600
    # the same requirement on another day is a problem of its own
    again = failing(loss, "Leeds", 4 * DAY_S + 8 * 3600, 4 * DAY_S + 9 * 3600)
    causes = analyse({"quality.loss": again, "quality.latency": latency}).causes
    assert [len(cause.windows) for cause in causes] == [1, 1]


def test_what_comes_back_every_day_is_one_problem() -> None:
    events = [*steady(15, "Leeds", 8), *steady(15, "Lyon", 8)]
    for day in range(8):
        events = failing(events, "Leeds", day * DAY_S + 36000, day * DAY_S + 37800)
    (cause,) = analyse({"quality.jitter": events}).causes
    assert cause.daily
    assert len(cause.windows) == 8


def shift(seat: int, site: str, days: int, fails_until_h: float) -> list[Event]:
    """Every half hour from 22:00 to 3:00, far east of UTC; at Leeds it fails from 23:30 on."""
    told = []
    for day in range(days):
        for half in range(10):
            hour = 22 + half / 2
            at_s = (day * 24 + hour - 8) * 3600 + seat
            failed = site == "Leeds" and 23.5 <= hour < fails_until_h
            told.append(
                Event(at_s, (at_s + 8 * 3600) % DAY_S, f"{site}-{seat}",
                      f"{site}-{seat}-{day}-{half}", ("", "", site, "", ""), failed)
            )  # fmt: skip
    return told


@pytest.mark.parametrize(("fails_until_h", "end_h"), [(24.5, 24), (26, 25.5), (24, 23.5)])
def test_what_comes_back_every_night_is_one_problem_of_each_night(
    fails_until_h: float, end_h: float
) -> None:
    """A day ends at midnight, a shift does not."""
    events = [
        event
        for site in ("Leeds", "Lyon")
        for seat in range(15)
        for event in shift(seat, site, 8, fails_until_h)
    ]
    (cause,) = analyse({"quality.jitter": events}).causes
    assert cause.daily
    assert cause.days == 8
    assert cause.of_day == Window(23.5 * 3600, end_h * 3600 + 14)


def test_the_order_of_events_does_not_matter() -> None:
    fleet = make_fleet(7, sites=6, days=6)
    events = events_of(fleet)
    before = analyse(events)
    shuffled = {}
    for name, members in events.items():
        shuffled[name] = list(members)
        random.Random(1).shuffle(shuffled[name])
    assert analyse(shuffled) == before


def test_nothing_is_concluded_from_nothing() -> None:
    assert analyse({}).causes == ()
    assert analyse({"quality.loss": []}).causes == ()
    few = [Event(float(n), float(n), f"s{n}", f"r{n}", ("", "", "", "", ""), True) for n in (0, 1)]
    assert analyse({"quality.loss": few}).causes == ()
