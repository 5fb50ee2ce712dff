"""What the pages that work something out have in common: inputs above, results below."""

from PySide6.QtCore import Slot

from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.fields import Form
from natwizard.gui.planner.page import PlannerPage
from natwizard.gui.planner.results import Results
from natwizard.model.language import _
from natwizard.model.plan import Plan
from natwizard.report.plan_words import allowance_words, amount_words, breakdown_of

MOST = 1_000_000_000


class ArithmeticPage(PlannerPage):
    """Inputs above, results below, worked out with every key."""

    def __init__(
        self, look: Appearance, book: PlannerBook, title: str, line: str, *, rows: int
    ) -> None:
        super().__init__(look, title, line)
        self.book = book
        self.form = Form(look, self._on_edited, rows)
        self.results = Results(look)
        self.inner.addWidget(self.form)
        self.inner.addWidget(self.results)
        self.inner.addStretch(1)
        self._make_inputs()
        book.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the book's inputs and what they come to."""
        self._show_inputs()
        self._show_results()

    @Slot()
    def _on_edited(self) -> None:
        self._enter()

    def _show_plan(self, plan: Plan, more: str = "") -> None:
        allowed = allowance_words(plan.allowance, plan.unit) if plan.allowance is not None else ""
        total, unit = plan.total, plan.unit
        told = not plan.once or plan.allowance is not None  # then it is a part of the picture
        once = _("Once, at the start: {amount}.").format(amount=amount_words(plan.once, unit))
        self.results.tell(
            (
                (_("Per day"), amount_words(total.per_day, unit)),
                (_("Per month"), amount_words(total.per_month, unit)),
                (_("Per year"), amount_words(total.per_year, unit)),
            ),
            breakdown_of(plan),
            sentences=(allowed, more),
            remarks=("" if told else once, *(note.text for note in plan.notes)),
            source=plan.source,
        )

    def _make_inputs(self) -> None:
        raise NotImplementedError

    def _show_inputs(self) -> None:
        raise NotImplementedError

    def _enter(self) -> None:
        raise NotImplementedError

    def _show_results(self) -> None:
        raise NotImplementedError
