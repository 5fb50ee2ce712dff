"""SIP through a real router: the Linux kernel's own SIP ALG, switched on and off.

phone 10.77.0.7 -- 10.77.0.1 router 203.0.113.1 -- 203.0.113.9 reflector
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from lab.topology.street import Street, built_street

from natwizard.checks import nat_sip_alg, port_sip
from natwizard.checks.base import Inputs, NoLimits
from natwizard.checks.port_sip import SipLimits
from natwizard.model.finding import Status
from natwizard.model.outcome import Gathered
from natwizard.probes.sip import SIP, SipEvidence
from natwizard.probes.sip_mirror import SIP_MIRROR, SipMirrorEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or not (shutil.which("ip") and shutil.which("nft")),
        reason="needs root, ip and nft",
    ),
]

ADDRESS = "203.0.113.9"
MASQUERADE = """
table ip lab {
  chain leave { type nat hook postrouting priority 100; oifname "outside" masquerade; }
}
"""
ALG = """
table ip alg {
  ct helper over-udp { type "sip" protocol udp; }
  ct helper over-tcp { type "sip" protocol tcp; }
  chain enter {
    type filter hook prerouting priority 0;
    udp dport 5060 ct helper set "over-udp"
    tcp dport 5060 ct helper set "over-tcp"
  }
}
"""
DROP_UDP_5060 = """
table ip wall {
  chain forward_udp { type filter hook forward priority 0; udp dport 5060 drop; }
}
"""

REFLECT = f"""
import time
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.settings import ReflectorSettings
with BackgroundReflector(ReflectorSettings(bind="{ADDRESS}")):
    print("ready", flush=True)
    time.sleep(600)
"""
PROBE = f"""
import sys, msgspec
from servers.udp_lab import make_context, run
from natwizard.model.profile import Targets
from natwizard.probes.sip import SIP
from natwizard.probes.sip_mirror import SIP_MIRROR
targets = Targets(
    sip=("{ADDRESS}:5060", "{ADDRESS}:5050"), sip_tls="{ADDRESS}:5061", sip_mirror="{ADDRESS}:5060"
)
probe = SIP if sys.argv[1] == "SIP" else SIP_MIRROR
sys.stdout.buffer.write(msgspec.json.encode(run(probe.gather(make_context(targets)))))
"""


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    addresses = ("10.77.0.7", "10.77.0.1")
    with built_street(
        "sip", tmp_path, inside=addresses, outside=("203.0.113.1",), server=(ADDRESS,)
    ) as built:
        built.router.nft(MASQUERADE)
        built.serve(REFLECT)
        yield built


def mirrored(street: Street) -> tuple[Status, str, SipMirrorEvidence]:
    evidence = msgspec.json.decode(street.gather(PROBE, "SIP_MIRROR"), type=SipMirrorEvidence)
    case = Inputs(outcomes={SIP_MIRROR.name: Gathered(evidence=evidence)})
    judgement = nat_sip_alg.judge(case, NoLimits())
    return judgement.status, judgement.observed, evidence


def test_a_router_that_only_translates_addresses_passes(street: Street) -> None:
    status, observed, evidence = mirrored(street)
    assert (status, observed) == (Status.PASS, "UDP: unchanged \u00b7 TCP: unchanged")
    assert {str(each.attempt.value.seen.host) for each in evidence.tries if each.attempt.value} == {
        "203.0.113.1"
    }


def test_the_kernels_sip_alg_is_found_on_both_transports(street: Street) -> None:
    try:
        street.router.nft(ALG)
    except RuntimeError as error:
        pytest.skip(f"this kernel has no SIP helper: {str(error)[:80]}")
    status, _observed, evidence = mirrored(street)
    assert status is Status.FAIL
    for each in evidence.tries:
        assert each.attempt.value is not None, each
        changed = {line.name for line in each.attempt.value.changed}
        assert {"Via", "Contact", "Via of the answer"} <= changed
        assert ({"o=", "c="} <= changed) is (each.method == "INVITE")


def test_a_blocked_port_is_named_and_the_open_ones_are_not(street: Street) -> None:
    street.router.nft(DROP_UDP_5060)
    evidence = msgspec.json.decode(street.gather(PROBE, "SIP"), type=SipEvidence)
    judgement = port_sip.judge(
        Inputs(outcomes={SIP.name: Gathered(evidence=evidence)}), SipLimits()
    )
    assert judgement.status is Status.FAIL
    assert judgement.summary == "Your network blocks a port of desk phones, 5060."
    assert (
        judgement.observed == "TCP 5060, UDP 5050, TCP 5050, TLS 5061 answered; UDP 5060: no answer"
    )
