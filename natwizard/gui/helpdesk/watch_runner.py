"""Runs a watch on a probe thread of its own and tells how it stands."""

import logging
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMenu, QMessageBox, QWidget

from natwizard.gui.report_places import proposed_path
from natwizard.gui.run.probe_thread import Emit, ProbeThread
from natwizard.gui.widgets.saved_notice import show_saved
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.model.watch import WatchRecord
from natwizard.report.files import CannotWrite
from natwizard.report.watch_files import masked_watch, write_watch
from natwizard.run.runner import Environment
from natwizard.watch.run import Watch


class WatchSaving(QObject):
    """Dialogs of one window that never stop the event loop."""

    def __init__(self, window: QWidget, shares_names: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window, self._shares_names = window, shares_names

    def shared(self, record: WatchRecord) -> WatchRecord:
        """As it may leave this computer."""
        return record if record.redacted or self._shares_names() else masked_watch(record)

    def show_formats(self, record: WatchRecord, button: QAbstractButton) -> None:
        """The formats as a menu above their button."""
        menu = QMenu(self._window)
        for words, suffix in (
            (_("PDF document..."), "pdf"),
            (_("CSV table..."), "csv"),
            (_("JSON..."), "json"),
        ):
            action = menu.addAction(words)
            action.triggered.connect(
                lambda _checked=False, suffix=suffix: self.ask_where_to_save(record, suffix)
            )
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def ask_where_to_save(self, record: WatchRecord, suffix: str) -> None:
        """Ask where, then write."""
        kinds = {
            "pdf": _("PDF document (*.pdf)"),
            "csv": _("CSV table (*.csv)"),
            "json": _("JSON (*.json)"),
        }
        proposal = proposed_path(record.run_code, suffix, kind="watch")
        dialog = QFileDialog(self._window, _("Save"), str(proposal.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(kinds[suffix])
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(proposal.name)
        dialog.fileSelected.connect(lambda chosen: self.write(record, Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, record: WatchRecord, path: Path) -> bool:
        """Save it in the format of the file's name."""
        try:
            write_watch(self.shared(record), path)
        except CannotWrite as problem:
            self.warn(_("The watch was not saved."), str(problem))
            return False
        show_saved(self._window, path)
        return True

    def warn(self, text: str, details: str) -> None:
        """One plain sentence and the reason."""
        box = QMessageBox(self._window)
        box.setWindowTitle(self._window.windowTitle())
        box.setText(text)
        box.setInformativeText(details)
        box.finished.connect(box.deleteLater)
        box.open()


LOG = logging.getLogger(__name__)


class WatchEnded(Struct, frozen=True, kw_only=True):
    """A watch is over; `broke` says why where it was a defect of ours."""

    record: WatchRecord | None = None
    broke: str = ""


class WatchRunner(QObject):
    """One watch after another.

    Signals:
        progressed: what is known so far, once a second; carries a WatchRecord.
        ended: the watch is over; carries the reason where it broke, else nothing.
    """

    progressed = Signal(object)
    ended = Signal(str)

    def __init__(
        self, profile: Callable[[], Profile], environment: Callable[[], Environment],
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._profile, self._environment = profile, environment
        self._thread = ProbeThread(self)
        self._thread.happened.connect(self._on_happened)
        self._watch: Watch | None = None
        self.record: WatchRecord | None = None

    @property
    def watching(self) -> bool:
        """Whether packets may be on their way."""
        return self._watch is not None

    @property
    def can_call(self) -> bool:
        """Whether the browser could hold a call meanwhile."""
        return self._environment().open_page is not None and bool(self._profile().targets.turn)

    def start(self, duration_s: float, *, holds_call: bool = False) -> None:
        """Watch for so long; the browser holds a call meanwhile, if that is wanted."""
        if self.watching:
            return
        thread = self._thread
        watch = Watch(
            profile=self._profile(),
            environment=self._environment(),
            told=thread.deliver,
            duration_s=duration_s,
            holds_call=holds_call,
        )
        self._watch, self.record = watch, None

        async def work(emit: Emit) -> None:
            try:
                emit(WatchEnded(record=await watch.execute()))
            except Exception as error:
                LOG.exception("the watch broke")
                emit(WatchEnded(broke=f"{type(error).__name__}: {error}"))

        thread.submit(work)

    def stop(self) -> None:
        """End it early; what was seen stays."""
        if self._watch is not None:
            self._thread.call(self._watch.stop)

    def close(self) -> bool:
        """Cancel everything; False if something did not end within a second."""
        return self._thread.close()

    @Slot(object)
    def _on_happened(self, event: WatchRecord | WatchEnded) -> None:
        if isinstance(event, WatchEnded):
            self._watch = None
            if event.record is not None:
                self.record = event.record
            self.ended.emit(event.broke)
        else:
            self.record = event
            self.progressed.emit(event)
