"""What the planner's pages share: what was entered, and what people answered."""

from datetime import datetime

from msgspec import structs
from PySide6.QtCore import QObject, Signal

from natwizard.model.checklist import ChecklistItem
from natwizard.model.plan import BandwidthInputs, OrgPlan
from natwizard.model.quantity import Confirmation, Reply
from natwizard.planner.checklist import with_answers_to
from natwizard.planner.notes import PlannerNotes
from natwizard.planner.org import OrgInputs, plan_org
from natwizard.planner.storage import ApiInputs, BadInput, InsightInputs, StorageInputs


class PlannerBook(QObject):
    """One org's inputs. Calls, days and free storage are the same wherever they are asked for.

    Signals:
        changed: something was entered or answered.
        answered: a person has just answered a point.
    """

    changed = Signal()
    answered = Signal()

    def __init__(self, items: tuple[ChecklistItem, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.storage = StorageInputs()
        self.insight = InsightInputs(calls=self.storage.calls)
        self.api_calls = ApiInputs(calls=self.storage.calls)
        self.bandwidth = BandwidthInputs()
        self.uses_insight = True
        self.items = items
        self.by = ""

    def plan(self) -> OrgPlan:
        """Everything worked out as it is entered now."""
        inputs = OrgInputs(
            storage=self.storage,
            insight=self.insight if self.uses_insight else None,
            api_calls=self.api_calls,
            bandwidth=self.bandwidth,
        )
        return plan_org(inputs, made_at=datetime.now().astimezone())

    def enter_storage(self, inputs: StorageInputs) -> None:
        """Take storage's inputs, and what the other plans share with them."""
        self.storage = inputs
        self._share(inputs.calls, inputs.days_per_week)
        self.insight = structs.replace(self.insight, allowance_mb=inputs.allowance_mb)
        self.changed.emit()

    def enter_insight(self, inputs: InsightInputs, *, used: bool) -> None:
        """Take Insight's inputs, and what the other plans share with them."""
        self.insight, self.uses_insight = inputs, used
        self._share(inputs.calls, inputs.days_per_week)
        self.storage = structs.replace(self.storage, allowance_mb=inputs.allowance_mb)
        self.changed.emit()

    def enter_api_calls(self, inputs: ApiInputs) -> None:
        """Take the API calls' inputs, and what the other plans share with them."""
        self.api_calls = inputs
        self._share(inputs.calls, inputs.days_per_week)
        self.changed.emit()

    def enter_bandwidth(self, inputs: BandwidthInputs) -> None:
        """Take the site's inputs."""
        self.bandwidth = inputs
        self.changed.emit()

    def answer(self, point: str, reply: Reply | None) -> None:
        """Take an answer of today by whoever is named; None takes it back."""
        answer = None
        if reply is not None:
            today = datetime.now().astimezone().date().isoformat()
            answer = Confirmation(reply=reply, on=today, by=self.by)
        self.set_items(with_answers_to(self.items, {point: answer}))
        self.answered.emit()

    def notes(self) -> PlannerNotes:
        """What to keep for the next time."""
        answers = {item.point: item.answer for item in self.items if item.answer is not None}
        return PlannerNotes(
            inputs=OrgInputs(
                storage=self.storage,
                insight=self.insight,
                api_calls=self.api_calls,
                bandwidth=self.bandwidth,
            ),
            uses_insight=self.uses_insight,
            answers=answers,
            by=self.by,
        )

    def set_notes(self, notes: PlannerNotes) -> None:
        """Go on where somebody left off; notes that cannot be worked with are left alone."""
        try:
            plan_org(notes.inputs, made_at=datetime.now().astimezone())
        except BadInput:
            return
        self.storage = notes.inputs.storage or self.storage
        self.insight = notes.inputs.insight or self.insight
        self.api_calls = notes.inputs.api_calls or self.api_calls
        self.bandwidth = notes.inputs.bandwidth or self.bandwidth
        self.uses_insight, self.by = notes.uses_insight, notes.by
        self.items = with_answers_to(self.items, notes.answers)
        self.changed.emit()

    def set_items(self, items: tuple[ChecklistItem, ...]) -> None:
        """Take another list."""
        if items != self.items:
            self.items = items
            self.changed.emit()

    def _share(self, calls: float, days: float) -> None:
        self.storage = structs.replace(self.storage, calls=calls, days_per_week=days)
        self.insight = structs.replace(self.insight, calls=calls, days_per_week=days)
        self.api_calls = structs.replace(self.api_calls, calls=calls, days_per_week=days)
