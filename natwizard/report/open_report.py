"""Opens a report, or a watch, from JSON or from a PDF of ours that carries it.

Every file is hostile.
"""

import io
import logging
import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from natwizard.model.encoding import as_utf8
from natwizard.model.finding import Chart
from natwizard.model.language import _
from natwizard.model.plan import Allowance, OrgPlan, Part
from natwizard.model.report import SCHEMA_VERSION, Report
from natwizard.model.watch import (
    WATCH_KIND,
    WATCH_SCHEMA_VERSION,
    WatchColumn,
    WatchedCall,
    WatchRecord,
)
from natwizard.model.writing import short_number
from natwizard.report.facts import read_moment
from natwizard.report.files import UnreadableReport, read_bounded

# Reports have some 50 kB (decision 71), and anybody may hand in a file
JSON_LIMIT_BYTES = 5_000_000
T = TypeVar("T")


class _Kind(Struct, frozen=True):
    """A report has none."""

    kind: str = ""


class _Age(Struct, frozen=True):
    """Just enough to tell ours from other JSON."""

    schema_version: int


def kind_of(content: bytes) -> str:
    """What the JSON says it is; empty where it does not."""
    try:
        return msgspec.json.decode(content[: JSON_LIMIT_BYTES + 1], type=_Kind).kind
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError):
        return ""
    except (RecursionError, MemoryError):
        return ""


def parse_saved(
    content: bytes, path: Path, type_: type[T], *, newest: int, is_sane: Callable[[T], bool]
) -> T:
    """JSON as a value of ours; `path` is for the message. Raises UnreadableReport.

    `newest` is the schema version that we know; `is_sane` says whether all of it can be shown.
    """
    if not content.strip():
        raise UnreadableReport(path, _("the file is empty"))
    if len(content) > JSON_LIMIT_BYTES:
        limit_mb = short_number(JSON_LIMIT_BYTES / 1_000_000)
        raise UnreadableReport(path, _("the report is larger than {size} MB").format(size=limit_mb))
    try:
        version = msgspec.json.decode(content, type=_Age).schema_version
        if version > newest:
            reason = _("made by a newer natwizard (format {version}); update to open it")
            raise UnreadableReport(path, reason.format(version=version))
        value = msgspec.json.decode(content, type=type_)
        sane = is_sane(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError) as error:
        reason = _("this is not a natwizard report ({detail})")
        detail = " ".join(str(error).split())[:120]
        raise UnreadableReport(path, reason.format(detail=detail)) from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableReport(path, _("this is not a natwizard report")) from error
    if not sane:
        raise UnreadableReport(path, _("the report holds values that no run can bring"))
    return value


REPORT_NAME = "report.json"
WATCH_NAME = "watch.json"
NAMES = {REPORT_NAME, WATCH_NAME}
# Ours is the only one; a hostile PDF may hold as many as it likes
ATTACHMENT_LIMIT = 20
# In a larger file that is broken, looking for lost objects takes long: pypdf shall not try
MENDED_LIMIT_BYTES = 2_000_000
PDF_MARK = b"%PDF-"
PDF_END = b"%%EOF"
# Readers look so far for the first mark and for the last one (Adobe's PDF Reference 1.7, appendix
# H, notes 13 and 18)
PDF_MARK_WITHIN = 1024

# What pypdf has to say of a broken file is in our own one line.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


def is_pdf(content: bytes) -> bool:
    """Whether it says so at its beginning."""
    return PDF_MARK in content[:PDF_MARK_WITHIN]


def attached_json(content: bytes, path: Path) -> bytes:
    """What a PDF of ours carries: a report or a watch. Raises UnreadableReport.

    pypdf raises whatever a broken file makes it stumble over (KeyError, AttributeError, ...), so
    everything it raises means the same: this PDF cannot be read.
    """
    # the window and every run load this module, and few of them open a PDF
    from pypdf import apply_configuration

    damaged = _("this PDF is damaged or incomplete")
    if PDF_END not in content[-PDF_MARK_WITHIN:]:
        # known at once; pypdf would look through the whole file for it, line by line
        raise UnreadableReport(path, damaged)
    try:
        with apply_configuration(
            maximum_declared_stream_length=JSON_LIMIT_BYTES,
            array_based_stream_maximum_output_length=JSON_LIMIT_BYTES,
            lzw_maximum_output_length=JSON_LIMIT_BYTES,
            run_length_maximum_output_length=JSON_LIMIT_BYTES,
            zlib_maximum_output_length=JSON_LIMIT_BYTES,
            brotli_maximum_output_length=JSON_LIMIT_BYTES,
            stream_filters_maximum_length=2,
            stream_decoding_work_maximum_length=4 * JSON_LIMIT_BYTES,
        ):
            attached = _find_attachment(content, path)
    except UnreadableReport:
        raise
    except Exception as error:
        raise UnreadableReport(path, damaged) from error
    if attached is None:
        raise UnreadableReport(path, _("this PDF holds no natwizard report"))
    return attached


