"""The runs and watches of this computer as rows: when, what, how it ended, its code, for whom."""

from typing import Any

from PySide6.QtCore import QItemSelectionModel, QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView

from natwizard.drawing.glyphs import paint_status
from natwizard.gui.appearance import RATIOS, Appearance
from natwizard.gui.helpdesk.desk_table import DeskTable, DeskTableModel, Index
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.report.facts import moment_words
from natwizard.report.plain import plain
from natwizard.report.store import Stored, StoredWatch
from natwizard.report.watch_words import span_words
from natwizard.report.words import role_words, verdict_status, verdict_words

ROW = 38
GLYPH = 18
VERDICT = 1


class RunModelTable(DeskTableModel):
    """One row a run or watch, newest first."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(look)
        self.runs: tuple[Stored, ...] = ()

    def tell(self, runs: tuple[Stored, ...]) -> None:
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
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(self.opened)
        self.selectionModel().selectionChanged.connect(self.picked)

    def chosen(self) -> tuple[Stored, ...]:
        """The chosen runs, newest first."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self.runs.runs[row] for row in rows)

    def tell(self, runs: tuple[Stored, ...]) -> None:
        """Show these; the keyboard stays about where it was."""
        row = max(0, self.currentIndex().row())
        self.runs.tell(runs)
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
    return (when, verdict_words(run.verdict), role_words(run.role), code, plain(run.network))


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
