"""The verdict: the largest thing on the summary."""

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import RADIUS
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.painted import (
    Painted,
    draw_text,
    draw_wrapped,
    text_width,
    wrapped_height,
)
from natwizard.model.finding import Status

HEIGHT = 99
GLYPH = 56
TEXT_LEFT = 100
INSET = 24


class Banner(Painted):
    """Glyph, headline, one sentence; while the run goes on it says how far it is."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._sign: Sign = Activity.WAITING
        self._headline, self._sentence = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.motion.ticked.connect(self._turn)
        look.changed.connect(self._fit)

    def show_verdict(self, sign: Sign, headline: str, sentence: str) -> None:
        """Change the verdict."""
        if (sign, headline, sentence) != (self._sign, self._headline, self._sentence):
            self._sign, self._headline, self._sentence = sign, headline, sentence
            self.setAccessibleName(f"{headline}. {sentence}")
            self._fit()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(400), self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        settled = isinstance(self._sign, Status)
        palette = theme.status(self._sign).fill if isinstance(self._sign, Status) else ""
        ink = theme.on_fill if settled else theme.text
        painter.setBrush(QColor(palette or theme.accent_soft))
        painter.setPen(Qt.PenStyle.NoPen)
        frame = QRectF(self.rect())
        if border := theme.banner_border_px:
            painter.setPen(QPen(QColor(theme.sign(self._sign)), border))
            frame.adjust(border / 2, border / 2, -border / 2, -border / 2)
        painter.drawRoundedRect(frame, look.px(RADIUS.banner), look.px(RADIUS.banner))
        side = look.px(GLYPH)
        glyph = QRectF(look.px(INSET), (self.height() - side) / 2, side, side)
        plain_glyph = settled and not theme.banner_border_px
        colour = ink if plain_glyph else ""
        paint_status(painter, glyph, self._sign, theme, colour=colour, turn=look.motion.turn)
        left = look.px(TEXT_LEFT)
        room = self.width() - left - look.px(INSET)
        verdict = fitting_font(self._headline, look.font(look.type.verdict, bold=700), room)
        headline = QRectF(left, look.px(17), room, look.px(42))
        draw_text(painter, headline, self._headline, verdict, ink)
        sentence = QRectF(left, look.px(61), room, self.height() - look.px(61))
        draw_wrapped(painter, sentence, self._sentence, look.font(look.type.lead), ink)

    def _height(self) -> int:
        look = self.look
        room = self.width() - look.px(TEXT_LEFT + INSET)
        text = wrapped_height(self._sentence or " ", look.font(look.type.lead), room)
        return max(look.px(HEIGHT), round(look.px(61) + text + look.px(16)))

    @Slot()
    def _fit(self) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())

    @Slot()
    def _turn(self) -> None:
        if self._sign is Activity.RUNNING and self.isVisible():
            self.update()


def fitting_font(text: str, font: QFont, room: float) -> QFont:
    """The font, smaller where the text is wider than its room: a verdict is never cut off."""
    width = text_width(text, font)
    if width <= room or width <= 0:
        return font
    smaller = QFont(font)
    if font.pixelSize() > 0:
        smaller.setPixelSize(max(1, int(font.pixelSize() * room / width)))
    else:
        smaller.setPointSizeF(font.pointSizeF() * room / width)
    return smaller
