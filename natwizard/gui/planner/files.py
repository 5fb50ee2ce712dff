"""Saves what the planner shows: the open page as CSV, everything as PDF."""

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from natwizard import __version__
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.widgets.saved_notice import show_saved
from natwizard.model.language import _
from natwizard.planner.as_table import (
    Rows,
    bandwidth_rows,
    checklist_rows,
    csv_bytes,
    org_rows,
    plan_rows,
)
from natwizard.report.as_pdf import write_plan_pdf
from natwizard.report.files import CannotWrite, write_whole


class PlannerFiles(QObject):
    """Dialogs that do not stop the event loop."""

    def __init__(self, window: QWidget, book: PlannerBook) -> None:
        super().__init__(window)
        self._window, self._book = window, book

    def ask_where_to_save(self, suffix: str, topic: str) -> None:
        """Ask where, then write."""
        is_pdf = suffix == "pdf"
        title = _("Save PDF") if is_pdf else _("Save CSV")
        dialog = QFileDialog(self._window, title, _documents())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_("PDF document (*.pdf)") if is_pdf else _("Tables (*.csv)"))
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"natwizard-plan.{suffix}" if is_pdf else f"natwizard-{topic}.{suffix}")
        dialog.fileSelected.connect(lambda name: self.write(Path(name), topic))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: Path, topic: str) -> bool:
        """Write by the name's end; says so where it cannot."""
        try:
            if path.suffix.lower() == ".pdf":
                write_plan_pdf(self._book.plan(), self._book.items, path, app_version=__version__)
            else:
                write_whole(path, csv_bytes(self._rows(topic)))
        except CannotWrite as problem:
            self._warn(_("The plan was not saved."), str(problem))
            return False
        show_saved(self._window, path)
        return True

    def _rows(self, topic: str) -> Rows:
        plan = self._book.plan()
        match topic:
            case "storage" if plan.storage is not None:
                return plan_rows(plan.storage)
            case "insight" if plan.insight is not None:
                return plan_rows(plan.insight)
            case "calls" if plan.api_calls is not None:
                return plan_rows(plan.api_calls)
            case "bandwidth" if plan.bandwidth is not None:
                return bandwidth_rows(plan.bandwidth)
            case "checklist":
                return checklist_rows(self._book.items)
            case _:
                return org_rows(plan)

    def _warn(self, text: str, details: str) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle("natwizard")
        box.setText(text)
        box.setInformativeText(details)
        box.finished.connect(box.deleteLater)
        box.open()


def _documents() -> str:
    place = QStandardPaths.StandardLocation.DocumentsLocation
    return QStandardPaths.writableLocation(place) or str(Path.home())
