"""The whole UDP range on one port of a real reflector, by the recipe of docs/reflector.md."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from lab.topology.wires import Space, cable, wait_until

from natwizard.probes.stun.udp_range import RangeEvidence, SamplingBudget

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
GUIDE = TESTS.parent / "docs" / "reflector.md"
SERVER = "192.0.2.10"

RANGE = f"""
import sys, msgspec
from servers.udp_lab import make_context, run
from natwizard.model.profile import Targets
from natwizard.probes.stun.udp_range import UDP_RANGE
targets = Targets(udp_range="{SERVER}", udp_range_ports=("5000-64000",))
sys.stdout.buffer.write(msgspec.json.encode(run(UDP_RANGE.gather(make_context(targets)))))
"""
ONE_SOCKET = f"""
import asyncio, socket
from natwizard.probes.network import Endpoint
from natwizard.probes.stun.client import StunSocket
async def look():
    with StunSocket(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asking:
        asking.datagrams.setblocking(False)
        for port in (18620, 20000, 30000, 40000):
            place = Endpoint(family=socket.AF_INET, address="{SERVER}", port=port)
            found = await asking.ask(place)
            print(found.server.port, found.public.port == found.local_port)
asyncio.run(look())
"""


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    """Where agents are; the reflector is at the other end of the cable."""
    folder = tmp_path_factory.mktemp("range")
    agent, server = (Space(f"nwrange{os.getpid()}{end}", folder) for end in "as")
    with agent, server:
        cable(agent, "line", server, "line")
        agent.addresses("192.0.2.7/24", device="line")
        server.addresses(f"{SERVER}/24", device="line")
        server.nft(recipe())
        command = ("-m", "natwizard", "reflector", "--bind", SERVER, "--stats")
        server.start(sys.executable, *command, log="reflector")
        log = folder / f"{server.name}-reflector.log"
        wait_until(lambda: "listening" in log.read_text(), "the reflector to listen")
        yield agent


def recipe() -> str:
    """As the guide has it, for its own example address."""
    (text,) = re.findall(r"```nft\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert SERVER in text
    return text


def from_agent(agent: Space, program: str) -> bytes:
    return subprocess.run(
        (*agent.prefix(), sys.executable, "-c", program),
        check=True,
        stdout=subprocess.PIPE,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    ).stdout


def test_every_port_of_the_range_answers(agent: Space) -> None:
    evidence = msgspec.json.decode(from_agent(agent, RANGE), type=RangeEvidence)
    assert evidence.answered == len(evidence.results) == SamplingBudget().sample
    assert (evidence.results[0].port, evidence.results[-1].port) == (5000, 64000)
    assert evidence.blocked == ()


def test_one_socket_that_asks_many_ports_sees_its_source_port_rewritten(agent: Space) -> None:
    """The note in the guide, and why the probe takes a socket for each port."""
    for _try in range(3):  # the system may choose a port that a flow of the test before still has
        seen = [line.split() for line in from_agent(agent, ONE_SOCKET).decode().splitlines()]
        if seen[0][1] == "True":
            break
    assert [port for port, _same in seen] == ["18620", "20000", "30000", "40000"]
    assert [same for _port, same in seen] == ["True", "False", "False", "False"]
