"""Saves a watch as PDF, CSV or JSON: asks where, writes, says so where it cannot."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMenu, QMessageBox, QWidget

from natwizard.gui.report_places import proposed_path
from natwizard.model.language import _
from natwizard.model.watch import WatchRecord
from natwizard.report.files import CannotWrite
from natwizard.report.watch_files import masked_watch, write_watch


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
            action.triggered.connect(lambda _checked=False, suffix=suffix: self.ask(record, suffix))
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def ask(self, record: WatchRecord, suffix: str) -> None:
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
        return True

    def warn(self, text: str, details: str) -> None:
        """One plain sentence and the reason."""
        box = QMessageBox(self._window)
        box.setWindowTitle(self._window.windowTitle())
        box.setText(text)
        box.setInformativeText(details)
        box.finished.connect(box.deleteLater)
        box.open()
