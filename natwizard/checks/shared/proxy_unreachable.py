"""A proxy that this computer is to use and that is not there: told alike wherever it shows."""

from natwizard.checks.shared.connection_outcome import ConnectionOutcome, ConnectionStep
from natwizard.checks.verdict import Verdict
from natwizard.model.finding import Owner, Remedy, Status
from natwizard.model.language import _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit


def is_dead(ending: ConnectionOutcome) -> bool:
    """Whether a way through a proxy ended before the proxy was asked for anything."""
    return ending.step <= ConnectionStep.CONNECTION


def refused(ending: ConnectionOutcome) -> bool:
    """Whether some machine turned the connection to the proxy away: the line carries, then."""
    return is_dead(ending) and ending.code is FailureCode.CONNECTION_REFUSED


def dead_proxy(status: Status) -> Verdict:
    """The same words wherever it shows, so that they make one thing to fix."""
    return Verdict(
        status=status,
        summary=_("The proxy that is set for this computer does not answer."),
        remedy=Remedy(
            text=_("Ask whether the proxy set for this computer is the right one, and runs."),
            owner=Owner.NETWORK_TEAM,
            request=_(
                "Please check the proxy that this computer is given: no connection to it comes"
                " about. Name the right one, or take the setting away where none is needed."
            ),
        ),
    )


def proxy_quantity(ending: ConnectionOutcome | None) -> tuple[Quantity, ...]:
    """What became of the connection to a dead proxy ("proxy_failure"); nothing for others."""
    if ending is None or ending.code is None or not is_dead(ending):
        return ()
    return (Quantity(name="proxy_failure", value=ending.code.value, unit=Unit.TEXT),)
