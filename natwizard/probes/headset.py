"""The person's headset, heard in their real browser: a page on loopback that they speak to.

What is recorded stays in the page, which posts figures of it. It takes a person, so it runs only
when somebody asks for it.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.model.address import RelayTransport, parse_host_port
from natwizard.model.language import N_, _
from natwizard.model.privacy import ServerText
from natwizard.model.profile import Targets
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.browser_check import TURN_PORT, turn_server
from natwizard.probes.browser_page.following import Following, opener_of
from natwizard.probes.browser_page.load import ComputerLoad, LoadMeter
from natwizard.probes.browser_page.product import BrowserProduct, product_of
from natwizard.probes.browser_page.server import LoopbackServer
from natwizard.probes.browser_page.site import PageSite
from natwizard.probes.browser_page.steps import (
    Called,
    HeadsetStage,
    MicrophoneRefused,
    Recorded,
    Relay,
    RelayTried,
    Task,
)
from natwizard.probes.browser_page.visit import PageState, Visit
from natwizard.probes.connection.tls_chain import HTTPS_PORT

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
# Below the probe's deadline, so that what came by then is kept
WHOLE_S = 590.0


class HeadsetEvidence(Struct, frozen=True, kw_only=True):
    """What came of the last try of one visit; parts that never came are None.

    Attributes:
        state: how far the page came. stage: what it showed last.
        product: which browser it was, as it says itself; None before its script ran.
        refused: there was no recording, and why; refused_load: how busy this computer was from the
            page's step before to that one. recorded: what the microphone brought.
        heard: the answer to "Did you hear yourself?".
        call_target: the TURN server that calls were to go through, or empty.
        calls: one for each codec that was tried; loads: how busy this computer was in each.
        fallbacks: the ways beside that of the calls: whether one would come about.
    """

    state: PageState
    stage: HeadsetStage = HeadsetStage.OFFERED
    product: BrowserProduct | None = None
    refused: MicrophoneRefused | None = None
    refused_load: ComputerLoad | None = None
    recorded: Recorded | None = None
    heard: bool | None = None
    call_target: ServerText = ""
    calls: tuple[Called, ...] = ()
    loads: tuple[ComputerLoad, ...] = ()
    fallbacks: tuple[RelayTried, ...] = ()


class _Loads:
    """Takes a lap for each call that the visit tells of, and for a try that came to nothing."""

    def __init__(self, meter: LoadMeter) -> None:
        self._meter = meter
        self._of: list[ComputerLoad] = []
        self._refused: tuple[MicrophoneRefused, ComputerLoad] | None = None

    def note(self, visit: Visit) -> None:
        """After each step."""
        if len(visit.calls) > len(self._of):
            self._of.append(self._meter.lap())
        elif not visit.calls:  # none yet, or they begin again
            self._of.clear()
            lap = self._meter.lap()
            known = self._refused is not None and self._refused[0] is visit.refused
            if visit.refused is not None and not known:
                self._refused = (visit.refused, lap)

    def of_calls(self) -> tuple[ComputerLoad, ...]:
        """One for each call of the last try."""
        return tuple(self._of)

    def of_refusal(self, refused: MicrophoneRefused | None) -> ComputerLoad | None:
        """While that came about."""
        is_it = self._refused is not None and self._refused[0] is refused
        return self._refused[1] if self._refused is not None and is_it else None


async def gather(context: ProbeContext) -> HeadsetEvidence:
    """Serve the page, have it opened, and wait for the person, until they are done."""
    open_page = opener_of(context)
    changed = asyncio.Event()
    with LoadMeter(context.host) as meter:
        loads = _Loads(meter)

        def told() -> None:
            loads.note(visit)
            changed.set()

        visit = Visit(told=told)
        async with LoopbackServer() as server:
            site = PageSite(
                port=server.port,
                task=Task(relays=relays_of(context.targets)),
                visit=visit,
                document="headset.html",
            )
            server.answering = site.answer
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
        refused_load=loads.of_refusal(visit.refused),
        recorded=visit.recorded,
        heard=visit.heard.yes if visit.heard is not None else None,
        call_target=context.targets.turn if site.task.relays else "",
        calls=visit.calls,
        loads=loads.of_calls(),
        fallbacks=visit.fallbacks.tried if visit.fallbacks is not None else (),
    )


def relays_of(targets: Targets) -> tuple[Relay, ...]:
    """The ways to the TURN server as the webphone tries them: UDP, TCP, TLS on port 443."""
    server = turn_server(targets)
    if server is None:
        return ()
    host = parse_host_port(targets.turn, default_port=TURN_PORT)
    ways: tuple[tuple[RelayTransport, str], ...] = (
        ("udp", f"turn:{host}?transport=udp"),
        ("tcp", f"turn:{host}?transport=tcp"),
        ("tls", f"turns:{replace(host, port=HTTPS_PORT)}?transport=tcp"),
    )
    return tuple(
        Relay(
            transport=transport,
            urls=urls,
            username=server.username,
            credential=server.credential,
        )
        for transport, urls in ways
    )


CALL_RUNS = N_("A test call is under way; leave the page open")
STAGES: Final[Mapping[HeadsetStage, tuple[float, str]]] = {
    HeadsetStage.OFFERED: (0.2, N_("Press Test my headset on the page")),
    HeadsetStage.ASKING: (0.3, N_("Choose Allow where the browser asks")),
    HeadsetStage.RECORDING: (0.5, N_("Say: one, two, three, four")),
    HeadsetStage.PLAYING: (0.7, N_("Listen to yourself")),
    HeadsetStage.QUESTION: (0.9, N_("Say on the page whether you heard yourself")),
    HeadsetStage.CALLING: (0.92, CALL_RUNS),
    HeadsetStage.CALLER: (0.98, N_("Hear on the page how a caller hears you, then press Done")),
    HeadsetStage.TROUBLE: (0.3, N_("The page says what to do")),
}


def _progress(visit: Visit) -> tuple[float, str]:
    if visit.state is PageState.FINISHED:
        return 1.0, _("The headset test is done")
    if visit.state is not PageState.RUNNING:
        return 0.1, _("Waiting for your browser")
    share, words = STAGES.get(visit.stage, (0.92, CALL_RUNS))  # the rest belong to a held call
    return share, _(words)


HEADSET = Probe(
    name="headset",
    title=N_("Look at your browser"),
    evidence=HeadsetEvidence,
    phase=Phase.ON_REQUEST,
    typical_s=40.0,
    deadline_s=600.0,
    gather=gather,
)
