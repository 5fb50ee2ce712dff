"""The few facts every view shows: which computer, when, for whom, how long, what was not tested."""

from datetime import timedelta

import msgspec
import pytest
from report.samples import not_ready, ready, report_of

from natwizard.model.finding import Status
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.report import Readiness, Report
from natwizard.model.writing import zone_words
from natwizard.report.details import methods_of
from natwizard.report.facts import (
    clock_after,
    duration_words,
    moment_words,
    report_facts,
)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-22T14:06:06.000+01:00", "22 Nov 2026, 14:06 (UTC+1)"),
        ("2026-01-02T03:04:05+00:00", "2 Jan 2026, 03:04 (UTC)"),
        ("2026-06-30T23:59:59-03:30", "30 Jun 2026, 23:59 (UTC\u22123:30)"),
        ("2026-06-30T23:59:59", "30 Jun 2026, 23:59"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_moments_read_with_their_zone(moment: str, words: str) -> None:
    assert moment_words(moment) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "UTC"), (60, "UTC+1"), (345, "UTC+5:45"), (-480, "UTC\u22128")]
)
def test_zones_read_as_people_write_them(minutes: int, words: str) -> None:
    assert zone_words(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0\u00a0s"), (47.2, "47\u00a0s"), (125, "2\u00a0min 5\u00a0s")]
)
def test_durations_have_a_unit(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


@pytest.mark.parametrize(
    ("started_at", "seconds", "clock"),
    [
        ("2026-11-22T14:06:06.000+01:00", 6.402, "14:06:12.402"),
        ("2026-11-22T23:59:59.500+01:00", 0.75, "00:00:00.250"),
        ("nonsense", 1.5, "1.500\u00a0s"),
        ("9999-12-31T23:59:59+00:00", 1e6, "1,000,000.000\u00a0s"),
    ],
)
def test_attempts_have_a_time_of_day(started_at: str, seconds: float, clock: str) -> None:
    report = msgspec.structs.replace(ready(), started_at=started_at)
    assert clock_after(report, seconds) == clock


def test_the_facts_of_the_mock() -> None:
    facts = report_facts(not_ready())
    assert facts.workstation == "Windows 11, 64-bit, 16 GB"
    assert facts.tested == "22 Nov 2026, 14:06 (UTC+1)"
    assert facts.role == "Calls in the browser"
    assert facts.took == "47\u00a0s, 26 checks"
    assert facts.foot == (
        "natwizard 1.0 · profile Technical prerequisites Nov 2024 · names and addresses shown"
    )
    assert facts.untested == (
        "Could not tell: Websocket stays open",
        "A person has to confirm: No load balancing over lines",
        "Not needed for “Calls in the browser”: Desk-phone ports, SIP ALG",
    )


@pytest.mark.parametrize(
    ("changes", "took"),
    [
        ({"finished_at": "nonsense"}, "26 checks"),
        ({"finished_at": "2026-11-22T14:06:00"}, "26 checks"),
        ({"finished_at": "2020-01-01T00:00:00+00:00"}, "26 checks"),
        ({"findings": ()}, "47\u00a0s, 0 checks"),
    ],
)
def test_strange_times_do_no_harm(changes: dict[str, object], took: str) -> None:
    report: Report = msgspec.structs.replace(not_ready(), **changes)
    assert report_facts(report).took == took


def test_only_what_was_measured_has_a_method() -> None:
    titles = [method.title for method in methods_of(not_ready())]
    assert "Jitter" in titles
    assert titles[-2:] == ["Service", "Required by"]
    empty = report_of((), Readiness.READY)
    assert [method.title for method in methods_of(empty)] == ["Service"]
    untried = [finding for finding in not_ready().findings if finding.status == "unknown"]
    assert "Websocket stays open" not in [
        method.title for method in methods_of(report_of(untried, Readiness.COULD_NOT_TELL))
    ]


def test_a_run_that_was_stopped_says_so() -> None:
    failure = Failure(code=FailureCode.STOPPED, operation="gather")
    *others, last = not_ready().outcomes
    cut = msgspec.structs.replace(last, failure=failure)
    report = msgspec.structs.replace(not_ready(), outcomes=(*others, cut))
    assert report_facts(report).took == "47\u00a0s, 26 checks, stopped early"
    assert "stopped early" not in report_facts(not_ready()).took


@pytest.mark.parametrize(("count", "told"), [(2, 2), (5, 5), (6, 4), (20, 4)])
def test_of_many_rows_that_were_not_tested_some_are_named(count: int, told: int) -> None:
    """The table has them all; one more is as long as "1 more"."""
    findings = tuple(
        msgspec.structs.replace(finding, status=Status.UNKNOWN)
        for finding in not_ready().findings[:count]
    )
    (line,) = report_facts(report_of(findings, Readiness.COULD_NOT_TELL)).untested
    assert sum(finding.title in line for finding in findings) == told
    assert line.endswith(f", {count - told} more") is (told < count)
