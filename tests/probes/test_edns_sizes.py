"""Answers of known sizes through this computer's resolver: shown, and no word against anybody."""

from dataclasses import replace

import pytest
from msgspec import structs
from servers.public_internet import Faults, public_internet
from servers.udp_lab import make_context, run

from natwizard.checks.base import Inputs
from natwizard.checks.dns_edns import DNS_EDNS
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import Gathered
from natwizard.model.profile import PublicUse
from natwizard.probes.dns_servers import DNS_SERVERS, SIZES, DnsEvidence, gather
from natwizard.profiles.read import shipped_profile


def asked(zone: str = "") -> DnsEvidence:
    """With the shipped profile; `zone` in place of the one it names."""

    async def work() -> DnsEvidence:
        async with public_internet(Faults()) as world:
            profile = shipped_profile()
            public = tuple(
                structs.replace(each, address=f"{zone}:53")
                if zone and each.use is PublicUse.EDNS_SIZES
                else each
                for each in profile.public
            )
            context = make_context(profile.targets, network=world.network)
            return await gather(replace(context, public=public))

    return run(work())


def judged(evidence: DnsEvidence) -> Judgement:
    inputs = Inputs(outcomes={DNS_SERVERS.name: Gathered(evidence=evidence)})
    return DNS_EDNS.bind({})(inputs)


def told(judgement: Judgement) -> str:
    (line,) = [each.text for each in judgement.details if each.label == "Answers of known sizes"]
    return line


def test_each_size_comes_through_a_resolver_that_knows_edns() -> None:
    evidence = asked()
    assert tuple(each.frame_bytes for each in evidence.sizes) == SIZES
    sizes = [each.asked.value.size_bytes for each in evidence.sizes if each.asked.value]
    assert sizes == sorted(sizes)
    assert len(sizes) == len(SIZES)
    for each, size in zip(evidence.sizes, sizes, strict=True):
        assert 0 <= each.frame_bytes - size - 42 <= 30, "Ethernet, IPv4 and UDP are 42 bytes"
    judgement = judged(evidence)
    assert judgement.status is Status.PASS
    assert told(judgement).count("came") == len(SIZES)


@pytest.mark.parametrize("zone", ["asleep.example.com", f"{'x' * 70}.example.com"])
def test_a_stranger_that_sleeps_changes_nothing(zone: str) -> None:
    judgement = judged(asked(zone))
    assert judgement.status is Status.PASS
    assert "proves nothing" in told(judgement)
