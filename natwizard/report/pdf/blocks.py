"""Headings, paragraphs and labelled lines: the plain pieces of the report."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtGui import QPainter

from natwizard.drawing.tokens import LIGHT
from natwizard.report.pdf.flow import Piece
from natwizard.report.pdf.fonts import BOLD, SEMIBOLD
from natwizard.report.pdf.sheet import SIZE_BODY, SIZE_META, SIZE_SECTION
from natwizard.report.pdf.text import LaidText, Style, text_width

SECTION_GAP = 18.0
LABEL_COLUMN = 80.0
LABEL_GAP = 10.0

SECTION = Style(SIZE_SECTION, LIGHT.text, BOLD)
BODY = Style(SIZE_BODY, LIGHT.text)
SOFT = Style(SIZE_BODY, LIGHT.text_2)
LABEL = Style(SIZE_BODY, LIGHT.text, SEMIBOLD)
META = Style(SIZE_META, LIGHT.text_2)


def heading(text: str, width: float, *, gap: float = SECTION_GAP, bookmark: bool = True) -> Piece:
    """Title of a section; a reader may jump to it."""
    laid = LaidText(text, SECTION, width)
    return Piece(height=laid.height, paint=laid.paint, gap=gap, bookmark=text if bookmark else "")


def paragraph(text: str, style: Style, width: float, *, gap: float = 2.0) -> list[Piece]:
    """A piece a line, so that a page can end within it."""
    laid = LaidText(text, style, width)
    return [_line(laid, number, gap if number == 0 else 0.0) for number in range(laid.count)]


def _line(laid: LaidText, number: int, gap: float) -> Piece:
    def paint(painter: QPainter, left: float, top: float) -> None:
        laid.paint_line(painter, number, left, top)

    return Piece(height=laid.line_height, paint=paint, gap=gap)


def labelled(
    label: str,
    text: str,
    width: float,
    *,
    label_style: Style = LABEL,
    column: float = LABEL_COLUMN,
    gap: float = 3.0,
) -> list[Piece]:
    """A label in its column, the text beside it, line by line."""
    named = LaidText(label, label_style, column - LABEL_GAP)
    laid = LaidText(text, BODY, width - column)
    return [
        _labelled_line(named, laid, column, number, gap if number == 0 else 0.0)
        for number in range(max(named.count, laid.count))
    ]


def _labelled_line(
    named: LaidText, laid: LaidText, column: float, number: int, gap: float
) -> Piece:
    def paint(painter: QPainter, left: float, top: float) -> None:
        if number < named.count:
            named.paint_line(painter, number, left, top)
        if number < laid.count:
            laid.paint_line(painter, number, left + column, top)

    return Piece(height=max(named.line_height, laid.line_height), paint=paint, gap=gap)


def label_column(labels: Sequence[str]) -> float:
    """Wide enough for most labels on one line, never more than a third of a page."""
    widest = max((text_width(label, LABEL) for label in labels), default=0.0)
    return max(LABEL_COLUMN, min(widest + LABEL_GAP + 1, LABEL_COLUMN * 2))


def lines_of(pieces: Sequence[Sequence[Piece]]) -> list[Piece]:
    """Several blocks as one run of pieces."""
    return [piece for block in pieces for piece in block]


def after_gap(pieces: Sequence[Piece], gap: float) -> list[Piece]:
    """The same pieces with another space above the first."""
    return [replace(piece, gap=gap) if piece is pieces[0] else piece for piece in pieces]
