"""The person's headset, heard in their real browser: a page on loopback that they speak to.

What is recorded stays in the page, which posts figures of it. It takes a person, so it runs only
when somebody asks for it.
"""

import asyncio

from msgspec import Struct

from natwizard.model.language import N_, _
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.browser_page.admission import Admission
from natwizard.probes.browser_page.following import Following
from natwizard.probes.browser_page.product import BrowserProduct, product_of
from natwizard.probes.browser_page.server import LoopbackServer
from natwizard.probes.browser_page.site import PageSite
from natwizard.probes.browser_page.steps import (
    HeadsetStage,
    MicrophoneRefused,
    Recorded,
    Task,
)
from natwizard.probes.browser_page.visit import PageState, Visit
from natwizard.probes.failures import CannotGather

PERSON_S = 120.0
"""For what a person does next: a permission, a headset to be found, an answer."""

PATIENCE_S = {
    PageState.NEVER_CAME: 30.0,
    PageState.SILENT: 5.0,
    PageState.RUNNING: PERSON_S,
    PageState.NO_JAVASCRIPT: 1.0,
    PageState.TOO_OLD: 1.0,
    # a reload closes the page first; a new hello may follow
    PageState.CLOSED_EARLY: 1.5,
}
WHOLE_S = 590.0


class HeadsetEvidence(Struct, frozen=True, kw_only=True):
    """What came of the last try of one visit; parts that never came are None.

    Attributes:
        state: how far the page came. stage: what it showed last.
        product: which browser it was, as it says itself; None before its script ran.
        refused: there was no recording, and why. recorded: what the microphone brought.
        heard: the answer to "Did you hear yourself?".
    """

    state: PageState
    stage: HeadsetStage = HeadsetStage.OFFERED
    product: BrowserProduct | None = None
    refused: MicrophoneRefused | None = None
    recorded: Recorded | None = None
    heard: bool | None = None


async def gather(context: ProbeContext) -> HeadsetEvidence:
    """Serve the page, have it opened, and wait for the person, until they are done."""
    open_page = context.open_page
    if open_page is None:
        detail = "no browser is opened in this run"
        raise CannotGather(Failure(code=FailureCode.NOT_RUN, operation="open_page", detail=detail))
    changed = asyncio.Event()
    visit = Visit(told=changed.set)
    async with LoopbackServer() as server:
        site = PageSite(
            admission=Admission(),
            port=server.port,
            task=Task(frame="", stun=(), websocket="", gather_ms=0),
            visit=visit,
            document="headset.html",
        )
        server.answering = site.answer
        context.progress(0.05, _("Opening your browser"))
        await Following(
            context=context,
            visit=visit,
            changed=changed,
            patience_s=PATIENCE_S,
            whole_s=WHOLE_S,
            progress=_progress,
        ).open(open_page, site.url())
        if site.admission.contested:
            context.log.append("the page's address was used more than once")
    return HeadsetEvidence(
        state=visit.state,
        stage=visit.stage,
        product=product_of(visit.hello) if visit.hello is not None else None,
        refused=visit.refused,
        recorded=visit.recorded,
        heard=visit.heard.yes if visit.heard is not None else None,
    )


def _progress(visit: Visit) -> tuple[float, str]:
    if visit.state is not PageState.RUNNING:
        done = visit.state is PageState.FINISHED
        return (
            (1.0, _("The headset test is done")) if done else (0.1, _("Waiting for your browser"))
        )
    match visit.stage:
        case HeadsetStage.OFFERED:
            return 0.2, _("Press Test my headset on the page")
        case HeadsetStage.ASKING:
            return 0.3, _("Choose Allow where the browser asks")
        case HeadsetStage.RECORDING:
            return 0.5, _("Say: one, two, three, four")
        case HeadsetStage.PLAYING:
            return 0.7, _("Listen to yourself")
        case HeadsetStage.QUESTION:
            return 0.9, _("Say on the page whether you heard yourself")
        case HeadsetStage.TROUBLE:
            return 0.3, _("The page says what to do")


HEADSET = Probe(
    name="headset",
    title=N_("Look at your browser"),
    evidence=HeadsetEvidence,
    phase=Phase.ON_REQUEST,
    typical_s=40.0,
    deadline_s=600.0,
    gather=gather,
)
