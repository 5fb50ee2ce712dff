"""A few UDP ports at strangers' servers: shown, and never a word against anybody's firewall."""

from dataclasses import replace

import pytest
from servers.public_internet import ECHOES, Faults, public_internet
from servers.udp_lab import make_context, run

from natwizard.checks.base import Inputs
from natwizard.checks.udp_range import UDP_RANGE_CHECK
from natwizard.model.finding import FarEnd, Judgement, Status
from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed
from natwizard.model.profile import Targets
from natwizard.probes.public_udp import PUBLIC_UDP, PublicUdpEvidence, gather
from natwizard.probes.stun.binding import STUN
from natwizard.probes.stun.udp_range import UDP_RANGE
from natwizard.probes.web import WEB
from natwizard.profiles.read import shipped_profile

PORTS = {19302, 7770, 5353, 5443, 9953, 8443}


def sample(faults: Faults, targets: Targets | None = None) -> PublicUdpEvidence:
    async def work() -> PublicUdpEvidence:
        async with public_internet(faults) as world:
            profile = shipped_profile()
            context = make_context(targets or profile.targets, network=world.network)
            return await gather(replace(context, public=profile.public))

    return run(work())


def judged(evidence: PublicUdpEvidence) -> Judgement:
    unset = Failure(
        code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.udp_range"
    )
    outcomes = {
        UDP_RANGE.name: Missed(failure=unset),
        STUN.name: Missed(failure=unset),
        WEB.name: Missed(failure=unset),
        PUBLIC_UDP.name: Gathered(evidence=evidence),
    }
    return UDP_RANGE_CHECK.bind({})(Inputs(outcomes=outcomes))


def test_every_port_of_the_shipped_sample_answers_what_it_speaks() -> None:
    evidence = sample(Faults())
    assert {each.port for each in evidence.ports} == PORTS
    assert evidence.answered == len(PORTS), [each.asked for each in evidence.ports]
    told = judged(evidence)
    assert told.status is Status.NOT_SET_UP, "never a pass of the range"
    assert told.far_end is FarEnd.PUBLIC
    assert "6 of 59,001 ports tried" in told.observed
    assert "6 answered" in told.observed


@pytest.mark.parametrize(
    ("faults", "answered"),
    [
        (Faults(udp=False), 0),
        (Faults(withheld=frozenset({"stun.l.google.com"})), 5),
        (Faults(echoes=frozenset(ECHOES[:1])), 6),
    ],
)
def test_silence_is_shown_and_accuses_nobody(faults: Faults, answered: int) -> None:
    evidence = sample(faults)
    assert evidence.answered == answered
    told = judged(evidence)
    assert told.status is Status.NOT_SET_UP
    assert told.remedy is not None
    assert "firewall" not in (told.summary + told.remedy.text).lower()
    silent = [each for each in told.details if "proves nothing" in each.text]
    assert len(silent) == 6 - answered


def test_a_set_range_replaces_the_sample() -> None:
    assert sample(Faults(), Targets(udp_range="127.0.0.1")).ports == ()


def test_without_public_servers_it_is_not_set_up_as_before() -> None:
    from natwizard.checks.base import EvidenceMissing

    with pytest.raises(EvidenceMissing):
        judged(PublicUdpEvidence())
