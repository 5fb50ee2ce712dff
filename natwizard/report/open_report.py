"""Opens a report, or a watch, from JSON or from a PDF of ours that carries it.

Every file is hostile.
"""

from pathlib import Path

import msgspec

from natwizard.model.finding import Chart
from natwizard.model.language import _
from natwizard.model.report import SCHEMA_VERSION, Report
from natwizard.model.watch import WATCH_KIND, WatchRecord
from natwizard.report.attachment import attached_json, is_pdf
from natwizard.report.files import UnreadableReport as UnreadableReport
from natwizard.report.files import read_bounded
from natwizard.report.open_plan import plan_is_sane
from natwizard.report.open_watch import parse_watch
from natwizard.report.saved_json import kind_of, parse_saved

FILE_LIMIT_BYTES = 50_000_000

DEEPEST_EVIDENCE = 50
LONGEST_S = 1e9
LARGEST_MS = 1e9


def open_saved(path: Path) -> Report | WatchRecord:
    """Read back what was saved. Raises UnreadableReport with one line for a person."""
    content = read_bounded(path, FILE_LIMIT_BYTES)
    return parse_any(attached_json(content, path) if is_pdf(content) else content, path)


def open_report(path: Path) -> Report:
    """Read a report back. Raises UnreadableReport, also for a watch."""
    saved = open_saved(path)
    if isinstance(saved, WatchRecord):
        raise UnreadableReport(path, _("this is a watch of a connection, not a run of the checks"))
    return saved


def parse_any(content: bytes, path: Path) -> Report | WatchRecord:
    """JSON as what it says it is; `path` is for the message. Raises UnreadableReport."""
    is_watch = kind_of(content) == WATCH_KIND
    return parse_watch(content, path) if is_watch else parse_report(content, path)


def parse_report(content: bytes, path: Path) -> Report:
    """JSON as a report; `path` is for the message. Raises UnreadableReport."""
    return parse_saved(content, path, Report, newest=SCHEMA_VERSION, is_sane=_is_sane)


def _is_sane(report: Report) -> bool:
    """Whether all of it can be shown: JSON allows 1e308 seconds and a thousand levels."""
    lines = (line for finding in report.findings for line in finding.tried)
    charts = (finding.chart for finding in report.findings if finding.chart is not None)
    return (
        all(abs(line.started_s) < LONGEST_S and abs(line.duration_s) < LONGEST_S for line in lines)
        and all(_chart_is_sane(chart) for chart in charts)
        and (report.plan is None or plan_is_sane(report.plan))
        and all(_depth_is_sane(bytes(record.evidence)) for record in report.outcomes)
    )


def _depth_is_sane(evidence: bytes) -> bool:
    """Level by level instead of recursively, as this guards what recurses."""
    level: list[object] = [msgspec.json.decode(evidence)]
    for _level in range(DEEPEST_EVIDENCE):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
        if not below:
            return True
        level = below
    return False


def _chart_is_sane(chart: Chart) -> bool:
    return (
        0 < chart.length_s < LONGEST_S
        and 0 <= chart.limit_ms < LARGEST_MS
        and all(
            0 <= column.start_s < LONGEST_S
            and 0 <= column.low <= column.median <= column.high < LARGEST_MS
            and 0 <= column.lost < LARGEST_MS
            for column in chart.columns
        )
    )
