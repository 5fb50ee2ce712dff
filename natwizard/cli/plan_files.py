"""The files that a plan is written to, and options that several topics share."""

import math
import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from natwizard import __version__
from natwizard.cli.exit_code import UsageError
from natwizard.model.checklist import ChecklistItem
from natwizard.model.language import _
from natwizard.model.plan import OrgPlan

LARGEST = 1_000_000_000


def write_files(
    arguments: Namespace,
    table: Sequence[Sequence[str]],
    value: object,
    plan: OrgPlan | None = None,
    items: Sequence[ChecklistItem] = (),
) -> None:
    """Write --csv, --json and --pdf, each whole or not at all. Raises UsageError.

    `plan` and `items` are what the PDF shows; topics without a plan have no --pdf.
    """
    import msgspec

    from natwizard.planner.as_table import csv_bytes
    from natwizard.report.files import CannotWrite, write_whole

    try:
        if arguments.csv:
            write_whole(Path(arguments.csv), csv_bytes(table))
        if arguments.json:
            text = msgspec.json.format(msgspec.json.encode(value), indent=2)
            write_whole(Path(arguments.json), text + b"\n")
        if plan is not None and arguments.pdf:
            from natwizard.report.as_pdf import write_plan_pdf

            write_plan_pdf(plan, items, Path(arguments.pdf), app_version=__version__)
    except CannotWrite as error:
        raise UsageError(str(error)) from error


@contextmanager
def for_people(arguments: Namespace) -> Iterator[None]:
    """What is printed inside is left out where a file goes to the standard output (-)."""
    names = ("csv", "json", "pdf")
    if not any(getattr(arguments, name, None) == "-" for name in names):
        yield
        return
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        yield


def add_count(
    parser: ArgumentParser, name: str, default: int | None, what: str, *, usual: str = ""
) -> None:
    """An option that takes a whole number from 0."""
    parser.add_argument(
        name,
        type=_count,
        default=default,
        metavar="N",
        help=_("{what} (default: {usual})").format(what=what, usual=usual or default),
    )


def add_days(parser: ArgumentParser) -> None:
    """--days-per-week."""
    parser.add_argument(
        "--days-per-week",
        type=number_type(0, 7),
        default=7,
        metavar="N",
        help=_("days a week on which people make calls (default: 7)"),
    )


def add_storage_allowance(parser: ArgumentParser) -> None:
    """--allowance-mb."""
    parser.add_argument(
        "--allowance-mb",
        type=number_type(0, LARGEST),
        metavar="MB",
        help=_(
            "data storage that is free in your org (Setup, Storage Usage): says when it is used up"
        ),
    )


def number_type(low: float, high: float) -> Callable[[str], float]:
    """A converter for argparse: a number within these bounds."""

    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ArgumentTypeError(f"expected a number from {low:g} to {high:,g}, got {text!r}")
        return value

    return convert


def _count(text: str) -> int:
    # Python reads no number of more than 4,300 digits
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= LARGEST):
        raise ArgumentTypeError(f"expected a whole number from 0 to {LARGEST:,}, got {text!r}")
    return int(text)
