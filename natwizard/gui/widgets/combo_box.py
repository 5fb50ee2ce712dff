"""A list to choose from, with our chevron: a stylesheet takes away the one of the style."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QWidget

from natwizard.drawing.icons import Icon, paint_icon
from natwizard.gui.appearance import Appearance

CHEVRON = 18
RIGHT = 10


class ComboBox(QComboBox):
    """As QComboBox; the arrow keys choose, Alt and Down opens it."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = self._look.px(CHEVRON)
        painter = QPainter(self)
        box = QRectF(self.width() - side - self._look.px(RIGHT), (self.height() - side) / 2,
                     side, side)  # fmt: skip
        colour = self._look.theme.text if self.isEnabled() else self._look.theme.text_3
        paint_icon(painter, box, Icon.CHEVRON_DOWN, colour)
