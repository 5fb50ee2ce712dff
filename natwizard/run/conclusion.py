"""All findings of a run together: the cause behind them, what depends on it, the verdict. Pure."""

from dataclasses import dataclass

from msgspec.structs import replace

from natwizard.model.finding import Detail, Finding, Status
from natwizard.model.language import _
from natwizard.model.report import RootCause, Verdict
from natwizard.model.writing import labelled
from natwizard.run.followers import follow
from natwizard.run.judging import verdict_of
from natwizard.run.root_cause import Cause, cause_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a report says of all checks together."""

    findings: tuple[Finding, ...]
    verdict: Verdict
    root_cause: RootCause | None


def conclude(findings: tuple[Finding, ...]) -> Conclusion:
    """Find the cause, and let everything that depends on it say so.

    Findings that a cause explains are no further problems. Where it leaves them untested (a
    login page that answers for everyone), they are could-not-tell, whatever they looked like.
    """
    findings = follow(findings)
    found = cause_of(findings)
    if found is None:
        return Conclusion(findings=findings, verdict=verdict_of(findings), root_cause=None)
    cause, told = found
    shown = next(finding for finding in findings if finding.check == told.explains[0])
    behind = frozenset(told.explains[1:])
    settled = tuple(
        _depending(finding, cause, told, shown) if finding.check in behind else finding
        for finding in findings
    )
    return Conclusion(findings=settled, verdict=verdict_of(settled), root_cause=told)


def _depending(finding: Finding, cause: Cause, told: RootCause, shown: Finding) -> Finding:
    on = Detail(label=_("Depends on"), text=labelled(shown.check, told.summary))
    if finding.check == shown.check or on in finding.details:
        return finding
    details = (on, *finding.details)
    finding = replace(finding, details=details, depends_on=finding.depends_on or shown.check)
    if not cause.until_then or finding.status is Status.UNKNOWN or _same_sight(finding, shown):
        return finding
    return replace(
        finding,
        status=Status.UNKNOWN,
        summary=_(cause.until_then),
        remedy=shown.remedy or finding.remedy,
        gauge=None,
    )


def _same_sight(finding: Finding, shown: Finding) -> bool:
    """Whether it shows the cause as well, in the same words: both pages led to the login."""
    return finding.summary == shown.summary
