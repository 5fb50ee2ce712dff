"""A person's answers to the questions of a report. Pure: measures nothing.

A confirmed question reads as fulfilled, on that person's word; one that is answered with no
reads as a problem, or as advice where the role gets no more than that. An answer never
touches what was measured.
"""

from collections.abc import Mapping

from msgspec import structs

from natwizard.languages import language_of
from natwizard.model.finding import Detail, Finding, Status
from natwizard.model.language import _
from natwizard.model.quantity import Confirmation, Reply
from natwizard.model.report import Report
from natwizard.model.writing import day_words
from natwizard.run.judging import verdict_of


def may_answer(finding: Finding) -> bool:
    """Whether it waits for a person, or rests on what one said."""
    return finding.status is Status.MANUAL or finding.answer is not None


def answered(finding: Finding, answer: Confirmation | None) -> Finding:
    """The finding with this answer in place of another; None takes it back.

    What was measured stays as it is, whatever somebody says.
    """
    if not may_answer(finding):
        return finding
    asked = _as_asked(finding)
    if answer is None:
        return asked
    is_met = answer.reply is Reply.YES
    against = Status.FAIL if asked.required else Status.WARN
    note = (Detail(label=_("Remark"), text=answer.note),) if answer.note else ()
    return structs.replace(
        asked,
        status=Status.PASS if is_met else against,
        summary=_sentence(asked, is_met=is_met),
        observed=_spoken(answer),
        details=(*note, *asked.details),
        answer=structs.replace(answer, asked=asked.summary, seen=asked.observed),
    )


def with_answers(report: Report, answers: Mapping[str, Confirmation | None]) -> Report:
    """The report with answers by the name of the check; its verdict follows.

    What was found to be the cause of other findings stays: no answer can be one.
    """
    with language_of(report.language):
        findings = tuple(
            answered(finding, answers[finding.check]) if finding.check in answers else finding
            for finding in report.findings
        )
    return structs.replace(
        report, findings=findings, verdict=verdict_of(findings, partial=bool(report.left_out))
    )


def answers_of(report: Report) -> dict[str, Confirmation | None]:
    """What people answered in a report, to carry it over to another."""
    return {
        finding.check: finding.answer for finding in report.findings if finding.answer is not None
    }


def _as_asked(finding: Finding) -> Finding:
    """As it read before anybody answered."""
    answer = finding.answer
    if answer is None:
        return finding
    remark = Detail(label=_("Remark"), text=answer.note)
    kept = tuple(detail for detail in finding.details if not (answer.note and detail == remark))
    return structs.replace(
        finding,
        status=Status.MANUAL,
        summary=answer.asked,
        observed=answer.seen,
        details=kept,
        answer=None,
    )


def _sentence(asked: Finding, *, is_met: bool) -> str:
    """The requirement and how it stands; a row that asks a question is told by its title."""
    if asked.summary.endswith("?"):
        text = _("{title}: confirmed.") if is_met else _("{title}: not met yet.")
        return text.format(title=asked.title)
    return asked.summary if is_met else _("Not met yet: {text}").format(text=asked.summary)


def _spoken(answer: Confirmation) -> str:
    """In the place of a measurement: what was said, when and by whom."""
    if answer.reply is Reply.YES:
        words = _("confirmed on {day} by {name}") if answer.by else _("confirmed on {day}")
    else:
        words = _("denied on {day} by {name}") if answer.by else _("denied on {day}")
    return words.format(day=day_words(answer.on), name=answer.by)
