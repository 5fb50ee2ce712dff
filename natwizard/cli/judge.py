"""natwizard judge: what another profile would say of the same evidence, without a network."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace

from natwizard.cli.exit_code import BY_VERDICT
from natwizard.cli.inputs import (
    add_profile_argument,
    add_selection_arguments,
    chosen_plan,
    read_report,
)
from natwizard.cli.outputs import add_output_arguments, chosen_outputs, takes_stdout, write_outputs
from natwizard.model.language import _


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard judge`."""
    parser.add_argument("report", help=_("a saved report (JSON or PDF)"))
    add_profile_argument(parser)
    add_selection_arguments(parser)
    add_output_arguments(parser)
    parser.add_argument("--redact", action=BooleanOptionalAction, default=True)


def run(arguments: Namespace) -> int:
    """Judge again; the exit code is the new verdict."""
    from natwizard.cli.table import print_report
    from natwizard.run.rejudge import rejudge

    outputs = chosen_outputs(arguments)
    saved = read_report(arguments.report)
    arguments.role, arguments.calls = saved.answers.role, saved.answers.concurrent_calls
    arguments.thorough = saved.answers.thorough
    report = rejudge(saved, chosen_plan(arguments))
    write_outputs(report, outputs, redacted=arguments.redact)
    if not takes_stdout(outputs):
        print_report(report)
    return BY_VERDICT[report.verdict]
