"""--salesforce: who signs in to Salesforce and how, with the price told before it is spent."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from natwizard.cli.exit_code import UsageError
from natwizard.cli.streams import is_terminal
from natwizard.model.language import _
from natwizard.model.profile import Targets
from natwizard.model.report import Report

if TYPE_CHECKING:  # `--help` waits for no probe and no check to load
    from natwizard.probes.salesforce.session import SalesforceSession
    from natwizard.run.plan import RunPlan

BROWSER, ENVIRONMENT, STDIN = "browser", "env", "-"


def add_salesforce_arguments(parser: ArgumentParser) -> None:
    """--salesforce and --yes, as `chosen_session` reads them."""
    parser.add_argument(
        "--salesforce",
        nargs="?",
        const=BROWSER,
        metavar="FROM",
        help=_(
            "read your Salesforce org too: sign in with the browser, or take an access token from"
            " a file, from - (standard input) or from env (SF_ACCESS_TOKEN); for administrators"
        ),
    )
    parser.add_argument(
        "--yes",
        action="store_true",
        help=_("spend the API calls that --salesforce takes, unasked"),
    )


def chosen_session(arguments: Namespace, plan: "RunPlan") -> "SalesforceSession | None":
    """The org that was signed in to; None where nobody wants to. Raises UsageError."""
    if arguments.salesforce is None:
        return None
    from natwizard.probes.salesforce.org import SALESFORCE

    if SALESFORCE not in plan.probes():
        raise UsageError("--salesforce has nothing to read here; add --role administrator")
    _agree(arguments)
    targets = plan.profile.targets
    if arguments.salesforce == BROWSER:
        return _signed_in(targets, arguments.browser)
    return _handed_over(arguments.salesforce, targets)


def tell_calls(report: Report) -> None:
    """How many API calls it was in the end."""
    from natwizard.probes.salesforce.org import calls_used

    used = calls_used(report.outcomes)
    if used is not None:
        sys.stderr.write(_("Salesforce: {count} API calls used.").format(count=used) + "\n")


def _agree(arguments: Namespace) -> None:
    """Show the price, and have it agreed to. Raises UsageError."""
    from natwizard.probes.salesforce.budget import price_words

    if not arguments.quiet:
        sys.stderr.write(price_words() + "\n")
    if arguments.yes:
        return
    if arguments.salesforce == STDIN or not is_terminal(sys.stdin):
        raise UsageError("nobody can be asked here; add --yes to spend the API calls")
    sys.stderr.write(_("Go on? [y/N] "))
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was read from Salesforce, as you wished")


def _handed_over(source: str, targets: Targets) -> "SalesforceSession":
    from natwizard.probes.salesforce.sign_in import (
        UnusableToken,
        session_from_environment,
        session_from_text,
    )

    try:
        if source == ENVIRONMENT:
            return session_from_environment(os.environ, targets)
        return session_from_text(_text(source), targets, os.environ)
    except UnusableToken as error:
        raise UsageError(f"--salesforce {source}: {error}") from error


def _text(source: str) -> str:
    """At most a little more than any token needs."""
    from natwizard.probes.salesforce.sign_in import SIZE_LIMIT_BYTES

    try:
        if source == STDIN:
            return sys.stdin.buffer.read(SIZE_LIMIT_BYTES).decode("utf-8", "replace")
        with Path(source).open("rb") as file:
            return file.read(SIZE_LIMIT_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"cannot read {source}: {error.strerror or error}") from error


def _signed_in(targets: Targets, browser: str | None) -> "SalesforceSession":
    import asyncio

    from natwizard.checks.shared.missing_evidence import judge_missing
    from natwizard.probes.failures import CannotGather
    from natwizard.probes.salesforce.sign_in import sign_in
    from natwizard.system.browser import page_opener
    from natwizard.system.loop import make_loop
    from natwizard.system.network import SystemNetwork

    show = _shower(page_opener(browser or None))
    try:
        with asyncio.Runner(loop_factory=make_loop) as runner:
            return runner.run(sign_in(SystemNetwork(), targets, show))
    except CannotGather as error:
        told = judge_missing("", "", error.failure)
        settles = told.remedy.text if told.remedy else ""
        detail = f" ({error.failure.detail})" if error.failure.detail not in told.observed else ""
        raise UsageError(f"not signed in: {told.observed}{detail}. {settles}") from error


def _shower(opener: Callable[[str], bool] | None) -> Callable[[str], None]:
    """Opens the page, and prints where it is: the browser may be on another computer."""

    def show(page: str) -> None:
        sys.stderr.write(_("Sign in to Salesforce in your browser:") + f"\n  {page}\n")
        sys.stderr.flush()
        if opener is not None:
            opener(page)

    return show
