"""Whether websockets open and bring every message back whole: ws and wss, proxy and direct."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace

from msgspec import Struct, structs

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
    by_addresses,
    is_silent,
    look_up,
    side_by_side,
)
from natwizard.probes.connection.trace import (
    Budget,
    ConnectionPath,
    ProxyChoice,
    choose_proxy,
    try_segments,
)
from natwizard.probes.connection.web_address import WebAddress, read_address
from natwizard.probes.connection.websocket_client import (
    BUDGET_S,
    Echoed,
    Exercise,
    WebsocketClient,
    WebsocketReachability,
    offer_of,
    reach_websocket,
)
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint

# Decision 112, with what a slow line adds to it
ECHO_TIMEOUT_S = 2.5
ROUND_TRIPS = 8
"""So many more a large message takes on a new connection, which begins slowly (RFC 5681)."""

LARGE_S = 1.5
"""So long a large message may fill the line: on a thin one it is a smaller message."""

LARGE_AT_LEAST, LARGE_BYTES = 4_000, 70_000
# The rate is measured with 3,000 bytes, and the line may be busier a moment later
TIMES_EXPECTED = 4
STILL_S = 1.5
"""Before anything is called lost or held back: a line may be slow, or busy with us."""

UNECHOED = Failure(
    code=FailureCode.UNANSWERED, operation="echo_message", detail="it arrived, and no echo came"
)
# Each by two ways and two families
ENTRIES = 6
# The same bytes in every run, so that what a filter does to them can be repeated
SEED = 20_060
PUSH_BYTES = 70_000  # more than the 64 KiB that buffers commonly hold
SMALL_BYTES, FRAGMENTED_BYTES, FRAGMENTS = 32, 3_000, 3
FULL_SEGMENTS_BYTES = 8_000
"""Fills five segments of an Ethernet's size, each way."""
PUBLIC_FRAGMENTED_BYTES = 1_000
"""Public echo servers get 1 KiB at most, and nothing large."""


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
    """Every entry by every way, in the profile's order.

    Attributes:
        far_end: whose servers they are.
        test_page: the service's own page to test websockets on, or empty.
    """

    tries: tuple[WebsocketAttempt, ...]
    far_end: FarEnd = FarEnd.SERVICE
    test_page: ServerText = ""


async def gather(context: ProbeContext) -> WebsocketEvidence:
    """All entries and ways at once, at most six entries; large messages one after the other.

    Public servers where none is set: they get small messages only.
    """
    urls, far_end = context.targets.websocket, FarEnd.SERVICE
    if not urls:
        urls = tuple(server.address for server in context.public_for(PublicUse.WEBSOCKET))
        far_end = FarEnd.PUBLIC
    urls = require_target(urls, "targets.websocket")[:ENTRIES]
    addresses = [read_address(url, "targets.websocket", ("ws", "wss")) for url in urls]
    trust = trusting_public(context.targets.extra_roots)
    large_turn = asyncio.Lock()
    tries = await side_by_side(
        _by_all_ways(
            context,
            address,
            ConnectionPath(
                target=address.target, trust=trust if address.secure else None, doubts_size=True
            ),
            None if far_end is FarEnd.PUBLIC else large_turn,
        )
        for address in addresses
    )
    return WebsocketEvidence(
        tries=tuple(each for ways in tries for each in ways),
        far_end=far_end,
        test_page=context.targets.websocket_test,
    )


async def _by_all_ways(
    context: ProbeContext,
    address: WebAddress,
    direct: ConnectionPath,
    large_turn: asyncio.Lock | None,
) -> tuple[WebsocketAttempt, ...]:
    async def through_proxy() -> tuple[ProxyChoice, WebsocketAttempt | None]:
        choice = await choose_proxy(context, str(address), address.target)
        if choice.proxy is None:
            return choice, None
        way = replace(direct, proxy=choice.proxy, tunnel=True)
        return choice, await _reach(context, address, way, large_turn)

    async with asyncio.TaskGroup() as group:
        first = group.create_task(_reach(context, address, direct, large_turn))
        second = group.create_task(through_proxy())
    choice, proxied = second.result()
    if proxied is None:
        return (structs.replace(first.result(), choice=choice),)
    return (first.result(), structs.replace(proxied, choice=choice))


async def _reach(
    context: ProbeContext, address: WebAddress, way: ConnectionPath, large_turn: asyncio.Lock | None
) -> WebsocketAttempt:
    lookup = await look_up(context, way.first_hop)

    async def exercise(talk: WebsocketClient, budget: Budget) -> tuple[Attempt[Echoed], ...]:
        direct = way.proxy is None
        return await _echo_all(context, address, talk, budget, large_turn, direct=direct)

    return WebsocketAttempt(
        url=str(address),
        secure=address.secure,
        proxy=str(way.proxy) if way.proxy else "",
        lookup=lookup,
        addresses=await by_addresses(
            lookup.value or (),
            1,
            lambda endpoint: _reach_from(context, endpoint, address, way, exercise, large_turn),
        ),
    )


