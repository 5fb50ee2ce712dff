"""The connection changes in mid-run: the real program's run in a namespace whose line we hold.

agent 203.0.113.7 -- line -- 203.0.113.9 server, which answers STUN and media
agent 198.51.100.7 -- other -- 198.51.100.9 server, a second way to it (as a VPN is)
"""

import contextlib
import functools
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from lab.test_lines import spoilt_by_this_computer
from lab.topology.wires import Space, cable

from natwizard.model.finding import Finding, Status
from natwizard.model.line_change import LineChangeKind
from natwizard.model.outcome import FailureCode
from natwizard.model.report import Readiness, Report

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("ip"),
        reason="needs root and ip",
    ),
]

AT_ONCE = 3  # a run waits for packets most of its time
TESTS = Path(__file__).parents[1]
SERVER = "203.0.113.9"
PORTS = range(20000, 20150)
REFLECT = f"""
import asyncio
from natwizard.reflector.udp import UdpReflector
async def serve():
    await UdpReflector().start("0.0.0.0", (18620, 3478, *range({PORTS.start}, {PORTS.stop})))
    print("ready", flush=True)
    await asyncio.sleep(600)
asyncio.run(serve())
"""
RUN = f"""
import asyncio, sys, msgspec
from natwizard.model.events import ProbeProgressed, ProbeStarted
from natwizard.model.profile import Answers, Targets
from natwizard.profiles.read import shipped_profile
from natwizard.run.plan import make_plan
from natwizard.run.runner import Run
from natwizard.system.environment import real_environment
profile = msgspec.structs.replace(shipped_profile(), targets=Targets(
    udp_range="{SERVER}", udp_range_ports=("{PORTS.start}-{PORTS.stop - 1}",),
    stun=("{SERVER}:3478",), stun_control=("{SERVER}:3478",), media="{SERVER}:18620"))
rows = {{row.id for row in profile.requirements if row.id.startswith(("udp.", "quality."))}}
plan = make_plan(profile, Answers(), location="test", only=frozenset((*rows, "computer.cpu")))
def happened(event):
    if isinstance(event, ProbeStarted):
        print("started", event.probe, file=sys.stderr, flush=True)
    if isinstance(event, ProbeProgressed) and event.fraction > 0.2:
        print("midway", event.probe, file=sys.stderr, flush=True)
report = asyncio.run(Run(plan=plan, environment=real_environment(), happened=happened).execute())
sys.stdout.buffer.write(msgspec.json.encode(report))
"""

Change = Callable[[Space, Space, subprocess.Popen[bytes]], None]
ReportOf = Callable[[str, Change], Report]


NUMBERS = itertools.count()


@contextlib.contextmanager
def line(folder: Path) -> Iterator[tuple[Space, Space]]:
    """An agent and a server with two cables between them, apart from all others."""
    name = f"nwline{os.getpid()}x{next(NUMBERS)}"
    agent, server = (Space(f"{name}{end}", folder) for end in "as")
    with agent, server:
        for device, network in (("line", "203.0.113"), ("other", "198.51.100")):
            cable(agent, device, server, device)
            server.addresses(f"{network}.9/24", device=device)
            agent.addresses(f"{network}.7/24", device=device)
        agent.ip("route", "add", "default", "via", SERVER)
        server.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0")
        server.start(sys.executable, "-c", REFLECT, log="reflector")
        server.wait_for("udp", 18620, PORTS.stop - 1)
        yield agent, server


def report_after(folder: Path, moment: str, change: Change) -> Report:
    """Have the line change once the run says `moment`."""
    with (
        line(folder) as (agent, server),
        subprocess.Popen(
            (*agent.prefix(), sys.executable, "-c", RUN),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        ) as run,
    ):
        assert run.stderr is not None
        said = []
        for words in run.stderr:
            said.append(words)
            if words.strip() == moment.encode():
                break
        change(agent, server, run)
        found, rest = run.communicate(timeout=100)
    assert run.returncode == 0, b"".join(said) + rest
    return msgspec.json.decode(found, type=Report)


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ReportOf]:
    """What a run says of a change; those that the tests ask for run side by side, each once."""
    with ThreadPoolExecutor(AT_ONCE) as workers:

        @functools.cache
        def begun(moment: str, change: Change) -> Future[Report]:
            return workers.submit(report_after, tmp_path_factory.mktemp("line"), moment, change)

        for item in request.session.items:
            if item.path == request.path and hasattr(item, "callspec"):
                begun(item.callspec.params["moment"], item.callspec.params["change"])
        yield lambda moment, change: begun(moment, change).result()
        workers.shutdown(cancel_futures=True)


def finding(report: Report, check: str) -> Finding:
    return next(each for each in report.findings if each.check == check)


def down(agent: Space, _server: Space, _run: object) -> None:
    agent.ip("link", "set", "line", "down")


def blink(agent: Space, _server: Space, _run: object) -> None:
    """Shorter than the time between two looks."""
    agent.ip("link", "set", "line", "down")
    agent.ip("link", "set", "line", "up")
    agent.ip("route", "replace", "default", "via", SERVER)


