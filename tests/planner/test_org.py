"""All plans together, their words and pictures, and what goes into a report."""

import pytest
from cases.plan_cases import MADE_AT, NO, YES, example_plan, question, with_questions
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from report.samples import ready

from natwizard.model.finding import Status
from natwizard.model.plan import Allowance, OrgPlan
from natwizard.model.quantity import Confirmation, Reply, Unit
from natwizard.planner.as_table import checklist_rows, org_rows
from natwizard.planner.attach import attached, items_of
from natwizard.planner.checklist import (
    answers_by_requirement,
    checklist,
    points_of,
    with_answers_to,
)
from natwizard.planner.org import OrgInputs, plan_org
from natwizard.planner.storage import (
    ApiInputs,
    InsightInputs,
    StorageInputs,
    plan_api_calls,
    plan_storage,
)
from natwizard.profiles.find import find_profile
from natwizard.report.plan_words import (
    allowance_words,
    bandwidth_breakdown,
    bandwidth_words,
    breakdown_of,
    breakdown_sentence,
    share_words,
    together_words,
)
from natwizard.run.answering import answered


def unbroken(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_call_records_and_insight_fill_the_same_storage() -> None:
    plan = example_plan()
    assert plan.together is not None
    assert plan.together.days == pytest.approx((8_000_000_000 - 2_500_000) / 40_560_000)
    assert "together: 8 GB free lasts 197 days" in unbroken(together_words(plan))


def test_what_is_left_out_is_not_there() -> None:
    plan = plan_org(OrgInputs(api_calls=ApiInputs()), made_at=MADE_AT)
    assert plan.plans == (plan.api_calls,)
    assert plan.bandwidth is None
    assert together_words(plan) == ""
    assert plan_org(OrgInputs(storage=StorageInputs()), made_at=MADE_AT).together is None


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.integers(0, 10**6))
def test_together_never_lasts_longer_than_alone(users: int, calls: int, free: int) -> None:
    plan = plan_org(
        OrgInputs(
            storage=StorageInputs(users=users, calls=calls, allowance_mb=free),
            insight=InsightInputs(calls=calls),
        ),
        made_at=MADE_AT,
    )
    assert plan.together is not None
    assert plan.storage is not None
    alone = plan.storage.allowance
    assert alone is not None
    if plan.together.days is None:
        assert alone.days is None
    else:
        assert alone.days is None or plan.together.days <= alone.days * (1 + 1e-12)


def test_the_bar_shows_a_day_or_what_the_allowance_covers() -> None:
    a_day = breakdown_of(plan_storage(StorageInputs()))
    assert unbroken(a_day.caption) == "A day: 10.4 MB"
    assert a_day.limit is None
    assert [piece.title for piece in a_day.slices] == [
        "Call records and activities", "Hourly call processing",
    ]  # fmt: skip
    year = breakdown_of(plan_storage(StorageInputs(allowance_mb=2000)))
    assert year.limit == 2_000_000_000
    assert year.slices[0].title == "Once, at the start"
    assert year.total == pytest.approx(2_500_000 + 10_400_000 * 365)
    assert year.scale == year.total


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_parts_of_the_bar_are_the_total(calls: int, changes: int) -> None:
    plan = plan_api_calls(ApiInputs(calls=calls, settings_changes=changes))
    bar = breakdown_of(plan)
    assert bar.total == pytest.approx(plan.total.per_day)
    assert sum(bar.share(piece) for piece in bar.slices) == pytest.approx(1 if bar.total else 0)
    assert bar.scale > 0


def test_the_picture_has_a_sentence() -> None:
    plan = example_plan()
    assert plan.bandwidth is not None
    assert plan.api_calls is not None
    words = unbroken(breakdown_sentence(bandwidth_breakdown(plan.bandwidth)))
    assert words == (
        "At the busiest moment: 5,000 kbit/s each way. Phone calls 5,000 kbit/s (100 %)."
        " your line: 4,000 kbit/s"
    )
    assert unbroken(bandwidth_words(plan.bandwidth)[1]) == (
        "Your line (4,000 kbit/s) carries 40 calls: not enough."
    )
    assert "allowed a day: 100,000" in breakdown_sentence(breakdown_of(plan.api_calls))


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (0.004, "under 1 %"), (0.6, "60 %"), (0.996, "over 99 %"),
                         (1, "100 %")],
)  # fmt: skip
def test_shares_in_words_hide_nothing(share: float, words: str) -> None:
    assert unbroken(share_words(share)) == words


