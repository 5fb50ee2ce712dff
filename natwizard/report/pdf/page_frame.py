"""What stands on every page: mark, title and run code above; program and page number below."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from natwizard.drawing.mark import paint_mark
from natwizard.drawing.tokens import LIGHT
from natwizard.model.language import _
from natwizard.report.pdf.fonts import BOLD, SEMIBOLD
from natwizard.report.pdf.sheet import (
    FOOT_RULE_ABOVE_EDGE,
    HEAD_RULE,
    HEAD_TOP,
    SIZE_LEAD,
    SIZE_META,
    SIZE_NAME,
    Sheet,
)
from natwizard.report.pdf.text import LaidText, Style, elided, text_width

MARK = 18.5
RULE = 0.5

TITLE = Style(SIZE_LEAD, LIGHT.text, BOLD)
CODE = Style(SIZE_NAME, LIGHT.text, SEMIBOLD)
FOOT = Style(SIZE_META, LIGHT.text_2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTexts:
    """What stands on every page of a document; `title` also in the file's properties."""

    title: str
    right: str
    foot: str


def paint_frame(painter: QPainter, sheet: Sheet, texts: FrameTexts, page: int, pages: int) -> None:
    """Draw head and foot of one page; `page` counts from 1."""
    _paint_head(painter, sheet, texts)
    _paint_foot(painter, sheet, texts.foot, page, pages)


def _paint_head(painter: QPainter, sheet: Sheet, texts: FrameTexts) -> None:
    box = QRectF(sheet.left, HEAD_TOP, MARK, MARK)
    paint_mark(painter, box, LIGHT.accent, LIGHT.on_accent)
    code = texts.right
    width = min(text_width(code, CODE), sheet.content_width / 2)
    middle = box.center().y()
    _paint_middle(painter, elided(code, CODE, width + 1), CODE, sheet.right - width, middle)
    _paint_middle(painter, texts.title, TITLE, box.right() + 8, middle)
    _paint_rule(painter, sheet, HEAD_RULE)


def _paint_foot(painter: QPainter, sheet: Sheet, foot: str, page: int, pages: int) -> None:
    top = sheet.height - FOOT_RULE_ABOVE_EDGE
    _paint_rule(painter, sheet, top)
    number = _("Page {page} of {pages}").format(page=page, pages=pages)
    width = text_width(number, FOOT)
    middle = top + 12
    room = sheet.content_width - width - 16
    _paint_middle(painter, elided(foot, FOOT, room), FOOT, sheet.left, middle)
    _paint_middle(painter, number, FOOT, sheet.right - width, middle)


def _paint_middle(painter: QPainter, text: str, style: Style, left: float, middle: float) -> None:
    laid = LaidText(text, style, 10_000)
    laid.paint(painter, left, middle - laid.height / 2)


def _paint_rule(painter: QPainter, sheet: Sheet, y: float) -> None:
    painter.setPen(QPen(QColor(LIGHT.line), RULE))
    painter.drawLine(QPointF(sheet.left, y), QPointF(sheet.right, y))
