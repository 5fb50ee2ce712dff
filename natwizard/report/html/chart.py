"""A chart as SVG: band, median, limit and losses, in the colours of the page."""

from collections.abc import Iterable

from natwizard.drawing.chart_scale import ChartScale, limit_label, top_of
from natwizard.model.finding import Chart
from natwizard.report.html.markup import Markup, element

WIDTH = 856
HEIGHT = 190
CROSS = 3.6


def chart_svg(chart: Chart, sentence: str) -> Markup:
    """The chart, with its text alternative."""
    scale = ChartScale(left=60, right=WIDTH - 16, top=12, bottom=HEIGHT - 28,
                       length_s=max(chart.length_s, 1.0), top_ms=top_of(chart))  # fmt: skip
    columns = scale.columns(chart)
    upper = [(scale.x(column.start_s), scale.y(column.high)) for column in columns]
    lower = [(scale.x(column.start_s), scale.y(column.low)) for column in reversed(columns)]
    median = [(scale.x(column.start_s), scale.y(column.median)) for column in columns]
    return element(
        "svg",
        *_axes(scale),
        element("polygon", class_="band", points=_points(upper + lower)),
        *_limit(scale, chart),
        element("polyline", class_="median", points=_points(median)),
        *_losses(scale, {round(scale.x(each.start_s)) for each in columns if each.lost}),
        class_="chart",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=sentence,
    )


def _axes(scale: ChartScale) -> list[Markup]:
    parts = []
    for value, label in scale.value_ticks():
        y = scale.y(value)
        parts.append(_line("grid", scale.left, y, scale.right, y))
        parts.append(_text(label, scale.left - 8, y + 4, anchor="end"))
    for time_s, label in scale.time_ticks():
        parts.append(_text(label, scale.x(time_s), scale.bottom + 18, anchor="middle"))
    return parts


def _limit(scale: ChartScale, chart: Chart) -> list[Markup]:
    if chart.limit_ms <= 0:
        return []
    y = scale.y(chart.limit_ms)
    name = _text(limit_label(chart), scale.left + 6, y - 6, class_="name")
    return [_line("limit", scale.left, y, scale.right, y), name]


def _losses(scale: ChartScale, places: Iterable[float]) -> list[Markup]:
    """Crosses above the axis."""
    y = scale.bottom - 9
    return [
        _line("lost", x - CROSS, y - slope, x + CROSS, y + slope)
        for x in sorted(places)
        for slope in (CROSS, -CROSS)
    ]


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return element("line", class_=name, **{key: f"{value:.1f}" for key, value in ends.items()})


def _text(text: str, x: float, y: float, *, anchor: str = "", class_: str = "") -> Markup:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)
