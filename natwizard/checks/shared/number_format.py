"""How findings write numbers: true minus, a no-break space before the unit."""

from collections.abc import Iterable

from natwizard.model.finding import AttemptLine
from natwizard.model.language import N_, _
from natwizard.model.outcome import SILENCES, Attempt, Failure, FailureCode, HoldsAttempts
from natwizard.model.writing import MINUS as MINUS
from natwizard.model.writing import NBSP as NBSP
from natwizard.model.writing import number as number
from natwizard.model.writing import short_number, unit_sign
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
    FailureCode.PROXY_FOUND_NOBODY: N_("the proxy could not reach it"),
    FailureCode.CREDENTIALS_REFUSED: N_("user name or password refused"),
    FailureCode.SERVER_FULL: N_("the server has no room for another test"),
    FailureCode.NOT_SIGNED_IN: N_("not signed in to Salesforce"),
    FailureCode.SIGN_IN_REFUSED: N_("Salesforce refused the sign-in"),
    FailureCode.APP_BLOCKED: N_("Salesforce blocks the app that signs in"),
    FailureCode.SESSION_EXPIRED: N_("signed out by Salesforce"),
    FailureCode.ACCESS_DENIED: N_("Salesforce does not show it to this user"),
    FailureCode.ALLOWANCE_USED_UP: N_("no API calls left in Salesforce"),
    FailureCode.API_DISABLED: N_("the API is off in Salesforce"),
    FailureCode.LED_ELSEWHERE: N_("led to a server that is not Salesforce"),
    FailureCode.CERTIFICATE_WANTED: N_("it wants a certificate of this computer's"),
    FailureCode.BAD_ANSWER: N_("an answer that makes no sense"),
    FailureCode.HELD_BACK: N_("held back until more came"),
    FailureCode.UNANSWERED: N_("taken, but not answered"),
    FailureCode.CLOSED_BY_PEER: N_("the server itself ended it"),
    FailureCode.FAR_END_SILENT: N_("the test server answered at first, then no more"),
    FailureCode.COMPRESSED: N_("compressed unasked"),
    FailureCode.TOO_LARGE: N_("an answer that is too large"),
    FailureCode.NO_TARGET: N_("no target set"),
    FailureCode.NO_RESOLVER: N_("this computer has no name server"),
    FailureCode.NO_DISPLAY: N_("there is no display"),
    FailureCode.NOT_PERMITTED: N_("this computer does not allow it"),
    FailureCode.BLOCKED_HERE: N_("something on this computer does not let it out"),
    FailureCode.NOT_SUPPORTED: N_("this computer does not offer it"),
    FailureCode.MACHINE_BUSY: N_("this computer was too busy to measure"),
    FailureCode.LINE_CHANGED: N_("the connection changed meanwhile"),
    FailureCode.SLEPT: N_("this computer slept meanwhile"),
    FailureCode.STOOD_STILL: N_("this computer stood still meanwhile"),
    FailureCode.NOT_RUN: N_("not tried"),
    FailureCode.STOPPED: N_("you stopped the run"),
    FailureCode.DEADLINE: N_("it took too long"),
    FailureCode.OTHER: N_("an error that this computer reported"),
    FailureCode.DEFECT: N_("a fault in natwizard itself"),
}


