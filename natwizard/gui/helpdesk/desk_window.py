"""What the helpdesk's windows share: insets, a title with one line, a body, a foot of buttons."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
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
from natwizard.gui.widgets.buttons import IconButton, set_words
from natwizard.gui.widgets.focus_ring import FocusRing
from natwizard.gui.widgets.keyboard_dialog import KeyboardDialog

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


WIDEST_WORD = 0.3
"""Of a table's width: a longer word (a network's name has up to 32 characters) is cut instead."""


class Column(NamedTuple):
    """What a column of a table needs, in pixels.

    Attributes:
        natural: its widest cell on one line, or its title.
        least: its widest word, or its title.
        around: what a cell has beside its text: padding and an icon.
    """

    natural: int
    least: int
    around: int


class DeskTable(QTableView):
    """Whole rows, without a grid; the last column takes what is left.

    Where the columns do not fit side by side, all give way, and their texts wrap.
    """

    def __init__(self, model: DeskTableModel, name: str, row_px: float) -> None:
        super().__init__()
        self._rows, self._row_px, self._fitting = model, row_px, False
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(model.look.px(row_px))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setResizeContentsPrecision(MEASURED_ROWS)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for changed in (model.modelReset, model.rowsInserted, model.rowsRemoved, model.dataChanged,
                        model.look.changed):  # fmt: skip
            changed.connect(self.fit_columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_columns()

    @Slot()
    def fit_columns(self) -> None:
        """Share the width among the columns; all rows are as high as the highest of the first."""
        if self._fitting or not self._rows.count():
            return
        self._fitting = True  # other heights may bring or take the bar, which is another width
        self.ensurePolished()
        self.setWordWrap(False)
        room = self.viewport().width()
        columns = [self._measure(place, room) for place in range(self._rows.columnCount())]
        widths = shared_widths(columns, room)
        self.setWordWrap(any(w < column.natural for w, column in zip(widths, columns, strict=True)))
        for place, width in enumerate(widths):
            self.horizontalHeader().resizeSection(place, width)
        self.verticalHeader().setDefaultSectionSize(self._row_height(columns, widths))
        self._fitting = False

    def _texts(self, column: int) -> list[str]:
        count = min(self._rows.count(), MEASURED_ROWS)
        return [str(self._rows.data(self._rows.index(row, column))) for row in range(count)]

    def _measure(self, place: int, room: int) -> Column:
        metrics, texts = self.fontMetrics(), self._texts(place)
        title = self.horizontalHeader().sectionSizeHint(place)
        cells = self.sizeHintForColumn(place)
        around = max(0, cells - max(map(metrics.horizontalAdvance, texts)))
        words = (word for text in texts for word in text.replace("-", "- ").split())
        word = max(map(metrics.horizontalAdvance, words), default=0)
        least = around + min(word, round(WIDEST_WORD * room)) + 1
        return Column(max(cells, title), max(min(least, cells), title), around)

    def _row_height(self, columns: Sequence[Column], widths: Sequence[int]) -> int:
        usual, metrics = self._rows.look.px(self._row_px), self.fontMetrics()
        if not self.wordWrap():
            return usual
        text = max(
            metrics.boundingRect(
                QRect(0, 0, width - column.around, 10 * usual), Qt.TextFlag.TextWordWrap, told
            ).height()
            for place, (column, width) in enumerate(zip(columns, widths, strict=True))
            for told in self._texts(place)
        )
        return max(usual, text + usual - metrics.height())


def shared_widths(columns: Sequence[Column], room: int) -> list[int]:
    """A width each: what it needs, or, where that is too much together, the same part of it.

    Texts then wrap into as many lines as each other. None gets less than its widest word, and the
    last what is left over.
    """
    widths = [column.natural for column in columns]
    while sum(widths) > room:
        may_give = [place for place, column in enumerate(columns) if widths[place] > column.least]
        if not may_give:
            return widths
        widths[max(may_give, key=lambda place: widths[place] / columns[place].natural)] -= 1
    widths[-1] += room - sum(widths)
    return widths


SIZE = (920, 600)
SIZE_BESIDE = (860, 680)


class DeskWindow(KeyboardDialog):
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

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: FBT001 - Qt's signature
        self._ring.keyboard_used()
        return super().focusNextPrevChild(forwards)
