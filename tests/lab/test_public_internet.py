"""The program as it is shipped, before the servers of strangers: its own names, nothing set up."""

from collections.abc import Iterator

import pytest
from lab.test_lines import (
    ASIDE,
    NETWORK,
    NOT_OURS,
    run_on_a_quiet_computer,
    spoilt_by_this_computer,
    told,
)
from lab.topology.lab import MEDIA_OFFICES, Lab, built_lab, missing
from lab.topology.public_faults import PUBLIC_FAULTS
from lab.topology.public_world import PublicWorld, trust_public
from report.test_remedies import faults_of

from natwizard.model.finding import FarEnd, Status
from natwizard.model.report import Readiness
from natwizard.run.judging import verdict_of

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
]

AS_SHIPPED: tuple[str, ...] = ()
WITHOUT_TARGETS = {
    **dict.fromkeys(("udp.stun", "udp.range", "ip.ranges", "nat.sip_alg"), "not_set_up"),
    "quality.latency_under_load": "not_set_up|unknown",
}
TO_STRANGERS = {"port.webphone", "websocket.open", "quality.latency", "quality.loss"}


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with built_lab(MEDIA_OFFICES, PublicWorld) as built:
        for site in built.sites:
            trust_public(site)
        built.begin_asked_for(request, PUBLIC_FAULTS, AS_SHIPPED)
        yield built


@pytest.mark.parametrize("name", PUBLIC_FAULTS)
def test_an_agent_is_told_what_strangers_can_tell_and_nobody_is_accused(
    lab: Lab, name: str
) -> None:
    fault = PUBLIC_FAULTS[name]
    report = run_on_a_quiet_computer(lab, fault, AS_SHIPPED)
    found = {each.check: each for each in report.findings if each.check.startswith(NETWORK)}
    spoilt = spoilt_by_this_computer(report)
    expected = {
        **{
            check: str(Status.PASS)
            for check, each in found.items()
            if each.status not in ASIDE and check not in NOT_OURS
        },
        **WITHOUT_TARGETS,
        **fault.expected,
        **dict.fromkeys(spoilt, str(Status.UNKNOWN)),
    }
    assert {check: told(found[check], text) for check, text in expected.items()} == expected
    assert list(faults_of(report)) == []
    assert (report.root_cause.code if report.root_cause else "") == fault.cause
    for check in TO_STRANGERS - spoilt:
        if found[check].status is Status.PASS:
            assert found[check].far_end is FarEnd.PUBLIC
    if name == "healthy" and not spoilt:
        assert verdict_of(tuple(found.values())) is Readiness.READY_TO_PUBLIC
