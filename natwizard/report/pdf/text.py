"""Text broken into lines that can be drawn one by one."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption

from natwizard.report.pdf.fonts import REGULAR, font

LINE_PITCH = 1.22


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks: size in points, weight, colour as "#RRGGBB"."""

    size: int
    colour: str
    weight: QFont.Weight = REGULAR

    @property
    def font(self) -> QFont:
        """The face in this size and weight."""
        return font(self.size, self.weight)


class LaidText:
    """A text at a given width.

    Attributes:
        line_height: from one line to the next, in points.
        count: number of lines, at least one.
    """

    def __init__(self, text: str, style: Style, width: float) -> None:
        self._style = style
        self._layout = QTextLayout(text or " ", style.font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setUseDesignMetrics(True)
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self.line_height = style.size * LINE_PITCH
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(width, 1.0))
            self.line_height = max(self.line_height, line.height())
        self._layout.endLayout()
        self.count = self._layout.lineCount()

    @property
    def height(self) -> float:
        """Of all lines."""
        return self.count * self.line_height

    @property
    def width(self) -> float:
        """Of the longest line as it is."""
        lines = (self._layout.lineAt(number) for number in range(self.count))
        return max(line.naturalTextWidth() for line in lines)

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """Draw every line."""
        for number in range(self.count):
            self.paint_line(painter, number, left, top + number * self.line_height)

    def paint_line(self, painter: QPainter, number: int, left: float, top: float) -> None:
        """Draw one line with its upper edge at `top`."""
        painter.setPen(QColor(self._style.colour))
        line = self._layout.lineAt(number)
        spare = (self.line_height - line.height()) / 2
        line.draw(painter, QPointF(left, top + spare))


def text_width(text: str, style: Style) -> float:
    """Width of a text on one line."""
    return QFontMetricsF(style.font).horizontalAdvance(text)


def elided(text: str, style: Style, width: float) -> str:
    """The text, or as much of it as fits on one line, with an ellipsis."""
    if text_width(text, style) <= width:
        return text
    shorter = len(text)
    while shorter > 1 and text_width(text[:shorter].rstrip() + "…", style) > width:
        shorter = shorter * 9 // 10
    return text[:shorter].rstrip() + "…"
