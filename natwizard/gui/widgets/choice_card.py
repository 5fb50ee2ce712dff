"""One way of taking calls, as a card that can be chosen."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from natwizard.drawing.icons import Icon, paint_icon
from natwizard.drawing.tokens import RADIUS
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.painted import (
    PaintedButton,
    draw_wrapped,
    paint_panel,
    wrapped_height,
)

HEIGHT = 122
INSET = 16
RADIO = 22


class ChoiceCard(PaintedButton):
    """Icon, radio mark, title, one line. Put several in an exclusive QButtonGroup.

    Checkable and exclusive, so that screen readers call it a radio button.
    """

    def __init__(
        self, look: Appearance, icon: Icon, title: str, line: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, parent)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self._icon, self._title, self._line = icon, title, line
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        look.changed.connect(self._fit)

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(160), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.look.px(120), self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _height(self) -> int:
        look = self.look
        room = self.width() - 2 * look.px(INSET)
        title = wrapped_height(self._title, look.font(look.type.lead, bold=600), room)
        line = wrapped_height(self._line, look.font(look.type.body), room)
        return max(look.px(HEIGHT), round(look.px(48) + title + line + look.px(18)))

    @Slot()
    def _fit(self) -> None:
        if self._height() != self.minimumHeight():
            self.setMinimumHeight(self._height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        chosen = self.isChecked()
        paint_panel(
            painter,
            QRectF(self.rect()),
            edge=theme.accent if chosen else theme.control,
            fill=theme.accent_soft if chosen else theme.hover if self.hovered else theme.surface,
            edge_px=max(2, theme.line_px) if chosen else theme.line_px,
            radius_px=look.px(RADIUS.group),
        )
        inset = look.px(INSET)
        icon = QRectF(inset, look.px(16), look.px(24), look.px(24))
        paint_icon(painter, icon, self._icon, theme.text)
        self._paint_radio(painter, QPointF(self.width() - inset - look.px(RADIO) / 2 - 6,
                                           icon.center().y()))  # fmt: skip
        room = self.width() - 2 * inset
        lead = look.font(look.type.lead, bold=600)
        height = wrapped_height(self._title, lead, room)
        title = QRectF(inset, look.px(48), room, height)
        draw_wrapped(painter, title, self._title, lead, theme.text)
        line = QRectF(inset, title.bottom() + look.px(2), room, self.height())
        draw_wrapped(painter, line, self._line, look.font(look.type.body), theme.text_2)

    def _paint_radio(self, painter: QPainter, centre: QPointF) -> None:
        look, theme = self.look, self.look.theme
        radius = look.px(RADIO) / 2
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawEllipse(centre, radius, radius)
            painter.setBrush(QColor(theme.on_accent))
            painter.drawEllipse(centre, radius * 0.42, radius * 0.42)
        else:
            painter.setPen(QPen(QColor(theme.control), max(1.5, theme.line_px)))
            painter.setBrush(QColor(theme.surface))
            painter.drawEllipse(centre, radius - 1, radius - 1)
