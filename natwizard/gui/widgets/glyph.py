"""A status glyph as a widget, and the pill beside a page's title."""

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.icons import Icon, paint_icon
from natwizard.drawing.signs import Activity, Sign
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import sign_word
from natwizard.gui.widgets.painted import Painted, draw_text, text_width

GLYPH = 24
PILL_HEIGHT = 30
PILL_GLYPH = 18


class Glyph(Painted):
    """One sign, or one line icon."""

    def __init__(
        self,
        look: Appearance,
        sign: Sign | Icon,
        *,
        side: int = GLYPH,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, parent)
        self._sign, self._side = sign, side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.motion.ticked.connect(self._turn)
        self.show_sign(sign)

    def show_sign(self, sign: Sign | Icon) -> None:
        """Change what it shows."""
        self._sign = sign
        self.setAccessibleName("" if isinstance(sign, Icon) else sign_word(sign))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(self._side), self.look.px(self._side))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(self.rect())
        if isinstance(self._sign, Icon):
            paint_icon(painter, box, self._sign, self.look.theme.text)
        else:
            paint_status(painter, box, self._sign, self.look.theme, turn=self.look.motion.turn)

    @Slot()
    def _turn(self) -> None:
        if self._sign is Activity.RUNNING and self.isVisible():
            self.update()


class StatusChip(Painted):
    """A sign and a few words on its soft ground."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._sign: Sign = Activity.WAITING
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.motion.ticked.connect(self._turn)

    def show_sign(self, sign: Sign, text: str) -> None:
        """Change sign and words."""
        if (sign, text) != (self._sign, self._text):
            self._sign, self._text = sign, text
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        look = self.look
        width = text_width(self._text, look.font(look.type.body, bold=600))
        return QSize(round(width) + look.px(14 + 14 + 8 + PILL_GLYPH - 6), look.px(PILL_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        painter.setBrush(QColor(theme.soft_sign(self._sign)))
        if theme.banner_border_px:
            painter.setPen(QPen(QColor(theme.sign(self._sign)), theme.line_px))
            box.adjust(1, 1, -1, -1)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        side, left = look.px(PILL_GLYPH), look.px(8)
        glyph = QRectF(left, (self.height() - side) / 2, side, side)
        paint_status(painter, glyph, self._sign, theme, turn=look.motion.turn)
        x = left + side + look.px(8)
        text = QRectF(x, 0, self.width() - x - look.px(8), self.height())
        font = look.font(look.type.body, bold=600, tabular=True)
        draw_text(painter, text, self._text, font, theme.sign(self._sign))

    @Slot()
    def _turn(self) -> None:
        if self._sign is Activity.RUNNING and self.isVisible():
            self.update()
