"""natwizard demo: the real program against a reflector on this computer."""

import sys
from argparse import ArgumentParser, Namespace

from natwizard.cli.check import keep, run_here, show
from natwizard.cli.exit_code import ExitCode
from natwizard.cli.inputs import (
    add_answer_arguments,
    add_browser_argument,
    add_selection_arguments,
    chosen_opener,
    select_plan,
)
from natwizard.cli.outputs import add_output_arguments, chosen_outputs, takes_stdout, write_outputs
from natwizard.model.language import _

LOCATION = "demo"


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard demo`."""
    add_answer_arguments(parser)
    add_selection_arguments(parser)
    add_output_arguments(parser)
    add_browser_argument(parser)
    parser.add_argument("--no-window", action="store_true", help=_("even where there is a display"))


def run(arguments: Namespace) -> int:
    """The wizard where there is a display, else the check; files are written either way.

    Exits 0 once the demo has run, whatever its verdict: that belongs to this computer.
    """
    from natwizard.profiles.find import FoundProfile
    from natwizard.profiles.read import parse_profile
    from natwizard.reflector.background import BackgroundReflector
    from natwizard.reflector.settings import demo_settings
    from natwizard.system.browser import has_display

    outputs = chosen_outputs(arguments)
    with BackgroundReflector(demo_settings()) as reflector:
        profile = parse_profile(reflector.profile_text().encode(), LOCATION)
        plan = select_plan(FoundProfile(profile=profile, location=LOCATION), arguments)
        if has_display() and not arguments.no_window:
            from natwizard.gui.app import run_window

            return run_window(
                profile,
                LOCATION,
                plan.answers,
                language=arguments.language,
                on_report=lambda report: write_outputs(report, outputs, redacted=True),
            )
        report, stopped = run_here(plan, quiet=False, open_page=chosen_opener(arguments))
    keep(report)
    write_outputs(report, outputs, redacted=True)
    if takes_stdout(outputs):
        return ExitCode.STOPPED if stopped else ExitCode.READY
    show(report, redacted=True)
    for output in outputs:
        sys.stdout.write(" " + _("Wrote {path}").format(path=output.path) + "\n")
    return ExitCode.STOPPED if stopped else ExitCode.READY
