"""The last runs are kept, newest first, and a broken file does no harm."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from report.samples import not_ready, record
from report.watch_samples import watch

from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord
from natwizard.report import files
from natwizard.report.files import CannotWrite
from natwizard.report.open_report import open_saved
from natwizard.report.store import (
    StoredRun,
    StoredWatch,
    default_folder,
    forget,
    keep_report,
    keep_watch,
    latest_before,
    recent_reports,
    stored,
    stored_runs,
)
from natwizard.system.environment import real_environment

SMALL = msgspec.structs.replace(not_ready(), findings=(), outcomes=())
START = datetime.fromisoformat("2026-11-22T14:00:00+01:00")


def run(number: int) -> Report:
    return msgspec.structs.replace(
        SMALL,
        run_id=f"{number:08x}-0000-4000-8000-000000000000",
        run_code=f"code {number}",
        started_at=(START + timedelta(minutes=number)).isoformat(),
    )


def test_fifty_runs_stay_and_the_oldest_go(tmp_path: Path) -> None:
    for number in range(53):
        keep_report(run(number), tmp_path)
    codes = [kept.run_code for kept in stored_runs(tmp_path)]
    assert codes == [f"code {number}" for number in range(52, 2, -1)]


def test_the_last_few_runs_bring_what_a_probe_saw(tmp_path: Path) -> None:
    for number in range(8):
        outcomes = (record("stun", {"number": number}), record("other", {}))
        keep_report(msgspec.structs.replace(run(number), outcomes=outcomes), tmp_path)
    environment = real_environment(earlier_reports=lambda: recent_reports(tmp_path))
    found = [msgspec.json.decode(earlier.evidence) for earlier in environment.earlier("stun")]
    assert found == [{"number": number} for number in (7, 6, 5, 4, 3)]
    assert environment.earlier("link") == ()
    assert real_environment().earlier("stun") == ()


def test_a_run_kept_again_replaces_itself(tmp_path: Path) -> None:
    first = keep_report(run(1), tmp_path)
    second = keep_report(msgspec.structs.replace(run(1), app_version="2.0"), tmp_path)
    assert first == second
    assert len(stored_runs(tmp_path)) == 1


def test_what_was_just_kept_stays_even_if_the_clock_went_back(tmp_path: Path) -> None:
    for number in (5, 6, 7):
        keep_report(run(number), tmp_path, kept=3)
    keep_report(run(1), tmp_path, kept=3)
    assert [kept.run_code for kept in stored_runs(tmp_path)] == ["code 7", "code 6", "code 1"]


def test_runs_sort_by_moment_whatever_their_zone(tmp_path: Path) -> None:
    late = msgspec.structs.replace(run(1), started_at="2026-11-22T12:30:00-02:00")
    keep_report(late, tmp_path)
    keep_report(run(2), tmp_path)
    assert [kept.run_code for kept in stored_runs(tmp_path)] == ["code 1", "code 2"]


def test_broken_files_are_left_out(tmp_path: Path) -> None:
    keep_report(run(1), tmp_path)
    (tmp_path / "20990101T000000000000Z-x.json").write_bytes(b"{")
    (tmp_path / "notes.txt").write_bytes(b"mine")
    (tmp_path / "folder.json").mkdir()
    assert [kept.run_code for kept in stored_runs(tmp_path)] == ["code 1"]


def test_no_folder_means_no_runs(tmp_path: Path) -> None:
    assert stored_runs(tmp_path / "missing") == ()
    assert latest_before(run(1), tmp_path / "missing") is None


def test_the_run_before_is_the_newest_other_one(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        keep_report(run(number), tmp_path)
    before = latest_before(run(2), tmp_path)
    assert before is not None
    assert before.run_code == "code 1"
    assert latest_before(run(1), tmp_path) is None


@pytest.mark.parametrize("started_at", ["nonsense", "", "0001-01-01T00:00:00+14:00"])
def test_a_strange_time_or_id_stays_in_the_folder(tmp_path: Path, started_at: str) -> None:
    strange = msgspec.structs.replace(run(1), run_id="../../etc/x", started_at=started_at)
    path = keep_report(strange, tmp_path)
    assert path.parent == tmp_path
    assert len(stored_runs(tmp_path)) == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite):
        keep_report(run(1), tmp_path / "file" / "reports")


def test_the_default_folder_is_the_persons_own() -> None:
    assert default_folder().parts[-2:] == ("natwizard", "reports")


def watched(number: int) -> WatchRecord:
    return msgspec.structs.replace(
        watch(1),
        run_id=f"{number:08x}-1111-4000-8000-000000000000",
        run_code=f"watch {number}",
        started_at=(START + timedelta(minutes=number, seconds=30)).isoformat(),
    )


def test_watches_are_kept_among_the_runs_and_bounded_with_them(tmp_path: Path) -> None:
    for number in range(30):
        keep_report(run(number), tmp_path)
        keep_watch(watched(number), tmp_path)
    kept = stored(tmp_path)
    assert len(kept) == 50
    assert [each.run_code for each in kept[:3]] == ["watch 29", "code 29", "watch 28"]
    assert isinstance(kept[0], StoredWatch)
    assert kept[0].answer.title == "1 bad moment"
    assert open_saved(kept[0].path) == watched(29)
    assert all(isinstance(each, StoredRun) for each in stored_runs(tmp_path))
    assert len(stored_runs(tmp_path)) == 25


def test_a_watch_is_no_run_to_compare_with(tmp_path: Path) -> None:
    keep_report(run(0), tmp_path)
    keep_watch(watched(1), tmp_path)
    before = latest_before(run(2), tmp_path)
    assert before is not None
    assert before.run_code == "code 0"
    assert [report.run_code for report in recent_reports(tmp_path)] == ["code 0"]


def test_the_same_watch_replaces_itself_and_can_be_forgotten(tmp_path: Path) -> None:
    for lasted_s in (300.0, 600.0):
        keep_watch(msgspec.structs.replace(watched(0), lasted_s=lasted_s), tmp_path)
    [kept] = stored(tmp_path)
    assert isinstance(kept, StoredWatch)
    assert kept.lasted_s == 600
    forget(kept.path)
    assert stored(tmp_path) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_kept_reports_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    first = keep_report(run(1), folder)
    first.chmod(0o644)  # as earlier versions kept them
    left = folder / f".old.json.{files._this_computer()}-999999999-0123abcd.part"
    left.touch()
    second = keep_report(run(2), folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (first, second)} == {0o600}
    assert not left.exists()
