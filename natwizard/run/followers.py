"""Findings that only follow from another one: no further problem, whatever else is wrong. Pure."""

from msgspec.structs import replace

from natwizard.model.finding import Detail, Finding, Status
from natwizard.model.language import _

WEBPHONE, WEBSOCKET = "port.webphone", "websocket.open"
UNDECIDED = {Status.FAIL, Status.UNKNOWN}


def follow(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Let a finding that another one leaves untested say so, and name it in `depends_on`."""
    found = {finding.check: finding for finding in findings}
    port, socket = found.get(WEBPHONE), found.get(WEBSOCKET)
    if port is None or socket is None or not _is_behind_port(socket, port):
        return findings
    return tuple(_untested(finding, port) if finding is socket else finding for finding in findings)


def _is_behind_port(socket: Finding, port: Finding) -> bool:
    """The same port, shut before anything was said: the websocket itself was never tried."""
    if port.status is not Status.FAIL or socket.status not in UNDECIDED or socket.depends_on:
        return False
    stuck = value(port, "reached") == value(socket, "reached") == "connection"
    return stuck and value(port, "port") == value(socket, "port") is not None


def _untested(finding: Finding, cause: Finding) -> Finding:
    on = Detail(label=_("Depends on"), text=f"{cause.title}: {cause.summary}")
    return replace(
        finding,
        status=Status.UNKNOWN,
        summary=_("This can be tested once the webphone's port is open."),
        remedy=cause.remedy or finding.remedy,
        depends_on=cause.check,
        details=(on, *finding.details),
    )


def value(finding: Finding, name: str) -> float | int | str | bool | None:
    """A measured value by its name, or None."""
    return next((each.value for each in finding.measured if each.name == name), None)
