"""A document as each view shows it, as plain text: what a reader gets to see."""

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

from pypdf import PdfReader
from rich.console import Console

from natwizard.cli.table import print_document
from natwizard.model.report import Report
from natwizard.report.as_html import document_html
from natwizard.report.as_text import document_text
from natwizard.report.document import Document, report_document
from natwizard.report.pdf.draw import draw_pdf
from natwizard.report.pdf.text import SHEETS, PageSize

INVISIBLE = re.compile(r"<style>.*?</style>|<title>.*?</title>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def report_text(report: Report) -> str:
    """The whole report for a mail."""
    return document_text(report_document(report))


def html_text(document: Document) -> str:
    """What the page says, without its markup."""
    return unescape(TAG.sub(" ", INVISIBLE.sub("", document_html(document))))


def terminal_text(document: Document, width: int = 5_000) -> str:
    """Without colours, as in a file."""
    stream = io.StringIO()
    print_document(document, Console(file=stream, width=width, highlight=False))
    return stream.getvalue()


def pdf_pages(document: Document, folder: Path) -> list[str]:
    """What another program reads on each page, in the order in which it was drawn."""
    path = folder / "document.pdf"
    path.write_bytes(draw_pdf(document, SHEETS[PageSize.A4], "1.0", None))
    return [page.extract_text() for page in PdfReader(path).pages]


def squeezed(text: str) -> str:
    """Without white space, as lines break where they must."""
    return "".join(text.split())


TEXT_VIEWS: dict[str, Callable[[Document], str]] = {
    "html": html_text,
    "terminal": terminal_text,
    "text": document_text,
}
