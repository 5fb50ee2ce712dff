"""The chart of a measurement, while it runs and after."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from natwizard.drawing.chart import paint_chart
from natwizard.drawing.chart_scale import chart_sentence
from natwizard.drawing.tokens import RADIUS
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.painted import Painted, paint_panel
from natwizard.model.finding import Chart

HEIGHT = 213
LOW_HEIGHT = 162
LOWEST_HEIGHT = 124
"""Of two charts, one below the other."""


class LiveChart(Painted):
    """A card with the chart; its sentence for screen readers changes only at the end."""

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._chart: Chart | None = None
        self._now_s: float | None = None
        self._height = HEIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_chart(self, chart: Chart, *, now_s: float | None) -> None:
        """Show columns; `now_s` is None once the measurement is over."""
        if (chart, now_s) == (self._chart, self._now_s):
            return
        self._chart, self._now_s = chart, now_s
        if now_s is None:
            self.setAccessibleName(chart_sentence(chart))
        self.update()

    def set_low(self, *, low: bool, lowest: bool = False) -> None:
        """Less height, where rows below need it."""
        height = LOWEST_HEIGHT if lowest else LOW_HEIGHT if low else HEIGHT
        if height != self._height:
            self._height = height
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(400), self.look.px(self._height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        paint_panel(
            painter, QRectF(self.rect()), edge=theme.line, fill=theme.surface,
            edge_px=theme.line_px, radius_px=look.px(RADIUS.group),
        )  # fmt: skip
        if self._chart is None:
            return
        inset = look.px(16)
        box = QRectF(self.rect()).adjusted(inset, look.px(8), -inset, -look.px(6))
        paint_chart(
            painter,
            box,
            self._chart,
            theme,
            look.font(look.type.meta),
            meta_px=look.type.meta,
            body_px=look.type.body,
            now_s=self._now_s,
        )
