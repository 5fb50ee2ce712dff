"""How much data storage Insight takes."""

from PySide6.QtCore import QSignalBlocker

from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.arithmetic import MOST, ArithmeticPage
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.widgets.check_box import CheckBox
from natwizard.model.language import _
from natwizard.planner.insight import MOST_CATEGORIES, InsightInputs
from natwizard.report.plan_words import together_words


class InsightPage(ArithmeticPage):
    """Data storage of Insight."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("How much Salesforce data storage does Insight take?")
        super().__init__(look, book, _("Insight"), line, rows=4)

    def _make_inputs(self) -> None:
        form = self.form
        self.used = CheckBox(self.look, _("We use Insight"))
        self.used.toggled.connect(self._on_edited)
        form.wide(self.used)
        self.calls = form.amount(_("Calls a day"), high=MOST)
        self.days = form.amount(_("Days a week with calls"), high=7)
        self.free = form.amount(
            _("Free data storage (Setup, Storage Usage)"), high=MOST, unit="MB",
            empty=_("not given"),
        )  # fmt: skip
        self.hits = form.amount(_("Calls that Insight analyses"), high=100, unit="%")
        self.categories = form.amount(_("Categories set up"), high=MOST_CATEGORIES)
        self.triggered = form.amount(_("Categories that one call triggers"), high=100, unit="%")

    def _show_inputs(self) -> None:
        inputs = self.book.insight
        with QSignalBlocker(self.used):
            self.used.setChecked(self.book.uses_insight)
        self.calls.tell(inputs.calls)
        self.days.tell(inputs.days_per_week)
        self.free.tell(inputs.allowance_mb)
        self.hits.tell(100 * inputs.hit_rate)
        self.categories.tell(inputs.categories)
        self.triggered.tell(100 * inputs.triggered)
        for field in (self.hits, self.categories, self.triggered):
            field.setEnabled(self.book.uses_insight)

    def _enter(self) -> None:
        self.book.enter_insight(
            InsightInputs(
                calls=self.calls.value(),
                hit_rate=self.hits.value() / 100,
                categories=self.categories.value(),
                triggered=self.triggered.value() / 100,
                days_per_week=self.days.value(),
                allowance_mb=self.free.amount(),
            ),
            used=self.used.isChecked(),
        )

    def _show_results(self) -> None:
        plan = self.book.plan()
        self.results.setVisible(plan.insight is not None)
        if plan.insight is not None:
            self._show_plan(plan.insight, together_words(plan))
