"""natwizard window: the wizard."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from natwizard.cli.exit_code import UsageError
from natwizard.cli.inputs import (
    add_answer_arguments,
    add_profile_argument,
    chosen_answers,
    chosen_profile,
)


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of the wizard."""
    add_profile_argument(parser)
    add_answer_arguments(parser)


def run(arguments: Namespace) -> int:
    """Open the wizard; ends when it is closed."""
    return open_window(arguments)


def open_window(arguments: Namespace, *, report: Path | None = None) -> int:
    """Open the wizard, on a saved report where one is given. Raises UsageError."""
    from natwizard.system.display import has_display

    found = chosen_profile(arguments)
    answers = chosen_answers(arguments, found.profile)
    if not has_display():
        raise UsageError("there is no display here; use: natwizard check")
    from natwizard.gui.app import run_window

    return run_window(
        found.profile, found.location, answers, language=arguments.language, open_report=report
    )
