"""The program in an office behind real middleboxes: each fault is found, and nothing else is.

workstation -- router (NAT, firewall, proxy, filter, name server) -- internet; see lab/topology.
"""

import shutil
from collections.abc import Iterator, Mapping

import pytest
from lab.topology.fault import Fault
from lab.topology.fault_pairs import FAULTS, MANY_DEAD_TARGETS, MANY_TARGETS, SOAKS
from lab.topology.internet import IDLE_S
from lab.topology.lab import SOAK, Lab, built_lab, missing
from lab.topology.path_faults import FAKE_CLOCK
from lab.topology.site import Checked
from report.test_remedies import faults_of

from natwizard.checks.catalogue import CHECKS
from natwizard.checks.shared.number_format import FAILURE_WORDS
from natwizard.model.finding import Finding, Status
from natwizard.model.outcome import FailureCode
from natwizard.model.report import Readiness, Report
from natwizard.probes.base import Phase
from natwizard.probes.connection.reachability import LOOKUP_TIMEOUT_S
from natwizard.report.details import fixes_of

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("lab"),
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
]

NETWORK = ("port.", "udp.", "dns.", "websocket.", "filter.", "nat.", "ip.", "browser.tls")
IN_FLIGHT = 64
HEALTHY = Fault()
HEALTHY_S, SILENT_S = 3.0, 15.0
# a program that gets no processor for as long as it waits for a name calls servers silent that
# answer; only such a run is void, so that nothing else is hidden by a second one
STARVED_S = LOOKUP_TIMEOUT_S
SLOW_MACHINE = 2.0  # how much longer the work itself may take where others work too


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """All the faults that were asked for begin at once; each test waits for its own."""
    with built_lab() as built:
        built.begin(HEALTHY)
        for item in request.session.items:
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            name = parameters.get("fault", "")
            if name in FAULTS:
                built.begin(FAULTS[name])
            if name in SOAKS:
                built.begin(SOAKS[name], SOAK)
        yield built


def by_check(report: Report) -> dict[str, Finding]:
    return {each.check: each for each in report.findings if each.check.startswith(NETWORK)}


def reachability_s(report: Report) -> float:
    """From the first of these probes that began to the last that ended."""
    names = {
        probe.name for check in CHECKS for probe in check.needs if probe.phase is Phase.REACHABILITY
    }
    records = [record for record in report.outcomes if record.probe in names]
    begun = min(record.started_s for record in records)
    return max(record.started_s + record.duration_s for record in records) - begun


def seen(finding: Finding, expected: str) -> str:
    """As much of a finding as the fault says something about: one status, or one of several."""
    if finding.status in expected.split("|"):
        return expected
    measured = {quantity.name: quantity.value for quantity in finding.measured}
    names = [part.partition("=")[0] for part in expected.split()[1:]]
    return " ".join((finding.status, *(f"{name}={measured.get(name)}" for name in names)))


def test_a_healthy_office_passes(lab: Lab) -> None:
    checked = lab.checked(HEALTHY)
    for finding in by_check(checked.report).values():
        asks_a_person = finding.status is Status.MANUAL
        assert asks_a_person or finding.status is Status.PASS, finding
    assert checked.report.root_cause is None


def was_starved(checked: Checked) -> bool:
    """Whether the program got too little of this machine, by the kernel or its own words."""
    busy = FAILURE_WORDS[FailureCode.MACHINE_BUSY]
    says_so = any(busy in finding.observed for finding in checked.report.findings)
    return says_so or checked.starved_s > STARVED_S


def told(checked: Checked, expected: Mapping[str, str]) -> dict[str, str]:
    """What a run says of the checks that are expected to say something."""
    found = by_check(checked.report)
    return {check: seen(found[check], text) for check, text in expected.items()}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_nothing_else_is(lab: Lab, fault: str) -> None:
    if FAULTS[fault].desktop and not shutil.which("gsettings"):
        pytest.skip("needs gsettings and gsettings-desktop-schemas")
    if FAULTS[fault].environment and FAKE_CLOCK is None:
        pytest.skip("needs libfaketime")
    healthy = by_check(lab.checked(HEALTHY).report)
    broken, checked = FAULTS[fault], lab.checked(FAULTS[fault])
    expected = {check: str(found.status) for check, found in healthy.items()} | broken.expected
    if told(checked, expected) != expected and was_starved(checked):
        checked = lab.checked_again(broken)
    assert told(checked, expected) == expected
    assert list(faults_of(checked.report)) == []
    cause = checked.report.root_cause
    assert (cause.code if cause else "") == broken.cause
    if broken.first_fix:
        first = next(
            each for each in fixes_of(checked.report) if each.finding.check.startswith(NETWORK)
        )
        assert f"{first.owner}: {first.text}" == broken.first_fix
    assert checked.most_sockets <= IN_FLIGHT


