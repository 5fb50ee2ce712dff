"""The window's first lines: how large it is, where its rail ends, the mark and the name on top.

Light on purpose: the window paints these before the rest of the program is loaded, and its rail
paints them again in the same place.
"""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from natwizard.drawing.ground import Ground
from natwizard.drawing.mark import paint_mark

NAME = "natwizard"
SIZE = (960, 680)
SMALLEST = (800, 480)
NARROW_BELOW = 860
RAIL_WIDTH = 216
NARROW_RAIL_WIDTH = 56
INSET = 20
HEIGHT = 64
NAME_PX = 16
_SIDE = 28
_GAP = 10


def paint_brand(
    painter: QPainter, ground: Ground, font: QFont, factor: float, *, narrow: bool
) -> None:
    """Mark and name in the upper left corner; only the mark, in the middle, where it is narrow.

    `font` is the one of the name, in its size; the sizes of the look are multiplied by `factor`.
    """
    side = round(_SIDE * factor)
    left = (round(NARROW_RAIL_WIDTH * factor) - side) / 2 if narrow else round(INSET * factor)
    mark = QRectF(left, round(INSET * factor), side, side)
    paint_mark(painter, mark, ground.accent, ground.on_accent)
    if narrow:
        return
    place = QRectF(mark.right() + round(_GAP * factor), mark.top(), 10 * side, side)
    painter.setFont(font)
    painter.setPen(QColor(ground.text))
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, NAME)
