"""Checks single numbers or a whole CSV file, or prints the validation rule."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from natwizard.cli.exit_code import ExitCode, UsageError
from natwizard.cli.numbers_view import print_numbers, print_rule, print_summary
from natwizard.cli.plan_files import write_files
from natwizard.model.language import _
from natwizard.model.writing import number
from natwizard.planner.as_table import number_rows
from natwizard.planner.number_columns import find_columns
from natwizard.planner.number_file import NumbersSummary, Progress, check_file
from natwizard.planner.numbers import NumberChecker, NumberState, UnknownCountry
from natwizard.planner.table_file import TableTrouble, recognise
from natwizard.planner.validation_rule import BadFieldName, validation_rule
from natwizard.report.files import CannotWrite, whole_file
from natwizard.report.plain import plain


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
        ("field", "name", "formula", "message"),
        (rule.field, rule.name, rule.formula, rule.message),
    )
    write_files(arguments, table, rule)
    print_rule(rule)
    return ExitCode.READY


def _run_single(arguments: Namespace) -> int:
    checker = _checker(arguments)
    results = tuple(checker.check(text) for text in arguments.number)
    write_files(arguments, number_rows(results), results)
    print_numbers(results)
    all_valid = all(found.state is NumberState.VALID for found in results)
    return ExitCode.READY if all_valid else ExitCode.NOT_READY


def _run_file(arguments: Namespace, separator: str) -> int:
    source, output = Path(arguments.file), Path(arguments.csv) if arguments.csv else None
    summary = _check_file(arguments, source, output, separator)
    if arguments.json:
        write_files(Namespace(csv="", json=arguments.json), (), summary)
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
    if source.is_dir():
        raise UsageError(f"{source}: this is a folder; a CSV file was expected")
    if source.exists() and not source.is_file():
        raise UsageError(f"{source}: this is not an ordinary file")
    for output in (arguments.csv, arguments.json):
        if output and Path(output).exists() and source.exists() and source.samefile(output):
            raise UsageError(f"{output} is the file that is checked: choose another name")


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
    if not sys.stderr.isatty():
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
