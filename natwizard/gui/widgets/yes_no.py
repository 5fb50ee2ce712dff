"""Yes or no, or neither yet: two small buttons; pressing a pressed one takes the answer back."""

from datetime import datetime

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.labels import WrappedLabel, keep_width, label
from natwizard.model.finding import Finding
from natwizard.model.language import _
from natwizard.model.quantity import Confirmation, Reply
from natwizard.report.checklist_words import answer_words

WIDTH = 78
TICK = 16


class YesNoButtons(QWidget):
    """One question's answer.

    Signals:
        chosen: a person has answered; carries the Reply, or None where it was taken back.
    """

    chosen = Signal(object)

    def __init__(self, look: Appearance, question: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        look.space(row, spacing=SPACE.xs)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._look = look
        self._reply: Reply | None = None
        self.buttons: dict[Reply, QPushButton] = {}
        for reply, text in ((Reply.YES, _("Yes")), (Reply.NO, _("No"))):
            button = QPushButton(text)
            button.setProperty("kind", "small")
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{text}: {question}")
            button.setMinimumWidth(look.px(WIDTH))
            button.clicked.connect(self._on_clicked)
            self.buttons[reply] = button
            row.addWidget(button)
        look.changed.connect(self._draw)

    def show_reply(self, reply: Reply | None) -> None:
        """Show an answer that was given elsewhere."""
        self._reply = reply
        for mine, button in self.buttons.items():
            button.setChecked(mine is reply)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        """The answer that stands wears a tick: colour alone would not do."""
        side = self._look.px(TICK)
        for mine, button in self.buttons.items():
            chosen = mine is self._reply
            button.setIcon(self._look.icon(Icon.TICK) if chosen else QIcon())
            button.setIconSize(QSize(side, side))

    def take_focus(self) -> None:
        """Put the keyboard on the answer that stands, else on the first button."""
        self.buttons[self._reply or Reply.YES].setFocus()

    @Slot()
    def _on_clicked(self) -> None:
        pressed = next(reply for reply, button in self.buttons.items() if button is self.sender())
        self.show_reply(None if pressed is self._reply else pressed)
        self.chosen.emit(self._reply)


LONGEST_NAME = 60
NAME_WIDTH = 200


class AnswerBox(QWidget):
    """Shown in the panel of a question, answered or not.

    Signals:
        answered: carries the Confirmation, or None where it was taken back.
    """

    answered = Signal(object)

    def __init__(self, look: Appearance, finding: Finding) -> None:
        super().__init__()
        answer = finding.answer
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.m)
        row.addWidget(label(_("Is this so?"), face="strong"))
        self.choice = YesNoButtons(look, answer.asked if answer is not None else finding.summary)
        self.choice.show_reply(answer.reply if answer is not None else None)
        self.choice.chosen.connect(self._on_chosen)
        row.addWidget(self.choice)
        self.name = QLineEdit(answer.by if answer is not None else "")
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(_("Your name"))
        self.name.setAccessibleName(_("Who answers"))
        keep_width(look, self.name, NAME_WIDTH)
        row.addWidget(self.name)
        row.addStretch()
        column.addLayout(row)
        if answer is not None:
            sentence = _("{text} Press the button again to take it back.")
            words = WrappedLabel(sentence.format(text=answer_words(answer)), tone="2")
            column.addWidget(words)

    @Slot(object)
    def _on_chosen(self, reply: Reply | None) -> None:
        if reply is None:
            self.answered.emit(None)
            return
        today = datetime.now().astimezone().date().isoformat()
        by = self.name.text().strip()
        self.answered.emit(Confirmation(reply=reply, on=today, by=by))
