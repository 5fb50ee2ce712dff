"""A finding folded up: glyph, sentence, measured against needed, status word, chevron."""

from PySide6.QtCore import QRectF, QSize, Slot
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.icons import Icon, paint_icon
from natwizard.drawing.signs import Activity
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import capitalised, measured_line, sign_word
from natwizard.gui.run.run_model import CheckState
from natwizard.gui.widgets.expander import meanings_text
from natwizard.gui.widgets.painted import (
    RIGHT,
    PaintedButton,
    draw_text,
    draw_wrapped,
    paint_bar,
    text_width,
    wrapped_height,
)
from natwizard.model.finding import Status
from natwizard.model.writing import labelled
from natwizard.report.checklist_words import result_word
from natwizard.report.glossary import terms_in
from natwizard.report.plain import plain

HEIGHT = 58
OPEN_HEIGHT = 64
TEXT_LEFT = 56
GLYPH_LEFT = 18
GLYPH = 24
WORD_RIGHT = 46
CHEVRON = 18
PAD = 9
GAP = 2
BAR = 80
QUIET = {Status.NOT_APPLICABLE, Activity.WAITING}


class RowHeader(PaintedButton):
    """The whole row is one button; its name starts with the status word."""

    def __init__(self, look: Appearance, state: CheckState, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.state = state
        self.open = False
        self.tight = False
        self._named = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self._fit)
        look.motion.ticked.connect(self._turn)
        self.show_state(state)

    def show_state(self, state: CheckState) -> None:
        """Show a new state of the check."""
        self.state = state
        name = f"{self._word}: {self._sentence}"
        if name != self.accessibleName():
            self.setAccessibleName(name)
            self.setAccessibleDescription(self._second)
            self.setToolTip(meanings_text(terms_in(state.finding)) if state.finding else "")
        self._fit()
        self.update()

    def set_open(self, *, is_open: bool) -> None:
        """Turn the chevron."""
        self.open = is_open
        self._fit()
        self.update()

    def set_tight(self, *, tight: bool) -> None:
        """A little less air, where a page has many rows."""
        if tight != self.tight:
            self.tight = tight
            self._fit()

    def set_named(self, *, named: bool) -> None:
        """Begin the second line with the check's title, where other rows say the same sentence."""
        if named != self._named:
            self._named = named
            self._fit()
            self.update()

    @property
    def _word(self) -> str:
        """The status word; what a person confirmed reads so."""
        finding = self.state.finding
        return result_word(finding) if finding is not None else sign_word(self.state.sign)

    @property
    def _sentence(self) -> str:
        finding = self.state.finding
        if self.state.reason:
            return plain(f"{capitalised(self.state.reason).rstrip('.')}.")
        if finding is not None:
            return plain(finding.summary)
        if self.state.sign is Activity.RUNNING and self.state.doing:
            return plain(f"{self.state.doing.rstrip('.')}...")
        return self.state.title

    @property
    def _second(self) -> str:
        state = self.state
        if state.finding is not None:
            if state.also:  # what they need differs
                reason = "" if state.reason else state.finding.observed
                return plain(labelled(state.titles, reason) if reason else state.titles)
            line = measured_line(state.finding)
            return labelled(plain(state.title), line) if self._named else line
        if state.sign is Activity.RUNNING:
            return plain(capitalised(state.detail or state.title))
        return plain(capitalised(state.doing))

    def _lead_font(self) -> QFont:
        quiet = self.state.sign in QUIET
        return self.look.font(self.look.type.lead, bold=400 if quiet else 600)

    def _room(self) -> float:
        """What the sentence may take: up to the status word, and to the bar where there is one."""
        look = self.look
        word = text_width(self._word, look.font(look.type.body, bold=600))
        room = self.width() - look.px(TEXT_LEFT + WORD_RIGHT + 16) - word
        return room - (look.px(BAR + 24) if self.state.fraction is not None else 0)

    def _pad(self) -> int:
        return self.look.px(PAD - 2 if self.tight else PAD)

    def _height(self) -> int:
        sentence = wrapped_height(self._sentence, self._lead_font(), self._room())
        second = self._second_height()
        height = OPEN_HEIGHT if self.open else HEIGHT - 4 if self.tight else HEIGHT
        smallest = self.look.px(height)
        return max(smallest, round(sentence + second + self.look.px(GAP) + 2 * self._pad() + 1))

    def _second_height(self) -> float:
        return wrapped_height(
            self._second or "X", self.look.font(self.look.type.body), self._room()
        )

    @Slot()
    def _fit(self) -> None:
        height = self._height()
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(400), self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme, sign = self.look, self.look.theme, self.state.sign
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = look.px(GLYPH)
        glyph = QRectF(look.px(GLYPH_LEFT), (self.height() - side) / 2, side, side)
        paint_status(painter, glyph, sign, theme, turn=look.motion.turn)
        self._paint_texts(painter)
        strong = look.font(look.type.body, bold=400 if sign is Activity.WAITING else 600)
        right = QRectF(0, 0, self.width() - look.px(WORD_RIGHT), self.height())
        draw_text(painter, right, self._word, strong, theme.sign(sign), RIGHT)
        if self.state.fraction is not None:
            x = right.right() - text_width(self._word, strong) - look.px(BAR + 28)
            bar = QRectF(x, self.height() / 2 - look.px(3), look.px(BAR), look.px(6))
            paint_bar(painter, bar, self.state.fraction, theme)
        side = look.px(CHEVRON)
        icon = Icon.CHEVRON_UP if self.open else Icon.CHEVRON_RIGHT
        x = self.width() - look.px(23) - side / 2
        paint_icon(painter, QRectF(x, (self.height() - side) / 2, side, side), icon, theme.text)

    def _paint_texts(self, painter: QPainter) -> None:
        look, theme = self.look, self.look.theme
        lead, body, room = self._lead_font(), look.font(look.type.body), self._room()
        sentence = wrapped_height(self._sentence, lead, room)
        gap = look.px(GAP)
        top = (self.height() - sentence - gap - self._second_height()) / 2
        colour = theme.text_2 if self.state.sign in QUIET else theme.text
        box = QRectF(look.px(TEXT_LEFT), top, room, sentence)
        draw_wrapped(painter, box, self._sentence, lead, colour)
        below = QRectF(look.px(TEXT_LEFT), box.bottom() + gap, room, self._second_height())
        draw_wrapped(painter, below, self._second, body, theme.text_2)

    @Slot()
    def _turn(self) -> None:
        if self.state.sign is Activity.RUNNING and self.isVisible():
            self.update()
