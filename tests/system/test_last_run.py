"""The outcome of a run where inventory tools look, whatever the verdict."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from report.samples import not_ready

from natwizard.model.exit_code import BY_VERDICT
from natwizard.model.report import Readiness
from natwizard.system import last_run
from natwizard.system.last_run import EVENTS, LastRun, last_run_of, note_last_run

SITE_CHAPTER = Path(__file__).parents[2] / "docs/site.md"


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "state/last-run.json"
    monkeypatch.setattr(last_run, "state_file", lambda: path)
    return path


def test_every_verdict_has_an_event_and_an_exit_code_of_its_own_number() -> None:
    """A verdict that somebody adds must not reach the log as an entry that no filter finds."""
    assert set(EVENTS) == set(BY_VERDICT) == set(Readiness)
    numbers = [kind.number for kind in EVENTS.values()]
    assert len(set(numbers)) == len(numbers)
    assert all(numbers)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a registry instead")
@pytest.mark.parametrize("verdict", Readiness)
def test_the_state_file_tells_any_verdict(noted: Path, verdict: Readiness) -> None:
    report = msgspec.structs.replace(not_ready(), verdict=verdict)
    note_last_run(last_run_of(report))
    told = json.loads(noted.read_bytes())
    assert told == {
        "verdict": verdict.value, "exit_code": int(BY_VERDICT[verdict]), "at": report.started_at,
        "failing": ", ".join(
            each.requirement for each in report.findings if each.status.value == "fail"
        ),
        "run_code": report.run_code, "version": report.app_version,
    }  # fmt: skip
    assert [each.name for each in noted.parent.iterdir()] == [noted.name]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a registry instead")
def test_where_it_cannot_be_written_a_run_does_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    monkeypatch.setattr(last_run, "state_file", lambda: blocked / "last-run.json")
    note_last_run(last_run_of(not_ready()))
    assert blocked.read_bytes() == b""


def detection_line() -> str:
    """The shell's detection script of the chapter, as it stands there."""
    line = next(each for each in SITE_CHAPTER.read_text("utf-8").splitlines() if "jq -e" in each)
    return next(part for part in line.split("`") if part.startswith("jq -e"))


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's script")
@pytest.mark.parametrize("verdict", Readiness)
def test_the_detection_script_of_the_chapter_says_what_the_run_said(
    tmp_path: Path, verdict: Readiness
) -> None:
    report = msgspec.structs.replace(not_ready(), verdict=verdict)
    state = tmp_path / ".local/state/natwizard"
    state.mkdir(parents=True)
    (state / "last-run.json").write_bytes(msgspec.json.encode(last_run_of(report)))
    done = subprocess.run(
        ["/bin/sh", "-c", detection_line()],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode == 0) is (BY_VERDICT[verdict] == 0)


if sys.platform == "win32":
    import winreg

    @pytest.mark.parametrize("verdict", Readiness)
    def test_the_registry_tells_any_verdict(verdict: Readiness) -> None:
        run: LastRun = last_run_of(msgspec.structs.replace(not_ready(), verdict=verdict))
        note_last_run(run)
        flags = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with winreg.OpenKeyEx(winreg.HKEY_CURRENT_USER, last_run.KEY, 0, flags) as key:
            names = ("Verdict", "ExitCode", "At", "Failing", "RunCode", "Version")
            told = tuple(winreg.QueryValueEx(key, name)[0] for name in names)
        assert told == (
            run.verdict.value, run.exit_code, run.at, run.failing, run.run_code, run.version,
        )  # fmt: skip
