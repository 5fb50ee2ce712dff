"""The planner's window: topics on the left, one page at a time, files below."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.icons import Icon
from natwizard.drawing.mark import mark_icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.announcer import Announcer
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.focus_order import move_focus
from natwizard.gui.planner.arithmetic import ApiCallsPage, BandwidthPage, InsightPage, StoragePage
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.checklist_page import ChecklistPage
from natwizard.gui.planner.files import PlannerFiles
from natwizard.gui.planner.numbers_page import NumbersPage
from natwizard.gui.planner.page import PlannerPage
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.widgets.buttons import COPIED_MS, IconButton, set_words
from natwizard.gui.widgets.focus_ring import FocusRing
from natwizard.gui.widgets.glyph import Glyph
from natwizard.gui.widgets.keyboard_dialog import KeyboardDialog
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.gui.widgets.step_list import StepList, WizardStep
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.planner.attach import items_of
from natwizard.planner.checklist import checklist, with_answers_to
from natwizard.planner.notes import PlannerNotes, notes_json, read_notes
from natwizard.report.files import CannotWrite, make_folder, write_whole

# As the wizard's, beside which it stands (`gui.brand`)
SIZE = (960, 680)
SMALLEST = (800, 480)
NARROW_BELOW = 860


class PlannerWindow(KeyboardDialog):
    """Never in the way: it is not modal, and what is entered stays while it is closed.

    Signals:
        attach: the person wants plan and checklist in the report.
        closed: the window was closed.
    """

    attach = Signal()
    closed = Signal()

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        super().__init__()
        self.look, self.book = look, book
        self.setWindowTitle(_("Planner"))
        self.setWindowIcon(mark_icon())
        self.setWindowFlag(Qt.WindowType.WindowMinMaxButtonsHint, on=True)
        self._announcer = Announcer(self)
        self.files = PlannerFiles(self, book)
        self.numbers = NumbersPage(look)
        self.numbers.file.settled.connect(self._announcer.announce)
        self.checklist = ChecklistPage(look, book)
        self.pages: dict[str, tuple[PlannerPage, Icon]] = {
            "storage": (StoragePage(look, book), Icon.STORAGE),
            "insight": (InsightPage(look, book), Icon.CHART),
            "calls": (ApiCallsPage(look, book), Icon.EXCHANGE),
            "bandwidth": (BandwidthPage(look, book), Icon.LINE),
            "numbers": (self.numbers, Icon.DESK_PHONE),
            "checklist": (self.checklist, Icon.TICK),
        }
        self.step_list = StepList(look)
        self.step_list.list.setAccessibleName(_("Topics"))
        self.step_list.chosen.connect(self._on_topic)
        self.stack = QStackedWidget()
        for page, _icon in self.pages.values():
            self.stack.addWidget(page)
        self._lay_out()
        self.ring = FocusRing(look, self)
        self.setMinimumSize(QSize(*SMALLEST).boundedTo(self.screen().availableSize()))
        self.resize(QSize(look.px(SIZE[0]), look.px(SIZE[1])))
        look.changed.connect(self._narrow_if_needed)
        self.go_to("storage")

    def _lay_out(self) -> None:
        look = self.look
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.step_list)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.stack, 1)
        foot = QHBoxLayout()
        look.space(foot, margins=(SPACE.xxl, SPACE.m, SPACE.xxl, SPACE.m), spacing=SPACE.s)
        self.save_csv, self.save_pdf = _button(""), _button("")
        self._offer_saving()
        self.save_csv.clicked.connect(lambda: self.files.ask_where_to_save("csv", self.topic()))
        self.save_pdf.clicked.connect(lambda: self.files.ask_where_to_save("pdf", self.topic()))
        self.add = IconButton(look, Icon.FILE, _("&Add to the report"), kind="primary")
        self.add.clicked.connect(self._on_add)
        self.add.hide()
        self.shut = _button(_("&Close"))
        self.shut.clicked.connect(self.close)
        foot.addWidget(self.save_csv)
        foot.addWidget(self.save_pdf)
        foot.addStretch()
        foot.addWidget(self.add)
        foot.addWidget(self.shut)
        right.addLayout(foot)
        whole.addLayout(right, 1)

    def topic(self) -> str:
        """Which page is open."""
        return list(self.pages)[self.stack.currentIndex()]

    def go_to(self, topic: str) -> None:
        """Open a page."""
        number = list(self.pages).index(topic)
        self.stack.setCurrentIndex(number)
        steps = tuple(
            WizardStep(page_id=place, title=page.accessibleName(), sign=icon)
            for place, (page, icon) in enumerate(self.pages.values())
        )
        self.step_list.set_steps(steps, number)
        for button in (self.save_csv, self.save_pdf):
            button.setVisible(topic != "numbers")  # it has files of its own

    def offer_report(self, *, offered: bool) -> None:
        """Whether there is a report that the plan could go into."""
        self.add.setVisible(offered)

    def save(self, path: Path) -> bool:
        """Write the open page as CSV, or everything as PDF, by the name's end."""
        return self.files.write(path, self.topic())

    @Slot()
    def _on_add(self) -> None:
        self.attach.emit()
        self.add.set_label(_("Added"), Icon.TICK)
        self._announcer.announce(_("Added"))
        QTimer.singleShot(COPIED_MS, self, self._offer_again)

    @Slot()
    def _offer_again(self) -> None:
        self.add.set_label(_("&Add to the report"), Icon.FILE)

    def _offer_saving(self) -> None:
        set_words(self.save_csv, _("Save CS&V"))
        set_words(self.save_pdf, _("Save &PDF"))

    @Slot(int)
    def _on_topic(self, number: int) -> None:
        self.go_to(list(self.pages)[number])

    @Slot()
    def _narrow_if_needed(self) -> None:
        narrow = self.width() < self.look.px(NARROW_BELOW) or self.look.helpdesk_size
        self.step_list.set_narrow(narrow=narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._narrow_if_needed()

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: FBT001 - Qt's signature
        self.ring.keyboard_used()
        buttons = (self.save_csv, self.save_pdf, self.add, self.shut)
        parts = (self.stack.currentWidget(), *buttons, self.step_list)
        return move_focus(self, parts, forwards=forwards)

    def done(self, result: int) -> None:
        """Every way out: the check of a file ends, and what was entered is kept."""
        self.numbers.work.close()
        self.closed.emit()
        super().done(result)


def _button(text: str) -> QPushButton:
    """A button without an icon: four of them stand side by side, in any language."""
    made = QPushButton()
    set_words(made, text)
    made.setAutoDefault(False)
    return made


class PlannerController(QObject):
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

    def retranslate(self) -> None:
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
            book.set_notes(notes)
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
        items = self._control.session_answers.on(items)
        if model.report is not None:
            items = items_of(model.report, items)
        book.set_items(items)
        self.window.offer_report(offered=model.report is not None and not model.busy)

    @Slot()
    def _on_answered(self) -> None:
        """A point that is answered here counts in the report at once."""
        if self.window is not None:
            self._control.set_checklist(self.window.book.items)

    @Slot()
    def _attach(self) -> None:
        if self.window is not None:
            book = self.window.book
            self._control.set_checklist(book.items, book.plan())

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
