"""The way out over real interfaces: cable, bridge, VLAN and tunnel, each with its own route.

A Wi-Fi radio cannot be made on the build machines (no mac80211_hwsim), nor a dummy interface;
tests/probes/link/test_route.py has those as recorded data.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from natwizard.checks.base import Inputs
from natwizard.checks.link_wired import LINK_WIRED
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import Gathered
from natwizard.probes.link.kind import Link, LinkKind
from natwizard.probes.link.route import LINK, LinkEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("ip"),
        reason="needs root and ip",
    ),
]

TESTS = Path(__file__).parents[1]
SERVICE = "203.0.113.9"
LOOK = f"""
import asyncio, sys, msgspec
from computers.probe_context import make_context
from natwizard.model.profile import Targets
from natwizard.probes.link.route import LINK
from natwizard.system.environment import system_host
from natwizard.system.network import SystemNetwork
context = make_context(
    system_host(), SystemNetwork(), targets=Targets(webphone="{SERVICE}:10062")
)
sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(LINK.gather(context))))
"""


class Computer:
    """A namespace with two cables that lead nowhere: only its own interfaces are looked at."""

    def __init__(self) -> None:
        self.name = f"nwlink{os.getpid()}"
        for line in ("cable type veth peer name far", "spare type veth peer name farther"):
            self.ip(f"link add {line}")
        for name in ("lo", "cable", "far", "spare", "farther"):
            self.ip(f"link set {name} up")

    def ip(self, line: str) -> None:
        done = subprocess.run(
            ("ip", "-n", self.name, *line.split()), capture_output=True, text=True, timeout=20
        )
        if done.returncode:
            raise RuntimeError(f"ip {line}: {done.stderr.strip()}")

    def try_ip(self, line: str) -> None:
        """For kinds of interface that not every kernel has."""
        try:
            self.ip(line)
        except RuntimeError as refused:
            pytest.skip(f"this kernel says: {refused}")

    def look(self) -> LinkEvidence:
        done = subprocess.run(
            ("ip", "netns", "exec", self.name, sys.executable, "-c", LOOK),
            capture_output=True,
            timeout=30,
            env=os.environ | {"PYTHONPATH": str(TESTS)},
        )
        assert done.returncode == 0, done.stderr.decode()
        return msgspec.json.decode(done.stdout, type=LinkEvidence)


@pytest.fixture
def computer() -> Iterator[Computer]:
    name = f"nwlink{os.getpid()}"
    subprocess.run(("ip", "netns", "add", name), check=True, capture_output=True, timeout=20)
    try:
        yield Computer()
    finally:
        subprocess.run(("ip", "netns", "del", name), check=False, capture_output=True, timeout=20)


def kind_of(link: Link | None) -> tuple[str, LinkKind] | None:
    return None if link is None else (link.name, link.kind)


def judged(evidence: LinkEvidence) -> Judgement:
    return LINK_WIRED.bind({})(Inputs(outcomes={LINK.name: Gathered(evidence=evidence)}))


def test_a_cable_passes_and_a_namespace_says_so(computer: Computer) -> None:
    computer.ip("addr add 10.77.1.2/24 dev cable")
    computer.ip("route add default via 10.77.1.1")
    evidence = computer.look()
    assert kind_of(evidence.link) == ("cable", LinkKind.ETHERNET)
    assert evidence.towards == f"{SERVICE}:10062"
    assert evidence.link is not None
    assert evidence.link.emulated
    finding = judged(evidence)
    assert finding.status is Status.PASS
    assert any("virtual machine or container" in detail.text for detail in finding.details)


def test_a_cable_whose_far_end_has_the_same_number_elsewhere_is_one_all_the_same(
    computer: Computer,
) -> None:
    """Numbers of interfaces are counted anew in each namespace."""
    other = f"{computer.name}b"
    subprocess.run(("ip", "netns", "add", other), check=True, capture_output=True, timeout=20)
    try:
        pair = f"link add twin index 77 type veth peer name twin index 77 netns {other}"
        computer.ip(pair)
        computer.ip("link set twin up")
        computer.ip("addr add 10.77.1.2/24 dev twin")
        computer.ip("route add default via 10.77.1.1")
        assert kind_of(computer.look().link) == ("twin", LinkKind.ETHERNET)
    finally:
        subprocess.run(("ip", "netns", "del", other), check=True, capture_output=True, timeout=20)


def test_the_interface_is_that_of_the_route_to_the_service(computer: Computer) -> None:
    computer.ip("addr add 10.77.1.2/24 dev cable")
    computer.ip("addr add 10.77.2.2/24 dev spare")
    computer.ip("route add default via 10.77.1.1")
    computer.ip(f"route add {SERVICE}/32 via 10.77.2.1")
    assert kind_of(computer.look().link) == ("spare", LinkKind.ETHERNET)


def test_a_bridge_is_looked_through(computer: Computer) -> None:
    computer.ip("link add office type bridge")
    computer.ip("link set cable master office")
    computer.ip("link set office up")
    computer.ip("addr add 10.77.1.2/24 dev office")
    computer.ip("route add default via 10.77.1.1")
    evidence = computer.look()
    assert kind_of(evidence.link) == ("office", LinkKind.VIRTUAL)
    assert [kind_of(link) for link in evidence.below] == [("cable", LinkKind.ETHERNET)]
    assert judged(evidence).status is Status.PASS


def test_a_vlan_is_looked_through(computer: Computer) -> None:
    computer.try_ip("link add link cable name cable.7 type vlan id 7")
    computer.ip("link set cable.7 up")
    computer.ip("addr add 10.77.1.2/24 dev cable.7")
    computer.ip("route add default via 10.77.1.1")
    evidence = computer.look()
    assert kind_of(evidence.link) == ("cable.7", LinkKind.VIRTUAL)
    assert [kind_of(link) for link in evidence.below] == [("cable", LinkKind.ETHERNET)]
    assert judged(evidence).status is Status.PASS


@pytest.mark.parametrize(
    "kind",
    ["tuntap add tunnel mode tun", "tuntap add tunnel mode tap", "link add tunnel type wireguard"],
)
def test_a_tunnel_is_named_with_what_carries_it(computer: Computer, kind: str) -> None:
    computer.ip("addr add 10.77.1.2/24 dev cable")
    computer.ip("route add default via 10.77.1.1")
    computer.try_ip(kind)
    computer.ip("link set tunnel up")
    computer.ip("addr add 10.99.0.2/24 dev tunnel")
    computer.ip(f"route add {SERVICE}/32 dev tunnel")
    evidence = computer.look()
    assert kind_of(evidence.link) == ("tunnel", LinkKind.VPN)
    assert [kind_of(link) for link in evidence.below] == [("cable", LinkKind.ETHERNET)]
    finding = judged(evidence)
    assert finding.status is Status.WARN
    assert finding.summary == "Your calls go through a VPN."
    assert finding.observed == "VPN over Ethernet"


def test_a_tunnel_that_the_service_does_not_use_is_no_matter(computer: Computer) -> None:
    computer.ip("addr add 10.77.1.2/24 dev cable")
    computer.ip("route add default via 10.77.1.1")
    computer.ip("tuntap add tunnel mode tun")
    computer.ip("link set tunnel up")
    computer.ip("addr add 10.99.0.2/24 dev tunnel")
    evidence = computer.look()
    assert kind_of(evidence.link) == ("cable", LinkKind.ETHERNET)
    assert judged(evidence).status is Status.PASS


def test_without_a_route_the_only_connection_stands_for_it(computer: Computer) -> None:
    computer.ip("link set spare down")
    computer.ip("addr add 10.77.1.2/24 dev cable")
    evidence = computer.look()
    assert not evidence.routed
    assert kind_of(evidence.link) == ("cable", LinkKind.ETHERNET)


def test_a_computer_without_an_address_has_no_connection(computer: Computer) -> None:
    for name in ("cable", "far", "spare", "farther"):
        computer.ip(f"link set {name} down")
    finding = judged(computer.look())
    assert finding.status is Status.FAIL
    assert finding.summary == "This computer has no network connection."
