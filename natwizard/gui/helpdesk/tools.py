"""What the helpdesk does on top of a run: run again, compare, watch, hide names, drop files."""

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QMimeData, QObject, QTimer, Slot
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from natwizard.gui.actions import Command
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.session import Session
from natwizard.gui.step_list_view import PAGE_IDS
from natwizard.model.finding import Page, Status
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord

if TYPE_CHECKING:
    from natwizard.gui.helpdesk.compare_window import CompareWindow
    from natwizard.gui.helpdesk.history_window import HistoryWindow
    from natwizard.gui.helpdesk.watch_controller import WatchController
    from natwizard.gui.helpdesk.watch_view import SavedWatchWindow
    from natwizard.gui.helpdesk.watch_window import WatchWindow


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
        if path is None:
            return False  # the window itself may take it, as the wizard takes set-up files
        if not self._ready():
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
"""A problem has a remedy, which takes longer to read."""
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

    def __init__(self, session: Session, folder: Path | None = None) -> None:
        super().__init__(session.window)
        self._session, self._folder = session, folder
        saver = session.report_saver
        if saver is not None:
            session.control.finished.connect(saver.keep)
            session.control.amended.connect(saver.keep)
            session.control.finished.connect(self._note)
        self._drop = DropTarget(session.window, session.open_report, lambda: session.settled)
        session.language.changed.connect(self._retranslate)
        session.watch_opened.connect(self.show_saved_watch)
        for command, method in (
            (Command.RUN_FAILED_AGAIN, self.run_failed_again),
            (Command.HISTORY, self.show_history),
            (Command.COMPARE, self.show_comparison),
            (Command.WATCH, self.show_watch),
        ):
            session.actions.connect_to(command, method)
        session.actions[Command.HIDE_NAMES].toggled.connect(self._on_names)

    @Slot(object)
    def _note(self, report: Report) -> None:
        """A run that was stopped has no outcome, here as in the terminal."""
        saver = self._session.report_saver
        if saver is not None and not self._session.control.model.stopped:
            saver.note(report)

    def run_failed_again(self) -> None:
        """Measure again only what did not pass; the rest of the report stands."""
        failed = self.failed_checks()
        if failed:
            self._session.control.run_again(failed)

    def failed_checks(self) -> tuple[str, ...]:
        """Checks that did not pass and can be measured again."""
        control = self._session.control
        failed = [each.check for each in control.model.findings() if each.status in NOT_DONE]
        return tuple(check for check in failed if control.can_run_again((check,)))

    def show_history(self) -> "HistoryWindow | None":
        """The last runs on this computer."""
        from natwizard.gui.helpdesk.history_window import HistoryWindow

        session = self._session
        if not session.settled:
            return None
        window = HistoryWindow(session.look, session.window, self._folder)
        window.opened.connect(session.open_report)
        window.compared.connect(self._compare)
        window.saving.connect(partial(self._save, window))
        window.open()
        return window

    def show_comparison(self) -> "CompareWindow | None":
        """The run in the window against the one before it; without one, the last two."""
        return self._compare("", "") if self._session.settled else None

    def show_watch(self) -> "WatchWindow":
        """A test call and a websocket for minutes or hours, beside this window."""
        return self.watch.open()

    @Slot(object)
    def show_saved_watch(self, record: WatchRecord) -> "SavedWatchWindow":
        """A watch of before, as it was."""
        return self.watch.open_saved(record)

    @cached_property
    def watch(self) -> "WatchController":
        """The watch of this window; loads what measures."""
        from natwizard.gui.helpdesk.watch_controller import WatchController

        session = self._session
        return WatchController(
            session.window, session.look, session.control, lambda: session.plan().profile,
            session.shares_names, session.report_saver,
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

    def _compare(self, before: str, after: str) -> "CompareWindow":
        from natwizard.gui.helpdesk.compare_window import (
            CompareWindow,
            kept_candidate,
            report_candidate,
        )
        from natwizard.report.store import latest_before, stored_runs
        from natwizard.run.rejudge import in_current_language

        session = self._session
        report, redaction = session.control.model.report, session.control.model.redaction

        def shown_report(saved: Report) -> Report:
            profile = session.profile_choice.profile
            return redaction.any_report(in_current_language(saved, profile))

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
        window = CompareWindow(
            session.look, session.window, tuple(candidates), before, after, shown_report
        )
        window.open()
        return window

    def _save(self, window: QWidget, path: Path) -> None:
        """What lies below the list could be neither seen nor reached while that is open."""
        from natwizard.report.files import UnreadableReport
        from natwizard.report.open_report import open_saved

        reports = self._session.reports
        try:
            saved = open_saved(path)
        except UnreadableReport as problem:
            reports.warn(_("This file cannot be opened as a report."), str(problem), over=window)
            return
        if isinstance(saved, WatchRecord):
            from natwizard.gui.helpdesk.watch_runner import WatchSaving

            WatchSaving(window, self._session.shares_names).ask_where_to_save(saved, "pdf")
        else:
            reports.save_pdf(saved, over=window)

    @Slot(bool)
    def _on_names(self, hidden: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._session.control.hide_names(hidden=hidden)
