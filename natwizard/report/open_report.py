"""Opens a report from JSON, or from a PDF of ours that carries it. Every file is hostile."""

import io
import logging
from pathlib import Path

import msgspec
from msgspec import Struct
from pypdf import PdfReader, apply_configuration

from natwizard.model.finding import Chart
from natwizard.model.language import _
from natwizard.model.report import SCHEMA_VERSION, Report
from natwizard.model.writing import short_number
from natwizard.report.files import UnreadableReport as UnreadableReport
from natwizard.report.files import read_bounded
from natwizard.report.open_plan import plan_is_sane

FILE_LIMIT_BYTES = 50_000_000
JSON_LIMIT_BYTES = 5_000_000
ATTACHMENT_LIMIT = 20
MENDED_LIMIT_BYTES = 2_000_000
ATTACHMENT_NAME = "report.json"
PDF_MARK = b"%PDF-"
PDF_END = b"%%EOF"
PDF_MARK_WITHIN = 1024

DEEPEST_EVIDENCE = 50
LONGEST_S = 1e9
LARGEST_MS = 1e9

# What pypdf has to say of a broken file is in our own one line.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


class _Heading(Struct, frozen=True):
    """Just enough to tell a report from other JSON, and its age."""

    schema_version: int


def open_report(path: Path) -> Report:
    """Read a report back. Raises UnreadableReport with one line for a person."""
    content = read_bounded(path, FILE_LIMIT_BYTES)
    if PDF_MARK in content[:PDF_MARK_WITHIN]:
        content = _attached(content, path)
    return parse_report(content, path)


def parse_report(content: bytes, path: Path) -> Report:
    """JSON as a report; `path` is for the message. Raises UnreadableReport."""
    if not content.strip():
        raise UnreadableReport(path, _("the file is empty"))
    if len(content) > JSON_LIMIT_BYTES:
        limit_mb = short_number(JSON_LIMIT_BYTES / 1_000_000)
        raise UnreadableReport(path, _("the report is larger than {size} MB").format(size=limit_mb))
    try:
        version = msgspec.json.decode(content, type=_Heading).schema_version
        if version > SCHEMA_VERSION:
            reason = _("made by a newer natwizard (format {version}); update to open it")
            raise UnreadableReport(path, reason.format(version=version))
        report = msgspec.json.decode(content, type=Report)
        is_sane = _is_sane(report)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError) as error:
        reason = _("this is not a natwizard report ({detail})")
        detail = " ".join(str(error).split())[:120]
        raise UnreadableReport(path, reason.format(detail=detail)) from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableReport(path, _("this is not a natwizard report")) from error
    if not is_sane:
        raise UnreadableReport(path, _("the report holds values that no run can bring"))
    return report


def _attached(content: bytes, path: Path) -> bytes:
    """The JSON inside one of our PDFs.

    pypdf raises whatever a broken file makes it stumble over (KeyError, AttributeError, ...), so
    everything it raises means the same: this PDF cannot be read.
    """
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
    reader = PdfReader(
        io.BytesIO(content),
        strict=len(content) > MENDED_LIMIT_BYTES,
        root_object_recovery_limit=1000,
        xref_stream_maximum_entries=100_000,
    )
    if reader.is_encrypted:
        raise UnreadableReport(path, _("this PDF is protected by a password"))
    for number, attachment in enumerate(reader.attachment_list):
        if number >= ATTACHMENT_LIMIT:
            break
        if ATTACHMENT_NAME in (attachment.name, attachment.alternative_name):
            return attachment.content
    return None


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
