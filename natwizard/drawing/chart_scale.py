"""Where the values of a chart lie and what its axes say: the same for the painter and for SVG."""

from dataclasses import dataclass
from typing import Protocol

from natwizard.model.finding import Chart, ChartColumn, ChartKind
from natwizard.model.language import _
from natwizard.model.writing import number, short_number, with_unit

# Charts are painted while packets are timed: no more columns than can be seen
COLUMN_PX = 2.0
# Above the limit, whose name stands over its line
HEADROOM = 1.25
# One peak beyond it would press all the others to the axis; it is cut off instead
TALLEST_SCALE = 3.0
MINUTE_S, HOUR_S = 60, 3600
IN_MINUTES_FROM_S, IN_HOURS_FROM_S = 150, 3 * HOUR_S
# As clocks and people divide time; decimal steps would end at minutes such as 1.7
X_STEPS_S = (1, 2, 5, 10, 20, 30, MINUTE_S, 2 * MINUTE_S, 5 * MINUTE_S, 10 * MINUTE_S,
             20 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 2 * HOUR_S, 4 * HOUR_S, 6 * HOUR_S)  # fmt: skip
Y_STEPS_MS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)
MOST_TICKS = 20
"""A file may hold a chart whose axes no step of ours divides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartScale:
    """The plot's edges, and how much of time and of milliseconds they span."""

    left: float
    right: float
    top: float
    bottom: float
    length_s: float
    top_ms: float
    unit: str = "ms"
    base: float = 0.0

    def x(self, time_s: float) -> float:
        """From the left; what lies outside is at the edge."""
        return self.left + (self.right - self.left) * min(1.0, max(0.0, time_s / self.length_s))

    def y(self, value_ms: float) -> float:
        """From the top."""
        return self.bottom - (self.bottom - self.top) * min(1.0, max(0.0, value_ms / self.top_ms))

    def columns(self, chart: Chart) -> list[ChartColumn]:
        """As many as the plot has room for."""
        width_s = self.length_s * COLUMN_PX / max(self.right - self.left, 1.0)
        return merged_columns(chart.columns, width_s)

    def value_ticks(self) -> list[tuple[int, str]]:
        """Milliseconds and their labels; the highest has the unit."""
        step = next((step for step in Y_STEPS_MS if self.top_ms / step <= 3.2), Y_STEPS_MS[-1])
        ticks = [step * place for place in range(min(int(self.top_ms / step), MOST_TICKS) + 1)]
        labels = [number(value + self.base) if self.base else str(value) for value in ticks]
        return list(zip(ticks, (*labels[:-1], value_label(ticks[-1], self)), strict=True))

    def time_ticks(self) -> list[tuple[int, str]]:
        """Seconds and their labels."""
        step = next((each for each in X_STEPS_S if self.length_s / each <= 6), X_STEPS_S[-1])
        ticks = [step * place for place in range(min(int(self.length_s / step), MOST_TICKS) + 1)]
        return [(value, time_label(value, self.length_s)) for value in ticks]


class Measured(Protocol):
    """What has a unit, and values that count from somewhere."""

    @property
    def unit(self) -> str: ...
    @property
    def base(self) -> float: ...


def value_label(value: float, of: Measured) -> str:
    """ "100 ms", "-40 dBFS"."""
    if of.unit == "ms":
        return _("{value} ms").format(value=short_number(value + of.base))
    return with_unit(value + of.base, of.unit)


def top_of(chart: Chart) -> float:
    """The limit stays in sight; single peaks may be cut off, the median never is."""
    if chart.span > 0:
        return chart.span
    floor = chart.limit_ms * HEADROOM if chart.limit_ms > 0 else 1.0
    if not chart.columns:
        return floor
    peak = max(column.high for column in chart.columns)
    median = max(column.median for column in chart.columns)
    return max(floor, min(peak * 1.05, floor * TALLEST_SCALE), median * 1.1)


def time_label(time_s: float, length_s: float) -> str:
    """Seconds, minutes or hours: whatever the whole axis is short in."""
    if length_s >= IN_HOURS_FROM_S:
        return _("{value} h").format(value=short_number(time_s / HOUR_S))
    if length_s >= IN_MINUTES_FROM_S:
        return _("{value} min").format(value=short_number(time_s / MINUTE_S))
    return _("{value} s").format(value=short_number(time_s))


def limit_label(chart: Chart) -> str:
    """Stands at the line of the limit."""
    if chart.unit == "ms":
        return _("limit {value} ms").format(value=short_number(chart.limit_ms))
    return _("limit {value}").format(value=value_label(chart.limit_ms, chart))


def chart_sentence(chart: Chart) -> str:
    """The chart in one sentence, for people who do not see it."""
    if not chart.columns:
        return _("{title}: no answer yet.").format(title=chart.title)
    if chart.kind is ChartKind.VOICE:
        return _("{title}: between {low} and {high} over {time}.").format(
            title=chart.title,
            low=value_label(min(column.low for column in chart.columns), chart),
            high=value_label(max(column.high for column in chart.columns), chart),
            time=_whole_time(chart.length_s),
        )
    return _("{title}: between {low} and {high} ms over {time}, {lost} lost.").format(
        title=chart.title,
        low=number(min(column.low for column in chart.columns)),
        high=number(max(column.high for column in chart.columns)),
        time=_whole_time(max(column.start_s for column in chart.columns)),
        lost=number(sum(column.lost for column in chart.columns)),
    )


def _whole_time(time_s: float) -> str:
    if time_s >= IN_MINUTES_FROM_S:
        return _("{value} min").format(value=number(time_s / MINUTE_S))
    return _("{value} s").format(value=number(time_s))


def merged_columns(columns: tuple[ChartColumn, ...], width_s: float) -> list[ChartColumn]:
    """Columns no narrower than `width_s`, so that each gets its two pixels."""
    merged: list[ChartColumn] = []
    held = 0  # columns in the last one, which all weigh the same
    for column in columns:
        if merged and int(column.start_s / width_s) == int(merged[-1].start_s / width_s):
            last = merged[-1]
            merged[-1] = ChartColumn(
                start_s=last.start_s,
                low=min(last.low, column.low),
                median=(last.median * held + column.median) / (held + 1),
                high=max(last.high, column.high),
                lost=last.lost + column.lost,
            )
            held += 1
        else:
            merged.append(column)
            held = 1
    return merged
