"""Starts, stops and repeats runs on the probe thread, and keeps the model of the current one.

What runs is imported when something runs: the window paints before that.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from natwizard.gui.run.run_model import RunModel, RunStage
from natwizard.model.checklist import ChecklistItem
from natwizard.model.events import (
    CheckJudged,
    Event,
    ProbeFinished,
    ProbeProgressed,
    RunFinished,
    SoakFinished,
)
from natwizard.model.outcome import FailureCode
from natwizard.model.plan import OrgPlan
from natwizard.model.profile import Profile
from natwizard.model.quantity import Confirmation
from natwizard.model.report import Handover, Report

if TYPE_CHECKING:
    from natwizard.gui.run.probe_thread import Emit, ProbeThread
    from natwizard.gui.run.salesforce_access import SalesforceAccess
    from natwizard.gui.run.session_answers import SessionAnswers
    from natwizard.run.newest_version import NewestVersion
    from natwizard.run.plan import RunPlan
    from natwizard.run.runner import Environment, Run


GATHER_MS = 100
"""Events are shown at most this often: the window must not hold up what is being measured."""

CLOCK_MS = 1000


class JobEvent(Struct, frozen=True, kw_only=True):
    """One event and the job it belongs to: late events of an earlier job can be recognised."""

    job: int
    event: Event


class NewestVersionFound(Struct, frozen=True, kw_only=True):
    """What an address that a profile names says of natwizard's newest version."""

    address: str
    newest: "NewestVersion"


class JobFailed(Struct, frozen=True, kw_only=True):
    """A job ended by a defect of ours."""

    job: int
    reason: str


