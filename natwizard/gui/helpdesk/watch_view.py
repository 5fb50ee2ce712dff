"""What a watch's window shows, whether it goes on or was saved: figures, chart, bad moments."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QGridLayout, QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.helpdesk.desk_window import DeskTable, DeskTableModel, DeskWindow, Index
from natwizard.gui.helpdesk.history_window import status_icon
from natwizard.gui.helpdesk.watch_runner import WatchSaving
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.widgets.buttons import CopyButton
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.gui.widgets.live_chart import LiveChart
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.watch import BadMoment, WatchRecord
from natwizard.report.facts import moment_words
from natwizard.report.plain import plain
from natwizard.report.watch_charts import call_charts, watch_chart
from natwizard.report.watch_files import masked_watch
from natwizard.report.watch_words import (
    STATUSES,
    call_words,
    moment_clock,
    moment_detail,
    moment_span,
    moment_word,
    watch_answer,
    watch_facts,
    watch_methods,
    watch_text,
)
from natwizard.report.words import DOT


class FactsRow(QWidget):
    """Always as many columns as it was made with."""

    def __init__(self, look: Appearance, count: int) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.px(SPACE.l))
        grid.setVerticalSpacing(0)
        self._names = [WrappedLabel(face="meta", tone="2") for _place in range(count)]
        self._values = [WrappedLabel(face="strong") for _place in range(count)]
        for place in range(count):
            grid.addWidget(self._names[place], 0, place)
            grid.addWidget(self._values[place], 1, place, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(place, 1)

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """A name and a value each."""
        for place, (name, value) in enumerate(facts):
            self._names[place].setText(plain(name))
            self._values[place].setText(plain(value))


ROW = 32
WHAT = 1


class Moments(DeskTableModel):
    """A row a moment; rows that stay keep their place, so that nobody loses theirs."""

    def __init__(self, look: Appearance) -> None:
        super().__init__(look)
        self._rows: tuple[BadMoment, ...] = ()
        self._record: WatchRecord | None = None
        self._icons: dict[Status, QIcon] = {}
        look.changed.connect(self._icons.clear)

    def show_record(self, record: WatchRecord | None) -> None:
        """Show those of a record; as a rule only the first row or two are others than before."""
        rows = record.moments[::-1] if record is not None else ()
        before, self._record = self._rows, record
        if rows == before:
            return
        same = _same_at_the_end(before, rows)
        gone, new = len(before) - same, len(rows) - same
        nowhere = QModelIndex()
        if gone > new:
            self.beginRemoveRows(nowhere, 0, gone - new - 1)
            self._rows = rows
            self.endRemoveRows()
        elif new > gone:
            self.beginInsertRows(nowhere, 0, new - gone - 1)
            self._rows = rows
            self.endInsertRows()
        self._rows = rows
        if new:
            last = self.index(new - 1, len(self.titles()) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def count(self) -> int:
        return len(self._rows)

    def titles(self) -> tuple[str, ...]:
        return (_("Time"), _("What"), _("How long"), _("How much"))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        moment = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._cell(moment, index.column())
            case Qt.ItemDataRole.DecorationRole if index.column() == WHAT:
                return self._icon(STATUSES[moment.kind])
            case _:
                return None

    def _icon(self, status: Status) -> QIcon:
        if status not in self._icons:
            self._icons[status] = status_icon(self.look, status)
        return self._icons[status]

    def _cell(self, moment: BadMoment, column: int) -> str:
        match column:
            case 0:
                return moment_clock(self._record, moment) if self._record is not None else ""
            case 1:
                return moment_word(moment.kind)
            case 2:
                return moment_span(moment)
            case _:
                return moment_detail(moment)


class MomentTable(DeskTable):
    """For reading only."""

    def __init__(self, look: Appearance) -> None:
        self.moments = Moments(look)
        super().__init__(self.moments, _("Bad moments"), ROW)


def _same_at_the_end(first: tuple[BadMoment, ...], second: tuple[BadMoment, ...]) -> int:
    """How many of the oldest are in both."""
    same = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        same += 1
    return same


FACTS = 4
CHART_WIDTH = 540
"""Narrower, its legend would lie on its title."""


class WatchView(DeskWindow):
    """A window beside the wizard: pages can be read meanwhile.

    Attributes:
        record: what is shown; None before anything is known.
    """

    def __init__(
        self, look: Appearance, parent: QWidget, title: str, line: str,
        shares_names: Callable[[], bool],
    ) -> None:  # fmt: skip
        super().__init__(look, parent, title, line, beside=True)
        self.record: WatchRecord | None = None
        self.saving = WatchSaving(self, shares_names)
        look.space(self.body, margins=(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l), spacing=SPACE.m)
        self.state = WrappedLabel(tone="2")
        self.facts = FactsRow(look, FACTS)
        self.chart = LiveChart(look)
        self.chart.set_low(low=True)
        self.chart.setMinimumWidth(look.px(CHART_WIDTH))
        self.call = WrappedLabel(face="meta", tone="2")
        self.call_chart = LiveChart(look)
        self.call_chart.set_low(low=True, lowest=True)
        self.call_chart.setMinimumWidth(look.px(CHART_WIDTH))
        self.log = MomentTable(look)
        self.copy = CopyButton(look, _("Copy as text"), "", kind="")
        self.foot.addWidget(self.copy)
        self.save = self.button(_("Sa&ve..."), Icon.SAVE)
        self.save.clicked.connect(self._show_formats)
        self.foot.addStretch()

    def fill_body(self) -> None:
        """Put in what is common, below what the window has of its own."""
        for widget in (self.state, self.facts, self.chart, self.call, self.call_chart):
            self.body.addWidget(widget)
        self.body.addWidget(self.log, 1)

    def draw_record(
        self, record: WatchRecord | None, *, now_s: float | None, length_s: float
    ) -> None:
        """Show it; `now_s` is where it stands while it goes on, `length_s` how long it will be."""
        self.record = record
        self.copy.set_content(watch_text(self.saving.shared(record)) if record is not None else "")
        self.log.moments.show_record(record)
        self.log.setVisible(record is not None and bool(record.moments))
        self.chart.setVisible(record is not None and bool(record.columns))
        self.facts.setVisible(record is not None)
        if record is not None:
            self.facts.show_facts(watch_facts(record))
            self.chart.show_chart(watch_chart(record, length_s=length_s), now_s=now_s)
        self._draw_call(record, now_s=now_s, length_s=length_s)

    def _draw_call(
        self, record: WatchRecord | None, *, now_s: float | None, length_s: float
    ) -> None:
        """What the browser's call brought, below what its line did."""
        charts = call_charts(record, length_s=length_s) if record is not None else ()
        called = record.call if record is not None else None
        self.call.setVisible(called is not None)
        self.call_chart.setVisible(bool(charts))
        self.chart.set_low(low=True, lowest=bool(charts))
        if called is not None:
            words = _("The call in the browser: {words}.").format(words=call_words(called))
            self.call.setText(plain(words))
        if charts:
            self.call_chart.show_chart(charts[0], now_s=now_s)

    @Slot()
    def _show_formats(self) -> None:
        if self.record is not None:
            self.saving.show_formats(self.record, self.save)


