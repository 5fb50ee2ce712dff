"""natwizard window: the wizard."""

import sys
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import (
    add_answer_arguments,
    add_profile_argument,
    chosen_answers,
)
from natwizard.model.language import _
from natwizard.profiles.mistake import ProfileMistake


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of the wizard."""
    add_profile_argument(parser)
    add_answer_arguments(parser)
    parser.add_argument(
        "setup",
        nargs="?",
        default="",
        metavar="SETUP",
        help=_("a set-up file (.natwizard) or its https link to offer"),
    )


def run(arguments: Namespace) -> int:
    """Open the wizard; ends when it is closed."""
    return open_window(arguments)


def window_can_open() -> bool:
    """For commands that have something to print where none can; says so where one was expected."""
    from natwizard.system.browser import has_display

    if not has_display():
        return False
    from natwizard.gui.application import display_works

    if display_works():
        return True
    told = _("No window can be shown here; the result follows in this terminal.")
    sys.stderr.write(f"natwizard: {told}\n")
    return False


def open_window(arguments: Namespace, *, report: Path | None = None) -> int:
    """Open the wizard, on a saved report where one is given. Raises UsageError."""
    from natwizard.system.browser import NO_DISPLAY, has_display

    if not has_display():
        raise UsageError(NO_DISPLAY)
    from natwizard.gui import app

    try:
        return app.open_window(
            arguments.profile, partial(chosen_answers, arguments), language=arguments.language,
            open_report=report, open_setup=getattr(arguments, "setup", ""),
        )  # fmt: skip
    except ProfileMistake as mistake:
        raise UsageError(str(mistake)) from mistake
