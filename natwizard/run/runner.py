"""Runs a plan: probes in their phases, each check judged as soon as its evidence is in."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from natwizard import __version__
from natwizard.checks.base import Inputs
from natwizard.checks.shared.line import line_facts
from natwizard.checks.shared.missing_evidence import VOID
from natwizard.model.events import (
    CheckJudged,
    Event,
    ProbeFinished,
    ProbeProgressed,
    ProbeStarted,
    RunFinished,
    RunPlanned,
    SoakFinished,
    SoakStarted,
)
from natwizard.model.finding import ChartColumn, Finding
from natwizard.model.language import current_language
from natwizard.model.line_change import LineChange, LineChangeKind
from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed, Outcome
from natwizard.model.profile import Profile, Targets
from natwizard.model.report import SCHEMA_VERSION, ComputerSummary, ProbeRecord, ProfileUsed, Report
from natwizard.probes.base import EarlierEvidence, Phase, Probe, ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import DETAIL_LENGTH, CannotGather, failure_from
from natwizard.probes.host import Host
from natwizard.probes.line import LookAtLine
from natwizard.probes.loop_lag import LoopLag
from natwizard.probes.network import Network
from natwizard.probes.rate_limiter import RateLimiter
from natwizard.probes.salesforce.session import SalesforceSession
from natwizard.run.conclusion import Conclusion, conclude
from natwizard.run.judging import Judged, decode_outcomes, encode_evidence, facts_of, judge_row
from natwizard.run.line_watch import LineWatch
from natwizard.run.plan import PlannedRow, RunPlan, planned_probe, run_code

LOG = logging.getLogger(__name__)

Happened = Callable[[Event], None]

FLOWS_BESIDE_VOICE_PER_S = 25.0
"""New flows of other probes while voice packets are counted: 22 kbit/s of STUN each way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The world a run looks at, and which computer it is.

    Attributes:
        open_page: opens an address in the person's browser; None where that is not wanted.
        salesforce: the org that somebody signed in to; None where nobody did.
        earlier_reports: the last runs on this computer, newest first; it reads files.
        line: looks at this computer's way out, to see it change; None where nobody watches.
        public_roots: certificates (PEM) that count as public in this world beside those that do
            in the real one; the profile that a report tells of is left as it is.
    """

    network: Network
    host: Host
    machine: ComputerSummary
    open_page: Callable[[str], bool] | None = None
    salesforce: SalesforceSession | None = None
    earlier_reports: Callable[[], tuple[Report, ...]] | None = None
    line: LookAtLine | None = None
    public_roots: tuple[str, ...] = ()

    def targets_of(self, profile: Profile) -> Targets:
        """The profile's, as probes in this world need them."""
        targets = profile.targets
        if not self.public_roots:
            return targets
        return replace(targets, extra_roots=(*targets.extra_roots, *self.public_roots))

    def earlier(self, probe: str) -> tuple[EarlierEvidence, ...]:
        """What a probe brought in those; nothing where they cannot be read."""
        if self.earlier_reports is None:
            return ()
        try:
            reports = self.earlier_reports()
        except Exception:
            LOG.exception("earlier reports cannot be read")  # the history is a convenience
            return ()
        return tuple(
            EarlierEvidence(started_at=report.started_at, evidence=bytes(record.evidence))
            for report in reports
            for record in report.outcomes
            if record.probe == probe and record.failure is None
        )


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of one plan. Use it once.

    Attributes:
        plan: what to do.
        happened: told every event, in order, in the thread of the event loop.
        previous: a report whose evidence stands for the probes that are not run again.
        again: names of the probes to run where there is a previous report; empty means all.
    """

    plan: RunPlan
    environment: Environment
    happened: Happened
    previous: Report | None = None
    again: frozenset[str] = frozenset()
    _outcomes: dict[str, Outcome[object]] = field(default_factory=dict)
    _records: dict[str, ProbeRecord] = field(default_factory=dict)
    _judged_rows: dict[str, Judged] = field(default_factory=dict)
    _told: dict[str, Finding] = field(default_factory=dict)
    _own: set[str] = field(default_factory=set)
    _id: uuid.UUID = field(default_factory=uuid.uuid4)
    _started_at: datetime = field(default_factory=lambda: datetime.now().astimezone())
    _finished_at: datetime = field(default_factory=lambda: datetime.now().astimezone())
    _started: float = field(default_factory=time.perf_counter)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _line: LineWatch | None = None
    _loop_lag: LoopLag = field(default_factory=LoopLag)

    def stop(self) -> None:
        """End early with a whole report: what was not measured says so. Call in the loop."""
        self._stopped.set()

    def announce_findings(self) -> None:
        """Judge once more what is judged, in the language of now. Call in the loop."""
        inputs = self._inputs()
        for row in self.plan.rows:
            if row.check.name in self._judged_rows:
                self._judged_rows[row.check.name] = judge_row(row, inputs)
        if len(self._judged_rows) == len(self.plan.rows):
            self._conclude()
            return
        for judged in self._judged_rows.values():
            self._tell(judged.finding)

    async def execute(self) -> Report:
        """Run until the verdict stands and return the report, which RunFinished carries too."""
        self._id, self._started_at = uuid.uuid4(), datetime.now().astimezone()
        self._started = time.perf_counter()
        if self.environment.line is not None:
            self._line = LineWatch(self.environment.line, self._started)
        self._adopt_previous()
        probes = [probe for probe in self._missing() if self._runs_now(probe)]
        self.happened(
            RunPlanned(
                run_id=str(self._id),
                run_code=run_code(self._id),
                checks=self.plan.planned_checks(frozenset(probe.name for probe in probes)),
                probes=tuple(planned_probe(probe, self.plan.answers) for probe in probes),
            )
        )
        self._judge_ready()
        await self._run_watched(probes)
        self._judge_ready(missing_too=True)
        self._finished_at = datetime.now().astimezone()
        report = self._report(self._conclude())
        self.happened(RunFinished(report=report, stopped=self._stopped.is_set()))
        return report

    def _runs_now(self, probe: Probe[object]) -> bool:
        """Not what waits for the verdict, nor what nobody asked for."""
        if probe in self.plan.extra:
            return True
        match probe.phase:
            case Phase.SOAK:
                return False
            case Phase.ON_REQUEST:
                return probe.name in self.again
            case _:
                return True

    async def soak(self) -> Report:
        """After `execute`: wait for what only time shows, and judge those checks once more.

        `stop` ends it early; what was not seen to the end changes nothing.
        """
        probes = [probe for probe in self._missing() if probe.phase is Phase.SOAK]
        if not probes or self._stopped.is_set():
            return self._report(self._conclude())
        planned = tuple(planned_probe(probe, self.plan.answers) for probe in probes)
        self.happened(SoakStarted(probes=planned))
        self._own.clear()  # what the verdict rests on was whole when it was measured
        await self._run_watched(probes)
        report = self._report(self._conclude())
        self.happened(SoakFinished(report=report))
        return report

    def _missing(self) -> list[Probe[object]]:
        return [probe for probe in self.plan.probes() if probe.name not in self._outcomes]

    def _adopt_previous(self) -> None:
        if self.previous is None:
            return
        kept = [
            record
            for record in self.previous.outcomes
            if self.again and record.probe not in self.again
        ]
        self._records.update({record.probe: record for record in kept})
        self._outcomes.update(decode_outcomes(kept, self.plan.probes()))

    async def _run_watched(self, probes: list[Probe[object]]) -> None:
        """With an eye on the line, where there is one; what a change spoilt is void."""
        if self._line is None:
            await self._run_until_stopped(probes)
            return
        with self._line:
            await self._run_until_stopped(probes)
            await self._void_spoilt()

    async def _void_spoilt(self) -> None:
        """Take back what was measured while the line changed, or by a line that is gone."""
        if self._line is None:
            return
        await run_detached(self._line.look_now, name="look at line")
        spoilt: set[str] = set()
        for probe in self.plan.probes():
            record = self._records.get(probe.name)
            if record is None or probe.name not in self._own or not _may_be_void(probe, record):
                continue
            changes = self._line.spoilt(record.started_s, record.started_s + record.duration_s)
            if changes is not None:
                failure = line_failure(probe.name, changes)
                self._outcomes[probe.name] = Missed(failure=failure)
                self._records[probe.name] = replace(record, failure=failure)
                spoilt.add(probe.name)
        inputs = self._inputs()
        for row in self.plan.rows:
            asked = {probe.name for probe in row.check.needs} | {row.soak.name if row.soak else ""}
            if asked & spoilt and row.check.name in self._judged_rows:
                judged = self._judged_rows[row.check.name] = judge_row(row, inputs)
                self._tell(judged.finding)

    async def _run_until_stopped(self, probes: list[Probe[object]]) -> None:
        async with asyncio.TaskGroup() as group:
            phases = group.create_task(self._run_phases(probes), name="phases")
            stop = group.create_task(self._stopped.wait(), name="stop")
            lag = group.create_task(self._loop_lag.watch(), name="loop lag")
            await asyncio.wait((phases, stop), return_when=asyncio.FIRST_COMPLETED)
            phases.cancel()
            stop.cancel()
            lag.cancel()

    async def _run_phases(self, probes: list[Probe[object]]) -> None:
        """Step after step; what shares the line goes on beside the stream of voice packets."""
        rate_limiter = RateLimiter()
        async with asyncio.TaskGroup() as group:
            beside: set[asyncio.Task[None]] = set()
            for step in _steps_of(probes):
                if not (all(probe.shares_line for probe in step) and self._has_room()):
                    await _all_done(beside)
                beside = {task for task in beside if not task.done()}
                tasks = {
                    group.create_task(self._run_probe(probe, rate_limiter), name=probe.name): probe
                    for probe in step
                }
                lets_others_on = {
                    task
                    for task, probe in tasks.items()
                    if probe.shares_line and probe.phase is Phase.REACHABILITY
                }
                with rate_limiter.slowed(FLOWS_BESIDE_VOICE_PER_S) if beside else nullcontext():
                    await _all_done(set(tasks) - lets_others_on)
                beside |= lets_others_on

    def _has_room(self) -> bool:
        """Whether this very run has shown that the line has room for small things beside voice."""
        found = {name: each for name, each in self._outcomes.items() if name in self._own}
        return line_facts(found).has_room_beside_voice

    async def _run_probe(self, probe: Probe[object], rate_limiter: RateLimiter) -> None:
        context = self._context(probe, rate_limiter)
        self.happened(ProbeStarted(probe=probe.name))
        started_s = context.elapsed_s()
        outcome = await _gather(probe, context)
        duration_s = context.elapsed_s() - started_s
        evidence, failure = encode_evidence(outcome)
        self._outcomes[probe.name] = outcome
        self._records[probe.name] = ProbeRecord(
            probe=probe.name,
            started_s=round(started_s, 4),
            duration_s=round(duration_s, 4),
            evidence=evidence,
            failure=failure,
            log=tuple(context.log),
        )
        self._own.add(probe.name)
        self.happened(ProbeFinished(probe=probe.name, duration_s=duration_s, failure=failure))
        # before anything is judged: a false red must not even be shown for a while
        await self._void_spoilt()
        self._judge_ready()

    def _context(self, probe: Probe[object], rate_limiter: RateLimiter) -> ProbeContext:
        reached = 0.0

        def progress(fraction: float, text: str, columns: tuple[ChartColumn, ...] = ()) -> None:
            nonlocal reached
            reached = max(reached, min(1.0, fraction))
            self.happened(
                ProbeProgressed(probe=probe.name, fraction=reached, text=text, columns=columns)
            )

        return ProbeContext(
            targets=self.environment.targets_of(self.plan.profile),
            feeds=self.plan.profile.feeds,
            answers=self.plan.answers,
            network=self.environment.network,
            host=self.environment.host,
            rate_limiter=rate_limiter,
            progress=progress,
            run_started=self._started,
            open_page=self.environment.open_page,
            salesforce=self.environment.salesforce,
            earlier=self.environment.earlier,
            public=self.plan.profile.public_in_use,
            gathered=self._gathered_now,
            loop_lag=self._loop_lag,
        )

    def _gathered_now(self, probe: str) -> object | None:
        """What this very run has found: a report that it began from was of another moment."""
        outcome = self._outcomes.get(probe)
        return outcome.evidence if probe in self._own and isinstance(outcome, Gathered) else None

    def _judge_ready(self, *, missing_too: bool = False) -> None:
        inputs = self._inputs()
        for row in self.plan.rows:
            if row.check.name in self._judged_rows:
                continue
            if missing_too or not row.applies or self._has_evidence(row):
                judged = self._judged_rows[row.check.name] = judge_row(row, inputs)
                self._tell(judged.finding)

    def _inputs(self) -> Inputs:
        return Inputs(outcomes=self._outcomes_or_stopped(), answers=self.plan.answers)

    def _tell(self, finding: Finding) -> None:
        """Each finding once, and again where it has changed."""
        if self._told.get(finding.check) != finding:
            self._told[finding.check] = finding
            self.happened(CheckJudged(finding=finding))

    def _conclude(self) -> Conclusion:
        """All findings together, each with everything in sight: a rule that ran when its own
        probe was in did not know yet what others would show of the line.
        """
        inputs = self._inputs()
        judged = tuple(judge_row(row, inputs) for row in self.plan.rows)
        concluded = conclude(
            tuple(each.finding for each in judged),
            facts_of(judged),
            inputs.line,
            partial=bool(self.plan.left_out),
        )
        for finding in concluded.findings:
            self._tell(finding)
        return concluded

    def _has_evidence(self, row: PlannedRow) -> bool:
        return all(
            probe.name in self._outcomes or not self._runs_now(probe) for probe in row.check.needs
        )

    def _outcomes_or_stopped(self) -> Mapping[str, Outcome[object]]:
        """What is in, and STOPPED for what a stopped run will never bring."""
        if not self._stopped.is_set():
            return self._outcomes
        missed = Missed(failure=Failure(code=FailureCode.STOPPED, operation="run"))
        never = {
            probe.name: missed
            for probe in self.plan.probes()
            if probe.phase is Phase.SOAK or self._runs_now(probe)
        }
        return never | self._outcomes

    def _report(self, concluded: Conclusion) -> Report:
        profile = self.plan.profile
        return Report(
            schema_version=SCHEMA_VERSION,
            app_version=__version__,
            run_id=str(self._id),
            run_code=run_code(self._id),
            started_at=self._started_at.isoformat(timespec="milliseconds"),
            finished_at=self._finished_at.isoformat(timespec="milliseconds"),
            profile=ProfileUsed(
                name=profile.name,
                version=profile.version,
                location=self.plan.location,
                targets=profile.targets.without_secrets(),
            ),
            answers=self.plan.answers,
            machine=self.environment.machine,
            verdict=concluded.verdict,
            root_cause=concluded.root_cause,
            findings=concluded.findings,
            left_out=self.plan.left_out_now(),
            language=current_language().code,
            line_changes=tuple(self._line.changes) if self._line is not None else (),
            outcomes=tuple(
                self._records[probe.name]
                for probe in self.plan.probes()
                if probe.name in self._records
            ),
        )


def _steps_of(probes: list[Probe[object]]) -> list[list[Probe[object]]]:
    """Phases in their order; in MEDIA every probe is a step of its own."""
    steps: list[list[Probe[object]]] = []
    for phase in Phase:
        members = [probe for probe in probes if probe.phase is phase]
        steps += [[probe] for probe in members] if phase is Phase.MEDIA else [members]
    return [step for step in steps if step]


async def _all_done(tasks: set[asyncio.Task[None]]) -> None:
    if tasks:
        await asyncio.wait(tasks)


UNTOUCHED = {
    FailureCode.NO_TARGET,
    FailureCode.NOT_RUN,
    FailureCode.NOT_SIGNED_IN,
    FailureCode.STOPPED,
    *VOID,
}
"""Why nothing was measured, whatever the line did."""


def _may_be_void(probe: Probe[object], record: ProbeRecord) -> bool:
    if probe.phase is Phase.MACHINE or probe.stands_alone:
        return False
    return record.failure is None or record.failure.code not in UNTOUCHED


def line_failure(probe: str, changes: tuple[LineChange, ...]) -> Failure:
    """Why evidence is void: what happened to the line or the computer, and when.

    A computer that wakes up connects anew, and so does one that stood still for long.
    """
    kinds = {change.kind for change in changes}
    code = FailureCode.LINE_CHANGED
    if LineChangeKind.SUSPENDED in kinds:
        code = FailureCode.SLEPT
    elif kinds == {LineChangeKind.STOOD_STILL}:
        code = FailureCode.STOOD_STILL
    told = "; ".join(
        f"{change.at_s:.1f} s {change.kind} {change.interface}".rstrip() for change in changes
    )
    return Failure(code=code, operation=probe, detail=told[:DETAIL_LENGTH])


async def _gather(probe: Probe[object], context: ProbeContext) -> Outcome[object]:
    """One probe within its deadline. Whatever goes wrong, the run goes on."""
    deadline = asyncio.timeout(probe.deadline_s)
    try:
        async with deadline:
            return Gathered(evidence=await probe.gather(context))
    except CannotGather as missed:
        return Missed(failure=missed.failure)
    except (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    # a library in Rust panics with a BaseException (PyO3)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it costs this row alone
        if isinstance(error, TimeoutError) and deadline.expired():
            detail = f"{probe.deadline_s:g} s"
            late = Failure(code=FailureCode.DEADLINE, operation=probe.name, detail=detail)
            return Missed(failure=context.unless_starved(late, probe.deadline_s))
        return Missed(failure=_failure_of(error, probe.name))


def _failure_of(error: BaseException, probe: str) -> Failure:
    """What the operating system refused is no fault of the program, wherever it was met."""
    if isinstance(error, OSError | ExceptionGroup):
        with suppress(Exception):  # a group with a defect in it comes back as itself
            return failure_from(error, probe)
    LOG.error("probe %s broke", probe, exc_info=error)
    detail = f"{type(error).__name__}: {error}"
    return Failure(code=FailureCode.DEFECT, operation=probe, detail=detail[:300])
