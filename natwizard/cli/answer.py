"""natwizard answer: what people answered goes into a saved report, and a plan beside it."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace

from natwizard.cli.exit_code import BY_VERDICT
from natwizard.cli.inputs import (
    add_answers_arguments,
    add_profile_argument,
    chosen_profile,
    given_answers,
    read_report,
    with_given,
)
from natwizard.cli.outputs import add_output_arguments, chosen_outputs, takes_stdout, write_outputs
from natwizard.model.language import _


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard answer`."""
    parser.description = _(
        "Keeps in a saved report what people answered where no program can measure: a confirmed"
        " question counts as met, one that is answered with no as a problem or as advice. The"
        " report that was read stays as it is; --json and --pdf write the new one."
    )
    parser.add_argument("report", help=_("a saved report (JSON or PDF)"))
    add_answers_arguments(parser)
    parser.add_argument(
        "--take-back",
        action="append",
        default=[],
        metavar="ID",
        help=_("this question is open again (may be repeated)"),
    )
    add_profile_argument(parser)
    add_output_arguments(parser)
    parser.add_argument("--redact", action=BooleanOptionalAction, default=True)


def run(arguments: Namespace) -> int:
    """Print and write the report with the answers; the exit code is its verdict."""
    from natwizard.cli.table import print_report

    outputs = chosen_outputs(arguments)
    saved, profile = read_report(arguments.report), chosen_profile(arguments).profile
    report = with_given(saved, profile, given_answers(profile, arguments))
    write_outputs(report, outputs, redacted=arguments.redact)
    if not takes_stdout(outputs):
        print_report(report)
    return BY_VERDICT[report.verdict]
