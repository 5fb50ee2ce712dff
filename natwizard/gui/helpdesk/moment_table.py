"""The log of bad moments, newest first."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QIcon

from natwizard.gui.appearance import Appearance
from natwizard.gui.helpdesk.desk_table import DeskTable, DeskTableModel, Index
from natwizard.gui.helpdesk.run_table import status_icon
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.watch import BadMoment, WatchRecord
from natwizard.report.watch_words import (
    STATUSES,
    moment_clock,
    moment_detail,
    moment_span,
    moment_word,
)

ROW = 32
WHAT = 1


class Moments(DeskTableModel):
    """A row a moment; rows that stay keep their place, so that nobody loses theirs."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(look)
        self._rows: tuple[BadMoment, ...] = ()
        self._record: WatchRecord | None = None
        self._icons: dict[Status, QIcon] = {}
        look.changed.connect(self._icons.clear)

    def tell(self, record: WatchRecord | None) -> None:
        """Show those of a record; as a rule only the first row or two are others than before."""
        rows = record.moments[::-1] if record is not None else ()
        before, self._record = self._rows, record
        if rows == before:
            return
        same = _same_at_the_end(before, rows)
        gone, new = len(before) - same, len(rows) - same
        nowhere = QModelIndex()
        if gone > new:
            self.beginRemoveRows(nowhere, 0, gone - new - 1)
            self._rows = rows
            self.endRemoveRows()
        elif new > gone:
            self.beginInsertRows(nowhere, 0, new - gone - 1)
            self._rows = rows
            self.endInsertRows()
        self._rows = rows
        if new:
            last = self.index(new - 1, len(self.titles()) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def count(self) -> int:
        return len(self._rows)

    def titles(self) -> tuple[str, ...]:
        return (_("Time"), _("What"), _("How long"), _("How much"))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        moment = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._cell(moment, index.column())
            case Qt.ItemDataRole.DecorationRole if index.column() == WHAT:
                return self._icon(STATUSES[moment.kind])
            case _:
                return None

    def _icon(self, status: Status) -> QIcon:
        if status not in self._icons:
            self._icons[status] = status_icon(self.look, status)
        return self._icons[status]

    def _cell(self, moment: BadMoment, column: int) -> str:
        match column:
            case 0:
                return moment_clock(self._record, moment) if self._record is not None else ""
            case 1:
                return moment_word(moment.kind)
            case 2:
                return moment_span(moment)
            case _:
                return moment_detail(moment)


class MomentTable(DeskTable):
    """For reading only."""

    def __init__(self, look: Appearance) -> None:
        self.moments = Moments(look)
        super().__init__(self.moments, _("Bad moments"), ROW)


def _same_at_the_end(first: tuple[BadMoment, ...], second: tuple[BadMoment, ...]) -> int:
    """How many of the oldest are in both."""
    same = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        same += 1
    return same
