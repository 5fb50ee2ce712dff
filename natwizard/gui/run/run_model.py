"""State of a run, from its events: what each check, page and the whole may show.

What words and ranks results is imported where there are results: the window paints before that.
"""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from natwizard.drawing.signs import Activity, Sign
from natwizard.model.events import (
    CheckJudged,
    Event,
    PlannedCheck,
    PlannedProbe,
    ProbeFinished,
    ProbeProgressed,
    ProbeStarted,
    RunFinished,
    RunPlanned,
    SoakFinished,
    SoakStarted,
)
from natwizard.model.finding import ChartColumn, Detail, Finding, Page, Remedy, Status
from natwizard.model.language import _
from natwizard.model.profile import Answers, Targets
from natwizard.model.report import SCHEMA_VERSION, ComputerSummary, ProfileUsed, Readiness, Report
from natwizard.model.writing import number


class LiveFigure(Struct, frozen=True, kw_only=True):
    """A value so far, as a tile writes it."""

    value: str
    unit: str


def live_figures(columns: tuple[ChartColumn, ...]) -> dict[str, LiveFigure]:
    """By the headline of a check, as far as columns tell: jitter and calls need every packet."""
    if not columns:
        return {}
    from natwizard.model.statistics import quantile

    medians = sorted(column.median for column in columns)
    lost = sum(column.lost for column in columns)
    return {
        "median": LiveFigure(value=number(quantile(medians, 0.5)), unit="ms"),
        "loss": LiveFigure(value=number(lost), unit=_("lost")),
    }


NOBODY = ComputerSummary(host_name="", user_name="", system="", architecture="")


class DisplayRedaction:
    """Gives values as they are, or masked while `hidden`; each is masked once."""

    def __init__(self) -> None:
        self.hidden = False
        self._machine, self._targets = NOBODY, Targets()
        self._reports: tuple[Report, Report] | None = None
        self._findings: dict[str, tuple[Finding, Finding]] = {}

    def know(self, machine: ComputerSummary, targets: Targets) -> None:
        """Whose names to hide before there is a report, and which servers may stay."""
        self._machine, self._targets = machine, targets

    def report(self, report: Report | None) -> Report | None:
        """A report as it may be seen; the same object as long as nothing changes."""
        if report is None or not self.hidden or report.redacted:
            return report
        if self._reports is None or self._reports[0] is not report:
            self._reports = (report, _redacted(report))
        return self._reports[1]

    def any_report(self, report: Report) -> Report:
        """Any other report as it may be seen."""
        return _redacted(report) if self.hidden and not report.redacted else report

    def finding(self, finding: Finding, report: Report | None) -> Finding:
        """A finding as it may be seen, with what the whole report knows once there is one."""
        if not self.hidden:
            return finding
        known = self._findings.get(finding.check)
        if known is None or known[0] is not finding:
            known = (finding, self._masked(finding, report))
            self._findings[finding.check] = known
        return known[1]

    def _masked(self, finding: Finding, report: Report | None) -> Finding:
        shown = self.report(report)
        if report is not None and shown is not None:
            for raw, masked in zip(report.findings, shown.findings, strict=True):
                if raw is finding:
                    return masked
        return _redacted(replace(self._alone(), findings=(finding,))).findings[0]

    def _alone(self) -> Report:
        """A report of one finding, for the same masks as any other."""
        profile = ProfileUsed(name="", version="", location="", targets=self._targets)
        return Report(
            schema_version=SCHEMA_VERSION, app_version="", run_id="", run_code="", started_at="",
            finished_at="", profile=profile, answers=Answers(), machine=self._machine,
            verdict=Readiness.READY, root_cause=None, findings=(), outcomes=(),
        )  # fmt: skip


def _redacted(report: Report) -> Report:
    import natwizard.checks.catalogue  # noqa: F401 - whose texts evidence holds, probes say
    from natwizard.report.redact import redact  # late: most people never hide anything

    return redact(report)


