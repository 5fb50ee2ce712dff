"""A document as one HTML file: no scripts, nothing fetched, everything from outside escaped."""

from collections.abc import Iterable, Sequence

from natwizard.drawing.chart_scale import ChartScale, limit_label, top_of
from natwizard.languages import language_of
from natwizard.model.finding import Chart, ChartKind, Status
from natwizard.model.plan import Breakdown
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.document import (
    Banner,
    Bar,
    Card,
    Column,
    Content,
    Document,
    Entry,
    Fixes,
    Guide,
    Lead,
    Line,
    LineKind,
    Lines,
    Paragraph,
    Picture,
    Point,
    Points,
    Request,
    Route,
    Row,
    Section,
    Stage,
    Stages,
    Stop,
    Table,
    Tone,
    report_document,
)
from natwizard.report.html.markup import Markup, element, glyph, joined
from natwizard.report.html.page import page
from natwizard.report.html.style import style_sheet
from natwizard.report.words import status_word

# As wide as the page's column: 920 less its padding of 32 on both sides (html/style.py)
BAR_WIDTH, BAR_HEIGHT = 856, 24
# As many as the themes have colours for parts (Theme.series)
SERIES = 6


def report_html(report: Report) -> str:
    """The same content in the same order as the PDF, and what every row means.

    In the language of the report. The PDF has no tags: this is the form for screen readers.
    """
    return document_html(report_document(report, with_guide=True))


def document_html(document: Document) -> str:
    """The whole page."""
    with language_of(document.language):
        body = element(
            "main",
            element("header", element("span", document.title), element("span", document.code)),
            _banner(document.banner) if document.banner is not None else "",
            _facts(document.facts) if document.facts else "",
            *map(_section, document.sections),
            element("footer", document.foot),
        )
        return page(title=document.name, style=style_sheet(), language=document.language, body=body)


def _banner(banner: Banner) -> Markup:
    words = element("div", element("h1", banner.title), element("p", banner.sentence))
    return element("div", glyph(banner.status), words, class_=f"banner {banner.status.value}")


def _facts(facts: Sequence[Line]) -> Markup:
    pairs = (element("div", element("dt", fact.label), element("dd", fact.text)) for fact in facts)
    return element("dl", *pairs, class_="facts")


def _section(section: Section) -> Markup:
    status = section.status
    sign = (_spoken(status), " ") if status is not None else ()
    heading = element(f"h{section.level}", *sign, section.heading)
    name = f"finding {status.value}" if status is not None else ""
    return element("section", heading, *map(_content, section.blocks), class_=name)


def _spoken(status: Status) -> Markup:
    """A glyph beside which no text says the status."""
    return glyph(status, word=status_word(status))


def _content(block: Content) -> Markup:  # noqa: C901 - one arm a kind
    match block:
        case Paragraph():
            return _paragraph(block)
        case Fixes(cards=cards):
            return joined(*map(_card, cards))
        case Table():
            return _table(block)
        case Picture(sentence=sentence, chart=chart):
            return joined(element("p", sentence, class_="soft"), _chart(chart, sentence))
        case Route(stops=stops):
            return element("ol", *map(_stop, stops), class_="route")
        case Stages(stages=stages):
            return element("ul", *map(_stage, stages), class_="stages")
        case Lines():
            return _lines(block)
        case Guide(entries=entries):
            return joined(*map(_entry, entries))
        case Request(lines=(first, *others)):
            text = joined(first, *(joined(element("br"), line) for line in others))
            return element("div", text, class_="request")
        case Bar():
            return _bar(block)
        case Points(points=points):
            return element("ul", *map(_point, points), class_="points")
        case _:
            return Markup()


def _paragraph(block: Paragraph) -> Markup:
    match block.tone:
        case Tone.STRONG:
            return element("p", element("strong", block.text))
        case Tone.SOFT | Tone.SMALL:
            return element("p", block.text, class_="soft")
        case Tone.BODY:
            return element("p", block.text)


def _card(card: Card) -> Markup:
    words = element(
        "div",
        element("strong", card.title),
        element("p", card.text, class_="soft") if card.text else "",
    )
    who = Markup()
    if card.owner:
        who = element("span", element("b", card.owner), element("br"), card.acts, class_="who")
    return element("div", _spoken(card.status), words, who, class_=f"fix {card.status.value}")


def _table(table: Table) -> Markup:
    columns = table.columns
    names = (element("th", each.title, scope="col", class_=_column(each)) for each in columns)
    head = element("thead", element("tr", *names))
    return element("table", head, element("tbody", *(_row(row, columns) for row in table.rows)))


def _row(row: Row, columns: Sequence[Column]) -> Markup:
    first, *others = row.cells
    sign = (glyph(row.status), " ") if row.status is not None else ()
    cells = [joined(*sign, first), *others]
    if row.leads:
        links = [part for lead in row.leads for part in (", ", _lead(lead))]
        cells[1] = joined(*links[1:])
    if row.url:
        cells[-1] = element("a", cells[-1], href=row.url)
    tds = (element("td", cell, class_=_column(column))
           for cell, column in zip(cells, columns, strict=True))  # fmt: skip
    status = row.status.value if row.status is not None else ""
    return element("tr", *tds, class_=" ".join(filter(None, (status, "total" * row.strong))))


