"""What the helpdesk's windows share: insets, a title with one line, a body, a foot of buttons."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.icons import Icon
from natwizard.drawing.mark import mark_icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.pages.base import PageHeader
from natwizard.gui.widgets.buttons import IconButton, press_focused, set_words
from natwizard.gui.widgets.focus_ring import FocusRing

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


SIZE = (920, 600)
SIZE_BESIDE = (860, 680)


class DeskWindow(QDialog):
    """Put widgets into `body` and buttons into `foot`; Esc closes.

    With `beside` it has a place of its own in the task bar and can be minimised alone, which
    no system lets a window do that belongs to `parent`.
    """

    def __init__(
        self, look: Appearance, parent: QWidget, title: str, line: str, *, beside: bool = False
    ) -> None:
        super().__init__(None if beside else parent)
        if beside:
            self.setWindowIcon(mark_icon())
        self.look = look
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setWindowFlag(Qt.WindowType.WindowMinMaxButtonsHint, on=True)
        whole = QVBoxLayout(self)
        look.space(whole)
        self.body = QVBoxLayout()
        look.space(self.body, margins=(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l), spacing=SPACE.l)
        self.header = PageHeader(look, title, line)
        self.header.pill.hide()
        self.body.addWidget(self.header)
        whole.addLayout(self.body, 1)
        rule = QFrame()
        rule.setProperty("box", "rule")
        rule.setFixedHeight(look.theme.line_px)
        whole.addWidget(rule)
        self.foot = QHBoxLayout()
        look.space(self.foot, margins=(SPACE.xxl, SPACE.m, SPACE.xxl, SPACE.m), spacing=SPACE.s)
        whole.addLayout(self.foot)
        self._ring = FocusRing(look, self)
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinimumSize)
        width, height = SIZE_BESIDE if beside else SIZE
        wanted = QSize(look.px(width), look.px(height))
        self.resize(wanted.boundedTo(parent.screen().availableSize()))

    def button(self, words: str, icon: Icon | None = None, *, kind: str = "") -> QPushButton:
        """A button for the foot; "&" marks its Alt letter."""
        made: QPushButton
        if icon is None:
            made = QPushButton()
            made.setProperty("kind", kind)
            made.setAutoDefault(False)
            set_words(made, words)
        else:
            made = IconButton(self.look, icon, words, kind=kind)
        self.foot.addWidget(made)
        return made

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_focused(self, event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: FBT001 - Qt's signature
        self._ring.keyboard_used()
        return super().focusNextPrevChild(forwards)
