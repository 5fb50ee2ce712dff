"""Where this computer itself could not try, nobody on the way is to blame."""

import pytest
from cases.udp_cases import flow, missed, stun
from msgspec import structs

from natwizard.checks.shared.missing_evidence import VoidFacts
from natwizard.checks.shared.own_trouble import own_trouble_of, without_blame
from natwizard.model.finding import Judgement, Owner, Remedy, Status
from natwizard.model.outcome import FailureCode, Gathered, Missed, Outcome
from natwizard.probes.base import Probe
from natwizard.probes.stun.binding import STUN

SERVER = "192.0.2.1:5060"
BUSY, BLOCKED = FailureCode.MACHINE_BUSY, FailureCode.BLOCKED_HERE
SILENT, NO_IPV6 = FailureCode.TIMED_OUT, FailureCode.NOT_SUPPORTED
NEEDS: tuple[Probe[object], ...] = (STUN,)


@pytest.mark.parametrize(
    ("codes", "trouble"),
    [
        ((), None),
        ((BUSY,), BUSY),
        ((BLOCKED, BUSY), BLOCKED),
        ((FailureCode.OTHER,), FailureCode.OTHER),
        # something that was tried and stayed silent is evidence
        ((BUSY, SILENT), None),
        ((SILENT,), None),
        # a family of addresses that is not there says nothing of either
        ((NO_IPV6, BUSY), BUSY),
        ((NO_IPV6,), None),
        ((NO_IPV6, SILENT), None),
    ],
)
def test_its_trouble_is_told_where_nothing_else_failed(
    codes: tuple[FailureCode, ...], trouble: FailureCode | None
) -> None:
    flows = [flow(SERVER, number=number, code=code) for number, code in enumerate(codes)]
    outcomes: dict[str, Outcome[object]] = {STUN.name: Gathered(evidence=stun(*flows))}
    assert own_trouble_of(NEEDS, outcomes) is trouble


@pytest.mark.parametrize("outcomes", [{}, {STUN.name: missed(BUSY)}])
def test_a_probe_that_brought_nothing_has_no_trouble(outcomes: dict[str, Missed]) -> None:
    assert own_trouble_of(NEEDS, outcomes) is None


@pytest.mark.parametrize("code", [BUSY, None])
@pytest.mark.parametrize("status", Status)
def test_only_what_is_not_well_is_taken_back(status: Status, code: FailureCode | None) -> None:
    judged = Judgement(
        status=status,
        summary="Something is so.",
        observed="this",
        expected="that",
        remedy=Remedy(text="Ask.", owner=Owner.NETWORK_TEAM),
    )
    told = without_blame(judged, "udp.stun", "STUN", code)
    bad = status in {Status.FAIL, Status.WARN, Status.BORDERLINE, Status.UNKNOWN}
    if code is None or not bad:
        assert told is judged
        return
    assert told.status is Status.UNKNOWN
    assert told.summary != judged.summary
    assert told.remedy != judged.remedy
    assert told.facts == VoidFacts(code=code)
    kept = structs.replace(
        told, status=judged.status, summary=judged.summary, remedy=judged.remedy, facts=None
    )
    assert kept == judged
