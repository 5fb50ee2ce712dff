"""Where packets get lost, told by the routers of a real way: the Linux kernel's own.

agent 10.79.0.7 -- 10.79.0.1 gateway 198.51.100.130 -- 198.51.100.129 provider -- server 203.0.113.x
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
from lab.topology.wires import Space, cable, wait_until

from natwizard.checks.quality_loss import LossLimits, judge
from natwizard.checks.shared.fault_location import Fault, fault_of_loss, path_stops
from natwizard.model.finding import Status
from natwizard.probes.media.stream import MediaEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or not (shutil.which("ip") and shutil.which("nft")),
        reason="needs root, ip and nft",
    ),
]

TESTS = Path(__file__).parents[1]
BUILDING, PROVIDER, FAR_END, CLEAN = (f"203.0.113.{last}" for last in (9, 10, 11, 12))
SERVERS = (BUILDING, PROVIDER, FAR_END, CLEAN)
THIRD = "numgen inc mod 3 2 drop"
AGENT, GATEWAY, PROVIDERS, SERVER = "10.79.0.7", "10.79.0.1", "198.51.100.129", "203.0.113.1"

# packets that end at a router count for themselves, so that every third of them is lost, too
AT_GATEWAY = f"""
table ip wall {{ chain enter {{ type filter hook prerouting priority 0;
    ip daddr {BUILDING} ip ttl 1 {THIRD};
    ip daddr {BUILDING} ip ttl 2 {THIRD};
    ip daddr {BUILDING} ip ttl > 8 {THIRD};
}}
}}
"""
AT_PROVIDER = f"""
table ip wall {{ chain enter {{ type filter hook prerouting priority 0;
    ip daddr {PROVIDER} ip ttl 1 {THIRD};
    ip daddr {PROVIDER} ip ttl > 7 {THIRD};
}}
}}
"""
AT_SERVER = f"""
table ip wall {{ chain enter {{ type filter hook prerouting priority 0;
    ip daddr {FAR_END} {THIRD};
}}
}}
"""

REFLECT = f"""
import asyncio
from natwizard.reflector.udp import UdpReflector
async def serve():
    for address in {SERVERS!r}:
        await UdpReflector().start(address, (18620,))
    await asyncio.sleep(600)
asyncio.run(serve())
"""
PROBE = """
import sys, msgspec
from servers.udp_lab import make_context, run
from natwizard.model.profile import Targets
from natwizard.probes.media.stream import make_media_probe
context = make_context(Targets(media=sys.argv[1] + ":18620"))
look = make_media_probe(9.0, 9.0).gather(context)
sys.stdout.buffer.write(msgspec.json.encode(run(look)))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, MediaEvidence]]:
    """What the probe saw on the way to each server, all at the same time."""
    folder = tmp_path_factory.mktemp("fault")
    agent, gateway, provider, server = (
        Space(f"nwfault{os.getpid()}{end}", folder) for end in "agps"
    )
    with agent, gateway, provider, server:
        cable(agent, "line", gateway, "inside")
        cable(gateway, "outside", provider, "inside")
        cable(provider, "outside", server, "line")
        agent.addresses(f"{AGENT}/24", device="line")
        gateway.addresses(f"{GATEWAY}/24", device="inside")
        gateway.addresses("198.51.100.130/25", device="outside")
        provider.addresses(f"{PROVIDERS}/25", device="inside")
        provider.addresses(f"{SERVER}/24", device="outside")
        server.addresses(*(f"{address}/24" for address in SERVERS), device="line")
        agent.ip("route", "add", "default", "via", GATEWAY)
        gateway.ip("route", "add", "default", "via", PROVIDERS)
        provider.ip("route", "add", "10.79.0.0/24", "via", "198.51.100.130")
        server.ip("route", "add", "default", "via", SERVER)
        for router in (gateway, provider):
            router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
            # one agent would be within it, four at the same time are not
            router.run("sysctl", "-qw", "net.ipv4.icmp_ratelimit=0")
        gateway.nft(AT_GATEWAY)
        provider.nft(AT_PROVIDER)
        server.nft(AT_SERVER)
        server.start(sys.executable, "-c", REFLECT, log="reflector")
        places = {f"{address}:18620" for address in SERVERS}
        wait_until(lambda: places <= server.listening("udp"), "the reflectors to listen")
        running = {
            address: subprocess.Popen(
                (*agent.prefix(), sys.executable, "-c", PROBE, address),
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(TESTS)},
            )
            for address in SERVERS
        }
        yield {
            address: msgspec.json.decode(program.communicate(timeout=60)[0], type=MediaEvidence)
            for address, program in running.items()
        }


@pytest.mark.parametrize(
    ("address", "fault", "words"),
    [
        (BUILDING, Fault.BUILDING, f"Inside this building: between this computer and {GATEWAY}"),
        (PROVIDER, Fault.PROVIDER, f"At the internet provider: between {GATEWAY} and {PROVIDERS}."),
        (FAR_END, Fault.FAR_END, f"Towards the far end: beyond {PROVIDERS}."),
    ],
)
def test_losses_are_laid_on_the_part_of_the_way_that_has_them(
    seen: dict[str, MediaEvidence], address: str, fault: Fault, words: str
) -> None:
    evidence = seen[address]
    assert evidence.figures is not None
    assert evidence.hops is not None
    assert fault_of_loss(evidence.figures, evidence.hops) is fault
    limits = LossLimits(send_late_p95_ms=1000, lag_p95_ms=1000)
    judgement = judge(case({"media": evidence}), limits)
    assert judgement.status is Status.FAIL
    (where,) = (detail.text for detail in judgement.details if detail.label == "Where")
    assert where.replace("its router, ", "").startswith(words)


def test_routers_are_found_and_asked_once_a_second(seen: dict[str, MediaEvidence]) -> None:
    hops = seen[CLEAN].hops
    assert hops is not None
    assert hops.gateway is not None
    assert hops.public is not None
    assert (hops.gateway.address, hops.public.address) == (GATEWAY, PROVIDERS)
    for hop in (hops.gateway, hops.public):
        assert 5 <= hop.sent <= 12
        assert len(hop.times_ms) >= hop.sent - 1
        assert 0 < min(hop.times_ms) < 20


def test_a_line_that_is_well_needs_no_place(seen: dict[str, MediaEvidence]) -> None:
    limits = LossLimits(send_late_p95_ms=1000, lag_p95_ms=1000)
    judgement = judge(case({"media": seen[CLEAN]}), limits)
    assert judgement.status is Status.PASS or "Where" in {d.label for d in judgement.details}


def test_the_way_is_shown_from_here_to_the_far_end(seen: dict[str, MediaEvidence]) -> None:
    here, router, provider, far_end = path_stops(seen[CLEAN])
    assert here.figures == ""
    assert (router.at, provider.at) == (GATEWAY, PROVIDERS)
    assert far_end.at == f"{CLEAN}:18620"
    assert all("ms" in stop.figures for stop in (router, provider, far_end))
