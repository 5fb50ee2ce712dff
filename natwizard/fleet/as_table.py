"""A fleet as CSV files for a spreadsheet, none of whose cells can run, and as Parquet."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from natwizard.fleet.overview import Overview, SeatRow
from natwizard.fleet.tables import TABLES, Tables
from natwizard.fleet.wording import doubt_sentence, iso_moment, problem_sentence
from natwizard.planner.number_file import guarded
from natwizard.report.files import CannotWrite, make_folder, write_whole
from natwizard.report.plain import plain, without_isolates

MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of its country."""
Cell = str | int | float | None


def write_csv(overview: Overview, folder: Path) -> tuple[Path, ...]:
    """One file a question, headings in English for programs, times in ISO 8601. Raises
    CannotWrite.
    """
    make_folder(folder)
    written = []
    for name, (heading, rows) in _sheets(overview).items():
        path = folder / f"{name}.csv"
        write_whole(path, _csv(heading, rows))
        written.append(path)
    return tuple(written)


def write_parquet(tables: Tables, folder: Path) -> tuple[Path, ...]:
    """All rows, for whoever asks questions of their own. Raises CannotWrite."""
    make_folder(folder)
    written = []
    for table in sorted(TABLES):
        path = folder / f"{table}.parquet"
        part = folder / f".{table}.parquet.part"
        try:
            tables.write_parquet(table, part)
            part.replace(path)
        except OSError as error:
            raise CannotWrite(path, error.strerror or str(error)) from error
        finally:
            part.unlink(missing_ok=True)
        written.append(path)
    return tuple(written)


def _csv(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return (MARK + made.getvalue()).encode("utf-8", "replace")


def _cell(cell: Cell) -> str:
    """A number as such; a text from outside on one line, and never a formula.

    Where the list separator is a semicolon (German, French, Spanish), Excel begins a new cell at
    each one of a text, too.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return ";".join(guarded(part) for part in plain(cell).split(";"))
    return f"{cell:.10g}"


def _sheets(
    overview: Overview,
) -> dict[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]]:
    return {
        "seats": (
            ("seat", "host_name", "site", "subnet", "provider", "browser", "role", "system",
             "app_version", "verdict", "last_run", "run_code", "run_id", "runs", "failing", "file"),
            (_seat(row) for row in overview.seats),
        ),
        "requirements": (
            ("by", "group", "requirement", "failed", "seats"),
            (
                (row.kind, row.name, row.requirement, row.failed, row.seats)
                for row in overview.failing
            ),
        ),
        "groups": (
            ("by", "group", "seats", "ready", "ready_with_advice", "not_ready",
             "could_not_tell", "ready_to_public"),
            (
                (row.kind, row.name, row.seats, row.ready, row.ready_with_advice, row.not_ready,
                 row.could_not_tell, row.ready_to_public)
                for row in overview.places
            ),
        ),
        "shared_problems": (
            ("kind", "group", "also_at", "requirement", "also", "owner", "failed", "desks",
             "failed_elsewhere", "desks_elsewhere", "chance", "first", "last", "still", "sentence",
             "perhaps"),
            (
                (
                    problem.cause.kind, problem.cause.group,
                    ", ".join(problem.cause.also_at), problem.cause.requirement,
                    ", ".join(problem.cause.also), problem.owner, problem.cause.failed,
                    problem.cause.desks, problem.cause.failed_elsewhere,
                    problem.cause.desks_elsewhere, problem.cause.chance,
                    iso_moment(problem.cause.windows[0].start_s, problem.offset_s),
                    iso_moment(problem.cause.windows[-1].end_s, problem.end_offset_s),
                    int(problem.cause.lasts), without_isolates(problem_sentence(problem)),
                    without_isolates(doubt_sentence(problem)),
                )
                for problem in overview.problems
            ),
        ),
        "single_desks": (
            ("seat", "label", "site", "requirement", "failed", "runs", "owner"),
            (
                (odd.desk.seat, odd.label, odd.desk.site, odd.desk.requirement, odd.desk.failed,
                 odd.desk.runs, odd.owner)
                for odd in overview.odd
            ),
        ),
        "silent": (
            ("seat", "site", "last_run", "days"),
            (
                (row.label, row.site,
                 None if row.last_s is None else iso_moment(row.last_s, row.offset_s), row.days)
                for row in overview.silent
            ),
        ),
        "changes": (
            ("site", "requirement", "worse", "better"),
            ((row.site, row.requirement, row.worse, row.better) for row in overview.changes),
        ),
        "lines": (
            ("site", "requirement", "hour", "p95", "unit", "limit", "runs"),
            (
                (line.site, line.requirement, point.hour, point.p95, line.unit, line.limit,
                 point.runs)
                for line in overview.lines
                for point in line.points
            ),
        ),
        "not_counted": (
            ("file", "reason"),
            ((each.file, each.reason.format(detail=each.detail)) for each in overview.unread),
        ),
    }  # fmt: skip


def _seat(row: SeatRow) -> Sequence[Cell]:
    return (
        row.seat, row.host_name, row.site, row.subnet, row.provider, row.browser, row.role,
        row.system, row.app_version, row.verdict, iso_moment(row.at_s, row.offset_s),
        row.run_code, row.run_id, row.runs, row.failing, row.file,
    )  # fmt: skip
