"""What the page posts, step by step, as bounded values; anything else is refused."""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from natwizard.model.address import RelayTransport
from natwizard.model.privacy import HardwareText, OwnAddress, PublicText, QuotingText

Words = Annotated[QuotingText, Meta(max_length=200)]
Instance = Annotated[PublicText, Meta(pattern="^[0-9a-f]{16,64}$")]
Count = Annotated[int, Meta(ge=0, le=1000)]
# A minute: no test of the page lasts longer
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


class HeadsetStage(StrEnum):
    """Where the headset test stands: what the person sees."""

    OFFERED = "offered"
    ASKING = "asking"
    """The browser asks whether the page may use the microphone."""
    RECORDING = "recording"
    PLAYING = "playing"
    QUESTION = "question"
    """ "Did you hear yourself?" """
    CALLING = "calling"
    CALLER = "caller"
    """ "This is how a caller hears you", to be listened to."""
    HOLDING = "holding"
    """A call is held for as long as the watch lasts."""
    CONNECTING = "connecting"
    CALL_LOST = "call_lost"
    """It broke, and is made again."""
    TROUBLE = "trouble"


class AtStage(PageStep, frozen=True, kw_only=True, tag_field="step", tag="at_stage"):
    """The headset page shows something else now."""

    stage: HeadsetStage


class MicrophoneTrouble(StrEnum):
    """Why a page got nothing from a microphone, as far as the browser tells it."""

    NO_API = "no_api"
    NO_WORKLET = "no_worklet"
    """The browser has no AudioWorklet."""
    BLOCKED = "blocked"
    """Without asking: the browser's settings, or a policy, had said no before."""
    DENIED = "denied"
    """The person said no."""
    DISMISSED = "dismissed"
    """The question was closed without an answer."""
    SYSTEM = "system"
    """The operating system keeps browsers from it."""
    NOT_FOUND = "not_found"
    BUSY = "busy"
    """It is there and could not be opened: another program holds it, or its driver failed."""
    UNPLUGGED = "unplugged"
    STALLED = "stalled"
    """It was opened and brought no samples."""
    OTHER = "other"


class MicrophoneRefused(PageStep, frozen=True, kw_only=True, tag_field="step", tag="refused"):
    """There was no recording; `error` is the browser's word."""

    trouble: MicrophoneTrouble
    error: Words = ""


Decibels = Annotated[float, Meta(ge=-200, le=200)]
Hertz = Annotated[float, Meta(ge=0, le=768_000)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=60)]


class SoundFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a recording says of itself. The samples stay in the page.

    Levels are in dB of full scale (a full sine has -3 dBFS); -120 stands for nothing at all.

    Attributes:
        length_s: seconds recorded; speech_s: of those, with speech.
        peak_dbfs: the largest sample. silent: every sample is the same: not even noise came.
        speech_dbfs: mean level of the frames with speech; noise_dbfs: of the pauses; both of what
            is above 80 Hz.
        clipped: share of the samples with speech that stand, three or more in a row, at full scale,
            or at one height below it that many of them reach and none exceeds.
        gaps_s: seconds in mid-word in which one number was told again and again: 30 to 120 ms each,
            with speech right before and behind; 0 where the computer itself stood still meanwhile.
        hum_dbfs: what the quietest moments hold at the mains frequency and its harmonics; hum_hz is
            that frequency (50 or 60), 0 where nothing stands out there.
        bandwidth_hz: the highest frequency with a 1,000,000th of the power of all speech in its
            band of 250 Hz, for 30 ms on end: what breaks off in a recording clicks, at every
            frequency, but for a moment only.
        levels_dbfs: of each tenth of a second, whole dB: when somebody spoke, not what.
    """

    length_s: Seconds
    speech_s: Seconds
    peak_dbfs: Decibels
    silent: bool
    speech_dbfs: Decibels
    noise_dbfs: Decibels
    clipped: Fraction
    hum_dbfs: Decibels
    hum_hz: Literal[0, 50, 60]
    bandwidth_hz: Hertz
    levels_dbfs: Annotated[tuple[Decibels, ...], Meta(max_length=100)] = ()
    gaps_s: Seconds = 0


class Recorded(PageStep, frozen=True, kw_only=True, tag_field="step", tag="recorded"):
    """Four seconds of a microphone.

    Attributes:
        device: the name of the microphone in use; empty where the browser keeps it to itself. A
            masked report tells its kind alone.
        sample_rate_hz: the rate that the browser gets samples at; output_rate_hz: that at which
            the speaker plays. A headset in its hands-free profile has 8 or 16 kHz in both.
        channels: how many the microphone has.
        default_is_communications: whether the system uses the same one for calls as for all
            else; None where the browser does not tell them apart (it does on Windows).
    """

    device: Annotated[HardwareText, Meta(max_length=200)] = ""
    sample_rate_hz: Hertz
    output_rate_hz: Hertz
    channels: Annotated[int, Meta(ge=1, le=64)]
    default_is_communications: bool | None = None
    figures: SoundFigures


class Heard(PageStep, frozen=True, kw_only=True, tag_field="step", tag="heard"):
    """The answer to "Did you hear yourself?"."""

    yes: bool


Samples = Annotated[int, Meta(ge=0, le=10**9)]


class CallSecond(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one end has counted so far (W3C webrtc-stats: inbound-rtp, remote-inbound-rtp).

    Attributes:
        received, lost: packets. samples: played; concealed: of those, made up for packets that
            were missing or late; inserted, removed: to slow down and to catch up.
        buffer_ms: mean time in the jitter buffer since the call began.
        round_trip_ms: as the other end's RTCP told last; 0 before it did.
    """

    received: Samples
    lost: Samples
    jitter_ms: Milliseconds
    samples: Samples
    concealed: Samples
    inserted: Samples
    removed: Samples
    buffer_ms: Milliseconds
    round_trip_ms: Milliseconds


