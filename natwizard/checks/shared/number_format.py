"""How findings write numbers: true minus, a no-break space before the unit."""

from collections.abc import Iterable

from natwizard.model.finding import AttemptLine
from natwizard.model.language import N_, _
from natwizard.model.outcome import Attempt, Failure, FailureCode, HoldsAttempts
from natwizard.model.writing import MINUS as MINUS
from natwizard.model.writing import NBSP as NBSP
from natwizard.model.writing import number as number
from natwizard.model.writing import with_unit as with_unit

DOT = f" {chr(0xB7)} "
TIMES = chr(0xD7)

FAILURE_WORDS = {
    FailureCode.NAME_NOT_FOUND: N_("the name does not exist"),
    FailureCode.NAME_LOOKUP_FAILED: N_("the name could not be looked up"),
    FailureCode.NETWORK_UNREACHABLE: N_("there is no way to this address"),
    FailureCode.CONNECTION_REFUSED: N_("turned away"),
    FailureCode.CONNECTION_RESET: N_("cut off"),
    FailureCode.CLOSED_EARLY: N_("hung up before answering"),
    FailureCode.TIMED_OUT: N_("no answer"),
    FailureCode.TLS_FAILED: N_("no secure connection"),
    FailureCode.CERTIFICATE_UNTRUSTED: N_("certificate not trusted"),
    FailureCode.HTTP_STATUS: N_("unexpected web answer"),
    FailureCode.UPGRADE_REFUSED: N_("the websocket was refused"),
    FailureCode.PROXY_AUTHENTICATION: N_("the proxy asks for a password"),
    FailureCode.CREDENTIALS_REFUSED: N_("user name or password refused"),
    FailureCode.NOT_SIGNED_IN: N_("not signed in to Salesforce"),
    FailureCode.SIGN_IN_REFUSED: N_("Salesforce refused the sign-in"),
    FailureCode.SESSION_EXPIRED: N_("signed out by Salesforce"),
    FailureCode.ACCESS_DENIED: N_("Salesforce does not show it to this user"),
    FailureCode.ALLOWANCE_USED_UP: N_("no API calls left in Salesforce"),
    FailureCode.API_DISABLED: N_("the API is off in Salesforce"),
    FailureCode.LED_ELSEWHERE: N_("led to a server that is not Salesforce"),
    FailureCode.BAD_ANSWER: N_("an answer that makes no sense"),
    FailureCode.HELD_BACK: N_("held back until more came"),
    FailureCode.COMPRESSED: N_("compressed unasked"),
    FailureCode.TOO_LARGE: N_("an answer that is too large"),
    FailureCode.NO_TARGET: N_("no target set"),
    FailureCode.NO_RESOLVER: N_("this computer has no name server"),
    FailureCode.NO_DISPLAY: N_("there is no display"),
    FailureCode.NOT_PERMITTED: N_("this computer does not allow it"),
    FailureCode.NOT_SUPPORTED: N_("this computer does not offer it"),
    FailureCode.MACHINE_BUSY: N_("this computer was too busy to measure"),
    FailureCode.NOT_RUN: N_("not tried"),
    FailureCode.STOPPED: N_("you stopped the run"),
    FailureCode.DEADLINE: N_("it took too long"),
    FailureCode.OTHER: N_("an error that this computer reported"),
    FailureCode.DEFECT: N_("a fault in natwizard itself"),
}


def failure_words(code: FailureCode) -> str:
    """What a failure means, in a few plain words."""
    return _(FAILURE_WORDS[code])


def failure_with_name(failure: Failure) -> str:
    """As `failure_words`; an error outside the list is shown by the system's name of it."""
    words = failure_words(failure.code)
    if failure.code is not FailureCode.OTHER:
        return words
    return f"{words} ({failure.detail.partition(':')[0]})"


def milliseconds(value_ms: float) -> str:
    """Two figures below ten, whole milliseconds above."""
    return with_unit(value_ms, "ms", 1 if value_ms < 10 else 0)


def attempt_words(attempt: Attempt[object]) -> str:
    """How one attempt ended: "answered in 21 ms", "no answer in 3.0 s"."""
    if attempt.failure is None:
        return _("answered in {time}").format(time=milliseconds(attempt.duration_s * 1000))
    words = failure_with_name(attempt.failure)
    if attempt.failure.code is FailureCode.TIMED_OUT:
        return _("{words} in {time}").format(
            words=words, time=with_unit(attempt.duration_s, "s", 1)
        )
    return words


def tried_by(evidence: Iterable[HoldsAttempts]) -> tuple[AttemptLine, ...]:
    """As `tried_lines`, of all that several pieces of evidence tried."""
    return tried_lines(attempt for each in evidence for attempt in each.attempts())


def tried_lines(attempts: Iterable[Attempt[object]]) -> tuple[AttemptLine, ...]:
    """Attempts as the lines behind "All attempts", in the order in which they began."""
    return tuple(
        AttemptLine(
            started_s=attempt.started_s,
            duration_s=attempt.duration_s,
            target=f"{attempt.operation} {attempt.target}",
            result=attempt_words(attempt),
        )
        for attempt in sorted(attempts, key=lambda attempt: attempt.started_s)
    )
