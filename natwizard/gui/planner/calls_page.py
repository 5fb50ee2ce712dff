"""How many API calls the org makes in a day."""

from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.arithmetic import MOST, ArithmeticPage
from natwizard.gui.planner.book import PlannerBook
from natwizard.model.language import _
from natwizard.planner.calls import ApiInputs


class ApiCallsPage(ArithmeticPage):
    """Salesforce API calls in a day."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("Does the org's daily allowance of API calls suffice?")
        super().__init__(look, book, _("API calls"), line, rows=2)

    def _make_inputs(self) -> None:
        form = self.form
        self.calls = form.amount(_("Phone calls a day"), high=MOST)
        self.changes = form.amount(_("Settings changes a day"), high=MOST)
        self.days = form.amount(_("Days a week with calls"), high=7)
        self.allowed = form.amount(
            _("API calls that are left for this, in 24 hours"), high=MOST, empty=_("not given")
        )

    def _show_inputs(self) -> None:
        inputs = self.book.api_calls
        self.calls.tell(inputs.calls)
        self.changes.tell(inputs.settings_changes)
        self.days.tell(inputs.days_per_week)
        self.allowed.tell(inputs.allowance)

    def _enter(self) -> None:
        self.book.enter_api_calls(
            ApiInputs(
                calls=self.calls.value(),
                settings_changes=self.changes.value(),
                days_per_week=self.days.value(),
                allowance=self.allowed.amount(),
            )
        )

    def _show_results(self) -> None:
        plan = self.book.plan().api_calls
        if plan is not None:
            self._show_plan(plan)
