"""Whether an open websocket on which nobody speaks stays open: what idle timeouts cut."""

from dataclasses import replace

from msgspec import Struct

from natwizard.model.language import N_, _
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import QuotingText, ServerText
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.public_roots import trusting_public
from natwizard.probes.connection.reachability import Looked, look_up, side_by_side, spread
from natwizard.probes.connection.trace import Budget, ConnectionPath, choose_proxy
from natwizard.probes.connection.web_address import WebAddress, read_address
from natwizard.probes.connection.websocket_client import (
    Echoed,
    WebsocketClient,
    WebsocketReachability,
    offer_of,
    reach_websocket,
)

# Each holds connections open for more than a minute
ENTRIES = 4
PING_TIMEOUT_S = 3.0
# For settings, name and connection, of one silent address and of the one after it
OPENING_S = 27.0
# Of 75 s: every three seconds people see that it goes on
PROGRESS_STEPS = 25
TITLE = N_("Holding a quiet websocket")


class WebsocketHold(Struct, frozen=True, kw_only=True):
    """One entry of targets.websocket by one way.

    Attributes:
        address: the first that upgraded, or the last that was tried; its last echo is the hold.
    """

    url: ServerText
    proxy: QuotingText = ""
    lookup: Looked
    address: WebsocketReachability | None = None

    @property
    def hold(self) -> Attempt[Echoed] | None:
        """The time of silence and the ping after it; how long it lasted is its duration."""
        echoes = self.address.echoes if self.address is not None else ()
        return echoes[-1] if len(echoes) > 1 else None


class HoldEvidence(Struct, frozen=True, kw_only=True):
    """Every entry by every way, in the profile's order; `idle_s` is the silence that was meant."""

    idle_s: float
    tries: tuple[WebsocketHold, ...]


def make_hold_probe(idle_s: float) -> Probe[HoldEvidence]:
    """A probe that stays silent for so many seconds, then asks for a sign of life."""

    async def gather(context: ProbeContext) -> HoldEvidence:
        urls = require_target(context.targets.websocket, "targets.websocket")[:ENTRIES]
        addresses = [read_address(url, "targets.websocket", ("ws", "wss")) for url in urls]
        holding = _Holding(context, idle_s)
        held = await side_by_side(holding.by_all_ways(address) for address in addresses)
        return HoldEvidence(idle_s=idle_s, tries=tuple(each for ways in held for each in ways))

    return Probe(
        name="websocket_hold",
        title=TITLE,
        evidence=HoldEvidence,
        phase=Phase.SOAK,
        typical_s=idle_s + 1,
        deadline_s=idle_s + OPENING_S + PING_TIMEOUT_S,
        gather=gather,
    )


class _Holding:
    def __init__(self, context: ProbeContext, idle_s: float) -> None:
        self._context = context
        self._idle_s = idle_s

    async def by_all_ways(self, address: WebAddress) -> tuple[WebsocketHold, ...]:
        roots = self._context.targets.extra_roots
        direct = ConnectionPath(
            target=address.target, trust=trusting_public(roots) if address.secure else None
        )
        choice = await choose_proxy(self._context, str(address), address.target)
        ways = [direct]
        if choice.proxy is not None:
            ways.append(replace(direct, proxy=choice.proxy, tunnel=True))
        return await side_by_side(self._by(address, way) for way in ways)

    async def _by(self, address: WebAddress, way: ConnectionPath) -> WebsocketHold:
        lookup = await look_up(self._context, way.first_hop)
        reached = None
        for endpoint in spread(lookup.value or (), 1):
            reached = await reach_websocket(
                self._context,
                endpoint,
                address,
                way,
                lambda talk, budget: self._hold(address, talk, budget),
                offer_of(self._context.targets),
            )
            if reached.upgraded:
                break
        return WebsocketHold(
            url=str(address),
            proxy=str(way.proxy) if way.proxy else "",
            lookup=lookup,
            address=reached,
        )

    async def _hold(
        self, address: WebAddress, talk: WebsocketClient, budget: Budget
    ) -> tuple[Attempt[Echoed], ...]:
        """A ping to see that there is life, the silence, and a ping after it."""

        async def ping() -> Echoed:
            size = await talk.ping(timeout_s=budget.at_most(PING_TIMEOUT_S))
            return Echoed(size_bytes=size, frames=1)

        async def hold() -> Echoed:
            for step in range(PROGRESS_STEPS):
                self._context.progress(step / PROGRESS_STEPS, _(TITLE))
                await talk.stay_idle(self._idle_s / PROGRESS_STEPS)
            size = await talk.ping(timeout_s=PING_TIMEOUT_S)
            return Echoed(size_bytes=size, frames=1)

        first = await self._context.attempt("ping_websocket", address, ping)
        if not first.ok:
            return (first,)
        return (first, await self._context.attempt("hold_websocket", address, hold))


# The default of `idle_s`; for other limits the check makes a probe of its own (decision 11)
WEBSOCKET_HOLD = make_hold_probe(75.0)
