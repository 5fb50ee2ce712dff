"""Has the person's browser hold a call for as long as a watch lasts, and notes how it goes.

The page is the headset test's, on loopback; it takes one click, which browsers want before a page
may use a microphone. What the microphone hears stays between the two ends in the page.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from natwizard.model.profile import Targets
from natwizard.model.watch import BadKind, CallStanding
from natwizard.probes.browser_page.load import LoadMeter
from natwizard.probes.browser_page.server import REQUESTS, LoopbackServer
from natwizard.probes.browser_page.site import PageResponse, PageSite
from natwizard.probes.browser_page.steps import HeadsetStage, Task
from natwizard.probes.browser_page.visit import PageState, Visit
from natwizard.probes.detached import run_detached
from natwizard.probes.headset import relays_of
from natwizard.probes.host import Host
from natwizard.watch.tally import CallTally

STILL_S = 10.0
"""A held call tells of itself once a second; a browser may hold back a tab in the background."""

LOOK_EVERY_S = 1.0
LAST_STEP_S = 2.5
"""For the page's next step, by which it learns that the watch is over."""

CONFLICT = 409
"""What a step gets that is not wanted any more."""

STANDINGS: Final = {
    HeadsetStage.OFFERED: CallStanding.OFFERED,
    HeadsetStage.ASKING: CallStanding.OFFERED,
}


@dataclass(slots=True, kw_only=True)
class HeldCall:
    """One call of one watch. Use it once.

    Attributes:
        open_page: opens an address in the person's browser, and says whether it could.
        duration_s: how long the watch lasts. host: this computer, whose load is noted beside.
    """

    targets: Targets
    tally: CallTally
    elapsed_s: Callable[[], float]
    open_page: Callable[[str], bool]
    duration_s: float
    host: Host
    _meter: LoadMeter = field(init=False)
    _visit: Visit = field(init=False)
    _last_step_s: float = 0.0
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _served: bool = False

    def __post_init__(self) -> None:
        self._visit = Visit(told=self._on_step)
        self._meter = LoadMeter(self.host)

    async def hold(self) -> None:
        """Serve the page, have it opened, and note what it tells, until this is cancelled."""
        # a step a second, what the page's files take, and as much again for tabs opened anew
        most = REQUESTS + round(2 * self.duration_s)
        with self._meter:
            async with LoopbackServer(most_requests=most) as server:
                site = PageSite(
                    port=server.port,
                    task=Task(relays=relays_of(self.targets), holds=True),
                    visit=self._visit,
                    document="headset.html",
                )
                server.answering = lambda request: self._noted(site.answer(request))
                self._served = True
                if not await self._open(site.url()):
                    self.tally.standing = CallStanding.NOT_OPENED
                while True:
                    await asyncio.sleep(LOOK_EVERY_S)
                    self._look()

    async def end(self) -> None:
        """Let the page know, which it asks for by its next step."""
        if not self._served or self._visit.state is not PageState.RUNNING:
            return
        self._over.clear()
        self._visit.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_STEP_S):
                await self._over.wait()

    def _noted(self, answer: PageResponse) -> PageResponse:
        if answer.status == CONFLICT:
            self._over.set()
        return answer

    async def _open(self, url: str) -> bool:
        try:
            return await run_detached(lambda: self.open_page(url), name="open page")
        except OSError:
            return False

    def _look(self) -> None:
        """A held call that says nothing any more has lost its tab."""
        held = self.tally.standing is CallStanding.HELD
        if held and self.elapsed_s() - self._last_step_s > STILL_S:
            self._lose(CallStanding.TAB_GONE, BadKind.CALL_TAB, self._last_step_s)

    def _on_step(self) -> None:
        now_s, visit = self.elapsed_s(), self._visit
        self._last_step_s = now_s
        if visit.state is PageState.CLOSED_EARLY:
            self._lose(CallStanding.TAB_GONE, BadKind.CALL_TAB, now_s)
        elif visit.state is PageState.FINISHED:
            self.tally.let_go(now_s)
        elif visit.watched is not None:
            second, visit.watched = visit.watched, None
            self.tally.second(now_s, second, self._meter.lap())
        elif visit.state is PageState.RUNNING:
            self._move(visit.stage, now_s)

    def _move(self, stage: HeadsetStage, now_s: float) -> None:
        match stage:
            case HeadsetStage.CALL_LOST:
                self._lose(CallStanding.CONNECTING, BadKind.CALL_CUT, now_s)
            case HeadsetStage.TROUBLE:
                self._lose(CallStanding.NO_MICROPHONE, BadKind.CALL_MICROPHONE, now_s)
            case HeadsetStage.HOLDING:
                self.tally.held(now_s)
            case _:
                self.tally.standing = STANDINGS.get(stage, CallStanding.CONNECTING)

    def _lose(self, standing: CallStanding, kind: BadKind, at_s: float) -> None:
        self.tally.lost(at_s, standing, kind)