def _find_attachment(content: bytes, path: Path) -> bytes | None:
    """Small files may be a little broken; in large ones searching for lost objects takes long."""
    from pypdf import PdfReader

    reader = PdfReader(
        io.BytesIO(content),
        strict=len(content) > MENDED_LIMIT_BYTES,
        root_object_recovery_limit=1000,
        xref_stream_maximum_entries=100_000,
    )
    # one with an owner's password only opens with an empty one, as in every viewer: it is to keep
    # people from changing it, which nobody does here
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableReport(path, _("this PDF is protected by a password"))
    for number, attachment in enumerate(reader.attachment_list):
        if number >= ATTACHMENT_LIMIT:
            break
        if NAMES & {attachment.name, attachment.alternative_name}:
            return attachment.content
    return None


# It is decoded whole, and anybody may hand in a file
PLAN_LIMIT_BYTES = 1_000_000
# Above all that inputs within the planner's bounds can come to
LARGEST = 1e24
MOST_PARTS = 20  # ours have six at most


def open_plan(path: Path) -> OrgPlan:
    """What `natwizard plan all --json` wrote. Raises UnreadableReport."""
    content = as_utf8(read_bounded(path, 2 * PLAN_LIMIT_BYTES))
    if len(content) > PLAN_LIMIT_BYTES:
        limit_mb = short_number(PLAN_LIMIT_BYTES / 1_000_000)
        raise UnreadableReport(path, _("larger than {size} MB").format(size=limit_mb))
    try:
        plan = msgspec.json.decode(content, type=OrgPlan)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError) as error:
        reason = _("this is no plan; natwizard plan all --json writes one ({detail})")
        detail = " ".join(str(error).split())[:120]
        raise UnreadableReport(path, reason.format(detail=detail)) from error
    if not plan_is_sane(plan):
        raise UnreadableReport(path, _("the plan holds values that no input can bring"))
    return plan


def plan_is_sane(plan: OrgPlan) -> bool:
    """Whether all of it can be shown and drawn."""
    few = all(len(single.parts) <= MOST_PARTS for single in plan.plans)
    return few and all(math.isfinite(amount) and 0 <= amount < LARGEST for amount in _amounts(plan))


def _amounts(plan: OrgPlan) -> Iterator[float]:
    for single in plan.plans:
        yield single.once
        for part in (*single.parts, single.total):
            yield from _of_part(part)
        yield from _of_allowance(single.allowance)
    yield from _of_allowance(plan.together)
    if plan.bandwidth is not None:
        inputs = plan.bandwidth.inputs
        yield plan.bandwidth.needed_kbit_s
        yield inputs.concurrent_calls
        yield inputs.call_kbit_s
        yield inputs.line_kbit_s or 0.0
        yield plan.bandwidth.calls_carried or 0


def _of_part(part: Part) -> tuple[float, float, float]:
    return part.per_day, part.per_month, part.per_year


def _of_allowance(allowance: Allowance | None) -> tuple[float, ...]:
    if allowance is None:
        return ()
    return allowance.amount, allowance.used, allowance.days or 0.0


# `natwizard watch` ends after a day
LONGEST_WATCH_S = 100 * 24 * 3600.0
LARGEST_WATCH_VALUE = 1e12
MOST_COLUMNS = 10_000
MOST_MOMENTS = 10_000
"""Ours have 720 columns and 500 moments; what takes minutes to lay out is not."""


def parse_watch(content: bytes, path: Path) -> WatchRecord:
    """JSON as a watch; `path` is for the message. Raises UnreadableReport."""
    return parse_saved(
        content, path, WatchRecord, newest=WATCH_SCHEMA_VERSION, is_sane=watch_is_sane
    )


def watch_is_sane(record: WatchRecord) -> bool:
    """Whether all of it can be shown and drawn."""
    return (
        len(record.columns) <= MOST_COLUMNS
        and len(record.moments) <= MOST_MOMENTS
        and all(
            math.isfinite(value) and 0 <= value < LARGEST_WATCH_VALUE
            for value in _watch_amounts(record)
        )
        and all(0 <= value < LONGEST_WATCH_S for value in _times(record))
        and record.column_s > 0
        and all(_column_is_sane(column) for column in record.columns)
        and (record.call is None or _call_is_sane(record.call))
        and all(moment.times > 0 for moment in record.moments)
        and _has_a_calendar(record)
    )


def _times(record: WatchRecord) -> Iterator[float]:
    yield from (record.planned_s, record.lasted_s, record.column_s)
    yield from (column.start_s for column in record.columns)
    for moment in record.moments:
        yield from (moment.start_s, moment.duration_s)


