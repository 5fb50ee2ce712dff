"""A chart as SVG: band, median, limit and losses, in the colours of the page."""

from dataclasses import dataclass

from natwizard.model.finding import Chart
from natwizard.model.language import _
from natwizard.model.writing import short_number
from natwizard.report.html.markup import Markup, element

WIDTH = 856
HEIGHT = 190
LEFT = 60
RIGHT = WIDTH - 16
TOP = 12
BOTTOM = HEIGHT - 28
CROSS = 3.6
CROSSES_SHOWN = 400
POINTS_SHOWN = 800
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class _Scale:
    length_s: float
    top_ms: float

    def x(self, seconds: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, seconds / self.length_s))

    def y(self, value_ms: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * min(1.0, max(0.0, value_ms / self.top_ms))


def chart_svg(chart: Chart, sentence: str) -> Markup:
    """The chart, with its text alternative."""
    scale = _Scale(max(chart.length_s, 1.0), _top_ms(chart))
    every = -(-len(chart.columns) // POINTS_SHOWN) or 1
    columns = chart.columns[::every]
    upper = [(scale.x(column.start_s), scale.y(column.high)) for column in columns]
    lower = [(scale.x(column.start_s), scale.y(column.low)) for column in reversed(columns)]
    median = [(scale.x(column.start_s), scale.y(column.median)) for column in columns]
    return element(
        "svg",
        *_axes(scale),
        element("polygon", class_="band", points=_points(upper + lower)),
        *_limit(scale, chart),
        element("polyline", class_="median", points=_points(median)),
        *_losses(scale, chart),
        class_="chart",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=sentence,
    )


def _top_ms(chart: Chart) -> float:
    """The limit stays in sight; single peaks may be cut off."""
    highest = max((column.high for column in chart.columns), default=0.0)
    floor = max(chart.limit_ms * 1.25, 1.0)
    return max(floor, min(highest * 1.05, floor * 3))


def _axes(scale: _Scale) -> list[Markup]:
    parts = []
    step = next((step for step in STEPS if scale.top_ms / step <= 3.2), STEPS[-1])
    for number in range(min(int(scale.top_ms / step), 20) + 1):
        y = scale.y(number * step)
        parts.append(_line("grid", LEFT, y, RIGHT, y))
        label = _("{value} ms").format(value=number * step)
        parts.append(_text(label, LEFT - 8, y + 4, anchor="end"))
    step = next((step for step in STEPS if scale.length_s / step <= 6), STEPS[-1])
    for number in range(min(int(scale.length_s / step), 20) + 1):
        label = _("{value} s").format(value=number * step)
        parts.append(_text(label, scale.x(number * step), BOTTOM + 18, anchor="middle"))
    return parts


def _limit(scale: _Scale, chart: Chart) -> list[Markup]:
    if chart.limit_ms <= 0:
        return []
    y = scale.y(chart.limit_ms)
    label = _("limit {value} ms").format(value=short_number(chart.limit_ms))
    return [_line("limit", LEFT, y, RIGHT, y), _text(label, LEFT + 6, y - 6, class_="name")]


def _losses(scale: _Scale, chart: Chart) -> list[Markup]:
    lost = [column for column in chart.columns if column.lost][:CROSSES_SHOWN]
    y = BOTTOM - 9
    parts = []
    for column in lost:
        x = scale.x(column.start_s)
        parts.append(_line("lost", x - CROSS, y - CROSS, x + CROSS, y + CROSS))
        parts.append(_line("lost", x - CROSS, y + CROSS, x + CROSS, y - CROSS))
    return parts


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return element("line", class_=name, **{key: f"{value:.1f}" for key, value in ends.items()})


def _text(text: str, x: float, y: float, *, anchor: str = "", class_: str = "") -> Markup:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)
