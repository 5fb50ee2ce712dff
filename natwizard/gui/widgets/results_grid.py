"""All results by area in two columns: glyph, area, the one telling value."""

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import RADIUS
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import sign_word
from natwizard.gui.widgets.painted import (
    RIGHT,
    Painted,
    PaintedButton,
    draw_text,
    paint_panel,
    text_width,
)
from natwizard.model.finding import Page, Status

ROW = 35
LOWEST_ROW = 28
PLAIN = {Status.PASS, Status.NOT_APPLICABLE, Activity.WAITING}


class Area(Struct, frozen=True, kw_only=True):
    """One page in the grid; `short` stands in where the cell has no room for the value."""

    page: Page
    title: str
    sign: Sign
    value: str
    short: str = ""


class AreaButton(PaintedButton):
    """Goes to the step."""

    def __init__(self, look: Appearance, area: Area, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.area = area
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        look.motion.ticked.connect(self._turn)
        self.show_area(area)

    def show_area(self, area: Area) -> None:
        """Show another state."""
        self.area = area
        self.setAccessibleName(f"{sign_word(area.sign)}: {area.title}, {area.value}")
        self.setToolTip(area.value)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(200), self.look.px(ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.look.px(160), self.look.px(LOWEST_ROW))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme, area = self.look, self.look.theme, self.area
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hovered:
            painter.fillRect(self.rect(), QColor(theme.hover))
        side = look.px(20)
        glyph = QRectF(look.px(16), (self.height() - side) / 2, side, side)
        paint_status(painter, glyph, area.sign, theme, turn=look.motion.turn)
        strong, body = look.font(look.type.body, bold=600), look.font(look.type.body)
        left = look.px(46)
        name = QRectF(left, 0, text_width(area.title, strong), self.height())
        draw_text(painter, name, area.title, strong, theme.text)
        x = name.right() + look.px(12)
        value = QRectF(x, 0, self.width() - look.px(17) - x, self.height())
        emphasised = area.sign not in PLAIN
        colour = theme.sign(area.sign) if emphasised else theme.text_2
        font = strong if emphasised else body
        # a whole word beats half a value
        fitting = (text for text in (area.value, area.short) if text)
        fits = (text for text in fitting if text_width(text, font) <= value.width())
        draw_text(painter, value, next(fits, sign_word(area.sign)), font, colour, RIGHT)

    @Slot()
    def _turn(self) -> None:
        if self.area.sign is Activity.RUNNING and self.isVisible():
            self.update()


class ResultsGrid(Painted):
    """A frame of areas with a line between the columns.

    Signals:
        chosen: carries the Page whose area was picked.
    """

    chosen = Signal(object)

    def __init__(self, look: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._buttons: dict[Page, AreaButton] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(1, look.px(4), 1, look.px(4))
        self._grid.setSpacing(0)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
            self._grid.setColumnMinimumWidth(column, look.px(180))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def show_areas(self, areas: tuple[Area, ...]) -> None:
        """Show these: the first half on the left."""
        if [area.page for area in areas] != list(self._buttons):
            self._make(areas)
        for area in areas:
            self._buttons[area.page].show_area(area)

    def _make(self, areas: tuple[Area, ...]) -> None:
        for button in self._buttons.values():
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = {area.page: AreaButton(self.look, area, self) for area in areas}
        rows = (len(areas) + 1) // 2
        for place, button in enumerate(self._buttons.values()):
            button.clicked.connect(self._on_clicked)
            self._grid.addWidget(button, place % rows, place // rows)
            button.show()

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, AreaButton):
            self.chosen.emit(button.area.page)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        paint_panel(
            painter, QRectF(self.rect()), edge=theme.line, fill=theme.surface,
            edge_px=theme.line_px, radius_px=look.px(RADIUS.group),
        )  # fmt: skip
        middle = round(self.width() / 2)
        top, bottom = look.px(5), self.height() - look.px(5)
        painter.fillRect(middle, top, theme.line_px, bottom - top, QColor(theme.line))
