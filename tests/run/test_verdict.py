"""The one answer: of parts of a run, of strangers' servers, of what nobody set up."""

import xml.etree.ElementTree as ET

import pytest
from msgspec.structs import replace
from report.samples import ready

from natwizard.cli.exit_code import BY_VERDICT
from natwizard.model.finding import FarEnd, Finding, Status
from natwizard.model.profile import Answers, Role
from natwizard.model.report import LeftOut, Readiness, Report
from natwizard.profiles.read import shipped_profile
from natwizard.report.as_junit import report_junit
from natwizard.report.compare import compare
from natwizard.report.facts import untested
from natwizard.report.headline import SENTENCE_LENGTH, report_headline
from natwizard.report.words import run_words
from natwizard.run.judging import verdict_of
from natwizard.run.plan import make_plan

PUBLIC, OWN = FarEnd.PUBLIC, FarEnd.OWN


def finding(status: Status, far_end: FarEnd | None = None, *, required: bool = True) -> Finding:
    return replace(
        ready().findings[0], status=status, far_end=far_end, required=required, untried=""
    )


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([finding(Status.PASS, OWN)], Readiness.READY),
        ([finding(Status.PASS, PUBLIC)], Readiness.READY_TO_PUBLIC),
        ([finding(Status.PASS, PUBLIC), finding(Status.WARN)], Readiness.READY_TO_PUBLIC),
        (
            [finding(Status.PASS, PUBLIC), finding(Status.NOT_SET_UP)],
            Readiness.READY_TO_PUBLIC,
        ),
        # nothing was measured to anybody: that is no readiness
        ([finding(Status.PASS), finding(Status.NOT_SET_UP)], Readiness.COULD_NOT_TELL),
        ([finding(Status.UNKNOWN, PUBLIC), finding(Status.NOT_SET_UP)], Readiness.COULD_NOT_TELL),
        ([finding(Status.PASS, PUBLIC), finding(Status.UNKNOWN)], Readiness.COULD_NOT_TELL),
        ([finding(Status.PASS, PUBLIC), finding(Status.FAIL)], Readiness.NOT_READY),
        # what is only advice for this role holds nothing back
        ([finding(Status.PASS), finding(Status.NOT_SET_UP, required=False)], Readiness.READY),
    ],
)
def test_ready_is_kept_for_far_ends_that_decide(
    findings: list[Finding], verdict: Readiness
) -> None:
    assert verdict_of(tuple(findings)) is verdict


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("far_end", [None, *FarEnd])
def test_a_part_of_a_run_is_never_ready(status: Status, far_end: FarEnd | None) -> None:
    verdict = verdict_of((finding(status, far_end),), partial=True)
    assert verdict in {Readiness.PARTLY_CHECKED, Readiness.NOT_READY, Readiness.COULD_NOT_TELL}


MEASURED = {Status.PASS, Status.WARN, Status.BORDERLINE}
"""What a part that found nothing wrong has to have of at least one row, to be more than silence."""


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("status", sorted(set(Status) - MEASURED - {Status.FAIL}))
def test_a_part_in_which_nothing_was_measured_found_nothing_fine(
    status: Status, required: bool, role: Role
) -> None:
    told = part_of(ready(), 34)
    rows = tuple(replace(each, status=status, required=required) for each in told.findings)
    for found in ((), rows[:1], rows):
        verdict = verdict_of(found, partial=True)
        assert verdict is Readiness.COULD_NOT_TELL
        answers = replace(told.answers, role=role)
        part = replace(told, answers=answers, findings=found, verdict=verdict)
        sentence = report_headline(part).sentence
        nothing = status is Status.NOT_APPLICABLE or not found
        assert sentence.startswith(
            "Nothing was checked in this run." if nothing else "We could not see enough"
        )
        assert BY_VERDICT[verdict] == 2


@pytest.mark.parametrize("waiting", [Status.MANUAL, Status.NOT_SET_UP, Status.NOT_APPLICABLE])
def test_what_waits_for_somebody_is_not_counted_as_fine(waiting: Status) -> None:
    told = part_of(ready(), 34)
    row = replace(told.findings[0], status=waiting, required=False, untried="")
    findings = (replace(told.findings[0], status=Status.PASS), *(row for _number in range(5)))
    verdict = verdict_of(findings, partial=True)
    assert verdict is Readiness.PARTLY_CHECKED
    sentence = report_headline(replace(told, findings=findings, verdict=verdict)).sentence
    assert sentence.startswith("This check is fine; 34 were not run.")


def test_every_verdict_has_an_exit_code_and_public_has_its_own() -> None:
    assert set(BY_VERDICT) == set(Readiness)
    assert BY_VERDICT[Readiness.READY_TO_PUBLIC] == 3
    assert [v for v, code in BY_VERDICT.items() if code == 3] == [Readiness.READY_TO_PUBLIC]


@pytest.mark.parametrize("role", list(Role))
def test_a_selection_knows_what_it_left_out(role: Role) -> None:
    profile, answers = shipped_profile(), Answers(role=role)
    whole = make_plan(profile, answers, location="")
    applying = {row.check.name for row in whole.rows if row.applies}
    assert whole.left_out == ()
    one = make_plan(profile, answers, location="", only=frozenset({"screen.resolution"}))
    assert {each.check for each in one.left_out} == applying - {"screen.resolution"}
    rest = make_plan(profile, answers, location="", skip=frozenset({"screen.resolution"}))
    assert {each.check for each in rest.left_out} == {"screen.resolution"}


def part_of(report: Report, count: int) -> Report:
    left_out = tuple(
        LeftOut(check=f"left.out{n}", title=f"Left out {n}", page=report.findings[0].page)
        for n in range(count)
    )
    kept = report.findings[:2]
    verdict = verdict_of(kept, partial=True)
    return replace(report, findings=kept, left_out=left_out, verdict=verdict, root_cause=None)


def test_a_part_of_a_run_says_so_everywhere() -> None:
    told = part_of(ready(), 34)
    head = report_headline(told)
    assert head.title == "Ready, as far as checked"
    assert head.sentence == "These 2 checks are fine; 34 were not run."
    assert "34 not run" in head.counts_line
    assert len(head.sentence) <= SENTENCE_LENGTH
    assert any(line.startswith("34 checks were not run: Left out 0") for line in untested(told))
    suite = ET.fromstring(report_junit(told)).find("testsuite")  # noqa: S314 - our own
    assert suite is not None
    assert suite.get("tests") == "36"
    assert len(suite.findall("testcase/skipped")) >= 34
    assert not compare(ready(), told).same_extent
    assert compare(told, told).same_extent
    assert run_words(Readiness.NOT_READY, partial=True) == "Not ready (part of a run)"


def test_one_check_left_out_is_one() -> None:
    assert report_headline(part_of(ready(), 1)).sentence.endswith("; 1 was not run.")