TIME_STEP_S = 5
"""What is left is estimated: single seconds would jump back and forth."""
OVERDUE = 1.25
"""A probe beyond its usual time is taken to need a quarter more than it took so far."""
NEARLY = 0.95
"""Of a check whose probes are done: the rest is the verdict itself."""

AT_WORK = 0.8
"""Of a probe that says it is nearly done: it may go on where its figures are too close to tell."""


class RunStage(StrEnum):
    """Where the run is. STOPPING lasts until the last event, whatever was cancelled."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    OPENED = "opened"
    """The report of another run, read from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckState:
    """One row of a page.

    Attributes:
        headline: as of Finding: it has a tile.
        tile_title: what the tile is called while there is no finding.
        doing: what is going on, or what it waits for; empty once there is a finding.
        detail: how far that is, in the probe's words.
        fraction: how far the slowest of its probes is, 0 to 1; None where that is unknown.
        also: further checks that the same row stands for, each with its title.
        reason: what they have in common, where each has a sentence of its own; else empty.
    """

    check: str
    title: str
    page: Page
    sign: Sign
    finding: Finding | None = None
    headline: str = ""
    tile_title: str = ""
    doing: str = ""
    detail: str = ""
    fraction: float | None = None
    also: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    @property
    def titles(self) -> str:
        """Of all the checks that it stands for."""
        return ", ".join((self.title, *(title for _check, title in self.also)))


UNMEASURED = {Status.UNKNOWN, Status.NOT_SET_UP}


def one_row_a_cause(states: Iterable[CheckState]) -> tuple[CheckState, ...]:
    """What was not measured for one and the same reason is one row, as in the reports' table.

    What has no address to be tried at is one row whatever was seen elsewhere meanwhile. Questions
    stay apart: each has its own answer.
    """
    groups: dict[tuple[Status, str, Remedy | None] | str, list[CheckState]] = {}
    for state in states:
        groups.setdefault(_cause_of(state) or state.check, []).append(state)
    return tuple(_as_one(group) for group in groups.values())


def _cause_of(state: CheckState) -> tuple[Status, str, Remedy | None] | None:
    finding = state.finding
    if finding is None or finding.status not in UNMEASURED:
        return None
    unset = finding.status is Status.NOT_SET_UP
    return finding.status, finding.summary if unset else finding.observed, finding.remedy


def _as_one(group: list[CheckState]) -> CheckState:
    """The first, with what each needs, and what is behind each, in the panel."""
    first = group[0]
    if first.finding is None or len(group) == 1:
        return first
    from natwizard.gui.look.texts import measured_line

    findings = [(state.title, state.finding) for state in group if state.finding is not None]
    told = {title: [measured_line(finding)] for title, finding in findings}
    for line in (line for _title, finding in findings for line in finding.details):
        if line.text not in (texts := told.setdefault(line.label, [])):
            texts.append(line.text)
    details = (Detail(label=name, text=", ".join(texts)) for name, texts in told.items())
    alike = len({finding.summary for _title, finding in findings}) == 1
    return dataclasses.replace(
        first,
        also=tuple((state.check, state.title) for state in group[1:]),
        reason="" if alike else first.finding.observed,
        finding=replace(first.finding, details=tuple(details)),
    )


@dataclass(slots=True)
class _ProbeState:
    plan: PlannedProbe
    started_s: float | None = None
    finished: bool = False
    fraction: float = 0.0
    text: str = ""
    columns: list[ChartColumn] = field(default_factory=list)

    @property
    def running(self) -> bool:
        return self.started_s is not None and not self.finished


