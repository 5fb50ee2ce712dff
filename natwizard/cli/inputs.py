"""Arguments that several subcommands share, and the values they stand for."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from natwizard.cli.exit_code import UsageError
from natwizard.model.language import _
from natwizard.model.plan import OrgPlan
from natwizard.model.profile import MOST_CONCURRENT_CALLS, Answers, Profile, Role
from natwizard.model.quantity import Confirmation, Reply
from natwizard.model.report import Report

if TYPE_CHECKING:  # `--help` and the window wait for no profile and no check to load
    from natwizard.model.watch import WatchRecord
    from natwizard.profiles.find import FoundProfile
    from natwizard.run.plan import RunPlan


LONGEST = 200


def add_answers_arguments(parser: ArgumentParser) -> None:
    """--confirm, --deny, --by, --note and --plan, as `given_answers` reads them."""
    _add_ids(parser, "--confirm", _("the answer to this question is yes (may be repeated)"))
    _add_ids(parser, "--deny", _("the answer to this question is no (may be repeated)"))
    parser.add_argument("--by", default="", metavar="NAME", help=_("who gave these answers"))
    parser.add_argument("--note", default="", metavar="TEXT", help=_("a remark to keep with them"))
    parser.add_argument(
        "--plan",
        default="",
        metavar="FILE",
        help=_("add this plan (JSON of natwizard plan all)"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswers:
    """What the arguments say: answers by name (None takes one back), and a plan."""

    answers: dict[str, Confirmation | None]
    plan: OrgPlan | None


def given_answers(profile: Profile, arguments: Namespace) -> GivenAnswers:
    """Read and check them, before anything is measured. Raises UsageError."""
    from natwizard.planner.checklist import checklist
    from natwizard.report.files import UnreadableReport
    from natwizard.report.open_report import open_plan

    answers: dict[str, Confirmation | None] = {}
    answers.update(dict.fromkeys(arguments.confirm, _answer(Reply.YES, arguments)))
    answers.update(dict.fromkeys(arguments.deny, _answer(Reply.NO, arguments)))
    answers.update(dict.fromkeys(getattr(arguments, "take_back", ())))
    known = dict.fromkeys(item.point for item in checklist(profile))
    known |= dict.fromkeys(requirement.id for requirement in profile.requirements)
    for name in answers:
        if name not in known:
            raise UsageError(f"no such question: {name} (known: {', '.join(known)})")
    try:
        plan = open_plan(Path(arguments.plan)) if arguments.plan else None
    except UnreadableReport as error:
        raise UsageError(str(error)) from error
    return GivenAnswers(answers=answers, plan=plan)


def with_given(report: Report, profile: Profile, given: GivenAnswers) -> Report:
    """The report with what was answered and planned.

    What was measured needs no answer: a name that is no question there is told, and left out.
    """
    from natwizard.planner.attach import attached, items_of
    from natwizard.planner.checklist import checklist, points_of, with_answers_to

    if not given.answers and given.plan is None:
        return report
    items = items_of(report, checklist(profile, report.findings))
    answers: dict[str, Confirmation | None] = {}
    for name, answer in given.answers.items():
        points = points_of(items, name)
        answers.update(dict.fromkeys(points, answer))
        if not points:
            told = _("{name} is no question in this report").format(name=name)
            sys.stderr.write(f"natwizard: {told}\n")
    whole = given.plan is not None or report.answers.role is Role.ADMINISTRATOR
    return attached(report, given.plan, with_answers_to(items, answers), whole=whole)


def _answer(reply: Reply, arguments: Namespace) -> Confirmation:
    today = datetime.now().astimezone().date().isoformat()
    return Confirmation(
        reply=reply, on=today, by=arguments.by[:LONGEST], note=arguments.note[:LONGEST]
    )


def add_profile_argument(parser: ArgumentParser) -> None:
    """--profile, as `chosen_profile` reads it."""
    parser.add_argument("--profile", default="", help=_("a profile: path or https address"))


def add_answer_arguments(parser: ArgumentParser) -> None:
    """--role, --calls and --thorough, as `chosen_answers` reads them."""
    parser.add_argument(
        "--role",
        choices=[role.value for role in Role],
        help=_("how the person takes calls (default: as the profile says, else webphone)"),
    )
    parser.add_argument(
        "--calls",
        type=_calls,
        default=1,
        metavar="N",
        help=_("how many people call from this site at the same time (default: 1)"),
    )
    parser.add_argument(
        "--thorough",
        action="store_true",
        help=_("try up to 2,000 UDP flows instead of 400 to find blocked ports; takes longer"),
    )


def add_selection_arguments(parser: ArgumentParser) -> None:
    """--only and --skip, as `chosen_plan` reads them."""
    only = _("run only these: requirement IDs such as port.webphone, or quality")
    _add_ids(parser, "--only", only)
    skip = _("leave these out: requirement IDs such as port.webphone, or quality")
    _add_ids(parser, "--skip", skip)


def _add_ids(parser: ArgumentParser, name: str, what: str) -> None:
    parser.add_argument(name, action="append", default=[], metavar="ID", help=what)


def add_public_argument(parser: ArgumentParser) -> None:
    """--no-public-servers, as `select_plan` reads it."""
    parser.add_argument(
        "--no-public-servers",
        action="store_true",
        help=_("ask no public servers (Amazon, Postman, ...) where the profile names none"),
    )


def add_browser_argument(parser: ArgumentParser) -> None:
    """--browser, as `chosen_opener` reads it."""
    parser.add_argument(
        "--browser",
        nargs="?",
        const="",
        metavar="PROGRAM",
        help=_("open a test page in the default browser, or in this one (default: open none)"),
    )


def add_headset_argument(parser: ArgumentParser) -> None:
    """--headset, as `select_plan` and `chosen_opener` read it."""
    parser.add_argument(
        "--headset",
        action="store_true",
        help=_("at the end test microphone and speaker with you, on a page in the browser"),
    )


def chosen_opener(arguments: Namespace) -> Callable[[str], bool] | None:
    """What opens the test page; None unless --browser, --headset or --call was given."""
    from natwizard.system.browser import page_opener

    asked = any(getattr(arguments, name, False) for name in ("headset", "call"))
    if arguments.browser is None and not asked:
        return None
    return page_opener(arguments.browser or None)


def chosen_profile(arguments: Namespace) -> "FoundProfile":
    """The profile that applies. Raises UsageError."""
    from natwizard.profiles.find import find_profile
    from natwizard.profiles.mistake import ProfileMistake
    from natwizard.system.profile_download import fetch_profile

    try:
        return find_profile(arguments.profile, fetch_profile)
    except ProfileMistake as mistake:
        raise UsageError(str(mistake)) from mistake


def chosen_answers(arguments: Namespace, profile: Profile) -> Answers:
    """What the arguments, and else the profile, say of the person."""
    role = Role(arguments.role) if arguments.role else profile.role
    return Answers(role=role, concurrent_calls=arguments.calls, thorough=arguments.thorough)


def chosen_plan(arguments: Namespace) -> "RunPlan":
    """The plan that all the arguments together ask for. Raises UsageError."""
    return select_plan(chosen_profile(arguments), arguments)


def select_plan(found: "FoundProfile", arguments: Namespace) -> "RunPlan":
    """The plan for a profile that is already there. Raises UsageError."""
    from natwizard.run.plan import make_plan

    profile = found.profile
    if getattr(arguments, "no_public_servers", False):
        profile = structs.replace(profile, public_servers=False)
    known = [requirement.id for requirement in profile.requirements]
    plan = make_plan(
        profile,
        chosen_answers(arguments, profile),
        location=found.location,
        only=_matching(arguments.only, known),
        skip=_matching(arguments.skip, known),
    )
    if not getattr(arguments, "headset", False):
        return plan
    from natwizard.probes.headset import HEADSET

    return replace(plan, extra=(*plan.extra, HEADSET))


def read_report(path: str) -> Report:
    """A saved report. Raises UsageError."""
    from natwizard.report.files import UnreadableReport
    from natwizard.report.open_report import open_report

    try:
        return open_report(Path(path))
    except UnreadableReport as error:
        raise UsageError(str(error)) from error


def read_saved(path: str) -> "Report | WatchRecord":
    """A saved report or watch. Raises UsageError."""
    from natwizard.report.files import UnreadableReport
    from natwizard.report.open_report import open_saved

    try:
        return open_saved(Path(path))
    except UnreadableReport as error:
        raise UsageError(str(error)) from error


def _matching(wanted: list[str], known: list[str]) -> frozenset[str]:
    chosen: set[str] = set()
    for word in (part for text in wanted for part in text.split(",") if part):
        hits = [name for name in known if name == word or name.startswith(f"{word}.")]
        if not hits:
            raise UsageError(f"no such check: {word} (known: {', '.join(known)})")
        chosen.update(hits)
    return frozenset(chosen)


def _calls(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MOST_CONCURRENT_CALLS):
        expected = f"a number from 1 to {MOST_CONCURRENT_CALLS}"
        raise ArgumentTypeError(f"expected {expected}, got {text!r}")
    return int(text)
