"""A proxy that this computer is to use and that is not there: told alike wherever it shows."""

from natwizard.checks.shared.connection_outcome import ConnectionOutcome, ConnectionStep
from natwizard.checks.verdict import Verdict
from natwizard.model.finding import Owner, Status
from natwizard.model.language import N_
from natwizard.model.outcome import FailureCode


def is_dead(ending: ConnectionOutcome) -> bool:
    """Whether a way through a proxy ended before the proxy was asked for anything."""
    return ending.step <= ConnectionStep.CONNECTION


def refused(ending: ConnectionOutcome) -> bool:
    """Whether some machine turned the connection to the proxy away: the line carries, then."""
    return is_dead(ending) and ending.code is FailureCode.CONNECTION_REFUSED


DEAD_PROXY = N_("The proxy that is set for this computer does not answer.")


def dead_proxy(status: Status) -> Verdict:
    """The same words wherever it shows, so that they make one thing to fix."""
    return Verdict(
        status=status,
        summary=DEAD_PROXY,
        remedy=N_("Ask whether the proxy set for this computer is the right one, and runs."),
        request=N_(
            "Please check the proxy that this computer is given: no connection to it comes"
            " about. Name the right one, or take the setting away where none is needed."
        ),
        owner=Owner.NETWORK_TEAM,
    )


def proxy_failure(ending: ConnectionOutcome | None) -> FailureCode | None:
    """What became of the connection to a dead proxy; None for one that answers."""
    return ending.code if ending is not None and is_dead(ending) else None
