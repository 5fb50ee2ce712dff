"""What can be done with a finished report: copy it, save it, open another one or a watch."""

from pathlib import Path

from msgspec import structs
from PySide6.QtCore import QMimeData, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from natwizard.gui.report_places import documents, proposed_path
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.widgets.saved_notice import show_saved
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord
from natwizard.report.as_html import report_html
from natwizard.report.as_json import write_json
from natwizard.report.as_mail import mail_draft
from natwizard.report.as_pdf import write_pdf
from natwizard.report.as_text import copy_for_helpdesk
from natwizard.report.files import CannotWrite, UnreadableReport, write_whole
from natwizard.report.open_report import open_saved
from natwizard.report.redact import redact


class ReportActions(QObject):
    """Dialogs that never stop the event loop: probes may still be telling.

    Signals:
        opened: carries the Report and the path it came from.
        watch_opened: a file held a watch; carries the WatchRecord.
        saved: carries the path as text.
    """

    opened = Signal(object, str)
    watch_opened = Signal(object)
    saved = Signal(str)

    def __init__(self, window: QWidget, control: RunControl) -> None:
        super().__init__(window)
        self._window, self._control = window, control
        self.show_names = False
        """Whether names and addresses are left in; the helpdesk opts in."""
        self.reference = ""
        """The name or ticket that goes into PDF and HTML; what the person typed, or nothing."""

    def copy(self, report: Report) -> None:
        """Put the text for the helpdesk on the clipboard."""
        QGuiApplication.clipboard().setText(copy_for_helpdesk(self._as_shared(report)))

    def mail(self, report: Report, to: str = "") -> None:
        """Open the draft of a mail, with the report as a PDF on the clipboard to paste into it."""
        shared = self._as_shared(report)
        path = self._pdf_to_attach(shared)
        name = path.name if path is not None else ""
        draft = QUrl.fromEncoded(mail_draft(shared, to=to, attachment=name).encode())
        opened = QDesktopServices.openUrl(draft)
        if path is None:
            return
        if not opened:
            text = _("Send the file {name} with the run code {code}; it is in {folder}.")
            told = text.format(name=name, code=report.run_code, folder=path.parent)
            self.warn(_("No mail program opens here."), told)
        show_saved(self._window, path, _("To paste into the mail: {name}"))
        self.saved.emit(str(path))

    def _pdf_to_attach(self, shared: Report) -> Path | None:
        """Written among the documents, else at home, and on the clipboard; says where it cannot."""
        proposed = proposed_path(shared.run_code, "pdf")
        for path in (proposed, Path.home() / proposed.name):
            try:
                write_pdf(shared, path)
            except CannotWrite as problem:
                trouble = str(problem)
                continue
            files = QMimeData()
            files.setUrls([QUrl.fromLocalFile(str(path))])
            QGuiApplication.clipboard().setMimeData(files)
            return path
        self.warn(_("The report was not saved."), trouble)
        return None

    def save_pdf(self, report: Report, *, over: QWidget | None = None) -> None:
        """Ask where, then write; `over` is the window that it was asked from, if another one."""
        self._ask_save(report, _("Save PDF"), "pdf", _("PDF document (*.pdf)"), over=over)

    def save_html(self, report: Report) -> None:
        """Ask where, then write."""
        self._ask_save(report, _("Save HTML"), "html", _("Web page (*.html)"))

    def save_json(self, report: Report) -> None:
        """Ask where, then write."""
        self._ask_save(report, _("Save JSON"), "json", _("JSON report (*.json)"))

    def write(self, report: Report, path: Path, *, over: QWidget | None = None) -> bool:
        """Write a PDF, HTML or JSON file by the name's end; says so where it cannot.

        It says so, and that it was saved, in the window `over` which it was asked.
        """
        shared = self._as_shared(report)
        shown = self._control.model.report
        # what was typed is about the run that is shown, not about one that is saved from a list
        typed = self.reference if shown is not None and shown.run_id == report.run_id else ""
        named = structs.replace(shared, reference=typed or shared.reference)
        try:
            match path.suffix.lower():
                case ".json":
                    write_json(shared, path)
                case ".html":
                    write_whole(path, report_html(named).encode())
                case _:
                    write_pdf(named, path)
        except CannotWrite as problem:
            self.warn(_("The report was not saved."), str(problem), over=over)
            return False
        show_saved(over or self._window, path)
        self.saved.emit(str(path))
        return True

    def ask_open(self) -> None:
        """Ask which report, then open it."""
        dialog = QFileDialog(self._window, _("Open a report"), documents())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_("Reports and watches (*.pdf *.json)"))
        dialog.fileSelected.connect(lambda name: self.open(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open(self, path: Path) -> bool:
        """Open a saved report or watch; says so where it cannot."""
        try:
            saved = open_saved(path)
        except UnreadableReport as problem:
            self.warn(_("This file cannot be opened as a report."), str(problem))
            return False
        if isinstance(saved, WatchRecord):
            self.watch_opened.emit(saved)
        else:
            self.opened.emit(saved, str(path))
        return True

    def warn(self, text: str, details: str, *, over: QWidget | None = None) -> None:
        """One plain sentence and the reason, without stopping anything else."""
        box = QMessageBox(over or self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("natwizard")
        box.setText(text)
        box.setInformativeText(details)
        box.finished.connect(box.deleteLater)
        box.open()

    def _as_shared(self, report: Report) -> Report:
        open_ = self.show_names and not self._control.model.redaction.hidden
        if open_ or report.redacted:
            return report
        import natwizard.checks.catalogue  # noqa: F401 - whose texts evidence holds, probes say

        return redact(report)

    def _ask_save(
        self, report: Report, title: str, suffix: str, kinds: str, *, over: QWidget | None = None
    ) -> None:
        proposal = proposed_path(report.run_code, suffix)
        dialog = QFileDialog(over or self._window, title, str(proposal.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(kinds)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(proposal.name)
        dialog.fileSelected.connect(lambda chosen: self.write(report, Path(chosen), over=over))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
