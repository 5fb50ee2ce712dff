"""The state of a run, from events alone."""

import dataclasses

import pytest
from gui.example_run import (
    bad_findings,
    events_until,
    finished,
    good_findings,
    planned,
    report_of,
)
from msgspec import structs

from natwizard.drawing.signs import Activity
from natwizard.gui.area_value import area_value, shortest_part
from natwizard.gui.run.run_model import CheckState, RunModel, RunStage, one_row_a_cause
from natwizard.model.events import (
    CheckJudged,
    Event,
    PlannedCheck,
    PlannedProbe,
    ProbeFinished,
    ProbeProgressed,
    ProbeStarted,
    RunFinished,
    RunPlanned,
)
from natwizard.model.finding import Page, Status


def fed(events: list[Event], now_s: float = 0.0) -> RunModel:
    model = RunModel()
    for event in events:
        model.apply(event, now_s)
    return model


def two_probes(*, alone: bool = False, typical_s: float = 20) -> RunPlanned:
    return RunPlanned(
        run_id="x",
        run_code="a b c d",
        checks=(
            PlannedCheck(check="one", title="One", page=Page.EDNS, waits_for=("p",)),
            PlannedCheck(check="two", title="Two", page=Page.EDNS, waits_for=("p", "q")),
        ),
        probes=(
            PlannedProbe(probe="p", title="Doing p", typical_s=10, deadline_s=60),
            PlannedProbe(probe="q", title="Doing q", typical_s=typical_s, deadline_s=60,
                         alone=alone),
        ),
    )  # fmt: skip


def test_a_check_waits_then_runs_then_has_its_finding() -> None:
    model = fed([two_probes()])
    assert [state.sign for state in model.checks()] == [Activity.WAITING] * 2
    model.apply(ProbeStarted(probe="p"), 0)
    assert [state.sign for state in model.checks()] == [Activity.RUNNING] * 2
    model.apply(ProbeFinished(probe="p", duration_s=1), 1)
    assert model.checks()[1].sign is Activity.WAITING
    done = structs.replace(good_findings()[0], check="one", page=Page.EDNS)
    model.apply(CheckJudged(finding=done), 1)
    assert model.checks()[0].finding is done
    assert model.page_done(Page.EDNS) == (1, 2)
    assert model.page_sign(Page.EDNS) is Activity.WAITING


def test_what_a_probe_does_is_told_until_there_is_a_finding() -> None:
    model = fed([two_probes(), ProbeStarted(probe="p")])
    assert model.checks()[0].doing == "Doing p"
    assert model.checks()[0].fraction is None
    model.apply(ProbeProgressed(probe="p", fraction=0.4, text="Half way"), 1)
    assert model.checks()[0].detail == "Half way"
    assert model.checks()[0].fraction == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("alone", "typical_s", "now_s", "left"),
    [
        (False, 20, 0, 20),  # side by side: the slower one counts
        (True, 20, 0, 30),  # alone on the line: it adds up
        (False, 11, 0, 15),  # rounded up to steps of five
        (False, 10, 7, 10),  # q has not begun
    ],
)
def test_time_left_is_in_steps_and_never_flattering(
    *, alone: bool, typical_s: float, now_s: float, left: int
) -> None:
    model = fed([two_probes(alone=alone, typical_s=typical_s), ProbeStarted(probe="p")])
    assert model.seconds_left(now_s) == left


def test_time_left_says_almost_done_and_then_nothing() -> None:
    model = fed([two_probes(), ProbeStarted(probe="p"), ProbeStarted(probe="q")])
    assert model.seconds_left(18) == 0
    assert model.seconds_left(40) == 10, "an overdue probe has a quarter more to go"
    assert fed(finished(good_findings())).seconds_left(0) is None


def test_the_count_moves_only_forwards() -> None:
    model = RunModel()
    counts = []
    for event in events_until(bad_findings(), Page.UDP_MEDIA):
        model.apply(event, 0)
        counts.append(model.done)
    assert counts == sorted(counts)
    assert 0 < model.done < model.total


