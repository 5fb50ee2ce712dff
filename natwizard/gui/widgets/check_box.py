"""A check box in our shapes."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from natwizard.drawing.icons import Icon, paint_icon
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.painted import PaintedButton, draw_text, text_width

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
