"""What became of a request to a collector, and how long to wait before the next one. Pure."""

import secrets
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

FIRST_BACK_OFF_S = 1.0
LONGEST_BACK_OFF_S = 8.0
# The bound is LONGEST_BACK_OFF_S long before; without it a number of any length is shifted
MOST_DOUBLINGS = 10
_RANDOM = secrets.SystemRandom()


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
