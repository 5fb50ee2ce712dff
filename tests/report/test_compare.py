"""Two runs side by side."""

import msgspec
import pytest
from report.samples import finding_of, not_ready, overlong, ready, report_of

from natwizard.model.finding import Finding, Page, Status
from natwizard.model.quantity import Interval, Quantity, Unit
from natwizard.model.report import Readiness, Report
from natwizard.report.compare import compare
from natwizard.report.comparison_words import comparison_text

MS, PERCENT = Unit.MILLISECOND, Unit.PERCENT


def jitter(
    value: float | str | bool,
    interval: tuple[float, float] | None = None,
    *,
    unit: Unit = MS,
    status: Status = Status.PASS,
) -> Report:
    finding = finding_of(
        ("j", Page.UDP_MEDIA, "Jitter", status, "Sentence.", f"{value} seen", "under 20 ms")
    )
    span = Interval(low=interval[0], high=interval[1], unit=unit) if interval else None
    measured = (Quantity(name="jitter", value=value, unit=unit),)
    finding = msgspec.structs.replace(finding, measured=measured, interval=span)
    return report_of([finding], Readiness.READY)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (jitter(10.0), jitter(11.5), False),
        (jitter(10.0), jitter(12.6), True),
        (jitter(10.0), jitter(7.0), True),
        (jitter(1.0), jitter(2.5), False),
        (jitter(0.0), jitter(5.0), True),
        (jitter(10.0, (8, 14)), jitter(13.0, (11, 15)), False),
        (jitter(10.0, (9, 11)), jitter(11.5, (11, 12)), True),
        (jitter(10.0, (9, 11)), jitter(11.2, (10.2, 12.2)), False),
        (jitter(11.2, (10.2, 12.2)), jitter(10.0, (9, 11)), False),
        (jitter(10.0, (9.9, 10.1)), jitter(10.8, (10.7, 10.9)), False),
        (jitter(0.1, (0.0, 1.1), unit=PERCENT), jitter(0.9, (0.4, 2.1), unit=PERCENT), False),
        (jitter(0.1, (0.0, 0.4), unit=PERCENT), jitter(2.4, (1.4, 4.0), unit=PERCENT), True),
        (jitter(100.0, (99, 101)), jitter(103.0, (102, 104)), True),
        (jitter(100.0, (40, 200)), jitter(160.0, (80, 220)), False),
        (jitter("158"), jitter("158"), False),
        (jitter("158"), jitter("159"), True),
        (jitter(value=True), jitter(value=False), True),
        (jitter(5.0), jitter(5.0, unit=PERCENT), False),
        (jitter(4.0), jitter(5.0, unit=PERCENT), True),
    ],
)
def test_only_values_beyond_noise_are_told(before: Report, after: Report, *, changed: bool) -> None:
    assert bool(compare(before, after).values) is changed


def test_statuses_come_first_worst_first_and_tell_both_sides() -> None:
    comparison = compare(ready(), not_ready())
    assert [change.after for change in comparison.statuses] == [
        Status.FAIL, Status.FAIL, Status.UNKNOWN, Status.BORDERLINE, Status.BORDERLINE, Status.WARN,
        Status.MANUAL,
    ]  # fmt: skip
    assert {change.before for change in comparison.statuses} == {Status.PASS}
    assert comparison.verdict_before is Readiness.READY
    assert comparison.verdict_after is Readiness.NOT_READY


def test_checks_of_one_run_only_are_told() -> None:
    only = report_of(not_ready().findings[:1], Readiness.READY)
    more = report_of(not_ready().findings[:2], Readiness.READY)
    added, removed = compare(only, more).statuses[0], compare(more, only).statuses[0]
    assert (added.before, added.after) == (None, Status.PASS)
    assert (removed.before, removed.after) == (Status.PASS, None)


def test_a_status_change_is_not_told_twice() -> None:
    comparison = compare(jitter(5.0), jitter(50.0, status=Status.FAIL))
    assert len(comparison.statuses) == 1
    assert comparison.values == ()


def test_the_same_run_has_no_changes() -> None:
    for report in (not_ready(), overlong()):
        comparison = compare(report, report)
        assert (comparison.statuses, comparison.values) == ((), ())
        assert "Nothing changed" in comparison_text(comparison)


def test_other_terms_are_told() -> None:
    profile = msgspec.structs.replace(ready().profile, version="2")
    other = msgspec.structs.replace(ready(), profile=profile)
    assert "limits may differ" in comparison_text(compare(ready(), other))
    assert "limits may differ" not in comparison_text(compare(ready(), ready()))


def test_the_text_reads_from_before_to_after() -> None:
    text = comparison_text(compare(jitter(5.0), jitter(50.0)))
    assert text.splitlines() == [
        "Before: Ready, 22 Nov 2026, 14:06 (UTC+1), maple river copper lamp",
        "After: Ready, 22 Nov 2026, 14:06 (UTC+1), maple river copper lamp",
        "",
        "Same result, other values",
        "Jitter: 5.0 seen -> 50.0 seen",
    ]


def test_what_stands_as_before_is_counted_and_kept() -> None:
    comparison = compare(ready(), not_ready())
    told = {change.check for change in (*comparison.statuses, *comparison.values)}
    assert {same.check for same in comparison.unchanged} == {
        finding.check for finding in not_ready().findings
    } - told
    assert f"{len(comparison.unchanged)} results are as before." in comparison_text(comparison)


@pytest.mark.parametrize(
    ("before", "after", "noise"),
    [
        (jitter(19.4, (18, 21)), jitter(20.3, (19, 22), status=Status.BORDERLINE), True),
        (jitter(9.4, (9, 10)), jitter(20.3, (19, 22), status=Status.BORDERLINE), False),
        (jitter("158"), jitter("158", status=Status.WARN), False),
    ],
)
def test_a_status_that_flips_within_noise_says_so(
    before: Report, after: Report, *, noise: bool
) -> None:
    comparison = compare(before, after)
    assert comparison.statuses[0].within_noise is noise
    assert ("no more than measuring again" in comparison_text(comparison)) is noise


def test_control_characters_stay_out() -> None:
    hostile: Finding = msgspec.structs.replace(ready().findings[0], title="\x1b[2J", check="x")
    text = comparison_text(compare(ready(), report_of([hostile], Readiness.READY)))
    assert "\x1b" not in text


def test_what_only_the_earlier_run_had_comes_last_and_in_its_order() -> None:
    checks = [
        finding_of((f"c{n}", Page.COMPUTER, f"Check {n}", Status.PASS, "Fine.", "seen", ""))
        for n in range(40)
    ]
    whole = report_of(checks, Readiness.READY)
    part = report_of(checks[20:21], Readiness.PARTLY_CHECKED)
    gone = [change.check for change in compare(whole, part).statuses]
    assert gone == [each.check for each in whole.findings if each.check != checks[20].check]
