"""What the planner's pages share: header, insets, a column that scrolls where it must."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.pages.base import CloserRows, PageHeader, scrolling


class PlannerPage(QWidget):
    """Subclasses put their widgets into `inner`."""

    def __init__(self, look: Appearance, title: str, line: str) -> None:
        super().__init__()
        self.look = look
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        look.space(column, margins=(0, SPACE.xl, 0, 0), spacing=SPACE.l)
        head = QHBoxLayout()
        look.space(head, margins=(SPACE.xxl, 0, SPACE.xxl, 0))
        self.header = PageHeader(look, title, line)
        self.header.pill.hide()
        head.addWidget(self.header)
        column.addLayout(head)
        content = QWidget()
        self.inner = QVBoxLayout(content)
        look.space(self.inner, spacing=SPACE.l)
        self.area = scrolling(content, look)
        column.addWidget(self.area, 1)
        self._rows = CloserRows(self, self.area, lambda: self.findChildren(QLayout))
        self.area.resized.connect(self._rows.resized)
        look.changed.connect(self._fit_later)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()

    @Slot()
    def _fit_later(self) -> None:
        """Once every layout has taken its new sizes; a method, so that it ends with the page."""
        QTimer.singleShot(0, self, self.fit)

    @Slot()
    def fit(self) -> None:
        """What the page says is different now."""
        self._rows.fit()