OPERATION_WORDS: dict[str, str] = {
    "allocate_turn": N_("relay asked of {target}"),
    "ask_control": N_("address asked for, for comparison: {target}"),
    "ask_dnssec": N_("lookup with signatures at {target}"),
    "ask_edns": N_("lookup with EDNS at {target}"),
    "ask_edns_4096": N_("lookup with EDNS for up to 4096 bytes at {target}"),
    "ask_large": N_("lookup with a long answer at {target}"),
    "ask_large_plain": N_("lookup with a long answer, without EDNS, at {target}"),
    "ask_large_tcp": N_("lookup with a long answer, over TCP, at {target}"),
    "ask_plain": N_("lookup without EDNS at {target}"),
    "ask_stun": N_("public address asked of {target}"),
    "ask_stun_to_change": N_("answer from another address asked of {target}"),
    "ask_size": N_("lookup with an answer of known size at {target}"),
    "ask_tcp": N_("lookup over TCP at {target}"),
    "ask_udp_port": N_("one UDP port asked at {target}"),
    "ask_witness": N_("another server asked, for comparison: {target}"),
    "ask_unknown_option": N_("lookup with an unknown option at {target}"),
    "ask_version_1": N_("lookup with EDNS version 1 at {target}"),
    "connect_tcp": N_("connection to {target}"),
    "connect_elsewhere": N_("connection to {target}"),
    "download": N_("download of {target}"),
    "echo_fragmented": N_("message in pieces to {target}"),
    "echo_large": N_("large message to {target}"),
    "echo_small": N_("small message to {target}"),
    "fetch_page": N_("page of {target}"),
    "greet_beacon": N_("test packets to {target}"),
    "greet_reflector": N_("test packets to {target}"),
    "greet_through_turn": N_("test packets through the relay {target}"),
    "hold_websocket": N_("connection held to {target}"),
    "look_up": N_("lookup of {target}"),
    "open_tunnel": N_("way through the proxy to {target}"),
    "ping_websocket": N_("sign of life from {target}"),
    "read_chain": N_("certificates of {target}"),
    "read_time": N_("time of {target}"),
    "read_hosts_file": N_("line for {target} in this computer's hosts file"),
    "resolve": N_("lookup of {target}"),
    "sip_tcp": N_("SIP over TCP to {target}"),
    "sip_tls": N_("SIP over TLS to {target}"),
    "sip_udp": N_("SIP over UDP to {target}"),
    "start_tls": N_("encryption with {target}"),
    "try_small_segments": N_("small packets to {target}"),
    "try_usual_segments": N_("packets of full size to {target}"),
    "upgrade_websocket": N_("websocket to {target}"),
    "verify_public": N_("certificate of {target} against public authorities"),
}
"""What an attempt was for, by its operation, which is a word for programs and not for people."""


def operation_words(operation: str, target: str) -> str:
    """ "connection to 203.0.113.24:10062"; the target alone for what has no words of its own.

    An operation may name what it goes through: "ask_stun_by eth0".
    """
    name, _space, by = operation.partition(" ")
    words = OPERATION_WORDS.get(name.removesuffix("_by"))
    told = _(words).format(target=target) if words is not None else target
    return f"{told} ({by})" if by else told


def failure_words(code: FailureCode) -> str:
    """What a failure means, in a few plain words."""
    return _(FAILURE_WORDS[code])


def why_it_failed(failure: Failure) -> str:
    """What a failure means, and in brackets what the system or the peer said of it."""
    words = failure_words(failure.code)
    return f"{words} ({failure.detail})" if failure.detail else words


def failure_with_name(failure: Failure) -> str:
    """As `failure_words`; an error outside the list is shown by the system's name of it."""
    words = failure_words(failure.code)
    if failure.code is not FailureCode.OTHER:
        return words
    return f"{words} ({failure.detail.partition(':')[0]})"


MOST_DIGITS = 6
"""More than any measurement is good for: two values that agree so far are the same."""


def digits_beside(value: float, digits: int, *limits: float) -> int:
    """Digits with which a rounded value still stands on its own side of every limit.

    "2.0 GB" that fails against 2 GB reads as a contradiction; "1.98 GB" does not.
    """
    for enough in range(digits, MOST_DIGITS):
        shown = float(f"{value:.{enough}f}")
        if all(_side(shown, limit) == _side(value, limit) for limit in limits):
            return enough
    return digits


def _side(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


def beside(value: float, unit: str, digits: int, *limits: float) -> str:
    """A value and its unit as `digits_beside` has it; without a unit the number alone."""
    enough = digits_beside(value, digits, *limits)
    return with_unit(value, unit, enough) if unit else number(value, enough)


def limit_with_unit(limit: float, unit: str) -> str:
    """A limit with the decimals that its profile gave it: "100 ms", "2.5 GB"."""
    return f"{short_number(limit, LIMIT_DIGITS)}{NBSP}{unit_sign(unit)}"


LIMIT_DIGITS = 3


def milliseconds(value_ms: float) -> str:
    """Two figures below ten, whole milliseconds above."""
    return with_unit(value_ms, "ms", 1 if value_ms < 10 else 0)


def attempt_words(attempt: Attempt[object]) -> str:
    """How one attempt ended: "answered in 21 ms", "no answer in 3.0 s"."""
    if attempt.failure is None:
        return _("answered in {time}").format(time=milliseconds(attempt.duration_s * 1000))
    words = failure_with_name(attempt.failure)
    if attempt.failure.code in SILENCES:
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
            target=operation_words(attempt.operation, attempt.target),
            result=attempt_words(attempt),
            failed=attempt.failure is not None,
        )
        for attempt in sorted(attempts, key=lambda attempt: attempt.started_s)
    )
