"""All findings of a run together: the cause behind them, what depends on it, the verdict. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import AnyCheck
from natwizard.checks.browser_bits import BROWSER_BITS
from natwizard.checks.browser_version import BROWSER_VERSION, BrowserFacts
from natwizard.checks.port_web_pages import PORT_TCP443
from natwizard.checks.port_webphone import PORT_WEBPHONE
from natwizard.checks.quality_bandwidth import QUALITY_BANDWIDTH
from natwizard.checks.quality_jitter import QUALITY_JITTER
from natwizard.checks.quality_latency import QUALITY_LATENCY
from natwizard.checks.quality_latency_under_load import QUALITY_LATENCY_UNDER_LOAD
from natwizard.checks.quality_loss import QUALITY_LOSS, LossFacts
from natwizard.checks.quality_mos import QUALITY_MOS
from natwizard.checks.shared.connection_outcome import ConnectionFacts, ConnectionStep
from natwizard.checks.shared.far_end import NoBeaconAnswered
from natwizard.checks.shared.line import LineFacts
from natwizard.checks.websocket_open import WEBSOCKET_OPEN
from natwizard.model.finding import Detail, Finding, Status, titled
from natwizard.model.language import N_, _
from natwizard.model.report import Readiness, RootCause
from natwizard.model.writing import labelled
from natwizard.run.judging import verdict_of
from natwizard.run.root_cause import RootCauseRule, cause_of

UNDECIDED = {Status.FAIL, Status.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A check that another one can leave untested.

    Attributes:
        leaves_untested: whether the cause does so; given the facts of the cause and of the
            follower, None where there are none.
        until_then: what the follower says then.
        where: how the cause stands for that.
    """

    check: AnyCheck
    cause: AnyCheck
    leaves_untested: Callable[[Struct | None, Struct | None], bool]
    until_then: str
    where: frozenset[Status] = frozenset({Status.FAIL})


def _same_port_shut(webphone: Struct | None, websocket: Struct | None) -> bool:
    """The same port, shut before anything was said: the websocket itself was never tried."""
    if not isinstance(webphone, ConnectionFacts) or not isinstance(websocket, ConnectionFacts):
        return False
    stuck = webphone.step is websocket.step is ConnectionStep.CONNECTION
    return stuck and webphone.port == websocket.port


def _nothing_installed(version: Struct | None, _bits: Struct | None) -> bool:
    return isinstance(version, BrowserFacts) and not version.found


def _nothing_came_back(loss: Struct | None, _other: Struct | None) -> bool:
    return isinstance(loss, LossFacts | NoBeaconAnswered)


WITHOUT_VOICE = N_("This can be tested once voice packets come back.")

FOLLOWERS = (
    *(
        Dependency(
            check=check,
            cause=QUALITY_LOSS,
            leaves_untested=_nothing_came_back,
            until_then=WITHOUT_VOICE,
            where=frozenset(UNDECIDED),
        )
        for check in (
            QUALITY_BANDWIDTH,
            QUALITY_LATENCY,
            QUALITY_JITTER,
            QUALITY_MOS,
            QUALITY_LATENCY_UNDER_LOAD,
        )
    ),
    Dependency(
        check=WEBSOCKET_OPEN,
        cause=PORT_WEBPHONE,
        leaves_untested=_same_port_shut,
        until_then=N_("This can be tested once the webphone's port is open."),
    ),
    Dependency(
        check=WEBSOCKET_OPEN,
        cause=PORT_TCP443,
        leaves_untested=_same_port_shut,
        until_then=N_("This can be tested once port 443 is open."),
    ),
    Dependency(
        check=BROWSER_BITS,
        cause=BROWSER_VERSION,
        leaves_untested=_nothing_installed,
        until_then=N_("This can be tested once a browser is installed."),
    ),
)


def follow(findings: tuple[Finding, ...], facts: Mapping[str, Struct]) -> tuple[Finding, ...]:
    """Let a finding that another one leaves untested say so, and name it in `depends_on`."""
    found = {finding.check: finding for finding in findings}
    for follower in FOLLOWERS:
        cause, finding = found.get(follower.cause.name), found.get(follower.check.name)
        if cause is None or finding is None or not _may_follow(finding):
            continue
        if cause.status in follower.where and follower.leaves_untested(
            facts.get(cause.check), facts.get(finding.check)
        ):
            found[finding.check] = _untested(finding, cause, follower.until_then)
    return tuple(found[finding.check] for finding in findings)


def _may_follow(finding: Finding) -> bool:
    return finding.status in UNDECIDED and not finding.depends_on


def _untested(finding: Finding, cause: Finding, until_then: str) -> Finding:
    on = Detail(label=_("Depends on"), text=titled(cause))
    return replace(
        finding,
        status=Status.UNKNOWN,
        summary=_(until_then),
        remedy=cause.remedy or finding.remedy,
        depends_on=cause.check,
        details=(on, *finding.details),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a report says of all checks together."""

    findings: tuple[Finding, ...]
    verdict: Readiness
    root_cause: RootCause | None


def conclude(
    findings: tuple[Finding, ...],
    facts: Mapping[str, Struct],
    line: LineFacts,
    *,
    partial: bool = False,
) -> Conclusion:
    """Find the cause, and let everything that depends on it say so.

    `facts` are those of the judgements, by check: they are no part of a finding, so a saved
    report is judged again from its evidence before it can be concluded.

    Findings that a cause explains are no further problems. Where it leaves them untested (a
    login page that answers for everyone), they are could-not-tell, whatever they looked like.
    """
    findings = follow(findings, facts)
    found = cause_of(findings, facts, line)
    if found is None:
        verdict = verdict_of(findings, partial=partial)
        return Conclusion(findings=findings, verdict=verdict, root_cause=None)
    cause, told = found
    shown = next(finding for finding in findings if finding.check == told.explains[0])
    behind = frozenset(told.explains[1:])
    if cause.fix is not None and shown.remedy is not None:
        shown = replace(shown, remedy=cause.fix.what_to_do())
    settled = tuple(
        _depending(finding, cause, told, shown)
        if finding.check in behind
        else shown
        if finding.check == shown.check
        else finding
        for finding in findings
    )
    verdict = verdict_of(settled, partial=partial)
    return Conclusion(findings=settled, verdict=verdict, root_cause=told)


def _depending(finding: Finding, cause: RootCauseRule, told: RootCause, shown: Finding) -> Finding:
    on = Detail(label=_("Depends on"), text=labelled(shown.title, told.summary))
    if finding.check == shown.check or on in finding.details:
        return finding
    details = (on, *finding.details)
    finding = replace(
        finding,
        details=details,
        depends_on=finding.depends_on or shown.check,
        remedy=shown.remedy or finding.remedy,
    )
    bad = finding.status in {Status.FAIL, Status.WARN}
    measured = bad and finding.check.startswith(cause.shown_by)
    if not cause.until_then or measured or _same_sight(finding, shown):
        return finding
    return replace(finding, status=Status.UNKNOWN, summary=_(cause.until_then), gauge=None)


def _same_sight(finding: Finding, shown: Finding) -> bool:
    """Whether it shows the cause as well, in the same words: both pages led to the login."""
    return finding.summary == shown.summary
