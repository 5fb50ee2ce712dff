"""How much data storage call records take."""

from PySide6.QtCore import QSignalBlocker

from natwizard.gui.appearance import Appearance
from natwizard.gui.planner.arithmetic import MOST, ArithmeticPage
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.widgets.check_box import CheckBox
from natwizard.model.language import _
from natwizard.planner.storage import MOST_USERS, ContactCenter, StorageInputs
from natwizard.report.plan_words import together_words


class StoragePage(ArithmeticPage):
    """Data storage of call records."""

    def __init__(self, look: Appearance, book: PlannerBook) -> None:
        line = _("How much Salesforce data storage do call records take?")
        super().__init__(look, book, _("Storage"), line, rows=4)

    def _make_inputs(self) -> None:
        form = self.form
        self.users = form.amount(_("Users of the telephony"), high=MOST_USERS)
        self.calls = form.amount(_("Calls a day"), high=MOST)
        self.missed = form.amount(_("Missed rings a day"), high=MOST)
        self.days = form.amount(_("Days a week with calls"), high=7)
        self.center = CheckBox(self.look, _("We use Contact Center"))
        self.center.toggled.connect(self._on_edited)
        form.wide(self.center)
        self.changes = form.amount(_("Availability changes a day, for each user"), high=100_000)
        self.queues = form.amount(_("Queues"), high=MOST_USERS)
        self.free = form.amount(
            _("Free data storage (Setup, Storage Usage)"), high=MOST, unit="MB",
            empty=_("not given"),
        )  # fmt: skip

    def _show_inputs(self) -> None:
        inputs = self.book.storage
        self.users.tell(inputs.users)
        self.calls.tell(inputs.calls)
        self.missed.tell(inputs.missed_rings)
        self.days.tell(inputs.days_per_week)
        self.free.tell(inputs.allowance_mb)
        has_center = inputs.contact_center is not None
        with QSignalBlocker(self.center):
            self.center.setChecked(has_center)
        for field in (self.changes, self.queues):
            field.setEnabled(has_center)
        usual = inputs.contact_center or ContactCenter()
        if has_center or not self.changes.value():
            self.changes.tell(usual.changes_per_user)
            self.queues.tell(usual.queues)

    def _enter(self) -> None:
        center = None
        if self.center.isChecked():
            center = ContactCenter(
                changes_per_user=self.changes.value(), queues=self.queues.value()
            )
        self.book.enter_storage(
            StorageInputs(
                users=self.users.value(),
                calls=self.calls.value(),
                missed_rings=self.missed.value(),
                contact_center=center,
                days_per_week=self.days.value(),
                allowance_mb=self.free.amount(),
            )
        )

    def _show_results(self) -> None:
        plan = self.book.plan()
        if plan.storage is not None:
            self._show_plan(plan.storage, together_words(plan))
