"""What the planner's pages share: header, insets, a column that scrolls where it must."""

from PySide6.QtCore import QSize, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.pages.base import PageHeader, lay_out, scrolling

CLOSER = (0.7, 0.35)
"""What is left of the space between pieces where a page would scroll by less than that brings."""
USUAL, GIVEN = "usual_spacing", "given_spacing"
"""Properties of a layout: its space between rows as it was made, and as `fit` left it."""


class PlannerPage(QWidget):
    """Subclasses put their widgets into `inner`.

    Where a few pixels are missing, everything stands closer: no type is smaller, and nobody has to
    find out that there is one more line below.
    """

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
        self._fitting, self._fitted = False, QSize()
        self.area.resized.connect(self._on_resized)
        # once every layout has taken its new sizes
        look.changed.connect(lambda: QTimer.singleShot(0, self, self.fit))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()

    @Slot()
    def _on_resized(self) -> None:
        """A bar that comes or goes resizes what scrolls, and is what `fit` brings about itself."""
        if self.area.size() != self._fitted:
            self.fit()

    @Slot()
    def fit(self) -> None:
        """Usual spaces where there is room for them, else closer, unless that does not help."""
        if self._fitting or not self.isVisible():
            return
        self._fitting, self._fitted = True, self.area.size()
        for share in (1.0, *CLOSER, 1.0):
            _space(self, share)
            lay_out(self)
            if self.area.fits():
                break
        self._fitting = False


def _space(page: QWidget, share: float) -> None:
    """Give each layout this share of the space between its rows that somebody else gave it."""
    for made in page.findChildren(QLayout):
        match made:
            case QGridLayout():
                made.setVerticalSpacing(_share_of(made, made.verticalSpacing(), share))
            case QVBoxLayout():
                made.setSpacing(_share_of(made, made.spacing(), share))
            case _:
                continue


def _share_of(layout: QLayout, now: int, share: float) -> int:
    if now != layout.property(GIVEN):
        layout.setProperty(USUAL, now)
    given = round(share * int(layout.property(USUAL)))
    layout.setProperty(GIVEN, given)
    return given
