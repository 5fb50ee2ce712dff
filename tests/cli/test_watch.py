"""natwizard watch and natwizard compare, as an administrator runs them."""

import json
import signal
import sys
import time
from pathlib import Path

import msgspec
import pytest
from computers.program import Program
from report.samples import not_ready, ready

from natwizard.reflector.background import BackgroundReflector
from natwizard.report.as_json import write_json
from natwizard.report.store import keep_report, stored

PACKETS_A_SECOND = 50

pytestmark = [pytest.mark.xdist_group("whole runs"), pytest.mark.timeout(120)]


@pytest.fixture
def program(tmp_path: Path, reflector: BackgroundReflector) -> Program:
    made = Program(tmp_path)
    (made.home / "reflector.toml").write_text(reflector.profile_text(), "utf-8")
    return made


def test_a_watch_ends_in_time_and_writes_its_files(program: Program) -> None:
    done = program.run(
        "watch", "--minutes", "0.06", "--profile", "reflector.toml", "--json", "w.json",
        "--csv", "w.csv", "--pdf", "w.pdf",
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    record = json.loads((program.home / "w.json").read_text("utf-8"))
    line = [moment for moment in record["moments"] if moment["kind"] != "computer"]
    assert done.returncode == (1 if line else 0), done.stderr
    assert record["figures"]["sent"] > 50
    assert record["figures"]["websocket_s"] > 1
    assert record["machine"]["host_name"] in {"", "***"}
    assert record["run_code"] in done.stdout
    assert (program.home / "w.csv").read_text("utf-8").startswith("time,second,")
    assert (program.home / "w.pdf").read_bytes().startswith(b"%PDF-")
    [kept] = stored(program.home / "data" / "natwizard" / "reports")
    assert kept.run_code == record["run_code"]
    for name in ("w.json", "w.pdf", str(kept.path)):
        shown = program.run("show", "--text", name)
        assert shown.returncode == 0, shown.stderr
        assert record["run_code"] in shown.stdout
        assert shown.stdout.splitlines()[0] == done.stdout.splitlines()[0]
    judged = program.run("judge", "w.json")
    assert judged.returncode == 64
    assert "this is a watch of a connection" in judged.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C otherwise")
def test_ctrl_c_ends_a_watch_with_what_was_seen(
    program: Program, reflector: BackgroundReflector
) -> None:
    before = reflector.stats().udp.stamp_answered
    process = program.start(
        "watch", "--minutes", "60", "--profile", "reflector.toml", "--json", "w.json"
    )
    with process:
        while reflector.stats().udp.stamp_answered < before + 4 * PACKETS_A_SECOND:
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    assert json.loads((program.home / "w.json").read_text("utf-8"))["columns"]
    assert "Run code" in out


@pytest.mark.parametrize("minutes", ["0", "-3", "1441", "soon", "nan"])
def test_impossible_lengths_are_told_at_once(program: Program, minutes: str) -> None:
    done = program.run("watch", f"--minutes={minutes}")
    assert done.returncode == 64
    assert minutes in done.stderr


def test_compare_tells_changes_and_lists_the_rest_on_demand(program: Program) -> None:
    write_json(ready(), program.home / "a.json")
    write_json(not_ready(), program.home / "b.json")
    done = program.run("compare", "a.json", "b.json")
    assert done.returncode == 0, done.stderr
    assert "Webphone port TCP 10062" in done.stdout
    assert "Problem" in done.stdout
    assert "19 results are as before." in done.stdout
    assert "Screen" not in done.stdout
    assert "Screen" in program.run("compare", "a.json", "b.json", "--all").stdout


def test_compare_without_names_takes_the_last_two_runs(program: Program) -> None:
    folder = program.home / "data" / "natwizard" / "reports"
    alone = program.run("compare")
    assert alone.returncode == 64
    assert "not enough runs" in alone.stderr
    earlier = msgspec.structs.replace(
        ready(), started_at="2026-11-21T10:00:00+01:00",
        run_id="00000000-0000-4000-8000-000000000001",
    )  # fmt: skip
    keep_report(earlier, folder)
    keep_report(not_ready(), folder)
    done = program.run("compare")
    assert "21 Nov 2026" in done.stdout
    assert "Not ready" in done.stdout
