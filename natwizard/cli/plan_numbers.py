"""natwizard plan numbers: its arguments; the work is imported when it is asked for."""

import argparse
from argparse import ArgumentParser, Namespace

from natwizard.model.language import _

# of planner.table_file, named here so that --help loads no more
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def add_numbers_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard plan numbers`."""
    parser.description = _(
        "Says of each telephone number whether it is written as E.164 (a plus, the country code,"
        " digits only, at most 15) and exists; if not, why, and its corrected form. The numbers"
        " never leave this computer. Exits 0 if all are valid, 1 if some are not."
    )
    parser.epilog = _(
        "With --file, --csv gets the file's own columns as they were and five more for each"
        " column that is checked: valid, reason, e164, country and type."
    )
    parser.add_argument("number", nargs="*", help=_('a number, such as "020 7946 0958"'))
    parser.add_argument("--file", metavar="FILE", help=_("check a column of this CSV file"))
    parser.add_argument(
        "--country",
        default="",
        metavar="CC",
        help=_("the country of numbers without a country code, as two letters (GB, DE)"),
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME",
        help=_(
            "the column of --file: its name, or its number from 1 (may be given several times;"
            " default: the one that holds numbers)"
        ),
    )
    parser.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help=_("the first row holds names (default: see for itself)"),
    )
    parser.add_argument(
        "--encoding",
        default="",
        metavar="NAME",
        help=_("utf-8, cp1250, cp932 or any that Python knows (default: recognised)"),
    )
    parser.add_argument("--separator", choices=SEPARATORS, help=_("default: recognised"))
    parser.add_argument(
        "--guard-formulas",
        action="store_true",
        help=_("put an apostrophe before the file's own cells that a spreadsheet would run"),
    )
    parser.add_argument(
        "--validation-rule",
        metavar="FIELD",
        help=_("print the Salesforce validation rule for a field, by its API name (Phone)"),
    )


def run_numbers(arguments: Namespace) -> int:
    """Check what was given; exits 0 if all are valid, else 1. Raises UsageError."""
    from natwizard.cli.plan_numbers_run import run

    return run(arguments, separator=SEPARATORS.get(arguments.separator, ""))
