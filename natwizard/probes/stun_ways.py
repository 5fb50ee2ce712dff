"""Asks a STUN server by each interface that leads out, where a computer has several.

The preferred one carries calls; the others show what would change with another cable or network.
"""

import ipaddress
import socket
from collections.abc import Mapping

from msgspec import Struct

from natwizard.model.outcome import Attempt
from natwizard.probes.base import ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.network import Endpoint, WayOut
from natwizard.probes.reach import side_by_side
from natwizard.probes.stun_client import Reflection, StunSocket

WAYS_AT_MOST = 4


class StunWay(Struct, frozen=True, kw_only=True):
    """One interface asking one server.

    Attributes:
        preferred: the system itself would take this way.
    """

    interface: str
    local_address: str
    preferred: bool
    attempt: Attempt[Reflection]


async def ask_by_interface(
    context: ProbeContext, servers: Mapping[socket.AddressFamily, Endpoint]
) -> tuple[StunWay, ...]:
    """One question each; none where a family has but one way, or its server is this computer."""
    tried = [
        await _ask_family(context, endpoint)
        for endpoint in servers.values()
        if not ipaddress.ip_address(endpoint.address.partition("%")[0]).is_loopback
    ]
    return tuple(way for family in tried for way in family)


async def _ask_family(context: ProbeContext, endpoint: Endpoint) -> tuple[StunWay, ...]:
    ways = await run_detached(lambda: context.network.ways_out(endpoint.family), name="ways out")
    if len(ways) < 2:
        return ()
    route = context.network.route_to(endpoint)
    preferred = route.interface if route is not None else ""
    return await side_by_side(
        [
            _ask(context, way, endpoint, preferred=way.interface == preferred)
            for way in ways[:WAYS_AT_MOST]
        ]
    )


async def _ask(
    context: ProbeContext, way: WayOut, endpoint: Endpoint, *, preferred: bool
) -> StunWay:
    async def work() -> Reflection:
        with StunSocket(context.network.open_udp_by(way)) as asking:
            return await asking.ask(endpoint)

    async with context.pace.flow():
        attempt = await context.attempt(f"ask_stun_by {way.interface}", endpoint, work)
    return StunWay(
        interface=way.interface,
        local_address=way.local_address,
        preferred=preferred,
        attempt=attempt,
    )
