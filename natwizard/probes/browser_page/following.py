"""Opens a page in the person's browser and waits from step to step of its visit."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from natwizard.model.language import _
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import ProbeContext
from natwizard.probes.browser_page.visit import PageState, Visit
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import CannotGather

# Whatever has not come back by then may still have opened it: the page decides
OPENING_S = 5.0


def opener_of(context: ProbeContext) -> Callable[[str], bool]:
    """What opens a page in this run. Raises CannotGather where nothing may."""
    if context.open_page is None:
        detail = "no browser is opened in this run"
        raise CannotGather(Failure(code=FailureCode.NOT_RUN, operation="open_page", detail=detail))
    return context.open_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """One visit from outside.

    Attributes:
        changed: set by the visit after each change.
        patience_s: how long to wait for the next step; a state that is not there is the end.
        whole_s: how long to wait in all. Less than the probe's deadline, so that what came by
            then is kept.
        progress: how far the visit is, and what to say of it.
    """

    context: ProbeContext
    visit: Visit
    changed: asyncio.Event
    patience_s: Mapping[PageState, float]
    whole_s: float
    progress: Callable[[Visit], tuple[float, str]]

    async def open(self, open_page: Callable[[str], bool], url: str) -> None:
        """Open and follow at once: some systems only say that a page was opened when its browser
        is closed.
        """
        self.context.progress(0.05, _("Opening your browser"))
        async with asyncio.TaskGroup() as group:
            opening = group.create_task(self._open(open_page, url), name="open page")
            following = group.create_task(self._follow(), name="follow page")
            await asyncio.wait((opening, following), return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                opening.cancel()
            elif not opening.result() and self.visit.state is PageState.NEVER_CAME:
                self.visit.state = PageState.NOT_OPENED
                following.cancel()

    async def _open(self, open_page: Callable[[str], bool], url: str) -> bool:
        """Ask the system to open the page; one that does not answer may still have done it."""
        try:
            async with asyncio.timeout(OPENING_S):
                return await run_detached(lambda: open_page(url), name="open page")
        except TimeoutError:
            self.context.log.append(f"the system took over {OPENING_S:g} s to open a browser")
            return True
        except OSError as error:
            self.context.log.append(f"open_page: {error}")
            return False

    async def _follow(self) -> None:
        """Wait from step to step; each state has its own patience."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.whole_s
        while (patience_s := self.patience_s.get(self.visit.state)) is not None:
            try:
                async with asyncio.timeout_at(min(loop.time() + patience_s, end)):
                    await self.changed.wait()
            except TimeoutError:
                return
            self.changed.clear()
            elapsed_s = self.context.elapsed_s()
            self.context.log.append(f"{elapsed_s:7.3f} page {self.visit.state}")
            self.context.progress(*self.progress(self.visit))
