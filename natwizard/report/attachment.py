"""The JSON inside one of our PDFs. Every file is hostile."""

import io
import logging
from pathlib import Path

from pypdf import PdfReader, apply_configuration

from natwizard.model.language import _
from natwizard.report.files import UnreadableReport
from natwizard.report.saved_json import JSON_LIMIT_BYTES

REPORT_NAME = "report.json"
WATCH_NAME = "watch.json"
NAMES = {REPORT_NAME, WATCH_NAME}
ATTACHMENT_LIMIT = 20
MENDED_LIMIT_BYTES = 2_000_000
PDF_MARK = b"%PDF-"
PDF_END = b"%%EOF"
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
        if NAMES & {attachment.name, attachment.alternative_name}:
            return attachment.content
    return None
