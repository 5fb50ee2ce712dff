"""A page of checks: header, rows; what a page of its own adds goes between."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from natwizard.drawing.signs import Activity
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.texts import page_line, page_pill, page_title
from natwizard.gui.pages.base import PageHeader, WizardPage, scrolling
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import CheckState, one_row_a_cause
from natwizard.gui.widgets.headset_strip import HeadsetStrip
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.gui.widgets.row_list import RowList
from natwizard.model.finding import Finding, Page, Status
from natwizard.model.language import _

# So few leave room for an open panel: what could not be told is opened as well
FEW_ROWS = 3

RequestText = Callable[[Finding], str]


class ChecksPage(WizardPage):
    """One page of the profile.

    Signals:
        again: checks should run again; carries their names.
    """

    again = Signal(object)
    guide = Signal(str)

    def __init__(
        self, look: Appearance, page: Page, control: RunControl, request: RequestText
    ) -> None:
        super().__init__(look, page_title(page))
        self.page, self.control = page, control
        self.header = PageHeader(look, page_title(page), page_line(page))
        self._add_inset(self.header)
        self.rows = RowList(look, request)
        self.rows.again.connect(self._on_again)
        self.rows.guide.connect(self.guide)
        self.rows.opened.connect(self._on_opened)
        self.rows.answered.connect(control.answer)
        self.headset: HeadsetStrip | None = None
        self.empty = WrappedLabel(_("Press Start checks on the first page."), tone="2")
        content = QWidget()
        inner = QVBoxLayout(content)
        look.space(inner, spacing=SPACE.l)
        self.head = QVBoxLayout()
        look.space(self.head, spacing=SPACE.s)
        inner.addLayout(self.head)
        self._add_extras(inner)
        if page is Page.COMPUTER:
            self.headset = HeadsetStrip(look)
            self.headset.wanted.connect(control.test_headset)
            inner.addWidget(self.headset)
        inner.addWidget(self.empty)
        inner.addWidget(self.rows)
        inner.addStretch(1)
        self.area: QScrollArea = scrolling(content, look)
        self.column.addWidget(self.area, 1)
        self._settled = False

    def add_head(self, widget: QWidget) -> None:
        """Something of another's between the header and the rows."""
        self.head.addWidget(widget)

    def _add_extras(self, inner: QVBoxLayout) -> None:
        """For pages that show more than rows: they scroll with them, where a page is low."""

    def refresh(self) -> None:
        """Show how the model stands."""
        model = self.control.model
        states = model.checks(self.page)
        self._refresh_pill()
        self._refresh_extras(states)
        if self.headset is not None:
            self.headset.refresh(self.control)
        self.rows.show_states(
            one_row_a_cause(self._rows(states)),
            lambda check: self.control.can_run_again((check,)),
        )
        self.empty.setVisible(not states)
        settled = bool(states) and all(state.finding is not None for state in states)
        if settled and not self._settled:
            self._open_worst()
        self._settled = settled

    def _refresh_pill(self) -> None:
        model = self.control.model
        sign = model.page_sign(self.page)
        done, total = model.page_done(self.page)
        count = model.page_count(self.page, sign) if isinstance(sign, Status) else 0
        self.header.pill.show_sign(sign, page_pill(sign, count, done, total))
        self.header.pill.setVisible(total > 0 and sign is not Activity.WAITING)

    def _refresh_extras(self, states: tuple[CheckState, ...]) -> None:
        """For pages that show more than rows."""

    def _rows(self, states: tuple[CheckState, ...]) -> tuple[CheckState, ...]:
        """The checks that get a row, in their order."""
        return states

    def _open_worst(self) -> None:
        """Once all is judged, what is wrong is open already: nobody has to look for it."""
        finding = self.control.model.worst_finding(self.page)
        few = len(self.rows.rows) <= FEW_ROWS
        opened = {Status.FAIL, Status.UNKNOWN} if few else {Status.FAIL}
        wrong = finding is not None and finding.status in opened
        if finding is not None and wrong and self.rows.open_check != finding.check:
            self.rows.open_row(finding.check, animated=False)

    @Slot(str)
    def _on_again(self, check: str) -> None:
        """All that its row stands for: they are unknown for one reason."""
        also = self.rows.rows[check].header.state.also
        self.again.emit((check, *(other for other, _title in also)))

    @Slot(str)
    def _on_opened(self, check: str) -> None:
        self.show_open(check)
        if check:
            # a little later than the fold: before its end the row has not its height yet
            QTimer.singleShot(self.look.motion.fold_ms + 20, self, self._show_whole_row)

    @Slot()
    def _show_whole_row(self) -> None:
        """Scroll as far as the open row needs; its beginning comes before its end."""
        row = self.rows.rows.get(self.rows.open_check)
        if row is not None:
            bar, view = self.area.verticalScrollBar(), self.area.viewport().height()
            place = row.mapTo(self.area.viewport(), row.rect().topLeft()).y() + bar.value()
            if place + row.height() > bar.value() + view or place < bar.value():
                bar.setValue(min(place, place + row.height() - view + self.look.px(SPACE.s)))

    def show_open(self, check: str) -> None:
        """For pages that make room for an open row."""