def test_an_allowance_of_nothing_is_told() -> None:
    allowance = Allowance(amount=0, used=5, period="day")
    assert allowance_words(allowance, Unit.COUNT) == "5 a day is more than your 0: - %."


def test_all_plans_make_one_table() -> None:
    table = org_rows(example_plan())
    assert len({len(row) for row in table}) == 1
    assert {row[0] for row in table[1:]} == {"storage", "insight", "api_calls", "bandwidth"}
    totals = {row[0]: row for row in table if row[1] == "total"}
    assert totals["storage"][4] == "13360000"
    assert totals["storage"][8:] == ("8000000000", "year", "598.62")
    assert totals["api_calls"][8:] == ("100000", "day", "")
    assert org_rows(OrgPlan(made_at=""))[1:] == ()


ITEMS = checklist(find_profile().profile)
OTT = points_of(ITEMS, "plan.ott")


def test_every_point_has_an_id_of_its_own() -> None:
    assert len({item.point for item in ITEMS}) == len(ITEMS)
    assert len(OTT) == 6
    assert points_of(ITEMS, "plan.ott.voicemail") == ("plan.ott.voicemail",)
    assert points_of(ITEMS, "nonsense") == ()


@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        ({}, None),
        ({OTT[0]: YES}, None),
        (dict.fromkeys(OTT, YES), Reply.YES),
        ({**dict.fromkeys(OTT, YES), OTT[2]: NO}, Reply.NO),
        ({OTT[4]: NO}, Reply.NO),
    ],
)
def test_points_settle_their_requirement_together(
    answers: dict[str, Confirmation | None], reply: Reply | None
) -> None:
    answer = answers_by_requirement(with_answers_to(ITEMS, answers))["plan.ott"]
    assert (answer.reply if answer is not None else None) is reply


def test_a_denied_point_is_named() -> None:
    items = with_answers_to(ITEMS, {"plan.ott.voicemail": NO})
    answer = answers_by_requirement(items)["plan.ott"]
    assert answer is not None
    assert answer.note == "Not so: Voicemail is off on that number. ticket 12"


def test_a_report_takes_plan_and_answers_and_gives_them_back() -> None:
    report = with_questions(ready(), "nat.static_address", "plan.ott")
    items = with_answers_to(
        ITEMS, {"nat.static_address": YES, "plan.ott.voicemail": NO, OTT[0]: YES}
    )
    whole = attached(report, example_plan(), items, whole=True)
    found = {finding.check: finding for finding in whole.findings}
    assert found["nat.static_address"].status is Status.PASS
    assert found["plan.ott"].status is Status.WARN
    assert whole.plan == example_plan()
    assert whole.checklist == items
    assert items_of(whole, ITEMS) == items
    brief = attached(report, None, items, whole=False)
    assert {item.point for item in brief.checklist} == {
        "nat.static_address", "plan.ott.voicemail", OTT[0],
    }  # fmt: skip
    assert attached(whole, None, items, whole=True).plan == example_plan()


def test_an_answer_to_the_whole_question_stands_for_its_points() -> None:
    report = structs.replace(ready(), findings=(question("plan.ott"),))
    answered = attached(report, None, with_answers_to(ITEMS, dict.fromkeys(OTT, YES)), whole=False)
    bare = structs.replace(answered, checklist=())
    assert {item.point for item in items_of(bare, ITEMS) if item.answer} == set(OTT)


def test_questions_of_checks_join_the_list() -> None:
    items = checklist(find_profile().profile, [question("browser.cookies")])
    assert items[-1].point == "browser.cookies"
    assert len(items) == len(ITEMS) + 1


def test_what_was_measured_is_no_question_any_more() -> None:
    waiting = question("salesforce.edition")
    for status in (Status.PASS, Status.FAIL):
        measured = structs.replace(waiting, status=status)
        points = {item.point for item in checklist(find_profile().profile, [measured])}
        assert "salesforce.edition" not in points
    for kept in (waiting, answered(waiting, NO), structs.replace(waiting, status=Status.UNKNOWN)):
        points = {item.point for item in checklist(find_profile().profile, [kept])}
        assert "salesforce.edition" in points


def test_the_checklist_as_a_table_says_who_answered() -> None:
    table = checklist_rows(with_answers_to(ITEMS, {"plan.ott.voicemail": NO}))
    row = next(row for row in table if row[7] == "plan.ott.voicemail")
    assert row[:4] == ("no", "2026-11-24", "", "ticket 12")
    assert len({len(row) for row in table}) == 1
