"""UDP media: four tiles, the live chart, and rows for what is not plain from them."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs
from PySide6.QtWidgets import QVBoxLayout

from natwizard.drawing.signs import Activity
from natwizard.gui.pages.checks_page import ChecksPage
from natwizard.gui.run.run_model import CheckState, live_figures
from natwizard.gui.widgets.live_chart import LiveChart
from natwizard.gui.widgets.metric_tile import MetricTile, TileBench
from natwizard.model.finding import Chart, ChartColumn, ChartKind, Status
from natwizard.model.language import _
from natwizard.model.writing import number

if TYPE_CHECKING:  # the window paints before what runs is loaded
    from natwizard.run.plan import RunPlan

LENGTHS_S = (10.0, 30.0, 60.0)
"""A measurement that cannot tell yet goes on: the axis grows with it."""

# More fit below the chart only if it is lower
ROWS_BELOW_CHART = 2


class MediaPage(ChecksPage):
    """A passing check with a tile has no row until its tile is pressed."""

    def _add_extras(self, inner: QVBoxLayout) -> None:
        self._tiles: dict[str, MetricTile] = {}
        self._pressed = ""
        self._bench = TileBench(self.look)
        inner.addWidget(self._bench)
        self.chart = LiveChart(self.look)
        inner.addWidget(self.chart)
        self._bench.hide()
        self.chart.hide()

    def _refresh_extras(self, states: tuple[CheckState, ...]) -> None:
        tiled = [state for state in states if self._has_tile(state)]
        for check in [check for check in self._tiles if check not in {s.check for s in tiled}]:
            tile = self._tiles.pop(check)
            tile.hide()
            tile.deleteLater()
        live = live_figures(self._live_columns())
        for state in tiled:
            if state.check not in self._tiles:
                tile = MetricTile(self.look, state)
                tile.clicked.connect(partial(self._on_tile, state.check))
                self._tiles[state.check] = tile
            self._tiles[state.check].show_state(state, live.get(state.headline))
        self._bench.show_tiles([self._tiles[state.check] for state in tiled])
        self._bench.setVisible(bool(tiled))
        self._refresh_chart()

    def _refresh_pill(self) -> None:
        super()._refresh_pill()
        now_s = self._chart()[1]
        if now_s is not None:
            text = _("Listening, {seconds} s").format(seconds=number(now_s))
            self.header.pill.show_sign(Activity.RUNNING, text)

    @staticmethod
    def _has_tile(state: CheckState) -> bool:
        """Checks whose number is a headline; one that could not be measured has a row instead."""
        measured = state.finding is None or state.finding.gauge is not None
        return bool(state.headline) and measured

    def _rows(self, states: tuple[CheckState, ...]) -> tuple[CheckState, ...]:
        def plain_from_tile(state: CheckState) -> bool:
            quiet = state.finding is None or state.finding.status is Status.PASS
            return quiet and self._has_tile(state) and state.check != self._pressed

        rows = [state for state in states if not plain_from_tile(state)]
        running = [state for state in states if state.sign is Activity.RUNNING]
        if running:  # what is going on is shown once, whatever else waits for it
            current = max(running, key=self._has_tile)
            rows = [self._as_waiting(state) for state in rows if state is not current]
            rows.insert(0, self._as_running(current))
        self.chart.set_low(low=len(rows) > ROWS_BELOW_CHART)
        # as `details.WORST_FIRST`; what is in order keeps its place
        order = {Status.FAIL: 0, Status.UNKNOWN: 1, Status.BORDERLINE: 2, Status.WARN: 3}
        rows.sort(key=lambda state: order.get(state.finding.status, 4) if state.finding else 4)
        return tuple(rows)

    @staticmethod
    def _as_waiting(state: CheckState) -> CheckState:
        if state.sign is not Activity.RUNNING:
            return state
        return replace(state, sign=Activity.WAITING, doing=_("follows from the test call"),
                       detail="", fraction=None)  # fmt: skip

    def _as_running(self, state: CheckState) -> CheckState:
        """Say why it takes longer, where it does."""
        columns = self._live_columns()
        longer = bool(columns) and columns[-1].start_s >= LENGTHS_S[0]
        return replace(state, doing=_("Too close to call: measuring on")) if longer else state

    def _live_columns(self) -> tuple[ChartColumn, ...]:
        model = self.control.model
        tiled = (state.check for state in model.checks(self.page) if state.headline)
        return next(filter(None, map(model.columns, tiled)), ())

    def _refresh_chart(self) -> None:
        chart, now_s = self._chart()
        if chart is not None:
            self.chart.show_chart(chart, now_s=now_s)
        self.chart.setVisible(chart is not None and not self.rows_open)

    def _chart(self) -> tuple[Chart | None, float | None]:
        model = self.control.model
        for finding in model.findings(self.page):
            chart = finding.chart
            if chart is not None and chart.columns and chart.kind is ChartKind.LINE:
                return _with_length(chart), None
        columns = self._live_columns()
        if not columns:
            return None, None
        now_s = columns[-1].start_s
        length_s = next((length for length in LENGTHS_S if now_s < length), LENGTHS_S[-1])
        limit_ms = live_limit_ms(self.control.plan)
        live = Chart(title=_("Round trip"), limit_ms=limit_ms, length_s=length_s, columns=columns)
        return _with_length(live), now_s if model.busy else None

    @property
    def rows_open(self) -> bool:
        """Whether a row is folded open: it takes the chart's room."""
        return hasattr(self, "rows") and bool(self.rows.open_check)

    def show_open(self, check: str) -> None:
        if not check:
            self._pressed = ""
        self.refresh()

    def _on_tile(self, check: str) -> None:
        self._pressed = check
        self.refresh()
        self.rows.open_row(check)

    def _open_worst(self) -> None:
        """The chart is the picture here: nothing covers it unasked."""


def _with_length(chart: Chart) -> Chart:
    title = _("{title} over {seconds} s").format(title=chart.title, seconds=number(chart.length_s))
    return structs.replace(chart, title=title)


def live_limit_ms(plan: "RunPlan | None") -> float:
    """The profile's limit for the round trip, known before the rule has spoken."""
    from natwizard.checks.quality_latency import QUALITY_LATENCY, LatencyLimits

    rows = plan.rows if plan is not None else ()
    latency_limits = (
        row.requirement.limits for row in rows if row.check.name == QUALITY_LATENCY.name
    )
    limits = next(latency_limits, {})
    return msgspec.convert(limits, type=LatencyLimits).round_trip_ms