class Dropout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Speech that was sent and not heard: 60 ms or more, 20 dB down."""

    start_s: Seconds
    length_s: Seconds


class CallDirection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one end heard of the other for ten seconds.

    Attributes:
        seconds: the counts, once a second, from the first to the last.
        delay_ms: from mouth to ear: codec, network, jitter buffer and playing together, by
            cross-correlation. likeness: its height, 1 for the same sound.
        level_db: how much louder it came than it was sent.
    """

    seconds: Annotated[tuple[CallSecond, ...], Meta(max_length=20)]
    delay_ms: Milliseconds
    likeness: Fraction
    level_db: Decibels
    dropouts: Annotated[tuple[Dropout, ...], Meta(max_length=50)] = ()


class RelayTried(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to the TURN server; `error` is the browser's word, also for a call that broke."""

    transport: RelayTransport
    connected: bool
    setup_ms: Milliseconds
    error: Words = ""


class Called(PageStep, frozen=True, kw_only=True, tag_field="step", tag="called"):
    """A call between two ends in the page, both behind the TURN server.

    Attributes:
        tried: the ways in their order; the last one carried the call, if any did.
        directions: what each end heard; none where no call came about.
        lag_ms: how late the page's own clock ticked meanwhile (of 20 ticks the second worst).
        stood_ms: how long its sound stood still at worst: both ends of the call are in one audio
            graph, which a computer that is too busy does not run in time.
    """

    codec: Literal["opus", "pcmu"]
    tried: Annotated[tuple[RelayTried, ...], Meta(max_length=3)]
    directions: Annotated[tuple[CallDirection, ...], Meta(max_length=2)] = ()
    lag_ms: Milliseconds = 0
    stood_ms: Milliseconds = 0


class Fallbacks(PageStep, frozen=True, kw_only=True, tag_field="step", tag="fallbacks"):
    """Whether calls would come about by the ways beside that which carried one."""

    tried: Annotated[tuple[RelayTried, ...], Meta(max_length=2)]


class WatchedDirection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one end of a long call counted in about a second.

    Attributes:
        received, lost: packets. samples: played; concealed: of those, made up.
        buffer_ms: mean time in the jitter buffer; round_trip_ms: as RTCP told last, or 0.
    """

    received: Samples
    lost: Samples
    samples: Samples
    concealed: Samples
    jitter_ms: Milliseconds
    buffer_ms: Milliseconds
    round_trip_ms: Milliseconds


class WatchedSecond(PageStep, frozen=True, kw_only=True, tag_field="step", tag="watched"):
    """About a second of a call that is held for long.

    Attributes:
        late_ms: how late the page's clock ticked; many seconds where the computer slept.
    """

    transport: RelayTransport
    directions: Annotated[tuple[WatchedDirection, ...], Meta(max_length=2)]
    late_ms: Annotated[float, Meta(ge=0, le=10**9)]


class Done(PageStep, frozen=True, kw_only=True, tag_field="step", tag="done"):
    """Every test has ended."""


class Closed(PageStep, frozen=True, kw_only=True, tag_field="step", tag="closed"):
    """The tab goes away before that."""


AnyStep: TypeAlias = (
    PageHello
    | Site
    | Devices
    | IceGathering
    | PageWebsocket
    | SecureTry
    | RelayTry
    | AtStage
    | MicrophoneRefused
    | Recorded
    | Heard
    | Called
    | Fallbacks
    | WatchedSecond
    | Done
    | Closed
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


class Relay(TurnServer, frozen=True, kw_only=True):
    """One way to a TURN server."""

    transport: RelayTransport


class Task(Struct, frozen=True, kw_only=True):
    """What the page is asked to do; the answer to its hello.

    Attributes:
        frame: address of the embedded page, which is another site to the browser; or empty.
        stun: URLs of STUN servers ("stun:host:port"); websocket: a wss address or empty.
        secure: an https address of the TLS reference server, or empty.
        turn: the profile's TURN server, if it has one.
        relays: the ways to it for a call, in the order to be tried.
        holds: the call is to be held until natwizard wants no more; nothing is tested before.
    """

    frame: str = ""
    stun: tuple[str, ...] = ()
    websocket: str = ""
    gather_ms: int = 0
    secure: str = ""
    turn: TurnServer | None = None
    relays: tuple[Relay, ...] = ()
    holds: bool = False
