"""What every probe is, and all it may touch: nothing outside reaches a probe but its context."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from natwizard.model.finding import ChartColumn
from natwizard.model.outcome import SILENCES, Attempt, Failure, FailureCode
from natwizard.model.privacy import register_evidence
from natwizard.model.profile import Answers, Feeds, PublicServer, PublicUse, Targets
from natwizard.probes.failures import CannotGather, failure_from
from natwizard.probes.host import Host
from natwizard.probes.loop_lag import LoopLag
from natwizard.probes.network import Network
from natwizard.probes.rate_limiter import WAITING, QueueTime, RateLimiter
from natwizard.probes.salesforce.session import SalesforceSession

T = TypeVar("T")
E_co = TypeVar("E_co", covariant=True)


STARVED_SHARE = 0.5
"""Of a time limit that went by without a turn: what is left of 3 s is then too little for a packet
that is sent again after a second (RFC 6298, section 2) and a round trip by satellite."""


BY_THE_KERNEL = frozenset({"connect_tcp", "connect_elsewhere"})
"""The kernel sends these, again where it has to, and takes the answer; it is asked for that once
more after the time limit. Whether this program had a turn meanwhile makes no difference.
"""


class Phase(StrEnum):
    """When a probe runs. Phases follow each other; within one, probes run side by side.

    Those that share the line may go on beside the stream of voice packets, where there is room.
    """

    MACHINE = "machine"
    REACHABILITY = "reachability"
    MEDIA = "media"
    """One probe at a time, alone on the line."""
    ON_REQUEST = "on_request"
    """What a person has to help with: only where they asked for it."""
    SOAK = "soak"
    """What only time shows: after the verdict stands, for as long as somebody waits."""


class EarlierEvidence(Struct, frozen=True, kw_only=True):
    """What a probe brought in an earlier run on this computer.

    Attributes:
        started_at: when that run began, ISO 8601.
        evidence: JSON as that version of the program wrote it: read it with care.
    """

    started_at: str
    evidence: bytes


def no_earlier_evidence(_probe: str) -> tuple[EarlierEvidence, ...]:
    """For runs that have no history."""
    return ()


def nothing_gathered(_probe: str) -> object | None:
    """For a probe that runs by itself."""
    return None


class ReportProgress(Protocol):
    """Tells how far a probe is; `fraction` runs from 0 to 1."""

    def __call__(
        self, fraction: float, text: str, columns: tuple[ChartColumn, ...] = ()
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeContext:
    """Everything one probe is given for one run.

    Attributes:
        answers: what the person said of themselves (role, calls at once).
        run_started: `time.perf_counter()` when the run began; times of evidence count from it.
        open_page: opens an address in the person's browser, and says whether it could. It may
            block for seconds. None: nobody may open a browser, as in a silent run.
        salesforce: the org that somebody signed in to, or None.
        earlier: evidence of a probe, by its name, from the last runs on this computer, newest
            first. It reads files: call it off the event loop.
        public: public servers that may be asked where no target is set; none in a watch or a
            bench, which measure to the profile's own far ends only.
        loop_lag: when the event loop was late; None where nobody keeps that.
        gathered: what a probe has brought so far in this same run, by its name; ask `found_by`.
        log: lines kept in the report for whoever looks into a strange result.
    """

    targets: Targets
    feeds: Feeds
    answers: Answers
    network: Network
    host: Host
    rate_limiter: RateLimiter
    progress: ReportProgress
    run_started: float
    open_page: Callable[[str], bool] | None = None
    salesforce: SalesforceSession | None = None
    earlier: Callable[[str], tuple[EarlierEvidence, ...]] = no_earlier_evidence
    public: tuple[PublicServer, ...] = ()
    gathered: Callable[[str], object | None] = nothing_gathered
    loop_lag: LoopLag | None = None
    log: list[str] = field(default_factory=list)

    def public_for(self, use: PublicUse) -> tuple[PublicServer, ...]:
        """The public servers for one use, in the profile's order."""
        return tuple(server for server in self.public if server.use is use)

    def found_by(self, probe: "Probe[T]") -> T | None:
        """What a probe that ran before in this same run brought; None where it did not."""
        evidence = self.gathered(probe.name)
        return evidence if isinstance(evidence, probe.evidence) else None

    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self.run_started

    async def attempt(
        self, operation: str, target: object, work: Callable[[], Awaitable[T]]
    ) -> Attempt[T]:
        """Do one operation, timed; expected trouble becomes the attempt's failure.

        What it waits for its turn (`pace.flow`) is not part of its duration. A silence through
        most of which this program got no turn is this computer's (MACHINE_BUSY).
        Exceptions that `failure_from` does not know are defects and pass through.
        """
        started_s = self.elapsed_s()
        waiting = QueueTime()
        before = WAITING.set(waiting)
        value, failure = None, None
        try:
            value = await work()
        except (OSError, EOFError, ValueError, CannotGather, ExceptionGroup) as error:
            failure = failure_from(error, operation)
        finally:
            WAITING.reset(before)
        duration_s = self.elapsed_s() - started_s - waiting.total_s
        if failure is not None and failure.code in SILENCES:
            failure = self.unless_starved(failure, duration_s)
        outcome = f"{failure.code} {failure.detail}" if failure else "ok"
        self.log.append(
            f"{started_s:7.3f} {operation} {target} {duration_s * 1000:.1f} ms {outcome}"
        )
        return Attempt(
            operation=operation,
            target=str(target),
            started_s=started_s,
            duration_s=duration_s,
            value=value,
            failure=failure,
        )

    def unless_starved(self, silence: Failure, duration_s: float) -> Failure:
        """A silence that ends now, or MACHINE_BUSY where this program had no turn to hear it."""
        if self.loop_lag is None or silence.operation in BY_THE_KERNEL:
            return silence
        now = time.perf_counter()
        late_s = self.loop_lag.between(now - duration_s, now)
        if late_s < STARVED_SHARE * duration_s:
            return silence
        detail = f"no turn for {late_s:.2f} of {duration_s:.2f} s"
        return Failure(code=FailureCode.MACHINE_BUSY, operation=silence.operation, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Generic[E_co]):
    """One way of looking at the world.

    Attributes:
        name: in snake case; the key of its evidence in a report.
        title: what is going on while it runs, for people ("Asking for your public address").
        evidence: a frozen msgspec Struct; what `gather` returns.
        typical_s: how long it takes on a healthy line, for the time left; `typical_for` knows it
            better where it hangs on what a person answered.
        deadline_s: after this the run goes on without it.
        stands_alone: what it brings stays true whatever becomes of the connection later on.
        shares_line: takes so little of a line with room that others who also share it may run at
            the same time, a stream of voice packets among them; the others have it to themselves.
        gather: looks once. Trouble on one target is an Attempt with a failure in the evidence;
            raise CannotGather only where nothing could be looked at.
    """

    name: str
    title: str
    evidence: type[E_co]
    phase: Phase
    typical_s: float
    deadline_s: float
    gather: Callable[[ProbeContext], Awaitable[E_co]]
    stands_alone: bool = False
    typical_for: Callable[[Answers], float] | None = None
    shares_line: bool = False

    def __post_init__(self) -> None:
        register_evidence(self.name, self.evidence)


def require_target(value: T, setting: str) -> T:
    """Pass a target on, or end the probe with NO_TARGET naming the setting."""
    if not value:
        raise CannotGather(
            Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail=setting)
        )
    return value