@dataclass(slots=True)
class RunModel:
    """The state of one run. Feed it every event, in order, with a clock in seconds.

    Attributes:
        watching: the probe that goes on after the verdict, and how much of it is over (0 to 1).
        veil: hides names and addresses in all that is shown, where the person wants that.
    """

    stage: RunStage = RunStage.IDLE
    run_code: str = ""
    report: Report | None = None
    stopped: bool = False
    again: frozenset[str] = frozenset()
    watching: PlannedProbe | None = None
    watched: float = 0.0
    redaction: DisplayRedaction = field(default_factory=DisplayRedaction)
    _titles: dict[str, PlannedCheck | Finding] = field(default_factory=dict)
    _checks_of: dict[Page, tuple[str, ...]] = field(default_factory=dict)
    _waits_for: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _probes: dict[str, _ProbeState] = field(default_factory=dict)
    _findings: dict[str, Finding] = field(default_factory=dict)
    _most_done: int = 0
    _most_share: float = 0.0

    def begin(self, *, again: frozenset[str] = frozenset()) -> None:
        """A run was asked for; its first event is still to come."""
        self.stage, self.again, self.stopped = RunStage.RUNNING, again, False
        self.watching = None
        self._most_done, self._most_share = 0, 0.0
        if not again:
            self.report = None

    def open(self, report: Report) -> None:
        """Show a saved report: everything is judged, nothing can run."""
        self.stage, self.report, self.run_code = RunStage.OPENED, report, report.run_code
        self._know(report.findings)
        self._findings = {finding.check: finding for finding in report.findings}
        self._waits_for, self._probes = {}, {}
        self._most_done = len(self._findings)

    def apply(self, event: Event, now_s: float) -> None:
        """Take one event in; `now_s` is any clock that only moves forwards."""
        match event:
            case RunPlanned():
                self._plan(event)
            case ProbeStarted(probe=name) if name in self._probes:
                self._probes[name].started_s = now_s
            case ProbeProgressed(probe=name) if name in self._probes:
                probe = self._probes[name]
                probe.fraction, probe.text = event.fraction, event.text
                probe.columns.extend(event.columns)
            case ProbeFinished(probe=name) if name in self._probes:
                self._probes[name].finished = True
            case CheckJudged(finding=finding):
                self._findings[finding.check] = finding
            case RunFinished(report=report, stopped=stopped):
                self.stage, self.report, self.stopped = RunStage.FINISHED, report, stopped
                self._findings = {finding.check: finding for finding in report.findings}
            case SoakStarted(probes=probes):
                self.watching, self.watched = max(probes, key=lambda probe: probe.typical_s), 0.0
            case ProbeProgressed(fraction=fraction) if self.watching is not None:
                self.watched = fraction
            case SoakFinished(report=report):
                self.report, self.watching = report, None
                self._findings = {finding.check: finding for finding in report.findings}
            case _:
                pass
        self._most_done = max(self._most_done, len(self._findings))

    def retranslate(self, report: Report) -> None:
        """The same report in other words, or with what people answered."""
        self.report = report
        self._findings = {finding.check: finding for finding in report.findings}

    def replace_finding(self, finding: Finding) -> None:
        """A question was answered before the run is over."""
        self._findings[finding.check] = finding

    def stopping(self) -> None:
        """The person asked to stop; the run says itself when it has."""
        if self.stage is RunStage.RUNNING:
            self.stage = RunStage.STOPPING

    def _plan(self, event: RunPlanned) -> None:
        if self.stage is not RunStage.STOPPING:  # a stop may overtake the first event
            self.stage = RunStage.RUNNING
        self.run_code = event.run_code
        self._know(event.checks)
        self._waits_for = {planned.check: planned.waits_for for planned in event.checks}
        self._probes = {planned.probe: _ProbeState(planned) for planned in event.probes}
        self._findings = {}

    def _know(self, checks: Iterable[PlannedCheck | Finding]) -> None:
        self._titles = {check.check: check for check in checks}
        names = {page: tuple(name for name, check in self._titles.items()
                             if check.page is page) for page in Page}  # fmt: skip
        self._checks_of = {page: found for page, found in names.items() if found}

    @property
    def busy(self) -> bool:
        """Whether probes may still be at work."""
        return self.stage in {RunStage.RUNNING, RunStage.STOPPING}

    @property
    def watching_s(self) -> int | None:
        """Seconds that the watch after the verdict still takes, in steps of 5; None without one."""
        if self.watching is None:
            return None
        left_s = self.watching.typical_s * (1 - self.watched)
        return math.ceil(left_s / TIME_STEP_S) * TIME_STEP_S

    @property
    def total(self) -> int:
        """How many checks there are."""
        return len(self._titles)

    @property
    def done(self) -> int:
        """How many checks have been judged; within a run it only grows."""
        return min(self._most_done, self.total)

    def share(self, now_s: float) -> float:
        """How much of the run is over, 0 to 1; it only grows, and goes on while a probe works.

        A check that is judged counts whole; one that is not, as far as its probes are.
        """
        if not self._titles:
            return 0.0
        parts = (1.0 if check in self._findings else self._part(check, now_s)
                 for check in self._titles)  # fmt: skip
        self._most_share = max(self._most_share, sum(parts) / len(self._titles))
        return self._most_share

    def _part(self, check: str, now_s: float) -> float:
        probes = [self._probes[name] for name in self._waits_for.get(check, ())
                  if name in self._probes]  # fmt: skip
        if not probes:
            return 0.0
        return NEARLY * sum(_done_share(probe, now_s) for probe in probes) / len(probes)

    def pages(self) -> tuple[Page, ...]:
        """The pages that hold a check, in the wizard's order."""
        return tuple(self._checks_of)

    def checks(self, page: Page | None = None) -> tuple[CheckState, ...]:
        """Rows in report order, of one page or of all."""
        return tuple(self._state(check) for check in self._names(page))

    @property
    def shown_report(self) -> Report | None:
        """The report as it may be seen just now."""
        return self.redaction.report(self.report)

    def finding(self, check: str) -> Finding | None:
        """What a check came to, if it has, as it may be seen just now."""
        finding = self._findings.get(check)
        return self.redaction.finding(finding, self.report) if finding is not None else None

    def findings(self, page: Page | None = None) -> tuple[Finding, ...]:
        """What has been judged so far, in report order."""
        judged = (self.finding(check) for check in self._names(page))
        return tuple(finding for finding in judged if finding is not None)

    def _names(self, page: Page | None) -> Iterable[str]:
        return self._titles if page is None else self._checks_of.get(page, ())

    def probes_of(self, checks: Iterable[str]) -> frozenset[str]:
        """The probes behind some checks, to run them again."""
        return frozenset(
            probe
            for check in checks
            for probe in self._waits_for.get(check, ())
            if probe not in self._probes or not self._probes[probe].plan.on_request
        )

    @property
    def asks_for_help(self) -> str:
        """What the person is to do just now for a test that they asked for; else empty."""
        if self.stage is not RunStage.RUNNING:
            return ""
        asking = (each for each in self._probes.values() if each.plan.on_request)
        probe = next((each for each in asking if not each.finished), None)
        return "" if probe is None else probe.text or _(probe.plan.title)

    def columns(self, check: str) -> tuple[ChartColumn, ...]:
        """What the probes of a check have drawn so far."""
        names = self._waits_for.get(check, ())
        return tuple(
            column
            for name in names
            if name in self._probes
            for column in self._probes[name].columns
        )

    def page_sign(self, page: Page) -> Sign:
        """Running and waiting until all is judged, then the worst."""
        states = self.checks(page)
        for activity in (Activity.RUNNING, Activity.WAITING):
            if any(state.sign is activity for state in states):
                return activity
        if not states:
            return Activity.WAITING
        from natwizard.report.details import worst_status

        return worst_status(self.findings(page))

    def worst_finding(self, page: Page) -> Finding | None:
        """The finding that stands for a page."""
        findings = self.findings(page)
        if not findings:
            return None
        from natwizard.report.details import severity

        return min(findings, key=severity)

    def page_done(self, page: Page) -> tuple[int, int]:
        """Checks of a page that are judged, and all of them."""
        states = self.checks(page)
        return sum(state.finding is not None for state in states), len(states)

    def page_count(self, page: Page, status: Status) -> int:
        """How many findings of a page have a status."""
        return sum(finding.status is status for finding in self.findings(page))

    def summary_sign(self) -> Sign | None:
        """The sign of the whole; None before there is a report."""
        if self.report is None or self.busy:
            return None
        from natwizard.report.headline import report_headline

        return report_headline(self.report).status

    def alone_now(self) -> bool:
        """Whether a probe that needs quiet is at work: nothing may move meanwhile."""
        return any(probe.running and probe.plan.alone for probe in self._probes.values())

    def seconds_left(self, now_s: float) -> int | None:
        """Honest time left in steps of 5 s, rounded up; 0 means "almost done", None "not running".

        Probes side by side cost what the slowest costs; those alone on the line add up.
        """
        if self.stage is not RunStage.RUNNING or not self._titles:
            return None
        together = [
            _left_s(probe, now_s) for probe in self._probes.values() if not probe.plan.alone
        ]
        alone = [_left_s(probe, now_s) for probe in self._probes.values() if probe.plan.alone]
        left_s = max(together, default=0.0) + sum(alone)
        return 0 if left_s < TIME_STEP_S else math.ceil(left_s / TIME_STEP_S) * TIME_STEP_S

    def _state(self, check: str) -> CheckState:
        known = self._titles[check]
        finding = self.finding(check)
        if finding is not None:
            return CheckState(
                check=check, title=finding.title, page=known.page, sign=finding.status,
                finding=finding, headline=finding.headline,
            )  # fmt: skip
        probes = [
            self._probes[name] for name in self._waits_for.get(check, ()) if name in self._probes
        ]
        running = [probe for probe in probes if probe.running]
        unfinished = [probe for probe in probes if not probe.finished]
        waiting = not running or self.stage is RunStage.STOPPING
        current = running[0] if running else unfinished[0] if unfinished else None
        return CheckState(
            check=check,
            title=_(known.title),
            page=known.page,
            headline=known.headline,
            tile_title=_tile_title(known),
            sign=Activity.WAITING if waiting else Activity.RUNNING,
            doing=_(current.plan.title) if current else "",
            detail=current.text if current else "",
            fraction=running[0].fraction if len(running) == 1 and running[0].fraction else None,
        )


