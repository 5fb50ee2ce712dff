"""What the page posts, step by step, as bounded values; anything else is refused."""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from natwizard.model.privacy import OwnAddress, PublicText, QuotingText

Words = Annotated[QuotingText, Meta(max_length=200)]
Instance = Annotated[PublicText, Meta(pattern="^[0-9a-f]{16,64}$")]
Count = Annotated[int, Meta(ge=0, le=1000)]
Milliseconds = Annotated[float, Meta(ge=0, le=60_000)]


class Brand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the browser's own list of names (User-Agent Client Hints)."""

    brand: Annotated[str, Meta(max_length=60)]
    version: Annotated[str, Meta(max_length=40)]


class Store(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a value could be written, read back and removed; `error` is the browser's word."""

    works: bool
    error: Words = ""


class IceCandidate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way in that the browser found (RFC 8839, 5.1).

    Attributes:
        address: as the browser tells it; "....local" where it hides the computer's own.
    """

    kind: Literal["host", "srflx", "prflx", "relay"]
    protocol: Literal["udp", "tcp"]
    address: Annotated[OwnAddress, Meta(max_length=80)]


class GatheringError(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the browser says of a STUN server that did not help (701: no answer)."""

    code: Annotated[int, Meta(ge=0, le=65535)]
    url: Words = ""
    text: Words = ""


class PageStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every step says which tab it comes from: a tab draws its `instance` when it opens."""

    instance: Instance


class PageHello(PageStep, frozen=True, kw_only=True, tag_field="step", tag="hello"):
    """First of all: the script runs, in this browser.

    Attributes:
        mobile: the browser says so where its user agent does not: "request desktop site", iPads.
    """

    user_agent: Annotated[str, Meta(max_length=512)]
    brands: Annotated[tuple[Brand, ...], Meta(max_length=16)] = ()
    mobile: bool = False


class Site(PageStep, frozen=True, kw_only=True, tag_field="step", tag="site"):
    """What a page may keep, on its own (`embedded` false) or within another site's page.

    Attributes:
        cookie: set and read back by the script; `partitioned_cookie`: the same for one that
            is kept apart for each embedding site, which some settings leave as the only kind.
    """

    embedded: bool
    cookie: Store
    partitioned_cookie: Store
    local: Store
    session: Store


class Devices(PageStep, frozen=True, kw_only=True, tag_field="step", tag="devices"):
    """What calls need of a browser. Nobody is asked: the permission is only looked up.

    Attributes:
        permission: of the microphone: granted, prompt, denied; empty where it does not tell.
        microphones, speakers: as far as a page without permission may see.
    """

    peer_connection: bool
    microphone_api: bool
    permission: Literal["granted", "prompt", "denied", ""] = ""
    microphones: Count = 0
    speakers: Count = 0


class IceGathering(PageStep, frozen=True, kw_only=True, tag_field="step", tag="gathering"):
    """Ways for call audio that the browser found.

    Attributes:
        complete: the browser had them all, or a public one, which is enough; else our own
            deadline came first.
    """

    candidates: Annotated[tuple[IceCandidate, ...], Meta(max_length=64)]
    errors: Annotated[tuple[GatheringError, ...], Meta(max_length=16)] = ()
    complete: bool
    duration_ms: Milliseconds


class PageWebsocket(PageStep, frozen=True, kw_only=True, tag_field="step", tag="websocket"):
    """One websocket to the profile's target; a browser does not tell why it failed."""

    opened: bool
    duration_ms: Milliseconds
    close_code: Annotated[int, Meta(ge=0, le=65535)] = 0


class SecureTry(PageStep, frozen=True, kw_only=True, tag_field="step", tag="secure"):
    """One request to the TLS reference server; a browser does not tell why it failed."""

    reached: bool
    duration_ms: Milliseconds


class RelayTry(PageStep, frozen=True, kw_only=True, tag_field="step", tag="relay"):
    """A data channel between two ends in the page, each behind the TURN server.

    Attributes:
        sent: messages; round_trips_ms: one for each echo, which went to the server and back
            twice. Unordered and never sent again, so that a lost one is only lost.
        error: the browser's word where it did not open.
    """

    opened: bool
    sent: Count = 0
    round_trips_ms: Annotated[tuple[Milliseconds, ...], Meta(max_length=64)] = ()
    duration_ms: Milliseconds
    error: Words = ""


class Done(PageStep, frozen=True, kw_only=True, tag_field="step", tag="done"):
    """Every test has ended."""


class Closed(PageStep, frozen=True, kw_only=True, tag_field="step", tag="closed"):
    """The tab goes away before that."""


AnyStep: TypeAlias = (
    PageHello | Site | Devices | IceGathering | PageWebsocket | SecureTry | RelayTry | Done | Closed
)

_DECODER = msgspec.json.Decoder(AnyStep)


def decode_step(body: bytes) -> AnyStep:
    """Read one step. Raises msgspec.MsgspecError."""
    step: AnyStep = _DECODER.decode(body)
    return step


class TurnServer(Struct, frozen=True, kw_only=True):
    """As RTCPeerConnection takes it (RTCIceServer)."""

    urls: str
    username: str
    credential: str


class Task(Struct, frozen=True, kw_only=True):
    """What the page is asked to do; the answer to its hello.

    Attributes:
        frame: address of the embedded page, which is another site to the browser.
        stun: URLs of STUN servers ("stun:host:port"); websocket: a wss address or empty.
        secure: an https address of the TLS reference server, or empty.
        turn: the profile's TURN server, if it has one.
    """

    frame: str
    stun: tuple[str, ...]
    websocket: str
    gather_ms: int
    secure: str = ""
    turn: TurnServer | None = None
