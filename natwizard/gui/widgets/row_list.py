"""The rows of a page in one frame; opening one closes the other."""

from collections import Counter
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEasingCurve, QPropertyAnimation, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from natwizard.drawing.tokens import RADIUS
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.run_model import CheckState
from natwizard.gui.widgets.finding_panel import FindingPanel
from natwizard.gui.widgets.painted import Painted
from natwizard.gui.widgets.row_header import TEXT_LEFT, RowHeader
from natwizard.model.finding import Finding
from natwizard.model.quantity import Confirmation

# Seven fit the window's first size; more are lower, so that nothing scrolls yet
MANY_ROWS = 8

RequestText = Callable[[Finding], str]


class FindingRow(QWidget):
    """A header and, while it is open, its panel.

    Signals:
        toggled: carries the check's name.
        again: the person wants this check to run again; carries its name.
        answered: a question was answered; carries its name, and the Confirmation or None.
        guide: the person wants to know what it means; carries the check's name.
    """

    toggled = Signal(str)
    again = Signal(str)
    answered = Signal(str, object)
    guide = Signal(str)

    def __init__(self, look: Appearance, state: CheckState, request: RequestText) -> None:
        super().__init__()
        self._look, self._request = look, request
        self.header = RowHeader(look, state, self)
        self.header.clicked.connect(self._on_clicked)
        self.panel: FindingPanel | None = None
        self._shown: Finding | None = None
        self._can_run = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)

    @property
    def check(self) -> str:
        """Which check this row shows."""
        return self.header.state.check

    def show_state(self, state: CheckState, *, can_run: bool) -> None:
        """Show a new state; an open panel is rebuilt when its finding is another one."""
        self.header.show_state(state)
        changed = can_run != self._can_run or state.finding != self._shown
        self._can_run = can_run
        if self.panel is not None and changed:
            answer = self.panel.answer
            answering = answer is not None and answer.isAncestorOf(self.focusWidget())
            self.close_panel()
            self.open_panel(animated=False)
            if answering and self.panel.answer is not None:
                self.panel.answer.choice.take_focus()

    def open_panel(self, *, animated: bool) -> None:
        """Fold out."""
        if self.panel is not None:
            return
        state = self.header.state
        request = self._request(state.finding) if state.finding is not None else ""
        self._shown = state.finding
        self.panel = FindingPanel(self._look, state, request=request, can_run=self._can_run)
        self.panel.again.connect(self._on_again)
        self.panel.answered.connect(self._on_answered)
        self.panel.guide.connect(self._on_guide)
        self._column.addWidget(self.panel)
        self.header.set_open(is_open=True)
        if animated and self._look.motion.fold_ms:
            self._unfold(self.panel)

    def close_panel(self) -> None:
        """Fold up."""
        if self.panel is not None:
            self._column.removeWidget(self.panel)
            self.panel.hide()
            self.panel.deleteLater()
            self.panel = None
            self.header.set_open(is_open=False)

    def _unfold(self, panel: FindingPanel) -> None:
        panel.setMaximumHeight(0)
        folding = QPropertyAnimation(panel, b"maximumHeight", panel)
        folding.setDuration(self._look.motion.fold_ms)
        folding.setEasingCurve(QEasingCurve.Type.OutCubic)
        folding.setStartValue(0)
        # too little until the panel's labels have wrapped: its end would come at once
        folding.setEndValue(max(panel.sizeHint().height(), self._look.px(320)))
        # QWIDGETSIZE_MAX, which PySide does not name: no maximum
        folding.finished.connect(lambda: panel.setMaximumHeight(16_777_215))
        folding.start()

    @Slot()
    def _on_clicked(self) -> None:
        self.toggled.emit(self.check)

    @Slot()
    def _on_guide(self) -> None:
        self.guide.emit(self.check)

    @Slot(object)
    def _on_answered(self, answer: Confirmation | None) -> None:
        self.answered.emit(self.check, answer)

    @Slot()
    def _on_again(self) -> None:
        self.again.emit(self.check)


