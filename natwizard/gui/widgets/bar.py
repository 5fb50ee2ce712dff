"""A progress bar for known amounts."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from natwizard.drawing.tokens import Theme
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.painted import Painted

HEIGHT = 6


class Bar(Painted):
    """Six pixels high, as wide as it may be."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.fraction = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def tell(self, fraction: float, text: str) -> None:
        """How far, 0 to 1, and the same in words."""
        self.fraction = fraction
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(80), self.look.px(HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_bar(QPainter(self), QRectF(self.rect()), self.fraction, self.look.theme)


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
