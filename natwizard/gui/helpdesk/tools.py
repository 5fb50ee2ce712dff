"""What the helpdesk does with the window, on top of a run: its menu, switches and own windows."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.step_list_view import PAGE_IDS
from natwizard.model.finding import Page, Status
from natwizard.model.language import _
from natwizard.model.watch import WatchRecord

if TYPE_CHECKING:
    from natwizard.gui.helpdesk.compare_window import CompareWindow
    from natwizard.gui.helpdesk.history_window import HistoryWindow
    from natwizard.gui.helpdesk.watch_controller import WatchController
    from natwizard.gui.helpdesk.watch_view import SavedWatchWindow
    from natwizard.gui.helpdesk.watch_window import WatchWindow
    from natwizard.gui.wizard import Wizard


SUFFIXES = {".pdf", ".json"}


class DropTarget(QObject):
    """Takes one report at a time, and only while `ready` says so."""

    def __init__(
        self, window: QWidget, opened: Callable[[Path], object], ready: Callable[[], bool]
    ) -> None:
        super().__init__(window)
        self._opened, self._ready = opened, ready
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QDropEvent):  # entering and moving are drops to Qt as well
            return super().eventFilter(watched, event)
        path = _report_in(event.mimeData())
        if path is None or not self._ready():
            event.ignore()
            return True
        event.acceptProposedAction()
        if event.type() is QEvent.Type.Drop:
            self._opened(path)
        return True


def _report_in(data: QMimeData) -> Path | None:
    """The one local file among what is dragged, if its name is a report's."""
    urls = data.urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.suffix.lower() in SUFFIXES else None


READ_MS = 1500
"""How long a page that is done stays: enough to see that all is well."""

READ_PROBLEM_MS = 5000
TROUBLES = {Status.FAIL, Status.UNKNOWN}


class Pages(Protocol):
    """As much of the window as turning pages needs."""

    def currentId(self) -> int:
        """The open page's number."""

    def go_to(self, number: int) -> None:
        """Open a page."""


class PageTurner(QObject):
    """Goes on to the first page that is not done once the open one is.

    `wanted` asks for the person's choice; going to a page by hand pauses until the next run.
    """

    def __init__(
        self, pages: Pages, control: RunControl, wanted: Callable[[], bool], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pages, self._control, self._wanted = pages, control, wanted
        self._paused = False
        self._run_code = ""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._turn)
        control.changed.connect(self._on_changed)

    @Slot()
    def pause(self) -> None:
        """The person has turned a page themselves."""
        self._paused = True
        self._timer.stop()

    @Slot()
    def _on_changed(self) -> None:
        model = self._control.model
        if model.run_code != self._run_code:
            self._run_code, self._paused = model.run_code, False
        page = self._open_page()
        if not self._wanted() or self._paused or not model.busy or page is None:
            self._timer.stop()
        elif self._is_done(page) and not self._timer.isActive():
            troubled = model.page_sign(page) in TROUBLES
            self._timer.start(READ_PROBLEM_MS if troubled else READ_MS)

    @Slot()
    def _turn(self) -> None:
        page = self._open_page()
        if page is None or not self._is_done(page) or not self._control.model.busy:
            return
        later = [other for other in self._control.model.pages() if not self._is_done(other)]
        if later:
            self._pages.go_to(PAGE_IDS[later[0]])

    def _open_page(self) -> Page | None:
        numbers = {number: page for page, number in PAGE_IDS.items()}
        return numbers.get(self._pages.currentId())

    def _is_done(self, page: Page) -> bool:
        done, total = self._control.model.page_done(page)
        return done == total


NOT_DONE = {Status.FAIL, Status.UNKNOWN}


