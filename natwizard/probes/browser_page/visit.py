"""One visit of a browser, from the opened page to its last step. Pure: no sockets, no clock."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from natwizard.probes.browser_page.admission import cookie_of
from natwizard.probes.browser_page.steps import (
    AnyStep,
    AtStage,
    Called,
    Closed,
    Devices,
    Done,
    Fallbacks,
    HeadsetStage,
    Heard,
    IceGathering,
    MicrophoneRefused,
    PageHello,
    PageWebsocket,
    Recorded,
    RelayTry,
    SecureTry,
    Site,
    Store,
    WatchedSecond,
)

FIRST_COOKIE = "natwizard_own"
CALLS = 2
"""One for each codec; a page that posts more is not ours."""

EMBEDDED_COOKIE = "natwizard_embedded"


class PageState(StrEnum):
    """How far the page came."""

    NOT_OPENED = "not_opened"
    """This computer could not open a browser."""
    NEVER_CAME = "never_came"
    """A browser was asked to open the page and never fetched it."""
    SILENT = "silent"
    """The page was fetched, but none of its scripts spoke."""
    NO_JAVASCRIPT = "no_javascript"
    TOO_OLD = "too_old"
    CLOSED_EARLY = "closed_early"
    RUNNING = "running"
    """Tests have begun; in evidence: they did not end in time."""
    FINISHED = "finished"


class SiteData(Struct, frozen=True, kw_only=True):
    """What a page of one site may keep.

    Attributes:
        cookie: set and read back by a script; cookie_sent: it came back to the server, too.
    """

    cookie: Store
    cookie_sent: bool
    partitioned_cookie: Store
    local: Store
    session: Store

    @property
    def keeps_cookies(self) -> bool:
        """Whether a cookie is kept and sent."""
        return self.cookie.works and self.cookie_sent


class AlreadyRunning(Exception):
    """Another tab does the tests, or did them."""


@dataclass(slots=True)
class Visit:
    """Takes the steps in and says where the visit stands; `told` is called after each change.

    A tab owns the visit from its hello on; closing it gives the visit free, so that reloading
    the page starts over.
    """

    told: Callable[[], None]
    state: PageState = PageState.NEVER_CAME
    owner: str = ""
    hello: PageHello | None = None
    own: SiteData | None = None
    embedded: SiteData | None = None
    devices: Devices | None = None
    gathering: IceGathering | None = None
    websocket: PageWebsocket | None = None
    secure: SecureTry | None = None
    relay: RelayTry | None = None
    stage: HeadsetStage = HeadsetStage.OFFERED
    refused: MicrophoneRefused | None = None
    recorded: Recorded | None = None
    heard: Heard | None = None
    calls: tuple[Called, ...] = ()
    fallbacks: Fallbacks | None = None
    watched: WatchedSecond | None = None
    """The last second of a call that is held for long; each is for `told` to take."""

    def page_fetched(self) -> None:
        """A browser asked for the page."""
        if self.state is PageState.NEVER_CAME:
            self._move(PageState.SILENT)

    def script_is_off(self) -> None:
        """The browser followed the link that only one without JavaScript follows."""
        if self.state in (PageState.NEVER_CAME, PageState.SILENT):
            self._move(PageState.NO_JAVASCRIPT)

    def script_is_old(self) -> None:
        """The browser ran the script that is there for browsers without modules."""
        if self.state in (PageState.NEVER_CAME, PageState.SILENT):
            self._move(PageState.TOO_OLD)

    def end(self) -> None:
        """Nothing more is wanted: the page is told so by its next step."""
        self._move(PageState.FINISHED)

    def take(self, step: AnyStep, cookies: str) -> None:
        """Note one step; `cookies` is the header it came with. Raises AlreadyRunning."""
        if isinstance(step, PageHello):
            self._begin(step)
            return
        if step.instance != self.owner or self.state is not PageState.RUNNING:
            raise AlreadyRunning
        self._note(step, cookies)
        self.told()

    def _note(self, step: AnyStep, cookies: str) -> None:
        match step:
            case Site(embedded=False):
                self.own = _site_data(step, cookies, FIRST_COOKIE)
            case Site():
                self.embedded = _site_data(step, cookies, EMBEDDED_COOKIE)
            case Devices():
                self.devices = step
            case IceGathering():
                self.gathering = step
            case PageWebsocket():
                self.websocket = step
            case SecureTry():
                self.secure = step
            case RelayTry():
                self.relay = step
            case Done():
                self.state = PageState.FINISHED
            case Closed():
                self.state = PageState.CLOSED_EARLY
            case _:
                self._note_headset(step)

    def _note_headset(self, step: AnyStep) -> None:
        match step:
            case AtStage():
                self.stage = step.stage
            case MicrophoneRefused():
                # what an earlier try brought is no longer how things are
                self._forget_try()
                self.refused = step
            case Recorded():
                self._forget_try()
                self.recorded = step
            case Heard():
                self.heard = step
                self.calls, self.fallbacks = (), None
            case Called():
                self.calls = (*self.calls, step)[:CALLS]
                self.fallbacks = None
            case Fallbacks():
                self.fallbacks = step
            case WatchedSecond():
                self.watched = step

    def _begin(self, hello: PageHello) -> None:
        if self.state is PageState.FINISHED or (
            self.state is PageState.RUNNING and hello.instance != self.owner
        ):
            raise AlreadyRunning
        self.hello, self.owner = hello, hello.instance
        self.own = self.embedded = self.devices = self.gathering = None
        self.websocket = self.secure = self.relay = None
        self.stage = HeadsetStage.OFFERED
        self._forget_try()
        self.watched = None
        self._move(PageState.RUNNING)

    def _forget_try(self) -> None:
        """What an earlier try brought is no longer how things are."""
        self.refused = self.recorded = self.heard = None
        self.calls, self.fallbacks = (), None

    def _move(self, state: PageState) -> None:
        self.state = state
        self.told()


def _site_data(step: Site, cookies: str, name: str) -> SiteData:
    return SiteData(
        cookie=step.cookie,
        cookie_sent=cookie_of(cookies, name) == step.instance,
        partitioned_cookie=step.partitioned_cookie,
        local=step.local,
        session=step.session,
    )
