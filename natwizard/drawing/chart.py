"""A measurement over time: median line, band from fastest to slowest, losses, and the limit."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from natwizard.drawing.chart_scale import (
    ChartScale,
    limit_label,
    time_label,
    top_of,
    value_label,
)
from natwizard.drawing.tokens import Theme, mix
from natwizard.model.finding import Chart, ChartKind
from natwizard.model.language import _

MEDIAN_WIDTH = 1.8
BAND_SHARE = 0.25
LOSS_LANE = 16.0
CROSS = 3.6
DASHES = [6.0, 4.0]
KEY = 22.0
KEY_GAP = 24.0
# Of the ground under a name that stands over a curve, which still shows through
LABEL_GROUND = 0.85


def paint_chart(
    painter: QPainter,
    box: QRectF,
    chart: Chart,
    theme: Theme,
    font: QFont,
    *,
    meta_px: int = 12,
    body_px: int = 14,
    now_s: float | None = None,
    heading: bool = True,
) -> None:
    """Draw a chart over the whole box, without a frame.

    `font` gives the face; `now_s` puts a hairline and a dot where a running measurement stands;
    `heading` draws title and legend above the plot. Works in any units: on paper they are points.
    """
    small = _font(font, meta_px, QFont.Weight.Normal)
    bold = _font(font, meta_px, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(small)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    top = box.top()
    if heading:
        title = _font(font, body_px, QFont.Weight.DemiBold)
        height = QFontMetricsF(title).height() + 4
        line = QRectF(box.left(), top, box.width(), height)
        _paint_title(painter, line, chart, theme, title)
        taken = QFontMetricsF(title).horizontalAdvance(chart.title) + KEY_GAP
        if taken + _keys_width(chart, metrics) > box.width():  # a line of its own
            line.translate(0, height)
            top += height
        _paint_keys(painter, line, chart, theme, small)
        top += height + 8
    highest = value_label(round(top_of(chart)), chart)
    left = box.left() + metrics.horizontalAdvance(highest) + 10
    foot = metrics.height() + 8
    end_label = metrics.horizontalAdvance(time_label(chart.length_s, chart.length_s)) / 2
    scale = ChartScale(
        left=left, right=box.right() - end_label, top=top, bottom=box.bottom() - foot,
        length_s=max(chart.length_s, 1.0), top_ms=top_of(chart), unit=chart.unit, base=chart.base,
    )  # fmt: skip
    _paint_axes(painter, scale, chart, theme, small)
    _paint_band(painter, scale, chart, theme)
    _paint_limit(painter, scale, chart, theme)
    _paint_median(painter, scale, chart, theme)
    _paint_losses(painter, scale, chart, theme)
    _paint_limit_label(painter, scale, chart, theme, bold)
    if now_s is not None:
        _paint_now(painter, scale, chart, theme, now_s)
    painter.restore()


def _font(font: QFont, size_px: int, weight: QFont.Weight) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(size_px)
    sized.setWeight(weight)
    return sized


CENTRE_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
NAME_GAP = 6


def _paint_title(painter: QPainter, box: QRectF, chart: Chart, theme: Theme, title: QFont) -> None:
    painter.setFont(title)
    painter.setPen(QColor(theme.text))
    painter.drawText(box, CENTRE_LEFT, chart.title)


def _key_names(chart: Chart) -> tuple[str, ...]:
    """From the right; a voice has one value at a time, and its title says which."""
    names = (_("limit"), _("lost"), _("spread (jitter)"), _("median"))
    return names if chart.kind is ChartKind.LINE else names[:1]


def _keys_width(chart: Chart, metrics: QFontMetricsF) -> float:
    names = _key_names(chart)
    words = sum(metrics.horizontalAdvance(name) for name in names)
    return words + len(names) * (NAME_GAP + KEY + KEY_GAP)


def _paint_keys(painter: QPainter, box: QRectF, chart: Chart, theme: Theme, small: QFont) -> None:
    painter.setFont(small)
    metrics = QFontMetricsF(small)
    x, middle = box.right(), box.center().y()
    for index, name in enumerate(_key_names(chart)):
        width = metrics.horizontalAdvance(name)
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QRectF(x - width, box.top(), width + 1, box.height()), CENTRE_LEFT, name)
        x -= width + NAME_GAP
        _paint_key(painter, QRectF(x - KEY, middle - 5, KEY, 10), index, theme)
        x -= KEY + KEY_GAP


def _paint_key(painter: QPainter, box: QRectF, index: int, theme: Theme) -> None:
    middle = box.center()
    left, right = QPointF(box.left() + 2, middle.y()), QPointF(box.right() - 2, middle.y())
    match index:
        case 0:
            painter.setPen(_dashed(theme))
            painter.drawLine(left, right)
        case 1:
            painter.setPen(QPen(QColor(theme.fail.foreground), MEDIAN_WIDTH))
            _cross(painter, middle + QPointF(4, 0))
        case 2:
            painter.fillRect(box.adjusted(2, 0, -2, 0), QColor(_band(theme)))
        case _:
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawLine(left, right)


def _paint_axes(
    painter: QPainter, scale: ChartScale, chart: Chart, theme: Theme, small: QFont
) -> None:
    metrics = QFontMetricsF(small)
    painter.setFont(small)
    for value, label in scale.value_ticks():
        # a line of one pixel is sharp where it runs through the middle of pixels
        y = round(scale.y(value)) + 0.5
        if value != chart.limit_ms:
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(scale.left, y), QPointF(scale.right, y))
        width = metrics.horizontalAdvance(label)
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QPointF(scale.left - 8 - width, y + metrics.capHeight() / 2), label)
    for time_s, label in scale.time_ticks():
        x = scale.x(time_s) - metrics.horizontalAdvance(label) / 2
        painter.drawText(QPointF(x, scale.bottom + metrics.ascent() + 6), label)


def _band(theme: Theme) -> str:
    return mix(theme.accent, theme.surface, BAND_SHARE)


def _paint_band(painter: QPainter, scale: ChartScale, chart: Chart, theme: Theme) -> None:
    columns = scale.columns(chart)
    if not columns:
        return
    path = QPainterPath(QPointF(scale.x(columns[0].start_s), scale.y(columns[0].low)))
    for column in columns:
        path.lineTo(scale.x(column.start_s), scale.y(column.high))
    for column in reversed(columns):
        path.lineTo(scale.x(column.start_s), scale.y(column.low))
    path.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(_band(theme)))
    painter.drawPath(path)


def _paint_median(painter: QPainter, scale: ChartScale, chart: Chart, theme: Theme) -> None:
    columns = scale.columns(chart)
    if not columns:
        return
    path = QPainterPath(QPointF(scale.x(columns[0].start_s), scale.y(columns[0].median)))
    for column in columns[1:]:
        path.lineTo(scale.x(column.start_s), scale.y(column.median))
    pen = QPen(QColor(theme.accent), MEDIAN_WIDTH)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _dashed(theme: Theme) -> QPen:
    pen = QPen(QColor(theme.text), 1.4)
    pen.setDashPattern([value / 1.4 for value in DASHES])
    return pen


def _paint_limit(painter: QPainter, scale: ChartScale, chart: Chart, theme: Theme) -> None:
    if chart.limit_ms <= 0:
        return
    y = scale.y(chart.limit_ms)
    painter.setPen(_dashed(theme))
    painter.drawLine(QPointF(scale.left, y), QPointF(scale.right, y))


def _paint_limit_label(
    painter: QPainter, scale: ChartScale, chart: Chart, theme: Theme, bold: QFont
) -> None:
    """On a ground of its own, above all that is measured: a line through letters hides both."""
    if chart.limit_ms <= 0:
        return
    y, metrics, text = scale.y(chart.limit_ms), QFontMetricsF(bold), limit_label(chart)
    place = QPointF(scale.left + 6, y - 7)
    ground = QColor(theme.surface)
    ground.setAlphaF(LABEL_GROUND)
    width = metrics.horizontalAdvance(text)
    painter.fillRect(
        QRectF(place.x() - 3, place.y() - metrics.ascent(), width + 6, metrics.height()), ground
    )
    painter.setFont(bold)
    painter.setPen(QColor(theme.text))
    painter.drawText(place, text)


def _paint_losses(painter: QPainter, scale: ChartScale, chart: Chart, theme: Theme) -> None:
    """Crosses in a lane above the axis; crosses closer than their width are drawn once."""
    painter.setPen(QPen(QColor(theme.fail.foreground), MEDIAN_WIDTH))
    drawn = -1e9
    for column in chart.columns:
        x = scale.x(column.start_s)
        if column.lost and x - drawn >= 2:
            drawn = x
            _cross(painter, QPointF(x, scale.bottom - LOSS_LANE / 2))


def _cross(painter: QPainter, at: QPointF) -> None:
    for slope in (1, -1):
        painter.drawLine(at + QPointF(-CROSS, -CROSS * slope), at + QPointF(CROSS, CROSS * slope))


def _paint_now(
    painter: QPainter, scale: ChartScale, chart: Chart, theme: Theme, now_s: float
) -> None:
    x = scale.x(now_s)
    painter.setPen(QPen(QColor(theme.text_3), 1))
    painter.drawLine(QPointF(x, scale.top), QPointF(x, scale.bottom))
    if chart.columns:
        painter.setPen(QPen(QColor(theme.surface), 1.5))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(x, scale.y(chart.columns[-1].median)), 4.6, 4.6)
