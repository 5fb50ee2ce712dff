"""The rail: mark and name, the steps with their glyphs, and how far the run is."""

from typing import Any

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from natwizard.drawing.glyphs import paint_status
from natwizard.drawing.icons import Icon, paint_icon
from natwizard.drawing.mark import paint_mark
from natwizard.drawing.signs import Activity, Sign
from natwizard.drawing.tokens import RADIUS
from natwizard.gui.brand import (
    GAP,
    HEIGHT,
    INSET,
    MARK_PX,
    NAME,
    NARROW_RAIL_WIDTH,
    RAIL_WIDTH,
)
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import sign_word
from natwizard.gui.widgets.labels import WrappedLabel, label
from natwizard.gui.widgets.painted import (
    Bar,
    Painted,
    PaintedButton,
    draw_text,
    fitting_font,
    paint_panel,
    text_width,
)
from natwizard.model.language import _

TOOL_HEIGHT = 30
ICON = 18
TOOL_INSET = 6
NARROW_INSET = 3
TOOL_GAP = 8


class QuietButton(PaintedButton):
    """An icon and, where there is room, a few words; no frame until the mouse is there."""

    def __init__(self, look: Appearance, icon: Icon, words: str = "") -> None:
        super().__init__(look)
        self.icon_shown, self.words, self.narrow = icon, words, False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = self.look
        width = look.px(ICON + 2 * self._inset)
        if self.words and not self.narrow:
            width += round(text_width(self.words, look.font(look.type.meta))) + look.px(TOOL_GAP)
        return QSize(width, look.px(TOOL_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def _inset(self) -> int:
        return NARROW_INSET if self.narrow else TOOL_INSET

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hovered or self.isChecked():
            paint_panel(
                painter,
                QRectF(self.rect()),
                edge=theme.accent if self.isChecked() else theme.line,
                fill=theme.accent_soft if self.isChecked() else theme.hover,
                edge_px=1,
                radius_px=look.px(RADIUS.control),
            )
        side = look.px(ICON)
        box = QRectF(look.px(self._inset), (self.height() - side) / 2, side, side)
        colour = theme.accent if self.isChecked() else theme.text_2
        paint_icon(painter, box, self.icon_shown, colour)
        if self.words and not self.narrow:
            text = QRectF(box.right() + look.px(TOOL_GAP), 0, self.width(), self.height())
            draw_text(painter, text, self.words, look.font(look.type.meta), colour)


class NamesSwitch(QuietButton):
    """Names on screen: shown or hidden. Its words say how it stands, not what a press does."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(look, Icon.EYE)
        self.setCheckable(True)
        self.toggled.connect(self.retranslate)
        self.retranslate()

    @Slot()
    def retranslate(self) -> None:
        """Icon and words as it stands, in the language of now."""
        hidden = self.isChecked()
        self.icon_shown = Icon.EYE_SHUT if hidden else Icon.EYE
        self.words = _("Names hidden") if hidden else _("Names shown")
        self.setAccessibleName(_("Hide names and addresses on screen"))
        self.setToolTip(_("Hide names and addresses on screen") + " (F9)")
        self.updateGeometry()
        self.update()


class StepListTools(QWidget):
    """The switch at the left, the menu at the right; side by side in a narrow rail too."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self.names = NamesSwitch(look)
        self.menu = QuietButton(look, Icon.MORE)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(0)
        self._row.addWidget(self.names)
        self._row.addStretch()
        self._row.addWidget(self.menu)
        self.retranslate()

    def retranslate(self) -> None:
        """All words in the language of now."""
        self.names.retranslate()
        self.menu.setAccessibleName(_("Helpdesk tools"))
        self.menu.setToolTip(_("Helpdesk tools"))

    def set_narrow(self, *, narrow: bool) -> None:
        """Icons alone."""
        for button in (self.names, self.menu):
            button.narrow = narrow
            button.updateGeometry()
        side = self._look.px(4 if narrow else 14)
        self._row.setContentsMargins(side, 0, side, self._look.px(8))


STEP = 36
GLYPH = 18
TEXT_LEFT = 52

Index = QModelIndex | QPersistentModelIndex


class WizardStep(Struct, frozen=True, kw_only=True):
    """One line of the rail: the page's number in the wizard, its name, its sign."""

    page_id: int
    title: str
    sign: Sign | Icon


class _Steps(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.steps: tuple[WizardStep, ...] = ()
        self.narrow = False
        self.chosen = self.hovered = -1
        """Rows, -1 for none. The view knows them too, but asking it loads all of QStyle."""

    def set_steps(self, steps: tuple[WizardStep, ...]) -> None:
        same_pages = [step.page_id for step in steps] == [step.page_id for step in self.steps]
        if same_pages:
            changed = [row for row, step in enumerate(steps) if step != self.steps[row]]
            self.steps = steps
            for row in changed:
                self.dataChanged.emit(self.index(row), self.index(row))
        else:
            self.beginResetModel()
            self.steps, self.chosen, self.hovered = steps, -1, -1
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.steps)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        step = self.steps[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return step.title
            case Qt.ItemDataRole.AccessibleTextRole:
                word = "" if isinstance(step.sign, Icon) else sign_word(step.sign)
                return ": ".join(filter(None, (word, step.title)))
            case Qt.ItemDataRole.ToolTipRole if self.narrow:
                return step.title
            case _:
                return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, look: Appearance, steps: _Steps) -> None:
        super().__init__()
        self._look, self._steps = look, steps

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(self._look.px(NARROW_RAIL_WIDTH), self._look.px(STEP))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, theme = self._look, self._look.theme
        step = self._steps.steps[index.row()]
        box = QRectF(option.rect)
        chosen = index.row() == self._steps.chosen
        hovered = index.row() == self._steps.hovered
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or hovered:
            self._paint_ground(painter, box, chosen=chosen)
        side = look.px(GLYPH)
        middle = box.center().x() if self._steps.narrow else box.left() + look.px(TEXT_LEFT - 20)
        left = middle - side / 2
        glyph = QRectF(left, box.center().y() - side / 2, side, side)
        if isinstance(step.sign, Icon):
            paint_icon(painter, glyph, step.sign, theme.text_2)
        else:
            paint_status(painter, glyph, step.sign, theme, turn=look.motion.turn)
        if not self._steps.narrow:
            bold = 600 if chosen else 400
            sizes = (look.font(look.type.body, bold=bold), look.font(look.type.meta, bold=bold))
            quiet = step.sign is Activity.WAITING and not chosen
            text = box.adjusted(look.px(TEXT_LEFT), 0, -look.px(16), 0)
            font = fitting_font(step.title, sizes, text.width())
            draw_text(painter, text, step.title, font, theme.text_2 if quiet else theme.text)
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRectF, *, chosen: bool) -> None:
        look, theme = self._look, self._look.theme
        half = theme.line_px / 2
        inner = box.adjusted(look.px(8) + half, 1 + half, -look.px(8) - half, -1 - half)
        painter.setPen(QPen(QColor(theme.line), theme.line_px) if chosen else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.surface if chosen else theme.hover))
        painter.drawRoundedRect(inner, look.px(RADIUS.control), look.px(RADIUS.control))
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            edge = QRectF(box.left() + look.px(8), box.center().y() - look.px(9),
                          look.px(4), look.px(18))  # fmt: skip
            painter.drawRoundedRect(edge, 2, 2)


