"""Two more made-up runs: everything is wrong, and there is no network at all."""

from gui.example_run import good_findings
from msgspec import structs

from natwizard.checks.shared.missing_evidence import judge_not_set_up
from natwizard.model.finding import Finding, Owner, Page, Remedy, Status

HERE = {Page.BROWSERS, Page.COMPUTER, Page.SCREEN}
OWNERS = {Page.BROWSERS: Owner.HELPDESK, Page.COMPUTER: Owner.HELPDESK, Page.SCREEN: Owner.AGENT}


def failing_findings() -> tuple[Finding, ...]:
    """Every check that applies has found a problem."""
    return tuple(
        structs.replace(
            made,
            status=Status.FAIL,
            summary=f"{made.title}: something here keeps calls from working.",
            observed=f"not {made.expected}",
            remedy=Remedy(
                text="Ask them to look into this and to put it right for all who take calls.",
                owner=OWNERS.get(made.page, Owner.NETWORK_TEAM),
            ),
        )
        if made.status is not Status.NOT_APPLICABLE
        else made
        for made in good_findings()
    )


def offline_findings() -> tuple[Finding, ...]:
    """The computer is fine; nothing beyond it could be seen."""
    again = Remedy(text="Connect to a network, then run again.", owner=Owner.AGENT)
    found = []
    for made in good_findings():
        if made.page in HERE or made.status is Status.NOT_APPLICABLE:
            found.append(made)
        elif made.check == "link.wired":
            found.append(
                structs.replace(
                    made,
                    status=Status.FAIL,
                    summary="This computer has no network connection.",
                    observed="no connection",
                    remedy=Remedy(
                        text="Plug in a network cable or join a network, then run again.",
                        owner=Owner.AGENT,
                    ),
                )
            )
        else:
            found.append(
                structs.replace(
                    made,
                    status=Status.UNKNOWN,
                    summary=f"{made.title} could not be measured.",
                    observed="there is no way to this address",
                    gauge=None,
                    chart=None,
                    remedy=again,
                )
            )
    return tuple(found)


def unset_findings() -> tuple[Finding, ...]:
    """All is in order, and nobody gave this computer the service's addresses."""
    unset = judge_not_set_up("an answer from each", "targets")
    return tuple(
        structs.replace(
            made,
            status=unset.status,
            summary=unset.summary,
            observed=unset.observed,
            remedy=unset.remedy,
            details=unset.details,
            gauge=None,
            chart=None,
        )
        if made.page in {Page.FIREWALL_PORTS, Page.UDP_MEDIA}
        and made.status is not Status.NOT_APPLICABLE
        else made
        for made in good_findings()
    )
