"""A report or a watch as JSON: the one format that keeps everything."""

from pathlib import Path

import msgspec

from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord
from natwizard.report.files import write_whole

_ENCODER = msgspec.json.Encoder()


def report_json(report: Report) -> bytes:
    """UTF-8, indented, fields in the order of the types, a line feed at the end."""
    return msgspec.json.format(_ENCODER.encode(report), indent=2) + b"\n"


def watch_json(record: WatchRecord) -> bytes:
    """As `report_json`; `natwizard schema watch` describes it."""
    return msgspec.json.format(_ENCODER.encode(record), indent=2) + b"\n"


def write_json(report: Report, path: Path) -> None:
    """Save a report whole. Raises CannotWrite."""
    write_whole(path, report_json(report))
