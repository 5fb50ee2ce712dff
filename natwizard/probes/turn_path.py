"""A way round through a TURN server: out by one allocation, and back by another.

What we send from the first to the address of the second comes back to us, so an owner can have
calls measured with a TURN server as it is. One way there and one way back, as with a reflector;
only where a packet got lost nobody can tell.
"""

from contextlib import ExitStack, suppress

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
from natwizard.probes.reach import attempt_opening, look_up, spread
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
        pair: list[tuple[TurnSocket, HostPort]] = []
        for _side in ("out", "back"):
            attempt = await _allocate(context, endpoint, opened, pair)
            allocations.append(attempt)
            if not attempt.ok:
                return None
        (out, out_address), (back, back_address) = pair

        async def work() -> tuple[Lane, Greeting]:
            channel = await out.bind(back_address)
            await back.bind(out_address)
            lane = Lane(
                out=out.datagrams,
                back=back.datagrams,
                session=new_session(),
                head=channel_head(channel, PAYLOAD_BYTES),
                read=read_looped,
            )
            return lane, await greet(lane)

        lane, greeted = await attempt_opening(context, "greet_through_turn", endpoint, work)
        greetings.append(greeted)
        if lane is None or greeted.value is None:
            return None
        opened.pop_all()
    farewells = tuple((side.datagrams, side.release()) for side in (out, back))
    return MediaPath(lane=lane, endpoint=endpoint, greeting=greeted.value, farewells=farewells)


async def _allocate(
    context: ProbeContext,
    endpoint: Endpoint,
    opened: ExitStack,
    pair: list[tuple[TurnSocket, HostPort]],
) -> Attempt[str]:
    async def work() -> str:
        datagrams = opened.enter_context(context.network.open_udp(endpoint.family))
        prepare_arrivals(datagrams)
        datagrams.connect((endpoint.address, endpoint.port))
        side = TurnSocket(datagrams, context.targets.turn_user, context.targets.turn_password)
        relayed = await side.allocate()
        opened.callback(_give_back, side)
        pair.append((side, relayed))
        return str(relayed)

    async with context.pace.flow():
        return await context.attempt("allocate_turn", endpoint, work)


def _give_back(side: TurnSocket) -> None:
    with suppress(OSError):
        side.datagrams.send(side.release())
