"""A proxy that this computer is to use and that is not there: told alike wherever it shows."""

from natwizard.checks.shared.connection_outcome import ConnectionOutcome, ConnectionStep
from natwizard.checks.verdict import Verdict
from natwizard.model.finding import Detail, Owner, Remedy, Status
from natwizard.model.language import _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.connection.trace import ProxyChoice


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


def unspoken_proxy(entry: str) -> Verdict:
    """Nothing came by the ways that this program has, and browsers have another one.

    Args:
        entry: as `ProxyChoice.unspoken` has it ("socks5://proxy.example.com:1080").
    """
    kind, _mark, place = entry.partition("://")
    return Verdict(
        status=Status.UNKNOWN,
        summary=_("Your settings name a {kind} proxy, which this program cannot use.").format(
            kind=kind.upper()
        ),
        remedy=Remedy(
            text=_("Open the service in the browser: it can use the {kind} proxy {place}.").format(
                kind=kind.upper(), place=place
            ),
            owner=Owner.HELPDESK,
        ),
    )


def passed_over_lines(choice: ProxyChoice | None) -> tuple[Detail, ...]:
    """Proxies that take no connection, and that browsers leave for the next of the list."""
    if choice is None or not choice.passed_over:
        return ()
    return (Detail(label=_("No connection"), text=", ".join(choice.passed_over)),)


def proxy_quantity(ending: ConnectionOutcome | None) -> tuple[Quantity, ...]:
    """What became of the connection to a dead proxy ("proxy_failure"); nothing for others."""
    if ending is None or ending.code is None or not is_dead(ending):
        return ()
    return (Quantity(name="proxy_failure", value=ending.code.value, unit=Unit.TEXT),)
