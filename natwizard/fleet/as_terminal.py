"""A fleet in the terminal: the number, what is shared, what fails where, who is silent."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.containers import Lines
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as RichText

from natwizard.fleet.overview import Overview, SeatRow, SharedProblem
from natwizard.fleet.wording import (
    action_sentence,
    date_of,
    doubt_sentence,
    figure,
    group_name,
    headline,
    kind_name,
    listed,
    moment_of,
    period_words,
    place_name,
    problem_sentence,
    proof_sentence,
    silence_words,
    silent_words,
    subline,
    text,
    unread_words,
    verdict_name,
    who,
)
from natwizard.model.language import _, ngettext
from natwizard.model.writing import number
from natwizard.report.plain import close_isolates, plain

if TYPE_CHECKING:
    from rich.console import JustifyMethod, OverflowMethod

ROWS_SHOWN = 12


class Text(RichText):
    """Each line ends the isolates that it begins, else the columns beside it would be in them."""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: "JustifyMethod | None" = None,
        overflow: "OverflowMethod | None" = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        """As rich wraps."""
        lines = super().wrap(console, width, justify=justify, overflow=overflow,
                             tab_size=tab_size, no_wrap=no_wrap)  # fmt: skip
        close_isolates(lines)
        return lines


def print_overview(overview: Overview, console: Console | None = None) -> None:
    """Print it, the worst first; long lists end early and say so."""
    console = console or Console(highlight=False)
    console.print()
    console.print(Text(f" {headline(overview)}", style="bold"))
    console.print(Padding(Text(subline(overview)), (0, 1)))
    if overview.total.seats or overview.silent:
        console.print(Padding(Text(silence_words(overview)), (0, 1)))
    if period := period_words(overview):
        console.print(Text(f" {period}", style="dim"))
    for problem in overview.problems[:ROWS_SHOWN]:
        console.print()
        sentence = Table.grid(padding=(0, 1))
        sentence.add_row(Text(" ✖", style="bold"), Text(problem_sentence(problem), style="bold"))
        console.print(sentence)
        told = f"{action_sentence(problem)} {proof_sentence(problem)} {doubt_sentence(problem)}"
        console.print(Padding(Text(told), (0, 3)))
    _print_rest(console, len(overview.problems))
    _print_requirements(overview, console)
    _print_places(overview, console)
    _print_lines(overview, console)
    _print_changes(overview, console)
    _print_single(overview, console)
    _print_silent(overview, console)
    _print_unread(overview, console)


def print_found(
    rows: Sequence[SeatRow], overview: Overview, folder: Path, console: Console | None = None
) -> None:
    """Runs with a code, each with its file, and whether its trouble is the neighbours' too."""
    console = console or Console(highlight=False)
    if not rows:
        none = _("No run in this folder has this code.")
        console.print(Text(f" {none}"))
        return
    for row in rows[:ROWS_SHOWN]:
        console.print()
        told = f"{verdict_name(row.verdict)}, {place_name(row.site)}"
        console.print(Text(f" {moment_of(row.at_s, row.offset_s)}: {told}", style="bold"))
        if row.failing:
            console.print(Text(f"   {text(row.failing)}"))
            _print_shared(overview.shared_by(row), console)
        console.print(Text(f"   {text(row.host_name or row.seat)}", style="dim"))
        console.print(Text(f"   {plain(str(folder / row.file))}", style="dim"), soft_wrap=True)
    _print_rest(console, len(rows))


def _print_shared(problems: Sequence[SharedProblem], console: Console) -> None:
    """ "None" is said, too: then it is this desk's own, as far as its folder tells."""
    if not problems:
        none = _("Not a problem that other desks share, as far as this folder tells.")
        console.print(Padding(Text(none), (0, 3)))
    for problem in problems:
        told = (
            f"{problem_sentence(problem)} {action_sentence(problem)} {doubt_sentence(problem)}"
        ).rstrip()
        console.print(Padding(Text(told, style="bold"), (0, 3)))


