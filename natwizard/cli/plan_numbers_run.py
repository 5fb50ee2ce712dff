"""Checks single numbers or a whole CSV file, or prints the validation rule."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from natwizard.cli.exit_code import ExitCode, UsageError
from natwizard.cli.plan_files import for_people, write_files
from natwizard.cli.streams import is_terminal
from natwizard.cli.text import TerminalOutput, Text
from natwizard.model.language import _, ngettext
from natwizard.model.writing import labelled, number
from natwizard.planner.as_table import number_rows
from natwizard.planner.number_file import Count, NumbersSummary, Progress, check_file, find_columns
from natwizard.planner.numbers import (
    NumberChecker,
    NumberKind,
    NumberProblem,
    NumberResult,
    NumberState,
    UnknownCountry,
    kind_words,
    reason_words,
    state_words,
)
from natwizard.planner.table_file import TableTrouble, recognise
from natwizard.planner.validation_rule import BadFieldName, ValidationRule, validation_rule
from natwizard.report.files import CannotWrite, whole_file
from natwizard.report.plain import plain, shortened

MOST_COUNTRIES = 8
# A cell of a file may hold anything, and this is one column of five
LONGEST_NUMBER = 40
STATE_STYLES = {
    NumberState.VALID: ("\u2714", "green"),
    NumberState.CORRECTABLE: ("\u25b2", "yellow"),
    NumberState.INVALID: ("\u2716", "bold red"),
    NumberState.EMPTY: ("\u2212", "dim"),
}


def print_numbers(results: Sequence[NumberResult], console: Console | None = None) -> None:
    """One line a number."""
    console = console or TerminalOutput()
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
    console = console or TerminalOutput()
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
    console = console or TerminalOutput()
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
    console.print()
    for note in rule.notes:
        console.print(Text(note), soft_wrap=True)


def _print_reasons(console: Console, summary: NumbersSummary) -> None:
    if not summary.reasons:
        return
    table = _table(_("Why not valid"), _("Count"))
    for seen in summary.reasons:
        table.add_row(Text(reason_words(NumberProblem(seen.name))), number(seen.count))
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


def run(arguments: Namespace, *, separator: str) -> int:
    """Check what was given. Raises UsageError."""
    asked = [bool(arguments.number), bool(arguments.file), bool(arguments.validation_rule)]
    if sum(asked) != 1:
        raise UsageError(
            "give numbers, or --file FILE, or --validation-rule FIELD"
            " (see natwizard plan numbers --help)"
        )
    if arguments.validation_rule:
        return _run_rule(arguments)
    return _run_file(arguments, separator) if arguments.file else _run_single(arguments)


def _run_rule(arguments: Namespace) -> int:
    try:
        rule = validation_rule(arguments.validation_rule)
    except BadFieldName as error:
        raise UsageError(
            f"{arguments.validation_rule!r} is no API name of a field"
            " (expected one such as Phone or Direct_Dial__c)"
        ) from error
    table = (
        ("field", "type", "name", "formula", "message"),
        (rule.field, rule.field_type, rule.name, rule.formula, rule.message),
    )
    write_files(arguments, table, rule)
    with for_people(arguments):
        print_rule(rule)
    return ExitCode.READY


def _run_single(arguments: Namespace) -> int:
    checker = _checker(arguments)
    results = tuple(checker.check(text) for text in arguments.number)
    write_files(arguments, number_rows(results), results)
    with for_people(arguments):
        print_numbers(results)
    all_valid = all(found.state is NumberState.VALID for found in results)
    return ExitCode.READY if all_valid else ExitCode.NOT_READY


def _run_file(arguments: Namespace, separator: str) -> int:
    source, output = Path(arguments.file), Path(arguments.csv) if arguments.csv else None
    summary = _check_file(arguments, source, output, separator)
    if arguments.json:
        write_files(Namespace(csv="", json=arguments.json), (), summary)
    with for_people(arguments):
        print_summary(summary, output)
    # people without a number are no mistake
    all_valid = summary.correctable + summary.invalid == 0
    return ExitCode.READY if all_valid else ExitCode.NOT_READY


def _check_file(
    arguments: Namespace, source: Path, output: Path | None, separator: str
) -> NumbersSummary:
    """Check the file, and write it anew, whole or not at all. Raises UsageError."""
    checker = _checker(arguments)
    _require_file(source, arguments)
    try:
        with source.open("rb") as file:
            form = recognise(file, encoding=arguments.encoding, separator=separator)
            columns = find_columns(form, checker, arguments.column, header=arguments.header)
            with (
                nullcontext() if output is None else whole_file(output) as sink,
                _progress(form.size_bytes) as progress,
            ):
                return check_file(
                    file,
                    sink,
                    form,
                    columns,
                    checker,
                    guard_all=arguments.guard_formulas,
                    progress=progress,
                )
    except TableTrouble as error:
        raise UsageError(plain(f"{source}: {error}")) from error
    except CannotWrite as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror or error}") from error


def _require_file(source: Path, arguments: Namespace) -> None:
    try:
        if source.is_dir():
            raise UsageError(f"{source}: this is a folder; a CSV file was expected")
        if source.exists() and not source.is_file():
            raise UsageError(f"{source}: this is not an ordinary file")
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror or error}") from error
    for output in (arguments.csv, arguments.json):
        if output and _is_same_file(Path(output), source):
            raise UsageError(f"{output} is the file that is checked: choose another name")


def _is_same_file(output: Path, source: Path) -> bool:
    try:
        return output.samefile(source)
    except OSError:
        return False  # one of them is not there yet, or writing will say what is wrong


def _checker(arguments: Namespace) -> NumberChecker:
    try:
        return NumberChecker(arguments.country)
    except UnknownCountry as error:
        raise UsageError(
            f"no such country: {arguments.country!r} (expected two letters such as GB)"
        ) from error


@contextmanager
def _progress(size_bytes: int) -> Iterator[Progress | None]:
    """On a terminal, a bar on stderr."""
    if not is_terminal(sys.stderr):
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_("Checking numbers"), total=size_bytes)

        def show(done_bytes: int, rows: int) -> None:
            bar.update(
                task,
                completed=done_bytes,
                description=_("{count} rows checked").format(count=number(rows)),
            )

        yield show
