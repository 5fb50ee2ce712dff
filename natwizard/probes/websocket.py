"""Whether websockets open and bring every message back whole: ws and wss, proxy and direct."""

import random
from collections.abc import Iterator
from dataclasses import replace

from msgspec import Struct

from natwizard.model.finding import FarEnd
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import QuotingText, ServerText
from natwizard.model.profile import PublicUse
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.public_roots import trusting_public
from natwizard.probes.connection.reachability import (
    Looked,
    attempts_from,
    look_up,
    side_by_side,
    spread,
)
from natwizard.probes.connection.trace import Budget, ConnectionPath, find_proxy
from natwizard.probes.connection.web_address import WebAddress, read_address
from natwizard.probes.connection.websocket_client import (
    Echoed,
    WebsocketClient,
    WebsocketReachability,
    reach_websocket,
)
from natwizard.probes.failures import CannotGather

ECHO_TIMEOUT_S = 2.5
ENTRIES = 6
SEED = 20_060
PUSH_BYTES = 70_000  # more than the 64 KiB that buffers commonly hold

# name, size in bytes, frames: a word, more than the 16-bit length field holds, and in pieces
MESSAGES = (("echo_small", 32, 1), ("echo_70_kb", 70_000, 1), ("echo_fragmented", 3_000, 3))
PUBLIC_MESSAGES = (("echo_small", 32, 1), ("echo_fragmented", 1_000, 3))
"""Public echo servers get 1 KiB at most."""


class WebsocketAttempt(Struct, frozen=True, kw_only=True):
    """One entry of targets.websocket by one way.

    Attributes:
        secure: wss, not ws.
        proxy: host:port of the system's proxy for it, or empty for the direct way.
        addresses: the first of each family.
    """

    url: ServerText
    secure: bool
    proxy: QuotingText = ""
    lookup: Looked
    addresses: tuple[WebsocketReachability, ...] = ()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them: the name first, then address by address."""
        return attempts_from(self.lookup, self.addresses)


class WebsocketEvidence(Struct, frozen=True, kw_only=True):
    """Every entry by every way, in the profile's order; `far_end`: whose servers they are."""

    tries: tuple[WebsocketAttempt, ...]
    far_end: FarEnd = FarEnd.SERVICE


async def gather(context: ProbeContext) -> WebsocketEvidence:
    """All entries and ways at once; at most six entries. Public ones where none is set."""
    urls, far_end = context.targets.websocket, FarEnd.SERVICE
    if not urls:
        urls = tuple(server.address for server in context.public_for(PublicUse.WEBSOCKET))
        far_end = FarEnd.PUBLIC
    urls = require_target(urls, "targets.websocket")[:ENTRIES]
    addresses = [read_address(url, "targets.websocket", ("ws", "wss")) for url in urls]
    trust = trusting_public(context.targets.extra_roots)
    tries = await side_by_side(
        _by_all_ways(
            context,
            address,
            ConnectionPath(target=address.target, trust=trust if address.secure else None),
            far_end,
        )
        for address in addresses
    )
    return WebsocketEvidence(tries=tuple(each for ways in tries for each in ways), far_end=far_end)


async def _by_all_ways(
    context: ProbeContext, address: WebAddress, direct: ConnectionPath, far_end: FarEnd
) -> tuple[WebsocketAttempt, ...]:
    async def through_proxy() -> WebsocketAttempt | None:
        proxy = await find_proxy(context, address.proxied_as)
        if proxy is None:
            return None
        return await _reach(context, address, replace(direct, proxy=proxy, tunnel=True), far_end)

    first, second = await side_by_side((_reach(context, address, direct, far_end), through_proxy()))
    return tuple(reached for reached in (first, second) if reached is not None)


async def _reach(
    context: ProbeContext, address: WebAddress, way: ConnectionPath, far_end: FarEnd
) -> WebsocketAttempt:
    lookup = await look_up(context, way.first_hop)

    async def exercise(talk: WebsocketClient, budget: Budget) -> tuple[Attempt[Echoed], ...]:
        messages = PUBLIC_MESSAGES if far_end is FarEnd.PUBLIC else MESSAGES
        return await _echo_all(context, address, talk, budget, messages)

    return WebsocketAttempt(
        url=str(address),
        secure=address.secure,
        proxy=str(way.proxy) if way.proxy else "",
        lookup=lookup,
        addresses=await side_by_side(
            reach_websocket(context, endpoint, address, way, exercise)
            for endpoint in spread(lookup.value or (), 1)
        ),
    )


async def _echo_all(
    context: ProbeContext,
    address: WebAddress,
    talk: WebsocketClient,
    budget: Budget,
    messages: tuple[tuple[str, int, int], ...],
) -> tuple[Attempt[Echoed], ...]:
    """One message after the other; after a failure the connection proves nothing more."""
    bytes_of = random.Random(SEED)  # noqa: S311 - content that no filter knows, not a secret
    echoes: list[Attempt[Echoed]] = []
    for name, size, frames in messages:
        message = bytes_of.randbytes(size)
        echo = await context.attempt(
            name,
            address,
            lambda message=message, frames=frames: _echo(  # type: ignore[misc]
                talk, message, frames, budget, push=messages is MESSAGES
            ),
        )
        echoes.append(echo)
        if not echo.ok:
            break
    return tuple(echoes)


async def _echo(
    talk: WebsocketClient, message: bytes, frames: int, budget: Budget, *, push: bool
) -> Echoed:
    """As `WebsocketTalk.echo`; what seems lost may wait in a buffer until there is more.

    `push`: whether as much may be sent behind it; a stranger's server is not asked for that.
    """
    try:
        timeout_s = budget.at_most(ECHO_TIMEOUT_S)
        return await talk.echo(message, frames=frames, timeout_s=timeout_s)
    except TimeoutError as lost:
        if not push:
            raise
        more = bytes(PUSH_BYTES)
        if not await talk.comes_after(message, more, timeout_s=budget.at_most(ECHO_TIMEOUT_S)):
            raise
        raise CannotGather(
            Failure(
                code=FailureCode.HELD_BACK,
                operation="echo_message",
                detail=f"{len(message)} bytes came back after {PUSH_BYTES} more were sent",
            )
        ) from lost


WEBSOCKET = Probe(
    name="websocket",
    title=N_("Opening websockets"),
    evidence=WebsocketEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.8,
    deadline_s=20.0,
    gather=gather,
)
