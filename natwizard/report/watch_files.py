"""What a watch saw, as JSON and as CSV."""

import csv
import io
from datetime import timedelta
from pathlib import Path

from natwizard.model.watch import WatchRecord
from natwizard.report.as_json import watch_json
from natwizard.report.facts import read_moment
from natwizard.report.files import write_whole
from natwizard.report.redact import masked_watch as masked_watch

COLUMNS = ("time", "second", "lowest_ms", "median_ms", "highest_ms", "answered", "lost", "bad")


def watch_csv(record: WatchRecord) -> bytes:
    """A row a column of the chart, with a heading; `bad` names what was wrong in it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    started = read_moment(record.started_at)
    for column in record.columns:
        end_s = column.start_s + record.column_s
        bad = {
            moment.kind.value
            for moment in record.moments
            if moment.start_s < end_s and moment.start_s + moment.duration_s > column.start_s
        }
        when = started + timedelta(seconds=column.start_s) if started is not None else None
        times = (column.low, column.median, column.high) if column.answered else None
        writer.writerow(
            (
                when.isoformat(timespec="seconds") if when is not None else "",
                f"{column.start_s:g}",
                *(f"{value:.3f}" for value in times or ()),
                *("" for _missing in range(0 if times else 3)),
                column.answered,
                column.lost,
                " ".join(sorted(bad)),
            )
        )
    return out.getvalue().encode()


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
