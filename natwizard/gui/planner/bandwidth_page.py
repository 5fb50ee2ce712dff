"""How much bandwidth a site needs."""

from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.arithmetic import MOST, ArithmeticPage
from natwizard.gui.planner.book import PlannerBook
from natwizard.model.language import _
from natwizard.model.plan import BandwidthInputs
from natwizard.model.writing import number
from natwizard.planner.bandwidth import plan_bandwidth
from natwizard.report.plan_words import (
    bandwidth_breakdown,
    bandwidth_note,
    bandwidth_words,
    rate_words,
)

MOST_CALLS_AT_ONCE = 1_000_000


class BandwidthPage(ArithmeticPage):
    """Bandwidth of a site."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("Does the site's line carry its calls at the busiest moment?")
        super().__init__(look, book, _("Bandwidth"), line, rows=1)

    def _make_inputs(self) -> None:
        self.calls = self.form.amount(_("Calls at the same time"), high=MOST_CALLS_AT_ONCE)
        self.line = self.form.amount(
            _("The line, in its slower direction"), high=MOST, unit="kbit/s",
            empty=_("not given"),
        )  # fmt: skip

    def _show_inputs(self) -> None:
        self.calls.tell(self.book.bandwidth.concurrent_calls)
        self.line.tell(self.book.bandwidth.line_kbit_s)

    def _enter(self) -> None:
        self.book.enter_bandwidth(
            BandwidthInputs(concurrent_calls=self.calls.value(), line_kbit_s=self.line.amount())
        )

    def _show_results(self) -> None:
        plan = plan_bandwidth(self.book.bandwidth)
        figures = [(_("Needed, each way"), rate_words(plan.needed_kbit_s))]
        if plan.calls_carried is not None:
            figures.append((_("Calls that fit"), number(plan.calls_carried)))
        needed, carried = bandwidth_words(plan)
        self.results.tell(
            figures,
            bandwidth_breakdown(plan),
            sentences=(needed, carried),
            remarks=(bandwidth_note(),),
            source=plan.source,
        )
