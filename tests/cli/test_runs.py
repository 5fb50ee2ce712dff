"""Whole runs of the real program: the demo, a reflector that dies, Ctrl-C, no network at all."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from computers.program import PATIENCE_S, Program

from natwizard.profiles.read import shipped_profile

# Each of these sends at the rate of a call: one after the other, on one worker.
pytestmark = [pytest.mark.xdist_group("whole runs"), pytest.mark.timeout(180)]

NETWORK_IDS = {
    "link.wired", "nat.load_balancing", "nat.mapping", "nat.sip_alg", "port.tcp80",
    "port.tcp443", "port.dns", "port.sip", "udp.stun", "udp.range", "ip.ranges",
    "port.webphone", "quality.bandwidth", "quality.latency", "quality.jitter", "quality.loss",
    "quality.mos", "dns.edns", "websocket.open", "filter.tls_interception",
}  # fmt: skip
COMPUTER_IDS = {"computer.cpu", "computer.ram", "computer.ram_available", "computer.os_bits"}


def findings_of(path: Path) -> dict[str, dict[str, object]]:
    report = json.loads(path.read_text("utf-8"))
    return {finding["requirement"]: finding for finding in report["findings"]}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.mark.quiet
def test_the_demo_measures_every_network_requirement(program: Program) -> None:
    for _try in range(3):  # a machine that stalls spoils a measurement, and the report says so
        done = program.run(
            "demo", "--no-window", "--role", "administrator",
            "--json", "report.json", "--pdf", "report.pdf",
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        findings = findings_of(program.home / "report.json")
        unmeasured = {name for name in NETWORK_IDS | COMPUTER_IDS if not findings[name]["measured"]}
        if not unmeasured:
            break
    assert unmeasured == set()
    assert done.returncode == 0, done.stderr
    assert {findings[name]["status"] for name in COMPUTER_IDS} <= {"pass", "warn", "fail"}
    assert (program.home / "report.pdf").read_bytes().startswith(b"%PDF-")
    shown = program.run("show", "report.pdf", "--text")
    assert shown.returncode == 0, shown.stderr
    report = json.loads((program.home / "report.json").read_text("utf-8"))
    assert report["run_code"] in shown.stdout


def test_the_demo_as_shipped_runs_the_shipped_profile_against_public_servers(
    program: Program,
) -> None:
    done = program.run("demo", "--shipped", "--no-window", "--json", "report.json")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    report = json.loads((program.home / "report.json").read_text("utf-8"))
    shipped = json.loads(msgspec.json.encode(shipped_profile().targets))
    assert report["profile"]["targets"] == shipped, "the profile is not changed for the demo"
    findings = findings_of(program.home / "report.json")
    for name in (
        "port.tcp80", "port.tcp443", "port.dns", "dns.edns", "port.webphone", "websocket.open",
        "filter.tls_interception", "computer.clock", "nat.load_balancing",
    ):  # fmt: skip
        assert findings[name]["status"] == "pass", findings[name]
    for name in ("port.webphone", "websocket.open"):
        assert findings[name]["far_end"] == "public"
    for name in ("udp.stun", "udp.range", "ip.ranges"):
        assert findings[name]["status"] == "not_set_up"
    network = {name: each["status"] for name, each in findings.items() if name in NETWORK_IDS}
    assert "fail" not in network.values(), network


@pytest.fixture
def reflector(program: Program) -> Iterator[subprocess.Popen[str]]:
    """A reflector in a process of its own; its profile is in reflector.toml."""
    if not hasattr(os, "set_blocking"):
        pytest.skip("Python 3.11 for Windows cannot look into a pipe without waiting")
    process = program.start("reflector", "--fall-back", "--media-port", "0")
    with process:
        text = read_profile(process)
        (program.home / "reflector.toml").write_text(text, "utf-8")
        yield process
        process.kill()
        process.communicate()


def read_profile(process: subprocess.Popen[str]) -> str:
    """What it prints on stdout, whole once stderr says that it listens."""
    assert process.stdout is not None
    assert process.stderr is not None
    assert "listening" in process.stderr.readline()
    os.set_blocking(process.stdout.fileno(), False)
    return process.stdout.read() or ""


def wait_for_line(process: subprocess.Popen[str], seconds: float) -> None:
    """Let a run get well under way; the exact moment does not matter."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.05)


def test_a_reflector_that_dies_mid_run_leaves_a_whole_report(
    program: Program, reflector: subprocess.Popen[str]
) -> None:
    with program.start(
        "check", "--profile", "reflector.toml", "--json", "report.json", "--pdf", "report.pdf"
    ) as check:
        wait_for_line(check, 6)
        reflector.kill()
        _output, errors = check.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in errors
    assert check.returncode in {1, 2}
    findings = findings_of(program.home / "report.json")
    assert len(findings) > 30
    assert all(finding["summary"] and finding["observed"] for finding in findings.values())
    assert (program.home / "report.pdf").stat().st_size > 10_000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C otherwise")
def test_the_reflector_ends_quietly_on_ctrl_c(reflector: subprocess.Popen[str]) -> None:
    reflector.send_signal(signal.SIGINT)
    _output, errors = reflector.communicate(timeout=PATIENCE_S)
    assert reflector.returncode == 0
    assert "Traceback" not in errors


@pytest.mark.usefixtures("reflector")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C otherwise")
def test_ctrl_c_ends_the_run_with_what_was_measured(program: Program) -> None:
    with program.start("check", "--profile", "reflector.toml", "--json", "report.json") as check:
        wait_for_line(check, 6)
        check.send_signal(signal.SIGINT)
        _output, errors = check.communicate(timeout=PATIENCE_S)
    assert check.returncode == 130, errors
    assert "Traceback" not in errors
    findings = findings_of(program.home / "report.json")
    assert findings["computer.ram"]["status"] in {"pass", "warn", "fail"}
    assert any(finding["observed"] == "you stopped the run" for finding in findings.values())


@pytest.fixture
def empty_namespace() -> Iterator[tuple[str, ...]]:
    """A network namespace without any interface that is up; yields how to run inside it."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root and iproute2")
    name = f"natwizard-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    yield ("ip", "netns", "exec", name)
    subprocess.run(["ip", "netns", "delete", name], check=True)


@pytest.mark.lab
def test_without_any_network_the_report_says_so(
    program: Program, empty_namespace: tuple[str, ...]
) -> None:
    (program.home / "site.toml").write_text(
        'extends = "natterbox"\n[targets]\nwebphone = "192.0.2.10"\nmedia = "192.0.2.10:18620"\n'
        'stun = ["192.0.2.10:5060"]\nwebsocket = ["wss://192.0.2.10/"]\n',
        "utf-8",
    )
    done = program.run(
        "check", "--profile", "site.toml", "--json", "report.json", "--pdf", "report.pdf",
        prefix=empty_namespace,
    )  # fmt: skip
    assert done.returncode in {1, 2}, done.stderr
    assert "Traceback" not in done.stderr
    report = json.loads((program.home / "report.json").read_text("utf-8"))
    findings = findings_of(program.home / "report.json")
    assert {
        finding["status"] for name, finding in findings.items()
        if name.startswith(("port.", "udp.stun", "quality.", "websocket", "dns.", "filter."))
    } <= {"unknown", "fail", "not_applicable", "not_set_up"}  # fmt: skip
    assert report["root_cause"]["code"] == "no_network"
    assert findings["computer.ram"]["status"] in {"pass", "warn", "fail"}
    assert (program.home / "report.pdf").read_bytes().startswith(b"%PDF-")
