"""The UDP probes through a real router: the Linux kernel's NAT and firewall.

agent 10.78.0.7 -- 10.78.0.1 router 203.0.113.1 and .2 -- 203.0.113.9 and .10 server
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import pytest
from cases.udp_cases import case
from lab.topology.street import Street, built_street

from natwizard.checks import nat_load_balancing, nat_mapping, quality_loss, udp_range, udp_stun
from natwizard.checks.base import NoLimits
from natwizard.checks.nat_load_balancing import BalancingLimits
from natwizard.checks.quality_loss import LossLimits
from natwizard.checks.udp_stun import StunLimits
from natwizard.model.finding import Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.media.stream import MediaEvidence
from natwizard.probes.stun.binding import NatFiltering, StunEvidence
from natwizard.probes.stun.udp_range import RangeEvidence, SamplingBudget

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or not all(map(shutil.which, ("ip", "nft", "conntrack"))),
        reason="needs root, ip, nft and conntrack",
    ),
]

T = TypeVar("T")
FIRST, SECOND = "203.0.113.9", "203.0.113.10"

KEEPS_PORTS = 'oifname "outside" masquerade'
NEW_PORTS = 'oifname "outside" masquerade fully-random'
LETS_ALL_IN = (
    "table ip inward { chain enter { type nat hook prerouting priority -100; "
    'iifname "outside" meta l4proto udp dnat to 10.78.0.7; }\n}'
)
TWO_LINES = 'oifname "outside" snat to numgen inc mod 2 map { 0 : 203.0.113.1, 1 : 203.0.113.2 }'
WHOLE_RANGE_TO_ONE_PORT = """
table ip whole {
  chain enter { type nat hook prerouting priority -100; udp dport 20000-60000 redirect to :3478; }
}
"""

REFLECT = f"""
import asyncio
from natwizard.reflector.udp import UdpReflector
async def serve():
    reflectors = [UdpReflector(), UdpReflector()]
    for reflector, address in zip(reflectors, ("{FIRST}", "{SECOND}")):
        await reflector.start(address, (3478, 5060, 3479, 18620))
    reflectors.append(UdpReflector())
    await reflectors[-1].start("{FIRST}", (7001, 7002), other_address="{SECOND}")
    print("ready", flush=True)
    await asyncio.sleep(600)
asyncio.run(serve())
"""
PROBE = f"""
import sys, msgspec
from servers.udp_lab import make_context, run
from natwizard.model.profile import Targets
from natwizard.probes.media.stream import make_media_probe
from natwizard.probes.stun.binding import STUN
from natwizard.probes.stun.udp_range import UDP_RANGE
targets = Targets(
    stun=("{FIRST}:5060", "{FIRST}:3479"), stun_control=("{SECOND}:3478",),
    media="{FIRST}:18620", udp_range="{FIRST}", udp_range_ports=("20000-60000",),
)
if sys.argv[1] == "filtering":
    targets = Targets(stun=("{FIRST}:7001",))
