"""Whether websockets open and bring every message back whole: ws and wss, proxy and direct."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace

from msgspec import Struct, structs

from natwizard.model.language import N_
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import QuotingText, ServerText
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.public_roots import trusting_public
from natwizard.probes.connection.reachability import (
    Looked,
    attempts_from,
    look_up,
    side_by_side,
    spread,
)
from natwizard.probes.connection.trace import Budget, ConnectionPath, ProxyChoice, choose_proxy
from natwizard.probes.connection.web_address import WebAddress, read_address
from natwizard.probes.connection.websocket_client import (
    Echoed,
    WebsocketClient,
    WebsocketReachability,
    offer_of,
    reach_websocket,
)
from natwizard.probes.failures import CannotGather

ECHO_TIMEOUT_S = 2.5
ENTRIES = 6
SEED = 20_060
PUSH_BYTES = 70_000  # more than the 64 KiB that buffers commonly hold

# name, size in bytes, frames: a word, more than the 16-bit length field holds, and in pieces
MESSAGES = (("echo_small", 32, 1), ("echo_70_kb", 70_000, 1), ("echo_fragmented", 3_000, 3))


class WebsocketAttempt(Struct, frozen=True, kw_only=True):
    """One entry of targets.websocket by one way.

    Attributes:
        secure: wss, not ws.
        proxy: host:port of the system's proxy for it, or empty for the direct way.
        choice: how the proxy was chosen, of the try through it or, where browsers go past all
            proxies, of the direct one; None for a direct try beside a proxy's.
        addresses: the first of each family.
    """

    url: ServerText
    secure: bool
    proxy: QuotingText = ""
    choice: ProxyChoice | None = None
    lookup: Looked
    addresses: tuple[WebsocketReachability, ...] = ()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them: the name first, then address by address."""
        return attempts_from(self.lookup, self.addresses)


class WebsocketEvidence(Struct, frozen=True, kw_only=True):
    """Every entry by every way, in the profile's order."""

    tries: tuple[WebsocketAttempt, ...]


async def gather(context: ProbeContext) -> WebsocketEvidence:
    """All entries and ways at once; at most six entries."""
    urls = require_target(context.targets.websocket, "targets.websocket")[:ENTRIES]
    addresses = [read_address(url, "targets.websocket", ("ws", "wss")) for url in urls]
    trust = trusting_public(context.targets.extra_roots)
    tries = await side_by_side(
        _by_all_ways(
            context,
            address,
            ConnectionPath(target=address.target, trust=trust if address.secure else None),
        )
        for address in addresses
    )
    return WebsocketEvidence(tries=tuple(each for ways in tries for each in ways))


async def _by_all_ways(
    context: ProbeContext, address: WebAddress, direct: ConnectionPath
) -> tuple[WebsocketAttempt, ...]:
    async def through_proxy() -> tuple[ProxyChoice, WebsocketAttempt | None]:
        choice = await choose_proxy(context, str(address), address.target)
        if choice.proxy is None:
            return choice, None
        way = replace(direct, proxy=choice.proxy, tunnel=True)
        return choice, await _reach(context, address, way)

    async with asyncio.TaskGroup() as group:
        first = group.create_task(_reach(context, address, direct))
        second = group.create_task(through_proxy())
    choice, proxied = second.result()
    if proxied is None:
        return (structs.replace(first.result(), choice=choice),)
    return (first.result(), structs.replace(proxied, choice=choice))


async def _reach(
    context: ProbeContext, address: WebAddress, way: ConnectionPath
) -> WebsocketAttempt:
    lookup = await look_up(context, way.first_hop)

    async def exercise(talk: WebsocketClient, budget: Budget) -> tuple[Attempt[Echoed], ...]:
        return await _echo_all(context, address, talk, budget)

    return WebsocketAttempt(
        url=str(address),
        secure=address.secure,
        proxy=str(way.proxy) if way.proxy else "",
        lookup=lookup,
        addresses=await side_by_side(
            reach_websocket(context, endpoint, address, way, exercise, offer_of(context.targets))
            for endpoint in spread(lookup.value or (), 1)
        ),
    )


async def _echo_all(
    context: ProbeContext, address: WebAddress, talk: WebsocketClient, budget: Budget
) -> tuple[Attempt[Echoed], ...]:
    """One message after the other; after a failure the connection proves nothing more."""
    bytes_of = random.Random(SEED)  # noqa: S311 - content that no filter knows, not a secret
    echoes: list[Attempt[Echoed]] = []
    for name, size, frames in MESSAGES:
        message = bytes_of.randbytes(size)
        echo = await context.attempt(
            name,
            address,
            lambda message=message, frames=frames: _echo(  # type: ignore[misc]
                talk, message, frames, budget
            ),
        )
        echoes.append(echo)
        if not echo.ok:
            break
    return tuple(echoes)


async def _echo(talk: WebsocketClient, message: bytes, frames: int, budget: Budget) -> Echoed:
    """As `WebsocketTalk.echo`; what seems lost may wait in a buffer until there is more."""
    try:
        timeout_s = budget.at_most(ECHO_TIMEOUT_S)
        return await talk.echo(message, frames=frames, timeout_s=timeout_s)
    except TimeoutError as lost:
        push = bytes(PUSH_BYTES)
        if not await talk.comes_after(message, push, timeout_s=budget.at_most(ECHO_TIMEOUT_S)):
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
