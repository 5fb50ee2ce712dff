"""What became of a request to a collector, and how long to wait before the next one. Pure."""

import secrets
from collections.abc import Callable, Iterator
from enum import StrEnum

from msgspec import Struct

FIRST_BACK_OFF_S = 1.0
LONGEST_BACK_OFF_S = 8.0
# The bound is LONGEST_BACK_OFF_S long before; without it a number of any length is shifted
MOST_DOUBLINGS = 10
_RANDOM = secrets.SystemRandom()
# Some collectors know no other form and answer JSON with protobuf: ExportLogsServiceResponse, in
# it ExportLogsPartialSuccess, whose two fields are all there is
PROTOBUF_TYPES = frozenset({"application/x-protobuf", "application/protobuf"})
PARTIAL_SUCCESS = 1
REJECTED_LOG_RECORDS, ERROR_MESSAGE = 1, 2
# Wire types (protobuf.dev, "Encoding"); groups, 3 and 4, are in no message of OTLP
VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
FIXED = {EIGHT_BYTES: 8, FOUR_BYTES: 4}
LARGEST = (1 << 63) - 1
"""Of a signed number; what is above stands for a negative one."""


class Answer(StrEnum):
    """What became of one request."""

    TAKEN = "taken"
    LATER = "later"
    """Nobody answered, or whoever did wants it later."""
    NOT_LET_IN = "not_let_in"
    REFUSED = "refused"
    """This very run will never be taken."""


class Posted(Struct, frozen=True, kw_only=True):
    """The outcome of one request.

    Attributes:
        detail: why, in one line without control characters; empty where all was taken.
        retry_after_s: how long the receiver asks to wait; None where it does not say.
        rejected: records that a collector took none of although it took the request.
    """

    answer: Answer
    detail: str = ""
    retry_after_s: float | None = None
    rejected: int = 0


def back_off_s(attempt: int, draw: Callable[[], float] = _RANDOM.random) -> float:
    """How long to wait after this many failures; at random, so that a site does not come at once.

    "Full jitter": uniform from nothing to the doubled bound.
    """
    return draw() * min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * (1 << min(attempt, MOST_DOUBLINGS)))


def rejected_of(content: bytes) -> tuple[int, str]:
    """How many records were rejected, and why, where a collector answers in protobuf. Raises
    ValueError where it is no such message.
    """
    rejected, reason = 0, b""
    for field, partial in _fields(content):
        if field != PARTIAL_SUCCESS:
            continue
        if not isinstance(partial, bytes):
            raise ValueError("a message is expected")
        for inner, value in _fields(partial):
            if inner == REJECTED_LOG_RECORDS and isinstance(value, int):
                rejected = value if value <= LARGEST else 0
            elif inner == ERROR_MESSAGE and isinstance(value, bytes):
                reason = value
    return rejected, reason.decode()


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        field, kind = key >> 3, key & 7
        if kind == VARINT:
            number, place = _varint(content, place)
            yield field, number
            continue
        if kind == BYTES:
            length, place = _varint(content, place)
        elif kind in FIXED:
            length = FIXED[kind]
        else:
            raise ValueError("no such kind of field")
        if field < 1 or place + length > len(content):
            raise ValueError("the end is missing")
        yield field, content[place : place + length]
        place += length


def _varint(content: bytes, place: int) -> tuple[int, int]:
    """A number of up to ten bytes, and where the next one begins."""
    number = 0
    for shift in range(0, 70, 7):
        if place >= len(content):
            break
        byte = content[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place
    raise ValueError("a number does not end")
