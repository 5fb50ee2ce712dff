"""Checked telephone numbers in the terminal: single ones, whole files, the validation rule."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from natwizard.checks.wording import number
from natwizard.cli.output import Output
from natwizard.cli.text import Text
from natwizard.model.language import _, ngettext
from natwizard.model.writing import labelled
from natwizard.planner.number_file import Count, NumbersSummary
from natwizard.planner.number_words import kind_words, reason_words, state_words
from natwizard.planner.numbering import NumberKind
from natwizard.planner.numbers import NumberResult, NumberState, Reason
from natwizard.planner.validation_rule import ValidationRule
from natwizard.report.plain import plain, shortened

MOST_COUNTRIES = 8
LONGEST_NUMBER = 40
STATE_STYLES = {
    NumberState.VALID: ("\u2714", "green"),
    NumberState.CORRECTABLE: ("\u25b2", "yellow"),
    NumberState.INVALID: ("\u2716", "bold red"),
    NumberState.EMPTY: ("\u2212", "dim"),
}


def print_numbers(results: Sequence[NumberResult], console: Console | None = None) -> None:
    """One line a number."""
    console = console or Output()
    table = _table(_("Number"), _("Result"), "E.164", _("Country"), _("Type"), _("Why"))
    for found in results:
        mark, style = STATE_STYLES[found.state]
        table.add_row(
            _number_text(found.text),
            Text(f"{mark} {state_words(found.state)}", style=style),
            Text(found.e164),
            Text(found.country),
            Text(kind_words(found.kind) if found.kind is not None else ""),
            Text(reason_words(found.reason) if found.reason is not None else ""),
        )
    console.print()
    console.print(table)


def print_summary(
    summary: NumbersSummary, output: Path | None, console: Console | None = None
) -> None:
    """What a file holds: counts, reasons, countries, the first that are not valid."""
    console = console or Output()
    console.print()
    table = _table(_("Numbers"), _("Count"))
    for state, count in (
        (NumberState.VALID, summary.valid),
        (NumberState.CORRECTABLE, summary.correctable),
        (NumberState.INVALID, summary.invalid),
        (NumberState.EMPTY, summary.empty),
    ):
        mark, style = STATE_STYLES[state]
        table.add_row(Text(f"{mark} {state_words(state)}", style=style), number(count))
    table.add_row(_("All"), number(summary.numbers), style="bold")
    console.print(table)
    _print_reasons(console, summary)
    _print_examples(console, summary)
    _print_places(console, summary)
    if summary.formula_cells:
        words = _(
            "{count} cells of the file itself look like formulas to a spreadsheet;"
            " --guard-formulas makes them harmless."
        )
        console.print(Text(words.format(count=number(summary.formula_cells)), style="yellow"))
    if output is not None:
        console.print(Text(_("Written: {path}").format(path=plain(str(output)))))


def print_rule(rule: ValidationRule, console: Console | None = None) -> None:
    """The rule's fields, ready to copy: nothing is wrapped or coloured inside them."""
    console = console or Output()
    console.print(Text(_("Object Manager, your object, Validation Rules, New:"), style="bold"))
    for title, text in (
        (_("Rule Name"), rule.name),
        (_("Error Condition Formula"), rule.formula),
        (_("Error Message"), rule.message),
        (_("Error Location"), rule.field),
    ):
        console.print()
        console.print(Text(title, style="bold"))
        console.print(Text(text), soft_wrap=True)


def _print_reasons(console: Console, summary: NumbersSummary) -> None:
    if not summary.reasons:
        return
    table = _table(_("Why not valid"), _("Count"))
    for seen in summary.reasons:
        table.add_row(Text(reason_words(Reason(seen.name))), number(seen.count))
    console.print()
    console.print(table)


def _print_examples(console: Console, summary: NumbersSummary) -> None:
    if not summary.examples:
        return
    table = _table(_("Line"), _("Column"), _("Number"), _("Corrected"), _("Why"))
    for example in summary.examples:
        table.add_row(
            number(example.line),
            _number_text(example.column),
            _number_text(example.text),
            Text(example.e164),
            Text(reason_words(example.reason)),
        )
    console.print()
    console.print(table)


def _print_places(console: Console, summary: NumbersSummary) -> None:
    if not summary.countries:
        return
    console.print()
    more = len(summary.countries) - MOST_COUNTRIES
    rest = ngettext("and {count} more", "and {count} more", more).format(count=more)
    end = f", {rest}" if more > 0 else ""
    listed = _listed(summary.countries[:MOST_COUNTRIES])
    console.print(Text(labelled(_("Countries"), listed + end)))
    kinds = tuple(
        Count(name=kind_words(NumberKind(seen.name)), count=seen.count) for seen in summary.kinds
    )
    console.print(Text(labelled(_("Types"), _listed(kinds))))


def _listed(counts: Sequence[Count]) -> str:
    return ", ".join(f"{seen.name} {number(seen.count)}" for seen in counts)


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    counts = (_("Count"), _("Line"))
    for title in titles:
        table.add_column(title, justify="right" if title in counts else "left", overflow="fold")
    return table


def _number_text(text: str) -> Text:
    return Text(shortened(plain(text), LONGEST_NUMBER))
