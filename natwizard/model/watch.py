"""A connection watched for minutes or hours, as one frozen value."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from natwizard.model.address import RelayTransport
from natwizard.model.privacy import PublicText, QuotingText, ServerText
from natwizard.model.report import ComputerSummary

WATCH_SCHEMA_VERSION = 1
WATCH_KIND = "watch"


class BadKind(StrEnum):
    """What a person on a call would have noticed, or what spoilt the measurement."""

    LOST = "lost"
    SLOW = "slow"
    LATE = "late"
    NO_ANSWER = "no_answer"
    WEBSOCKET_CUT = "websocket_cut"
    WEBSOCKET_SILENT = "websocket_silent"
    COMPUTER = "computer"
    """This computer was too busy to time packets: nothing is said of the line."""
    SLEPT = "slept"
    """This computer slept."""
    CALL_GAPS = "call_gaps"
    """The browser had to make up speech in the call that it holds."""
    CALL_LATE = "call_late"
    CALL_CUT = "call_cut"
    """No way through the media server any more; it is called again."""
    CALL_TAB = "call_tab"
    """The call's tab was closed, or stood still."""
    CALL_MICROPHONE = "call_microphone"
    """The call's microphone went away."""


NOT_THE_LINE = frozenset(
    (BadKind.COMPUTER, BadKind.SLEPT, BadKind.CALL_TAB, BadKind.CALL_MICROPHONE)
)
"""What says nothing of the line, and is no bad moment of it."""


class BadMoment(Struct, frozen=True, kw_only=True):
    """One stretch of time in which something was wrong.

    Attributes:
        start_s: seconds since the watch began.
        worst: packets lost in it; ms of speech made up for CALL_GAPS; the slowest time in ms for
            SLOW, LATE, CALL_LATE and COMPUTER; else 0.
        times: how often; more than once only where so much was wrong that neighbours of one
            kind had to be put together: `duration_s` then is from the first to the last.
    """

    kind: BadKind
    start_s: float
    duration_s: float
    worst: float = 0.0
    times: int = 1


class WatchColumn(Struct, frozen=True, kw_only=True):
    """Round trips in ms of one slice of time; `answered` is 0 where the three mean nothing."""

    start_s: float
    low: float
    median: float
    high: float
    answered: int
    lost: int


def joined_columns(first: WatchColumn, second: WatchColumn) -> WatchColumn:
    """Both as one; the median is weighed by answers, and what nobody answered weighs nothing."""
    answered = first.answered + second.answered
    told = [column for column in (first, second) if column.answered] or [first]
    weight = sum(column.answered for column in told) or 1
    median = sum(column.median * (column.answered or 1) for column in told) / weight
    return WatchColumn(
        start_s=first.start_s,
        low=min(column.low for column in told),
        median=median,
        high=max(column.high for column in told),
        answered=answered,
        lost=first.lost + second.lost,
    )


class WatchLimits(Struct, frozen=True, kw_only=True):
    """When a second counts as bad.

    Attributes:
        round_trip_ms: the profile's limit; a second most of which is over it is slow.
        lost_in_second: so many voice packets lost in a second can be heard: concealment fades to
            silence after 60 ms (ITU-T G.711, appendix I), which is three packets.
        late_after_ms: a packet this much slower than usual comes too late for any jitter buffer.
        spoilt_ms: where 5 % of packets left or were read later than this, the stretch tells of
            this computer and not of the line.
        made_up_ms: so much of a second's speech made up by the browser can be heard, by the same
            appendix. call_delay_ms: ITU-T G.114 allows 400 ms from mouth to ear, both ways of a
            call to the media server and back being one way of a call to somebody.
        page_late_ms, busy_share: where the page's clock or this program's is later than this, or
            all cores are busier (0 to 1), gaps and delay are this computer's.
    """

    round_trip_ms: float = 100.0
    lost_in_second: int = 3
    late_after_ms: float = 150.0
    spoilt_ms: float = 5.0
    made_up_ms: float = 60.0
    call_delay_ms: float = 400.0
    page_late_ms: float = 100.0
    busy_share: float = 0.95


