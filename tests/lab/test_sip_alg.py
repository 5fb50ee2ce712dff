"""SIP through a real router: the Linux kernel's own SIP ALG, switched on and off.

phone 10.77.0.7 -- 10.77.0.1 router 203.0.113.1 -- 203.0.113.9 reflector
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from natwizard.checks import nat_sip_alg, port_sip
from natwizard.checks.base import Case, NoLimits
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

TESTS = Path(__file__).parents[1]
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
import sys
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.settings import ReflectorSettings
with BackgroundReflector(ReflectorSettings(bind="{ADDRESS}")):
    print("ready", flush=True)
    sys.stdin.read()
"""
PROBE = f"""
import sys, msgspec
from udp_lab import make_context, run
from natwizard.model.profile import Targets
from natwizard.probes.sip import SIP
from natwizard.probes.sip_mirror import SIP_MIRROR
targets = Targets(
    sip=("{ADDRESS}:5060", "{ADDRESS}:5050"), sip_tls="{ADDRESS}:5061", sip_mirror="{ADDRESS}:5060"
)
probe = SIP if sys.argv[1] == "SIP" else SIP_MIRROR
sys.stdout.buffer.write(msgspec.json.encode(run(probe.gather(make_context(targets)))))
"""


def command(*arguments: str, **options: object) -> None:
    subprocess.run(arguments, check=True, capture_output=True, timeout=20, **options)  # type: ignore[call-overload]


class Lab:
    """Three namespaces; their names carry our process number, so that runs do not meet."""

    def __init__(self) -> None:
        self.phone, self.router, self.server = (f"nwsip{os.getpid()}{end}" for end in "prs")

    @contextlib.contextmanager
    def built(self) -> Iterator["Lab"]:
        names = (self.phone, self.router, self.server)
        try:
            for name in names:
                command("ip", "netns", "add", name)
                command("ip", "-n", name, "link", "set", "lo", "up")
            self._cable(self.phone, "line", "10.77.0.7", self.router, "inside", "10.77.0.1")
            self._cable(self.server, "line", ADDRESS, self.router, "outside", "203.0.113.1")
            command("ip", "-n", self.phone, "route", "add", "default", "via", "10.77.0.1")
            self.inside(self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
            self.rules(MASQUERADE)
            yield self
        finally:
            for name in names:
                with contextlib.suppress(subprocess.CalledProcessError):
                    command("ip", "netns", "del", name)

    def _cable(self, one: str, here: str, near: str, other: str, there: str, far: str) -> None:
        ends = ("link", "add", here, "netns", one, "type", "veth", "peer", "name", there)
        command("ip", *ends, "netns", other)
        for name, end, address in ((one, here, near), (other, there, far)):
            command("ip", "-n", name, "addr", "add", f"{address}/24", "dev", end)
            command("ip", "-n", name, "link", "set", end, "up")

    def inside(self, name: str, *arguments: str, **options: object) -> None:
        command("ip", "netns", "exec", name, *arguments, **options)

    def rules(self, text: str) -> None:
        self.inside(self.router, "nft", "-f", "-", input=text.encode())

    @contextlib.contextmanager
    def reflector(self) -> Iterator[None]:
        arguments = ("ip", "netns", "exec", self.server, sys.executable, "-c", REFLECT)
        with subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "ready\n"
            yield
            running.communicate(timeout=10)

    def gather(self, probe: str) -> bytes:
        found = subprocess.run(
            ("ip", "netns", "exec", self.phone, sys.executable, "-c", PROBE, probe),
            check=True,
            stdout=subprocess.PIPE,
            timeout=40,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )
        return found.stdout


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab().built() as built, built.reflector():
        yield built


def mirrored(lab: Lab) -> tuple[Status, str, SipMirrorEvidence]:
    evidence = msgspec.json.decode(lab.gather("SIP_MIRROR"), type=SipMirrorEvidence)
    case = Case(outcomes={SIP_MIRROR.name: Gathered(evidence=evidence)})
    judgement = nat_sip_alg.judge(case, NoLimits())
    return judgement.status, judgement.observed, evidence


def test_a_router_that_only_translates_addresses_passes(lab: Lab) -> None:
    status, observed, evidence = mirrored(lab)
    assert (status, observed) == (Status.PASS, "UDP: unchanged \u00b7 TCP: unchanged")
    assert {str(each.attempt.value.seen.host) for each in evidence.tries if each.attempt.value} == {
        "203.0.113.1"
    }


def test_the_kernels_sip_alg_is_found_on_both_transports(lab: Lab) -> None:
    try:
        lab.rules(ALG)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this kernel has no SIP helper: {error.stderr.decode()[:80]}")
    status, _observed, evidence = mirrored(lab)
    assert status is Status.FAIL
    for each in evidence.tries:
        assert each.attempt.value is not None, each
        changed = {line.name for line in each.attempt.value.changed}
        assert {"Via", "Contact", "Via of the answer"} <= changed
        assert ({"o=", "c="} <= changed) is (each.method == "INVITE")


def test_a_blocked_port_is_named_and_the_open_ones_are_not(lab: Lab) -> None:
    lab.rules(DROP_UDP_5060)
    evidence = msgspec.json.decode(lab.gather("SIP"), type=SipEvidence)
    judgement = port_sip.judge(Case(outcomes={SIP.name: Gathered(evidence=evidence)}), NoLimits())
    assert judgement.status is Status.FAIL
    assert judgement.summary == "Your network blocks a port of desk phones, 5060."
    assert (
        judgement.observed == "TCP 5060, UDP 5050, TCP 5050, TLS 5061 answered; UDP 5060: no answer"
    )