class SavedWatchWindow(WatchView):
    """For reading; any number may be open, also while something is measured."""

    def __init__(
        self,
        look: Appearance,
        parent: QWidget,
        record: WatchRecord,
        shares_names: Callable[[], bool],
        hides_names: Callable[[], bool],
    ) -> None:
        code = plain(record.run_code)
        opened = _("Watch of {moment}, opened from a file.").format(
            moment=plain(moment_words(record.started_at))
        )
        line = f"{opened} {_('Run code: {code}.').format(code=code)}"
        super().__init__(look, parent, _("Connection watch"), line, shares_names)
        self.saved, self._hides_names = record, hides_names
        answer = watch_answer(record)
        self.setWindowTitle(plain(DOT.join((answer.title, code, _("Connection watch")))))
        self.header.pill.show_sign(answer.status, answer.title)
        self.header.pill.show()
        self.fill_body()
        self.body.addStretch(0)
        self.state.setText(answer.sentence)
        self.methods = WrappedLabel(face="meta", tone="2").selectable()
        self.body.addWidget(self.methods)
        self.shut = self.button(_("&Close"), kind="primary")
        self.shut.clicked.connect(self.close)
        self.refresh()
        self.shut.setFocus()

    @Slot()
    def refresh(self) -> None:
        """Show it with names, or without where they are hidden."""
        hidden = self._hides_names() and not self.saved.redacted
        shown = masked_watch(self.saved) if hidden else self.saved
        if shown != self.record:
            self.draw_record(shown, now_s=None, length_s=0.0)
            self.methods.setText(plain(" ".join(watch_methods(shown))))
