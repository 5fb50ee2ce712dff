"""A proxy that this computer is to use and that is not there: told alike wherever it shows."""

from collections.abc import Mapping
from typing import Final

from natwizard.checks.shared.connection_outcome import ConnectionOutcome, ConnectionStep
from natwizard.checks.verdict import Verdict, unknown
from natwizard.model.finding import Detail, Owner, Status
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode
from natwizard.probes.connection.trace import ProxyChoice


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


UNSPOKEN_PROXY: Final = unknown(
    N_("Your settings name a {kind} proxy, which this program cannot use."),
    N_("Open the service in the browser: it can use the {kind} proxy {place}."),
    owner=Owner.HELPDESK,
)
"""Nothing came by the ways that this program has, and browsers have another one."""


def unspoken_texts(choice: ProxyChoice | None) -> Mapping[str, object]:
    """The fields of UNSPOKEN_PROXY, from "socks5://proxy.example.com:1080"; empty where none is."""
    kind, _mark, place = (choice.unspoken if choice is not None else "").partition("://")
    return {"kind": kind.upper(), "place": place}


def passed_over_lines(choice: ProxyChoice | None) -> tuple[Detail, ...]:
    """Proxies that take no connection, and that browsers leave for the next of the list."""
    if choice is None or not choice.passed_over:
        return ()
    return (Detail(label=_("No connection"), text=", ".join(choice.passed_over)),)