class HelpdeskTools(QObject):
    """One a window. Its own windows are imported when they are opened first."""

    def __init__(
        self, wizard: "Wizard", report_saver: ReportSaver | None = None, folder: Path | None = None
    ) -> None:
        super().__init__(wizard)
        self._wizard, self._report_saver, self._folder = wizard, report_saver, folder
        if report_saver is not None:
            wizard.control.finished.connect(report_saver.keep)
            wizard.control.amended.connect(report_saver.keep)
        self._drop = DropTarget(wizard, wizard.open_report, self._is_settled)
        self.turner = PageTurner(wizard, wizard.control, self._turns_pages, self)
        wizard.step_list.chosen.connect(self.turner.pause)
        wizard.customButtonClicked.connect(self.turner.pause)
        wizard.finished.connect(self.turner.pause)
        wizard.language.changed.connect(self._retranslate)
        tools = wizard.step_list.tools
        tools.names.toggled.connect(self._on_names)
        tools.menu.clicked.connect(self._show_menu)
        for keys, method in (
            ("F9", tools.names.toggle),
            ("Ctrl+H", self.show_history),
            ("Ctrl+M", self.show_comparison),
            ("Ctrl+T", self.show_watch),
        ):
            QShortcut(QKeySequence(keys), wizard).activated.connect(method)

    def add_actions(self, menu: QMenu) -> None:
        """What needs no run that is going on."""
        settled = self._is_settled()
        if self._wizard.control.model.stage is RunStage.FINISHED:
            failed = menu.addAction(_("Run again what did not pass"))
            failed.setEnabled(bool(self._failed()))
            failed.triggered.connect(self.run_failed_again)
        for words, keys, method in (
            (_("Runs on this computer..."), "Ctrl+H", self.show_history),
            (_("Compare runs..."), "Ctrl+M", self.show_comparison),
            (_("Watch this connection..."), "Ctrl+T", self.show_watch),
        ):
            action = menu.addAction(words)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutVisibleInContextMenu(True)
            action.setEnabled(settled or method == self.show_watch)
            action.triggered.connect(method)

    @Slot()
    def run_failed_again(self) -> None:
        """Measure again only what did not pass; the rest of the report stands."""
        failed = self._failed()
        if failed:
            self._wizard.control.run_again(failed)

    @Slot()
    def show_history(self) -> "HistoryWindow | None":
        """The last runs on this computer."""
        from natwizard.gui.helpdesk.history_window import HistoryWindow

        if not self._is_settled():
            return None
        window = HistoryWindow(self._wizard.look, self._wizard, self._folder)
        window.opened.connect(self._wizard.open_report)
        window.compared.connect(self._compare)
        window.saving.connect(self._save)
        window.open()
        return window

    @Slot()
    def show_comparison(self) -> "CompareWindow | None":
        """The run in the window against the one before it; without one, the last two."""
        return self._compare("", "") if self._is_settled() else None

    @Slot()
    def show_watch(self) -> "WatchWindow":
        """A test call and a websocket for minutes or hours, beside this window."""
        return self.watch.open()

    def show_saved_watch(self, record: WatchRecord) -> "SavedWatchWindow":
        """A watch of before, as it was."""
        return self.watch.open_saved(record)

    @cached_property
    def watch(self) -> "WatchController":
        """The watch of this wizard; loads what measures."""
        from natwizard.gui.helpdesk.watch_controller import WatchController

        wizard = self._wizard
        return WatchController(
            wizard, wizard.look, wizard.control, lambda: wizard.plan().profile,
            self._shares_names, self._report_saver,
        )  # fmt: skip

    def asks_to_close(self) -> bool:
        """Whether the window must stay for now: a watch goes on, and the person is asked."""
        return "watch" in vars(self) and self.watch.asks_to_close()

    def shut(self) -> None:
        """End a watch without asking; what it saw is kept."""
        if "watch" in vars(self):
            self.watch.close()

    @Slot()
    def _retranslate(self) -> None:
        if "watch" in vars(self):
            self.watch.retranslate()

    def _shares_names(self) -> bool:
        """Whether files may carry who and which computer."""
        wizard = self._wizard
        return wizard.actions_on_report.show_names and not wizard.control.model.redaction.hidden

    def _compare(self, before: str, after: str) -> "CompareWindow":
        from natwizard.gui.helpdesk.compare_window import (
            CompareWindow,
            kept_candidate,
            report_candidate,
        )
        from natwizard.report.store import latest_before, stored_runs

        report = self._wizard.control.model.report
        candidates = [kept_candidate(run) for run in stored_runs(self._folder)]
        if report is not None:
            candidates = [report_candidate(report)] + [
                one for one in candidates if one.run_id != report.run_id
            ]
            earlier = latest_before(report, self._folder)
            after = after or report.run_id
            before = before or (earlier.run_id if earlier is not None else "")
        elif len(candidates) > 1:
            before = before or candidates[1].run_id
        wizard, redaction = self._wizard, self._wizard.control.model.redaction
        window = CompareWindow(
            wizard.look, wizard, tuple(candidates), before, after, redaction.any_report
        )
        window.open()
        return window

    def _is_settled(self) -> bool:
        return not self._wizard.control.model.busy

    def _failed(self) -> tuple[str, ...]:
        """Checks that did not pass and can be measured again."""
        control = self._wizard.control
        failed = [each.check for each in control.model.findings() if each.status in NOT_DONE]
        return tuple(check for check in failed if control.can_run_again((check,)))

    def _save(self, path: Path) -> None:
        from natwizard.report.files import UnreadableReport
        from natwizard.report.open_report import open_saved

        actions = self._wizard.actions_on_report
        try:
            saved = open_saved(path)
        except UnreadableReport as problem:
            actions.warn(_("This file cannot be opened as a report."), str(problem))
            return
        if isinstance(saved, WatchRecord):
            from natwizard.gui.helpdesk.watch_runner import WatchSaving

            WatchSaving(self._wizard, self._shares_names).ask(saved, "pdf")
        else:
            actions.save_pdf(saved)

    def _turns_pages(self) -> bool:
        return self._wizard.welcome.turn_pages.isChecked()

    @Slot(bool)
    def _on_names(self, hidden: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._wizard.control.hide_names(hidden=hidden)

    @Slot()
    def _show_menu(self) -> None:
        wizard = self._wizard
        menu = QMenu(wizard)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_actions(menu)
        menu.addSeparator()
        larger = menu.addAction(_("Larger type for a shared screen"))
        larger.setShortcut(QKeySequence("F11"))
        larger.setShortcutVisibleInContextMenu(True)
        larger.setCheckable(True)
        larger.setChecked(wizard.look.helpdesk_size)
        larger.triggered.connect(wizard.look.toggle_helpdesk_size)
        button = wizard.step_list.tools.menu
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
