"""Line icons on a 20 grid: 1.7 wide, round caps and joins, in the colour of the text."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

GRID = 20.0
WIDTH = 1.7


class Icon(StrEnum):
    """Everything that is drawn as lines."""

    CHEVRON_RIGHT = "chevron_right"
    CHEVRON_DOWN = "chevron_down"
    CHEVRON_UP = "chevron_up"
    COPY = "copy"
    RERUN = "rerun"
    SAVE = "save"
    PERSON = "person"
    BROWSER = "browser"
    DESK_PHONE = "desk_phone"
    MOBILE = "mobile"
    CLOCK = "clock"
    SHIELD = "shield"
    MORE = "more"
    TICK = "tick"
    STOP = "stop"
    FILE = "file"
    EYE = "eye"
    EYE_SHUT = "eye_shut"
    STORAGE = "storage"
    CHART = "chart"
    EXCHANGE = "exchange"
    LINE = "line"


def paint_icon(painter: QPainter, box: QRectF, icon: Icon, colour: str) -> None:
    """Draw an icon as large as the box allows."""
    side = min(box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center() - QPointF(side / 2, side / 2))
    painter.scale(side / GRID, side / GRID)
    pen = QPen(QColor(colour), WIDTH)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(icon_path(icon))
    painter.restore()


@cache
def icon_path(icon: Icon) -> QPainterPath:
    """The centre lines of an icon on the 20 grid."""
    return SHAPES[icon]()


def _lines(*strokes: list[tuple[float, float]]) -> QPainterPath:
    path = QPainterPath()
    for points in strokes:
        path.moveTo(QPointF(*points[0]))
        for point in points[1:]:
            path.lineTo(QPointF(*point))
    return path


def _dots(*places: tuple[float, float]) -> QPainterPath:
    """Round caps turn a line without length into a dot."""
    # QPainterPath leaves out a line to where it already is
    return _lines(*([(x, y), (x + 0.01, y)] for x, y in places))


def _box(x: float, y: float, width: float, height: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(x, y, width, height), radius, radius)
    return path


def _joined(*paths: QPainterPath) -> QPainterPath:
    whole = QPainterPath()
    for path in paths:
        whole.addPath(path)
    return whole


def _circle(x: float, y: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(x, y), radius, radius)
    return path


def _copy() -> QPainterPath:
    behind = _lines([(4.2, 13), (3, 13), (3, 3), (13, 3), (13, 4.2)])
    return _joined(_box(7, 7, 10, 10, 1.8), behind)


def _save() -> QPainterPath:
    arrow = _lines([(10, 2.8), (10, 12.2)], [(6.2, 8.6), (10, 12.4), (13.8, 8.6)])
    return _joined(arrow, _lines([(3, 13.2), (3, 17), (17, 17), (17, 13.2)]))


def _person() -> QPainterPath:
    shoulders = QPainterPath(QPointF(3.6, 17.2))
    shoulders.cubicTo(QPointF(3.6, 10.6), QPointF(16.4, 10.6), QPointF(16.4, 17.2))
    return _joined(_circle(10, 6.4, 3.4), shoulders)


def _file() -> QPainterPath:
    sheet = [(11.5, 2.5), (4.5, 2.5), (4.5, 17.5), (15.8, 17.5), (15.8, 7.0), (11.5, 2.5)]
    return _lines(sheet, [(11.5, 2.5), (11.5, 7), (15.8, 7)])


def _browser() -> QPainterPath:
    bar = _joined(_lines([(2, 7.4), (18, 7.4)]), _dots((4.8, 5.3), (7.4, 5.3)))
    return _joined(_box(2, 3, 16, 14, 2.4), bar)


def _more() -> QPainterPath:
    """Dots half again as wide as the line: at 16 px a dot of one line's width is lost."""
    return _joined(*(_circle(x, 10, 0.7) for x in (4.2, 10, 15.8)))


def _rerun() -> QPainterPath:
    """Three quarters of a turn, clockwise, with its head at the upper right."""
    path = QPainterPath()
    ring = QRectF(3.4, 3.6, 13.2, 13.2)
    path.arcMoveTo(ring, 40)
    path.arcTo(ring, 40, 305)
    path.addPath(_lines([(15.3, 1.9), (15.3, 6.2), (11, 6.2)]))
    return path