def _lead(lead: Lead) -> str:
    return element("a", lead.text, href=f"#{_place(lead.anchor)}") if lead.anchor else lead.text


def _place(anchor: str) -> str:
    """ID of a place in the page; a name has no other letters, whoever wrote the report."""
    return "row-" + "".join(letter if letter.isalnum() else "-" for letter in anchor)


def _entry(entry: Entry) -> Markup:
    source = Markup()
    if entry.source:
        words = element("a", entry.source, href=entry.url) if entry.url else entry.source
        source = element("p", words, class_="soft")
    to_do = element("p", entry.to_do) if entry.to_do else ""
    method = element("p", entry.method, class_="soft") if entry.method else ""
    told = (element("h3", entry.title), element("p", entry.text), to_do, method, source)
    return element("section", *told, id=_place(entry.anchor), class_="entry")


def _column(column: Column) -> str:
    return "amount" if column.amount else "soft" if column.soft else ""


def _stage(stage: Stage) -> Markup:
    text = (element("b", stage.name), element("span", stage.text))
    return element("li", _spoken(stage.status), " ", *text, class_=stage.status.value)


def _stop(stop: Stop) -> Markup:
    told = (element("span", text) for text in (stop.at, stop.figures) if text)
    return element("li", element("b", stop.name), *told)


def _lines(block: Lines) -> Markup:
    pairs = (joined(element("dt", line.label), element("dd", line.text)) for line in block.lines)
    return element("dl", *pairs, class_="lines tried" if block.kind is LineKind.TRIED else "lines")


def _bar(bar: Bar) -> Markup:
    """Parts side by side, the limit as a line; the list below says what they are."""
    breakdown = bar.breakdown
    picture = element(
        "svg", *_pieces(breakdown), class_="breakdown", viewBox=f"0 0 {BAR_WIDTH} {BAR_HEIGHT}",
        role="img", aria_label=". ".join(bar.texts()),
    )  # fmt: skip
    limit = f" ({breakdown.limit_words})" if breakdown.limit is not None else ""
    caption = element("p", f"{breakdown.caption}{limit}")
    if len(breakdown.slices) < 2:  # what the caption says already
        return element("div", caption, picture)
    legend = (
        element(
            "li",
            element("span", "", class_=f"key part{number % SERIES}"),
            labelled(piece.title, f"{piece.amount}, {share}"),
        )
        for number, (piece, share) in enumerate(zip(breakdown.slices, bar.shares, strict=True))
    )
    return element("div", caption, picture, element("ul", *legend, class_="legend"))


def _pieces(breakdown: Breakdown) -> list[Markup]:
    pieces, left = [_rectangle(0, BAR_WIDTH, "track")], 0.0
    for number, piece in enumerate(breakdown.slices):
        width = BAR_WIDTH * piece.value / breakdown.scale
        pieces.append(_rectangle(left, max(0.0, width - 2), f"part{number % SERIES}"))
        left += width
    if breakdown.limit is not None:
        x = BAR_WIDTH * breakdown.limit / breakdown.scale
        pieces.append(_rectangle(min(x, BAR_WIDTH - 2), 2, "end"))
    return pieces


def _rectangle(left: float, width: float, name: str) -> Markup:
    return element("rect", x=f"{left:.1f}", y="0", width=f"{width:.1f}", height=str(BAR_HEIGHT),
                   class_=name)  # fmt: skip


def _point(point: Point) -> Markup:
    sign = _spoken(point.status) if point.status is not None else element("span", "", class_="box")
    answer = element("p", point.answer, class_="soft") if point.answer else ""
    words = element("div", element("span", point.text), answer)
    owner = element("span", point.owner, class_="who")
    status = point.status.value if point.status is not None else ""
    return element("li", sign, words, owner, class_=status)


# As BAR_WIDTH
CHART_WIDTH = 856
CHART_HEIGHT = 190
SMALL_CHART_HEIGHT = 120
CROSS = 3.6


def _chart(chart: Chart, sentence: str) -> Markup:
    """The chart, with its text alternative."""
    height = CHART_HEIGHT if chart.kind is ChartKind.LINE else SMALL_CHART_HEIGHT
    # labels such as "-40 dBFS" need more room than "200 ms"
    left = 60 if chart.unit == "ms" else 76
    scale = ChartScale(left=left, right=CHART_WIDTH - 16, top=12, bottom=height - 28,
                       length_s=max(chart.length_s, 1.0), top_ms=top_of(chart), unit=chart.unit,
                       base=chart.base)  # fmt: skip
    columns = scale.columns(chart)
    upper = [(scale.x(column.start_s), scale.y(column.high)) for column in columns]
    lower = [(scale.x(column.start_s), scale.y(column.low)) for column in reversed(columns)]
    median = [(scale.x(column.start_s), scale.y(column.median)) for column in columns]
    return element(
        "svg",
        *_axes(scale),
        element("polygon", class_="band", points=_corners(upper + lower)),
        *_limit(scale, chart),
        element("polyline", class_="median", points=_corners(median)),
        *_losses(scale, {round(scale.x(each.start_s)) for each in columns if each.lost}),
        class_="chart",
        viewBox=f"0 0 {CHART_WIDTH} {height}",
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


def _corners(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return element("line", class_=name, **{key: f"{value:.1f}" for key, value in ends.items()})


def _text(text: str, x: float, y: float, *, anchor: str = "", class_: str = "") -> Markup:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)
