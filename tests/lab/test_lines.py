"""The whole program on lines that are thin, long or lossy: what is red, what is not, what to do."""

from collections.abc import Iterator

import pytest
from lab.topology.fault import Fault
from lab.topology.lab import MEDIA_OFFICES, WITH_MEDIA, Lab, built_lab, missing
from lab.topology.line_faults import LINE_FAULTS, PAIRS_OF_LINES
from report.test_remedies import faults_of

from natwizard.checks.shared.number_format import FAILURE_WORDS
from natwizard.model.finding import Finding, Status
from natwizard.model.outcome import FailureCode
from natwizard.model.report import Report
from natwizard.report.details import fixes_of

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
]

FAULTS = {"healthy": Fault(), **LINE_FAULTS, **PAIRS_OF_LINES}
NETWORK = (
    *("port.", "udp.", "dns.", "websocket.", "filter.", "nat.", "ip.", "quality."),
    "browser.tls",
)
NOT_OURS = {"udp.browsers"}
ASIDE = {Status.MANUAL, Status.NOT_APPLICABLE}


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with built_lab(MEDIA_OFFICES) as built:
        built.begin_asked_for(request, FAULTS, WITH_MEDIA)
        yield built


def told(finding: Finding, expected: str) -> str:
    """As much of a finding as is expected of it; the expectation itself where it is one of them."""
    if finding.status in expected.split("|"):
        return expected
    measured = {quantity.name: quantity.value for quantity in finding.measured}
    names = [part.partition("=")[0] for part in expected.split()[1:]]
    return " ".join((finding.status, *(f"{name}={measured.get(name)}" for name in names)))


def spoilt_by_this_computer(report: Report) -> set[str]:
    """Rows that say that this computer was too busy to measure them."""
    return {
        finding.check
        for finding in report.findings
        if any(FAILURE_WORDS[FailureCode.MACHINE_BUSY] in line.text for line in finding.details)
    }


def run_on_a_quiet_computer(
    lab: Lab, fault: Fault, arguments: tuple[str, ...] = WITH_MEDIA
) -> Report:
    """A run; another one where this computer was too busy to keep time, which the report says."""
    report = lab.checked(fault, arguments).report
    for _try in range(2):
        if not spoilt_by_this_computer(report):
            break
        report = lab.checked_again(fault, arguments).report
    return report


@pytest.mark.parametrize("name", FAULTS)
def test_what_the_line_does_is_told_and_nobody_else_is_accused(lab: Lab, name: str) -> None:
    fault = FAULTS[name]
    report = run_on_a_quiet_computer(lab, fault)
    found = {each.check: each for each in report.findings if each.check.startswith(NETWORK)}
    passes = {
        check: str(Status.PASS)
        for check, each in found.items()
        if each.status not in ASIDE and check not in NOT_OURS
    }
    spoilt = spoilt_by_this_computer(report)
    expected = {**passes, **fault.expected, **dict.fromkeys(spoilt, str(Status.UNKNOWN))}
    assert {check: told(found[check], text) for check, text in expected.items()} == expected
    assert list(faults_of(report)) == []
    if spoilt:
        return  # what it all comes from cannot be told without them
    cause = report.root_cause
    assert (cause.code if cause else "") == fault.cause
    if fault.first_fix:
        [first, *_others] = fixes_of(report)
        assert f"{first.owner}: {first.text}" == fault.first_fix