@pytest.mark.skipif(FAKE_CLOCK is None, reason="needs libfaketime")
@pytest.mark.parametrize(
    ("fault", "status", "observed"),
    [
        ("clock fast by eight hours", Status.WARN, "8 hours fast"),
        ("clock slow by three years", Status.FAIL, "1,100 days slow"),
    ],
)
def test_a_wrong_clock_is_told_by_its_own_row(
    lab: Lab, fault: str, status: Status, observed: str
) -> None:
    report = lab.checked(FAULTS[fault]).report
    found = next(each for each in report.findings if each.check == "computer.clock")
    assert (found.status, found.observed) == (status, observed)
    assert found.remedy is not None
    assert "date and time" in found.remedy.text


@pytest.mark.parametrize("fault", ["captive portal", "captive portal that refuses"])
def test_behind_a_login_page_everything_says_what_it_depends_on(lab: Lab, fault: str) -> None:
    report = lab.checked(FAULTS[fault]).report
    assert report.verdict is Readiness.NOT_READY
    cause = report.root_cause
    assert cause is not None
    assert cause.explains[0] == "port.tcp80"
    found = by_check(report)
    assert [check for check, each in found.items() if each.status is Status.FAIL] == ["port.tcp80"]
    explained = {each.check: each for each in report.findings}
    for check in cause.explains[1:]:
        assert explained[check].details[0].label == "Depends on", check


def test_on_a_healthy_line_all_that_is_reached_takes_three_seconds(lab: Lab) -> None:
    checked = lab.checked(HEALTHY)
    assert reachability_s(checked.report) < HEALTHY_S * SLOW_MACHINE
    assert checked.most_sockets <= IN_FLIGHT


def test_where_everything_is_dropped_it_ends_in_fifteen_seconds(lab: Lab) -> None:
    checked = lab.checked(FAULTS["everything dropped"])
    assert reachability_s(checked.report) < SILENT_S
    assert checked.report.verdict is Readiness.COULD_NOT_TELL


@pytest.mark.parametrize("fault", [MANY_TARGETS, MANY_DEAD_TARGETS], ids=["healthy", "dropped"])
def test_many_targets_never_have_more_than_64_sockets_open(lab: Lab, fault: Fault) -> None:
    checked = lab.checked(fault)
    assert checked.most_sockets <= IN_FLIGHT
    assert reachability_s(checked.report) < SILENT_S


@pytest.mark.parametrize("fault", SOAKS)
def test_a_quiet_websocket_is_held(lab: Lab, fault: str) -> None:
    broken, checked = SOAKS[fault], lab.checked(SOAKS[fault], SOAK)
    found = by_check(checked.report)["websocket.open"]
    expected = broken.expected.get("websocket.open", "pass")
    assert seen(found, expected) == expected
    measured = {quantity.name: quantity.value for quantity in found.measured}
    held_s = float(measured["held"])
    assert held_s > 0.5 if broken.expected else held_s >= IDLE_S
    assert checked.exit_code == (1 if found.status is Status.FAIL else 0)


def test_the_direct_way_is_held_beside_the_proxy(lab: Lab) -> None:
    report = lab.checked(SOAKS["a hasty squid"], SOAK).report
    quiet = [each for each in by_check(report)["websocket.open"].details if "Quiet" in each.label]
    direct = [each.text for each in quiet if "through" not in each.label]
    proxied = [each.text for each in quiet if "through" in each.label]
    assert all(text.startswith("held for") for text in direct)
    assert all(text.startswith("cut after") for text in proxied)
    assert len(direct) == len(proxied) == 2
