"""The pages of the wizard: made once, and anew when the language changes."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWizard

from natwizard.gui.appearance import Appearance
from natwizard.gui.pages.base import WizardPage
from natwizard.gui.pages.checks_page import ChecksPage, RequestText
from natwizard.gui.pages.kinds import PAGE_KINDS
from natwizard.gui.pages.summary import SummaryPage
from natwizard.gui.pages.welcome import WelcomePage
from natwizard.gui.profile_choice import ProfileChoice
from natwizard.gui.rail_view import PAGE_IDS, SUMMARY, WELCOME
from natwizard.gui.run_control import RunControl
from natwizard.gui.run_model import Stage
from natwizard.model.finding import Page
from natwizard.model.language import _
from natwizard.model.profile import Answers
from natwizard.report.facts import moment_words


class PageSet(QObject):
    """Holds the pages of one wizard; whoever listens to it need not know that they change.

    Signals:
        check_again: a check should run again; carries its name.
        area: a row of the summary was chosen; carries its Page.
        answered, test_target, stop_test, change_language: as those of WelcomePage.
    """

    check_again = Signal(str)
    area = Signal(object)
    answered = Signal()
    test_target = Signal()
    stop_test = Signal()
    change_language = Signal(str)

    def __init__(
        self,
        wizard: QWizard,
        look: Appearance,
        control: RunControl,
        profile_choice: ProfileChoice,
        answers: Answers,
        request: RequestText,
    ) -> None:
        super().__init__(wizard)
        self._wizard, self._look, self._control = wizard, look, control
        self._profile_choice, self._request = profile_choice, request
        self._make(answers)

    def _make(self, answers: Answers) -> None:
        self.welcome = WelcomePage(self._look, answers)
        self.welcome.show_profile(self._profile_choice.profile)
        self._connect_welcome()
        self._wizard.setPage(WELCOME, self.welcome)
        self.checks: dict[Page, ChecksPage] = {}
        for page, number in PAGE_IDS.items():
            kind = PAGE_KINDS.get(page, ChecksPage)
            made = kind(self._look, page, self._control, self._request)
            made.again.connect(self.check_again)
            self.checks[page] = made
            self._wizard.setPage(number, made)
        self.summary = SummaryPage(self._look, self._control, self._request)
        self.summary.chosen.connect(self.area)
        self._wizard.setPage(SUMMARY, self.summary)

    def _connect_welcome(self) -> None:
        welcome = self.welcome
        self._control.tested.connect(welcome.target.tell_result)
        self._control.test_told.connect(welcome.target.tell_testing)
        self._profile_choice.refused.connect(welcome.show_mistake)
        welcome.newer.connect_to(self._control, self._profile_choice)
        welcome.change_profile.connect(self._profile_choice.ask)
        welcome.answered.connect(self.answered)
        welcome.test_target.connect(self.test_target)
        welcome.stop_test.connect(self.stop_test)
        welcome.change_language.connect(self.change_language)

    def make_anew(self) -> None:
        """The same pages with the words of now; what was typed and chosen stays."""
        before = self.welcome
        for number in self._wizard.pageIds():
            page = self._wizard.page(number)
            self._wizard.removePage(number)
            page.hide()
            page.deleteLater()
        self._make(before.answers())
        self.welcome.take_over(before)
        self.show_opened()

    def show_opened(self) -> None:
        """Say on every page whose report this is, where it is not of this window's own run."""
        model, text = self._control.model, ""
        if model.stage is Stage.OPENED and model.report is not None:
            moment = moment_words(model.report.started_at)
            text = _("Report of {moment}, opened from a file.").format(moment=moment)
        pages: tuple[WizardPage, ...] = (*self.checks.values(), self.summary)
        for page in pages:
            page.show_opened(text)
