"""What all painted widgets share: the look they draw with, and text that fits."""

from PySide6.QtCore import QEvent, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractButton, QWidget

from natwizard.gui.appearance import Appearance

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
