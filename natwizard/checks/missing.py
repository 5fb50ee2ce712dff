"""The finding of a check whose evidence is missing: always UNKNOWN, and what would settle it."""

from natwizard.checks.wording import failure_words
from natwizard.model.finding import Detail, Judgement, Owner, Remedy, Status
from natwizard.model.language import _
from natwizard.model.outcome import Failure, FailureCode


def judge_missing(title: str, expected: str, failure: Failure) -> Judgement:
    """Say what could not be seen, why, and what to do about it."""
    return Judgement(
        status=Status.UNKNOWN,
        summary=_summary(title, failure),
        observed=_observed(failure),
        expected=expected,
        remedy=_remedy(failure),
        details=(
            Detail(
                label=_("Why we say so"),
                text=f"{failure.operation}: {failure.code} {failure.detail}".strip(),
            ),
        ),
    )


def _summary(title: str, failure: Failure) -> str:
    match failure.code:
        case FailureCode.NO_TARGET:
            return _("{title}: no target set, so it was not measured.").format(title=title)
        case FailureCode.STOPPED:
            return _("{title}: you stopped the run before it was measured.").format(title=title)
        case _:
            return _("{title} could not be measured.").format(title=title)


def _observed(failure: Failure) -> str:
    if failure.code is FailureCode.NO_TARGET:
        return _("no target set ({setting})").format(setting=failure.detail)
    return failure_words(failure.code)


def _remedy(failure: Failure) -> Remedy:
    match failure.code:
        case FailureCode.NO_TARGET:
            text = _("Set {setting} in the profile, then run again.").format(setting=failure.detail)
            return Remedy(text=text, owner=Owner.HELPDESK)
        case FailureCode.DEFECT:
            return Remedy(text=_("Send this report to your helpdesk."), owner=Owner.HELPDESK)
        case FailureCode.MACHINE_BUSY:
            text = _("Close programs you do not need, then run again.")
            return Remedy(text=text, owner=Owner.AGENT)
        case _:
            return Remedy(text=_("Run this check again."), owner=Owner.AGENT)
