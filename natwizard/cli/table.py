"""A document in the terminal, in the words and marks of the window."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text as RichText

from natwizard.cli.text import TerminalOutput, Text
from natwizard.languages import language_of
from natwizard.model.finding import Status
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.as_text import point_lines
from natwizard.report.document import (
    Banner,
    Bar,
    Card,
    Content,
    Document,
    Fixes,
    Guide,
    LineKind,
    Lines,
    Paragraph,
    Picture,
    Points,
    Request,
    Route,
    Row,
    Section,
    Stages,
    Table,
    Tone,
    report_document,
)
from natwizard.report.words import DOT

# shapes differ, so they tell without colour; ASCII-only terminals get letters from rich
MARKS = {
    Status.PASS: ("\u2714", "green"),
    Status.BORDERLINE: ("\u25d0", "yellow"),
    Status.WARN: ("\u25b2", "yellow"),
    Status.FAIL: ("\u2716", "bold red"),
    Status.UNKNOWN: ("?", "magenta"),
    Status.MANUAL: ("\u2026", "cyan"),
    Status.NOT_SET_UP: ("+", "dim"),
    Status.NOT_APPLICABLE: ("\u2212", "dim"),
}
STYLES = {Tone.BODY: "", Tone.STRONG: "bold", Tone.SOFT: "dim", Tone.SMALL: "dim"}
BAR_COLUMNS = 60
# the fill of each part: told apart without colour, too
FILLS = (("\u2588", "blue"), ("\u2593", "cyan"), ("\u2592", "magenta"), ("\u2591", "yellow"),
         ("=", "white"), ("+", "red"))  # fmt: skip
UNUSED = "\u00b7"
LIMIT = "|"


def print_report(report: Report, console: Console | None = None, *, whole: bool = False) -> None:
    """Verdict, what to fix, the table; all the evidence too where the `whole` is wanted."""
    document = report_document(report)
    print_document(document if whole else document.summary(), console or TerminalOutput())


def print_document(document: Document, console: Console) -> None:
    """All of it, in its own language. The answer stands in the first line, for `head -1` too."""
    with language_of(document.language):
        name = f"{document.title}{DOT}{document.code}"
        console.print()
        if document.banner is None:
            console.print(_indented(name, 1, "dim"))
        else:
            _print_banner(document.banner, console)
            console.print(_indented(name, 3, "dim"))
        if document.facts:
            facts = DOT.join(labelled(fact.label, fact.text) for fact in document.facts)
            console.print(_indented(facts, 3, "dim"))
        print_sections(document.sections, console)
        console.print()
        console.print(_indented(document.foot, 1, "dim"))


def print_sections(sections: Iterable[Section], console: Console | None = None) -> None:
    """Each heading and what stands below it."""
    console = console or TerminalOutput()
    for section in sections:
        console.print()
        if section.status is None:
            console.print(_indented(section.heading, 1, "bold"))
        else:
            console.print(_marked(section.status, section.heading, 1))
        for block in section.blocks:
            _print(block, console)


def _print_banner(banner: Banner, console: Console) -> None:
    mark, style = MARKS[banner.status]
    console.print(Text(f" {mark} {banner.title}", style=f"bold {style}"))
    console.print(_indented(banner.sentence, 3))


def _indented(text: str, left: int, style: str = "") -> Padding:
    return Padding(Text(text, style=style), (0, 0, 0, left), expand=False)


def _marked(status: Status, text: str, left: int) -> Padding:
    mark, style = MARKS[status]
    return Padding(Text.assemble((mark, style), " ", (text, "bold")), (0, 0, 0, left), expand=False)


def _print(block: Content, console: Console) -> None:  # noqa: C901, PLR0912 - one arm a kind
    match block:
        case Paragraph(text=text, tone=tone):
            console.print(_indented(text, 3, STYLES[tone]))
        case Picture(sentence=sentence):
            console.print(_indented(sentence, 3))
        case Fixes(cards=cards):
            for card in cards:
                _print_card(card, console)
        case Table():
            console.print(_table(block))
        case Route(stops=stops):
            for stop in stops:
                told = ", ".join(filter(None, (stop.at, stop.figures)))
                console.print(_indented(labelled(stop.name, told) if told else stop.name, 3))
        case Stages(stages=stages):
            for stage in stages:
                console.print(_marked(stage.status, labelled(stage.name, stage.text), 3))
        case Lines():
            console.print(_lines(block, console.width))
        case Guide(entries=entries):
            for entry in entries:
                console.print(_indented(entry.title, 3, "bold"))
                console.print(_indented("\n".join(entry.texts_below()), 5))
        case Request(lines=lines):
            console.print(_indented("\n".join(lines), 3))
        case Bar():
            print_bar(block, console)
        case Points(points=points):
            for point in points:
                for line in point_lines(point):
                    console.print(_indented(line, 3))


def _print_card(card: Card, console: Console) -> None:
    console.print(_indented(card.title, 3))
    if card.text:
        console.print(_indented(card.text, 6))
    if card.owner:
        console.print(_indented(f"{card.owner} {card.acts}", 6, "dim"))


def _table(block: Table) -> RichTable:
    table = RichTable(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=True)
    for place, column in enumerate(block.columns):
        table.add_column(
            column.title if place else f" {column.title}",
            overflow="fold",
            justify="right" if column.amount else "left",
            no_wrap=column.amount,
            style="dim" if column.soft else "",
        )
    for row in block.rows:
        table.add_row(*_cells(row), style="bold" if row.strong else "")
    return table


def _cells(row: Row) -> list[Text]:
    first, *others = row.cells
    mark, style = MARKS[row.status] if row.status is not None else ("", "")
    return [Text(f" {mark} {first}" if mark else f" {first}", style=style), *map(Text, others)]


def _lines(block: Lines, width: int) -> Padding:
    table = RichTable(box=None, show_header=False, padding=(0, 2, 0, 0))
    style = "dim" if block.kind is LineKind.TRIED else "bold"
    table.add_column(overflow="fold", style=style, max_width=max(12, width // 3))
    table.add_column(overflow="fold")
    for line in block.lines:
        table.add_row(Text(line.label), Text(line.text))
    return Padding(table, (0, 0, 0, 3))


def print_bar(block: Bar, console: Console) -> None:
    """The stacked bar: a fill of its own for each part, then what the parts are."""
    breakdown = block.breakdown
    caption = breakdown.caption
    if breakdown.limit is not None:
        caption += f" ({breakdown.limit_words})"
    console.print()
    console.print(_indented(caption, 3))
    width = max(10, min(BAR_COLUMNS, console.width - 5))
    bar, reached, drawn = RichText(), 0.0, 0
    for number, piece in enumerate(breakdown.slices):
        reached += piece.value
        end = round(width * reached / breakdown.scale)
        fill, style = FILLS[number % len(FILLS)]
        bar.append(fill * (end - drawn), style=style)
        drawn = end
    bar.append(UNUSED * (width - drawn), style="dim")
    if breakdown.limit is not None:
        place = min(width - 1, round(width * breakdown.limit / breakdown.scale))
        bar = RichText.assemble(bar[:place], (LIMIT, "bold"), bar[place + 1 :])
    console.print(Padding(bar, (0, 0, 0, 3)))
    if len(breakdown.slices) > 1:
        for number, (piece, share) in enumerate(zip(breakdown.slices, block.shares, strict=True)):
            fill, style = FILLS[number % len(FILLS)]
            words = labelled(piece.title, f"{piece.amount}, {share}")
            console.print(
                Padding(Text.assemble((fill * 2, style), " ", words), (0, 0, 0, 3), expand=False)
            )
    console.print()
