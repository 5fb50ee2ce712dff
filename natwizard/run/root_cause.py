"""One cause behind several findings, told once. A pure step after judging."""

from natwizard.model.finding import Finding, Status
from natwizard.model.language import _
from natwizard.model.report import RootCause

ACROSS_THE_NETWORK = ("port.", "udp.", "quality.", "dns.", "websocket.", "filter.", "nat.")
ASIDE = {Status.NOT_APPLICABLE, Status.MANUAL}
NOT_MEASURED = {Status.FAIL, Status.UNKNOWN}


def root_cause_of(findings: tuple[Finding, ...]) -> RootCause | None:
    """Name the cause where all of it has one; None where each finding stands for itself."""
    network = [
        finding
        for finding in findings
        if finding.check.startswith(ACROSS_THE_NETWORK) and finding.status not in ASIDE
    ]
    link = next((finding for finding in findings if finding.check == "link.wired"), None)
    if (
        network
        and all(finding.status in NOT_MEASURED for finding in network)
        and link is not None
        and link.status in NOT_MEASURED
    ):
        return RootCause(
            code="no_network",
            summary=_("This computer has no connection to the internet."),
            explains=tuple(finding.check for finding in (link, *network)),
        )
    return None
