"""What a person answered where no program can measure."""

from enum import StrEnum

from msgspec import Struct


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
    on: str
    by: str = ""
    note: str = ""
    asked: str = ""
    seen: str = ""
