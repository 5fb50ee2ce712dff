"""Rows that no probe can settle: a question for a named owner, judged MANUAL."""

from natwizard.checks.base import Case, Check, NoLimits
from natwizard.model.finding import Judgement, Page, Remedy, Status
from natwizard.model.language import _
from natwizard.model.profile import Requirement


def question_check(requirement: Requirement) -> Check[NoLimits]:
    """A check that asks. The profile's reader has seen to it that title and page are set."""
    question = requirement.question
    if question is None:
        raise ValueError(f"{requirement.id} asks no question")

    def judge(_case: Case, _limits: NoLimits) -> Judgement:
        return Judgement(
            status=Status.MANUAL,
            summary=_(requirement.text),
            observed=_("no program can measure this"),
            expected=_("a person's answer"),
            remedy=Remedy(text=_(question.text), owner=question.owner),
        )

    return Check(
        name=requirement.id,
        title=requirement.title,
        page=requirement.page or Page.CONNECTION,
        needs=(),
        limits=NoLimits,
        judge=judge,
    )