def _shield() -> QPainterPath:
    path = QPainterPath(QPointF(10, 2.2))
    path.cubicTo(QPointF(12, 3.7), QPointF(14.4, 4.4), QPointF(16.4, 4.5))
    path.cubicTo(QPointF(16.8, 10.6), QPointF(15, 15.2), QPointF(10, 17.8))
    path.cubicTo(QPointF(5, 15.2), QPointF(3.2, 10.6), QPointF(3.6, 4.5))
    path.cubicTo(QPointF(5.6, 4.4), QPointF(8, 3.7), QPointF(10, 2.2))
    return path


def _desk_phone() -> QPainterPath:
    path = _box(1.6, 2.6, 5.2, 14.8, 1.8)
    path.addPath(_box(9, 4.4, 9.4, 13, 1.8))
    path.addPath(_lines([(11.4, 7.6), (16, 7.6)]))
    path.addPath(
        _dots((11.5, 11), (13.7, 11), (15.9, 11), (11.5, 14.2), (13.7, 14.2), (15.9, 14.2))
    )
    return path


def _eye() -> QPainterPath:
    lids = QPainterPath(QPointF(2, 10))
    lids.cubicTo(QPointF(5.5, 3.4), QPointF(14.5, 3.4), QPointF(18, 10))
    lids.cubicTo(QPointF(14.5, 16.6), QPointF(5.5, 16.6), QPointF(2, 10))
    return _joined(lids, _circle(10, 10, 2.7))


def _storage() -> QPainterPath:
    """A drum: lid, wall, and a line around its middle."""
    path = QPainterPath()
    path.addEllipse(QRectF(3.4, 2.4, 13.2, 4.8))
    for y in (10.0, 15.2):
        path.arcMoveTo(QRectF(3.4, y - 2.4, 13.2, 4.8), 180)
        path.arcTo(QRectF(3.4, y - 2.4, 13.2, 4.8), 180, 180)
    path.addPath(_lines([(3.4, 4.8), (3.4, 15.2)], [(16.6, 4.8), (16.6, 15.2)]))
    return path


SHAPES: Mapping[Icon, Callable[[], QPainterPath]] = {
    Icon.CHEVRON_RIGHT: lambda: _lines([(8, 5.5), (12.5, 10), (8, 14.5)]),
    Icon.CHEVRON_DOWN: lambda: _lines([(5.5, 8), (10, 12.5), (14.5, 8)]),
    Icon.CHEVRON_UP: lambda: _lines([(5.5, 12), (10, 7.5), (14.5, 12)]),
    Icon.COPY: _copy,
    Icon.RERUN: _rerun,
    Icon.SAVE: _save,
    Icon.PERSON: _person,
    Icon.BROWSER: _browser,
    Icon.DESK_PHONE: _desk_phone,
    Icon.MOBILE: lambda: _joined(_box(5.4, 1.8, 9.2, 16.4, 2), _dots((10, 15))),
    Icon.CLOCK: lambda: _joined(_circle(10, 10, 7.6), _lines([(10, 5.4), (10, 10), (13.2, 11.9)])),
    Icon.SHIELD: _shield,
    Icon.MORE: _more,
    Icon.TICK: lambda: _lines([(4.5, 10.5), (8.4, 14.2), (15.5, 6)]),
    Icon.STOP: lambda: _box(5, 5, 10, 10, 1.5),
    Icon.FILE: _file,
    Icon.EYE: _eye,
    Icon.EYE_SHUT: lambda: _joined(_eye(), _lines([(3.4, 16.6), (16.6, 3.4)])),
    Icon.STORAGE: _storage,
    Icon.CHART: lambda: _lines(
        [(3, 17), (17.5, 17)],
        [(6, 13.4), (6, 9.5)],
        [(10.5, 13.4), (10.5, 3.5)],
        [(15, 13.4), (15, 7)],
    ),
    Icon.EXCHANGE: lambda: _lines(
        [(3, 6.6), (17, 6.6)],
        [(13.4, 3), (17, 6.6), (13.4, 10.2)],
        [(17, 13.4), (3, 13.4)],
        [(6.6, 9.8), (3, 13.4), (6.6, 17)],
    ),
    Icon.LINE: lambda: _lines([(2.5, 14), (6.5, 14), (8.5, 6), (11.5, 16), (13.5, 10), (17.5, 10)]),
}
