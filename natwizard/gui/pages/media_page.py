"""UDP media: four tiles, the live chart, and rows for what is not plain from them."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from natwizard.drawing.signs import Activity
from natwizard.drawing.tokens import SPACE
from natwizard.gui.pages.checks_page import ChecksPage
from natwizard.gui.run_model import CheckState
from natwizard.gui.widgets.live_chart import LiveChart
from natwizard.gui.widgets.metric_tile import MetricTile
from natwizard.model.finding import Chart, Status
from natwizard.model.language import _

TILES = ("quality.latency", "quality.jitter", "quality.loss", "quality.bandwidth")
CHARTED = ("quality.latency", "quality.jitter", "quality.loss")
LIVE_LENGTH_S = 30.0
LONG_LENGTH_S = 60.0
LIVE_LIMIT_MS = 0.0
"""The limit is drawn once the rule has told it."""


class MediaPage(ChecksPage):
    """A passing check with a tile has no row until its tile is pressed."""

    def _add_extras(self) -> None:
        self._tiles: dict[str, MetricTile] = {}
        self._pressed = ""
        self._bench = QWidget()
        self._tile_row = QHBoxLayout(self._bench)
        self._tile_row.setContentsMargins(0, 0, 0, 0)
        self._tile_row.setSpacing(self.look.px(SPACE.m))
        self._add_inset(self._bench)
        self.chart = LiveChart(self.look)
        self._add_inset(self.chart)
        self._bench.hide()
        self.chart.hide()

    def _refresh_extras(self, states: tuple[CheckState, ...]) -> None:
        tiled = [state for state in states if self._has_tile(state)]
        for check in [check for check in self._tiles if check not in {s.check for s in tiled}]:
            tile = self._tiles.pop(check)
            self._tile_row.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        tiled.sort(key=lambda state: TILES.index(state.check))
        for place, state in enumerate(tiled):
            if state.check not in self._tiles:
                tile = MetricTile(self.look, state)
                tile.clicked.connect(partial(self._on_tile, state.check))
                self._tiles[state.check] = tile
                self._tile_row.insertWidget(place, tile, 1)
            self._tiles[state.check].tell(state)
        self._bench.setVisible(bool(tiled))
        self._refresh_chart()

    @staticmethod
    def _has_tile(state: CheckState) -> bool:
        """Checks with a number; one that could not be measured explains itself in a row."""
        if state.check not in TILES:
            return False
        return state.finding is None or state.finding.gauge is not None

    def _rows(self, states: tuple[CheckState, ...]) -> tuple[CheckState, ...]:
        def plain_from_tile(state: CheckState) -> bool:
            quiet = state.finding is None or state.finding.status is Status.PASS
            return quiet and self._has_tile(state) and state.check != self._pressed

        rows = [state for state in states if not plain_from_tile(state)]
        running = next((state for state in states if state.sign is Activity.RUNNING), None)
        if running is not None and running not in rows:
            rows.insert(0, running)
        order = {Status.FAIL: 0, Status.UNKNOWN: 1, Status.BORDERLINE: 2, Status.WARN: 3}
        rows.sort(key=lambda state: order.get(state.finding.status, 4) if state.finding else 4)
        return tuple(rows)

    def _refresh_chart(self) -> None:
        chart, now_s = self._chart()
        if chart is not None:
            self.chart.tell(chart, now_s=now_s)
        self.chart.setVisible(chart is not None and not self.rows_open)

    def _chart(self) -> tuple[Chart | None, float | None]:
        model = self.control.model
        for finding in model.findings(self.page):
            if finding.chart is not None and finding.chart.columns:
                return finding.chart, None
        columns = next(filter(None, (model.columns(check) for check in CHARTED)), ())
        if not columns:
            return None, None
        now_s = columns[-1].start_s
        length_s = LIVE_LENGTH_S if now_s <= LIVE_LENGTH_S else LONG_LENGTH_S
        title = _("Round trip over {seconds} s").format(seconds=f"{length_s:.0f}")
        live = Chart(title=title, limit_ms=LIVE_LIMIT_MS, length_s=length_s, columns=columns)
        return live, now_s if model.busy else None

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
