"""Keeps the last runs on this computer, so that a crash loses nothing."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import platformdirs
from msgspec import Struct

from natwizard.model.profile import Role
from natwizard.model.report import Report, Verdict
from natwizard.report.as_json import report_json
from natwizard.report.facts import read_moment
from natwizard.report.files import (
    CannotWrite,
    UnreadableReport,
    make_folder,
    read_bounded,
    write_whole,
)
from natwizard.report.open_report import JSON_LIMIT_BYTES, parse_report

KEPT = 50
NETWORK_ROW = "link.wired"
RECENT = 5
SUFFIX = ".json"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class StoredRun(Struct, frozen=True, kw_only=True):
    """A run in the store, as a list shows it.

    Attributes:
        network: how the computer was connected, as the check on it says; empty if it did not run.
    """

    path: Path
    run_id: str
    started_at: str
    run_code: str
    verdict: Verdict
    role: Role
    network: str = ""


def default_folder() -> Path:
    """Where reports of this person are kept."""
    return platformdirs.user_data_path("natwizard", appauthor=False) / "reports"


def keep_report(report: Report, folder: Path | None = None, *, kept: int = KEPT) -> Path:
    """Save a run and drop the oldest beyond `kept`; returns its file. Raises CannotWrite.

    The same run saved again (after the soak) replaces itself.
    """
    folder = folder or default_folder()
    make_folder(folder)
    path = folder / _file_name(report)
    write_whole(path, report_json(report))
    _prune(folder, kept, spare=path)
    return path


def stored_runs(folder: Path | None = None) -> tuple[StoredRun, ...]:
    """What is kept, newest first; files that are no reports are left out."""
    return tuple(
        StoredRun(
            path=path,
            run_id=report.run_id,
            started_at=report.started_at,
            run_code=report.run_code,
            verdict=report.verdict,
            role=report.answers.role,
            network=_network(report),
        )
        for path, report in _reports(folder or default_folder())
    )


def latest_before(report: Report, folder: Path | None = None) -> Report | None:
    """The run to compare with: the newest other one that did not start later."""
    for _path, other in _reports(folder or default_folder()):
        if other.run_id != report.run_id and _started(other) <= _started(report):
            return other
    return None


def forget_run(path: Path) -> None:
    """Delete one kept run; one that is gone already is no trouble. Raises CannotWrite."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error


def _network(report: Report) -> str:
    links = (each.observed for each in report.findings if each.requirement == NETWORK_ROW)
    return next(links, "")


def recent_reports(folder: Path | None = None) -> tuple[Report, ...]:
    """The last few runs, newest first."""
    return tuple(report for _path, report in islice(_reports(folder or default_folder()), RECENT))


def _reports(folder: Path) -> Iterator[tuple[Path, Report]]:
    for path in _files(folder):
        try:
            yield path, parse_report(read_bounded(path, JSON_LIMIT_BYTES), path)
        except UnreadableReport:
            continue


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


def _file_name(report: Report) -> str:
    """Sorts by time; nothing in the report can make it leave the folder."""
    run = re.sub(r"[^0-9a-f]", "", report.run_id.lower())[:32]
    return f"{_started(report):%Y%m%dT%H%M%S%fZ}-{run}{SUFFIX}"


def _started(report: Report) -> datetime:
    """When the run began, in UTC; a time nobody can read counts as long ago."""
    moment = read_moment(report.started_at)
    try:
        return moment.astimezone(UTC) if moment is not None else LONG_AGO
    except (OverflowError, ValueError, OSError):
        return LONG_AGO
