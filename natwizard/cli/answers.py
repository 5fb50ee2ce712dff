"""What people answered, as options; and a plan for the org, to put into a report."""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from natwizard.cli.exit_code import UsageError
from natwizard.model.confirmation import Confirmation, Reply
from natwizard.model.language import _
from natwizard.model.plan import OrgPlan
from natwizard.model.profile import Profile, Role
from natwizard.model.report import Report

LONGEST = 200


def add_answers_arguments(parser: ArgumentParser) -> None:
    """--confirm, --deny, --by, --note and --plan, as `given_answers` reads them."""
    for name, what in (
        ("--confirm", _("the answer to this question is yes (may be repeated)")),
        ("--deny", _("the answer to this question is no (may be repeated)")),
    ):
        parser.add_argument(
            name,
            action="append",
            default=[],
            metavar="ID",
            help=what,
        )
    parser.add_argument("--by", default="", metavar="NAME", help=_("who gave these answers"))
    parser.add_argument("--note", default="", metavar="TEXT", help=_("a remark to keep with them"))
    parser.add_argument(
        "--plan",
        default="",
        metavar="FILE",
        help=_("add this plan (JSON of natwizard plan all)"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the arguments say: answers by name (None takes one back), and a plan."""

    answers: dict[str, Confirmation | None]
    plan: OrgPlan | None


def given_answers(profile: Profile, arguments: Namespace) -> Given:
    """Read and check them, before anything is measured. Raises UsageError."""
    from natwizard.planner.checklist import checklist
    from natwizard.report.open_plan import open_plan
    from natwizard.report.open_report import UnreadableReport

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
    return Given(answers=answers, plan=plan)


def with_given(report: Report, profile: Profile, given: Given) -> Report:
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