class RowList(Painted):
    """A frame around rows.

    Signals:
        again: a check should run again; carries its name.
        guide: the person wants to know what a row means; carries the check's name.
        opened: a row was opened or closed; carries the check's name, empty for none.
        answered: a question was answered; carries its name, and the Confirmation or None.
    """

    again = Signal(str)
    answered = Signal(str, object)
    opened = Signal(str)
    guide = Signal(str)

    def __init__(
        self, look: Appearance, request: RequestText, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, parent)
        self._request = request
        self.rows: dict[str, FindingRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)

    @property
    def open_check(self) -> str:
        """The check whose row is open, or empty."""
        return next((row.check for row in self.rows.values() if row.panel is not None), "")

    def show_states(self, states: Sequence[CheckState], can_run: Callable[[str], bool]) -> None:
        """Show these checks, in this order."""
        wanted = [state.check for state in states]
        for check in [check for check in self.rows if check not in wanted]:
            row = self.rows.pop(check)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        summaries = Counter(state.finding.summary for state in states if state.finding is not None)
        for place, state in enumerate(states):
            existing = self.rows.get(state.check)
            row = existing or self._make(state)
            if self._column.indexOf(row) != place:
                self._column.removeWidget(row)
                self._column.insertWidget(place, row)
            row.header.set_tight(tight=len(states) >= MANY_ROWS)
            finding = state.finding
            row.header.set_named(named=finding is not None and summaries[finding.summary] > 1)
            row.show_state(state, can_run=can_run(state.check))
        self.setVisible(bool(states))
        self.update()

    def open_row(self, check: str, *, animated: bool = True) -> None:
        """Open one row and close the other; an open one is closed."""
        row = self.rows.get(check)
        was_open = row is not None and row.panel is not None
        for other in self.rows.values():
            other.close_panel()
        if row is not None and not was_open:
            row.open_panel(animated=animated)
        self.update()
        self.opened.emit(self.open_check)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, theme = self.look, self.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half = theme.line_px / 2
        frame = QPainterPath()
        box = QRectF(self.rect()).adjusted(half, half, -half, -half)
        frame.addRoundedRect(box, look.px(RADIUS.group), look.px(RADIUS.group))
        painter.fillPath(frame, QColor(theme.surface))
        painter.setClipPath(frame)
        rows = [row for row in self.rows.values() if row.isVisible()]
        rows.sort(key=lambda row: row.y())
        for index, row in enumerate(rows):
            self._paint_row(painter, row, last=index + 1 == len(rows))
        painter.setClipping(False)
        painter.setPen(QPen(QColor(theme.line), theme.line_px))
        painter.drawPath(frame)

    def _paint_row(self, painter: QPainter, row: FindingRow, *, last: bool) -> None:
        """Hover and sunken grounds, and hairlines: indented ones between folded rows."""
        theme = self.look.theme
        width = self.width()
        head = QRectF(0, row.y(), width, row.header.height())
        if row.header.hovered:
            painter.fillRect(head, QColor(theme.hover))
        painter.setPen(Qt.PenStyle.NoPen)
        line = QColor(theme.line)
        if row.panel is not None:
            below = QRectF(0, head.bottom(), width, row.height() - head.height())
            painter.fillRect(below, QColor(theme.sunken))
            painter.fillRect(QRectF(0, head.bottom(), width, theme.line_px), line)
        if not last:
            left = 0 if row.panel is not None else self.look.px(TEXT_LEFT)
            y = row.y() + row.height() - theme.line_px
            painter.fillRect(QRectF(left, y, width - left, theme.line_px), line)

    def _make(self, state: CheckState) -> FindingRow:
        row = FindingRow(self.look, state, self._request)
        row.toggled.connect(self.open_row)
        row.again.connect(self.again)
        row.answered.connect(self.answered)
        row.guide.connect(self.guide)
        self.rows[state.check] = row
        return row
