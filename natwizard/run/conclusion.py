"""All findings of a run together: the cause behind them, what depends on it, the verdict. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

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
        leaves_untested: whether the cause, which failed, does so; told the cause and the follower.
        until_then: what the follower says then.
    """

    check: str
    cause: str
    leaves_untested: Callable[[Finding, Finding], bool]
    until_then: str


def _same_port_shut(port: Finding, socket: Finding) -> bool:
    """The same port, shut before anything was said: the websocket itself was never tried."""
    stuck = value(port, "reached") == value(socket, "reached") == "connection"
    return stuck and value(port, "port") == value(socket, "port") is not None


def _nothing_installed(version: Finding, _bits: Finding) -> bool:
    return value(version, "browsers_found") == 0


FOLLOWERS = (
    Dependency(
        check="websocket.open",
        cause="port.webphone",
        leaves_untested=_same_port_shut,
        until_then=N_("This can be tested once the webphone's port is open."),
    ),
    Dependency(
        check="browser.bits",
        cause="browser.version",
        leaves_untested=_nothing_installed,
        until_then=N_("This can be tested once a browser is installed."),
    ),
)


def follow(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Let a finding that another one leaves untested say so, and name it in `depends_on`."""
    found = {finding.check: finding for finding in findings}
    for follower in FOLLOWERS:
        cause, finding = found.get(follower.cause), found.get(follower.check)
        if cause is not None and finding is not None and _follows(finding, cause, follower):
            found[follower.check] = _untested(finding, cause, follower.until_then)
    return tuple(found[finding.check] for finding in findings)


def _follows(finding: Finding, cause: Finding, follower: Dependency) -> bool:
    if cause.status is not Status.FAIL or finding.status not in UNDECIDED or finding.depends_on:
        return False
    return follower.leaves_untested(cause, finding)


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


def value(finding: Finding, name: str) -> float | int | str | bool | None:
    """A measured value by its name, or None."""
    return next((each.value for each in finding.measured if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a report says of all checks together."""

    findings: tuple[Finding, ...]
    verdict: Readiness
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


def _depending(finding: Finding, cause: RootCauseRule, told: RootCause, shown: Finding) -> Finding:
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
