"""A few facts side by side: a small name above each value."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.report.plain import plain


class FactsRow(QWidget):
    """Always as many columns as it was made with."""

    def __init__(self, look: Appearance, count: int) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.px(SPACE.l))
        grid.setVerticalSpacing(0)
        self._names = [WrappedLabel(face="meta", tone="2") for _place in range(count)]
        self._values = [WrappedLabel(face="strong") for _place in range(count)]
        for place in range(count):
            grid.addWidget(self._names[place], 0, place)
            grid.addWidget(self._values[place], 1, place, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(place, 1)

    def tell(self, facts: tuple[tuple[str, str], ...]) -> None:
        """A name and a value each."""
        for place, (name, value) in enumerate(facts):
            self._names[place].setText(plain(name))
            self._values[place].setText(plain(value))
