"""The last runs and watches on this computer: open, compare, save as PDF, delete."""

import threading
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from natwizard.drawing.icons import Icon
from natwizard.gui.appearance import Appearance
from natwizard.gui.helpdesk.desk_window import DeskWindow
from natwizard.gui.helpdesk.run_table import RunTable
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.model.language import _, ngettext
from natwizard.report.files import CannotWrite
from natwizard.report.store import KEPT, Stored, StoredRun, StoredWatch, forget, stored


class HistoryWindow(DeskWindow):
    """A table of runs and watches, and what can be done with those that are chosen.

    Signals:
        opened: one of them should be shown; carries its path.
        compared: two runs should be compared; carries the run IDs, the earlier first.
        saving: one of them should be saved as PDF; carries its path.
        loaded: the runs are read; carries them.
    """

    opened = Signal(object)
    compared = Signal(str, str)
    saving = Signal(object)
    loaded = Signal(object)

    def __init__(self, look: Appearance, parent: QWidget, folder: Path | None = None) -> None:
        super().__init__(
            look, parent, _("Runs on this computer"),
            _("The last {count} runs and watches are kept here, and nowhere else.")
            .format(count=KEPT),
        )  # fmt: skip
        self._folder = folder
        self.table = RunTable(look)
        self.table.opened.connect(self._open)
        self.table.deleted.connect(self._ask_delete)
        self.table.picked.connect(self._refresh_buttons)
        self.empty = WrappedLabel(_("Reading..."), tone="2")
        self.body.addWidget(self.empty)
        self.body.addWidget(self.table, 1)
        self.body.addStretch(0)
        self.delete = self.button(_("&Delete"))
        self.delete.clicked.connect(self._ask_delete)
        self.foot.addStretch()
        self.save = self.button(_("&Save PDF"), Icon.SAVE)
        self.save.clicked.connect(self._save)
        self.compare = self.button(_("Co&mpare"))
        self.compare.clicked.connect(self._compare)
        self.open_run = self.button(_("&Open"), kind="primary")
        self.open_run.clicked.connect(self._open)
        self.shut = self.button(_("&Close"))
        self.shut.clicked.connect(self.close)
        self.table.hide()
        self._refresh_buttons()
        self.loaded.connect(self._on_loaded)
        self.read()

    def read(self) -> None:
        """Read what is kept, off the GUI thread; `loaded` has it."""
        threading.Thread(target=self._read, name="read runs", daemon=True).start()

    def _read(self) -> None:
        runs = stored(self._folder)
        try:
            self.loaded.emit(runs)
        except RuntimeError:  # the window was closed meanwhile
            return

    @Slot(object)
    def _on_loaded(self, runs: tuple[Stored, ...]) -> None:
        self.table.tell(runs)
        self.table.setVisible(bool(runs))
        self.empty.setVisible(not runs)
        self.empty.setText(
            _("No run is kept here yet. Press Start checks; the result is kept by itself.")
        )
        self._refresh_buttons()
        (self.table if runs else self.shut).setFocus()

    @Slot()
    def _refresh_buttons(self) -> None:
        chosen = self.table.chosen()
        count = len(chosen)
        self.open_run.setEnabled(count == 1)
        self.save.setEnabled(count == 1)
        self.delete.setEnabled(count > 0)
        comparable = count == 2 and all(isinstance(each, StoredRun) for each in chosen)
        self.compare.setEnabled(comparable)
        self.compare.setToolTip("" if comparable else _("Choose two runs to compare them."))

    @Slot()
    def _open(self) -> None:
        chosen = self.table.chosen()
        if len(chosen) == 1:
            self.opened.emit(chosen[0].path)
            self.close()

    @Slot()
    def _save(self) -> None:
        chosen = self.table.chosen()
        if len(chosen) == 1:
            self.saving.emit(chosen[0].path)

    @Slot()
    def _compare(self) -> None:
        chosen = self.table.chosen()
        if len(chosen) == 2:
            later, earlier = chosen
            self.compared.emit(earlier.run_id, later.run_id)

    @Slot()
    def _ask_delete(self) -> None:
        chosen = self.table.chosen()
        if not chosen:
            return
        box = QMessageBox(self)
        box.setWindowTitle(self.windowTitle())
        box.setText(_question(chosen))
        box.setInformativeText(_("Saved PDF and JSON files stay where they are."))
        delete = box.addButton("", QMessageBox.ButtonRole.AcceptRole)
        set_words(delete, _("&Delete"))
        set_words(box.addButton("", QMessageBox.ButtonRole.RejectRole), _("&Keep"))
        delete.clicked.connect(lambda: self._delete(chosen))
        box.finished.connect(box.deleteLater)
        box.open()

    def _delete(self, chosen: tuple[Stored, ...]) -> None:
        for run in chosen:
            try:
                forget(run.path)
            except CannotWrite as problem:
                self.empty.setText(str(problem))
                self.empty.show()
                return
        self.read()


def _question(chosen: tuple[Stored, ...]) -> str:
    count = len(chosen)
    watches = sum(isinstance(each, StoredWatch) for each in chosen)
    if watches == count:
        text = ngettext("Delete this watch?", "Delete these {count} watches?", count)
    elif watches:
        text = _("Delete these {count} runs and watches?")
    else:
        text = ngettext("Delete this run?", "Delete these {count} runs?", count)
    return text.format(count=count)
