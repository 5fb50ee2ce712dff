"""What a rule says of one requirement, in numbers and in words."""

import re
from enum import StrEnum

from msgspec import Struct

from natwizard.model.privacy import PublicText, QuotingText
from natwizard.model.quantity import Confirmation, Interval, Quantity
from natwizard.model.writing import labelled


class Status(StrEnum):
    """How a requirement stands. Missing evidence is UNKNOWN, never FAIL."""

    PASS = "pass"
    BORDERLINE = "borderline"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    NOT_SET_UP = "not_set_up"
    """The profile names nothing to measure against: nobody tried, so nothing went wrong."""
    NOT_APPLICABLE = "not_applicable"


class FarEnd(StrEnum):
    """Whose server answered, which decides what an answer, and what silence, may claim."""

    SERVICE = "service"
    """The vendor's own, named in a profile."""
    OWN = "own"
    """The customer's reflector or TURN server."""
    PUBLIC = "public"
    """A stranger's that anyone may use. Its silence is nobody's fault."""


class Owner(StrEnum):
    """Who can put it right."""

    AGENT = "agent"
    HELPDESK = "helpdesk"
    NETWORK_TEAM = "network_team"
    SALESFORCE_ADMINISTRATOR = "salesforce_administrator"
    INTERNET_PROVIDER = "internet_provider"


class Page(StrEnum):
    """The wizard page that shows a check, in the wizard's order."""

    BROWSERS = "browsers"
    COMPUTER = "computer"
    SCREEN = "screen"
    CONNECTION = "connection"
    FIREWALL_PORTS = "firewall_ports"
    WEBPHONE_PORT = "webphone_port"
    UDP_MEDIA = "udp_media"
    EDNS = "edns"
    WEBSOCKETS = "websockets"
    WEB_FILTERS = "web_filters"
    ADMINISTRATOR = "administrator"
    """Questions for whoever looks after the org; only shown in that role."""


class Remedy(Struct, frozen=True, kw_only=True):
    """What to do, verb first, and who does it.

    Attributes:
        text: one or two plain sentences for the person at the screen.
        request: a paragraph to paste to the owner: the request first, then the evidence.
        link: a page of the vendor, or empty.
    """

    text: QuotingText
    owner: Owner
    request: QuotingText = ""
    link: PublicText = ""


class Detail(Struct, frozen=True, kw_only=True):
    """One line behind the fold: "Why we say so", "Tried", or a value."""

    label: QuotingText
    text: QuotingText


class ConnectionStage(Struct, frozen=True, kw_only=True):
    """One step of a connection, for the stage strip: how far did it come?"""

    name: PublicText
    status: Status
    text: QuotingText


class PathStop(Struct, frozen=True, kw_only=True):
    """One place on the way of a call that was looked at while it ran, nearest first.

    Attributes:
        name: what it is: this computer, the router here, the provider's, the far end.
        at: its address or name, and the network that it belongs to.
        figures: time to it and back, and what got lost or was answered; empty for the first.
    """

    name: PublicText
    at: QuotingText
    figures: QuotingText


class AttemptLine(Struct, frozen=True, kw_only=True):
    """One attempt as a person reads it; `started_s` counts from the start of the run.

    Attributes:
        failed: where only a few can be shown, these are the ones that prove something.
    """

    started_s: float
    duration_s: float
    target: QuotingText
    result: QuotingText
    failed: bool = False


class ChartColumn(Struct, frozen=True, kw_only=True):
    """Fastest, median and slowest value of one slice of time; `lost` counts what never came."""

    start_s: float
    low: float
    median: float
    high: float
    lost: int = 0


class ChartKind(StrEnum):
    """What a chart is of, which decides where it is shown."""

    LINE = "line"
    """Packets of a call."""
    VOICE = "voice"
    """A voice: what a microphone brought, or what a call made of it."""


