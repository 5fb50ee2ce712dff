"""Framed pieces: banner, facts, what to fix first, texts to paste."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.finding import Status
from natwizard.report.fixes import Fix
from natwizard.report.pdf.blocks import META, SOFT
from natwizard.report.pdf.flow import Piece
from natwizard.report.pdf.fonts import BOLD, SEMIBOLD
from natwizard.report.pdf.sheet import SIZE_BODY, SIZE_LEAD, SIZE_VERDICT
from natwizard.report.pdf.text import LaidText, Style, text_width
from natwizard.report.plain import plain, shortened
from natwizard.report.words import owner_acts, owner_name

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

CARD_TITLE = Style(SIZE_LEAD, LIGHT.text, SEMIBOLD)
OWNER = Style(SIZE_BODY, LIGHT.text, SEMIBOLD)
FACT = Style(SIZE_BODY, LIGHT.text, SEMIBOLD)
TEXT = Style(SIZE_BODY, LIGHT.text)


class Answer(Protocol):
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


def banner(headline: Answer, width: float) -> Piece:
    """Soft ground, coloured border and glyph: spares ink, and tells on a grey printer too."""
    colours = LIGHT.status(headline.status)
    room = width - BANNER_TEXT_LEFT - BANNER_PAD
    title = LaidText(headline.title, Style(SIZE_VERDICT, colours.foreground, BOLD), room)
    sentence = LaidText(headline.sentence, Style(SIZE_LEAD, LIGHT.text), room)
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

    return Piece(height=height, paint=paint, bookmark=headline.title)


def facts_row(facts: Sequence[tuple[str, str]], width: float) -> Piece:
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

    return Piece(height=height, paint=paint, gap=12)


def fix_card(number: int, fix: Fix, width: float, *, gap: float) -> Piece:
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

    return Piece(height=height, paint=paint, gap=gap)


def request_box(text: str, width: float, *, gap: float) -> list[Piece]:
    """A text to paste on a sunken ground; a page may end within it."""
    laid = LaidText(text, TEXT, width - 2 * BOX_PAD)
    return [
        _box_line(laid, number, width, gap=gap if number == 0 else 0.0)
        for number in range(laid.count)
    ]


def _box_line(laid: LaidText, number: int, width: float, *, gap: float) -> Piece:
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

    return Piece(height=height, paint=paint, gap=gap)


def _paint_right(painter: QPainter, laid: LaidText, right: float, top: float) -> None:
    """Short lines at the right edge; one that wraps stays left-aligned in its column."""
    laid.paint(painter, right - laid.width, top)


def _frame(painter: QPainter, box: QRectF, line: str, ground: str, thickness: float) -> None:
    painter.setPen(QPen(QColor(line), thickness))
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    painter.setBrush(Qt.BrushStyle.NoBrush)
