"""What to fix, root causes only and worst first."""

from collections.abc import Iterable

from msgspec import Struct

from natwizard.model.finding import Finding, Owner, Status
from natwizard.model.report import Report

WORST_FIRST = (
    Status.FAIL,
    Status.UNKNOWN,
    Status.BORDERLINE,
    Status.WARN,
    Status.MANUAL,
    Status.PASS,
    Status.NOT_APPLICABLE,
)
TO_FIX = {Status.FAIL, Status.UNKNOWN, Status.BORDERLINE, Status.WARN, Status.MANUAL}


class Fix(Struct, frozen=True, kw_only=True):
    """One thing to put right.

    Attributes:
        title: the sentence that says what is wrong.
        text: what to do; empty where nobody knows yet.
        owner: who does it, or None.
        finding: the worst finding it settles, for "Copy for IT".
        also: titles of the other checks it settles.
    """

    status: Status
    title: str
    text: str
    owner: Owner | None
    finding: Finding
    also: tuple[str, ...] = ()


def severity(finding: Finding) -> int:
    """Place in the order "worst first"; 0 is worst. An unknown that is only advice comes late."""
    if finding.status is Status.UNKNOWN and not finding.required:
        return WORST_FIRST.index(Status.MANUAL)
    return WORST_FIRST.index(finding.status)


def worst_status(findings: Iterable[Finding]) -> Status:
    """The status that stands for a page or an area; "not needed" where there is nothing."""
    worst = min(findings, key=severity, default=None)
    return worst.status if worst is not None else Status.NOT_APPLICABLE


def fixes_of(report: Report) -> tuple[Fix, ...]:
    """All there is to do, worst first: one entry a cause, one entry for equal remedies."""
    cause = report.root_cause
    explained = frozenset(cause.explains) if cause is not None else frozenset[str]()
    by_check = {finding.check: finding for finding in report.findings}
    groups: dict[object, list[Finding]] = {}
    for finding in sorted(filter(_is_to_fix, report.findings), key=severity):
        behind = by_check.get(finding.depends_on, finding)
        told = behind if _is_to_fix(behind) else finding
        groups.setdefault(_group_of(told, explained), []).append(finding)
    return tuple(
        _fix(group, cause.summary if cause and key == "cause" else "")
        for key, group in groups.items()
    )


def _is_to_fix(finding: Finding) -> bool:
    advisory_unknown = finding.status is Status.UNKNOWN and not finding.required
    return finding.status in TO_FIX and not advisory_unknown


def _group_of(finding: Finding, explained: frozenset[str]) -> object:
    """What makes two findings one thing to do: the cause of the run, or the same remedy."""
    if finding.check in explained:
        return "cause"
    if finding.remedy is None or finding.status is Status.MANUAL:
        return ("alone", finding.check)
    return ("remedy", finding.status, finding.remedy.owner, finding.remedy.text)


def _fix(group: list[Finding], cause: str) -> Fix:
    first = next((finding for finding in group if finding.remedy is not None), group[0])
    remedy = first.remedy
    return Fix(
        status=group[0].status,
        title=cause or first.summary,
        text=remedy.text if remedy is not None else "",
        owner=remedy.owner if remedy is not None else None,
        finding=first,
        also=tuple(finding.title for finding in group if finding is not first),
    )
