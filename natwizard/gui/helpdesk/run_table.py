"""The runs of this computer as rows: when, how it ended, its code, for whom, on which network."""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSizeF,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from natwizard.drawing.glyphs import paint_status
from natwizard.gui.appearance import RATIOS, Appearance
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.report.facts import moment_words
from natwizard.report.plain import plain
from natwizard.report.store import StoredRun
from natwizard.report.words import role_words, verdict_status, verdict_words

ROW = 38
GLYPH = 18
VERDICT = 1

Index = QModelIndex | QPersistentModelIndex


class RunModelTable(QAbstractTableModel):
    """One row a run, newest first."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self.runs: tuple[StoredRun, ...] = ()

    def tell(self, runs: tuple[StoredRun, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self.runs = runs
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(_titles())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's signature
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or orientation is Qt.Orientation.Vertical:
            return None
        return _titles()[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        run = self.runs[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return _cells(run)[index.column()]
            case Qt.ItemDataRole.AccessibleTextRole:
                return ": ".join((_titles()[index.column()], _cells(run)[index.column()]))
            case Qt.ItemDataRole.DecorationRole if index.column() == VERDICT:
                return status_icon(self._look, verdict_status(run.verdict))
            case _:
                return None


class RunTable(QTableView):
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
        super().__init__()
        self.runs = RunModelTable(look)
        self.setModel(self.runs)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Runs on this computer"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(look.px(ROW))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(_titles()) - 1, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self.opened)
        self.selectionModel().selectionChanged.connect(self.picked)

    def chosen(self) -> tuple[StoredRun, ...]:
        """The chosen runs, newest first."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self.runs.runs[row] for row in rows)

    def tell(self, runs: tuple[StoredRun, ...]) -> None:
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


def _titles() -> tuple[str, ...]:
    return (_("When"), _("Result"), _("Run code"), _("Calls"), _("Network"))


def _cells(run: StoredRun) -> tuple[str, ...]:
    return (
        plain(moment_words(run.started_at, zone=False)),
        verdict_words(run.verdict),
        plain(run.run_code),
        role_words(run.role),
        plain(run.network),
    )


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
