"""The planner's arithmetic: the source page's examples, and what must hold for any input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from natwizard.model.plan import BandwidthInputs, CapacityPlan
from natwizard.model.quantity import Unit
from natwizard.planner.storage import (
    ApiInputs,
    BadInput,
    ContactCenter,
    InsightInputs,
    StorageInputs,
    plan_api_calls,
    plan_bandwidth,
    plan_insight,
    plan_storage,
)

COUNT = st.integers(min_value=0, max_value=100_000)
EXAMPLE = StorageInputs(
    users=50, calls=2000, contact_center=ContactCenter(changes_per_user=20, queues=20)
)


def per_day(plan: CapacityPlan) -> dict[str, float]:
    return {part.name: part.per_day for part in plan.parts}


def test_the_example_of_fifty_users_comes_to_13_36_mb_a_day() -> None:
    plan = plan_storage(EXAMPLE)
    assert per_day(plan) == {
        "calls": 8_000_000,
        "hourly_processing": 2_400_000,
        "missed_rings": 0,
        "availability_changes": 2_000_000,
        "queues": 960_000,
    }
    assert plan.total.per_day == 13_360_000
    assert plan.total.per_year == pytest.approx(13_360_000 * 365)
    assert plan.total.per_month == pytest.approx(13_360_000 * 365 / 12)
    assert plan.unit is Unit.BYTE


def test_setup_takes_50_kb_for_each_user_once() -> None:
    assert plan_storage(StorageInputs(users=50)).once == 2_500_000


def test_the_defaults_are_the_example_without_contact_center() -> None:
    assert plan_storage(StorageInputs()).total.per_day == 10_400_000


def test_missed_rings_take_2_kb_each() -> None:
    assert per_day(plan_storage(StorageInputs(missed_rings=300)))["missed_rings"] == 600_000


def test_insight_takes_81_6_mb_not_8_16() -> None:
    plan = plan_insight(InsightInputs())
    assert plan.total.per_day == pytest.approx(81_600_000)
    assert "8.16 MB" in plan.notes[0].text
    assert plan.notes[0].source.title == "Technical Prerequisites"


def test_the_note_on_storage_names_both_numbers_and_its_source() -> None:
    note = plan_storage(EXAMPLE).notes[0]
    assert "13.36 MB" in note.text
    assert "15" in note.text
    assert note.source.dated == "2024-11-07"
    assert note.source.read_on > note.source.dated


def test_api_calls_are_five_a_call_and_one_a_change() -> None:
    plan = plan_api_calls(ApiInputs(calls=2000, settings_changes=7, allowance=20_000))
    # 50 people change their availability 20 times each
    assert {part.name: part.per_day for part in plan.parts} == {
        "calls": 10_000, "availability_changes": 1000, "settings_changes": 7
    }  # fmt: skip
    assert plan.total.per_day == 11_007
    assert plan.unit is Unit.COUNT
    assert plan.allowance is not None
    assert plan.allowance.share == pytest.approx(0.55035)


@pytest.mark.parametrize(
    ("line_kbit_s", "carried", "suffices"),
    [(None, None, None), (5000, 50, True), (4999.9, 49, False), (0, 0, False), (5099, 50, True)],
)
def test_bandwidth_is_100_kbit_s_a_call_each_way(
    line_kbit_s: float | None, carried: int | None, suffices: bool | None
) -> None:
    plan = plan_bandwidth(BandwidthInputs(concurrent_calls=50, line_kbit_s=line_kbit_s))
    assert plan.needed_kbit_s == 5000
    assert plan.calls_carried == carried
    assert plan.suffices is suffices


@pytest.mark.parametrize(
    ("allowance_mb", "days"),
    [(1002.5, 96.15), (2.5, 0), (1, 0), (0, 0)],  # 2.5 MB go into the setup
)
def test_storage_says_when_it_is_used_up(allowance_mb: float, days: float) -> None:
    plan = plan_storage(structs.replace(StorageInputs(), allowance_mb=allowance_mb))
    assert plan.allowance is not None
    assert plan.allowance.days == pytest.approx(days, abs=0.01)
    assert plan.allowance.used == pytest.approx(2_500_000 + 10_400_000 * 365)


def test_storage_that_nothing_is_added_to_is_never_used_up() -> None:
    plan = plan_storage(StorageInputs(users=0, calls=0, allowance_mb=10))
    assert plan.allowance is not None
    assert plan.allowance.days is None
    assert plan.allowance.share == 0


def test_hourly_records_come_up_on_days_without_calls_too() -> None:
    plan = plan_storage(structs.replace(EXAMPLE, days_per_week=5))
    parts = {part.name: part for part in plan.parts}
    assert parts["calls"].per_year == pytest.approx(8_000_000 * 365 * 5 / 7)
    assert parts["queues"].per_year == 960_000 * 365
    assert plan.total.per_day == 13_360_000


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: plan_storage(StorageInputs(users=-1)), "users"),
        (lambda: plan_storage(StorageInputs(calls=float("nan"))), "calls"),
        (lambda: plan_storage(StorageInputs(missed_rings=float("inf"))), "missed_rings"),
        (lambda: plan_storage(StorageInputs(days_per_week=8)), "days_per_week"),
        (lambda: plan_storage(StorageInputs(allowance_mb=-1)), "allowance"),
        (lambda: plan_storage(StorageInputs(contact_center=ContactCenter(queues=-1))), "queues"),
        (lambda: plan_insight(InsightInputs(hit_rate=1.01)), "hit_rate"),
        (lambda: plan_insight(InsightInputs(triggered=-0.1)), "triggered"),
        (lambda: plan_insight(InsightInputs(categories=1e9)), "categories"),
        (lambda: plan_api_calls(ApiInputs(calls=-5)), "calls"),
        (lambda: plan_api_calls(ApiInputs(allowance=float("nan"))), "allowance"),
        (lambda: plan_bandwidth(BandwidthInputs(concurrent_calls=-1)), "concurrent_calls"),
        (lambda: plan_bandwidth(BandwidthInputs(call_kbit_s=0)), "call_kbit_s"),
        (lambda: plan_bandwidth(BandwidthInputs(line_kbit_s=-1)), "line_kbit_s"),
    ],
)
def test_what_cannot_be_is_refused_by_name(make: object, name: str) -> None:
    assert callable(make)
    with pytest.raises(BadInput) as refused:
        make()
    assert refused.value.name == name


storages = st.builds(
    StorageInputs,
    users=COUNT,
    calls=COUNT,
    missed_rings=COUNT,
    contact_center=st.none()
    | st.builds(ContactCenter, changes_per_user=st.integers(0, 1000), queues=st.integers(0, 1000)),
    days_per_week=st.integers(0, 7),
)


@given(storages)
def test_the_parts_of_storage_add_up_to_its_total(inputs: StorageInputs) -> None:
    plan = plan_storage(inputs)
    assert plan.total.per_day == sum(part.per_day for part in plan.parts)
    assert plan.total.per_year == pytest.approx(sum(part.per_year for part in plan.parts))
    assert all(part.per_year == pytest.approx(12 * part.per_month) for part in plan.parts)
    assert all(part.per_day >= 0 for part in plan.parts)


@given(storages, st.sampled_from(["users", "calls", "missed_rings"]), COUNT)
def test_more_of_anything_never_takes_less_storage(
    inputs: StorageInputs, name: str, more: int
) -> None:
    larger = structs.replace(inputs, **{name: getattr(inputs, name) + more})
    before, after = plan_storage(inputs), plan_storage(larger)
    assert after.once >= before.once
    assert after.total.per_day >= before.total.per_day
    assert after.total.per_year >= before.total.per_year


@given(storages, st.integers(0, 9))
def test_storage_of_a_larger_org_of_the_same_kind_is_linear(
    inputs: StorageInputs, times: int
) -> None:
    center = inputs.contact_center
    larger = structs.replace(
        inputs,
        users=inputs.users * times,
        calls=inputs.calls * times,
        missed_rings=inputs.missed_rings * times,
        contact_center=center and structs.replace(center, queues=center.queues * times),
    )
    assert plan_storage(larger).total.per_day == times * plan_storage(inputs).total.per_day
    assert plan_storage(larger).once == times * plan_storage(inputs).once


insights = st.builds(
    InsightInputs,
    calls=COUNT,
    hit_rate=st.floats(0, 1),
    categories=st.integers(0, 500),
    triggered=st.floats(0, 1),
)


@given(insights, st.integers(0, 9))
def test_insight_is_linear_in_calls(inputs: InsightInputs, times: int) -> None:
    larger = structs.replace(inputs, calls=inputs.calls * times)
    expected = times * plan_insight(inputs).total.per_day
    assert plan_insight(larger).total.per_day == pytest.approx(expected)


@given(insights)
def test_insight_never_takes_more_than_with_every_call_and_category(inputs: InsightInputs) -> None:
    most = structs.replace(inputs, hit_rate=1.0, triggered=1.0)
    limit = plan_insight(most).total.per_day
    assert plan_insight(inputs).total.per_day <= limit or plan_insight(
        inputs
    ).total.per_day == pytest.approx(limit)
    assert limit == inputs.calls * (4 + 2 * inputs.categories) * 1000


@given(COUNT, COUNT, COUNT)
def test_api_calls_are_linear(calls: int, availability: int, changes: int) -> None:
    plan = plan_api_calls(
        ApiInputs(calls=calls, availability_changes=availability, settings_changes=changes)
    )
    assert plan.total.per_day == 5 * calls + availability + changes


@given(COUNT, st.integers(0, 10_000_000))
def test_a_line_suffices_exactly_for_the_calls_that_it_carries(calls: int, line: int) -> None:
    plan = plan_bandwidth(BandwidthInputs(concurrent_calls=calls, line_kbit_s=line))
    assert plan.calls_carried is not None
    assert plan.suffices is (calls <= plan.calls_carried)
