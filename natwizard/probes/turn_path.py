"""A way round through a TURN server: out by one allocation, and back by another.

What we send from the first to the address of the second comes back to us, so an owner can have
calls measured with a TURN server as it is. One way there and one way back, as with a reflector;
only where a packet got lost nobody can tell.
"""

import socket
from contextlib import ExitStack

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import Attempt
from natwizard.probes.arrival import prepare_arrivals
from natwizard.probes.base import ProbeContext, require_target
from natwizard.probes.media_path import (
    PAYLOAD_BYTES,
    Greeting,
    Lane,
    MediaPath,
    PathTried,
    greet,
    new_session,
)
from natwizard.probes.network import Endpoint
from natwizard.probes.reach import look_up, side_by_side, spread
from natwizard.probes.turn_client import TurnSocket, channel_head, read_looped

DEFAULT_PORT = 3478


async def open_turn_path(context: ProbeContext) -> tuple[MediaPath | None, PathTried]:
    """Two allocations on the first address that gives them, bound to each other, and a greeting.

    Raises CannotGather where the profile has no credentials.
    """
    targets = context.targets
    require_target(targets.turn_user, "targets.turn_user")
    require_target(targets.turn_password, "targets.turn_password")
    lookup = await look_up(context, parse_host_port(targets.turn, default_port=DEFAULT_PORT))
    allocations: list[Attempt[str]] = []
    greetings: list[Attempt[Greeting]] = []
    path = None
    for endpoint in spread(lookup.value or (), 1):
        path = await _try(context, endpoint, allocations, greetings)
        if path is not None:
            break
    tried = PathTried(
        target=targets.turn,
        lookup=lookup,
        allocations=tuple(allocations),
        greetings=tuple(greetings),
    )
    return path, tried


async def _try(
    context: ProbeContext,
    endpoint: Endpoint,
    allocations: list[Attempt[str]],
    greetings: list[Attempt[Greeting]],
) -> MediaPath | None:
    with ExitStack() as opened:
        pair = [_open(context, endpoint, opened) for _side in ("out", "back")]
        relayed: list[HostPort] = []
        for side in pair:
            attempt = await _allocate(context, endpoint, side, relayed)
            allocations.append(attempt)
            if not attempt.ok:
                return None
            opened.callback(_release, side)
        lane = Lane(
            out=pair[0].datagrams,
            back=pair[1].datagrams,
            session=new_session(),
            head=channel_head(0x4000, PAYLOAD_BYTES),
            read=read_looped,
        )

        async def work() -> Greeting:
            await side_by_side([pair[0].bind(relayed[1]), pair[1].bind(relayed[0])])
            return await greet(lane)

        greetings.append(await context.attempt("greet_through_turn", endpoint, work))
        greeting = greetings[-1].value
        if greeting is None:
            return None
        opened.pop_all()
    farewells = tuple((side.datagrams, side.release()) for side in pair)
    return MediaPath(lane=lane, endpoint=endpoint, greeting=greeting, farewells=farewells)


def _open(context: ProbeContext, endpoint: Endpoint, opened: ExitStack) -> TurnSocket:
    datagrams: socket.socket = opened.enter_context(context.network.open_udp(endpoint.family))
    prepare_arrivals(datagrams)
    datagrams.connect((endpoint.address, endpoint.port))
    return TurnSocket(datagrams, context.targets.turn_user, context.targets.turn_password)
