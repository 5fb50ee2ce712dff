"""What all painted widgets share: the look they draw with, and text that fits."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QComboBox, QSizePolicy, QWidget

from natwizard.drawing.icons import Icon, paint_icon
from natwizard.drawing.tokens import Theme
from natwizard.gui.look.appearance import Appearance

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class Painted(QWidget):
    """A widget that draws itself and follows the look."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        look.changed.connect(self._look_changed)

    @Slot()
    def _look_changed(self) -> None:
        self.updateGeometry()
        self.update()


class PaintedButton(QAbstractButton):
    """A button that draws itself; Enter presses it as Space does."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.hovered = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        look.changed.connect(self._look_changed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.hovered = self.isEnabled()
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered = False
        self.update()
        super().leaveEvent(event)

    @Slot()
    def _look_changed(self) -> None:
        self.updateGeometry()
        self.update()


def draw_text(
    painter: QPainter,
    box: QRectF,
    text: str,
    font: QFont,
    colour: str,
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """One line, cut with an ellipsis where the box is too narrow."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    metrics = QFontMetricsF(font)
    if metrics.horizontalAdvance(text) > box.width():
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, align, text)


def text_width(text: str, font: QFont) -> float:
    """How wide one line is, rounded up so that it is never cut."""
    return QFontMetricsF(font).horizontalAdvance(text) + 1


def fitting_font(text: str, fonts: tuple[QFont, ...], width: float) -> QFont:
    """The first of these in which one line fits, else the last."""
    return next((font for font in fonts if text_width(text, font) <= width), fonts[-1])


def wrapped_height(text: str, font: QFont, width: float) -> float:
    """How high a text is in a column."""
    box = QRectF(0, 0, max(width, 1), 10_000)
    return QFontMetricsF(font).boundingRect(box, WRAPPED, text).height()


def draw_wrapped(painter: QPainter, box: QRectF, text: str, font: QFont, colour: str) -> None:
    """As many lines as the text needs."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(box, WRAPPED, text)


HEIGHT = 6


class Bar(Painted):
    """Six pixels high, as wide as it may be."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.fraction = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_progress(self, fraction: float, text: str) -> None:
        """How far, 0 to 1, and the same in words."""
        self.fraction = fraction
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(80), self.look.px(HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_bar(QPainter(self), QRectF(self.rect()), self.fraction, self.look.theme)


def paint_panel(
    painter: QPainter,
    box: QRectF,
    *,
    edge: str,
    fill: str,
    edge_px: float,
    radius_px: float,
) -> None:
    """A rounded surface whose edge, in real pixels, lies within `box`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    half = edge_px / 2
    painter.setPen(QPen(QColor(edge), edge_px))
    painter.setBrush(QColor(fill))
    painter.drawRoundedRect(box.adjusted(half, half, -half, -half), radius_px, radius_px)


def paint_bar(painter: QPainter, box: QRectF, fraction: float, theme: Theme) -> None:
    """Track and bar with round ends."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = box.height() / 2
    painter.setBrush(QColor(theme.track))
    painter.drawRoundedRect(box, radius, radius)
    if fraction > 0:
        box.setWidth(max(box.height(), box.width() * min(1.0, fraction)))
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(box, radius, radius)


SIDE = 22
GAP = 10


class CheckBox(PaintedButton):
    """A 22 px box and its words."""

    def __init__(self, look: Appearance, text: str, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.setCheckable(True)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = self.look
        words = text_width(self.text(), look.font(look.type.body))
        return QSize(round(words) + look.px(SIDE + GAP) + 2, look.px(SIDE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = look.px(SIDE)
        box = QRectF(0, 0, side, side)
        checked = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen if checked else QPen(QColor(theme.control), theme.line_px))
        painter.setBrush(QColor(theme.accent if checked else theme.surface))
        inner = box if checked else box.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(inner, 4, 4)
        if checked:
            tick = QRectF(QPointF(2, 2), QPointF(side - 2, side - 2))
            paint_icon(painter, tick, Icon.TICK, theme.on_accent)
        text = QRectF(side + look.px(GAP), 0, self.width(), self.height())
        draw_text(painter, text, self.text(), look.font(look.type.body), theme.text)


CHEVRON = 18
CHEVRON_RIGHT = 10


class DropDown(QComboBox):
    """One choice out of several."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = self._look.px(CHEVRON)
        x = self.width() - self._look.px(CHEVRON_RIGHT) - side
        painter = QPainter(self)
        box = QRectF(x, (self.height() - side) / 2, side, side)
        theme = self._look.theme
        colour = theme.text if self.isEnabled() else theme.text_3
        paint_icon(painter, box, Icon.CHEVRON_DOWN, colour)
