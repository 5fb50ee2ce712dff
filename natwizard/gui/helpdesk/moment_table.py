"""The log of bad moments, newest first."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from natwizard.gui.appearance import Appearance
from natwizard.gui.helpdesk.run_table import status_icon
from natwizard.model.language import _
from natwizard.model.watch import BadMoment, WatchRecord
from natwizard.report.watch_words import (
    STATUSES,
    moment_clock,
    moment_detail,
    moment_word,
    span_words,
)

ROW = 32
WHAT = 1

Index = QModelIndex | QPersistentModelIndex


class Moments(QAbstractTableModel):
    """A row a moment; rows that stay keep their place, so that nobody loses theirs."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._rows: tuple[tuple[BadMoment, tuple[str, ...]], ...] = ()

    def tell(self, record: WatchRecord | None) -> None:
        """Show those of a record."""
        moments = record.moments[::-1] if record is not None else ()
        rows = tuple((moment, _cells(record, moment)) for moment in moments if record is not None)
        if rows == self._rows:
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

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
        moment, cells = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return cells[index.column()]
            case Qt.ItemDataRole.DecorationRole if index.column() == WHAT:
                return status_icon(self._look, STATUSES[moment.kind])
            case _:
                return None


class MomentTable(QTableView):
    """For reading only."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.moments = Moments(look)
        self.setModel(self.moments)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAccessibleName(_("Bad moments"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(look.px(ROW))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(_titles()) - 1, QHeaderView.ResizeMode.Stretch)


def _titles() -> tuple[str, ...]:
    return (_("Time"), _("What"), _("How long"), _("How much"))


def _cells(record: WatchRecord, moment: BadMoment) -> tuple[str, ...]:
    return (
        moment_clock(record, moment),
        moment_word(moment.kind),
        span_words(moment.duration_s),
        moment_detail(moment),
    )
