"""The call test on lines of known rate: the kernel's token bucket both ways, a real reflector.

agent 192.0.2.7 -- line -- 192.0.2.10 reflector
"""

import os
import shutil
import sys
from collections.abc import Iterator

import msgspec
import pytest
from cases.udp_cases import case
from lab.topology.wires import Space, cable, wait_until

from natwizard.checks.quality_bandwidth import BandwidthLimits, judge
from natwizard.checks.quality_latency_under_load import UnderLoadLimits
from natwizard.checks.quality_latency_under_load import judge as judge_under_load
from natwizard.checks.shared.line import line_facts
from natwizard.model.finding import Status
from natwizard.model.outcome import Gathered
from natwizard.model.report import ProbeRecord
from natwizard.probes.media.calls import CallsEvidence

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0 or not (shutil.which("tc")),
        reason="needs root, ip and tc",
    ),
]

SERVER = "192.0.2.10"
PROFILE = f"""
schema_version = 1
name = "Line"
version = "1"
extends = "natterbox"
[targets]
media = "{SERVER}:18620"
"""
ETHERNET = 264 / 250  # the kernel counts 14 bytes of Ethernet with each packet of 250 bytes of IP
WITHIN = 0.05


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Space, Space]]:
    folder = tmp_path_factory.mktemp("rates")
    (folder / "line.toml").write_text(PROFILE)
    agent, server = (Space(f"nwrate{os.getpid()}{end}", folder) for end in "as")
    with agent, server:
        cable(agent, "line", server, "line")
        agent.addresses("192.0.2.7/24", device="line")
        server.addresses(f"{SERVER}/24", device="line")
        server.start(
            sys.executable, "-m", "natwizard", "reflector", "--bind", SERVER, "--stats", log="it"
        )
        log = folder / f"{server.name}-it.log"
        wait_until(lambda: "listening" in log.read_text(), "the reflector to listen")
        yield agent, server


def shape(space: Space, rate_kbit_s: float, queue: str = "400ms") -> None:
    """So many kbit/s of IP, a small burst and 400 ms of queue, as home routers have."""
    burst = max(4096, round(rate_kbit_s * 1000 / 8 / 100))
    space.run(
        *("tc", "qdisc", "replace", "dev", "line", "root", "tbf"),
        *("rate", f"{round(rate_kbit_s * ETHERNET * 1000)}bit"),
        *("burst", str(burst), "latency", queue),
    )


def calls_on(agent: Space, calls: int, rate_kbit_s: float) -> CallsEvidence:
    """Up to three runs: where this computer is busy, the far end on it answers late as well."""
    program = ("-m", "natwizard", "probe", "calls", "--calls", str(calls))
    for _try in range(3):
        text = agent.run(sys.executable, *program, "--profile", str(agent.folder / "line.toml"))
        record = msgspec.json.decode(text, type=ProbeRecord)
        found = msgspec.json.decode(record.evidence, type=CallsEvidence)
        right = found.arrived_kbit_s == pytest.approx(rate_kbit_s, rel=WITHIN)
        if right and not found.limited_by_computer:
            break
    return found


@pytest.mark.parametrize("narrow", ["up", "down"])
@pytest.mark.parametrize(
    ("rate_kbit_s", "wanted", "carried"),
    [
        (64, 1, 0),
        (90, 1, 0),
        (150, 1, 1),
        (150, 20, 1),
        (256, 2, 2),
        (270, 5, 2),
        (448, 5, 4),
        (1_000, 20, 10),
        (1_800, 20, 18),
        (10_000, 60, 100),
    ],
)
def test_the_rate_of_a_line_is_told_and_no_more(
    line: tuple[Space, Space], rate_kbit_s: int, wanted: int, carried: int, narrow: str
) -> None:
    agent, server = line
    thin, wide = (agent, server) if narrow == "up" else (server, agent)
    shape(thin, rate_kbit_s)
    shape(wide, 50_000)
    found = calls_on(agent, wanted, rate_kbit_s)
    if found.limited_by_computer:
        pytest.skip("this machine is too busy to send so many packets in time")
    assert found.carried == carried, found.steps
    assert found.line_full
    assert found.arrived_kbit_s == pytest.approx(rate_kbit_s, rel=WITHIN)
    judgement = judge(case({"calls": found}, calls=wanted), BandwidthLimits())
    assert judgement.status is (Status.PASS if carried >= wanted else Status.FAIL)
    facts = line_facts({"calls": Gathered(evidence=found)})
    assert facts.carried_kbit_s == found.arrived_kbit_s


@pytest.mark.parametrize("narrow", ["up", "down"])
@pytest.mark.parametrize(
    ("queue", "status"), [("400ms", Status.WARN), ("20ms", Status.PASS)], ids=["deep", "short"]
)
def test_a_deep_queue_shows_under_load_and_a_short_one_does_not(
    line: tuple[Space, Space], queue: str, status: Status, narrow: str
) -> None:
    """Eight calls wanted, so that twice as many fill the line. The bucket itself holds 33 ms."""
    agent, server = line
    thin, wide = (agent, server) if narrow == "up" else (server, agent)
    shape(thin, 1_000, queue)
    shape(wide, 50_000)
    found = calls_on(agent, 8, 1_000)
    if found.limited_by_computer:
        pytest.skip("this machine is too busy to send so many packets in time")
    judgement = judge_under_load(case({"calls": found}), UnderLoadLimits())
    assert judgement.status is status, judgement.observed
