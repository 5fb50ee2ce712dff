"""What the helpdesk does with the window, on top of a run: its menu, switches and own windows."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu

from natwizard.gui.helpdesk.drop import DropTarget
from natwizard.gui.helpdesk.page_turner import PageTurner
from natwizard.gui.keeper import Keeper
from natwizard.gui.run_model import Stage
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.watch import WatchRecord

if TYPE_CHECKING:
    from natwizard.gui.helpdesk.compare_window import CompareWindow
    from natwizard.gui.helpdesk.history_window import HistoryWindow
    from natwizard.gui.helpdesk.saved_watch_window import SavedWatchWindow
    from natwizard.gui.helpdesk.watch_door import WatchDoor
    from natwizard.gui.helpdesk.watch_window import WatchWindow
    from natwizard.gui.wizard import Wizard

NOT_DONE = {Status.FAIL, Status.UNKNOWN}


class HelpdeskTools(QObject):
    """One a window. Its own windows are imported when they are opened first."""

    def __init__(
        self, wizard: "Wizard", keeper: Keeper | None = None, folder: Path | None = None
    ) -> None:
        super().__init__(wizard)
        self._wizard, self._keeper, self._folder = wizard, keeper, folder
        if keeper is not None:
            wizard.control.finished.connect(keeper.keep)
            wizard.control.amended.connect(keeper.keep)
        self._drop = DropTarget(wizard, wizard.open_report, self._is_settled)
        self.turner = PageTurner(wizard, wizard.control, self._turns_pages, self)
        wizard.rail.chosen.connect(self.turner.pause)
        wizard.customButtonClicked.connect(self.turner.pause)
        wizard.finished.connect(self.turner.pause)
        wizard.language.changed.connect(self._retell)
        tools = wizard.rail.tools
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
        if self._wizard.control.model.stage is Stage.FINISHED:
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
    def watch(self) -> "WatchDoor":
        """The watch of this wizard; loads what measures."""
        from natwizard.gui.helpdesk.watch_door import WatchDoor

        wizard = self._wizard
        return WatchDoor(
            wizard, wizard.look, wizard.control, lambda: wizard.plan().profile,
            self._shares_names, self._keeper,
        )  # fmt: skip

    def asks_to_close(self) -> bool:
        """Whether the window must stay for now: a watch goes on, and the person is asked."""
        return "watch" in vars(self) and self.watch.asks_to_close()

    def shut(self) -> None:
        """End a watch without asking; what it saw is kept."""
        if "watch" in vars(self):
            self.watch.close()

    @Slot()
    def _retell(self) -> None:
        if "watch" in vars(self):
            self.watch.retell()

    def _shares_names(self) -> bool:
        """Whether files may carry who and which computer."""
        wizard = self._wizard
        return wizard.actions_on_report.show_names and not wizard.control.model.veil.hidden

    def _compare(self, before: str, after: str) -> "CompareWindow":
        from natwizard.gui.helpdesk.compare_window import CompareWindow
        from natwizard.gui.helpdesk.run_choice import kept_candidate, report_candidate
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
        wizard, veil = self._wizard, self._wizard.control.model.veil
        window = CompareWindow(
            wizard.look, wizard, tuple(candidates), before, after, veil.any_report
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
        from natwizard.report.open_report import UnreadableReport, open_saved

        actions = self._wizard.actions_on_report
        try:
            saved = open_saved(path)
        except UnreadableReport as problem:
            actions.warn(_("This file cannot be opened as a report."), str(problem))
            return
        if isinstance(saved, WatchRecord):
            from natwizard.gui.helpdesk.watch_saving import WatchSaving

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
        button = wizard.rail.tools.menu
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
