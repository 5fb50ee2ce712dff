"""One measured value with its limit: a tile that opens the finding behind it."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from natwizard.checks.shared.number_format import LIMIT_DIGITS, number
from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.limit_bar import paint_limit_bar
from natwizard.drawing.signs import Sign
from natwizard.drawing.tokens import RADIUS, SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import sign_word
from natwizard.gui.run.run_model import CheckState, LiveFigure
from natwizard.gui.widgets.expander import meanings_text
from natwizard.gui.widgets.painted import (
    RIGHT,
    PaintedButton,
    draw_text,
    fitting_font,
    paint_bar,
    paint_panel,
    text_width,
)
from natwizard.model.finding import Gauge, Status
from natwizard.model.language import _
from natwizard.model.writing import NBSP, short_number, with_unit
from natwizard.report.glossary import terms_in

HEIGHT = 108
INSET = 14
AT_MOST, AT_LEAST = "\u2264", "\u2265"


class MetricTile(PaintedButton):
    """Name, glyph, value with unit, limit bar, limit and status word."""

    def __init__(self, look: Appearance, state: CheckState, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.state = state
        self._live: LiveFigure | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_state(state)

    def show_state(self, state: CheckState, live: LiveFigure | None = None) -> None:
        """Show a new state of the check; `live` is its value so far, while it runs."""
        self.state, self._live = state, live
        gauge = self._gauge
        value = with_unit(gauge.value, gauge.unit, gauge.digits) if gauge else ""
        parts = [sign_word(state.sign), self._title, value]
        self.setAccessibleName(": ".join(filter(None, parts)))
        words = meanings_text(terms_in(state.finding)) if state.finding is not None else ""
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(120), self.look.px(HEIGHT))

    @property
    def _gauge(self) -> Gauge | None:
        return self.state.finding.gauge if self.state.finding is not None else None

    @property
    def _title(self) -> str:
        """The same before it is measured as afterwards."""
        gauge = self._gauge
        return gauge.title if gauge else self.state.tile_title or self.state.title

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme, sign = self.look, self.look.theme, self.state.sign
        painter = QPainter(self)
        paint_panel(
            painter,
            QRectF(self.rect()),
            edge=theme.line,
            fill=theme.hover if self.hovered else theme.surface,
            edge_px=theme.line_px,
            radius_px=look.px(RADIUS.group),
        )
        inset = look.px(INSET)
        box = QRectF(self.rect()).adjusted(inset, look.px(9), -inset, -look.px(9))
        self._paint_name(painter, box, sign)
        gauge = self._gauge
        if gauge is not None and isinstance(sign, Status):
            self._paint_gauge(painter, box, gauge, sign)
        else:
            self._paint_waiting(painter, box, sign)

    def _paint_name(self, painter: QPainter, box: QRectF, sign: Sign) -> None:
        look, theme = self.look, self.look.theme
        side = look.px(18)
        line = QRectF(box.left(), box.top(), box.width() - side - 6, look.px(21))
        title = self._title
        sizes = (look.font(look.type.body), look.font(look.type.meta))
        draw_text(painter, line, title, fitting_font(title, sizes, line.width()), theme.text_2)
        glyph = QRectF(box.right() - side, box.top() + 2, side, side)
        paint_status(painter, glyph, sign, theme, turn=look.motion.turn)

    def _paint_gauge(self, painter: QPainter, box: QRectF, gauge: Gauge, status: Status) -> None:
        look, theme = self.look, self.look.theme
        self._paint_value(painter, box, number(gauge.value, gauge.digits), gauge.unit)
        bar = QRectF(box.left() + 1, box.top() + look.px(54), box.width() - 2, look.px(16))
        paint_limit_bar(painter, bar, gauge, status, theme)
        small = look.font(look.type.meta)
        strong = look.font(look.type.meta, bold=600)
        word = sign_word(status)
        words = _("at least {limit}") if gauge.higher_is_better else _("limit {limit}")
        limit = short_number(gauge.limit, LIMIT_DIGITS)
        shown = limit if gauge.higher_is_better else f"{limit}{NBSP}{gauge.unit}"
        foot = QRectF(box.left(), box.bottom() - look.px(17), box.width(), look.px(18))
        limit_text = words.format(limit=shown)
        if text_width(limit_text, small) + text_width(word, strong) + 4 > foot.width():
            limit_text = f"{AT_LEAST if gauge.higher_is_better else AT_MOST} {shown}"
        if text_width(limit_text, small) + text_width(word, strong) + 4 <= foot.width():
            draw_text(painter, foot, word, strong, theme.sign(status), RIGHT)
        draw_text(
            painter, foot, limit_text, small, theme.text_2
        )  # the glyph above tells the status too

    def _value_line(self, box: QRectF) -> QRectF:
        return QRectF(box.left(), box.top() + self.look.px(21), box.width(), self.look.px(32))

    def _paint_value(self, painter: QPainter, box: QRectF, value: str, unit: str) -> None:
        look, theme = self.look, self.look.theme
        large = look.font(look.type.title, bold=700, tabular=True)
        line = self._value_line(box)
        draw_text(painter, line, value, large, theme.text)
        after = line.adjusted(text_width(value, large) + look.px(4), look.px(5), 0, 0)
        draw_text(painter, after, unit, look.font(look.type.body), theme.text_2)

    def _paint_waiting(self, painter: QPainter, box: QRectF, sign: Sign) -> None:
        look, theme = self.look, self.look.theme
        if self._live is not None:
            self._paint_value(painter, box, self._live.value, self._live.unit)
        else:
            large = look.font(look.type.title, bold=700)
            draw_text(painter, self._value_line(box), "\u2013", large, theme.text_3)
        track = QRectF(box.left() + 1, box.top() + look.px(59), box.width() - 2, look.px(6))
        paint_bar(painter, track, 0.0, theme)
        foot = QRectF(box.left(), box.bottom() - look.px(17), box.width(), look.px(18))
        strong = look.font(look.type.meta, bold=600)
        draw_text(painter, foot, sign_word(sign), strong, theme.sign(sign), RIGHT)


NARROWEST = 150
"""A tile that is narrower cuts its name off in some language."""


class TileBench(QWidget):
    """Tiles side by side; two a row where four have no room for their words."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._tiles: list[MetricTile] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(look.px(SPACE.m))

    def show_tiles(self, tiles: Sequence[MetricTile]) -> None:
        """These, in this order, and no others."""
        if list(tiles) != self._tiles:
            self._tiles = list(tiles)
            self._columns = 0
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        count = len(self._tiles)
        narrow = self.width() < count * self._look.px(NARROWEST)
        columns = min(count, 2) if narrow else count
        if columns == self._columns:
            return
        for tile in self._tiles:
            self._grid.removeWidget(tile)
        for column in range(max(self._grid.columnCount(), columns)):
            self._grid.setColumnStretch(column, int(column < columns))
        for place, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, place // columns, place % columns)
        self._columns = columns