def _print_requirements(overview: Overview, console: Console) -> None:
    places: dict[str, list[str]] = {}
    for row in sorted(overview.failing_by(overview.by), key=lambda row: -row.failed):
        if row.failed:
            shown = f"{group_name(overview.by, row.name)} {number(row.failed)}"
            places.setdefault(row.requirement, []).append(shown)
    rows = [
        (text(row.title), number(row.failed), who(row.owner), listed(places[row.requirement][:5]))
        for row in overview.requirements
        if row.failed
    ]
    names = (_("What fails"), _("Seats"), _("Who acts"), _("Where"))
    _print_table(console, names, rows, right=(1,))


def _print_places(overview: Overview, console: Console) -> None:
    places = overview.places_by(overview.by)
    if not any(place.name for place in places):
        return
    rows = [
        (
            group_name(overview.by, place.name),
            number(place.seats),
            number(place.ready + place.ready_to_public + place.ready_with_advice),
            number(place.not_ready),
            number(place.could_not_tell),
        )
        for place in places
    ]
    names = (kind_name(overview.by), _("Seats"), _("Ready"), _("Not ready"), _("Could not tell"))
    _print_table(console, names, rows, right=(1, 2, 3, 4))


def _print_lines(overview: Overview, console: Console) -> None:
    """Only where a limit is missed at some hour; the page has all of them."""
    rows = []
    for line in overview.lines:
        pick = min if line.higher_is_better else max
        worst = pick(line.points, key=lambda point: point.p95)
        if line.limit is None:
            continue
        if worst.p95 < line.limit if line.higher_is_better else worst.p95 > line.limit:
            limit = figure(line.limit, line.unit)
            hour = f"{worst.hour:02}:00"
            told = (place_name(line.site), text(line.title), figure(worst.p95, line.unit), limit,
                    hour)  # fmt: skip
            rows.append(told)
    names = (_("Site"), _("Check"), _("Worst hour (p95)"), _("Limit"), _("At"))
    _print_table(console, names, rows, right=(2, 3))


def _print_changes(overview: Overview, console: Console) -> None:
    rows = [
        (place_name(row.site), text(row.title), number(row.worse), number(row.better))
        for row in overview.changes
    ]
    since = _("Changed since {date}").format(date=date_of(overview.since_s))
    _print_table(console, (since, _("Check"), _("Worse"), _("Better")), rows, right=(2, 3))


def _print_single(overview: Overview, console: Console) -> None:
    rows = [
        (
            text(odd.label),
            place_name(odd.desk.site),
            text(odd.title),
            f"{number(odd.desk.failed)}/{number(odd.desk.runs)}",
            who(odd.owner),
        )
        for odd in overview.odd
    ]
    names = (_("Single desk"), _("Site"), _("Check"), _("Fails"), _("Who acts"))
    _print_table(console, names, rows, right=(3,))


def _print_silent(overview: Overview, console: Console) -> None:
    rows = [
        (text(seat.label), place_name(seat.site) if seat.last_s is not None else "",
         silent_words(seat))
        for seat in overview.silent
    ]  # fmt: skip
    _print_table(console, (_("Silent seat"), _("Site"), _("How long")), rows)


def _print_unread(overview: Overview, console: Console) -> None:
    rows = [(text(each.file), unread_words(each)) for each in overview.unread]
    _print_table(console, (_("Not counted"), _("Why")), rows)


def _print_table(
    console: Console,
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Iterable[int] = (),
) -> None:
    if not rows:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=True)
    aligned = set(right)
    for place, name in enumerate(names):
        justify = "right" if place in aligned else "left"
        shown = name if place else f" {name}"
        table.add_column(shown, overflow="fold", justify=justify)  # type: ignore[arg-type]
    for row in rows[:ROWS_SHOWN]:
        first, *others = row
        table.add_row(Text(f" {first}"), *(Text(cell) for cell in others))
    console.print()
    console.print(table)
    _print_rest(console, len(rows))


def _print_rest(console: Console, count: int) -> None:
    more = count - ROWS_SHOWN
    if more > 0:
        told = ngettext("and {count} more", "and {count} more", more).format(count=number(more))
        console.print(Text(f"   {told}", style="dim"))
