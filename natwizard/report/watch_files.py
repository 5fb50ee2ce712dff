"""What a watch saw, as JSON and as CSV."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Literal

from natwizard.model.watch import WatchColumn, WatchedCall, WatchRecord, joined_columns
from natwizard.report.as_json import watch_json
from natwizard.report.facts import read_moment
from natwizard.report.files import write_whole
from natwizard.report.redact import masked_watch as masked_watch

TIMES = ("time", "second")
LINE = ("lowest_ms", "median_ms", "highest_ms", "answered", "lost")
CALL = (
    "call_made_up_ms",
    "call_most_made_up_ms",
    "call_delay_ms",
    "call_longest_delay_ms",
    "call_round_trip_ms",
    "call_jitter_ms",
    "call_lost",
)
"""Of the call in the browser: typical and worst seconds of a row; empty where none was held."""


def watch_csv(record: WatchRecord) -> bytes:
    """A row a slice of time, with a heading; `bad` names what was wrong in it."""
    call = record.call or WatchedCall(target="")
    width_s = max(record.column_s, call.column_s if call.made_up else 0.0)
    line, made_up, delays, round_trips, jitters = (
        _by_start(columns, width_s)
        for columns in (
            record.columns,
            call.made_up,
            call.delays,
            call.round_trips,
            call.jitters,
        )
    )
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow((*TIMES, *LINE, *(CALL if record.call is not None else ()), "bad"))
    started = read_moment(record.started_at)
    for start_s in sorted({*line, *made_up}):
        when = started + timedelta(seconds=start_s) if started is not None else None
        heard = (
            *_cells(made_up.get(start_s), "median", "high"),
            *_cells(delays.get(start_s), "median", "high"),
            *_cells(round_trips.get(start_s), "median"),
            *_cells(jitters.get(start_s), "median"),
            made_up[start_s].lost if start_s in made_up else "",
        )
        writer.writerow(
            (
                when.isoformat(timespec="seconds") if when is not None else "",
                f"{start_s:g}",
                *_line_cells(line.get(start_s)),
                *(heard if record.call is not None else ()),
                " ".join(sorted(_bad_in(record, start_s, start_s + width_s))),
            )
        )
    return out.getvalue().encode()


def _by_start(columns: Iterable[WatchColumn], width_s: float) -> dict[float, WatchColumn]:
    """In slices of this width: those of a call and of its line need not be as wide."""
    found: dict[float, WatchColumn] = {}
    for column in columns:
        start_s = column.start_s // width_s * width_s
        before = found.get(start_s)
        found[start_s] = column if before is None else joined_columns(before, column)
    return found


def _line_cells(column: WatchColumn | None) -> tuple[str | int, ...]:
    if column is None:
        return ("",) * len(LINE)
    times = _cells(column if column.answered else None, "low", "median", "high")
    return (*times, column.answered, column.lost)


def _cells(column: WatchColumn | None, *names: Literal["low", "median", "high"]) -> tuple[str, ...]:
    if column is None:
        return ("",) * len(names)
    values = {"low": column.low, "median": column.median, "high": column.high}
    return tuple(f"{values[name]:.3f}" for name in names)


def _bad_in(record: WatchRecord, start_s: float, end_s: float) -> set[str]:
    return {
        moment.kind.value
        for moment in record.moments
        if moment.start_s < end_s and moment.start_s + moment.duration_s > start_s
    }


def write_watch(record: WatchRecord, path: Path, *, format_: str = "") -> None:
    """Save it as "pdf", "csv" or "json"; by the file's name where that is not said.

    Raises CannotWrite.
    """
    match format_ or path.suffix.lower().removeprefix("."):
        case "pdf":
            from natwizard.report.as_pdf import write_watch_pdf

            write_watch_pdf(record, path)
        case "csv":
            write_whole(path, watch_csv(record))
        case _:
            write_whole(path, watch_json(record))
