"""The table of all results: one row a finding, which is never split."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.report.checklist_words import result_word
from natwizard.report.pdf.flow import Piece
from natwizard.report.pdf.fonts import SEMIBOLD
from natwizard.report.pdf.sheet import SIZE_BODY, SIZE_META
from natwizard.report.pdf.text import LaidText, Style, text_width
from natwizard.report.plain import plain, shortened
from natwizard.report.words import status_word

GLYPH = 12.0
GLYPH_GAP = 5.8
PAD_ABOVE = 3.4
PAD_BELOW = 3.6
RULE = 0.5
HEAD_RULE = 0.8
COLUMN_GAP = 10.0
# of what the result leaves, as in the pictures of the look
SHARES = (0.45, 0.295, 0.255)
LONGEST_CELL = 160

HEAD = Style(SIZE_META, LIGHT.text_2, SEMIBOLD)
BODY = Style(SIZE_BODY, LIGHT.text)
NEEDED = Style(SIZE_BODY, LIGHT.text_2)
PROBLEM = Style(SIZE_BODY, LIGHT.text, SEMIBOLD)


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edges and widths, from the left margin."""

    lefts: tuple[float, ...]
    widths: tuple[float, ...]


def columns_for(findings: Sequence[Finding], width: float) -> Columns:
    """The result as wide as its longest word in this language, the rest by what they hold.

    A column that needs less than its share leaves it to those that need more.
    """
    words = max(
        text_width(status_word(status), Style(SIZE_BODY, LIGHT.text, SEMIBOLD)) for status in Status
    )
    first = GLYPH + GLYPH_GAP + words
    rest = width - first - 3 * COLUMN_GAP
    widths = (first, *_fitted(_natural_widths(findings), rest))
    lefts = [0.0]
    for column in widths[:-1]:
        lefts.append(lefts[-1] + column + COLUMN_GAP)
    return Columns(tuple(lefts), widths)


def _natural_widths(findings: Sequence[Finding]) -> list[float]:
    """Of each column's widest cell if nothing wrapped."""
    cells = [(finding.title, finding.observed, finding.expected) for finding in findings]
    return [
        max(text_width(shortened(plain(text), LONGEST_CELL), PROBLEM) for text in column) + 1
        for column in zip(*cells, strict=True)
    ]


def _fitted(natural: Sequence[float], rest: float) -> list[float]:
    """Move what some columns can spare to those that lack it, in proportion to their lack."""
    shares = [rest * share for share in SHARES]
    lacks = [max(0.0, want - share) for want, share in zip(natural, shares, strict=True)]
    spares = [max(0.0, share - want) for want, share in zip(natural, shares, strict=True)]
    moved = min(sum(lacks), sum(spares))
    if not moved:
        return shares
    return [
        share + moved * (lack / sum(lacks) - spare / sum(spares))
        for share, lack, spare in zip(shares, lacks, spares, strict=True)
    ]


def table_head(columns: Columns, width: float) -> Piece:
    """Names of the columns over a firm line."""
    names = (_("Result"), _("Check"), _("Measured"), _("Needed"))
    cells = [
        LaidText(name, HEAD, column) for name, column in zip(names, columns.widths, strict=True)
    ]
    height = max(cell.height for cell in cells) + 5

    def paint(painter: QPainter, left: float, top: float) -> None:
        for cell, offset in zip(cells, columns.lefts, strict=True):
            cell.paint(painter, left + offset, top)
        _paint_rule(painter, left, top + height, width, HEAD_RULE, LIGHT.text_3)

    return Piece(height=height, paint=paint, gap=4)


def table_row(finding: Finding, columns: Columns, width: float) -> Piece:
    """Glyph and word, check, measured, needed; long cells wrap, endless ones are cut."""
    colour = LIGHT.status(finding.status).foreground
    is_problem = finding.status is Status.FAIL
    word = LaidText(
        result_word(finding),
        Style(SIZE_BODY, colour, SEMIBOLD),
        columns.widths[0] - GLYPH - GLYPH_GAP + 1,
    )
    cells = (
        _cell(finding.title, PROBLEM if is_problem else BODY, columns.widths[1]),
        _cell(finding.observed, BODY, columns.widths[2]),
        _cell(finding.expected, NEEDED, columns.widths[3]),
    )
    height = max(text.height for text in (word, *cells)) + PAD_ABOVE + PAD_BELOW

    def paint(painter: QPainter, left: float, top: float) -> None:
        middle = top + PAD_ABOVE + word.line_height / 2
        box = QRectF(left, middle - GLYPH / 2, GLYPH, GLYPH)
        paint_status(painter, box, finding.status, LIGHT)
        word.paint(painter, left + GLYPH + GLYPH_GAP, top + PAD_ABOVE)
        for cell, offset in zip(cells, columns.lefts[1:], strict=True):
            cell.paint(painter, left + offset, top + PAD_ABOVE)
        _paint_rule(painter, left, top + height, width, RULE, LIGHT.line)

    return Piece(height=height, paint=paint)


def table_rows(findings: Sequence[Finding], columns: Columns, width: float) -> list[Piece]:
    """A row a finding, in the order of the report."""
    return [table_row(finding, columns, width) for finding in findings]


def _cell(text: str, style: Style, width: float) -> LaidText:
    return LaidText(shortened(plain(text), LONGEST_CELL), style, width)


def _paint_rule(
    painter: QPainter, left: float, y: float, width: float, thickness: float, colour: str
) -> None:
    painter.setPen(QPen(QColor(colour), thickness))
    painter.drawLine(QPointF(left, y), QPointF(left + width, y))
