"""How far a connection came: Name, Connection, Encryption, Websocket."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from natwizard.drawing.glyphs import paint_status
from natwizard.gui.appearance import Appearance
from natwizard.gui.widgets.painted import Painted, draw_text, fitting_font, text_width
from natwizard.gui.words import sign_word
from natwizard.model.finding import Stage, Status
from natwizard.report.plain import plain

GLYPH = 22
HEIGHT = 48
GAP = 8
TROUBLE = {Status.FAIL, Status.WARN, Status.BORDERLINE, Status.UNKNOWN}


class StageStrip(Painted):
    """Each stage: glyph, name, and below it what came of it."""

    def __init__(
        self, look: Appearance, stages: tuple[Stage, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(look, parent)
        self._stages = stages
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = (f"{stage.name}: {sign_word(stage.status)}, {stage.text}" for stage in stages)
        self.setAccessibleName(plain("; ".join(words)))

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(300), self.look.px(HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() / max(1, len(self._stages))
        for index, stage in enumerate(self._stages):
            last = index + 1 == len(self._stages)
            self._paint_stage(painter, QRectF(index * width, 0, width, self.height()), stage)
            if not last:
                self._paint_line(painter, index * width, width, index)

    def _paint_stage(self, painter: QPainter, box: QRectF, stage: Stage) -> None:
        look, theme = self.look, self.look.theme
        side = look.px(GLYPH)
        paint_status(painter, QRectF(box.left(), 2, side, side), stage.status, theme)
        x = box.left() + side + look.px(GAP - 2)
        room = box.right() - x - look.px(GAP)
        reached = stage.status is not Status.NOT_APPLICABLE
        colour = theme.text if reached else theme.text_2
        name = QRectF(x, 0, room, side + 4)
        strong = (look.font(look.type.body, bold=600), look.font(look.type.meta, bold=600))
        font = fitting_font(stage.name, strong, name.width())
        draw_text(painter, name, stage.name, font, colour)
        told = theme.sign(stage.status) if stage.status in TROUBLE else theme.text_2
        below = QRectF(x, side + 4, room, self.height() - side - 4)
        text, sizes = plain(stage.text), (look.font(look.type.body), look.font(look.type.meta))
        draw_text(painter, below, text, fitting_font(text, sizes, below.width()), told)

    def _paint_line(self, painter: QPainter, left: float, width: float, index: int) -> None:
        """Solid as far as it came, dotted after."""
        look, theme = self.look, self.look.theme
        side = look.px(GLYPH)
        font = look.font(look.type.body, bold=600)
        start = left + side + look.px(GAP - 2) + text_width(self._stages[index].name, font)
        start, end = start + look.px(GAP), left + width - look.px(GAP)
        if end - start < look.px(GAP):
            return
        passed = self._stages[index].status is Status.PASS
        pen = QPen(QColor(theme.passed.foreground if passed else theme.control), 1.8)
        if not passed:
            pen.setDashPattern([2.2, 2.2])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        middle = 2 + side / 2
        painter.drawLine(QPointF(start, middle), QPointF(end, middle))
