"""Whether the webphone's secure websocket can be opened, and whether a control server's can."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from msgspec import Struct

from natwizard.model.address import WEBPHONE_PORT, HostPort
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import QuotingText, ServerText
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.public_roots import trusting_public
from natwizard.probes.connection.reachability import (
    Looked,
    attempts_from,
    by_addresses,
    look_up,
    side_by_side,
)
from natwizard.probes.connection.trace import Budget, ConnectionPath, ProxyChoice, choose_proxy
from natwizard.probes.connection.web_address import WebAddress, read_target
from natwizard.probes.connection.websocket_client import (
    Echoed,
    WebsocketClient,
    WebsocketOffer,
    WebsocketReachability,
    reach_websocket,
    split_offer,
)

# Only silence is tried again; three times 3 s fit the budget of one address
TRIES = 3
ADDRESSES_PER_FAMILY = 2
PING_TIMEOUT_S = 1.0


class WebphoneTry(Struct, frozen=True, kw_only=True):
    """One server by one way.

    Attributes:
        proxy: host:port of the system's proxy for it, or empty for the direct way.
        addresses: at most two of each family, tried side by side.
    """

    target: ServerText
    proxy: QuotingText = ""
    lookup: Looked
    addresses: tuple[WebsocketReachability, ...] = ()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them: the name first, then address by address."""
        return attempts_from(self.lookup, self.addresses)


class WebphoneEvidence(Struct, frozen=True, kw_only=True):
    """How far the webphone's websocket came.

    Attributes:
        port: the TCP port that was tried.
        proxied: through the system's proxy, which browsers would use; None where none is set.
        control: another server, the direct way; None where the profile names none.
        proxied_control: the same through the proxy.
        choice: how the proxy was chosen, or that there is none.
    """

    port: int
    direct: WebphoneTry
    proxied: WebphoneTry | None = None
    control: WebphoneTry | None = None
    proxied_control: WebphoneTry | None = None
    choice: ProxyChoice = ProxyChoice()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them, way by way."""
        for way in (self.direct, self.control, self.proxied, self.proxied_control):
            if way is not None:
                yield from way.attempts()


async def gather(context: ProbeContext) -> WebphoneEvidence:
    """Service and control, all addresses and ways at once."""
    targets = context.targets
    text = require_target(targets.webphone, "targets.webphone")
    service = read_target(text, "targets.webphone", default_port=WEBPHONE_PORT)
    asked = [_address(service, targets.webphone_path)]
    if targets.webphone_control:
        control = read_target(
            targets.webphone_control, "targets.webphone_control", default_port=service.port
        )
        asked.append(_address(control, "/"))
    trust = trusting_public(targets.extra_roots)
    direct = [
        (address, ConnectionPath(target=address.target, trust=trust, tries=TRIES, doubts_size=True))
        for address in asked
    ]

    async def by_direct_way() -> tuple[WebphoneTry, ...]:
        return await side_by_side(_reach(context, address, way) for address, way in direct)

    async def through_proxy() -> tuple[ProxyChoice, tuple[WebphoneTry, ...]]:
        choice = await choose_proxy(context, str(asked[0]), service)
        if choice.proxy is None:
            return choice, ()
        return choice, await side_by_side(
            _reach(context, address, replace(way, proxy=choice.proxy, tunnel=True))
            for address, way in direct
        )

    async with asyncio.TaskGroup() as group:
        direct_tries = group.create_task(by_direct_way())
        proxied_tries = group.create_task(through_proxy())
    directly, (choice, proxied) = direct_tries.result(), proxied_tries.result()
    return WebphoneEvidence(
        port=service.port,
        direct=directly[0],
        control=directly[1] if len(directly) > 1 else None,
        proxied=proxied[0] if proxied else None,
        proxied_control=proxied[1] if len(proxied) > 1 else None,
        choice=choice,
    )


def _address(target: HostPort, path: str) -> WebAddress:
    return WebAddress(
        scheme="wss", target=target, resource=path if path.startswith("/") else f"/{path}"
    )


async def _reach(context: ProbeContext, address: WebAddress, way: ConnectionPath) -> WebphoneTry:
    lookup = await look_up(context, way.first_hop)
    once = replace(way, tries=1)
    offer = WebsocketOffer(
        origin=context.targets.webphone_origin,
        subprotocols=split_offer(context.targets.webphone_protocol),
    )

    async def exercise(talk: WebsocketClient, budget: Budget) -> tuple[Attempt[Echoed], ...]:
        # a ping, not an echo: the service owes nobody an echo, and every server owes a pong
        return (await context.attempt("ping_websocket", address, lambda: _ping(talk, budget)),)

    return WebphoneTry(
        target=str(address.target),
        proxy=str(way.proxy) if way.proxy else "",
        lookup=lookup,
        addresses=await by_addresses(
            lookup.value or (),
            ADDRESSES_PER_FAMILY,
            lambda endpoint: reach_websocket(context, endpoint, address, way, exercise, offer),
            lambda endpoint: reach_websocket(context, endpoint, address, once, exercise, offer),
        ),
    )


async def _ping(talk: WebsocketClient, budget: Budget) -> Echoed:
    size = await talk.ping(timeout_s=budget.at_most(PING_TIMEOUT_S))
    return Echoed(size_bytes=size, frames=1)


WEBPHONE = Probe(
    name="webphone",
    title=N_("Opening the webphone's connection"),
    evidence=WebphoneEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.8,
    deadline_s=60.0,
    shares_line=True,
    gather=gather,
)
