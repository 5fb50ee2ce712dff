"""natwizard compare: what changed between two reports."""

import sys
from argparse import ArgumentParser, Namespace

from natwizard.cli.inputs import read_report
from natwizard.model.language import _


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard compare`."""
    parser.add_argument("before", help=_("the earlier report (JSON or PDF)"))
    parser.add_argument("after", help=_("the later report (JSON or PDF)"))


def run(arguments: Namespace) -> int:
    """Print the changes; exits 0 whether there are any or not."""
    from natwizard.report.compare import compare, comparison_text

    changes = compare(read_report(arguments.before), read_report(arguments.after))
    sys.stdout.write(comparison_text(changes))
    return 0
