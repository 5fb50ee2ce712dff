"""Headings, paragraphs and labelled lines: the plain pieces of the report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.report.checklist_words import result_word
from natwizard.report.details import Fix
from natwizard.report.pdf.flow import Block
from natwizard.report.pdf.text import (
    BOLD,
    SEMIBOLD,
    SIZE_BODY,
    SIZE_LEAD,
    SIZE_META,
    SIZE_SECTION,
    SIZE_VERDICT,
    LaidText,
    TextStyle,
    text_width,
)
from natwizard.report.plain import plain, shortened
from natwizard.report.words import owner_acts, owner_name, status_word

SECTION_GAP = 18.0
LABEL_COLUMN = 80.0
LABEL_GAP = 10.0

SECTION = TextStyle(SIZE_SECTION, LIGHT.text, BOLD)
BODY = TextStyle(SIZE_BODY, LIGHT.text)
SOFT = TextStyle(SIZE_BODY, LIGHT.text_2)
LABEL = TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD)
META = TextStyle(SIZE_META, LIGHT.text_2)


def heading(text: str, width: float, *, gap: float = SECTION_GAP, bookmark: bool = True) -> Block:
    """Title of a section; a reader may jump to it."""
    laid = LaidText(text, SECTION, width)
    return Block(height=laid.height, paint=laid.paint, gap=gap, bookmark=text if bookmark else "")


def paragraph(text: str, style: TextStyle, width: float, *, gap: float = 2.0) -> list[Block]:
    """A piece a line, so that a page can end within it."""
    laid = LaidText(text, style, width)
    return [_line(laid, number, gap if number == 0 else 0.0) for number in range(laid.count)]


def _line(laid: LaidText, number: int, gap: float) -> Block:
    def paint(painter: QPainter, left: float, top: float) -> None:
        laid.paint_line(painter, number, left, top)

    return Block(height=laid.line_height, paint=paint, gap=gap)


def labelled(
    label: str,
    text: str,
    width: float,
    *,
    label_style: TextStyle = LABEL,
    column: float = LABEL_COLUMN,
    gap: float = 3.0,
) -> list[Block]:
    """A label in its column, the text beside it, line by line."""
    named = LaidText(label, label_style, column - LABEL_GAP)
    laid = LaidText(text, BODY, width - column)
    return [
        _labelled_line(named, laid, column, number, gap if number == 0 else 0.0)
        for number in range(max(named.count, laid.count))
    ]


def _labelled_line(
    named: LaidText, laid: LaidText, column: float, number: int, gap: float
) -> Block:
    def paint(painter: QPainter, left: float, top: float) -> None:
        if number < named.count:
            named.paint_line(painter, number, left, top)
        if number < laid.count:
            laid.paint_line(painter, number, left + column, top)

    return Block(height=max(named.line_height, laid.line_height), paint=paint, gap=gap)


def label_column(labels: Sequence[str]) -> float:
    """Wide enough for most labels on one line, never more than a third of a page."""
    widest = max((text_width(label, LABEL) for label in labels), default=0.0)
    return max(LABEL_COLUMN, min(widest + LABEL_GAP + 1, LABEL_COLUMN * 2))


def lines_of(pieces: Sequence[Sequence[Block]]) -> list[Block]:
    """Several blocks as one run of pieces."""
    return [piece for block in pieces for piece in block]


def after_gap(pieces: Sequence[Block], gap: float) -> list[Block]:
    """The same pieces with another space above the first."""
    return [replace(piece, gap=gap) if piece is pieces[0] else piece for piece in pieces]


BANNER_PAD = 15.0
BANNER_GLYPH = 40.0
BANNER_TEXT_LEFT = 72.0
BANNER_LINE = 1.3
CARD_GLYPH = 20.0
CARD_TEXT_LEFT = 44.0
CARD_PAD = 8.8
CARD_LINE = 0.75
RADIUS = 6.0
FACT_SHARES = (0.30, 0.31, 0.22, 0.17)
FACT_GAP = 8.0
LONGEST_TITLE = 240
LONGEST_REMEDY = 480
BOX_PAD = 12.0

CARD_TITLE = TextStyle(SIZE_LEAD, LIGHT.text, SEMIBOLD)
OWNER = TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD)
FACT = TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD)
TEXT = TextStyle(SIZE_BODY, LIGHT.text)


class BannerText(Protocol):
    """What a banner tells: of a report or of a watch."""

    @property
    def status(self) -> Status:
        """Whose glyph and colours it wears."""

    @property
    def title(self) -> str:
        """The largest words on the page."""

    @property
    def sentence(self) -> str:
        """One sentence below them."""


def banner(headline: BannerText, width: float) -> Block:
    """Soft ground, coloured border and glyph: spares ink, and tells on a grey printer too."""
    colours = LIGHT.status(headline.status)
    room = width - BANNER_TEXT_LEFT - BANNER_PAD
    title = LaidText(headline.title, TextStyle(SIZE_VERDICT, colours.foreground, BOLD), room)
    sentence = LaidText(headline.sentence, TextStyle(SIZE_LEAD, LIGHT.text), room)
    height = title.height + sentence.height + 2 * BANNER_PAD

    def paint(painter: QPainter, left: float, top: float) -> None:
        _frame(painter, QRectF(left, top, width, height), colours.foreground, colours.soft,
               BANNER_LINE)  # fmt: skip
        glyph = QRectF(
            left + (BANNER_TEXT_LEFT - BANNER_GLYPH) / 2,
            top + (height - BANNER_GLYPH) / 2,
            BANNER_GLYPH,
            BANNER_GLYPH,
        )
        paint_status(painter, glyph, headline.status, LIGHT)
        title.paint(painter, left + BANNER_TEXT_LEFT, top + BANNER_PAD)
        sentence.paint(painter, left + BANNER_TEXT_LEFT, top + BANNER_PAD + title.height)

    return Block(height=height, paint=paint, bookmark=headline.title)


def facts_row(facts: Sequence[tuple[str, str]], width: float) -> Block:
    """Four short facts side by side: a small name above each."""
    cells = []
    offset = 0.0
    for (name, text), share in zip(facts, FACT_SHARES, strict=True):
        room = width * share - FACT_GAP
        cells.append((offset, LaidText(name, META, room), LaidText(text, FACT, room)))
        offset += width * share
    name_height = max(name.height for _offset, name, _text in cells)
    height = name_height + max(text.height for _offset, _name, text in cells)

    def paint(painter: QPainter, left: float, top: float) -> None:
        for start, name, text in cells:
            name.paint(painter, left + start, top)
            text.paint(painter, left + start, top + name_height)

    return Block(height=height, paint=paint, gap=12)


def fix_card(number: int, fix: Fix, width: float, *, gap: float) -> Block:
    """One thing to fix: what is wrong, what to do, and at the right who does it."""
    owner = owner_name(fix.owner) if fix.owner is not None else ""
    acts = owner_acts(fix.owner) if fix.owner is not None else ""
    owner_room = min(max(text_width(owner, OWNER), text_width(acts, SOFT)) + 1, width * 0.28)
    room = width - CARD_TEXT_LEFT - owner_room - 2 * CARD_PAD - 16
    title_text = shortened(f"{number}. {plain(fix.title)}", LONGEST_TITLE)
    title = LaidText(title_text, CARD_TITLE, room)
    remedy = LaidText(shortened(plain(fix.text), LONGEST_REMEDY), SOFT, room) if fix.text else None
    owner_laid = LaidText(owner, OWNER, owner_room)
    acts_laid = LaidText(acts, SOFT, owner_room)
    text_height = title.height + (remedy.height + 1.5 if remedy is not None else 0.0)
    height = max(text_height, owner_laid.height + acts_laid.height) + 2 * CARD_PAD

    def paint(painter: QPainter, left: float, top: float) -> None:
        _frame(painter, QRectF(left, top, width, height), LIGHT.line, LIGHT.surface, CARD_LINE)
        glyph_left = left + (CARD_TEXT_LEFT - CARD_GLYPH) / 2
        glyph = QRectF(glyph_left, top + (height - CARD_GLYPH) / 2, CARD_GLYPH, CARD_GLYPH)
        paint_status(painter, glyph, fix.status, LIGHT)
        title.paint(painter, left + CARD_TEXT_LEFT, top + CARD_PAD)
        if remedy is not None:
            remedy.paint(painter, left + CARD_TEXT_LEFT, top + CARD_PAD + title.height + 1.5)
        _paint_right(painter, owner_laid, left + width - CARD_PAD, top + CARD_PAD)
        below = top + CARD_PAD + owner_laid.height
        _paint_right(painter, acts_laid, left + width - CARD_PAD, below)

    return Block(height=height, paint=paint, gap=gap)


def request_box(text: str, width: float, *, gap: float) -> list[Block]:
    """A text to paste on a sunken ground; a page may end within it."""
    laid = LaidText(text, TEXT, width - 2 * BOX_PAD)
    return [
        _box_line(laid, number, width, gap=gap if number == 0 else 0.0)
        for number in range(laid.count)
    ]


def _box_line(laid: LaidText, number: int, width: float, *, gap: float) -> Block:
    above = BOX_PAD * 0.8 if number == 0 else 0.0
    below = BOX_PAD * 0.8 if number == laid.count - 1 else 0.0
    height = above + laid.line_height + below

    def paint(painter: QPainter, left: float, top: float) -> None:
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        box = QRectF(left, top, width, height)
        if above or below:
            path.addRoundedRect(box, RADIUS, RADIUS)
        # square where the ground goes on in the next line
        path.addRect(box.adjusted(0, RADIUS if above else 0, 0, -RADIUS if below else 0.3))
        painter.fillPath(path, QColor(LIGHT.sunken))
        laid.paint_line(painter, number, left + BOX_PAD, top + above)

    return Block(height=height, paint=paint, gap=gap)


def _paint_right(painter: QPainter, laid: LaidText, right: float, top: float) -> None:
    """Short lines at the right edge; one that wraps stays left-aligned in its column."""
    laid.paint(painter, right - laid.width, top)


def _frame(painter: QPainter, box: QRectF, line: str, palette: str, thickness: float) -> None:
    painter.setPen(QPen(QColor(line), thickness))
    painter.setBrush(QColor(palette))
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    painter.setBrush(Qt.BrushStyle.NoBrush)


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

HEAD = TextStyle(SIZE_META, LIGHT.text_2, SEMIBOLD)
NEEDED = TextStyle(SIZE_BODY, LIGHT.text_2)
PROBLEM = TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD)


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
        text_width(status_word(status), TextStyle(SIZE_BODY, LIGHT.text, SEMIBOLD))
        for status in Status
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


def table_head(columns: Columns, width: float) -> Block:
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

    return Block(height=height, paint=paint, gap=4)


def table_row(finding: Finding, columns: Columns, width: float) -> Block:
    """Glyph and word, check, measured, needed; long cells wrap, endless ones are cut."""
    colour = LIGHT.status(finding.status).foreground
    is_problem = finding.status is Status.FAIL
    word = LaidText(
        result_word(finding),
        TextStyle(SIZE_BODY, colour, SEMIBOLD),
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

    return Block(height=height, paint=paint)


def table_rows(findings: Sequence[Finding], columns: Columns, width: float) -> list[Block]:
    """A row a finding, in the order of the report."""
    return [table_row(finding, columns, width) for finding in findings]


def _cell(text: str, style: TextStyle, width: float) -> LaidText:
    return LaidText(shortened(plain(text), LONGEST_CELL), style, width)


def _paint_rule(
    painter: QPainter, left: float, y: float, width: float, thickness: float, colour: str
) -> None:
    painter.setPen(QPen(QColor(colour), thickness))
    painter.drawLine(QPointF(left, y), QPointF(left + width, y))
