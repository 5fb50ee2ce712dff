"""Opens the planner from the wizard, and carries what is said there to the report and back."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.window import PlannerWindow
from natwizard.gui.run_control import RunControl
from natwizard.gui.widgets.buttons import IconButton
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.planner.attach import items_of
from natwizard.planner.checklist import checklist, with_answers_to
from natwizard.planner.notes import PlannerNotes, notes_json, read_notes
from natwizard.report.files import CannotWrite, make_folder, write_whole


class PlannerDoor(QObject):
    """One planner a wizard; the window is made when it is first asked for."""

    def __init__(
        self,
        parent: QWidget,
        look: Appearance,
        control: RunControl,
        profile: Callable[[], Profile],
        notes: Path | None,
    ) -> None:
        super().__init__(parent)
        self._parent, self._look, self._control = parent, look, control
        self._profile, self._notes = profile, notes
        self.window: PlannerWindow | None = None
        control.changed.connect(self._take_over)
        control.finished.connect(self._take_over)

    def strip(self) -> QWidget:
        """A quiet line with a button, for the administrator's page."""
        look = self._look
        frame = QFrame()
        frame.setProperty("box", "strip")
        row = QHBoxLayout(frame)
        look.space(row, margins=(14, 7, 7, 7), spacing=10)
        row.addWidget(Glyph(look, Icon.CHART, side=18))
        words = _("Storage, API calls, bandwidth, telephone numbers and a checklist.")
        row.addWidget(WrappedLabel(words), 1)
        button = IconButton(look, Icon.CHART, _("Open the &planner"))
        button.clicked.connect(self.open)
        row.addWidget(button)
        return frame

    @Slot()
    def open(self, topic: str = "") -> None:
        """Show the planner, on a topic where one is given."""
        if self.window is None:
            kept = read_notes(self._notes) if self._notes is not None else None
            self.window = self._make(kept)
        self._take_over()
        if topic:
            self.window.go_to(topic)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def retell(self) -> None:
        """The same planner in the language of now, open where it was."""
        if self.window is None:
            return
        was_open, topic = self.window.isVisible(), self.window.topic()
        notes = self.window.book.notes()
        self.close()
        self.window = self._make(notes)
        if was_open:
            self.open(topic)

    def close(self) -> None:
        """The wizard ends: so does its planner."""
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None

    def _make(self, notes: PlannerNotes | None) -> PlannerWindow:
        book = PlannerBook(checklist(self._profile()), self)
        if notes is not None:
            book.tell_notes(notes)
        window = PlannerWindow(self._look, book)
        window.attach.connect(self._attach)
        window.closed.connect(self._keep)
        book.answered.connect(self._on_answered)
        return window

    @Slot()
    def _take_over(self) -> None:
        """What the run asks of people, and what was answered on its pages."""
        if self.window is None:
            return
        book, model = self.window.book, self._control.model
        known = {item.point: item.answer for item in book.items}
        items = with_answers_to(checklist(self._profile(), model.findings()), known)
        items = self._control.said.on(items)
        if model.report is not None:
            items = items_of(model.report, items)
        book.tell_items(items)
        self.window.offer_report(offered=model.report is not None and not model.busy)

    @Slot()
    def _on_answered(self) -> None:
        """A point that is answered here counts in the report at once."""
        if self.window is not None:
            self._control.say(self.window.book.items)

    @Slot()
    def _attach(self) -> None:
        if self.window is not None:
            book = self.window.book
            self._control.say(book.items, book.plan())

    @Slot()
    def _keep(self) -> None:
        """For the next time; a full disk is no reason to bother anybody."""
        if self.window is None or self._notes is None:
            return
        notes: PlannerNotes = self.window.book.notes()
        try:
            make_folder(self._notes.parent)
            write_whole(self._notes, notes_json(notes))
        except CannotWrite:
            return
