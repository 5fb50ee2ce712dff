"""Holds one websocket open with a ping now and then, and opens it again when it is gone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from natwizard.model.outcome import Attempt
from natwizard.model.watch import BadKind
from natwizard.probes.base import ProbeContext
from natwizard.probes.journey import Budget, Way, find_proxy
from natwizard.probes.network import Endpoint
from natwizard.probes.public_roots import trusting_public
from natwizard.probes.reach import look_up, spread
from natwizard.probes.targets import read_address
from natwizard.probes.web_address import WebAddress
from natwizard.probes.websocket_reach import reach_websocket
from natwizard.probes.websocket_talk import Echoed, WebsocketTalk
from natwizard.run.watch_tally import WatchTally

PING_EVERY_S = 5.0
PONG_S = 5.0


async def watch_websocket(
    context: ProbeContext, tally: WatchTally, elapsed_s: Callable[[], float], *, every_s: float
) -> None:
    """Until it is cancelled: by the way browsers take, through the system's proxy if it has one."""
    urls = context.targets.websocket
    url = next((each for each in urls if each.startswith("wss")), urls[0])
    address = read_address(url, "targets.websocket", ("ws", "wss"))
    held = _Held(
        context=context, tally=tally, elapsed_s=elapsed_s, address=address, every_s=every_s
    )
    while True:
        asked_s = elapsed_s()
        for endpoint, way in await held.ways():
            if await held.hold(endpoint, way):
                break
        else:
            tally.websocket_lost(asked_s, BadKind.WEBSOCKET_SILENT)
        context.log.clear()  # hours of attempts are nobody's to read
        await asyncio.sleep(every_s)


@dataclass(slots=True, kw_only=True)
class _Held:
    context: ProbeContext
    tally: WatchTally
    elapsed_s: Callable[[], float]
    address: WebAddress
    every_s: float

    async def ways(self) -> list[tuple[Endpoint, Way]]:
        """One address of each family."""
        trust = trusting_public(self.context.targets.extra_roots) if self.address.secure else None
        way = Way(target=self.address.target, trust=trust)
        proxy = await find_proxy(self.context, self.address.proxied_as)
        if proxy is not None:
            way = replace(way, proxy=proxy, tunnel=True)
        lookup = await look_up(self.context, way.first_hop)
        return [(endpoint, way) for endpoint in spread(lookup.value or (), 1)]

    async def hold(self, endpoint: Endpoint, way: Way) -> bool:
        """Hold it as long as it lasts; False where it never opened."""
        reached = await reach_websocket(self.context, endpoint, self.address, way, self._ping)
        return reached.upgraded

    async def _ping(self, talk: WebsocketTalk, _budget: Budget) -> tuple[Attempt[Echoed], ...]:
        self.tally.websocket_open(self.elapsed_s())
        asked_s = self.elapsed_s()
        try:
            while True:
                await talk.stay_quiet(self.every_s)
                asked_s = self.elapsed_s()
                await talk.ping(timeout_s=PONG_S)
        except TimeoutError:
            self.tally.websocket_lost(asked_s, BadKind.WEBSOCKET_SILENT)
        except (OSError, EOFError, ValueError):
            self.tally.websocket_lost(self.elapsed_s(), BadKind.WEBSOCKET_CUT)
        return ()