def test_a_page_shows_its_worst_finding() -> None:
    model = fed(finished(bad_findings()))
    assert model.page_sign(Page.WEBPHONE_PORT) is Status.FAIL
    assert model.page_sign(Page.CONNECTION) is Status.WARN
    assert model.page_sign(Page.UDP_MEDIA) is Status.BORDERLINE
    assert model.page_count(Page.UDP_MEDIA, Status.BORDERLINE) == 2
    assert model.summary_sign() is Status.FAIL


def test_a_later_finding_replaces_the_first() -> None:
    model = fed([planned(good_findings())])
    first = good_findings()[0]
    second = structs.replace(first, status=Status.FAIL)
    model.apply(CheckJudged(finding=first), 0)
    model.apply(CheckJudged(finding=second), 0)
    assert model.finding(first.check) == second
    assert model.done == 1


def test_stopping_lasts_until_the_run_says_it_has_ended() -> None:
    model = fed([planned(good_findings())])
    model.stopping()
    assert model.stage is RunStage.STOPPING
    assert model.busy
    model.apply(RunFinished(report=report_of(good_findings()), stopped=True), 3)
    assert model.stage is RunStage.FINISHED
    assert model.stopped


def test_an_opened_report_is_all_judged_and_cannot_run() -> None:
    model = RunModel()
    model.open(report_of(bad_findings()))
    assert model.stage is RunStage.OPENED
    assert model.done == model.total == len(bad_findings())
    assert not model.busy
    assert model.probes_of(["port.webphone"]) == frozenset()


def test_only_a_probe_that_needs_quiet_stops_all_motion() -> None:
    model = fed([two_probes(alone=True), ProbeStarted(probe="p")])
    assert not model.alone_now()
    model.apply(ProbeStarted(probe="q"), 0)
    assert model.alone_now()


@pytest.mark.parametrize(
    ("page", "value"),
    [
        (Page.BROWSERS, "Chrome 158, newest"),
        (Page.FIREWALL_PORTS, "6 of 6 OK"),
        (Page.WEBPHONE_PORT, "Connection: no answer"),
        (Page.UDP_MEDIA, "Jitter 18.6\u00a0ms, limit 20\u00a0ms"),
        (Page.CONNECTION, "Wi-Fi 5 GHz, signal 62 %"),
    ],
)
def test_an_area_tells_one_value(page: Page, value: str) -> None:
    assert area_value(fed(finished(bad_findings())), page) == value


def test_a_long_value_loses_whole_clauses_first() -> None:
    text = "one thing that is long; another thing that is long, and more"
    assert shortest_part(text) == "one thing that is long"


def test_what_was_not_measured_for_one_reason_is_one_row() -> None:
    """Whatever stands between; what was measured, and every question, is a row of its own."""
    first, second, third, fourth, *_rest = good_findings()
    reason = {"summary": "Not set up.", "observed": "not set up"}
    unset = {"status": Status.NOT_SET_UP, **reason}
    made = (
        structs.replace(first, **unset),
        second,
        structs.replace(third, **{**unset, "observed": "6 ports tried at public servers"}),
        structs.replace(fourth, **{**unset, "summary": "Calls get out."}),
    )
    states = tuple(
        CheckState(check=each.check, title=each.title, page=each.page, sign=each.status,
                   finding=each)
        for each in made
    )  # fmt: skip
    rows = one_row_a_cause(states)
    assert [row.check for row in rows] == [first.check, second.check, fourth.check]
    assert rows[0].also == ((third.check, third.title),)
    assert rows[0].titles == f"{first.title}, {third.title}"
    assert rows[0].reason == "", "their sentence says it"
    of_one_call = tuple(
        dataclasses.replace(
            state,
            finding=structs.replace(each, status=Status.UNKNOWN, observed="too busy",
                                    summary=f"{each.title} could not be measured."),
        )
        for state, each in zip(states, made, strict=True)
    )  # fmt: skip
    (together,) = one_row_a_cause(of_one_call)
    assert together.reason == "too busy"
    assert together.titles == ", ".join(each.title for each in made)
    for status in (Status.MANUAL, Status.FAIL, Status.PASS):
        alike = tuple(
            dataclasses.replace(state, finding=structs.replace(each, status=status, **reason))
            for state, each in zip(states, made, strict=True)
        )
        assert one_row_a_cause(alike) == alike
    waiting = tuple(dataclasses.replace(state, finding=None) for state in states)
    assert one_row_a_cause(waiting) == waiting
