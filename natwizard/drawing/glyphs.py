"""The status glyphs: solid shapes on a 24 grid with cut-outs, told apart by their outline."""

import math
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen

from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import Theme
from natwizard.model.finding import Status

GRID = 24.0
# At 12 px still wider than a pixel: the shape is told apart in a bad picture, too
CUT = 2.4
RING = 2.0
ARC_DEGREES = 140
DOTS = 12
CENTRE = QPointF(12, 12)


def paint_status(
    painter: QPainter,
    box: QRectF,
    sign: Sign,
    theme: Theme,
    *,
    colour: str = "",
    turn: float = 0.0,
) -> None:
    """Draw a sign as large as the box allows.

    `colour` replaces the theme's (white on a banner); `turn` is how far the running arc has
    come round, 0 to 1.
    """
    side = min(box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center() - QPointF(side / 2, side / 2))
    painter.scale(side / GRID, side / GRID)
    if sign is Activity.RUNNING:
        _paint_arc(painter, theme, colour or theme.accent, turn)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour or theme.sign(sign)))
        painter.drawPath(glyph_path(sign))
    painter.restore()


def _paint_arc(painter: QPainter, theme: Theme, colour: str, turn: float) -> None:
    ring = QRectF(3, 3, 18, 18)
    pen = QPen(QColor(theme.track), RING)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawEllipse(ring)
    pen.setColor(QColor(colour))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setWidthF(RING + 0.4)
    painter.setPen(pen)
    start = 90 - 360 * turn
    # Qt counts sixteenths of a degree
    painter.drawArc(ring, round(start * 16), -ARC_DEGREES * 16)


@cache
def glyph_path(sign: Sign) -> QPainterPath:
    """The filled outline of a sign on the 24 grid; RUNNING moves and has none."""
    match sign:
        case Status.PASS:
            return _disc(10).subtracted(_stroke(_line((7.3, 12.3), (10.6, 15.6), (16.7, 8.9))))
        case Status.BORDERLINE:
            return _half_ring()
        case Status.WARN:
            return _rounded((12, 3.6), (21.4, 20), (2.6, 20)).subtracted(_exclamation())
        case Status.FAIL:
            cross = _line((8.7, 8.7), (15.3, 15.3))
            cross.addPath(_line((15.3, 8.7), (8.7, 15.3)))
            return _octagon().subtracted(_stroke(cross))
        case Status.UNKNOWN:
            diamond = _rounded((12, 1.9), (22.1, 12), (12, 22.1), (1.9, 12))
            return diamond.subtracted(_question_mark())
        case Status.MANUAL:
            return _bubble()
        case Status.NOT_SET_UP:
            plus = _line((12, 7.6), (12, 16.4))
            plus.addPath(_line((7.6, 12), (16.4, 12)))
            return _square_frame().united(_stroke(plus, RING))
        case Status.NOT_APPLICABLE:
            return _ring(9.9).united(_stroke(_line((8, 12), (16, 12)), RING))
        case _:
            return _dotted_ring()


def _line(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    return path


def _stroke(path: QPainterPath, width: float = CUT) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return stroker.createStroke(path).simplified()


def _disc(radius: float, centre: QPointF = CENTRE) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(centre, radius, radius)
    return path


def _ring(radius: float) -> QPainterPath:
    return _disc(radius).subtracted(_disc(radius - RING))


def _square_frame() -> QPainterPath:
    """An empty place: its outline tells it from the ring of what does not apply."""
    outer, inner = QPainterPath(), QPainterPath()
    outer.addRoundedRect(QRectF(2, 2, 20, 20), 2.5, 2.5)
    inner.addRect(QRectF(2 + RING, 2 + RING, 20 - 2 * RING, 20 - 2 * RING))
    return outer.subtracted(inner)


def _rounded(*corners: tuple[float, float]) -> QPainterPath:
    """A polygon whose corners are rounded by 1.2 units."""
    path = _line(*corners)
    path.closeSubpath()
    return path.united(_stroke(path, 2.4))


def _half_ring() -> QPainterPath:
    left = QPainterPath()
    left.addRect(QRectF(0, 0, 12, 24))
    return _ring(10).united(_disc(9).intersected(left))


def _octagon() -> QPainterPath:
    radius = 9.9 / math.cos(math.pi / 8)
    corners = [
        (
            12 + radius * math.cos(math.pi / 8 + turn * math.pi / 4),
            12 + radius * math.sin(math.pi / 8 + turn * math.pi / 4),
        )
        for turn in range(8)
    ]
    path = _line(*corners)
    path.closeSubpath()
    return path


def _exclamation() -> QPainterPath:
    return _stroke(_line((12, 9.2), (12, 13.4)), 2.3).united(_disc(1.35, QPointF(12, 17.2)))


def _question_mark() -> QPainterPath:
    hook = QPainterPath()
    bow = QRectF(9.2, 6.3, 5.6, 5.6)
    hook.arcMoveTo(bow, 175)
    hook.arcTo(bow, 175, -220)
    hook.quadTo(QPointF(12.0, 12.0), QPointF(12.0, 13.5))
    return _stroke(hook, 2.1).united(_disc(1.3, QPointF(12, 17.1)))


def _bubble() -> QPainterPath:
    body = QPainterPath()
    body.addRoundedRect(QRectF(2, 3, 20, 14.5), 3.5, 3.5)
    tail = _line((6.5, 16.5), (6.5, 22), (12.5, 16.5))
    tail.closeSubpath()
    lines = _stroke(_line((6.8, 8.2), (17.2, 8.2)), 2.0)
    lines = lines.united(_stroke(_line((6.8, 12.4), (13.6, 12.4)), 2.0))
    return body.united(tail).subtracted(lines)


def _dotted_ring() -> QPainterPath:
    path = QPainterPath()
    for number in range(DOTS):
        angle = 2 * math.pi * number / DOTS
        path.addEllipse(QPointF(12 + 9 * math.cos(angle), 12 + 9 * math.sin(angle)), 1.0, 1.0)
    return path
