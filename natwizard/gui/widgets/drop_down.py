"""A list that drops down, with our chevron: a stylesheet takes Fusion's own arrow away."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QWidget

from natwizard.drawing.icons import Icon, paint_icon
from natwizard.gui.appearance import Appearance

CHEVRON = 18
RIGHT = 10


class DropDown(QComboBox):
    """One choice out of several."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = self._look.px(CHEVRON)
        x = self.width() - self._look.px(RIGHT) - side
        painter = QPainter(self)
        box = QRectF(x, (self.height() - side) / 2, side, side)
        theme = self._look.theme
        colour = theme.text if self.isEnabled() else theme.text_3
        paint_icon(painter, box, Icon.CHEVRON_DOWN, colour)