def _tile_title(known: PlannedCheck | Finding) -> str:
    """In the language of now; what was read from a file has its gauge."""
    return _(known.tile_title) if isinstance(known, PlannedCheck) and known.tile_title else ""


def _done_share(probe: _ProbeState, now_s: float) -> float:
    """What its progress says; before it says anything, its time against what it typically takes."""
    if probe.finished:
        return 1.0
    if probe.started_s is None:
        return 0.0
    elapsed_s = max(0.0, now_s - probe.started_s)
    return AT_WORK * max(probe.fraction, elapsed_s / (elapsed_s + probe.plan.typical_s))


def _left_s(probe: _ProbeState, now_s: float) -> float:
    """What its progress says, else what it typically takes; one that is overdue has a bit to go."""
    if probe.finished:
        return 0.0
    if probe.started_s is None:
        return probe.plan.typical_s
    elapsed_s = max(0.0, now_s - probe.started_s)
    longest_s = max(0.0, probe.plan.deadline_s - elapsed_s)
    if probe.fraction > 0:
        # early progress says little about speed: the plan is trusted until it is overdue
        overdue = elapsed_s > probe.plan.typical_s
        whole_s = elapsed_s / probe.fraction if overdue else probe.plan.typical_s
        return min(whole_s * (1 - probe.fraction), longest_s)
    expected_s = probe.plan.typical_s
    if elapsed_s > expected_s:
        expected_s = min(probe.plan.deadline_s, elapsed_s * OVERDUE)
    return max(0.0, expected_s - elapsed_s)
