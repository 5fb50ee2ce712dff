"""The planner's window: topics on the left, one page at a time, files below."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout

from natwizard.drawing.icons import Icon
from natwizard.drawing.mark import mark_icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.announcer import Announcer
from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.bandwidth_page import BandwidthPage
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.calls_page import ApiCallsPage
from natwizard.gui.planner.checklist_page import ChecklistPage
from natwizard.gui.planner.files import PlannerFiles
from natwizard.gui.planner.insight_page import InsightPage
from natwizard.gui.planner.numbers_page import NumbersPage
from natwizard.gui.planner.page import PlannerPage
from natwizard.gui.planner.storage_page import StoragePage
from natwizard.gui.widgets.buttons import COPIED_MS, IconButton, set_words
from natwizard.gui.widgets.focus_ring import FocusRing
from natwizard.gui.widgets.step_rail import Rail, Step
from natwizard.model.language import _
from natwizard.report.plain import plain

SIZE = (960, 680)
SMALLEST = (800, 480)
NARROW_BELOW = 860


class PlannerWindow(QDialog):
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
        self.files.saved.connect(self._on_saved)
        self.numbers = NumbersPage(look)
        self.numbers.file.settled.connect(self._announcer.say)
        self.checklist = ChecklistPage(look, book)
        self.pages: dict[str, tuple[PlannerPage, Icon]] = {
            "storage": (StoragePage(look, book), Icon.STORAGE),
            "insight": (InsightPage(look, book), Icon.CHART),
            "calls": (ApiCallsPage(look, book), Icon.EXCHANGE),
            "bandwidth": (BandwidthPage(look, book), Icon.LINE),
            "numbers": (self.numbers, Icon.DESK_PHONE),
            "checklist": (self.checklist, Icon.TICK),
        }
        self.rail = Rail(look)
        self.rail.list.setAccessibleName(_("Topics"))
        self.rail.chosen.connect(self._on_topic)
        self.stack = QStackedWidget()
        for page, _icon in self.pages.values():
            self.stack.addWidget(page)
        self._lay_out()
        self.ring = FocusRing(look, self)
        self.setMinimumSize(*SMALLEST)
        self.resize(QSize(look.px(SIZE[0]), look.px(SIZE[1])))
        look.changed.connect(self._narrow_if_needed)
        self.go_to("storage")

    def _lay_out(self) -> None:
        look = self.look
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.rail)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.stack, 1)
        foot = QHBoxLayout()
        look.space(foot, margins=(SPACE.xxl, SPACE.m, SPACE.xxl, SPACE.m), spacing=SPACE.s)
        self.save_csv, self.save_pdf = _button(""), _button("")
        self._offer_saving()
        self.save_csv.clicked.connect(lambda: self.files.ask("csv", self.topic()))
        self.save_pdf.clicked.connect(lambda: self.files.ask("pdf", self.topic()))
        self.add = IconButton(look, Icon.FILE, _("&Add to the report"), kind="primary")
        self.add.clicked.connect(self._on_add)
        self.add.hide()
        close = _button(_("&Close"))
        close.clicked.connect(self.close)
        foot.addWidget(self.save_csv)
        foot.addWidget(self.save_pdf)
        foot.addStretch()
        foot.addWidget(self.add)
        foot.addWidget(close)
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
            Step(page_id=place, title=page.accessibleName(), sign=icon)
            for place, (page, icon) in enumerate(self.pages.values())
        )
        self.rail.tell_steps(steps, number)
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
        self.add.tell(_("Added"), Icon.TICK)
        self._announcer.say(_("Added"))
        QTimer.singleShot(COPIED_MS, self, self._offer_again)

    @Slot()
    def _offer_again(self) -> None:
        self.add.tell(_("&Add to the report"), Icon.FILE)

    @Slot(str)
    def _on_saved(self, path: str) -> None:
        is_pdf = path.lower().endswith(".pdf")
        set_words(self.save_pdf if is_pdf else self.save_csv, _("Saved"))
        self._announcer.say(_("Saved: {path}").format(path=plain(path)))
        QTimer.singleShot(COPIED_MS, self, self._offer_saving)

    @Slot()
    def _offer_saving(self) -> None:
        set_words(self.save_csv, _("Save CS&V"))
        set_words(self.save_pdf, _("Save &PDF"))

    @Slot(int)
    def _on_topic(self, number: int) -> None:
        self.go_to(list(self.pages)[number])

    @Slot()
    def _narrow_if_needed(self) -> None:
        narrow = self.width() < self.look.px(NARROW_BELOW) or self.look.helpdesk_size
        self.rail.set_narrow(narrow=narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._narrow_if_needed()

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: FBT001 - Qt's signature
        self.ring.keyboard_used()
        return super().focusNextPrevChild(forwards)

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
