"""What is read out of the findings: what to fix, in which order, how it was measured, for whom."""

from collections.abc import Iterable

from msgspec import Struct

from natwizard.model.finding import Chart, FarEnd, Finding, Owner, Status
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.plain import Sanitised
from natwizard.report.request import copy_all_for_it
from natwizard.report.words import far_end_words

# What could not be told may be a failure: it comes before what is at most nearly one
WORST_FIRST = (
    Status.FAIL,
    Status.UNKNOWN,
    Status.BORDERLINE,
    Status.WARN,
    Status.MANUAL,
    Status.NOT_SET_UP,
    Status.PASS,
    Status.NOT_APPLICABLE,
)
TO_FIX = {
    Status.FAIL, Status.UNKNOWN, Status.BORDERLINE, Status.WARN, Status.MANUAL, Status.NOT_SET_UP,
}  # fmt: skip


class Fix(Sanitised, frozen=True, kw_only=True):
    """One thing to put right.

    Attributes:
        title: the sentence that says what is wrong.
        text: what to do; empty where nobody knows yet.
        owner: who does it, or None.
        finding: the worst finding it settles, for "Copy for IT"; as the report has it.
        also: titles of the other checks it settles.
    """

    UNTOUCHED = ("finding",)

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
    told = [finding for finding in group if finding.remedy is not None]
    shows = [finding for finding in told if not finding.depends_on]
    first = (shows or told or group)[0]
    remedy = first.remedy
    return Fix(
        status=group[0].status,
        title=cause or first.summary,
        text=remedy.text if remedy is not None else "",
        owner=remedy.owner if remedy is not None else None,
        finding=first,
        also=tuple(finding.title for finding in group if finding is not first),
    )


MEASURED = {Status.PASS, Status.BORDERLINE, Status.WARN, Status.FAIL}


class Method(Sanitised, frozen=True, kw_only=True):
    """A measurement by name, and its method or standard; `check` is empty where it is of none."""

    title: str
    text: str
    check: str = ""


def methods_of(report: Report) -> tuple[Method, ...]:
    """Methods of figures and of what is not in order, then the report's targets and sources."""
    methods = [
        Method(title=finding.title, text=finding.method, check=finding.check)
        for finding in report.findings
        if finding.status in MEASURED and finding.method and _is_doubted(finding)
    ]
    return (
        *methods,
        *_targets(report),
        *_far_ends(report.findings),
        *_sources(report.findings),
    )


def _is_doubted(finding: Finding) -> bool:
    """Whether somebody may ask how: a figure, or what is not in order."""
    return finding.gauge is not None or finding.status is not Status.PASS


def _targets(report: Report) -> list[Method]:
    targets = report.profile.targets
    named = (
        targets.webphone,
        targets.media or targets.turn,
        *targets.stun,
        *targets.websocket,
        *targets.tls,
    )
    shown = ", ".join(dict.fromkeys(filter(None, named)))
    return [Method(title=_("Service"), text=shown)] if shown else []


def _far_ends(findings: tuple[Finding, ...]) -> list[Method]:
    """Which rows were measured to whose servers; one label for all of them."""
    rows = {kind: [each.title for each in findings if each.far_end is kind] for kind in FarEnd}
    told = [
        labelled(far_end_words(kind), ", ".join(titles)) for kind, titles in rows.items() if titles
    ]
    return [
        Method(title=_("Measured to") if number == 0 else "", text=text)
        for number, text in enumerate(told)
    ]


def _sources(findings: tuple[Finding, ...]) -> list[Method]:
    """One label for all of them."""
    sources = dict.fromkeys(
        ", ".join(filter(None, (_(finding.source.title), finding.source.url)))
        for finding in findings
        if finding.source is not None
    )
    return [
        Method(title=_("Required by") if number == 0 else "", text=source)
        for number, source in enumerate(sources)
    ]


class RequestBlock(Struct, frozen=True, kw_only=True):
    """Texts to paste to one owner, safe as `copy_all_for_it` makes them."""

    heading: str
    texts: tuple[str, ...]


def request_blocks(report: Report) -> tuple[RequestBlock, ...]:
    """Texts for everyone but the person at the screen, one block an owner, worst first.

    Only for what somebody else must do before calls work, and what a check wrote a text for:
    "run it again", where something could not be told, is nothing to paste.
    """
    matters: dict[Owner, list[Finding]] = {}
    for fix in fixes_of(report):
        remedy = fix.finding.remedy
        urgent = fix.status is Status.FAIL
        if remedy is None or remedy.owner is Owner.AGENT or not (urgent or remedy.request):
            continue
        matters.setdefault(remedy.owner, []).append(fix.finding)
    return tuple(
        RequestBlock(heading=request_heading(owner), texts=copy_all_for_it(owned, report))
        for owner, owned in matters.items()
    )


def request_heading(owner: Owner) -> str:
    """Title of a block of texts to paste."""
    match owner:
        case Owner.AGENT:
            return _("Text for you")
        case Owner.HELPDESK:
            return _("Text for the helpdesk")
        case Owner.NETWORK_TEAM:
            return _("Text for the network team")
        case Owner.SALESFORCE_ADMINISTRATOR:
            return _("Text for the Salesforce administrator")
        case Owner.INTERNET_PROVIDER:
            return _("Text for the internet provider")


def charts_of(report: Report) -> tuple[Chart, ...]:
    """Every different chart once; several findings may rest on one measurement."""
    charts = [finding.chart for finding in report.findings if finding.chart is not None]
    return tuple(chart for place, chart in enumerate(charts) if chart not in charts[:place])
