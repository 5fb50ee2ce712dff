"""The pages of the wizard: each made when first wanted, and rebuilt when the language changes.

The window paints before most of them: nobody waits for a page that nobody has opened.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QScrollArea, QWizard

from natwizard.drawing.icons import Icon
from natwizard.gui.actions import Command
from natwizard.gui.pages.base import WizardPage
from natwizard.gui.pages.welcome import WelcomePage
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.session import Session
from natwizard.gui.step_list_view import PAGE_IDS, SUMMARY, WELCOME
from natwizard.model.finding import Finding, Page
from natwizard.model.language import _
from natwizard.model.profile import Answers
from natwizard.report.facts import moment_words

if TYPE_CHECKING:
    from natwizard.gui.pages.checks_page import ChecksPage
    from natwizard.gui.pages.summary import SummaryPage


def meetings() -> tuple[Callable[[], object], ...]:
    """One each turn of the event loop."""
    return _accessibility, QApplication.style, _every_widget


def _accessibility() -> None:
    from PySide6.QtGui import QAccessible

    QAccessible.isActive()


def _every_widget() -> None:
    """Handed a widget of a kind that it does not know, PySide makes every kind there is."""
    area = QScrollArea()
    area.viewport()
    area.deleteLater()


RequestText = Callable[[Finding], str]


class CheckPages(dict[Page, "ChecksPage"]):
    """Asking for a page makes it; values() are those that were asked for so far."""

    def __init__(self, make: "Callable[[Page], ChecksPage]") -> None:
        super().__init__()
        self._make = make

    def __missing__(self, page: Page) -> "ChecksPage":
        made = self[page] = self._make(page)
        return made


class PageSet(QObject):
    """Holds the pages of one wizard; whoever listens to it need not know that they change.

    Signals:
        check_again: checks should run again; carries their names.
        guide: the person wants to know what a row means; carries the check's name.
        made: a page of checks was made; carries it.
        area: a row of the summary was chosen; carries its Page.
        answered, change_profile, change_language, setup_pasted: as those of WelcomePage.
    """

    check_again = Signal(object)
    guide = Signal(str)
    area = Signal(object)
    made = Signal(object)
    answered = Signal()
    change_profile = Signal()
    change_language = Signal(str)
    setup_pasted = Signal(str)

    def __init__(
        self,
        wizard: QWizard,
        session: Session,
        answers: Answers,
        request: RequestText,
    ) -> None:
        super().__init__(wizard)
        self._wizard, self._session = wizard, session
        self._look, self._control = session.look, session.control
        self._profile_choice, self._request = session.profile_choice, request
        self._reference = ""
        self._make(answers)

    def _make(self, answers: Answers) -> None:
        show_sent = self._session.actions[Command.SHOW_SENT]
        self.welcome = WelcomePage(self._look, answers, show_sent)
        self.welcome.show_profile(self._profile_choice.profile)
        self._connect_welcome()
        self._wizard.setPage(WELCOME, self.welcome)
        self.checks = CheckPages(self._make_checks)
        self._summary: SummaryPage | None = None

    def _connect_welcome(self) -> None:
        welcome = self.welcome
        self._control.tested.connect(welcome.target.show_finding)
        self._control.test_progressed.connect(welcome.target.show_testing)
        welcome.newer.connect_to(self._control, self._profile_choice)
        welcome.change_profile.connect(self.change_profile)
        welcome.answered.connect(self.answered)
        welcome.test_target.connect(partial(self._profile_choice.when_loaded, self._test))
        welcome.stop_test.connect(self.stop_test)
        welcome.change_language.connect(self.change_language)
        welcome.target.setup_pasted.connect(self.setup_pasted)

    def _test(self) -> None:
        from natwizard.checks.port_webphone import PORT_WEBPHONE
        from natwizard.run.plan import make_plan

        choice, welcome = self._profile_choice, self.welcome
        plan = make_plan(
            welcome.profile_with_target(choice.profile), Answers(), location=choice.location,
            only=frozenset({PORT_WEBPHONE.name}),
        )  # fmt: skip
        welcome.target.show_testing(_("Testing this address..."))
        self._control.test(plan)

    def stop_test(self) -> None:
        """End the test of the webphone's address, if there is one."""
        self._control.stop_test()
        self.welcome.target.show_testing("")

    def _make_checks(self, page: Page) -> "ChecksPage":
        # imported when wanted: the first picture needs none of them
        from natwizard.gui.pages.administrator_page import AdministratorPage
        from natwizard.gui.pages.checks_page import ChecksPage
        from natwizard.gui.pages.media_page import MediaPage

        kinds: dict[Page, type[ChecksPage]] = {
            Page.UDP_MEDIA: MediaPage,
            Page.ADMINISTRATOR: AdministratorPage,
        }
        kind = kinds.get(page, ChecksPage)
        made = kind(self._look, page, self._control, self._request)
        made.again.connect(self.check_again)
        made.guide.connect(self.guide)
        self._add(PAGE_IDS[page], made)
        self.made.emit(made)
        return made

    def make_ready(self, pages: tuple[Page, ...], then: Callable[[], object]) -> None:
        """What will be shown later, one piece each turn of the event loop; `then` is the last."""
        self._make_next(
            [
                *meetings(),
                *(partial(self.checks.__getitem__, page) for page in pages),
                lambda: self.summary,
                *(partial(self._look.icon, icon) for icon in Icon),
                then,
            ]
        )

    def _make_next(self, pieces: list[Callable[[], object]]) -> None:
        if pieces:
            pieces.pop(0)()
            QTimer.singleShot(0, self, partial(self._make_next, pieces))

    @property
    def summary(self) -> "SummaryPage":
        """The last page."""
        if self._summary is None:
            from natwizard.gui.pages.summary import SummaryPage

            self._summary = SummaryPage(self._session, self._request)
            self._summary.chosen.connect(self.area)
            self._summary.name_field.setText(self._reference)
            self._add(SUMMARY, self._summary)
        return self._summary

    def _add(self, number: int, page: WizardPage) -> None:
        page.show_opened(self._opened_words())
        self._wizard.setPage(number, page)

    @staticmethod
    def shown(number: int) -> Page | None:
        """The page of checks that has this number in the wizard."""
        return next((page for page in Page if PAGE_IDS[page] == number), None)

    def ensure_page(self, number: int) -> "SummaryPage | ChecksPage | None":
        """The page with this number, made if nobody has seen it yet; None for Welcome."""
        page = self.shown(number)
        if number == SUMMARY:
            return self.summary
        return self.checks[page] if page is not None else None

    def refresh(self, number: int) -> None:
        """Show on one page how the run stands."""
        page = self.ensure_page(number)
        if page is not None:
            page.refresh()

    def collapse_rows(self) -> None:
        """Close every open row."""
        for page in self.checks.values():
            page.rows.open_row("")

    def rebuild(self) -> None:
        """The same pages with the words of now; what was typed and chosen stays."""
        before = self.welcome
        self._reference = self._summary.reference() if self._summary is not None else ""
        for number in self._wizard.pageIds():
            page = self._wizard.page(number)
            self._wizard.removePage(number)
            page.hide()
            page.deleteLater()
        self._make(before.answers())
        self.welcome.take_over(before)

    def show_opened(self) -> None:
        """Say on every page whose report this is, where it is not of this window's own run."""
        text = self._opened_words()
        pages: tuple[WizardPage, ...] = (*self.checks.values(), self.summary)
        for page in pages:
            page.show_opened(text)

    def _opened_words(self) -> str:
        model = self._control.model
        if model.stage is not RunStage.OPENED or model.report is None:
            return ""
        moment = moment_words(model.report.started_at)
        return _("Report of {moment}, opened from a file.").format(moment=moment)
