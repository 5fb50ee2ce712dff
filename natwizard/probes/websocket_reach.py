"""How far a websocket comes at one address: connection, upgrade, and what its caller then does."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from natwizard.model.outcome import Attempt
from natwizard.probes.base import ProbeContext
from natwizard.probes.journey import Budget, Way, open_stream
from natwizard.probes.network import Endpoint
from natwizard.probes.reach import Reach, attempt_opening
from natwizard.probes.web_address import WebAddress
from natwizard.probes.websocket_talk import Echoed, Upgraded, WebsocketTalk

UPGRADE_TIMEOUT_S = 3.0
BUDGET_S = 9.5

Exercise = Callable[[WebsocketTalk, Budget], Awaitable[tuple[Attempt[Echoed], ...]]]


class WebsocketReach(Struct, frozen=True, kw_only=True):
    """How far one address came; `upgrade` is None where the connection did not stand.

    Attributes:
        echoes: what was sent afterwards and came back; empty where the upgrade failed.
    """

    reach: Reach
    upgrade: Attempt[Upgraded] | None = None
    echoes: tuple[Attempt[Echoed], ...] = ()

    @property
    def upgraded(self) -> bool:
        """Whether the server switched to the websocket."""
        return self.upgrade is not None and self.upgrade.ok

    def attempts(self) -> tuple[Attempt[object], ...]:
        """All of them, in the order of their stages."""
        upgrade = (self.upgrade,) if self.upgrade is not None else ()
        return (*self.reach.attempts(), *upgrade, *self.echoes)


async def reach_websocket(
    context: ProbeContext,
    endpoint: Endpoint,
    address: WebAddress,
    way: Way,
    exercise: Exercise,
) -> WebsocketReach:
    """Go as far as it goes to one address, exercise the websocket there, and hang up."""
    budget = Budget(BUDGET_S)
    async with budget.place(context.pace):
        return await _reach(context, endpoint, address, way, exercise, budget)


async def _reach(
    context: ProbeContext,
    endpoint: Endpoint,
    address: WebAddress,
    way: Way,
    exercise: Exercise,
    budget: Budget,
) -> WebsocketReach:
    stream, reach = await open_stream(context, endpoint, way, budget)
    if stream is None:
        return WebsocketReach(reach=reach)

    async def work() -> tuple[WebsocketTalk, Upgraded]:
        talk = WebsocketTalk(stream, address)
        return talk, await talk.upgrade(timeout_s=budget.at_most(UPGRADE_TIMEOUT_S))

    try:
        talk, upgrade = await attempt_opening(context, "upgrade_websocket", address, work)
        echoes: tuple[Attempt[Echoed], ...] = ()
        if talk is not None:
            echoes = await exercise(talk, budget)
            await talk.goodbye()
        return WebsocketReach(reach=reach, upgrade=upgrade, echoes=echoes)
    finally:
        stream.close()
