"""Drawn evidence: the chart of the test call and the strip of stages."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from natwizard.drawing.chart import paint_chart
from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.tokens import LIGHT
from natwizard.model.finding import Chart, ConnectionStage, Finding, Status, titled
from natwizard.report.pdf.flow import Block
from natwizard.report.pdf.text import SEMIBOLD, SIZE_BODY, SIZE_NAME, LaidText, TextStyle, font
from natwizard.report.plain import plain, shortened

CHART_HEIGHT = 138.0
# Charts are drawn in the window's pixels, 96 to the inch, so lines and crosses keep their weight.
PX = 0.75
META_PX = 11
STAGE_GLYPH = 13.0
STAGE_TEXT_LEFT = 20.0
STAGE_GAP = 8.0
STAGES_A_ROW = 4
LONGEST_STAGE = 80

NAME = TextStyle(SIZE_NAME, LIGHT.text, SEMIBOLD)


def chart_piece(chart: Chart, width: float) -> Block:
    """The chart as vectors, without its own heading."""

    def paint(painter: QPainter, left: float, top: float) -> None:
        painter.translate(left, top)
        painter.scale(PX, PX)
        box = QRectF(0, 0, width / PX, CHART_HEIGHT / PX)
        paint_chart(painter, box, chart, LIGHT, font(SIZE_BODY), meta_px=META_PX, heading=False)

    return Block(height=CHART_HEIGHT, paint=paint, gap=8)


def finding_title(finding: Finding, width: float, *, gap: float) -> Block:
    """A finding's glyph, its check, and its sentence."""
    text = plain(titled(finding))
    laid = LaidText(text, NAME, width - STAGE_TEXT_LEFT)

    def paint(painter: QPainter, left: float, top: float) -> None:
        middle = top + laid.line_height / 2
        box = QRectF(left, middle - STAGE_GLYPH / 2, STAGE_GLYPH, STAGE_GLYPH)
        paint_status(painter, box, finding.status, LIGHT)
        laid.paint(painter, left + STAGE_TEXT_LEFT, top)

    return Block(height=laid.height, paint=paint, gap=gap)


def stage_strip(stages: Sequence[ConnectionStage], width: float) -> list[Block]:
    """How far a connection came, four stages a row."""
    return [
        _stage_row(stages[start : start + STAGES_A_ROW], width)
        for start in range(0, len(stages), STAGES_A_ROW)
    ]


def _stage_row(stages: Sequence[ConnectionStage], width: float) -> Block:
    column = width / STAGES_A_ROW
    room = column - STAGE_TEXT_LEFT - STAGE_GAP
    cells = []
    for stage in stages:
        loud = stage.status in {Status.FAIL, Status.WARN, Status.BORDERLINE}
        colour = LIGHT.status(stage.status).foreground if loud else LIGHT.text_2
        name = LaidText(shortened(plain(stage.name), LONGEST_STAGE), NAME, room)
        text = shortened(plain(stage.text), LONGEST_STAGE)
        cells.append((stage, name, LaidText(text, TextStyle(SIZE_BODY, colour), room)))
    height = max(name.height + text.height for _stage, name, text in cells)

    def paint(painter: QPainter, left: float, top: float) -> None:
        for number, (stage, name, text) in enumerate(cells):
            start = left + number * column
            middle = top + name.line_height / 2
            box = QRectF(start, middle - STAGE_GLYPH / 2, STAGE_GLYPH, STAGE_GLYPH)
            paint_status(painter, box, stage.status, LIGHT)
            name.paint(painter, start + STAGE_TEXT_LEFT, top)
            text.paint(painter, start + STAGE_TEXT_LEFT, top + name.height)

    return Block(height=height, paint=paint, gap=5)