class RunControl(QObject):
    """What pages ask to run something, and listen to.

    Signals:
        changed: the model is different now; at most ten times a second.
        finished: the verdict of a run stands; carries its Report.
        amended: what only time shows is known too, or a person answered; carries the Report
            with what changed.
        tested: the finding of a tested target; carries a Finding.
        test_progressed: what a test is doing just now; empty when it is over.
        browser_page_done: the page that was opened in the browser has nothing more to show.
        broke: a run ended by a defect; carries one line.
        newest_found: which version is the newest; carries a NewestVersionFound.
        refused: nothing was started, as something else measures on this line; carries why.

    Attributes:
        held_by: says in one sentence what else measures on this line; empty where nothing does.
    """

    changed = Signal()
    finished = Signal(object)
    amended = Signal(object)
    tested = Signal(object)
    test_progressed = Signal(str)
    browser_page_done = Signal()
    broke = Signal(str)
    newest_found = Signal(object)
    refused = Signal(str)

    def __init__(
        self, environment: "Callable[[], Environment]", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.model = RunModel()
        self.plan: RunPlan | None = None
        self.held_by: Callable[[], str] = str
        self._said: SessionAnswers | None = None
        self._environment = environment
        self._thread: ProbeThread | None = None
        self._closed = False
        self._jobs = 0
        self._run_job, self._test_job = 0, 0
        self._run: Run | None = None
        self._test: Run | None = None
        self._gather = QTimer(self, interval=GATHER_MS, singleShot=True)
        self._gather.timeout.connect(self.changed)
        self._clock = QTimer(self, interval=CLOCK_MS)
        self._clock.timeout.connect(self.changed)

    @property
    def session_answers(self) -> "SessionAnswers":
        """Answers that people gave in this window; they go into every report."""
        if self._said is None:
            from natwizard.gui.run.session_answers import SessionAnswers

            self._said = SessionAnswers()
        return self._said

    @cached_property
    def salesforce(self) -> "SalesforceAccess":
        """The person's sign-in to Salesforce."""
        from natwizard.gui.run.salesforce_access import SalesforceAccess

        return SalesforceAccess(self._probe_thread(), self._environment, self)

    def sibling(self) -> "RunControl":
        """Another one in the same surroundings, for what has nothing to do with this run."""
        made = RunControl(self._environment, self.parent())
        made.held_by = lambda: self.held_by()  # set after this thread was made
        made.refused.connect(self.refused)
        return made

    def refuses(self) -> bool:
        """Whether something else measures on this line; then the person is warned."""
        reason = self.held_by()
        if reason:
            self.refused.emit(reason)
        return bool(reason)

    @property
    def testing(self) -> bool:
        """Whether a target is being tested."""
        return self._test is not None

    def start(self, plan: "RunPlan") -> None:
        """Run a whole plan."""
        if self.model.busy or self.refuses():
            return
        self.plan = plan
        self.model = RunModel(redaction=self.model.redaction)
        self._begin(frozenset(), None)

    def run_again(self, checks: Iterable[str]) -> None:
        """Measure again what some checks rest on; the rest of the report stands."""
        probes = self.model.probes_of(checks)
        if self.plan is None or self.model.busy or self.model.report is None or not probes:
            return
        if not self.refuses():
            self._begin(probes, self.model.report)

    def can_test_headset(self) -> bool:
        """Whether this role speaks through this computer, and nothing runs."""
        from natwizard.probes.headset import HEADSET

        if self.plan is None or self.model.stage is not RunStage.FINISHED:
            return False
        return any(probe.name == HEADSET.name for probe in self.plan.probes())

    def test_headset(self) -> None:
        """Open the headset test in the browser; the rest of the report stands."""
        from natwizard.probes.headset import HEADSET

        if self.can_test_headset() and not self.refuses():
            self._begin(frozenset({HEADSET.name}), self.model.report)

    def can_run_again(self, checks: Iterable[str]) -> bool:
        """Whether there is a report of our own, nothing running, and something to measure."""
        ready = self.plan is not None and self.model.stage is RunStage.FINISHED
        return ready and bool(self.model.probes_of(checks))

    def stop(self) -> None:
        """End the run early; its report says what was not measured."""
        if self._run is not None and self.model.busy:
            self.model.stopping()
            self._probe_thread().call(self._run.stop)
            self.changed.emit()

    def test(self, plan: "RunPlan") -> None:
        """Run a small plan beside everything else and emit its first finding."""
        self.stop_test()
        if self.refuses():
            self.test_progressed.emit("")
            return
        self._test_job, self._test = self._submit(plan, frozenset(), None)

    def stop_test(self) -> None:
        """Forget a test that is under way."""
        if self._test is not None:
            self._probe_thread().call(self._test.stop)
        self._test_job, self._test = 0, None

    @Slot(object)
    def ask_newest(self, profile: Profile) -> None:
        """Ask the address that the profile names; without an answer nothing is emitted."""
        import logging

        from natwizard.run.newest_version import CannotTell, ask_newest

        environment = self._environment()

        async def work(emit: "Emit") -> None:
            try:
                newest = await ask_newest(profile, environment)
            except CannotTell as reason:
                logging.getLogger(__name__).info("the newest version is not known: %s", reason)
                return
            emit(NewestVersionFound(address=profile.updates.address, newest=newest))

        self._probe_thread().submit(work)

    def open(self, report: Report) -> None:
        """Show a saved report instead of a run."""
        if self.model.busy:
            return
        if self._run is not None:  # it may still watch; that has no say in this report
            self._probe_thread().call(self._run.stop)
        self._run_job, self._run = 0, None
        self.plan = None
        self._said = None  # of another computer, perhaps
        self.model = RunModel(redaction=self.model.redaction)
        self.model.open(report)
        self.changed.emit()

    def environment(self) -> "Environment":
        """The world as a run would look at it now."""
        return self._environment()

    def hide_names(self, *, hidden: bool) -> None:
        """Hide names and addresses in all that is shown, or show them again."""
        self.model.redaction.hidden = hidden
        self.changed.emit()

    def retranslate(self) -> None:
        """Say everything in the language of now; a report that was opened keeps its own."""
        if self._run is not None:  # it may be measuring, or still watch
            self._probe_thread().call(self._run.announce_findings)
        model = self.model
        if self.plan is not None and model.stage is RunStage.FINISHED and model.report is not None:
            from natwizard.run.rejudge import rejudge

            model.retranslate(rejudge(model.report, self.plan))
            self.amended.emit(model.report)
        self.changed.emit()

    def answer(self, check: str, answer: Confirmation | None) -> None:
        """A person answers a question, now or for the run that goes on; None takes it back."""
        self.session_answers.answer(check, answer)
        self._apply_said()

    def set_checklist(self, items: tuple[ChecklistItem, ...], plan: OrgPlan | None = None) -> None:
        """Take the planner's checklist, and a plan where the report should hold it."""
        self.session_answers.set_checklist(items)
        self.session_answers.plan = plan or self.session_answers.plan
        self._apply_said()

    def tell_handover(self, run_id: str, handed_over: tuple[Handover, ...]) -> None:
        """Whom a run of this window has reached; every later form of its report says so too."""
        self.session_answers.handed_over[run_id] = handed_over
        self._apply_said()

    def _apply_said(self) -> None:
        from natwizard.run.answering import answered

        report = self.model.report
        if report is None or self.model.busy:
            for finding in self.model.findings():
                if finding.check in self.session_answers.answers:
                    self.model.replace_finding(
                        answered(finding, self.session_answers.answers[finding.check])
                    )
        else:
            self.model.retranslate(self.session_answers.report(report))
            if self.model.stage is RunStage.FINISHED:
                self.amended.emit(self.model.report)
        self.changed.emit()

    def close(self) -> bool:
        """Cancel everything; False if something did not end within a second."""
        self._gather.stop()
        self._clock.stop()
        self._closed = True
        return self._thread is None or self._thread.close()

    def now_s(self) -> float:
        """The clock that the model is fed with."""
        return time.perf_counter()

    def _probe_thread(self) -> "ProbeThread":
        from natwizard.gui.run.probe_thread import ProbeThread

        if self._closed:
            raise RuntimeError("the window is closed")
        if self._thread is None:
            self._thread = ProbeThread(self)
            self._thread.happened.connect(self._on_happened)
        return self._thread

    def _begin(self, again: frozenset[str], previous: Report | None) -> None:
        if self.plan is None:
            return
        if self._run is not None:  # it still watches; the new run will do that itself
            self._probe_thread().call(self._run.stop)
        self.model.begin(again=again)
        try:
            self._run_job, self._run = self._submit(self.plan, again, previous, soak=True)
        except Exception as error:
            logging.getLogger(__name__).exception("the run did not begin")
            self._jobs += 1
            self._run_job = self._jobs
            self._on_run(JobFailed(job=self._run_job, reason=f"{type(error).__name__}: {error}"))
            return
        self.model.redaction.know(self._run.environment.machine, self.plan.profile.targets)
        self._clock.start()
        self.changed.emit()

    def _submit(
        self, plan: "RunPlan", again: frozenset[str], previous: Report | None, *, soak: bool = False
    ) -> "tuple[int, Run]":
        from natwizard.run.runner import Run

        self._jobs += 1
        job, thread = self._jobs, self._probe_thread()
        run = Run(
            plan=plan,
            environment=replace(self._environment(), salesforce=self.salesforce.session),
            happened=lambda event: thread.deliver(JobEvent(job=job, event=event)),
            previous=previous,
            again=again,
        )

        async def work(emit: "Emit") -> None:
            try:
                await run.execute()
                if soak:
                    await run.soak()
            except Exception as error:
                logging.getLogger(__name__).exception("the run broke")
                emit(JobFailed(job=job, reason=f"{type(error).__name__}: {error}"))

        thread.submit(work)
        return job, run

    @Slot(object)
    def _on_happened(self, event: object) -> None:
        if isinstance(event, NewestVersionFound):
            self.newest_found.emit(event)
        elif not isinstance(event, JobEvent | JobFailed):
            return  # of the sign-in to Salesforce
        elif event.job == self._test_job:
            self._on_test(event)
        elif event.job == self._run_job:
            self._on_run(event)

    def _on_test(self, message: JobEvent | JobFailed) -> None:
        if isinstance(message, JobFailed):
            self._test_job, self._test = 0, None
            self.broke.emit(message.reason)
            return
        match message.event:
            case RunFinished():
                self._test_job, self._test = 0, None
                self.test_progressed.emit("")
            case CheckJudged(finding=finding):
                self.tested.emit(finding)
            case ProbeProgressed(text=text):
                self.test_progressed.emit(text)
            case _:
                pass

    def _on_probe_finished(self, event: ProbeFinished) -> None:
        # loaded by the run by now
        from natwizard.probes.browser_check import BROWSER_CHECK
        from natwizard.probes.headset import HEADSET

        opened = event.failure is None or event.failure.code is not FailureCode.NOT_RUN
        if event.probe in {BROWSER_CHECK.name, HEADSET.name} and opened:
            self.browser_page_done.emit()

    def _on_run(self, message: JobEvent | JobFailed) -> None:
        if isinstance(message, JobFailed):
            self._run, self.model.stage = None, RunStage.IDLE
            self._clock.stop()
            self.broke.emit(message.reason)
            self.changed.emit()
            return
        event = self.session_answers.event(message.event)
        self.model.apply(event, self.now_s())
        if isinstance(event, ProbeFinished):
            self._on_probe_finished(event)
        if isinstance(event, RunFinished):
            self._clock.stop()
            self._gather.stop()
            self.finished.emit(event.report)
            QTimer.singleShot(0, self, self.changed.emit)  # in an event of its own: both take time
        elif isinstance(event, SoakFinished):
            self._run = None
            self.changed.emit()
            self.amended.emit(event.report)
        elif not self._gather.isActive():
            self._gather.start()