class StepListView(QListView):
    """The steps; arrows move, a click or Enter goes there at once."""

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self.steps = _Steps()
        self._delegate = _Delegate(look, self.steps)
        self.setModel(self.steps)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(_("Steps"))
        self.entered.connect(self._on_entered)
        look.motion.ticked.connect(self._turn)

    def currentChanged(self, current: Index, previous: Index) -> None:
        self.steps.chosen = current.row()
        super().currentChanged(current, previous)

    @Slot(QModelIndex)
    def _on_entered(self, index: QModelIndex) -> None:
        self.steps.hovered = index.row()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Leave:
            self.steps.hovered = -1
        return super().viewportEvent(event)

    def sizeHint(self) -> QSize:
        rows = max(1, self.steps.rowCount())
        return QSize(self._look.px(NARROW_RAIL_WIDTH), rows * self._look.px(STEP) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.px(NARROW_RAIL_WIDTH), 3 * self._look.px(STEP))

    @Slot()
    def _turn(self) -> None:
        for row, step in enumerate(self.steps.steps):
            if step.sign is Activity.RUNNING:
                self.update(self.steps.index(row))


class _Brand(Painted):
    def __init__(self, look: Appearance) -> None:
        super().__init__(look)
        self.narrow = False
        self.setAccessibleName(NAME)

    def sizeHint(self) -> QSize:
        return QSize(self.look.px(NARROW_RAIL_WIDTH), self.look.px(HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        side = look.px(MARK_PX)
        left = (self.width() - side) / 2 if self.narrow else look.px(INSET)
        mark = QRectF(left, look.px(INSET), side, side)
        paint_mark(painter, mark, theme.accent, theme.on_accent)
        if not self.narrow:
            font = look.font(look.type.lead, bold=600)
            text = QRectF(mark.right() + look.px(GAP), mark.top(), self.width(), side)
            draw_text(painter, text, NAME, font, theme.text)


class StepList(QFrame):
    """The side widget of the wizard.

    Signals:
        chosen: the person picked a step; carries the page's number.
    """

    chosen = Signal(int)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._look = look
        self._narrow = False
        self._code = ""
        self.setProperty("box", "sidebar")
        self.brand = _Brand(look)
        self.list = StepListView(look)
        self.list.clicked.connect(self._on_picked)
        self.list.activated.connect(self._on_picked)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self._selecting = False
        self.count = label()
        self.bar = Bar(look)
        self.left = WrappedLabel(face="meta", tone="2")
        self.code_title = label(face="meta", tone="2")
        self.code = WrappedLabel(face="code").selectable()
        self._foot = QWidget()
        self._foot_column = foot = QVBoxLayout(self._foot)
        look.space(foot, margins=(INSET, 8, INSET, 14), spacing=4)
        for widget in (self.count, self.bar, self.left):
            foot.addWidget(widget)
        foot.addSpacing(look.px(8))
        foot.addWidget(self.code_title)
        foot.addWidget(self.code)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addWidget(self.brand)
        column.addWidget(self.list, 1)
        column.addWidget(self._foot)
        self.tools = StepListTools(look)
        column.addWidget(self.tools)
        look.changed.connect(self._look_changed)
        self._look_changed()
        self.retranslate()
        self.set_progress("", 0.0, "", "")

    def retranslate(self) -> None:
        """The words that stay through a run, in the language of now."""
        self.code_title.setText(_("Run code"))
        self.list.setAccessibleName(_("Steps"))
        self.tools.retranslate()

    def set_steps(self, steps: tuple[WizardStep, ...], current: int) -> None:
        """Show the steps and which of them is open."""
        self.list.steps.set_steps(steps)
        row = next((row for row, step in enumerate(steps) if step.page_id == current), -1)
        if row != self.list.currentIndex().row():
            self._selecting = True
            self.list.setCurrentIndex(self.list.steps.index(row))
            self._selecting = False

    def set_progress(self, count: str, fraction: float, left: str, code: str) -> None:
        """Show how far the run is; the bar goes once all is done."""
        self._code = code
        bold = count.rsplit(" ", 1)
        self.count.setTextFormat(Qt.TextFormat.RichText)
        self.count.setText(f"<b>{bold[0]}</b> {bold[1]}" if len(bold) == 2 else count)
        self.bar.set_progress(fraction, count)
        self.left.setText(left)
        self.code.setText(code)
        self._show_parts(
            (self.count, bool(count)),
            (self.bar, 0 < fraction < 1),
            (self.left, bool(left)),
            (self.code_title, bool(code)),
            (self.code, bool(code)),
        )

    def _show_parts(self, *parts: tuple[QWidget, bool]) -> None:
        """All in one go: each widget that comes or goes would lay out the whole rail."""
        changed = [(part, shown) for part, shown in parts if part.isHidden() is shown]
        if changed:
            self._foot_column.setEnabled(False)
            for part, shown in changed:
                part.setVisible(shown)
            self._foot_column.setEnabled(True)
            self._foot.updateGeometry()

    def set_narrow(self, *, narrow: bool) -> None:
        """Only the glyphs, with tooltips."""
        if narrow != self._narrow:
            self._narrow = self.brand.narrow = self.list.steps.narrow = narrow
            self._look_changed()

    @Slot()
    def _look_changed(self) -> None:
        self.setFixedWidth(self._look.px(NARROW_RAIL_WIDTH if self._narrow else RAIL_WIDTH))
        self._foot.setVisible(not self._narrow)
        self.tools.set_narrow(narrow=self._narrow)
        self.list.scheduleDelayedItemsLayout()

    @Slot(QModelIndex)
    def _on_picked(self, index: QModelIndex) -> None:
        self.chosen.emit(self.list.steps.steps[index.row()].page_id)

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if not self._selecting and index.isValid():
            self._on_picked(index)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
