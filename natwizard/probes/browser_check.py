"""The browser as its own pages see it: a page on loopback, opened in the person's real browser."""

import asyncio
from collections.abc import Iterable

from msgspec import Struct

from natwizard.model.address import parse_host_port
from natwizard.model.language import N_, _
from natwizard.model.privacy import ServerText
from natwizard.model.profile import Targets
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.browser_page.admission import Admission
from natwizard.probes.browser_page.following import Following, opener_of
from natwizard.probes.browser_page.ports import BLOCKED_PORTS
from natwizard.probes.browser_page.product import BrowserProduct, product_of
from natwizard.probes.browser_page.server import LoopbackServer
from natwizard.probes.browser_page.site import EMBEDDED_NAME, PageSite
from natwizard.probes.browser_page.steps import (
    Devices,
    IceGathering,
    PageWebsocket,
    RelayTry,
    SecureTry,
    Task,
    TurnServer,
)
from natwizard.probes.browser_page.visit import PageState, SiteData, Visit
from natwizard.probes.connection.tls_chain import HTTPS_PORT

# Less than the patience with a running page (9 s): what was found by then is posted
GATHER_MS = 6000
TURN_PORT = 3478  # RFC 8656, section 15
SERVICES, CONTROLS = 2, 2
"""STUN servers for one page: browsers warn of more, and wait for the slowest."""

PATIENCE_S = {
    PageState.NEVER_CAME: 16.0,
    PageState.SILENT: 5.0,
    PageState.RUNNING: 9.0,
    # the end, but for the picture and the words that the page is still fetching
    PageState.NO_JAVASCRIPT: 1.0,
    PageState.TOO_OLD: 1.0,
    # a reload closes the page first; a new hello may follow
    PageState.CLOSED_EARLY: 1.5,
}
"""How long to wait for the next step; states that are not here are the end."""

WHOLE_S = 27.0
"""Less than the probe's deadline, so that what came by then is kept."""


class BrowserCheckEvidence(Struct, frozen=True, kw_only=True):
    """What one visit of a browser brought; parts that never came are None.

    Attributes:
        state: how far the page came.
        product: which browser it was, as it says itself; None before its script ran.
        own, embedded: what a page may keep on its own, and within a page of another site.
        stun_asked: servers of the profile that the page asked; stun_left_out: those on ports
            that browsers refuse to talk to.
        websocket_target, secure_target, relay_target: what the page tried, or empty.
    """

    state: PageState
    product: BrowserProduct | None = None
    own: SiteData | None = None
    embedded: SiteData | None = None
    devices: Devices | None = None
    gathering: IceGathering | None = None
    stun_asked: tuple[ServerText, ...] = ()
    stun_left_out: tuple[ServerText, ...] = ()
    websocket_target: ServerText = ""
    websocket: PageWebsocket | None = None
    secure_target: ServerText = ""
    secure: SecureTry | None = None
    relay_target: ServerText = ""
    relay: RelayTry | None = None


async def gather(context: ProbeContext) -> BrowserCheckEvidence:
    """Serve the page, have it opened, and take what it posts, until it is done or time is up."""
    open_page = opener_of(context)
    asked, left_out = stun_servers(context.targets)
    changed = asyncio.Event()
    visit = Visit(told=changed.set)
    async with LoopbackServer() as server:
        admission = Admission()
        site = PageSite(
            admission=admission,
            port=server.port,
            task=Task(
                frame=f"http://{EMBEDDED_NAME}:{server.port}/{admission.session}/frame.html",
                stun=tuple(f"stun:{server}" for server in asked),
                websocket=_websocket(context.targets),
                gather_ms=GATHER_MS,
                secure=_secure(context.targets),
                turn=turn_server(context.targets),
            ),
            visit=visit,
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
        if server.refused:
            context.log.append(f"connections refused: {server.refused}")
        if admission.contested:
            context.log.append("the page's address was used more than once")
    return BrowserCheckEvidence(
        state=visit.state,
        product=product_of(visit.hello) if visit.hello is not None else None,
        own=visit.own,
        embedded=visit.embedded,
        devices=visit.devices,
        gathering=visit.gathering,
        stun_asked=asked,
        stun_left_out=left_out,
        websocket_target=site.task.websocket,
        websocket=visit.websocket,
        secure_target=site.task.secure,
        secure=visit.secure,
        relay_target=context.targets.turn if site.task.turn else "",
        relay=visit.relay,
    )


def stun_servers(targets: Targets) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The servers a page can ask, the service's own first, and those on blocked ports."""
    left_out = tuple(filter(_is_blocked, targets.stun + targets.stun_control))
    asked = (
        *_first(SERVICES, targets.stun, left_out),
        *_first(CONTROLS, targets.stun_control, left_out),
    )
    return asked, left_out


def _first(count: int, servers: Iterable[str], left_out: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(server for server in servers if server not in left_out)[:count]


def _is_blocked(server: str) -> bool:
    return parse_host_port(server).port in BLOCKED_PORTS


def _websocket(targets: Targets) -> str:
    return next((url for url in targets.websocket if url.startswith("wss://")), "")


def _secure(targets: Targets) -> str:
    """The TLS reference server, where browsers would talk to its port at all."""
    if not targets.tls_floor:
        return ""
    server = parse_host_port(targets.tls_floor, default_port=HTTPS_PORT)
    return "" if server.port in BLOCKED_PORTS else f"https://{server}/"


def turn_server(targets: Targets) -> TurnServer | None:
    """The TURN server with its account, where browsers would talk to its port at all."""
    if not (targets.turn and targets.turn_user and targets.turn_password):
        return None
    server = parse_host_port(targets.turn, default_port=TURN_PORT)
    if server.port in BLOCKED_PORTS:
        return None
    return TurnServer(
        urls=f"turn:{server}?transport=udp",
        username=targets.turn_user,
        credential=targets.turn_password,
    )


def _progress(visit: Visit) -> tuple[float, str]:
    parts = (visit.own, visit.embedded, visit.devices, visit.gathering)
    match visit.state:
        case PageState.SILENT:
            return 0.1, _("Your browser opens the page")
        case PageState.RUNNING if all(part is not None for part in parts[:3]):
            return 0.5, _("Your browser looks for ways for call audio")
        case PageState.RUNNING:
            return 0.2, _("Your browser tests cookies and saved data")
        case PageState.FINISHED:
            return 1.0, _("Your browser has finished the tests")
        case _:
            return 0.1, _("Waiting for your browser")


BROWSER_CHECK = Probe(
    name="browser_check",
    title=N_("Testing your browser"),
    evidence=BrowserCheckEvidence,
    phase=Phase.REACHABILITY,
    typical_s=4.0,
    # above WHOLE_S, so that what came by then is kept
    deadline_s=30.0,
    gather=gather,
)
