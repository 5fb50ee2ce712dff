"""natwizard show: a saved report or watch, in a window where there is a display, else as text."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from natwizard.cli.inputs import add_answer_arguments, add_profile_argument, read_saved
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard show`."""
    parser.add_argument("report", help=_("a saved report or watch (JSON or PDF)"))
    parser.add_argument(
        "--text", action="store_true", help=_("print it even where a window could open")
    )
    add_profile_argument(parser)
    add_answer_arguments(parser)


def run(arguments: Namespace) -> int:
    """Show it exactly as it was; exits 0 whatever its verdict."""
    from natwizard.cli.window import open_window, window_can_open

    saved = read_saved(arguments.report)
    if arguments.text or not window_can_open():
        _print(saved)
        return 0
    return open_window(arguments, report=Path(arguments.report))


def _print(saved: Report | WatchRecord) -> None:
    if isinstance(saved, WatchRecord):
        from natwizard.report.watch_words import watch_text

        sys.stdout.write(watch_text(saved))
        return
    from natwizard.cli.table import print_report

    print_report(saved, whole=True)
