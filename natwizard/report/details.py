"""Which findings are told in detail, and in which words; the same for PDF and HTML."""

from msgspec import Struct

from natwizard.model.finding import Chart, Finding, Owner, Status
from natwizard.model.language import _
from natwizard.model.report import Report
from natwizard.model.writing import labelled
from natwizard.report.facts import clock_after
from natwizard.report.fixes import fixes_of, severity
from natwizard.report.plain import plain
from natwizard.report.request import copy_for_it
from natwizard.report.words import DOT, owner_name

ALSO_DETAILED = {Status.UNKNOWN, Status.BORDERLINE, Status.WARN}
DETAILED = {Status.FAIL, *ALSO_DETAILED}
TRIED_SHOWN = 30


class Line(Struct, frozen=True, kw_only=True):
    """A short label and the text beside it."""

    label: str
    text: str


class DetailBlock(Struct, frozen=True, kw_only=True):
    """One finding in detail.

    Attributes:
        heading: "Problem 1 in detail: Webphone port TCP 10062"; for less, the check alone.
        lines: measured and needed, why, what to do.
        tried: attempts with their time of day.
        more_tried: attempts left out, which the JSON holds.
    """

    finding: Finding
    heading: str
    lines: tuple[Line, ...]
    tried: tuple[Line, ...]
    more_tried: int


class RequestBlock(Struct, frozen=True, kw_only=True):
    """Texts to paste to one owner."""

    heading: str
    texts: tuple[str, ...]


def problem_blocks(report: Report) -> tuple[DetailBlock, ...]:
    """Every problem, numbered in the order of the report."""
    problems = [finding for finding in report.findings if finding.status is Status.FAIL]
    text = _("Problem {number} in detail: {title}")
    return tuple(
        _block(finding, text.format(number=number, title=finding.title), report)
        for number, finding in enumerate(problems, 1)
    )


def other_blocks(report: Report) -> tuple[DetailBlock, ...]:
    """What could not be told, is at its limit, or could be better; worst first.

    What only waits for another finding is named there, and in no block of its own.
    """
    others = [
        finding
        for finding in report.findings
        if finding.status in ALSO_DETAILED and not _only_waits(finding, report)
    ]
    return tuple(_block(finding, finding.title, report) for finding in sorted(others, key=severity))


def _only_waits(finding: Finding, report: Report) -> bool:
    """Not seen because of another finding, which has a block of its own."""
    shown = {each.check for each in report.findings if each.status in DETAILED}
    return finding.status is Status.UNKNOWN and finding.depends_on in shown


def _block(finding: Finding, heading: str, report: Report) -> DetailBlock:
    return DetailBlock(
        finding=finding,
        heading=plain(heading),
        lines=_lines(finding, report),
        tried=_tried(finding, report),
        more_tried=max(0, len(finding.tried) - TRIED_SHOWN),
    )


def _lines(finding: Finding, report: Report) -> tuple[Line, ...]:
    needs = _("needed: {expected}").format(expected=finding.expected)
    lines = [Line(label=_("Measured"), text=plain(f"{finding.observed}{DOT}{needs}"))]
    lines.extend(
        Line(label=plain(detail.label), text=plain(detail.text)) for detail in finding.details
    )
    if finding.remedy is not None:
        owner = owner_name(finding.remedy.owner)
        lines.append(Line(label=_("What to do"), text=plain(labelled(owner, finding.remedy.text))))
    waiting = [each.title for each in report.findings if each.depends_on == finding.check
               and each.status is Status.UNKNOWN]  # fmt: skip
    if waiting:
        text = _("{titles}: to be tested once this is settled.").format(titles=", ".join(waiting))
        lines.append(Line(label=_("Waits for it"), text=plain(text)))
    return tuple(lines)


def _tried(finding: Finding, report: Report) -> tuple[Line, ...]:
    return tuple(
        Line(label=clock_after(report, line.started_s), text=plain(f"{line.target}, {line.result}"))
        for line in finding.tried[:TRIED_SHOWN]
    )


def request_blocks(report: Report) -> tuple[RequestBlock, ...]:
    """Texts for everyone but the person at the screen, one block an owner, worst first.

    Only for what somebody else must do before calls work, and what a check wrote a text for.
    """
    texts: dict[Owner, list[str]] = {}
    for fix in fixes_of(report):
        remedy = fix.finding.remedy
        urgent = fix.status in {Status.FAIL, Status.UNKNOWN}
        if remedy is None or remedy.owner is Owner.AGENT or not (urgent or remedy.request):
            continue
        texts.setdefault(remedy.owner, []).append(copy_for_it(fix.finding, report))
    return tuple(
        RequestBlock(heading=request_heading(owner), texts=tuple(owned))
        for owner, owned in texts.items()
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
