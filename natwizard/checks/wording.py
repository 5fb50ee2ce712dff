"""How findings write numbers: true minus, a no-break space before the unit."""

from collections.abc import Sequence

from natwizard.model.finding import TriedLine
from natwizard.model.language import _
from natwizard.model.outcome import Attempt, FailureCode

NBSP = "\u00a0"
MINUS = "\u2212"
DOT = f" {chr(0xB7)} "
TIMES = chr(0xD7)

FAILURE_WORDS = {
    FailureCode.NAME_NOT_FOUND: "the name does not exist",
    FailureCode.NAME_LOOKUP_FAILED: "the name could not be looked up",
    FailureCode.NETWORK_UNREACHABLE: "there is no way to this address",
    FailureCode.CONNECTION_REFUSED: "turned away",
    FailureCode.CONNECTION_RESET: "cut off",
    FailureCode.CLOSED_EARLY: "hung up before answering",
    FailureCode.TIMED_OUT: "no answer",
    FailureCode.TLS_FAILED: "no secure connection",
    FailureCode.CERTIFICATE_UNTRUSTED: "certificate not trusted",
    FailureCode.HTTP_STATUS: "unexpected web answer",
    FailureCode.UPGRADE_REFUSED: "the websocket was refused",
    FailureCode.PROXY_AUTHENTICATION: "the proxy asks for a password",
    FailureCode.CREDENTIALS_REFUSED: "user name or password refused",
    FailureCode.BAD_ANSWER: "an answer that makes no sense",
    FailureCode.TOO_LARGE: "an answer that is too large",
    FailureCode.NO_TARGET: "no target set",
    FailureCode.NO_RESOLVER: "this computer has no name server",
    FailureCode.NO_DISPLAY: "there is no display",
    FailureCode.NOT_PERMITTED: "this computer does not allow it",
    FailureCode.NOT_SUPPORTED: "this computer does not offer it",
    FailureCode.MACHINE_BUSY: "this computer was too busy to measure",
    FailureCode.NOT_RUN: "not tried",
    FailureCode.STOPPED: "you stopped the run",
    FailureCode.DEADLINE: "it took too long",
    FailureCode.DEFECT: "a fault in natwizard itself",
}


def failure_words(code: FailureCode) -> str:
    """What a failure means, in a few plain words."""
    return _(FAILURE_WORDS[code])


def number(value: float, digits: int = 0) -> str:
    """Round for reading: 18.64 with one digit is "18.6", 1000 is "1,000"."""
    return f"{value:,.{digits}f}".replace("-", MINUS)


def with_unit(value: float, unit: str, digits: int = 0) -> str:
    """A number and its unit, kept on one line."""
    return f"{number(value, digits)}{NBSP}{unit}"


def milliseconds(value_ms: float) -> str:
    """Two figures below ten, whole milliseconds above."""
    return with_unit(value_ms, "ms", 1 if value_ms < 10 else 0)


def attempt_words(attempt: Attempt[object]) -> str:
    """How one attempt ended: "answered in 21 ms", "no answer in 3.0 s"."""
    if attempt.failure is None:
        return _("answered in {time}").format(time=milliseconds(attempt.duration_s * 1000))
    words = failure_words(attempt.failure.code)
    if attempt.failure.code is FailureCode.TIMED_OUT:
        return _("{words} in {time}").format(
            words=words, time=with_unit(attempt.duration_s, "s", 1)
        )
    return words


def tried_lines(attempts: Sequence[Attempt[object]]) -> tuple[TriedLine, ...]:
    """Attempts as the lines behind "All attempts"."""
    return tuple(
        TriedLine(
            started_s=attempt.started_s,
            duration_s=attempt.duration_s,
            target=f"{attempt.operation} {attempt.target}",
            result=attempt_words(attempt),
        )
        for attempt in attempts
    )