def _watch_amounts(record: WatchRecord) -> Iterator[float]:
    figures, limits = record.figures, record.limits
    yield from (figures.measured_s, figures.websocket_s, figures.websocket_cuts)
    yield from (figures.sent, figures.lost)
    known = (figures.median_ms, figures.p95_ms, figures.highest_ms, figures.jitter_ms)
    yield from (value for value in (*known, figures.worst_jitter_ms) if value is not None)
    yield from (limits.round_trip_ms, limits.lost_in_second, limits.late_after_ms, limits.spoilt_ms)
    yield from (limits.made_up_ms, limits.call_delay_ms, limits.page_late_ms)
    yield limits.busy_share
    for moment in record.moments:
        yield from (moment.worst, moment.times)


def _call_is_sane(call: WatchedCall) -> bool:
    series = (call.made_up, call.delays, call.round_trips, call.jitters)
    delays = (call.delay_ms, call.worst_delay_ms)
    amounts = (call.received, call.lost, *(value for value in delays if value is not None))
    times = (call.held_s, *(column.start_s for columns in series for column in columns))
    return (
        all(len(columns) <= MOST_COLUMNS for columns in series)
        and all(_column_is_sane(column) for columns in series for column in columns)
        and all(math.isfinite(value) and 0 <= value < LARGEST_WATCH_VALUE for value in amounts)
        and all(0 <= value < LONGEST_WATCH_S for value in times)
        and 0 < call.column_s < LONGEST_WATCH_S
        and 0 <= call.made_up_share <= 1
    )


def _column_is_sane(column: WatchColumn) -> bool:
    """A round trip can come out a little below 0, where clocks are read on both sides."""
    return (
        -LARGEST_WATCH_VALUE < column.low <= column.median <= column.high < LARGEST_WATCH_VALUE
        and 0 <= column.answered < LARGEST_WATCH_VALUE
        and 0 <= column.lost < LARGEST_WATCH_VALUE
    )


def _has_a_calendar(record: WatchRecord) -> bool:
    """Whether each moment of it has a date: the year 9999 has an end."""
    started = read_moment(record.started_at)
    try:
        return started is None or bool(started + timedelta(seconds=2 * LONGEST_WATCH_S))
    except OverflowError:
        return False


# A PDF has more in it than its JSON, which is held to JSON_LIMIT_BYTES when it is unpacked
FILE_LIMIT_BYTES = 50_000_000

DEEPEST_EVIDENCE = 50
MOST_VALUES = 20_000
"""Of one probe; a long run's largest evidence has 2,000."""
MOST_OUTCOMES = 200
LONGEST_NAME = 1000
TEXTS_OF_AN_ATTEMPT = ("operation",)
# Decades: beyond, axes of a chart have no sensible steps, and moments no date
LONGEST_S = 1e9
LARGEST_MS = 1e9


def open_saved(path: Path) -> Report | WatchRecord:
    """Read back what was saved. Raises UnreadableReport with one line for a person."""
    return parse_any(saved_json(path), path)


def saved_json(path: Path) -> bytes:
    """The JSON in a file, or in the PDF that carries it. Raises UnreadableReport."""
    content = read_bounded(path, FILE_LIMIT_BYTES)
    return attached_json(content, path) if is_pdf(content) else content


def open_report(path: Path) -> Report:
    """Read a report back. Raises UnreadableReport, also for a watch."""
    return parse_saved_report(saved_json(path), path)


def parse_saved_report(content: bytes, path: Path) -> Report:
    """JSON in any encoding as a report. Raises UnreadableReport, also for a watch."""
    saved = parse_any(content, path)
    if isinstance(saved, WatchRecord):
        raise UnreadableReport(path, _("this is a watch of a connection, not a run of the checks"))
    return saved


def parse_any(content: bytes, path: Path) -> Report | WatchRecord:
    """JSON as what it says it is; `path` is for the message. Raises UnreadableReport."""
    content = as_utf8(content)
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
        and all(len(text) <= LONGEST_NAME for text in _names(report))
        and len(report.outcomes) <= MOST_OUTCOMES
        and all(_evidence_is_sane(bytes(record.evidence)) for record in report.outcomes)
    )


def _names(report: Report) -> tuple[str, ...]:
    """What is looked for in every text of a report when it is masked."""
    machine = report.machine
    return (
        machine.host_name,
        machine.user_name,
        machine.system,
        report.run_id,
        *(record.probe for record in report.outcomes),
    )


def _evidence_is_sane(evidence: bytes) -> bool:
    """Level by level instead of recursively, as this guards what recurses.

    Every value may be looked at, compared and masked: few enough for that, and what an attempt
    says of itself is text, whatever probe of whatever version brought it.
    """
    level: list[object] = [msgspec.json.decode(evidence)]
    values = 0
    for _level in range(DEEPEST_EVIDENCE):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                if not all(isinstance(node.get(key, ""), str) for key in TEXTS_OF_AN_ATTEMPT):
                    return False
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
        values += len(below)
        if values > MOST_VALUES:
            return False
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
