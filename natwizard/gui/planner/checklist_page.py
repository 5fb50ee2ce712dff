"""The checklist: what only people can settle, point by point."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.page import PlannerPage
from natwizard.gui.widgets.labels import WrappedLabel, keep_width, label
from natwizard.gui.widgets.yes_no import LONGEST_NAME, NAME_WIDTH, YesNoButtons
from natwizard.model.checklist import ChecklistItem
from natwizard.model.language import _
from natwizard.model.quantity import Reply
from natwizard.report.checklist_words import answer_words, checklist_line
from natwizard.report.words import owner_name


class ChecklistPage(PlannerPage):
    """Rows by topic; every answer goes into the book at once."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("What no program can measure. Answer what you know; the rest can wait.")
        super().__init__(look, _("Checklist"), line)
        self.book = book
        self.rows: dict[str, PointRow] = {}
        row = QHBoxLayout()
        look.space(row, spacing=SPACE.m)
        self.done = label(face="strong")
        row.addWidget(self.done)
        row.addStretch()
        caption = label(_("Answered by"), tone="2")
        self.name = QLineEdit(book.by)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(_("Your name"))
        self.name.setAccessibleName(_("Who answers"))
        keep_width(look, self.name, NAME_WIDTH)
        self.name.textEdited.connect(self._on_name)
        caption.setBuddy(self.name)
        row.addWidget(caption)
        row.addWidget(self.name)
        self.inner.addLayout(row)
        self._list = QVBoxLayout()
        look.space(self._list, spacing=SPACE.s)
        self.inner.addLayout(self._list)
        self.inner.addStretch(1)
        book.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the book's list."""
        items = self.book.items
        if list(self.rows) != [item.point for item in items]:
            self._make_rows(items)
        for item in items:
            self.rows[item.point].show_item(item)
        self.done.setText(checklist_line(items))

    def _make_rows(self, items: tuple[ChecklistItem, ...]) -> None:
        while (old := self._list.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = {}
        topic = ""
        for item in items:
            if item.topic != topic:
                topic = item.topic
                self._list.addWidget(WrappedLabel(topic, face="lead"))
            row = PointRow(self.look, item)
            row.answered.connect(self.book.answer)
            self.rows[item.point] = row
            self._list.addWidget(row)

    @Slot(str)
    def _on_name(self, text: str) -> None:
        self.book.by = text.strip()


class PointRow(QWidget):
    """One point: its text with who can tell, or with the answer; yes and no at the right.

    Signals:
        answered: carries the point's ID and the Reply, or None where it was taken back.
    """

    answered = Signal(str, object)

    def __init__(self, look: Appearance, item: ChecklistItem) -> None:
        super().__init__()
        self._point = item.point
        row = QHBoxLayout(self)
        look.space(row, spacing=SPACE.l)
        texts = QVBoxLayout()
        look.space(texts, spacing=1)
        self.text = WrappedLabel(item.text)
        self.second = WrappedLabel(face="meta", tone="2")
        texts.addWidget(self.text)
        texts.addWidget(self.second)
        row.addLayout(texts, 1)
        self.choice = YesNoButtons(look, item.text)
        self.choice.chosen.connect(self._on_chosen)
        row.addWidget(self.choice)

    def show_item(self, item: ChecklistItem) -> None:
        """Show the point as it stands."""
        self.choice.show_reply(item.answer.reply if item.answer is not None else None)
        second = answer_words(item.answer) if item.answer is not None else owner_name(item.owner)
        self.second.setText(second)

    @Slot(object)
    def _on_chosen(self, reply: Reply | None) -> None:
        self.answered.emit(self._point, reply)
