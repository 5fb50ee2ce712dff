"""Numbers with a name and a unit, and the interval a measurement is good for."""

from enum import StrEnum

from msgspec import Struct

from natwizard.model.privacy import PublicText, QuotingText


class Reply(StrEnum):
    """The answer to a question that waits for a person."""

    YES = "yes"
    NO = "no"


class Confirmation(Struct, frozen=True, kw_only=True):
    """One answer. It is the word of a person, never a measurement.

    Attributes:
        on: ISO 8601 date.
        by: who says so, as they want to be named; may be empty.
        asked: the finding's sentence before the answer, to take the answer back.
        seen: what stood in the place of a measurement before it.
    """

    reply: Reply
    on: PublicText
    by: QuotingText = ""
    note: QuotingText = ""
    asked: QuotingText = ""
    seen: QuotingText = ""


class Unit(StrEnum):
    """Units as the report writes them (SI where there is one)."""

    BYTE = "B"
    MILLISECOND = "ms"
    SECOND = "s"
    FRACTION = "1"
    COUNT = "count"
    KILOBIT_PER_SECOND = "kbit/s"
    MEGAHERTZ = "MHz"
    PIXEL = "px"
    BIT = "bit"
    PERCENT = "%"
    MOS = "MOS"
    DECIBEL = "dB"
    DECIBEL_OF_FULL_SCALE = "dBFS"
    HERTZ = "Hz"
    TEXT = "text"
    """The value is a word or a version, not a number."""


class Quantity(Struct, frozen=True, kw_only=True):
    """One measured value: `name` in snake case, unique within its finding."""

    name: PublicText
    value: float | int | QuotingText | bool
    unit: Unit


class Interval(Struct, frozen=True, kw_only=True):
    """Where the true value lies with the given confidence (0.95 = 95 %)."""

    low: float
    high: float
    unit: Unit
    confidence: float = 0.95
