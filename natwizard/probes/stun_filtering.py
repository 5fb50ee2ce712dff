"""Whom a router lets in: RFC 5780, 4.4, on sockets that have asked one server only.

Needs answers from addresses that were not asked (CHANGE-REQUEST), so only a server of the profile's
owner is asked, and only one that offers OTHER-ADDRESS.
"""

from enum import StrEnum

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.probes.base import ProbeContext
from natwizard.probes.network import Endpoint
from natwizard.probes.reach import side_by_side
from natwizard.probes.stun_client import StunSocket
from natwizard.wire import stun

TRIES = 3
SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.2, 0.6
WAIT_ROUND_TRIPS = 3


class Filtering(StrEnum):
    """RFC 4787's words (5)."""

    ENDPOINT_INDEPENDENT = N_("endpoint-independent")
    ADDRESS_DEPENDENT = N_("address-dependent")
    ADDRESS_AND_PORT_DEPENDENT = N_("address- and port-dependent")


class FilteringTry(Struct, frozen=True, kw_only=True):
    """What one server found; a failure where it answers nobody, or refuses to change."""

    target: str
    ip_version: int
    attempt: Attempt[Filtering]


async def find_filtering(
    context: ProbeContext, target: str, server: Endpoint, other: HostPort
) -> FilteringTry:
    """Ask for an answer from another address and port, and for one from another port only."""

    async def work() -> Filtering:
        beside = HostPort(server.address, other.port)
        both, port_only = await side_by_side(
            [
                _comes_through(context, server, other, stun.CHANGE_ADDRESS | stun.CHANGE_PORT),
                _comes_through(context, server, beside, stun.CHANGE_PORT),
            ]
        )
        if both:
            return Filtering.ENDPOINT_INDEPENDENT
        return Filtering.ADDRESS_DEPENDENT if port_only else Filtering.ADDRESS_AND_PORT_DEPENDENT

    async with context.pace.flow():
        attempt = await context.attempt("ask_stun_to_change", server, work)
    return FilteringTry(
        target=target, ip_version=6 if ":" in server.address else 4, attempt=attempt
    )


async def _comes_through(
    context: ProbeContext, server: Endpoint, answer_from: HostPort, changes: int
) -> bool:
    """A socket of its own: one that has asked elsewhere would have let that in."""
    with StunSocket(context.network.open_udp(server.family)) as asking:
        started_s = context.elapsed_s()
        await asking.ask(server)
        round_trip_s = context.elapsed_s() - started_s
        wait_s = min(LONGEST_WAIT_S, max(SHORTEST_WAIT_S, WAIT_ROUND_TRIPS * round_trip_s))
        try:
            await asking.ask(server, (wait_s,) * TRIES, changes=changes, answer_from=answer_from)
        except TimeoutError:
            return False
        return True
