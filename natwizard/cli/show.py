"""natwizard show: a saved report, in the wizard where there is a display, else as a table."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from natwizard.cli.inputs import add_answer_arguments, add_profile_argument, read_report
from natwizard.model.language import _


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard show`."""
    parser.add_argument("report", help=_("a saved report (JSON or PDF)"))
    parser.add_argument(
        "--text", action="store_true", help=_("print it even where a window could open")
    )
    add_profile_argument(parser)
    add_answer_arguments(parser)


def run(arguments: Namespace) -> int:
    """Show it exactly as it was; exits 0 whatever its verdict."""
    from natwizard.cli.table import print_report
    from natwizard.cli.window import open_window
    from natwizard.system.display import has_display

    report = read_report(arguments.report)
    if arguments.text or not has_display():
        print_report(report)
        return 0
    return open_window(arguments, report=Path(arguments.report))
