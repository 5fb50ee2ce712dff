"""natwizard check: run without a window, print a table, write the files that were asked for."""

import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

from natwizard.cli.exit_code import BY_VERDICT, ExitCode
from natwizard.cli.inputs import (
    add_answer_arguments,
    add_answers_arguments,
    add_browser_argument,
    add_profile_argument,
    add_public_argument,
    add_selection_arguments,
    chosen_opener,
    chosen_plan,
    given_answers,
    with_given,
)
from natwizard.cli.outputs import (
    add_output_arguments,
    chosen_outputs,
    takes_stdout,
    write_outputs,
)
from natwizard.cli.salesforce_session import add_salesforce_arguments, chosen_session, tell_calls
from natwizard.model.finding import Status
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.model.report import Report

if TYPE_CHECKING:  # `--help` waits for no probe and no check to load
    from natwizard.probes.salesforce.session import SalesforceSession
    from natwizard.run.plan import RunPlan


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard check`."""
    add_profile_argument(parser)
    add_answer_arguments(parser)
    add_selection_arguments(parser)
    add_public_argument(parser)
    add_output_arguments(parser)
    add_browser_argument(parser)
    parser.add_argument(
        "--headset",
        action="store_true",
        help=_("at the end test microphone and speaker with you, on a page in the browser"),
    )
    add_salesforce_arguments(parser)
    add_answers_arguments(parser)
    parser.add_argument(
        "--json-to",
        default="",
        metavar="FOLDER",
        help=_("also put the result into this folder, masked, for whoever reads many of them"),
    )
    parser.add_argument(
        "--soak",
        action="store_true",
        help=_("once the verdict stands, hold a quiet websocket too (75 s more)"),
    )
    parser.add_argument("--quiet", action="store_true", help=_("print nothing, only exit"))
    parser.add_argument(
        "--redact",
        action=BooleanOptionalAction,
        default=True,
        help=_("mask names and addresses in what is printed and written (default: yes)"),
    )


def run(arguments: Namespace) -> int:
    """Check this computer; the exit code is the verdict."""
    outputs = chosen_outputs(arguments)
    plan = chosen_plan(arguments)
    if arguments.headset:
        plan = _with_headset(plan)
    salesforce = chosen_session(arguments, plan)
    given = given_answers(plan.profile, arguments)
    report, stopped = run_here(
        plan,
        quiet=arguments.quiet,
        open_page=chosen_opener(arguments),
        soak=arguments.soak,
        salesforce=salesforce,
    )
    report = with_given(report, plan.profile, given)
    keep(report)
    write_outputs(report, outputs, redacted=arguments.redact)
    # printed last: whoever reads it may have gone (`| head`), and the files are what was asked for
    if not arguments.quiet and not takes_stdout(outputs):
        show(report, redacted=arguments.redact)
        if salesforce is not None:
            tell_calls(report)
    if stopped:
        return ExitCode.STOPPED
    code = BY_VERDICT[report.verdict]
    _note(report, code)
    _share(report, plan.profile, arguments)
    return code


def _with_headset(plan: "RunPlan") -> "RunPlan":
    from natwizard.probes.headset import HEADSET

    return replace(plan, extra=(*plan.extra, HEADSET))


def _note(report: Report, code: ExitCode) -> None:
    """Leave the outcome where inventory tools look for it."""
    from natwizard.system.last_run import LastRun, note_last_run

    failing = [each.requirement for each in report.findings if each.status is Status.FAIL]
    note_last_run(
        LastRun(
            verdict=report.verdict.value,
            exit_code=code,
            at=report.started_at,
            failing=", ".join(failing),
            run_code=report.run_code,
            version=report.app_version,
        )
    )


def _share(report: Report, profile: Profile, arguments: Namespace) -> None:
    """Hand the run on where that is wanted; the exit code never depends on it."""
    folder = arguments.json_to or profile.share.folder
    share = structs.replace(profile.share, folder=folder)
    if not share.wanted:
        return
    from natwizard.cli.share import deliver_here, delivery_words

    for delivery in deliver_here(report, profile, share):
        if not arguments.quiet:
            sys.stderr.write(f"natwizard: {delivery_words(delivery, share)}\n")


def run_here(
    plan: "RunPlan",
    *,
    quiet: bool,
    open_page: Callable[[str], bool] | None = None,
    soak: bool = False,
    salesforce: "SalesforceSession | None" = None,
) -> tuple[Report, bool]:
    """Run a plan in this terminal: the report, and whether the person stopped it.

    `open_page` opens the test page in a browser; without it none is opened. `soak` goes on after
    the verdict, for what takes more than a minute to show. `salesforce` is the org to read.
    """
    from natwizard.cli.headless import progress_display, run_headless
    from natwizard.report.store import recent_reports
    from natwizard.system.environment import real_environment

    environment = real_environment(
        open_page=open_page, salesforce=salesforce, earlier_reports=recent_reports
    )
    with progress_display(quiet=quiet) as happened:
        return run_headless(plan, environment, happened, soak=soak)


def keep(report: Report) -> None:
    """Keep the run in the history of this computer."""
    from natwizard.report.files import CannotWrite
    from natwizard.report.store import keep_report

    try:
        keep_report(report)
    except CannotWrite as error:  # the history is a convenience; the result is not
        told = _("this run is not kept: {reason}").format(reason=error)
        sys.stderr.write(f"natwizard: {told}\n")


def show(report: Report, *, redacted: bool) -> None:
    """Print a report as a table."""
    import natwizard.checks.catalogue  # noqa: F401 - whose texts evidence holds, probes say
    from natwizard.cli.table import print_report
    from natwizard.report.redact import redact

    print_report(redact(report) if redacted else report)
