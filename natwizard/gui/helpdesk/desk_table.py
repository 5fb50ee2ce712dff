"""What the helpdesk's two tables share: their head, their size, how they look."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from natwizard.gui.appearance import Appearance

MEASURED_ROWS = 50
"""As many rows decide how wide a column is; hundreds would be asked each time one changes."""

Index = QModelIndex | QPersistentModelIndex


class DeskTableModel(QAbstractTableModel):
    """Rows under titles; say how many there are, what the titles are, and give `data`."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self.look = look

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def titles(self) -> tuple[str, ...]:
        """One a column, in the language of now."""
        raise NotImplementedError

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else self.count()

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.titles())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's signature
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or orientation is Qt.Orientation.Vertical:
            return None
        return self.titles()[section]


class DeskTable(QTableView):
    """Whole rows, without a grid; the last column takes what is left."""

    def __init__(self, model: DeskTableModel, name: str, row_px: float) -> None:
        super().__init__()
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(model.look.px(row_px))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setResizeContentsPrecision(MEASURED_ROWS)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(model.titles()) - 1, QHeaderView.ResizeMode.Stretch)
