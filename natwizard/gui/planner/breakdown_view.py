"""The stacked bar as a widget."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from natwizard.drawing.breakdown import BarSizes, breakdown_height, paint_breakdown
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.painted import Painted
from natwizard.model.breakdown import Breakdown
from natwizard.report.plan_words import breakdown_sentence, share_words

BAR = 24


class BreakdownView(Painted):
    """Caption, bar and legend; as high as they need."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(look)
        self._breakdown = Breakdown(caption="", slices=())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def tell(self, breakdown: Breakdown) -> None:
        """Show another one."""
        if breakdown != self._breakdown:
            self._breakdown = breakdown
            self.setAccessibleName(breakdown_sentence(breakdown))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(320), round(breakdown_height(self._breakdown, self._sizes())))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        shown = self._breakdown
        shares = tuple(share_words(shown.share(piece)) for piece in shown.slices)
        paint_breakdown(
            QPainter(self),
            QRectF(self.rect()),
            shown,
            self.look.theme,
            self.look.font(self.look.type.body, tabular=True),
            self._sizes(),
            shares=shares,
        )

    def _sizes(self) -> BarSizes:
        look = self.look
        return BarSizes(text=look.type.body, bar=look.px(BAR), factor=look.factor)
