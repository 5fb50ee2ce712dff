"""The last runs and watches on this computer: open, compare, save as PDF, delete."""

import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QMessageBox, QWidget

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.icons import Icon
from natwizard.gui.helpdesk.desk_window import DeskTable, DeskTableModel, DeskWindow, Index
from natwizard.gui.look.appearance import RATIOS, Appearance
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.model.finding import Status
from natwizard.model.language import _, ngettext
from natwizard.report.facts import moment_words
from natwizard.report.files import CannotWrite
from natwizard.report.plain import plain
from natwizard.report.store import KEPT, Stored, StoredRun, StoredWatch, forget, stored
from natwizard.report.watch_words import span_words
from natwizard.report.words import role_words, run_words, verdict_status

ROW = 38
GLYPH = 18
VERDICT = 1


class RunModelTable(DeskTableModel):
    """One row a run or watch, newest first."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(look)
        self.runs: tuple[Stored, ...] = ()

    def set_runs(self, runs: tuple[Stored, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self.runs = runs
        self.endResetModel()

    def count(self) -> int:
        return len(self.runs)

    def titles(self) -> tuple[str, ...]:
        return (_("When"), _("Result"), _("What"), _("Run code"), _("Network"))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        run = self.runs[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return _cells(run)[index.column()]
            case Qt.ItemDataRole.AccessibleTextRole:
                return ": ".join((self.titles()[index.column()], _cells(run)[index.column()]))
            case Qt.ItemDataRole.DecorationRole if index.column() == VERDICT:
                return status_icon(self.look, _status(run))
            case _:
                return None


class RunTable(DeskTable):
    """Rows to choose from; Enter opens, Delete deletes.

    Signals:
        opened: the run under the keyboard should be opened.
        deleted: the chosen runs should be deleted.
        picked: other rows are chosen.
    """

    opened = Signal()
    deleted = Signal()
    picked = Signal()

    def __init__(self, look: Appearance) -> None:
        self.runs = RunModelTable(look)
        super().__init__(self.runs, _("Runs on this computer"), ROW)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setCornerButtonEnabled(False)
        self.doubleClicked.connect(self.opened)
        self.selectionModel().selectionChanged.connect(self.picked)

    def chosen(self) -> tuple[Stored, ...]:
        """The chosen runs, newest first."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self.runs.runs[row] for row in rows)

    def set_runs(self, runs: tuple[Stored, ...]) -> None:
        """Show these; the keyboard stays about where it was."""
        row = max(0, self.currentIndex().row())
        self.runs.set_runs(runs)
        if runs:
            index = self.runs.index(min(row, len(runs) - 1), 0)
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.opened.emit()
            case Qt.Key.Key_Delete:
                self.deleted.emit()
            case _:
                super().keyPressEvent(event)

    @Slot()
    def selectAll(self) -> None:
        super().selectAll()
        self.picked.emit()


def _status(run: Stored) -> Status:
    return run.answer.status if isinstance(run, StoredWatch) else verdict_status(run.verdict)


def _cells(run: Stored) -> tuple[str, ...]:
    """What was checked is how calls are taken; a watch does not know its network."""
    when, code = plain(moment_words(run.started_at, zone=False)), plain(run.run_code)
    if isinstance(run, StoredWatch):
        what = _("Watch, {time}").format(time=span_words(60 * max(1, round(run.lasted_s / 60))))
        return (when, run.answer.title, what, code, "")
    verdict = run_words(run.verdict, partial=run.partial)
    return (when, verdict, role_words(run.role), code, plain(run.network))


def status_icon(look: Appearance, status: Status) -> QIcon:
    """A status glyph for a cell; the same whether its row is chosen or not."""
    icon, side = QIcon(), look.px(GLYPH)
    for ratio in RATIOS:
        pixmap = QPixmap((QSizeF(side, side) * ratio).toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_status(painter, QRectF(0, 0, side, side), status, look.theme)
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # Qt would tint the chosen one
            icon.addPixmap(pixmap, mode)
    return icon


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
        self.table.set_runs(runs)
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
        for button in (self.open_run, self.save, self.delete):
            button.setToolTip("" if button.isEnabled() else _("Choose one run or watch."))
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
