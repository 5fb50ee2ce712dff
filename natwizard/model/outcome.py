"""How a measurement can turn out: evidence, or a failure with a code from a closed list."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Generic, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from natwizard.model.privacy import PublicText, QuotingText, ServerText

T_co = TypeVar("T_co", covariant=True)
E = TypeVar("E")
T = TypeVar("T")


class FailureCode(StrEnum):
    """Every way an operation can fail. Adding one means adding its words in `missing_evidence`."""

    # the network said so
    NAME_NOT_FOUND = "name_not_found"
    NAME_LOOKUP_FAILED = "name_lookup_failed"
    NETWORK_UNREACHABLE = "network_unreachable"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_RESET = "connection_reset"
    CLOSED_EARLY = "closed_early"
    TIMED_OUT = "timed_out"
    # the peer answered, but not as its protocol says
    TLS_FAILED = "tls_failed"
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    CERTIFICATE_WANTED = "certificate_wanted"
    """It asked for a certificate of this computer's, got none, and ended: its own doing."""
    HTTP_STATUS = "http_status"
    UPGRADE_REFUSED = "upgrade_refused"
    PROXY_AUTHENTICATION = "proxy_authentication"
    PROXY_FOUND_NOBODY = "proxy_found_nobody"
    """A proxy let the connection through and could not make it (5xx to CONNECT, RFC 9110, 15.6)."""
    CREDENTIALS_REFUSED = "credentials_refused"
    SERVER_FULL = "server_full"
    """It has no room for another client, or for another of this user."""
    BAD_ANSWER = "bad_answer"
    HELD_BACK = "held_back"
    UNANSWERED = "unanswered"
    """All that was sent arrived, as a later answer on the same connection or an acknowledgement
    shows, and what was asked stayed without an answer: the far end is silent, not the way."""
    CLOSED_BY_PEER = "closed_by_peer"
    """It took leave in its protocol's own words (a close frame): nobody on the way cut it."""
    FAR_END_SILENT = "far_end_silent"
    """It answered at first and nothing later, while others answer: that server is ill."""
    COMPRESSED = "compressed"
    TOO_LARGE = "too_large"
    # a service that asks who you are
    NOT_SIGNED_IN = "not_signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    APP_BLOCKED = "app_blocked"
    SESSION_EXPIRED = "session_expired"
    ACCESS_DENIED = "access_denied"
    ALLOWANCE_USED_UP = "allowance_used_up"
    API_DISABLED = "api_disabled"
    LED_ELSEWHERE = "led_elsewhere"
    # this computer or the profile
    NO_TARGET = "no_target"
    NO_RESOLVER = "no_resolver"
    NO_DISPLAY = "no_display"
    NOT_PERMITTED = "not_permitted"
    BLOCKED_HERE = "blocked_here"
    """A firewall or security program of this computer's own would not let it out."""
    NOT_SUPPORTED = "not_supported"
    MACHINE_BUSY = "machine_busy"
    LINE_CHANGED = "line_changed"
    """The line went down, came back or became another one in the middle of the measurement."""
    SLEPT = "slept"
    """The computer slept in the middle of the measurement."""
    STOOD_STILL = "stood_still"
    """This program got no turn for seconds in the middle of the measurement."""
    # the run
    NOT_RUN = "not_run"
    STOPPED = "stopped"
    DEADLINE = "deadline"
    OTHER = "other"
    """An error of the operating system that no other code names; the detail tells which."""
    DEFECT = "defect"


class Failure(Struct, frozen=True, kw_only=True):
    """What went wrong in one operation.

    Attributes:
        operation: the step that failed, a verb in snake case ("connect_tcp").
        detail: the raw error or the offending value; for NO_TARGET the setting's name.
    """

    code: FailureCode
    operation: PublicText
    detail: QuotingText = ""


class Attempt(Struct, Generic[T_co], frozen=True, kw_only=True):
    """One try of one operation on one target; exactly one of value and failure is set.

    Attributes:
        target: as a person would write it, "name:port" or "address:port".
        started_s: seconds since the run started.
    """

    operation: PublicText
    target: ServerText
    started_s: float
    duration_s: float
    value: T_co | None = None
    failure: Failure | None = None

    @property
    def ok(self) -> bool:
        """Whether the operation gave its value."""
        return self.failure is None


class HoldsAttempts(Protocol):
    """Evidence that holds attempts."""

    def attempts(self) -> Iterable[Attempt[object]]:
        """All of them."""


class Gathered(Struct, Generic[E], frozen=True, kw_only=True):
    """A probe looked, and this is what it saw."""

    evidence: E


class Missed(Struct, frozen=True, kw_only=True):
    """A probe could not look at all."""

    failure: Failure


Outcome: TypeAlias = Gathered[E] | Missed


def failures_in(evidence: object) -> Iterator[FailureCode]:
    """Every failure anywhere in what a probe brought."""
    return (each for each in _everything_in(evidence) if isinstance(each, FailureCode))


SILENCES = frozenset({FailureCode.TIMED_OUT, FailureCode.UNANSWERED})
"""Nothing came in time, whoever is why."""


def all_in(evidence: object, kind: type[T]) -> Iterator[T]:
    """Every value of a type anywhere in what a probe brought."""
    return (each for each in _everything_in(evidence) if isinstance(each, kind))


def attempts_in(evidence: object, operation: str) -> Iterator[Attempt[object]]:
    """Every attempt of this kind anywhere in what a probe brought."""
    attempts = (each for each in _everything_in(evidence) if isinstance(each, Attempt))
    return (each for each in attempts if each.operation == operation)


def _everything_in(evidence: object) -> Iterator[object]:
    """The evidence itself and all that it holds, each before what is in it."""
    waiting = [evidence]
    while waiting:
        each = waiting.pop()
        yield each
        match each:
            case Struct():
                held = [getattr(each, name) for name in each.__struct_fields__]
            case tuple() | list() | frozenset():
                held = list(each)
            case Mapping():
                held = list(each.values())
            case _:
                continue
        waiting.extend(reversed(held))
