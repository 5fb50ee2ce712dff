"""Answers that people gave in this window; they go into every report made here."""

from dataclasses import dataclass, field

from msgspec import structs

from natwizard.model.checklist import ChecklistItem
from natwizard.model.events import CheckJudged, Event, RunFinished, SoakFinished
from natwizard.model.plan import OrgPlan
from natwizard.model.quantity import Confirmation
from natwizard.model.report import Handover, Report
from natwizard.planner.attach import attached
from natwizard.planner.checklist import answers_by_requirement, points_of, with_answers_to
from natwizard.run.answering import answered, with_answers


@dataclass(slots=True)
class SessionAnswers:
    """Answers by check, and what the planner adds.

    Attributes:
        items: the planner's checklist; empty until it was opened.
        plan: what the person wants in the report; None where they do not.
        handed_over: by run, whom its result has reached.
    """

    answers: dict[str, Confirmation | None] = field(default_factory=dict)
    items: tuple[ChecklistItem, ...] = ()
    plan: OrgPlan | None = None
    handed_over: dict[str, tuple[Handover, ...]] = field(default_factory=dict)

    def answer(self, check: str, answer: Confirmation | None) -> None:
        """A question as a whole is answered; None takes it back."""
        self.answers[check] = answer
        points = points_of(self.items, check)
        self.items = with_answers_to(self.items, dict.fromkeys(points, answer))

    def set_checklist(self, items: tuple[ChecklistItem, ...]) -> None:
        """Points were answered one by one; what they come to holds for their check."""
        self.items = items
        self.answers.update(answers_by_requirement(items))

    def on(self, items: tuple[ChecklistItem, ...]) -> tuple[ChecklistItem, ...]:
        """A checklist with the answers given here, also where one was withdrawn."""
        points: dict[str, Confirmation | None] = {}
        for check, answer in self.answers.items():
            points.update(dict.fromkeys(points_of(items, check), answer))
        points.update({item.point: item.answer for item in self.items})
        return with_answers_to(items, points)

    def event(self, event: Event) -> Event:
        """The same event with the answers in its findings."""
        match event:
            case CheckJudged(finding=finding) if finding.check in self.answers:
                return CheckJudged(finding=answered(finding, self.answers[finding.check]))
            case RunFinished(report=report):
                return structs.replace(event, report=self.report(report))
            case SoakFinished(report=report):
                return SoakFinished(report=self.report(report))
            case _:
                return event

    def report(self, report: Report) -> Report:
        """The report with answers, checklist and plan."""
        answered_report = with_answers(report, self.answers) if self.answers else report
        if report.run_id in self.handed_over:
            answered_report = structs.replace(
                answered_report, handed_over=self.handed_over[report.run_id]
            )
        items = self.items or self.on(report.checklist)
        if not items:
            return answered_report
        whole = self.plan is not None or any(item.answer is None for item in report.checklist)
        return attached(answered_report, self.plan, items, whole=whole)