def pulled(_agent: Space, server: Space, _run: object) -> None:
    """The carrier goes; the agent keeps its address and its route."""
    server.ip("link", "set", "line", "down")


def other_address(agent: Space, _server: Space, _run: object) -> None:
    agent.ip("addr", "del", "203.0.113.7/24", "dev", "line")
    agent.ip("addr", "add", "203.0.113.8/24", "dev", "line")
    agent.ip("route", "replace", "default", "via", SERVER)


def vpn_on(agent: Space, _server: Space, _run: object) -> None:
    agent.ip("route", "add", f"{SERVER}/32", "via", "198.51.100.9")


def vpn_for_all(agent: Space, _server: Space, _run: object) -> None:
    """As VPNs take over the default route without touching it."""
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        agent.ip("route", "add", half, "via", "198.51.100.9")


def bystander(agent: Space, _server: Space, _run: object) -> None:
    """An interface that nothing goes by, as a container's."""
    agent.ip("link", "set", "other", "down")
    time.sleep(0.6)
    agent.ip("link", "set", "other", "up")


def stand_still(_agent: Space, _server: Space, run: subprocess.Popen[bytes]) -> None:
    """What sleep looks like from inside: nothing runs for a while, and then all goes on."""
    run.send_signal(signal.SIGSTOP)
    time.sleep(6)
    run.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    ("moment", "change", "kind"),
    [
        ("started udp_range", down, LineChangeKind.DOWN),
        ("started udp_range", pulled, LineChangeKind.DOWN),
        ("midway media", blink, LineChangeKind.INTERRUPTED),
        ("started udp_range", other_address, LineChangeKind.OTHER_ADDRESS),
        ("started udp_range", vpn_for_all, LineChangeKind.OTHER_INTERFACE),
        ("midway media", down, LineChangeKind.DOWN),
        ("midway media", vpn_on, LineChangeKind.OTHER_INTERFACE),
    ],
)
def test_a_change_is_seen_said_and_voids_what_it_spoilt(
    reports: ReportOf, moment: str, change: Change, kind: LineChangeKind
) -> None:
    report = reports(moment, change)
    seen = {each.kind for each in report.line_changes}
    # a look may fall between the two halves of a change that has two
    halves = change in {blink, other_address}
    assert seen & ({kind, LineChangeKind.DOWN} if halves else {kind}), seen
    across = [each for each in report.findings if each.check.startswith(("udp.", "quality."))]
    assert Status.FAIL not in {each.status for each in across}
    spoilt = "quality.loss" if "media" in moment else "udp.range"
    assert finding(report, spoilt).status is Status.UNKNOWN
    assert "connection changed" in finding(report, spoilt).summary
    assert finding(report, "computer.cpu").status is not Status.UNKNOWN
    assert report.root_cause is not None
    assert report.root_cause.code == "line_changed"
    assert report.verdict in {Readiness.COULD_NOT_TELL, Readiness.NOT_READY}
    probe = "media" if "media" in moment else "udp_range"
    record = next(each for each in report.outcomes if each.probe == probe)
    assert record.failure is not None
    assert record.failure.code is FailureCode.LINE_CHANGED
    assert bytes(record.evidence) != b"null"


def test_a_program_that_stood_still_accuses_neither_line_nor_network(reports: ReportOf) -> None:
    """The whole process is stopped for longer than anything waits: its clocks tell it from sleep,
    and nobody is asked to leave cables alone.
    """
    report = reports("midway media", stand_still)
    assert LineChangeKind.STOOD_STILL in {each.kind for each in report.line_changes}
    assert LineChangeKind.SUSPENDED not in {each.kind for each in report.line_changes}
    across = [each for each in report.findings if each.check.startswith(("udp.", "quality."))]
    assert Status.FAIL not in {each.status for each in across}
    loss = finding(report, "quality.loss")
    assert loss.status is Status.UNKNOWN
    assert "stood still" in loss.summary
    assert report.root_cause is not None
    assert report.root_cause.code == "stood_still"
    record = next(each for each in report.outcomes if each.probe == "media")
    assert record.failure is not None
    assert record.failure.code is FailureCode.STOOD_STILL


def test_what_another_line_measured_before_is_void_too(reports: ReportOf) -> None:
    report = reports("midway media", vpn_on)
    assert finding(report, "udp.range").status is Status.UNKNOWN


def test_what_was_measured_before_the_same_line_went_down_stands(reports: ReportOf) -> None:
    report = reports("midway media", down)
    assert finding(report, "udp.range").status is Status.PASS


def test_a_line_that_stays_and_a_bystander_void_nothing(reports: ReportOf) -> None:
    report = reports("started udp_range", bystander)
    assert report.line_changes == ()
    assert finding(report, "udp.range").status is Status.PASS
    if spoilt_by_this_computer(report):
        return
    assert finding(report, "quality.loss").status is not Status.UNKNOWN
    assert report.root_cause is None
