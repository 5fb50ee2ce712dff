"""A comparison in the terminal: what was, what is, and what each check measured."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from natwizard.cli.table import MARKS
from natwizard.cli.text import TerminalOutput, Text
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.report import Readiness
from natwizard.report.compare import Comparison
from natwizard.report.comparison_words import (
    arrow,
    nothing_changed_words,
    other_extent_words,
    other_terms_words,
    standing_word,
    unchanged_words,
    within_noise_words,
)
from natwizard.report.facts import moment_words
from natwizard.report.words import verdict_status, verdict_words

# A longer one moves its own line only, and not what stands in all the others
LONGEST_TITLE = 34


def print_comparison(
    comparison: Comparison, *, everything: bool, console: Console | None = None
) -> None:
    """Print both runs, then what changed; what did not only where `everything` is wanted."""
    console = console or TerminalOutput()
    console.print()
    console.print(_runs(comparison))
    if not comparison.same_terms:
        console.print(Text(f" {other_terms_words()}", style="yellow"))
    if not comparison.same_extent:
        console.print(Text(f" {other_extent_words()}", style="yellow"))
    if comparison.statuses:
        console.print(Text("\n " + _("Changed"), style="bold"))
        _print_statuses(comparison, console)
    if comparison.values:
        console.print(Text("\n " + _("Same result, other values"), style="bold"))
        _print_values(comparison, console)
    if not comparison.statuses and not comparison.values:
        console.print(Text(f"\n {nothing_changed_words()}"))
    if comparison.unchanged:
        console.print(Text(f"\n {unchanged_words(len(comparison.unchanged))}", style="dim"))
        if everything:
            console.print(_unchanged(comparison))


def _runs(comparison: Comparison) -> Table:
    table = _grid()
    sides = (
        (_("Before"), comparison.verdict_before, comparison.started_before, comparison.code_before),
        (_("After"), comparison.verdict_after, comparison.started_after, comparison.code_after),
    )
    for name, verdict, started, code in sides:
        moment = moment_words(started)
        table.add_row(Text(f" {name}", style="dim"), _verdict(verdict), Text(moment), Text(code))
    return table


def _print_statuses(comparison: Comparison, console: Console) -> None:
    widest = max(len(change.title) for change in comparison.statuses)
    for change in comparison.statuses:
        title = Text(f" {change.title:{min(widest, LONGEST_TITLE)}}  ")
        turned = Text(" \u2192 ", style="dim").join(
            (_standing(change.before), _standing(change.after))
        )
        console.print(title + turned)
        _print_below(arrow(change.observed_before, change.observed_after), console)
        if change.within_noise:
            _print_below(within_noise_words(), console)


def _print_values(comparison: Comparison, console: Console) -> None:
    for change in comparison.values:
        console.print(Text(f" {change.title}"))
        _print_below(arrow(change.observed_before, change.observed_after), console)


def _print_below(text: str, console: Console) -> None:
    console.print(Padding(Text(text, style="dim"), (0, 0, 0, 4)))


def _unchanged(comparison: Comparison) -> Table:
    table = _grid()
    for same in comparison.unchanged:
        table.add_row(Text(" ") + _standing(same.status), Text(same.title),
                      Text(same.observed, style="dim"))  # fmt: skip
    return table


def _grid() -> Table:
    return Table(box=None, show_header=False, padding=(0, 2, 0, 0))


def _verdict(verdict: Readiness) -> Text:
    mark, style = MARKS[verdict_status(verdict)]
    return Text(f"{mark} {verdict_words(verdict)}", style=style)


def _standing(status: Status | None) -> Text:
    if status is None:
        return Text(standing_word(None), style="dim")
    mark, style = MARKS[status]
    return Text(f"{mark} {standing_word(status)}", style=style)
