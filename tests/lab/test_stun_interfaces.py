"""A computer with two networks: STUN by each interface that leads out, through real routes.

agent 203.0.113.7 -- cable -- 203.0.113.9 server, the preferred way
agent 198.51.100.7 -- radio -- 198.51.100.9 server
agent 192.168.7.7 -- printer -- 192.168.7.9 server, which leads nowhere
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cases.udp_cases import case
from lab.topology.wires import Space, cable

from natwizard.checks import udp_stun
from natwizard.checks.udp_stun import StunLimits
from natwizard.model.finding import Status
from natwizard.probes.stun.binding import StunEvidence

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
SERVER = "203.0.113.9"
REFLECT = f"""
import asyncio
from natwizard.reflector.udp import UdpReflector
async def serve():
    await UdpReflector().start("{SERVER}", (5060, 3479))
    print("ready", flush=True)
    await asyncio.sleep(600)
asyncio.run(serve())
"""
PROBE = f"""
import sys, msgspec
from servers.udp_lab import make_context, run
from natwizard.model.profile import Targets
from natwizard.probes.stun.binding import STUN
context = make_context(Targets(stun=("{SERVER}:5060", "{SERVER}:3479")))
sys.stdout.buffer.write(msgspec.json.encode(run(STUN.gather(context))))
"""


@pytest.fixture
def spaces(tmp_path: Path) -> Iterator[tuple[Space, Space]]:
    agent, server = (Space(f"nwways{os.getpid()}{end}", tmp_path) for end in "as")
    with agent, server:
        for device, network in (
            ("cable", "203.0.113"),
            ("radio", "198.51.100"),
            ("printer", "192.168.7"),
        ):
            cable(agent, device, server, device)
            agent.addresses(f"{network}.7/24", device=device)
            server.addresses(f"{network}.9/24", device=device)
        agent.ip("route", "add", "default", "via", "203.0.113.9", "metric", "100")
        agent.ip("route", "add", "default", "via", "198.51.100.9", "metric", "600")
        server.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0")
        yield agent, server


def look(agent: Space, server: Space) -> StunEvidence:
    with subprocess.Popen(
        (*server.prefix(), sys.executable, "-c", REFLECT), stdout=subprocess.PIPE
    ) as reflector:
        assert reflector.stdout is not None
        assert reflector.stdout.readline() == b"ready\n"
        found = subprocess.run(
            (*agent.prefix(), sys.executable, "-c", PROBE),
            check=True,
            stdout=subprocess.PIPE,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )
        reflector.terminate()
    return msgspec.json.decode(found.stdout, type=StunEvidence)


@pytest.mark.parametrize("blocked", [False, True])
def test_each_way_out_is_asked_for_itself(spaces: tuple[Space, Space], blocked: bool) -> None:
    agent, server = spaces
    if blocked:
        server.nft(
            "table ip wall { chain enter { type filter hook prerouting priority 0; "
            'iifname "radio" udp dport { 5060, 3479 } drop; }\n}'
        )
    evidence = look(agent, server)
    assert [(way.interface, way.preferred) for way in evidence.ways] == [
        ("cable", True),
        ("radio", False),
    ]
    seen = {
        way.interface: way.attempt.value.public.host if way.attempt.value else ""
        for way in evidence.ways
    }
    assert seen == {"cable": "203.0.113.7", "radio": "" if blocked else "198.51.100.7"}
    judgement = udp_stun.judge(case({"stun": evidence}), StunLimits())
    assert judgement.status is Status.PASS  # calls go by the cable
    told = {detail.label: detail.text for detail in judgement.details}
    assert told["By cable"].endswith("this one carries your calls")
    assert told["By radio"].endswith("no answer") is blocked