async def _reach_from(
    context: ProbeContext,
    endpoint: Endpoint,
    address: WebAddress,
    way: ConnectionPath,
    exercise: Exercise,
    large_turn: asyncio.Lock | None,
) -> WebsocketReachability:
    """All messages by one address; whether the size of packets is why only large ones get lost."""
    offer = offer_of(context.targets)
    reached = await reach_websocket(context, endpoint, address, way, exercise, offer)
    small_came = any(each.ok for each in reached.echoes)
    lost = small_came and is_silent(reached.echoes[-1])
    if not lost or large_turn is None or way.proxy is not None:
        return reached

    async def echo(talk: WebsocketClient, budget: Budget) -> tuple[Attempt[Echoed], ...]:
        message = random.Random(SEED).randbytes(FULL_SEGMENTS_BYTES)  # noqa: S311 - as above
        patience_s = ECHO_TIMEOUT_S + ROUND_TRIPS * reached.echoes[0].duration_s
        budget.renew(patience_s)

        async def work() -> Echoed:
            return await talk.echo(message, frames=1, timeout_s=budget.at_most(patience_s))

        return (await context.attempt("echo_large", address, work),)

    async def with_segments(size_bytes: int) -> None:
        other = replace(way, segment_bytes=size_bytes, doubts_size=False)
        once_more = await reach_websocket(context, endpoint, address, other, echo, offer)
        if (failure := once_more.failure()) is not None:
            raise CannotGather(failure)

    trial = await try_segments(context, address, Budget(0), with_segments)
    return structs.replace(reached, segments=trial)


async def _echo_all(
    context: ProbeContext,
    address: WebAddress,
    talk: WebsocketClient,
    budget: Budget,
    large_turn: asyncio.Lock | None,
    *,
    direct: bool,
) -> tuple[Attempt[Echoed], ...]:
    """A word, a message in pieces, and one over 64 KiB, more than the 16-bit length field holds.

    The first two tell the round trip and the rate, which the last one is scaled to. After a
    failure the connection proves nothing more. Without `large_turn` nothing large is sent.
    """
    bytes_of = random.Random(SEED)  # noqa: S311 - content that no filter knows, not a secret
    echoes: list[Attempt[Echoed]] = []

    async def echo(name: str, size: int, frames: int, patience_s: float) -> bool:
        message = bytes_of.randbytes(size)
        budget.renew(BUDGET_S + STILL_S + 2 * patience_s)
        attempt = await context.attempt(
            name,
            address,
            lambda: _echo(
                talk,
                message,
                frames,
                budget,
                patience_s,
                push=large_turn is not None,
                direct=direct,
            ),
        )
        echoes.append(attempt)
        return attempt.ok

    if not await echo("echo_small", SMALL_BYTES, 1, ECHO_TIMEOUT_S):
        return tuple(echoes)
    round_trip_s = echoes[0].duration_s
    patience_s = ECHO_TIMEOUT_S + ROUND_TRIPS * round_trip_s
    pieces = FRAGMENTED_BYTES if large_turn is not None else PUBLIC_FRAGMENTED_BYTES
    if not await echo("echo_fragmented", pieces, FRAGMENTS, patience_s) or large_turn is None:
        return tuple(echoes)
    size, expected_s = large_message(round_trip_s, echoes[1].duration_s)
    async with large_turn:
        await echo("echo_large", size, 1, patience_s + TIMES_EXPECTED * expected_s)
    return tuple(echoes)


def large_message(small_s: float, fragmented_s: float) -> tuple[int, float]:
    """Size of the large message in bytes, and the seconds that it should take beyond a round
    trip; from how long the first two messages took.
    """
    per_byte_s = max(0.0, fragmented_s - small_s) / FRAGMENTED_BYTES
    size = LARGE_BYTES
    if per_byte_s * LARGE_BYTES > LARGE_S:
        size = max(LARGE_AT_LEAST, round(LARGE_S / per_byte_s))
    return size, per_byte_s * size


async def _echo(
    talk: WebsocketClient,
    message: bytes,
    frames: int,
    budget: Budget,
    patience_s: float,
    *,
    push: bool,
    direct: bool,
) -> Echoed:
    """As `WebsocketClient.echo`; what seems lost may be slow, or wait in a buffer for more, or the
    server owes the echo.

    Args:
        push: whether as much may be sent behind it; a stranger's server is not asked for that.
        direct: no proxy is in between, who would acknowledge what he got.
    """
    try:
        return await talk.echo(message, frames=frames, timeout_s=budget.at_most(patience_s))
    except TimeoutError as lost:
        if await talk.comes_after(message, b"", timeout_s=budget.at_most(STILL_S)):
            return Echoed(size_bytes=len(message), frames=frames)
        # of a large message an answer may be lost that is large as well, though all arrived
        arrived = direct and len(message) <= SMALL_BYTES and talk.all_arrived()
        more = bytes(PUSH_BYTES if len(message) <= FRAGMENTED_BYTES else len(message))
        pushed = push and await talk.comes_after(
            message, more, timeout_s=budget.at_most(patience_s)
        )
        if not pushed:
            if arrived or await talk.took_all(timeout_s=budget.at_most(STILL_S)):
                raise CannotGather(UNECHOED) from lost
            raise
        raise CannotGather(
            Failure(
                code=FailureCode.HELD_BACK,
                operation="echo_message",
                detail=f"{len(message)} bytes came back after {len(more)} more were sent",
            )
        ) from lost


WEBSOCKET = Probe(
    name="websocket",
    title=N_("Opening websockets"),
    evidence=WebsocketEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.8,
    # where large messages get lost: four connections, one after the other
    deadline_s=120.0,
    gather=gather,
)
