"""One telephone number, judged while it is typed."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.planner.number_words import kind_words, reason_words, state_words
from natwizard.planner.numbers import MOST_CHARACTERS, NumberChecker, NumberResult, NumberState
from natwizard.report.plain import plain

SIGNS: dict[NumberState, Sign] = {
    NumberState.VALID: Status.PASS,
    NumberState.CORRECTABLE: Status.WARN,
    NumberState.INVALID: Status.FAIL,
    NumberState.EMPTY: Activity.WAITING,
}


class NumberBox(QWidget):
    """A field, and one line that says how the number stands."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._checker = NumberChecker()
        column = QVBoxLayout(self)
        look.space(column, spacing=SPACE.s)
        title = label(_("One number"), face="lead")
        self.field = QLineEdit()
        self.field.setMaxLength(MOST_CHARACTERS)
        self.field.setPlaceholderText("020 7946 0958")
        self.field.setAccessibleName(_("A telephone number"))
        title.setBuddy(self.field)
        self.sign = Glyph(look, Activity.WAITING, side=18)
        self.line = WrappedLabel(tone="2").selectable()
        told = QHBoxLayout()
        look.space(told, spacing=SPACE.s)
        told.addWidget(self.sign)
        told.addWidget(self.line, 1)
        column.addWidget(title)
        column.addWidget(self.field)
        column.addLayout(told)
        self.field.textChanged.connect(self._judge)
        self._judge()

    def use(self, checker: NumberChecker) -> None:
        """Judge with another default country."""
        self._checker = checker
        self._judge()

    @Slot()
    def _judge(self) -> None:
        found = self._checker.check(self.field.text())
        self.sign.show_sign(SIGNS[found.state])
        self.line.setText(_sentence(found))


def _sentence(found: NumberResult) -> str:
    """How it stands, why, and where it belongs."""
    if found.state is NumberState.EMPTY:
        return _("Type a number; the answer comes as you type.")
    place = ", ".join(
        filter(None, (found.country, kind_words(found.kind) if found.kind is not None else ""))
    )
    state = state_words(found.state)
    if found.state is NumberState.VALID:
        return plain(f"{state}: {place}")
    reason = reason_words(found.reason) if found.reason is not None else ""
    if found.e164:
        text = _("{state}: {e164} ({place}). {reason}")
        return plain(text.format(state=state, e164=found.e164, place=place, reason=reason))
    return plain(f"{state}. {reason}")
