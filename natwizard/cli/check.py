"""natwizard check: run without a window, print a table, write the files that were asked for."""

import random
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import structs

from natwizard.cli.exit_code import BY_VERDICT, ExitCode
from natwizard.cli.inputs import (
    add_answer_arguments,
    add_answers_arguments,
    add_browser_argument,
    add_headset_argument,
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
from natwizard.model.language import _
from natwizard.model.profile import Profile, Share
from natwizard.model.report import Report

if TYPE_CHECKING:  # `--help` waits for no probe and no check to load
    from natwizard.probes.salesforce.session import SalesforceSession
    from natwizard.run.plan import RunPlan
    from natwizard.share.deliver import Underway
    from natwizard.system.mapped_network import World

SHARED_WITHIN_S: Final = 3.0
"""How long the result is held back so that it can say whether it was sent; where that takes
longer it says that it waits, which is true: it is in the queue by then."""

SPREAD_MINUTES = 5
# After a day a scheduler starts the next run
MOST_SPREAD_MINUTES = 24 * 60


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of `natwizard check`."""
    add_profile_argument(parser)
    add_answer_arguments(parser)
    add_selection_arguments(parser)
    add_public_argument(parser)
    add_output_arguments(parser)
    add_browser_argument(parser)
    add_headset_argument(parser)
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
        "--spread",
        type=_minutes,
        nargs="?",
        const=SPREAD_MINUTES,
        default=0,
        metavar="MINUTES",
        help=_("begin at a random moment of so many minutes (5), as many desks at once should"),
    )
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
    salesforce = chosen_session(arguments, plan)
    given = given_answers(plan.profile, arguments)
    _wait_for_a_moment(arguments.spread)
    report, stopped = run_here(
        plan,
        quiet=arguments.quiet,
        open_page=chosen_opener(arguments),
        soak=arguments.soak,
        salesforce=salesforce,
    )
    report = with_given(report, plan.profile, given)
    share = _wanted_share(plan.profile, arguments)
    underway = None
    if share.wanted and not stopped:
        report, underway = _begin_sharing(report, plan.profile, share)
    keep(report)
    write_outputs(report, outputs, redacted=arguments.redact)
    if not stopped:
        _note(report)
    # printed last: whoever reads it may have gone (`| head`), and the files are what was asked for
    if not arguments.quiet and not takes_stdout(outputs):
        show(report, redacted=arguments.redact)
        if salesforce is not None:
            tell_calls(report)
    if stopped:
        return ExitCode.STOPPED
    if underway is not None:
        _tell_sharing(underway, share, quiet=arguments.quiet)
    return BY_VERDICT[report.verdict]


def _minutes(text: str) -> int:
    if not (text.isdecimal() and 0 <= int(text) <= MOST_SPREAD_MINUTES):
        problem = f"expected minutes from 0 to {MOST_SPREAD_MINUTES}, got {text!r}"
        raise ArgumentTypeError(problem)
    return int(text)


def _wait_for_a_moment(minutes: int) -> None:
    """A scheduler starts all desks of a site in one second; public servers, and the line, would
    measure the crowd (60 desks behind one address meet the limit of a beacon's location).
    """
    if minutes:
        time.sleep(random.SystemRandom().uniform(0.0, minutes * 60.0))


def _note(report: Report) -> None:
    """Leave the outcome where inventory tools look for it."""
    from natwizard.system.last_run import last_run_of, note_last_run

    note_last_run(last_run_of(report))


def _wanted_share(profile: Profile, arguments: Namespace) -> Share:
    return structs.replace(profile.share, folder=arguments.json_to or profile.share.folder)


def _begin_sharing(report: Report, profile: Profile, share: Share) -> "tuple[Report, Underway]":
    """Hand the run on; the report says whether it went, as far as that is known in good time."""
    from natwizard.share.from_here import begin_here, with_handover

    underway = begin_here(report, profile, share)
    return with_handover(report, underway.deliveries(SHARED_WITHIN_S), share), underway


def _tell_sharing(underway: "Underway", share: Share, *, quiet: bool) -> None:
    """Printed last, as it may take until the deadline; the exit code never depends on it."""
    from natwizard.share.from_here import delivery_words

    for delivery in underway.deliveries():
        if not quiet:
            sys.stderr.write(f"natwizard: {delivery_words(delivery, share)}\n")


def run_here(
    plan: "RunPlan",
    *,
    quiet: bool,
    open_page: Callable[[str], bool] | None = None,
    soak: bool = False,
    salesforce: "SalesforceSession | None" = None,
    world: "World | None" = None,
) -> tuple[Report, bool]:
    """Run a plan in this terminal: the report, and whether the person stopped it.

    `open_page` opens the test page in a browser; without it none is opened. `soak` goes on after
    the verdict, for what takes more than a minute to show. `salesforce` is the org to read. `world`
    takes the internet's place.
    """
    from natwizard.cli.headless import progress_display, run_headless
    from natwizard.report.store import recent_reports
    from natwizard.system.environment import real_environment

    environment = real_environment(
        open_page=open_page, salesforce=salesforce, earlier_reports=recent_reports, world=world
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
