"""One check in a comparison: how it was, how it is, and what was measured each time."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.report.compare import StatusChange, Unchanged, ValueChange
from natwizard.report.comparison_words import arrow, standing_word, within_noise_words
from natwizard.report.plain import plain

ARROW = " \u2192 "
SMALL = 20


class Standing(QWidget):
    """A status as glyph and word; a check that a run does not have is a word alone."""

    def __init__(
        self, look: Appearance, status: Status | None, *, words: str = "", tone: str = ""
    ) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        look.space(row, spacing=8)
        if status is not None:
            row.addWidget(Glyph(look, status, side=SMALL))
        row.addWidget(label(words or standing_word(status), face="strong", tone=tone))


class ChangeRow(QFrame):
    """The title and, at its right, was -> is; below it what was measured."""

    def __init__(self, look: Appearance, change: StatusChange) -> None:
        super().__init__()
        column = _column(self, look)
        head = QHBoxLayout()
        look.space(head, spacing=10)
        title = WrappedLabel(plain(change.title), face="lead")
        head.addWidget(title, 1)
        head.addWidget(Standing(look, change.before, tone="2"))
        head.addWidget(Glyph(look, Icon.CHEVRON_RIGHT, side=16))
        head.addWidget(Standing(look, change.after))
        column.addLayout(head)
        told = _told(change.observed_before, change.observed_after)
        if told:
            column.addWidget(WrappedLabel(told, tone="2"))
        if change.within_noise:
            column.addWidget(WrappedLabel(_sentence(within_noise_words()), tone="2"))
        name = _("{title}: was {before}, is {after}").format(
            title=plain(change.title),
            before=standing_word(change.before),
            after=standing_word(change.after),
        )
        _name(self, name, told)


class ValueRow(QFrame):
    """The title and the two values."""

    def __init__(self, look: Appearance, change: ValueChange) -> None:
        super().__init__()
        column = _column(self, look)
        column.addWidget(WrappedLabel(plain(change.title), face="lead"))
        told = _told(change.observed_before, change.observed_after)
        column.addWidget(WrappedLabel(told, tone="2"))
        _name(self, plain(change.title), told)


class SameRow(QFrame):
    """The title, its status, and what was measured."""

    def __init__(self, look: Appearance, same: Unchanged) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        look.space(row, margins=(16, 6, 16, 6), spacing=12)
        row.addWidget(Glyph(look, same.status, side=SMALL), alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(WrappedLabel(plain(same.title)), 1)
        row.addWidget(WrappedLabel(plain(same.observed), tone="2"), 1)
        name = f"{standing_word(same.status)}: {plain(same.title)}"
        _name(self, name, plain(same.observed))


def _told(before: str, after: str) -> str:
    return plain(arrow(before, after)).replace(" -> ", ARROW)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _column(frame: QFrame, look: Appearance) -> QVBoxLayout:
    column = QVBoxLayout(frame)
    look.space(column, margins=(16, 10, 16, 10), spacing=3)
    return column


def _name(frame: QFrame, name: str, description: str) -> None:
    frame.setAccessibleName(name)
    frame.setAccessibleDescription(description)
