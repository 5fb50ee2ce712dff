"""computer.clock: does this computer know what time it is?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import digits_beside, tried_lines
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _, ngettext_noop
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import number
from natwizard.probes.clock import CLOCK, ClockReading

ANSWERS = 2
"""One server may be wrong itself, or something on the way may answer in its place."""


class ClockLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far the clock may be off, in s."""

    most_s: float = 60.0


class ClockFacts(Struct, frozen=True, kw_only=True):
    """For other checks' conclusions: whether certificates look invalid by this clock alone."""

    outside_validity: bool


SAME_S = 1.5
"""A Date header counts whole seconds, and the answer was under way for a part of one."""

LEAST_UNITS = 2
"""The largest unit of which there are two: 90 minutes, but 2 hours."""

UNITS = (
    (
        86400,
        ngettext_noop("{count} day fast", "{count} days fast"),
        ngettext_noop("{count} day slow", "{count} days slow"),
    ),
    (
        3600,
        ngettext_noop("{count} hour fast", "{count} hours fast"),
        ngettext_noop("{count} hour slow", "{count} hours slow"),
    ),
    (
        60,
        ngettext_noop("{count} minute fast", "{count} minutes fast"),
        ngettext_noop("{count} minute slow", "{count} minutes slow"),
    ),
    (
        1,
        ngettext_noop("{count} second fast", "{count} seconds fast"),
        ngettext_noop("{count} second slow", "{count} seconds slow"),
    ),
)

SET_CLOCK = N_("Set date and time to automatic in the system's settings.")
# where accounts are managed, only the helpdesk may set the clock
REQUEST = N_(
    "Please set this computer's clock, or let it follow a time server: it is {off}."
    " Secure connections and sign-ins depend on it."
)


class ClockState(VerdictTable):
    """How the clock stands."""

    RIGHT = passed(N_("This computer's clock is right."))
    OFF = warned(N_("This computer's clock is {off}."), SET_CLOCK, REQUEST, owner=Owner.HELPDESK)
    OUTSIDE_VALIDITY = failed(
        N_("This computer's clock is wrong; secure connections fail."),
        SET_CLOCK,
        REQUEST,
        owner=Owner.HELPDESK,
    )
    ONE_ANSWER = unknown(
        N_("Only one server told its time, and it differs."),
        N_("Compare this computer's clock with a telephone's."),
    )
    SERVERS_DIFFER = unknown(
        N_("Servers told different times."),
        N_("Compare this computer's clock with a telephone's."),
    )
    NO_TIME = unknown(
        N_("No server told its time."), N_("Fix the connection first; this follows from it.")
    )


def judge(inputs: Inputs, limits: ClockLimits) -> Judgement:
    """Two servers that agree with each other are believed; one that agrees with us is enough."""
    evidence = inputs.evidence(CLOCK)
    readings = evidence.readings()
    state, offset_s = _state(readings, limits.most_s)
    off = offset_words(offset_s, limits.most_s)
    return state.verdict.judgement(
        texts={"off": off},
        observed=off if readings else _("no time told"),
        expected=_("within {seconds} s").format(seconds=number(limits.most_s)),
        measured=(Quantity(name="clock_offset", value=offset_s, unit=Unit.SECOND),)
        if readings
        else (),
        details=tuple(
            Detail(label=reading.server, text=offset_words(reading.offset_s))
            for reading in readings
        ),
        tried=tried_lines(evidence.attempts()),
        facts=ClockFacts(outside_validity=state is ClockState.OUTSIDE_VALIDITY),
    )


def _state(readings: Sequence[ClockReading], most_s: float) -> tuple[ClockState, float]:
    if not readings:
        return ClockState.NO_TIME, 0.0
    nearest = min(readings, key=lambda reading: abs(reading.offset_s))
    if abs(nearest.offset_s) <= most_s:
        return ClockState.RIGHT, nearest.offset_s
    if len(readings) < ANSWERS:
        return ClockState.ONE_ANSWER, nearest.offset_s
    offsets = [reading.offset_s for reading in readings]
    if max(offsets) - min(offsets) > most_s:
        return ClockState.SERVERS_DIFFER, nearest.offset_s
    outside = any(_outside_validity(reading) for reading in readings)
    return ClockState.OUTSIDE_VALIDITY if outside else ClockState.OFF, nearest.offset_s


def _outside_validity(reading: ClockReading) -> bool:
    """Whether the certificate is valid by the server's clock and not by this computer's."""
    theirs = _moment(reading.served_at)
    ours = theirs + timedelta(seconds=reading.offset_s)
    first, last = _moment(reading.not_before), _moment(reading.not_after)
    return first <= theirs <= last and not first <= ours <= last


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def offset_words(offset_s: float, most_s: float = 0.0) -> str:
    """ "3 minutes fast", "2 days slow": the largest unit that rounds to its side of the limit."""
    size_s = abs(offset_s)
    if size_s < SAME_S:
        return _("right to the second")
    unit_s, fast, slow = next(row for row in UNITS if _fits(size_s, row[0], most_s))
    count = size_s / unit_s
    words = (fast if offset_s > 0 else slow).of(round(count))
    # whole minutes, hours and days are told only where they fit
    digits = digits_beside(count, 0, most_s) if unit_s == 1 else 0
    return words.format(count=number(count, digits))


def _fits(size_s: float, unit_s: float, most_s: float) -> bool:
    """Whether so few digits tell which side of the limit it is; seconds always do."""
    rounds_well = digits_beside(size_s / unit_s, 0, most_s / unit_s) == 0
    return unit_s == 1 or (size_s >= LEAST_UNITS * unit_s and rounds_well)


COMPUTER_CLOCK = Check(
    name="computer.clock",
    meaning=N_(
        "Certificates hold from one moment to another. A clock that is far off makes secure "
        "pages and sign-ins fail, though nothing is wrong with them."
    ),
    title=N_("Clock"),
    term="Clock",
    page=Page.COMPUTER,
    needs=(CLOCK,),
    limits=ClockLimits,
    judge=judge,
    method=N_("This computer's clock against the Date header (RFC 9110) of two secure pages"),
)
