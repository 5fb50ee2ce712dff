"""The text to paste to whoever can put it right: the request first, then the evidence."""

from collections.abc import Sequence

from natwizard.languages import language_of
from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.facts import moment_words
from natwizard.report.plain import plain, plain_paragraphs

# A text to paste is read by a person; the report has the rest
TRIED_SHOWN = 6


def copy_for_it(finding: Finding, report: Report) -> str:
    """One paragraph that can act without asking back; safe to paste anywhere."""
    with language_of(report.language):
        return _paragraph(finding, report, (_again((finding,)), _run_code(report)))


def copy_all_for_it(findings: Sequence[Finding], report: Report) -> tuple[str, ...]:
    """Paragraphs on several matters for one person; how to check again stands once, at the end."""
    if len(findings) == 1:
        return (copy_for_it(findings[0], report),)
    with language_of(report.language):
        matters = [_paragraph(finding, report, ()) for finding in findings]
        measured = [each for each in findings if each.status is not Status.NOT_SET_UP]
        again = _again(measured) if measured else ""
        closing = plain(f"{again} {_run_code(report)}".strip())
    return (*matters, closing)


def _paragraph(finding: Finding, report: Report, ending: tuple[str, ...]) -> str:
    remedy = finding.remedy
    closing = (_measured(finding, report), *ending)
    if finding.status is Status.NOT_SET_UP:  # nothing was measured, and nothing can be yet
        closing = (_run_code(report),) if ending else ()
    if remedy is not None and remedy.request:
        text = plain_paragraphs(remedy.request.strip())  # a check may write several lines
        return text if report.run_code in text else f"{text} {plain(' '.join(closing))}"
    measured, *others = closing
    parts = (
        _("Please see to this: {remedy}").format(remedy=remedy.text) if remedy else "",
        finding.summary,
        measured,
        *_evidence(finding),
        *others,
    )
    return plain(" ".join(filter(None, parts)))


def _measured(finding: Finding, report: Report) -> str:
    return _("On {moment}, {title}: {observed}; needed: {expected}.").format(
        moment=moment_words(report.started_at),
        title=finding.title,
        observed=finding.observed,
        expected=finding.expected,
    )


def _evidence(finding: Finding) -> list[str]:
    """How far it came, and what was tried where."""
    lines = [labelled(stage.name, stage.text) for stage in finding.stages]
    lines += [labelled(line.target, line.result) for line in finding.tried[:TRIED_SHOWN]]
    return [line.rstrip(".") + "." for line in lines]


def _again(findings: Sequence[Finding]) -> str:
    """How whoever put it right sees that it is: these checks alone, on the command line."""
    command = " ".join(("natwizard check", *(f"--only {each.check}" for each in findings)))
    return _("To check again, run \u201c{command}\u201d.").format(command=command)


def _run_code(report: Report) -> str:
    return _("Run code: {code}.").format(code=report.run_code)
