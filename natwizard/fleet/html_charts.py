"""Pictures of a fleet as SVG, in the colours of the page, each with a text alternative."""

from natwizard.fleet.overview import HourPoint, Line, Overview, SharedProblem
from natwizard.fleet.scan import Window
from natwizard.fleet.shared_cause import DAY_S
from natwizard.fleet.wording import figure, place_name, problem_sentence
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.report.html.markup import Markup, element

# Units of the view box, which the page stretches to its own width
WIDTH = 1000
BAR_HEIGHT = 14
STRIP_HEIGHT = 56
STRIP_FOOT = 14
CHART_WIDTH, CHART_HEIGHT = 200, 72
HOURS = 24
GAP = 2


def stacked_bar(counts: list[tuple[Status, int]]) -> Markup:
    """Parts of a whole side by side; the words stand beside it."""
    whole = sum(count for _status, count in counts)
    pieces, left = [_rectangle("track", 0, 0, WIDTH, BAR_HEIGHT)], 0.0
    for status, count in counts:
        width = WIDTH * count / whole if whole else 0.0
        if count:
            shown = max(GAP + 1, width) - GAP
            pieces.append(_rectangle(status.value, left, 0, shown, BAR_HEIGHT))
        left += width
    return _svg("bar", WIDTH, BAR_HEIGHT, pieces)


def strip(problem: SharedProblem, overview: Overview) -> Markup:
    """The desks of one group over the whole time, or over the day: up to the top is all of them.

    Light: desks that ran and passed. Dark: desks that failed. Shaded: when the problem was.
    """
    if not problem.bins or not problem.bin_s:
        return Markup()
    daily = problem.cause.daily
    start_s = 0.0 if daily else overview.first_s or 0.0
    end_s = DAY_S if daily else overview.last_s or start_s
    span_s = max(problem.bin_s, end_s - start_s + problem.bin_s)
    most = max(each.desks for each in problem.bins)
    height = STRIP_HEIGHT - STRIP_FOOT
    pieces = []
    of_day = problem.cause.of_day
    for window in _of_one_day(of_day) if of_day is not None else problem.cause.windows:
        left, right = (WIDTH * (each - start_s) / span_s for each in (window.start_s, window.end_s))
        # a problem of minutes is still seen beside a month
        pieces.append(_rectangle("when", left, 0, max(3.0, right - left), height))
    width = max(1.5, WIDTH * problem.bin_s / span_s - 1)
    for each in problem.bins:
        left = WIDTH * (each.start_s - start_s) / span_s
        tall, failed = height * each.desks / most, height * each.failed / most
        pieces.append(_rectangle("ran", left, height - tall, width, tall))
        if each.failed:
            pieces.append(_rectangle("failed", left, height - failed, width, failed))
    pieces.append(_line("axis", 0, height, WIDTH, height))
    return _svg("strip", WIDTH, STRIP_HEIGHT - STRIP_FOOT + 1, pieces, problem_sentence(problem))


def _of_one_day(window: Window) -> tuple[Window, ...]:
    """What goes on after midnight stands at both ends of a day."""
    if window.end_s <= DAY_S:
        return (window,)
    return Window(window.start_s, DAY_S), Window(0.0, window.end_s - DAY_S)


def daily_chart(line: Line, top: float) -> Markup:
    """One figure by the hour of the day, all sites on one scale; hours without runs stay empty."""
    pieces = [_line("grid", _x(hour), 0, _x(hour), CHART_HEIGHT) for hour in (6, 12, 18)]
    width = CHART_WIDTH / HOURS - 1.5
    for point in line.points:
        over = line.limit is not None and _is_over(point, line)
        tall = CHART_HEIGHT * min(1.0, max(0.0, point.p95 / top))
        name = "over" if over else "under"
        pieces.append(_rectangle(name, _x(point.hour), CHART_HEIGHT - tall, width, tall))
    if line.limit is not None:
        y = CHART_HEIGHT * (1 - min(1.0, line.limit / top))
        pieces.append(_line("limit", 0, y, CHART_WIDTH, y))
    pieces.append(_line("axis", 0, CHART_HEIGHT, CHART_WIDTH, CHART_HEIGHT))
    told = _("{site}: at worst {figure}, at {hour}:00")
    pick = min if line.higher_is_better else max
    worst = pick(line.points, key=lambda point: point.p95)
    sentence = told.format(
        site=place_name(line.site), figure=figure(worst.p95, line.unit), hour=worst.hour
    )
    return _svg("hours", CHART_WIDTH, CHART_HEIGHT, pieces, sentence)


def _is_over(point: HourPoint, line: Line) -> bool:
    limit = line.limit or 0.0
    return point.p95 < limit if line.higher_is_better else point.p95 > limit


def _x(hour: float) -> float:
    return CHART_WIDTH * hour / HOURS


def _svg(
    name: str, width: float, height: float, pieces: list[Markup], sentence: str = ""
) -> Markup:
    return element(
        "svg",
        *pieces,
        class_=name,
        viewBox=f"0 0 {width:g} {height:g}",
        preserveAspectRatio="none",
        role="img" if sentence else "",
        aria_label=sentence,
        aria_hidden="" if sentence else "true",
    )


def _rectangle(name: str, x: float, y: float, width: float, height: float) -> Markup:
    return element(
        "rect", class_=name, x=f"{x:.1f}", y=f"{y:.1f}",
        width=f"{max(0.0, width):.1f}", height=f"{max(0.0, height):.1f}",
    )  # fmt: skip


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return element(
        "line", class_=name, x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}"
    )