class WatchFigures(Struct, frozen=True, kw_only=True):
    """All of it in a few numbers; None where nothing came back.

    Attributes:
        measured_s: how long packets were on their way.
        median_ms, p95_ms: of quarter seconds, to within 4 %.
        websocket_s: how long the websocket was open.
    """

    measured_s: float = 0.0
    sent: int = 0
    lost: int = 0
    median_ms: float | None = None
    p95_ms: float | None = None
    highest_ms: float | None = None
    jitter_ms: float | None = None
    worst_jitter_ms: float | None = None
    websocket_s: float = 0.0
    websocket_cuts: int = 0


class CallStanding(StrEnum):
    """Where the call in the browser stands."""

    OPENING = "opening"
    """A browser was asked to open the call's page."""
    NOT_OPENED = "not_opened"
    """This computer could not open a browser."""
    OFFERED = "offered"
    """The page waits for its person to begin, or to let it use the microphone."""
    CONNECTING = "connecting"
    HELD = "held"
    NO_MICROPHONE = "no_microphone"
    TAB_GONE = "tab_gone"
    """It was closed, or stands still; opened again, it goes on."""


class WatchedCall(Struct, frozen=True, kw_only=True):
    """A call that the browser held through the media server, to itself.

    Attributes:
        standing: how it stands now, or stood last. transport: how voice went last, or empty.
        held_s: how long it was held in all.
        made_up_share: of what was played, 0 to 1. received, lost: packets, of both directions.
        delay_ms: mean of the jitter buffer and half the round trip. worst_delay_ms: of a second.
        column_s: width of a column, as of the record.
        made_up: ms of speech made up in each second, low to high, of the worse direction; `lost`
            is that of both.
        delays, round_trips, jitters: ms, likewise. A round trip of 0 was not told yet.
    """

    target: ServerText
    standing: CallStanding = CallStanding.OPENING
    transport: RelayTransport | Literal[""] = ""
    held_s: float = 0.0
    made_up_share: float = 0.0
    received: int = 0
    lost: int = 0
    delay_ms: float | None = None
    worst_delay_ms: float | None = None
    column_s: float = 1.0
    made_up: tuple[WatchColumn, ...] = ()
    delays: tuple[WatchColumn, ...] = ()
    round_trips: tuple[WatchColumn, ...] = ()
    jitters: tuple[WatchColumn, ...] = ()


class WatchRecord(Struct, frozen=True, kw_only=True, tag_field="kind", tag=WATCH_KIND):
    """What a watch saw so far, or in the end; as JSON its `kind` tells it from a report.

    Attributes:
        planned_s: how long it was meant to last; `lasted_s`: how long it has.
        media, websocket: the targets; empty where the profile sets none.
        column_s: width of a column; it doubles whenever there are too many.
        call: the call in the browser, where one was asked for.
        note: why something could not be watched; empty where all could.
    """

    schema_version: int
    app_version: PublicText
    run_id: PublicText
    run_code: PublicText
    started_at: PublicText
    planned_s: float
    lasted_s: float
    profile: PublicText
    machine: ComputerSummary
    media: ServerText
    websocket: ServerText
    limits: WatchLimits
    figures: WatchFigures
    column_s: float
    columns: tuple[WatchColumn, ...] = ()
    moments: tuple[BadMoment, ...] = ()
    call: WatchedCall | None = None
    note: QuotingText = ""
    redacted: bool = False

    @property
    def line_moments(self) -> tuple[BadMoment, ...]:
        """Those that are the line's, and not this computer's."""
        return tuple(each for each in self.moments if each.kind not in NOT_THE_LINE)

    @property
    def times_bad(self) -> int:
        """How often something was wrong with the line."""
        return sum(moment.times for moment in self.line_moments)

    @property
    def saw_anything(self) -> bool:
        """Whether there is more to tell than that nothing could be watched."""
        called = self.call is not None and self.call.held_s > 0
        return bool(self.figures.sent or self.figures.websocket_s or called or self.line_moments)
