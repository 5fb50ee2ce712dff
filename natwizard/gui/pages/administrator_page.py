"""Administrator: the box to sign in to Salesforce, and the rows that need it."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QVBoxLayout

from natwizard.gui.pages.checks_page import ChecksPage
from natwizard.gui.run.run_model import CheckState
from natwizard.gui.run.salesforce_access import AccessStage
from natwizard.gui.widgets.sign_in_box import SignInBox
from natwizard.model.report import Report
from natwizard.probes.salesforce.org import SALESFORCE, calls_used, session_expired


class AdministratorPage(ChecksPage):
    """The org is read as soon as somebody signed in and nothing else is running."""

    def _add_extras(self, inner: QVBoxLayout) -> None:
        self._unread = False
        self.box = SignInBox(self.look)
        self.box.sign_in.connect(self._on_sign_in)
        self.box.give_up.connect(self.control.salesforce.forget)
        inner.addWidget(self.box)
        self.box.hide()
        self.control.salesforce.changed.connect(self._refresh_box)
        self.control.salesforce.signed_in.connect(self._on_signed_in)
        self.control.finished.connect(self._on_finished)

    def _refresh_extras(self, _states: tuple[CheckState, ...]) -> None:
        self._refresh_box()

    @Slot()
    def _refresh_box(self) -> None:
        plan, report = self.control.plan, self.control.model.report
        shown = plan is not None and SALESFORCE in plan.probes()
        self.box.setVisible(shown)
        if plan is not None:
            used = calls_used(report.outcomes) if report is not None else None
            self.box.show_access(self.control.salesforce, plan.profile.targets, used)

    @Slot()
    def _on_sign_in(self) -> None:
        if self.control.plan is not None:
            self.control.salesforce.sign_in(self.control.plan.profile.targets)

    @Slot()
    def _on_signed_in(self) -> None:
        self._unread = True
        self._read()

    @Slot(object)
    def _on_finished(self, report: Report) -> None:
        if session_expired(report.outcomes):
            self.control.salesforce.expire()
        QTimer.singleShot(0, self, self._read)  # the window shows what was found first

    @Slot()
    def _read(self) -> None:
        """A run that is under way comes first; it began without the session."""
        checks = [state.check for state in self.control.model.checks(self.page)]
        signed_in = self.control.salesforce.stage is AccessStage.IN
        if self._unread and signed_in and self.control.can_run_again(checks):
            self._unread = False
            self.control.run_again(checks)
