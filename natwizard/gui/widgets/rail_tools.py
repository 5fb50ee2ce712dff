"""The last line of the rail: whether names are hidden, and the helpdesk's menu."""

from PySide6.QtCore import QRectF, QSize, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from natwizard.drawing.icons import Icon, paint_icon
from natwizard.drawing.tokens import RADIUS
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.painted import PaintedButton, draw_text, text_width
from natwizard.model.language import _

HEIGHT = 30
ICON = 18
INSET = 6
NARROW_INSET = 3
GAP = 8


class QuietButton(PaintedButton):
    """An icon and, where there is room, a few words; no frame until the mouse is there."""

    def __init__(self, look: Appearance, icon: Icon, words: str = "") -> None:
        super().__init__(look)
        self.icon_shown, self.words, self.narrow = icon, words, False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = self.look
        width = look.px(ICON + 2 * self._inset)
        if self.words and not self.narrow:
            width += round(text_width(self.words, look.font(look.type.meta))) + look.px(GAP)
        return QSize(width, look.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def _inset(self) -> int:
        return NARROW_INSET if self.narrow else INSET

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hovered or self.isChecked():
            painter.setPen(QColor(theme.accent if self.isChecked() else theme.line))
            painter.setBrush(QColor(theme.accent_soft if self.isChecked() else theme.hover))
            frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(frame, look.px(RADIUS.control), look.px(RADIUS.control))
        side = look.px(ICON)
        box = QRectF(look.px(self._inset), (self.height() - side) / 2, side, side)
        colour = theme.accent if self.isChecked() else theme.text_2
        paint_icon(painter, box, self.icon_shown, colour)
        if self.words and not self.narrow:
            text = QRectF(box.right() + look.px(GAP), 0, self.width(), self.height())
            draw_text(painter, text, self.words, look.font(look.type.meta), colour)


class NamesSwitch(QuietButton):
    """Names on screen: shown or hidden. Its words say how it stands, not what a press does."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(look, Icon.EYE)
        self.setCheckable(True)
        self.toggled.connect(self.retell)
        self.retell()

    @Slot()
    def retell(self) -> None:
        """Icon and words as it stands, in the language of now."""
        hidden = self.isChecked()
        self.icon_shown = Icon.EYE_SHUT if hidden else Icon.EYE
        self.words = _("Names hidden") if hidden else _("Names shown")
        self.setAccessibleName(_("Hide names and addresses on screen"))
        self.setToolTip(_("Hide names and addresses on screen") + " (F9)")
        self.updateGeometry()
        self.update()


class RailTools(QWidget):
    """The switch at the left, the menu at the right; side by side in a narrow rail too."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self.names = NamesSwitch(look)
        self.menu = QuietButton(look, Icon.MORE)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(0)
        self._row.addWidget(self.names)
        self._row.addStretch()
        self._row.addWidget(self.menu)
        self.retell()

    def retell(self) -> None:
        """All words in the language of now."""
        self.names.retell()
        self.menu.setAccessibleName(_("Helpdesk tools"))
        self.menu.setToolTip(_("Helpdesk tools"))

    def set_narrow(self, *, narrow: bool) -> None:
        """Icons alone."""
        for button in (self.names, self.menu):
            button.narrow = narrow
            button.updateGeometry()
        side = self._look.px(4 if narrow else 14)
        self._row.setContentsMargins(side, 0, side, self._look.px(8))
