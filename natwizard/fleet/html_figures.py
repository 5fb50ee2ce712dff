"""The two large pictures of the fleet's page: what fails where, and the lines by hour."""

from collections.abc import Sequence

from natwizard.fleet.html_charts import daily_chart
from natwizard.fleet.overview import Line, Overview, RequirementTotal
from natwizard.fleet.wording import figure, group_name, kind_name, listed, place_name, text, who
from natwizard.model.language import _
from natwizard.model.writing import number
from natwizard.report.html.markup import Markup, element

SITES_SHOWN = 60
# One column each, as many as the page is wide for; rarer ones are told in a sentence below
REQUIREMENTS_SHOWN = 10
LINES_SHOWN = 24
# Of so few, two figures have room side by side; as many as `html_style` has columns for them
FEW_SITES = 3
# Each has a class of its own in `html_style.SHADES`: as many as stand there
SHADES = 5


def more(count: int, shown: int) -> Markup:
    """Where a list was cut, how much is left out and where to find it."""
    if count <= shown:
        return Markup()
    told = _("And {count} more: see the CSV.").format(count=number(count - shown))
    return element("p", told, class_="soft")


def wide(*content: Markup, name: str, class_: str = "wide") -> Markup:
    """What scrolls sideways where the page is narrow: by the keyboard, too, for which it has to be
    reached and to have a name.
    """
    return element("div", *content, class_=class_, tabindex="0", role="region", aria_label=name)


def matrix_section(overview: Overview) -> Markup:
    """Places down, requirements across; the darker, the larger the share of its seats."""
    places = overview.places_by(overview.by)
    every = [row for row in overview.requirements if row.failed]
    failing = every[:REQUIREMENTS_SHOWN]
    if not failing:
        return Markup()
    counts = {
        (row.name, row.requirement): (row.failed, row.seats)
        for row in overview.failing_by(overview.by)
    }
    head = element(
        "tr",
        element("th", kind_name(overview.by), scope="col"),
        element("th", _("Seats"), scope="col", class_="number"),
        *(element("th", element("span", text(row.title)), scope="col") for row in failing),
    )
    who_row = element(
        "tr",
        element("th", _("Who acts"), scope="row"),
        element("td", ""),
        *(element("td", who(row.owner)) for row in failing),
        class_="who",
    )
    rows = (
        element(
            "tr",
            element("th", group_name(overview.by, place.name), scope="row"),
            element("td", number(place.seats), class_="number"),
            *(_cell(*counts.get((place.name, row.requirement), (0, 0))) for row in failing),
        )
        for place in places[:SITES_SHOWN]
    )
    return element(
        "section",
        element("h2", _("What fails where")),
        element(
            "p",
            _(
                "Seats whose newest run fails a requirement. The stronger the colour, the larger"
                " the share of the place."
            ),
            class_="soft",
        ),
        wide(
            element("table", element("thead", head), element("tbody", who_row, *rows)),
            name=_("What fails where"),
            class_="wide matrix",
        ),
        more(len(places), SITES_SHOWN),
        element("p", _rarer(every[REQUIREMENTS_SHOWN:]), class_="soft"),
    )


def _rarer(rows: Sequence[RequirementTotal]) -> str:
    """Requirements that so few seats fail that no column is spent on them."""
    if not rows:
        return ""
    told = _("Rarer: {titles}.")
    return told.format(titles=listed([f"{text(row.title)} ({number(row.failed)})" for row in rows]))


def _cell(failed: int, seats: int) -> Markup:
    if not failed:
        return element("td", "")
    shade = min(SHADES, 1 + int(SHADES * failed / max(1, seats)))
    return element("td", number(failed), class_=f"number shade{shade}")


def lines_section(overview: Overview) -> Markup:
    """Small multiples: one figure, one scale, a picture a site; the worst first."""
    if not overview.lines:
        return Markup()
    by_requirement: dict[str, list[Line]] = {}
    for line in overview.lines:
        by_requirement.setdefault(line.requirement, []).append(line)
    return element(
        "section",
        element("h2", _("Lines by hour of the day")),
        element(
            "p",
            _(
                "95 of 100 runs in an hour were no worse than this. Dashed: the limit."
                " Upright lines: 6, 12 and 18 o'clock."
            ),
            class_="soft",
        ),
        element(
            "div",
            *(_figure(lines) for lines in by_requirement.values()),
            class_="few" if max(map(len, by_requirement.values())) <= FEW_SITES else "",
        ),
    )


def _figure(lines: list[Line]) -> Markup:
    first = lines[0]
    top = max([*(point.p95 for line in lines for point in line.points), first.limit or 0.0, 1e-9])
    worst_first = sorted(lines, key=_badness, reverse=True)
    limit = (
        f", {_('limit {limit}').format(limit=figure(first.limit, first.unit))}"
        if (first.limit is not None)
        else ""
    )
    charts = (
        element(
            "figure",
            daily_chart(line, top),
            element(
                "figcaption",
                element("span", place_name(line.site)),
                element(
                    "b", figure(_worst(line), line.unit), class_="fail" if _is_over(line) else ""
                ),
            ),
        )
        for line in worst_first[:LINES_SHOWN]
    )
    return element(
        "div",
        element("h3", f"{text(first.title)}{limit}"),
        element("div", *charts, class_="multiples"),
        more(len(lines), LINES_SHOWN),
    )


def _worst(line: Line) -> float:
    pick = min if line.higher_is_better else max
    return pick(point.p95 for point in line.points)


def _badness(line: Line) -> float:
    return -_worst(line) if line.higher_is_better else _worst(line)


def _is_over(line: Line) -> bool:
    if line.limit is None:
        return False
    worst = _worst(line)
    return worst < line.limit if line.higher_is_better else worst > line.limit
