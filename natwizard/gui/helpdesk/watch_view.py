"""What a watch's window shows, whether it goes on or was saved: figures, chart, bad moments."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from natwizard.drawing.icons import Icon
from natwizard.drawing.tokens import SPACE
from natwizard.gui.appearance import Appearance
from natwizard.gui.helpdesk.desk_window import DeskWindow
from natwizard.gui.helpdesk.facts_row import FactsRow
from natwizard.gui.helpdesk.moment_table import MomentTable
from natwizard.gui.helpdesk.watch_saving import WatchSaving
from natwizard.gui.widgets.buttons import CopyButton
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.gui.widgets.live_chart import LiveChart
from natwizard.model.language import _
from natwizard.model.watch import WatchRecord
from natwizard.report.watch_words import watch_chart, watch_facts, watch_text

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
        self.log = MomentTable(look)
        self.copy = CopyButton(look, _("Copy as text"), "", kind="")
        self.foot.addWidget(self.copy)
        self.save = self.button(_("Sa&ve..."), Icon.SAVE)
        self.save.clicked.connect(self._show_formats)
        self.foot.addStretch()

    def fill_body(self) -> None:
        """Put in what is common, below what the window has of its own."""
        for widget in (self.state, self.facts, self.chart):
            self.body.addWidget(widget)
        self.body.addWidget(self.log, 1)

    def tell(self, record: WatchRecord | None, *, now_s: float | None, length_s: float) -> None:
        """Show it; `now_s` is where it stands while it goes on, `length_s` how long it will be."""
        self.record = record
        self.copy.give(watch_text(self.saving.shared(record)) if record is not None else "")
        self.log.moments.tell(record)
        self.log.setVisible(record is not None and bool(record.moments))
        self.chart.setVisible(record is not None and bool(record.columns))
        self.facts.setVisible(record is not None)
        if record is not None:
            self.facts.tell(watch_facts(record))
            self.chart.tell(watch_chart(record, length_s=length_s), now_s=now_s)

    @Slot()
    def _show_formats(self) -> None:
        if self.record is not None:
            self.saving.show_formats(self.record, self.save)
