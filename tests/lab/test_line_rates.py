"""The call test on lines of known rate: the kernel's token bucket both ways, a real reflector.

agent 192.0.2.7 -- line -- 192.0.2.10 reflector

Each line is measured narrow one way and narrow the other, at the same time in namespaces apart, but
where the calls are so many that two runs would want the whole computer.
"""

import contextlib
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

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

TRIES, PATIENCE_S = 3, 100.0
pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.timeout(2 * TRIES * PATIENCE_S),
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
HOME_ROUTER = "400ms"
WAYS = ("up", "down")
SIDE_BY_SIDE_KBIT_S = 1_000
"""Up to twenty calls, a thousand packets a second each way: a fifth of a core."""

CallsOn = Callable[[str, float, int, str], CallsEvidence]


@contextlib.contextmanager
def built_line(name: str, folder: Path) -> Iterator[tuple[Space, Space]]:
    """An agent, and a reflector at the other end."""
    folder.mkdir()
    (folder / "line.toml").write_text(PROFILE)
    agent, server = (Space(f"nwrate{os.getpid()}{name}{end}", folder) for end in "as")
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


@pytest.fixture(scope="module")
def calls_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallsOn]:
    """What the call test finds on a line that is narrow one way, measured once."""
    folder = tmp_path_factory.mktemp("rates")
    with contextlib.ExitStack() as stack:
        lines = {way: stack.enter_context(built_line(way, folder / way)) for way in WAYS}
        workers = stack.enter_context(ThreadPoolExecutor(len(WAYS)))

        @functools.cache
        def begun(way: str, rate_kbit_s: float, calls: int, queue: str) -> Future[CallsEvidence]:
            return workers.submit(measured, lines[way], way, rate_kbit_s, calls, queue)

        def found(way: str, rate_kbit_s: float, calls: int, queue: str) -> CallsEvidence:
            for each in WAYS if rate_kbit_s <= SIDE_BY_SIDE_KBIT_S else (way,):
                begun(each, rate_kbit_s, calls, queue)
            return begun(way, rate_kbit_s, calls, queue).result()

        yield found


def shape(space: Space, rate_kbit_s: float, queue: str) -> None:
    """So many kbit/s of IP, a small burst and as much of a queue; home routers have 400 ms."""
    burst = max(4096, round(rate_kbit_s * 1000 / 8 / 100))
    space.run(
        *("tc", "qdisc", "replace", "dev", "line", "root", "tbf"),
        *("rate", f"{round(rate_kbit_s * ETHERNET * 1000)}bit"),
        *("burst", str(burst), "latency", queue),
    )


def measured(
    line: tuple[Space, Space], way: str, rate_kbit_s: float, calls: int, queue: str
) -> CallsEvidence:
    """Up to three runs: where this computer is busy, the far end on it answers late as well."""
    agent, server = line
    thin, wide = (agent, server) if way == "up" else (server, agent)
    shape(thin, rate_kbit_s, queue)
    shape(wide, 50_000, HOME_ROUTER)
    program = ("-m", "natwizard", "probe", "calls", "--calls", str(calls))
    profile = ("--profile", str(agent.folder / "line.toml"))
    for _try in range(TRIES):
        said = subprocess.run(
            (*agent.prefix(), sys.executable, *program, *profile),
            stdout=subprocess.PIPE,
            timeout=PATIENCE_S,
            check=True,
        )
        record = msgspec.json.decode(said.stdout, type=ProbeRecord)
        found = msgspec.json.decode(record.evidence, type=CallsEvidence)
        right = found.arrived_kbit_s == pytest.approx(rate_kbit_s, rel=WITHIN)
        if right and not found.limited_by_computer:
            break
    return found


@pytest.mark.parametrize("narrow", WAYS)
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
    calls_on: CallsOn, rate_kbit_s: int, wanted: int, carried: int, narrow: str
) -> None:
    found = calls_on(narrow, rate_kbit_s, wanted, HOME_ROUTER)
    if found.limited_by_computer:
        pytest.skip("this machine is too busy to send so many packets in time")
    assert found.carried == carried, found.steps
    assert found.line_full
    assert found.arrived_kbit_s == pytest.approx(rate_kbit_s, rel=WITHIN)
    judgement = judge(case({"calls": found}, calls=wanted), BandwidthLimits())
    assert judgement.status is (Status.PASS if carried >= wanted else Status.FAIL)
    facts = line_facts({"calls": Gathered(evidence=found)})
    assert facts.carried_kbit_s == found.arrived_kbit_s


@pytest.mark.parametrize("narrow", WAYS)
@pytest.mark.parametrize(
    ("queue", "status"), [(HOME_ROUTER, Status.WARN), ("20ms", Status.PASS)], ids=["deep", "short"]
)
def test_a_deep_queue_shows_under_load_and_a_short_one_does_not(
    calls_on: CallsOn, queue: str, status: Status, narrow: str
) -> None:
    """Eight calls wanted, so that twice as many fill the line. The bucket itself holds 33 ms."""
    found = calls_on(narrow, 1_000, 8, queue)
    if found.limited_by_computer:
        pytest.skip("this machine is too busy to send so many packets in time")
    judgement = judge_under_load(case({"calls": found}), UnderLoadLimits())
    assert judgement.status is status, judgement.observed
