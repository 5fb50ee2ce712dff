"""Tries one address of a draft through the check that needs it, beside everything else."""

from PySide6.QtCore import QObject, Slot

from natwizard.gui.run_control import RunControl
from natwizard.gui.settings.address_row import AddressRow
from natwizard.model.finding import Finding
from natwizard.model.language import _
from natwizard.model.profile import Answers, Role
from natwizard.profiles.draft import Draft


class TargetTester(QObject):
    """One test at a time, on a probe thread of its own."""

    def __init__(self, control: RunControl, parent: QObject) -> None:
        super().__init__(parent)
        self._control = control
        self._row: AddressRow | None = None
        control.tested.connect(self._on_tested)
        control.test_told.connect(self._on_told)
        control.broke.connect(self._on_broke)
        control.refused.connect(self._on_broke)

    def start(self, row: AddressRow, draft: Draft) -> None:
        """Run the row's check as an administrator would, whom every check applies to."""
        from natwizard.run.plan import make_plan

        self.stop()
        self._row = row
        answers = Answers(role=Role.ADMINISTRATOR)
        only = frozenset({row.address.check})
        row.tell_testing(_("Testing this address..."))
        self._control.test(make_plan(draft.profile, answers, location=draft.location, only=only))

    def stop(self) -> None:
        """Forget the test that is under way."""
        self._control.stop_test()
        if self._row is not None and self._row.testing:
            self._row.rest()
        self._row = None

    def close(self) -> None:
        """End it all."""
        self.stop()
        self._control.close()

    @Slot(object)
    def _on_tested(self, finding: Finding) -> None:
        if self._row is not None:
            self._row.tell_testing("")
            self._row.tell_result(finding)
            self._row = None

    @Slot(str)
    def _on_told(self, text: str) -> None:
        if self._row is not None and text:
            self._row.tell_testing(text)

    @Slot(str)
    def _on_broke(self, _reason: str) -> None:
        if self._row is not None:
            self._row.rest()
            self._row = None
