"""Keeps the last runs and watches on this computer, so that a crash loses nothing."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import platformdirs
from msgspec import Struct

from natwizard.model.finding import Page
from natwizard.model.profile import Role
from natwizard.model.report import Readiness, Report
from natwizard.model.watch import WatchRecord
from natwizard.report.as_json import report_json, watch_json
from natwizard.report.facts import page_finding, read_moment
from natwizard.report.files import (
    CannotWrite,
    UnreadableReport,
    make_folder,
    read_bounded,
    sweep_folder,
    write_whole,
)
from natwizard.report.open_report import JSON_LIMIT_BYTES, parse_any
from natwizard.report.watch_words import WatchAnswer, watch_answer

# Some 50 kB each (decision 71): a few megabytes of a person's disk, and one list to look through
KEPT = 50
RECENT = 5
SUFFIX = ".json"
# A moment that nobody can read is taken for the oldest: such a file goes first
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class StoredRun(Struct, frozen=True, kw_only=True):
    """A run in the store, as a list shows it.

    Attributes:
        network: how the computer was connected, as the check on it says; empty if it did not run.
        partial: whether checks were left out.
    """

    path: Path
    run_id: str
    started_at: str
    run_code: str
    verdict: Readiness
    role: Role
    network: str = ""
    partial: bool = False


class StoredWatch(Struct, frozen=True, kw_only=True):
    """A watch in the store, as a list shows it: how long it lasted, how often it was bad.

    Attributes:
        answer: in words of now, as it has none of its own.
    """

    path: Path
    run_id: str
    started_at: str
    run_code: str
    lasted_s: float
    answer: WatchAnswer


Stored: TypeAlias = StoredRun | StoredWatch


def default_folder() -> Path:
    """Where reports of this person are kept."""
    return platformdirs.user_data_path("natwizard", appauthor=False) / "reports"


def keep_report(report: Report, folder: Path | None = None, *, kept: int = KEPT) -> Path:
    """Save a run and drop the oldest beyond `kept`; returns its file. Raises CannotWrite.

    The same run saved again (after the soak) replaces itself.
    """
    return _keep(report, report_json(report), folder or default_folder(), kept)


def keep_watch(record: WatchRecord, folder: Path | None = None, *, kept: int = KEPT) -> Path:
    """Save a watch among the runs, in the same way. Raises CannotWrite.

    The same watch saved again (while it goes on) replaces itself.
    """
    return _keep(record, watch_json(record), folder or default_folder(), kept)


def _keep(saved: Report | WatchRecord, content: bytes, folder: Path, kept: int) -> Path:
    make_folder(folder, private=True)
    path = folder / _file_name(saved)
    write_whole(path, content, private=True)
    _prune(folder, kept, spare=path)
    _tidy(folder)
    return path


def stored(folder: Path | None = None) -> tuple[Stored, ...]:
    """What is kept, newest first; files that are neither runs nor watches are left out."""
    return tuple(
        _stored_watch(path, saved) if isinstance(saved, WatchRecord) else _stored_run(path, saved)
        for path, saved in _saved(folder or default_folder())
    )


def stored_runs(folder: Path | None = None) -> tuple[StoredRun, ...]:
    """The runs that are kept, newest first."""
    reports = _reports(folder or default_folder())
    return tuple(_stored_run(path, report) for path, report in reports)


def _stored_run(path: Path, report: Report) -> StoredRun:
    return StoredRun(
        path=path,
        run_id=report.run_id,
        started_at=report.started_at,
        run_code=report.run_code,
        verdict=report.verdict,
        role=report.answers.role,
        network=_network(report),
        partial=bool(report.left_out),
    )


def _stored_watch(path: Path, record: WatchRecord) -> StoredWatch:
    return StoredWatch(
        path=path,
        run_id=record.run_id,
        started_at=record.started_at,
        run_code=record.run_code,
        lasted_s=record.lasted_s,
        answer=watch_answer(record),
    )


def latest_before(report: Report, folder: Path | None = None) -> Report | None:
    """The run to compare with: the newest other one that did not start later."""
    for _path, other in _reports(folder or default_folder()):
        if other.run_id != report.run_id and _started(other) <= _started(report):
            return other
    return None


def forget(path: Path) -> None:
    """Delete one kept run or watch; one that is gone already is no trouble. Raises CannotWrite."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error


def _network(report: Report) -> str:
    link = page_finding(report.findings, Page.CONNECTION)
    return link.observed if link is not None else ""


def recent_reports(folder: Path | None = None) -> tuple[Report, ...]:
    """The last few runs, newest first."""
    return tuple(report for _path, report in islice(_reports(folder or default_folder()), RECENT))


def kept_report(run_id: str, folder: Path | None = None) -> Report | None:
    """The copy of a run that is kept here; None where there is none, or none any more."""
    run = _run_in_name(run_id)
    for path in _files(folder or default_folder()) if run else ():
        if path.stem.endswith(f"-{run}"):
            saved = _saved_in(path)
            if isinstance(saved, Report) and saved.run_id == run_id:
                return saved
    return None


def _reports(folder: Path) -> Iterator[tuple[Path, Report]]:
    return ((path, saved) for path, saved in _saved(folder) if isinstance(saved, Report))


def _saved(folder: Path) -> Iterator[tuple[Path, Report | WatchRecord]]:
    for path in _files(folder):
        saved = _saved_in(path)
        if saved is not None:
            yield path, saved


def _saved_in(path: Path) -> Report | WatchRecord | None:
    try:
        return parse_any(read_bounded(path, JSON_LIMIT_BYTES), path)
    except UnreadableReport:
        return None


def _files(folder: Path) -> list[Path]:
    """Newest first: names begin with the time, in UTC."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix == SUFFIX]
    except OSError:
        return []
    return sorted(paths, key=lambda path: path.name, reverse=True)


def _prune(folder: Path, kept: int, *, spare: Path) -> None:
    """Drop the oldest, never the one just kept, whatever the clock says."""
    others = [path for path in _files(folder) if path != spare]
    for path in others[max(0, kept - 1) :]:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            continue


def _tidy(folder: Path) -> None:
    """Shut out others where an earlier version did not, and sweep what killed processes left."""
    for path in _files(folder):
        with suppress(OSError):
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
    sweep_folder(folder)


def _file_name(saved: Report | WatchRecord) -> str:
    """Sorts by time; nothing in it can make it leave the folder."""
    return f"{_started(saved):%Y%m%dT%H%M%S%fZ}-{_run_in_name(saved.run_id)}{SUFFIX}"


def _run_in_name(run_id: str) -> str:
    return re.sub(r"[^0-9a-f]", "", run_id.lower())[:32]


def _started(saved: Report | WatchRecord) -> datetime:
    """When it began, in UTC; a time nobody can read counts as long ago."""
    moment = read_moment(saved.started_at)
    try:
        return moment.astimezone(UTC) if moment is not None else LONG_AGO
    except (OverflowError, ValueError, OSError):
        return LONG_AGO
