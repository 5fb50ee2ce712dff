"""Answers of people: what they make of a finding and of the verdict, and taking them back."""

import pytest
from cases.plan_cases import NO, YES, question, with_questions
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from report.samples import not_ready, ready

from natwizard.model.finding import Detail, Finding, Status
from natwizard.model.profile import Answers, Role
from natwizard.model.quantity import Confirmation, Reply
from natwizard.model.report import Readiness
from natwizard.profiles.find import find_profile
from natwizard.run.answering import answered, answers_of, may_answer, with_answers
from natwizard.run.plan import make_plan
from natwizard.run.rejudge import rejudge


@pytest.mark.parametrize(
    ("answer", "required", "status", "summary", "observed"),
    [
        (YES, False, Status.PASS, "A fixed public address where possible",
         "confirmed on 25 Nov 2026 by the site office"),
        (YES, True, Status.PASS, "A fixed public address where possible",
         "confirmed on 25 Nov 2026 by the site office"),
        (NO, False, Status.WARN, "Not met yet: A fixed public address where possible",
         "denied on 24 Nov 2026"),
        (NO, True, Status.FAIL, "Not met yet: A fixed public address where possible",
         "denied on 24 Nov 2026"),
        (Confirmation(reply=Reply.YES, on="some day"), False, Status.PASS,
         "A fixed public address where possible", "confirmed on some day"),
    ],
)  # fmt: skip
def test_an_answer_settles_a_question(
    answer: Confirmation, *, required: bool, status: Status, summary: str, observed: str
) -> None:
    found = answered(question(required=required), answer)
    assert (found.status, found.summary, found.observed) == (status, summary, observed)
    assert found.remedy == question().remedy
    assert found.answer is not None
    assert found.answer.reply is answer.reply


@pytest.mark.parametrize(
    ("answer", "summary"), [(YES, "Cookies: confirmed."), (NO, "Cookies: not met yet.")]
)
def test_a_row_that_asks_is_told_by_its_title(answer: Confirmation, summary: str) -> None:
    asked = structs.replace(question(), title="Cookies", summary="Are cookies allowed?")
    assert answered(asked, answer).summary == summary
    assert answered(answered(asked, answer), None) == asked


def test_a_remark_is_kept_with_the_finding() -> None:
    assert answered(question(), NO).details == (Detail(label="Remark", text="ticket 12"),)


answers = st.builds(
    Confirmation,
    reply=st.sampled_from(Reply),
    on=st.dates().map(lambda day: day.isoformat()),
    by=st.text(max_size=20),
    note=st.text(max_size=20),
)


@given(st.lists(answers, max_size=4), st.booleans())
def test_taking_answers_back_restores_the_question(
    said: list[Confirmation],
    required: bool,
) -> None:
    asked = structs.replace(
        question(required=required), details=(Detail(label="Remark", text="of a rule"),)
    )
    found = asked
    for answer in said:
        found = answered(found, answer)
        assert may_answer(found)
    assert answered(found, None) == asked


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.MANUAL])
def test_what_was_measured_stays_whatever_somebody_says(status: Status) -> None:
    measured = structs.replace(question(), status=status)
    assert answered(measured, YES) is measured
    assert answered(measured, None) is measured


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [(YES, Readiness.READY), (NO, Readiness.READY_WITH_ADVICE), (None, Readiness.READY)],
)
def test_the_verdict_follows_the_answers(answer: Confirmation | None, verdict: Readiness) -> None:
    report = with_questions(ready(), "nat.static_address")
    assert with_answers(report, {"nat.static_address": answer}).verdict is verdict


def test_a_no_to_what_is_required_holds_the_verdict_back() -> None:
    report = structs.replace(ready(), findings=(question(required=True),))
    assert with_answers(report, {"nat.static_address": NO}).verdict is Readiness.NOT_READY


def test_a_cause_stays_a_cause() -> None:
    report = with_questions(not_ready(), "nat.static_address")
    told = with_answers(report, {"nat.static_address": YES})
    assert told.root_cause == report.root_cause
    assert answers_of(told).keys() == {"nat.static_address"}


def test_answers_outlive_another_judgement() -> None:
    profile = find_profile().profile
    plan = make_plan(profile, Answers(role=Role.ADMINISTRATOR), location="shipped")
    report = with_questions(ready(), "nat.static_address")
    report = with_answers(report, {"nat.static_address": NO})
    found = {finding.check: finding for finding in rejudge(report, plan).findings}
    assert found["nat.static_address"].status is Status.WARN
    assert found["nat.static_address"].observed == "denied on 24 Nov 2026"
    assert isinstance(found["plan.ott"], Finding)
    assert found["plan.ott"].status is Status.MANUAL