probes = {{"stun": STUN, "filtering": STUN, "media": make_media_probe(4.0, 4.0)}}
probe = probes.get(sys.argv[1], UDP_RANGE)
sys.stdout.buffer.write(msgspec.json.encode(run(probe.gather(make_context(targets)))))
"""


@dataclass(frozen=True)
class Lab:
    """A street whose router is told what to do."""

    street: Street

    def translate(self, how: str) -> None:
        """A new way to translate; what was there before is forgotten."""
        chain = f"type nat hook postrouting priority 100; {how};"
        self.street.router.replace_rules(f"table ip nat {{\nchain leave {{ {chain} }}\n}}")

    def forward(self, *how: str) -> None:
        """Rules for packets that pass through."""
        chain = "type filter hook forward priority 0; " + " ".join(f"{rule};" for rule in how)
        self.rules(f"table ip wall {{\nchain pass {{ {chain} }}\n}}")

    def rules(self, text: str) -> None:
        self.street.router.nft(text)

    def gather(self, probe: str, evidence: type[T]) -> T:
        return msgspec.json.decode(self.street.gather(PROBE, probe), type=evidence)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with built_street(
        "udp",
        tmp_path_factory.mktemp("routers"),
        inside=("10.78.0.7", "10.78.0.1"),
        outside=("203.0.113.1", "203.0.113.2"),
        server=(FIRST, SECOND),
    ) as street:
        street.server.nft(WHOLE_RANGE_TO_ONE_PORT)
        street.serve(REFLECT)
        yield Lab(street)


@pytest.mark.parametrize(
    ("how", "mapping", "status"),
    [
        (KEEPS_PORTS, "endpoint-independent", Status.PASS),
        (NEW_PORTS, "address- and port-dependent", Status.WARN),
    ],
)
def test_the_kernels_mapping_is_classified(
    lab: Lab, how: str, mapping: str, status: Status
) -> None:
    lab.translate(how)
    evidence = lab.gather("stun", StunEvidence)
    judgement = nat_mapping.judge(case({"stun": evidence}), NoLimits())
    assert (judgement.measured[0].value, judgement.status) == (mapping, status)
    balanced = nat_load_balancing.judge(case({"stun": evidence}), BalancingLimits())
    assert balanced.status is Status.PASS


@pytest.mark.parametrize(
    ("inward", "wall", "kind"),
    [
        ("", "", NatFiltering.ADDRESS_AND_PORT_DEPENDENT),
        (LETS_ALL_IN, "", NatFiltering.ENDPOINT_INDEPENDENT),
        (LETS_ALL_IN, f"ip saddr {SECOND} drop", NatFiltering.ADDRESS_DEPENDENT),
    ],
)
def test_the_kernels_filtering_is_classified(
    lab: Lab, inward: str, wall: str, kind: NatFiltering
) -> None:
    lab.translate(KEEPS_PORTS)
    if inward:
        lab.rules(inward)
    if wall:
        lab.forward(wall)
    evidence = lab.gather("filtering", StunEvidence)
    assert [each.attempt.value for each in evidence.filtering] == [kind]
    judgement = nat_mapping.judge(case({"stun": evidence}), NoLimits())
    told = {detail.label: detail.text for detail in judgement.details}
    assert told["Filtering over IPv4"] == str(kind)


def test_flows_that_leave_by_two_lines_are_found(lab: Lab) -> None:
    lab.translate(TWO_LINES)
    evidence = lab.gather("stun", StunEvidence)
    judgement = nat_load_balancing.judge(case({"stun": evidence}), BalancingLimits())
    assert judgement.status is Status.FAIL
    assert judgement.summary == "Your traffic leaves under two public addresses."


def test_a_blocked_stun_port_is_named(lab: Lab) -> None:
    lab.translate(KEEPS_PORTS)
    lab.forward("udp dport 5060 drop")
    evidence = lab.gather("stun", StunEvidence)
    judgement = udp_stun.judge(case({"stun": evidence}), StunLimits())
    assert judgement.status is Status.FAIL
    assert judgement.summary == "Your network blocks a port that calls start on, 5060."


def test_blocked_runs_of_a_large_range_have_exact_ends(lab: Lab) -> None:
    lab.translate(KEEPS_PORTS)
    # outwards only: answers come back to ports of ours that may lie in these ranges
    lab.forward(
        'iifname "inside" udp dport 23456-34567 drop', 'iifname "inside" udp dport 50000-60000 drop'
    )
    evidence = lab.gather("range", RangeEvidence)
    assert [(span.low, span.high, span.exact) for span in evidence.blocked] == [
        (23456, 34567, True),
        (50000, 60000, True),
    ]
    assert evidence.flows <= SamplingBudget().flows
    judgement = udp_range.judge(case({"udp_range": evidence}), NoLimits())
    assert judgement.status is Status.FAIL


@pytest.mark.parametrize(("port", "there"), [("dport", True), ("sport", False)])
def test_losses_are_laid_on_the_way_that_has_them(lab: Lab, port: str, there: bool) -> None:
    lab.translate(KEEPS_PORTS)
    lab.forward(f"udp {port} 18620 numgen inc mod 10 9 drop")
    evidence = lab.gather("media", MediaEvidence)
    assert evidence.figures is not None
    counted = evidence.figures.counted
    assert counted.sent - counted.received == 20
    # the last packet may be one of those lost, and nobody can say on which way
    ways = (counted.lost_out, counted.lost_back)
    assert ways in ({(20, 0), (19, 0)} if there else {(0, 20), (0, 19)})
    patient = LossLimits(send_late_p95_ms=1000, lag_p95_ms=1000)
    judgement = quality_loss.judge(case({"media": evidence}), patient)
    assert judgement.status is Status.FAIL


def test_a_firewall_that_says_no_is_told_from_one_that_is_silent(lab: Lab) -> None:
    lab.translate(KEEPS_PORTS)
    lab.forward("udp dport 18620 reject with icmp type admin-prohibited")
    evidence = lab.gather("media", MediaEvidence)
    failure = evidence.path.greetings[0].failure
    assert failure is not None
    assert failure.code is not FailureCode.TIMED_OUT
