"""What all windows of one sitting share: look, language, run, profile, and the way of reports."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from natwizard.gui.actions import Actions
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.window_language import WindowLanguage
from natwizard.gui.run.profile_choice import ProfileChoice
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.result_sharing import ResultSharing
from natwizard.gui.run.run_control import RunControl

if TYPE_CHECKING:  # the window paints before what runs and what writes is loaded
    from natwizard.gui.report_actions import ReportActions
    from natwizard.run.plan import RunPlan


class Session(QObject):
    """One a wizard; windows that it opens get this instead of the wizard itself.

    Signals:
        report_opened: carries the Report and the path it came from.
        watch_opened: a watch came from a file; carries the WatchRecord.
        saved: a file was written; carries its path as text.

    Attributes:
        window: the parent of every dialog.
        plan: what Start would do now.
        report_saver: keeps runs on this computer; None where nothing is kept.
        sharing: hands runs to whoever the profile names.
    """

    report_opened = Signal(object, str)
    watch_opened = Signal(object)
    saved = Signal(str)

    def __init__(
        self,
        window: QWidget,
        look: Appearance,
        control: RunControl,
        language: WindowLanguage,
        profile_choice: ProfileChoice,
        plan: "Callable[[], RunPlan]",
        report_saver: ReportSaver | None = None,
    ) -> None:
        super().__init__(window)
        self.window, self.look, self.control = window, look, control
        self.language, self.profile_choice, self.plan = language, profile_choice, plan
        self.report_saver = report_saver  # a signal does not keep the object of its slot alive
        self.actions = Actions(window)
        self.sharing = ResultSharing(control, self)

    @cached_property
    def reports(self) -> "ReportActions":
        """What can be done with a report; loads what writes and reads files."""
        from natwizard.gui.report_actions import ReportActions

        made = ReportActions(self.window, self.control)
        made.opened.connect(self.report_opened)
        made.watch_opened.connect(self.watch_opened)
        made.saved.connect(self.saved)
        return made

    def open_report(self, path: Path) -> bool:
        """Show a saved report instead of a run, or a watch in a window of its own."""
        return self.reports.open(path)

    def shares_names(self) -> bool:
        """Whether files may carry who and which computer; nobody has chosen so before they load."""
        asked = "reports" in vars(self)
        return asked and self.reports.show_names and not self.control.model.redaction.hidden

    @property
    def settled(self) -> bool:
        """Whether no run goes on."""
        return not self.control.model.busy
