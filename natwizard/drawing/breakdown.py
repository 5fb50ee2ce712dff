"""A stacked bar with its legend: numbered parts, and the limit where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from natwizard.drawing.tokens import Theme
from natwizard.model.plan import Breakdown, BreakdownSlice

# Of the ground: parts are told apart without their colours
GAP = 2.0
RADIUS = 5.0
SWATCH_RADIUS = 4.0
TICK = 2.0
# A light edge on both sides: the tick is seen on a part of any colour
TICK_EDGE = 1.5
TICK_ABOVE = 5.0
ROW_GAP = 0.3
CAPTION_GAP = 16.0
# Of the type: a part that is narrower is told by the legend alone
NUMBER_ROOM = 1.5
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSizes:
    """In the painter's units.

    Attributes:
        factor: of everything that is not text, 1.0 as in the window at 100 %.
    """

    text: int
    bar: float
    factor: float = 1.0

    @property
    def row(self) -> float:
        """One line of the legend, with the space below it."""
        return self.text * (1.3 + ROW_GAP)


def breakdown_height(breakdown: Breakdown, sizes: BarSizes) -> float:
    """How much room the picture takes: caption, bar, legend."""
    legend = 10 * sizes.factor + sizes.row * len(breakdown.slices)
    return sizes.row + sizes.bar + (legend if _has_legend(breakdown) else TICK)


def _has_legend(breakdown: Breakdown) -> bool:
    """A single part is what the caption says already."""
    return len(breakdown.slices) > 1


def paint_breakdown(
    painter: QPainter,
    box: QRectF,
    breakdown: Breakdown,
    theme: Theme,
    font: QFont,
    sizes: BarSizes,
    *,
    shares: tuple[str, ...],
) -> None:
    """Draw caption, bar and legend from the top of the box, as wide as it is.

    `shares` are the parts of the whole in words, one a slice. Works in any units.
    """
    plain, strong = _font(font, sizes.text, 400), _font(font, sizes.text, 600)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    line = QRectF(box.left(), box.top(), box.width(), sizes.row)
    _text(painter, line, breakdown.caption, strong, theme.text, LEFT)
    top = line.bottom()
    if breakdown.limit is not None:
        taken = QFontMetricsF(strong).horizontalAdvance(breakdown.caption) + CAPTION_GAP
        beside = line.adjusted(min(taken, line.width()), 0, 0, 0)
        _paint_limit_words(painter, line, beside, breakdown, theme, plain)
    bar = QRectF(box.left(), top, box.width(), sizes.bar)
    _paint_bar(painter, bar, breakdown, theme, strong)
    if not _has_legend(breakdown):
        painter.restore()
        return
    top = bar.bottom() + 10 * sizes.factor
    rooms = (
        _widest(plain, [piece.amount for piece in breakdown.slices]),
        _widest(plain, shares),
    )
    for number, (piece, share) in enumerate(zip(breakdown.slices, shares, strict=True)):
        row = QRectF(box.left(), top + number * sizes.row, box.width(), sizes.row)
        _paint_row(painter, row, number, piece, share, rooms, theme, plain, strong)
    painter.restore()


def _font(font: QFont, size: int, weight: int) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(size)
    sized.setWeight(QFont.Weight(weight))
    return sized


def _widest(font: QFont, texts: Sequence[str]) -> float:
    """What a column of these takes."""
    return max(QFontMetricsF(font).horizontalAdvance(text) for text in texts) + 1


def _colour(theme: Theme, number: int) -> QColor:
    return QColor(theme.series[number % len(theme.series)])


def _paint_bar(
    painter: QPainter, bar: QRectF, breakdown: Breakdown, theme: Theme, font: QFont
) -> None:
    """Parts side by side on the track; each wears its number where that has room."""
    whole = QPainterPath()
    whole.addRoundedRect(bar, RADIUS, RADIUS)
    painter.fillPath(whole, QColor(theme.track))
    painter.save()
    painter.setClipPath(whole)
    left = bar.left()
    for number, piece in enumerate(breakdown.slices):
        width = bar.width() * piece.value / breakdown.scale
        box = QRectF(left, bar.top(), width, bar.height())
        left += width
        if width <= 0:
            continue
        gap = min(GAP, width / 3)
        painter.fillRect(box.adjusted(0, 0, -gap, 0), _colour(theme, number))
        painter.fillRect(QRectF(box.right() - gap, box.top(), gap, box.height()),
                         QColor(theme.surface))  # fmt: skip
        if width > font.pixelSize() * NUMBER_ROOM and _has_legend(breakdown):
            _text(painter, box, str(number + 1), font, theme.surface, CENTRE)
    painter.restore()
    if breakdown.limit is not None:
        x = _limit_x(bar, breakdown)
        top, bottom = QPointF(x, bar.top() - TICK_ABOVE), QPointF(x, bar.bottom() + 1)
        for colour, width in ((theme.surface, TICK + 2 * TICK_EDGE), (theme.text, TICK)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(top, bottom)


def _limit_x(bar: QRectF, breakdown: Breakdown) -> float:
    share = (breakdown.limit or 0.0) / breakdown.scale
    return min(bar.right() - 1, max(bar.left() + 1, bar.left() + bar.width() * share))


def _paint_limit_words(
    painter: QPainter,
    line: QRectF,
    beside: QRectF,
    breakdown: Breakdown,
    theme: Theme,
    font: QFont,
) -> None:
    """Above the tick, as far as the caption leaves room there."""
    width = QFontMetricsF(font).horizontalAdvance(breakdown.limit_words) + 1
    x = _limit_x(line, breakdown) - width / 2
    x = max(beside.left(), min(x, beside.right() - width))
    room = QRectF(x, line.top() - 2, min(width, beside.right() - x), line.height())
    _text(painter, room, breakdown.limit_words, font, theme.text_2, LEFT)


def _paint_row(
    painter: QPainter,
    row: QRectF,
    number: int,
    piece: BreakdownSlice,
    share: str,
    rooms: tuple[float, float],
    theme: Theme,
    plain: QFont,
    strong: QFont,
) -> None:
    """Swatch with its number, name, amount, share; `rooms` are the widths of the last two."""
    side = row.height() - 4
    swatch = QRectF(row.left(), row.center().y() - side / 2, side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour(theme, number))
    painter.drawRoundedRect(swatch, SWATCH_RADIUS, SWATCH_RADIUS)
    _text(painter, swatch, str(number + 1), strong, theme.surface, CENTRE)
    metrics = QFontMetricsF(plain)
    share_box = QRectF(row.right() - rooms[1], row.top(), rooms[1], row.height())
    amount_right = share_box.left() - CAPTION_GAP
    amount = QRectF(amount_right - rooms[0], row.top(), rooms[0], row.height())
    name = QRectF(swatch.right() + 8, row.top(), amount.left() - swatch.right() - 16, row.height())
    _text(painter, name, metrics.elidedText(piece.title, Qt.TextElideMode.ElideRight, name.width()),
          plain, theme.text, LEFT)  # fmt: skip
    _text(painter, amount, piece.amount, plain, theme.text, RIGHT)
    _text(painter, share_box, share, plain, theme.text_2, RIGHT)


def _text(
    painter: QPainter,
    box: QRectF,
    text: str,
    font: QFont,
    colour: str,
    align: Qt.AlignmentFlag,
) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(box, align, text)