class Chart(Struct, frozen=True, kw_only=True):
    """A measurement over time, ready to draw. Columns are in time order.

    Attributes:
        unit: of all values, of `limit_ms` as well.
        base: what the axis begins with; values and limit count from there, so none is below 0.
        span: how far the axis reaches from there; 0 is as far as the values want.
    """

    title: QuotingText
    limit_ms: float
    length_s: float
    columns: tuple[ChartColumn, ...]
    kind: ChartKind = ChartKind.LINE
    unit: PublicText = "ms"
    base: float = 0.0
    span: float = 0.0


class Gauge(Struct, frozen=True, kw_only=True):
    """One value against its limit, for a metric tile and its limit bar.

    Attributes:
        higher_is_better: True where the limit is a minimum ("12 calls, needs 10").
    """

    title: QuotingText
    value: float
    unit: PublicText
    limit: float
    interval: Interval | None = None
    higher_is_better: bool = False
    digits: int = 1


class Source(Struct, frozen=True, kw_only=True):
    """Where a requirement comes from.

    Attributes:
        read_on: the day on which somebody read it, an ISO date.
        dated: the document's own date, an ISO date; empty where it bears none.
        section_url: address of the section; empty where the document has none for it.
    """

    title: PublicText
    url: PublicText
    read_on: PublicText
    section: PublicText = ""
    dated: PublicText = ""
    section_url: PublicText = ""


class FindingContent(Struct, frozen=True, kw_only=True):
    """Everything of a finding that the check's rule decides.

    Attributes:
        summary: one plain sentence, at most 12 words, no jargon.
        observed: the measurement as a person reads it ("18.6 ms, likely 16.4 to 21.1").
        expected: what would pass, in the same form ("under 20 ms").
        far_end: whose server it was measured to; None where none was asked, or it does not matter.
        untried: what calls depend on and this did not try, as the end of a sentence ("your headset
            was not tried"); else empty.
    """

    status: Status
    summary: QuotingText
    observed: QuotingText
    expected: QuotingText
    measured: tuple[Quantity, ...] = ()
    interval: Interval | None = None
    remedy: Remedy | None = None
    details: tuple[Detail, ...] = ()
    stages: tuple[ConnectionStage, ...] = ()
    path: tuple[PathStop, ...] = ()
    tried: tuple[AttemptLine, ...] = ()
    gauge: Gauge | None = None
    chart: Chart | None = None
    far_end: FarEnd | None = None
    untried: QuotingText = ""


class Judgement(FindingContent, frozen=True, kw_only=True):
    """What a rule returns.

    Attributes:
        facts: what other checks' conclusions rest on (run/root_cause.py), in a type of the check's
            own. It is no part of the report: judging the evidence again brings it back.
    """

    facts: Struct | None = None


class Finding(FindingContent, frozen=True, kw_only=True):
    """A judgement in its place: which check, which requirement, on whose authority.

    Attributes:
        check: the check's name; equal to `requirement` (one check settles one row).
        title: the check as a noun, for tables ("Packet loss").
        term: the word that the vendor's documentation uses for it, in English; may be empty.
        meaning: what it is and what it does to calls, in a sentence or two; its paragraph in
            the guide.
        method: how it is measured and after which standard, for whoever doubts a figure.
        headline: name of the measured quantity that stands on a tile of its own, or empty.
        stands_for_page: whether its measurement is the one to show where its page has one line.
        about_service: its texts hold the service's own addresses, which redaction may keep.
        required: False where this role only gets advice from it.
        depends_on: the check behind it, where it is no further problem of its own; else empty.
        answer: what a person answered to a question; the status then rests on their word.
    """

    check: PublicText
    requirement: PublicText
    title: QuotingText
    page: Page
    required: bool
    source: Source | None = None
    depends_on: PublicText = ""
    answer: Confirmation | None = None
    term: PublicText = ""
    meaning: PublicText = ""
    method: PublicText = ""
    headline: PublicText = ""
    stands_for_page: bool = False
    about_service: bool = False


def titled(finding: Finding) -> str:
    """ "Jitter: Your connection is steady."; the sentence alone where it names its check."""
    name = rf"(?<!\w){re.escape(finding.title)}(?!\w)"
    if finding.title and re.search(name, finding.summary, re.IGNORECASE):
        return finding.summary
    return labelled(finding.title, finding.summary)
