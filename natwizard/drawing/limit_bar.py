"""One value against its limit: a track, a tick for the limit, a dot, a span for the interval."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from natwizard.drawing.tokens import Theme, mix
from natwizard.model.finding import Gauge, Status

TRACK = 6.0
TICK = 2.0
DOT = 11.0
HEIGHT = 16.0
# The limit stands at two thirds at most: what lies beyond it has a place
SHORTEST_SCALE = 1.5
# The limit stands in the middle at least: a value far beyond leaves the bar readable
LONGEST_SCALE = 2.0
# So that the dot of a value does not stand at the very end
HEADROOM = 1.15
SPAN_SHARE = 0.42


def scale_end(gauge: Gauge) -> float:
    """The value at the end of the track: 1.5 to 2 times the limit; beyond it the number tells."""
    if gauge.limit <= 0:
        return max(gauge.value, 1.0) * HEADROOM
    high = max(gauge.value, gauge.interval.high if gauge.interval else gauge.value)
    shortest, longest = gauge.limit * SHORTEST_SCALE, gauge.limit * LONGEST_SCALE
    return min(longest, max(shortest, high * HEADROOM))


def paint_limit_bar(
    painter: QPainter, box: QRectF, gauge: Gauge, status: Status, theme: Theme
) -> None:
    """Draw the bar over the width of the box, in the middle of its height (16 is enough)."""
    end = scale_end(gauge)
    colour = theme.status(status).foreground
    middle = box.center().y()

    def place(value: float) -> float:
        return box.left() + box.width() * min(1.0, max(0.0, value / end))

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.track))
    track = QRectF(box.left(), middle - TRACK / 2, box.width(), TRACK)
    painter.drawRoundedRect(track, TRACK / 2, TRACK / 2)
    if gauge.interval is not None:
        low, high = place(gauge.interval.low), place(gauge.interval.high)
        painter.setBrush(QColor(mix(colour, theme.surface, SPAN_SHARE)))
        painter.drawRoundedRect(QRectF(low, middle - TRACK / 2, max(high - low, 1), TRACK), 2, 2)
    limit = place(gauge.limit)
    painter.setBrush(QColor(theme.text))
    painter.drawRect(QRectF(limit - TICK / 2, middle - HEIGHT / 2, TICK, HEIGHT))
    radius = DOT / 2
    dot = min(max(place(gauge.value), box.left() + radius), box.right() - radius)
    painter.setPen(QPen(QColor(theme.surface), 1.5))
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QPointF(dot, middle), radius, radius)
    painter.restore()
