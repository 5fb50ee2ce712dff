"""Formula guard, validation rule, checklist, and the CSV of results."""

import csv
import io
import re

import pytest
from cases.phone_pool import EXAMPLES, clean_texts, near_numbers
from hypothesis import given
from hypothesis import strategies as st

from natwizard.assets import asset
from natwizard.model.plan import BandwidthInputs
from natwizard.model.profile import Profile, Requirement
from natwizard.planner.as_table import (
    bandwidth_rows,
    checklist_rows,
    csv_bytes,
    number_rows,
    plan_rows,
)
from natwizard.planner.checklist import checklist
from natwizard.planner.number_file import guarded, is_formula
from natwizard.planner.numbers import NumberChecker, NumberState
from natwizard.planner.storage import StorageInputs, plan_bandwidth, plan_storage
from natwizard.planner.validation_rule import BadFieldName, validation_rule
from natwizard.profiles.read import parse_profile


@pytest.mark.parametrize(
    ("cell", "runs"),
    [
        ("=1+1", True),
        ("@SUM(A1)", True),
        ("+cmd|' /C calc'!A0", True),
        ("-2+3+cmd|' /C calc'!A0", True),
        ("+A1", True),
        ("+1+1", True),
        ("\t=1", True),
        ("\r=1", True),
        ("\uff1d1+1", True),
        ("+442079460958", False),
        ("+44 (0)20 7946-0958", False),
        ("-12.50", False),
        ("-", False),
        ("text", False),
        ("a=1", False),
        ("", False),
    ],
)
def test_only_a_cell_that_a_spreadsheet_would_run_is_guarded(cell: str, *, runs: bool) -> None:
    assert is_formula(cell) is runs
    assert guarded(cell) == (f"'{cell}" if runs else cell)


@given(st.text(max_size=20) | st.text("=+-@1a(", max_size=8))
def test_a_guarded_cell_is_never_a_formula_and_keeps_its_text(cell: str) -> None:
    assert not is_formula(guarded(cell))
    assert guarded(cell).endswith(cell)


@given(clean_texts)
def test_an_e164_number_keeps_its_plus(text: str) -> None:
    assert guarded(text) == text


def expression_of(field: str) -> re.Pattern[str]:
    """The expression in the rule's formula; these signs mean the same in Java."""
    formula = validation_rule(field).formula
    found = re.search(rf'NOT\(REGEX\({field}, "([^"]+)"\)\)', formula)
    assert found is not None
    assert "\\" not in found[1]
    return re.compile(found[1])


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("+442079460958", True),
        ("+123456789012345", True),
        ("+1234567890123456", False),
        ("+44 2079460958", False),
        ("442079460958", False),
        ("+042079460958", False),
        ("+44207946x0958", False),
        ("+442079460958\n", False),
        ("++442079460958", False),
        ("+", False),
    ],
)
def test_the_rule_lets_e164_of_up_to_15_digits_pass(text: str, *, passes: bool) -> None:
    assert (expression_of("Phone").fullmatch(text) is not None) is passes


@given(near_numbers | st.sampled_from(EXAMPLES))
def test_the_rule_refuses_no_number_that_we_call_valid(text: str) -> None:
    if NumberChecker().check(text).state is NumberState.VALID:
        assert expression_of("Phone").fullmatch(text)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("Phone", "Phone_E164"),
        ("Direct_Dial__c", "Direct_Dial_E164"),
        ("PersonMobilePhone", "PersonMobilePhone_E164"),
        ("example__Number__c", "example_Number_E164"),
        ("A" * 60 + "__c", "A" * 33 + "_E164"),
    ],
)
def test_the_rule_is_for_the_field_that_was_named(field: str, name: str) -> None:
    rule = validation_rule(field)
    assert rule.formula.count(field) == 2
    assert f"ISBLANK({field})" in rule.formula
    assert rule.name == name
    assert len(rule.name) <= 40
    assert len(rule.message) <= 255


@pytest.mark.parametrize(
    "field", ["", "1Phone", "Phone)", "My Phone", "Phone_", "A__", 'x"', "é", "A" * 81, "a___c"]
)
def test_what_cannot_be_a_field_is_refused(field: str) -> None:
    with pytest.raises(BadFieldName):
        validation_rule(field)


def shipped_profile() -> Profile:
    return parse_profile(asset("profiles/natterbox.toml").read_bytes(), "shipped profile")


def test_the_checklist_takes_over_the_top_users_apart_and_adds_the_profiles_questions() -> None:
    profile = shipped_profile()
    items = checklist(profile)
    over_the_top = [item.text for item in items if item.requirement == "plan.ott"]
    assert len(over_the_top) == 6
    for word in ("direct dial-in", "Voicemail", "Welcome messages and other", "hunt group",
                 "forwarding"):  # fmt: skip
        assert any(word in text for text in over_the_top)
    asked = {row.id for row in profile.requirements if row.question is not None}
    assert asked <= {item.requirement for item in items}
    assert len({item.text for item in items}) == len(items)


def test_the_checklist_of_a_profile_without_questions_still_has_our_points() -> None:
    profile = Profile(
        schema_version=1,
        name="Example",
        version="1",
        sources={},
        requirements=(Requirement(id="computer.ram", text="RAM", roles=()),),
    )
    assert {item.requirement for item in checklist(profile)} == {
        "plan.ott", "nat.static_address", "nat.load_balancing", "filter.tls_interception",
        "salesforce.cti_profiles", "plan.e164",
    }  # fmt: skip


def as_read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_plan_as_csv_has_plain_numbers_with_their_unit() -> None:
    table = as_read(csv_bytes(plan_rows(plan_storage(StorageInputs()))))
    assert table[0] == ["part", "title", "how", "per_day", "per_month", "per_year", "unit",
                        "allowance", "allowance_per", "lasts_days"]  # fmt: skip
    assert table[1][3:] == ["8000000", "243333333.33", "2920000000", "B", "", "", ""]
    assert table[-2][:1] + table[-2][3:4] == ["total", "10400000"]
    assert table[-1] == ["once", "", "", "2500000", "", "", "B", "", "", ""]


def test_bandwidth_and_checklist_are_tables_too() -> None:
    table = bandwidth_rows(plan_bandwidth(BandwidthInputs(concurrent_calls=3, line_kbit_s=250)))
    assert table[1] == ("3", "100", "300", "250", "2")
    points = checklist_rows(checklist(shipped_profile()))
    assert all(len(row) == len(points[0]) for row in points)


def test_numbers_as_csv_cannot_be_run_by_a_spreadsheet() -> None:
    checker = NumberChecker("GB")
    results = [checker.check(text) for text in ("=HYPERLINK(1)", "+442079460958")]
    table = as_read(csv_bytes(number_rows(results)))
    assert table[1][0] == "'=HYPERLINK(1)"
    assert table[2][:4] == ["+442079460958", "true", "", "+442079460958"]
