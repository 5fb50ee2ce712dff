"""A measurement over time: median line, band from fastest to slowest, losses, and the limit."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from natwizard.drawing.tokens import Theme, mix
from natwizard.model.finding import Chart, ChartColumn
from natwizard.model.language import _
from natwizard.model.writing import number, short_number

MEDIAN_WIDTH = 1.8
BAND_SHARE = 0.25
COLUMN_PX = 2.0
HEADROOM = 1.25
TALLEST_SCALE = 3.0
LOSS_LANE = 16.0
CROSS = 3.6
DASHES = [6.0, 4.0]
MINUTE_S, HOUR_S = 60, 3600
IN_MINUTES_FROM_S, IN_HOURS_FROM_S = 150, 3 * HOUR_S
X_STEPS_S = (1, 2, 5, 10, 20, 30, MINUTE_S, 2 * MINUTE_S, 5 * MINUTE_S, 10 * MINUTE_S,
             20 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 2 * HOUR_S, 4 * HOUR_S, 6 * HOUR_S)  # fmt: skip
Y_STEPS_MS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)
KEY = 22.0
KEY_GAP = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """Where values lie in the plot."""

    plot: QRectF
    length_s: float
    top_ms: float

    def x(self, time_s: float) -> float:
        share = min(1.0, max(0.0, time_s / self.length_s))
        return self.plot.left() + self.plot.width() * share

    def y(self, value_ms: float) -> float:
        share = min(1.0, max(0.0, value_ms / self.top_ms))
        return self.plot.bottom() - self.plot.height() * share


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
        _paint_heading(painter, QRectF(box.left(), top, box.width(), height), chart, theme,
                       title, small)  # fmt: skip
        top += height + 8
    highest = _("{value} ms").format(value=number(_top_ms(chart)))
    left = box.left() + metrics.horizontalAdvance(highest) + 10
    foot = metrics.height() + 8
    end_label = metrics.horizontalAdvance(_time_label(chart.length_s, chart.length_s)) / 2
    plot = QRectF(QPointF(left, top), QPointF(box.right() - end_label, box.bottom() - foot))
    scale = _Scale(plot=plot, length_s=max(chart.length_s, 1.0), top_ms=_top_ms(chart))
    _paint_axes(painter, scale, chart, theme, small)
    _paint_band(painter, scale, chart, theme)
    _paint_limit(painter, scale, chart, theme, bold)
    _paint_median(painter, scale, chart, theme)
    _paint_losses(painter, scale, chart, theme)
    if now_s is not None:
        _paint_now(painter, scale, chart, theme, now_s)
    painter.restore()


def chart_sentence(chart: Chart) -> str:
    """The chart in one sentence, for people who do not see it."""
    if not chart.columns:
        return _("{title}: no answer yet.").format(title=chart.title)
    return _("{title}: between {low} and {high} ms over {time}, {lost} lost.").format(
        title=chart.title,
        low=number(min(column.low for column in chart.columns)),
        high=number(max(column.high for column in chart.columns)),
        time=_whole_time(max(column.start_s for column in chart.columns)),
        lost=number(sum(column.lost for column in chart.columns)),
    )


def _whole_time(time_s: float) -> str:
    if time_s >= IN_MINUTES_FROM_S:
        return _("{value} min").format(value=number(time_s / MINUTE_S))
    return _("{value} s").format(value=number(time_s))


def merged_columns(columns: tuple[ChartColumn, ...], width_s: float) -> list[ChartColumn]:
    """Columns no narrower than `width_s`, so that each gets its two pixels."""
    merged: list[ChartColumn] = []
    for column in columns:
        if merged and int(column.start_s / width_s) == int(merged[-1].start_s / width_s):
            last = merged[-1]
            merged[-1] = ChartColumn(
                start_s=last.start_s,
                low=min(last.low, column.low),
                median=(last.median + column.median) / 2,
                high=max(last.high, column.high),
                lost=last.lost + column.lost,
            )
        else:
            merged.append(column)
    return merged


def _font(font: QFont, size_px: int, weight: QFont.Weight) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(size_px)
    sized.setWeight(weight)
    return sized


def _top_ms(chart: Chart) -> float:
    """The limit stays in sight; single peaks may be cut off, the median never is."""
    floor = chart.limit_ms * HEADROOM if chart.limit_ms > 0 else 1.0
    if not chart.columns:
        return floor
    peak = max(column.high for column in chart.columns)
    median = max(column.median for column in chart.columns)
    return max(floor, min(peak * 1.05, floor * TALLEST_SCALE), median * 1.1)


def _paint_heading(
    painter: QPainter, box: QRectF, chart: Chart, theme: Theme, title: QFont, small: QFont
) -> None:
    painter.setFont(title)
    painter.setPen(QColor(theme.text))
    centre_left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(box, centre_left, chart.title)
    painter.setFont(small)
    metrics = QFontMetricsF(small)
    x, middle = box.right(), box.center().y()
    names = (_("limit"), _("lost"), _("spread (jitter)"), _("median"))
    for index, name in enumerate(names):
        width = metrics.horizontalAdvance(name)
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QRectF(x - width, box.top(), width + 1, box.height()), centre_left, name)
        x -= width + 6
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


def _paint_axes(painter: QPainter, scale: _Scale, chart: Chart, theme: Theme, small: QFont) -> None:
    metrics = QFontMetricsF(small)
    painter.setFont(small)
    plot = scale.plot
    step_ms = next((step for step in Y_STEPS_MS if scale.top_ms / step <= 3.2), Y_STEPS_MS[-1])
    ticks = [step_ms * number for number in range(int(scale.top_ms / step_ms) + 1)]
    for value in ticks:
        y = round(scale.y(value)) + 0.5
        if value != chart.limit_ms:
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        label = _("{value} ms").format(value=value) if value == ticks[-1] else str(value)
        width = metrics.horizontalAdvance(label)
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QPointF(plot.left() - 8 - width, y + metrics.capHeight() / 2), label)
    step_s = next((each for each in X_STEPS_S if scale.length_s / each <= 6), X_STEPS_S[-1])
    for step in range(int(scale.length_s / step_s) + 1):
        label = _time_label(step * step_s, scale.length_s)
        x = scale.x(step * step_s) - metrics.horizontalAdvance(label) / 2
        painter.drawText(QPointF(x, plot.bottom() + metrics.ascent() + 6), label)


def _time_label(time_s: float, length_s: float) -> str:
    """Seconds, minutes or hours: whatever the whole axis is short in."""
    if length_s >= IN_HOURS_FROM_S:
        return _("{value} h").format(value=short_number(time_s / HOUR_S))
    if length_s >= IN_MINUTES_FROM_S:
        return _("{value} min").format(value=short_number(time_s / MINUTE_S))
    return _("{value} s").format(value=short_number(time_s))


def _band(theme: Theme) -> str:
    return mix(theme.accent, theme.surface, BAND_SHARE)


def _columns(scale: _Scale, chart: Chart) -> list[ChartColumn]:
    width_s = scale.length_s * COLUMN_PX / max(scale.plot.width(), 1.0)
    return merged_columns(chart.columns, width_s)


def _paint_band(painter: QPainter, scale: _Scale, chart: Chart, theme: Theme) -> None:
    columns = _columns(scale, chart)
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


def _paint_median(painter: QPainter, scale: _Scale, chart: Chart, theme: Theme) -> None:
    columns = _columns(scale, chart)
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


def _paint_limit(painter: QPainter, scale: _Scale, chart: Chart, theme: Theme, bold: QFont) -> None:
    if chart.limit_ms <= 0:
        return
    y = scale.y(chart.limit_ms)
    painter.setPen(_dashed(theme))
    painter.drawLine(QPointF(scale.plot.left(), y), QPointF(scale.plot.right(), y))
    painter.setFont(bold)
    painter.setPen(QColor(theme.text))
    label = _("limit {value} ms").format(value=short_number(chart.limit_ms))
    painter.drawText(QPointF(scale.plot.left() + 6, y - 7), label)


def _paint_losses(painter: QPainter, scale: _Scale, chart: Chart, theme: Theme) -> None:
    """Crosses in a lane above the axis; crosses closer than their width are drawn once."""
    painter.setPen(QPen(QColor(theme.fail.foreground), MEDIAN_WIDTH))
    drawn = -1e9
    for column in chart.columns:
        x = scale.x(column.start_s)
        if column.lost and x - drawn >= 2:
            drawn = x
            _cross(painter, QPointF(x, scale.plot.bottom() - LOSS_LANE / 2))


def _cross(painter: QPainter, at: QPointF) -> None:
    for slope in (1, -1):
        painter.drawLine(at + QPointF(-CROSS, -CROSS * slope), at + QPointF(CROSS, CROSS * slope))


def _paint_now(painter: QPainter, scale: _Scale, chart: Chart, theme: Theme, now_s: float) -> None:
    x = scale.x(now_s)
    painter.setPen(QPen(QColor(theme.text_3), 1))
    painter.drawLine(QPointF(x, scale.plot.top()), QPointF(x, scale.plot.bottom()))
    if chart.columns:
        painter.setPen(QPen(QColor(theme.surface), 1.5))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(x, scale.y(chart.columns[-1].median)), 4.6, 4.6)
