"""Numbers to type, with their units, side by side with what they are."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QSpinBox, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.gui.widgets.sizes import keep_width
from natwizard.model.writing import NBSP, unit_sign

WIDTH = 128


class AmountField(QSpinBox):
    """A whole number within bounds. With `empty`, 0 stands for "not given" and reads so."""

    def __init__(
        self, look: Appearance, name: str, *, high: int, low: int = 0, unit: str = "",
        empty: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        self._may_be_empty = bool(empty)
        self.setRange(low, high)
        self.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.setGroupSeparatorShown(True)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        if unit:
            self.setSuffix(f"{NBSP}{unit_sign(unit)}")
        if empty:
            self.setSpecialValueText(empty)
        keep_width(look, self, WIDTH)

    def amount(self) -> float | None:
        """The number; None where it is not given."""
        return None if self._may_be_empty and self.value() == 0 else float(self.value())

    def tell(self, value: float | None) -> None:
        """Show another number without telling that it was typed."""
        wanted = round(value or 0)
        if wanted != self.value():
            with QSignalBlocker(self):
                self.setValue(wanted)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """All of it is selected, so that typing replaces it, words as well."""
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A field that somebody emptied is not given; Qt would bring the old number back."""
        if self._may_be_empty and not self.cleanText():
            self.setValue(0)
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling the page past a field must not change it."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Form(QWidget):
    """Labelled fields in two columns, filled from the top of the left one."""

    def __init__(self, look: Appearance, edited: Callable[[], None], rows: int) -> None:
        super().__init__()
        self._look, self._edited, self._rows = look, edited, rows
        self._count = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(3, 1)
        look.changed.connect(self._fit)
        self._fit()

    def amount(
        self, name: str, *, high: int, low: int = 0, unit: str = "", empty: str = ""
    ) -> AmountField:
        """Add a number with its label."""
        field = AmountField(self._look, name, high=high, low=low, unit=unit, empty=empty)
        field.valueChanged.connect(self._edited)
        row, column = self._next()
        said = WrappedLabel(name)
        said.setBuddy(field)
        self._grid.addWidget(said, row, column)
        self._grid.addWidget(field, row, column + 1)
        return field

    def wide(self, widget: QWidget) -> None:
        """Add something that brings its own words."""
        row, column = self._next()
        self._grid.addWidget(widget, row, column, 1, 2)

    def _next(self) -> tuple[int, int]:
        place = self._count
        self._count += 1
        return place % self._rows, 3 * (place // self._rows)

    @Slot()
    def _fit(self) -> None:
        look = self._look
        self._grid.setHorizontalSpacing(look.px(SPACE.m))
        self._grid.setVerticalSpacing(look.px(6))
        self._grid.setColumnMinimumWidth(2, look.px(SPACE.s))
        for row in range(self._rows):
            self._grid.setRowMinimumHeight(row, look.px(36))
