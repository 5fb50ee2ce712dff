"""A finding that waits for a person: the question's answer, by whom, and taking it back."""

from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.sizes import keep_width
from natwizard.gui.widgets.yes_no import YesNo
from natwizard.model.confirmation import Confirmation, Reply
from natwizard.model.finding import Finding
from natwizard.model.language import _
from natwizard.report.checklist_words import answer_words

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
        self.choice = YesNo(look, answer.asked if answer is not None else finding.summary)
        self.choice.tell(answer.reply if answer is not None else None)
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
            told = _("{text} Press the button again to take it back.")
            words = WrappedLabel(told.format(text=answer_words(answer)), tone="2")
            column.addWidget(words)

    @Slot(object)
    def _on_chosen(self, reply: Reply | None) -> None:
        if reply is None:
            self.answered.emit(None)
            return
        today = datetime.now().astimezone().date().isoformat()
        by = self.name.text().strip()
        self.answered.emit(Confirmation(reply=reply, on=today, by=by))
