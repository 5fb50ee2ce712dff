"""The watch of a wizard: what measures, its window, the windows of saved ones, what is kept."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from natwizard.gui.helpdesk.watch_runner import WatchRunner
from natwizard.gui.helpdesk.watch_view import SavedWatchWindow, WatchView
from natwizard.gui.helpdesk.watch_window import WatchWindow
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.stop_question import ask_to_stop_watching
from natwizard.gui.widgets.buttons import set_words
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.model.watch import WatchRecord

KEEP_EVERY_S = 300.0
"""A crash takes no more of a long watch than this."""

LEAVE_MS = 3000
"""The window closes as soon as the watch has ended; after this it closes all the same."""
WRITTEN_S = 3.0
"""Closing waits so long for the record that is being written; a slow disk shall not hold it."""


class WatchController(QObject):
    """One watch a wizard. Checks and watch share a line, so each waits for the other."""

    def __init__(
        self,
        parent: QWidget,
        look: Appearance,
        control: RunControl,
        profile: Callable[[], Profile],
        shares_names: Callable[[], bool],
        report_saver: ReportSaver | None,
    ) -> None:
        super().__init__(parent)
        self._parent, self._look, self._run_control = parent, look, control
        self._profile = profile
        self._shares_names, self._report_saver = shares_names, report_saver
        self.control = WatchRunner(profile, control.environment, self)
        self.control.progressed.connect(self._on_progress)
        self.control.ended.connect(self._on_ended)
        self.window: WatchWindow | None = None
        self.saved: list[SavedWatchWindow] = []
        self._kept_s = 0.0
        self._writing: threading.Thread | None = None
        self._leaving = False
        control.held_by = self._held_words
        control.refused.connect(self._on_refused)
        control.changed.connect(self._refresh_saved)

    @Slot()
    def open(self) -> WatchWindow:
        """The window of the watch, in front."""
        if self.window is None:
            self.window = self._make_window()
        _bring(self.window)
        return self.window

    def open_saved(self, record: WatchRecord) -> SavedWatchWindow:
        """A saved watch in a window of its own, or the one that shows it already."""
        shown = next((each for each in self.saved if each.saved == record), None)
        if shown is None:
            shown = self._make_saved(record)
        _bring(shown)
        return shown

    def retranslate(self) -> None:
        """The same windows in the language of now; what measures goes on."""
        if self.window is not None:
            before, self.window = self.window, None
            made = self.window = self._make_window()
            made.duration.setCurrentIndex(before.duration.currentIndex())
            made.holds_call.setChecked(before.holds_call.isChecked())
            _replace(before, made)
        for saved in tuple(self.saved):
            self.saved.remove(saved)
            _replace(saved, self._make_saved(saved.saved))

    def asks_to_close(self) -> bool:
        """Whether a watch goes on, so that the person is asked first; else all of it is closed."""
        if self.control.watching and not self._leaving:
            ask_to_stop_watching(self._parent, self._stop_and_leave, self.control.ended)
            return True
        self.close()
        return False

    def close(self) -> None:
        """End it all; what was seen is kept, and on the disk when this returns."""
        self._leaving = True
        if self.control.watching and self.control.record is not None:
            self._keep(self.control.record)
        for view in (self.window, *self.saved):
            if view is not None:
                _drop(view)
        self.window, self.saved = None, []
        self.control.close()
        if self._writing is not None:
            self._writing.join(WRITTEN_S)

    def _make_window(self) -> WatchWindow:
        made = WatchWindow(
            self._look, self._parent, self.control, self._shares_names, self._hindrance
        )
        made.finished.connect(self._on_window_closed)
        return made

    def _make_saved(self, record: WatchRecord) -> SavedWatchWindow:
        made = SavedWatchWindow(
            self._look, self._parent, record, self._shares_names,
            lambda: self._run_control.model.redaction.hidden,
        )  # fmt: skip
        self.saved.append(made)
        made.finished.connect(lambda: self._forget(made))
        return made

    def _forget(self, window: SavedWatchWindow) -> None:
        if window in self.saved:
            self.saved.remove(window)

    @Slot()
    def _on_window_closed(self) -> None:
        self.window = None

    @Slot()
    def _refresh_saved(self) -> None:
        for window in self.saved:
            window.refresh()

    @Slot(object)
    def _on_progress(self, record: WatchRecord) -> None:
        if record.lasted_s < self._kept_s:
            self._kept_s = 0.0  # of the watch before
        if record.lasted_s - self._kept_s >= KEEP_EVERY_S:
            self._keep(record)

    @Slot(str)
    def _on_ended(self, _broke: str) -> None:
        if self.control.record is not None:
            self._keep(self.control.record)
            self._share(self.control.record)
        self._kept_s = 0.0
        if self._leaving:
            self._leave()

    def _keep(self, record: WatchRecord) -> None:
        self._kept_s = record.lasted_s
        if self._report_saver is not None and record.saw_anything:
            self._writing = self._report_saver.keep(record, self._writing)

    def _share(self, record: WatchRecord) -> None:
        """Hand the bad moments on where the profile wants that; nobody waits for it."""
        profile = self._profile()
        if profile.share.watches and record.saw_anything:
            threading.Thread(
                target=_hand_on, args=(record, profile), name="share a watch", daemon=True
            ).start()

    @Slot()
    def _stop_and_leave(self) -> None:
        self._leaving = True
        self.control.stop()
        QTimer.singleShot(LEAVE_MS, self, self._leave)

    @Slot()
    def _leave(self) -> None:
        if self._parent.isVisible():
            self._parent.close()

    def _held_words(self) -> str:
        if not self.control.watching:
            return ""
        return _("This connection is being watched: a check now would spoil both measurements.")

    def _hindrance(self) -> str:
        if self._run_control.model.busy or self._run_control.testing:
            return _("The checks are running. A watch now would spoil both: wait until they end.")
        return ""

    @Slot(str)
    def _on_refused(self, reason: str) -> None:
        box = QMessageBox(QApplication.activeModalWidget() or self._parent)
        box.setWindowTitle("natwizard")
        box.setText(reason)
        box.setInformativeText(_("Stop the watch first; what it has seen is kept."))
        show = box.addButton("", QMessageBox.ButtonRole.AcceptRole)
        set_words(show, _("&Show the watch"))
        set_words(box.addButton("", QMessageBox.ButtonRole.RejectRole), _("&Close"))
        show.clicked.connect(self.open)
        box.finished.connect(box.deleteLater)
        box.open()


def _bring(window: WatchView) -> None:
    """Into sight and to the front, also from the task bar."""
    if window.isMinimized():
        window.showNormal()
    window.show()
    window.raise_()
    window.activateWindow()


def _replace(before: WatchView, after: WatchView) -> None:
    after.setGeometry(before.geometry())
    state = before.windowState()
    _drop(before)
    after.setWindowState(state)
    after.show()


def _drop(window: WatchView) -> None:
    """Without asking: whoever drops it has asked, or shows the same in another window."""
    window.blockSignals(True)  # noqa: FBT003 - Qt's signature
    window.hide()
    window.deleteLater()


def _hand_on(record: WatchRecord, profile: Profile) -> None:
    from natwizard.share.from_here import begin_watch_here

    begin_watch_here(record, profile).deliveries()
