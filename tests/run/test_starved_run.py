"""A whole run in a process that gets hardly any processor: nobody else is accused for it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from natwizard.checks.base import Inputs
from natwizard.model.finding import Status
from natwizard.model.outcome import Attempt, Failure, FailureCode, Gathered, failures_in
from natwizard.model.profile import Answers, Role
from natwizard.model.report import Report
from natwizard.probes.connection.reachability import Looked
from natwizard.probes.tls_floor import TLS_FLOOR, FloorEvidence, FloorTry
from natwizard.profiles.read import shipped_profile
from natwizard.reflector.background import BackgroundReflector
from natwizard.run.judging import judge_row
from natwizard.run.plan import make_plan

TESTS = Path(__file__).parents[1]
RUN = """
import asyncio, sys, msgspec
from natwizard.model.events import ProbeStarted
from natwizard.model.profile import Answers, Targets
from natwizard.probes.base import Phase
from natwizard.profiles.read import shipped_profile
from natwizard.run.plan import make_plan
from natwizard.run.runner import Run
from natwizard.system.environment import real_environment
targets = msgspec.json.decode(sys.stdin.buffer.read(), type=Targets)
profile = msgspec.structs.replace(shipped_profile(), targets=targets)
rows = {row.id for row in profile.requirements if row.id.startswith(("port.", "websocket."))}
plan = make_plan(profile, Answers(), location="test", only=frozenset(rows))
def happened(event):
    if isinstance(event, ProbeStarted):
        print("started", event.probe, file=sys.stderr, flush=True)
report = asyncio.run(Run(plan=plan, environment=real_environment(), happened=happened).execute())
sys.stdout.buffer.write(msgspec.json.encode(report))
"""
STOPPED_S, GOES_S = 1.6, 0.04
"""A turn that is shorter than a handshake, and half a time limit without one."""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_a_run_without_a_processor_accuses_nobody(reflector: BackgroundReflector) -> None:
    """Servers on this computer answer in milliseconds; the kernel takes their answers in time, and
    the program comes to read them after its time limits.
    """
    over = threading.Event()

    def starve(run: subprocess.Popen[bytes]) -> None:
        while run.poll() is None and not over.is_set():
            run.send_signal(signal.SIGSTOP)
            time.sleep(STOPPED_S)
            run.send_signal(signal.SIGCONT)
            time.sleep(GOES_S)

    with subprocess.Popen(
        (sys.executable, "-c", RUN),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS), "QT_QPA_PLATFORM": "offscreen"},
    ) as run:
        assert run.stdin is not None
        assert run.stderr is not None
        run.stdin.write(msgspec.json.encode(reflector.targets()))
        run.stdin.close()
        run.stdin = None
        said = b""
        for line in run.stderr:
            said += line
            if line.startswith(b"started"):
                break
        starving = threading.Thread(target=starve, args=(run,))
        starving.start()
        ending = threading.Timer(60, over.set)  # what waits for its turn for ever ends all the same
        ending.start()
        found, rest = run.communicate(timeout=240)
        over.set()
        ending.cancel()
        starving.join()
    assert run.returncode == 0, said + rest
    report = msgspec.json.decode(found, type=Report)
    rows = [each for each in report.findings if each.check.startswith(("port.", "websocket."))]
    accused = {
        each.check: (each.status, each.summary)
        for each in rows
        if each.status in {Status.FAIL, Status.WARN, Status.BORDERLINE}
    }
    assert accused == {}
    assert report.root_cause is None or report.root_cause.code == "stood_still"
    unknown = [each for each in rows if each.status is Status.UNKNOWN]
    busy = {FailureCode.MACHINE_BUSY, FailureCode.STOOD_STILL}
    for row in unknown:
        assert "busy" in f"{row.observed} {row.summary}" or busy & set(failures_in(report)), row


def test_a_row_that_got_no_turn_sends_nobody_to_mend_the_connection() -> None:
    """Rules that read no silence say only that they could not tell: the reason is this computer."""
    plan = make_plan(shipped_profile(), Answers(role=Role.ADMINISTRATOR), location="shipped")
    row = next(each for each in plan.rows if each.check.name == "browser.tls")

    def remedy(code: FailureCode) -> str:
        lookup: Looked = Attempt(
            operation="look_up",
            target="www.example.com:443",
            started_s=0.1,
            duration_s=2.0,
            failure=Failure(code=code, operation="look_up"),
        )
        tries = (FloorTry(target="www.example.com:443", lookup=lookup),)
        evidence = FloorEvidence(setting="targets.https", tries=tries)
        outcomes = {TLS_FLOOR.name: Gathered[object](evidence=evidence)}
        found = judge_row(row, Inputs(outcomes=outcomes)).finding
        assert found.status is Status.UNKNOWN
        assert found.remedy is not None
        return found.remedy.text

    assert remedy(FailureCode.MACHINE_BUSY) == "Close programs you do not need, then run again."
    assert remedy(FailureCode.TIMED_OUT).startswith("Fix the connection first")
