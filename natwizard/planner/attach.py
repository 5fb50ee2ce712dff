"""Puts an org's plan and checklist into a report, and reads the answers back out of one."""

from collections.abc import Sequence

from msgspec import structs

from natwizard.model.checklist import ChecklistItem
from natwizard.model.plan import OrgPlan
from natwizard.model.quantity import Confirmation
from natwizard.model.report import Report
from natwizard.planner.checklist import answers_by_requirement, points_of, with_answers_to
from natwizard.run.answering import answers_of, may_answer, with_answers


def attached(
    report: Report, plan: OrgPlan | None, items: Sequence[ChecklistItem], *, whole: bool
) -> Report:
    """The report with a plan (None keeps its own) and answers, and what they make of it.

    `whole` keeps every point of the checklist in it, else only what somebody answered.
    """
    by_requirement = answers_by_requirement(items)
    answers = {
        finding.check: by_requirement[finding.check]
        for finding in report.findings
        if may_answer(finding) and finding.check in by_requirement
    }
    kept = tuple(item for item in items if whole or item.answer is not None)
    return structs.replace(with_answers(report, answers), plan=plan or report.plan, checklist=kept)


def items_of(report: Report, items: Sequence[ChecklistItem]) -> tuple[ChecklistItem, ...]:
    """The list with what a report holds: its own answers by point, else those of its findings.

    An answer to a finding as a whole stands for each of its points, unless they have their own.
    """
    told = {item.point: item.answer for item in report.checklist if item.answer is not None}
    answers: dict[str, Confirmation | None] = {}
    for name, answer in answers_of(report).items():
        points = points_of(items, name)
        if told.keys().isdisjoint(points):
            answers.update(dict.fromkeys(points, answer))
    return with_answers_to(items, {**answers, **told})
