"""The window: a QWizard with a rail of steps, pages that fill while the person walks."""

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QWizard

from natwizard.drawing.icons import Icon
from natwizard.drawing.mark import mark_icon
from natwizard.gui.announcer import Announcer
from natwizard.gui.brand import NAME, NARROW_BELOW, SIZE, SMALLEST
from natwizard.gui.helpdesk.tools import HelpdeskTools
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.focus_order import move_focus
from natwizard.gui.look.window_language import WindowLanguage
from natwizard.gui.page_set import PageSet
from natwizard.gui.pages.welcome import WelcomePage
from natwizard.gui.run.profile_choice import ProfileChoice
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.step_list_view import (
    PAGE_IDS,
    SUMMARY,
    WELCOME,
    show_progress,
    steps_of,
    usual_pages,
)
from natwizard.gui.stop_question import ask_to_stop
from natwizard.gui.widgets.buttons import COPIED_MS
from natwizard.gui.widgets.focus_ring import FocusRing
from natwizard.gui.widgets.step_list import StepList
from natwizard.gui.wizard_frame import Button, Footer, WizardFrame
from natwizard.model.finding import Finding, Page
from natwizard.model.language import N_, _
from natwizard.model.profile import Answers, Profile
from natwizard.model.report import Report
from natwizard.report.request import copy_for_it

if TYPE_CHECKING:  # the window paints before what runs and what writes is loaded
    from natwizard.gui.page_set import CheckPages
    from natwizard.gui.pages.checks_page import ChecksPage
    from natwizard.gui.pages.summary import SummaryPage
    from natwizard.gui.planner.window import PlannerController
    from natwizard.gui.report_actions import ReportActions
    from natwizard.run.plan import RunPlan


class Wizard(QWizard):
    """Give it a look, a control and a profile; show it."""

    def __init__(
        self,
        look: Appearance,
        control: RunControl,
        profile: Profile,
        location: str,
        answers: Answers,
        report_saver: ReportSaver | None = None,
        language: WindowLanguage | None = None,
        *,
        loaded: bool = True,
    ) -> None:
        super().__init__()
        self.look, self.control = look, control
        self._report_saver = report_saver  # a signal does not keep the object of its slot alive
        self._frame = WizardFrame(self, look)
        self._announcer = Announcer(self)
        self.language = language or WindowLanguage(self)
        self.profile_choice = ProfileChoice(self, profile, location, loaded=loaded)
        self.setWindowTitle(NAME)
        self.setWindowIcon(mark_icon())
        self.setWizardStyle(QWizard.WizardStyle.ModernStyle)
        self.setOption(QWizard.WizardOption.ExtendedWatermarkPixmap)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)
        self.setWindowFlag(Qt.WindowType.WindowMinMaxButtonsHint, on=True)
        self.step_list = StepList(look)
        self.setSideWidget(self.step_list)
        self.pages = PageSet(self, look, control, self.profile_choice, answers, self.request_text)
        self.pages.made.connect(self._on_made)
        self.ring = FocusRing(look, self)
        self._connect()
        self.desk = HelpdeskTools(self, report_saver)
        self.setMinimumSize(*SMALLEST)
        self.resize(QSize(look.px(SIZE[0]), look.px(SIZE[1])))
        self.go_to(WELCOME)

    def _connect(self) -> None:
        QShortcut(QKeySequence("F5"), self).activated.connect(self._run_page_again)
        QShortcut(QKeySequence("F11"), self).activated.connect(self.look.toggle_helpdesk_size)
        self.step_list.chosen.connect(self.go_to)
        self.currentIdChanged.connect(self._on_page)
        self.customButtonClicked.connect(self._on_custom)
        self.control.changed.connect(self.refresh)
        self.control.finished.connect(self._on_finished)
        self.control.broke.connect(self._on_broke)
        self.look.changed.connect(self._on_look)
        self.language.changed.connect(self._on_language)
        self.pages.check_again.connect(lambda check: self.control.run_again((check,)))
        self.pages.area.connect(lambda page: self.go_to(PAGE_IDS[page]))
        self.pages.change_profile.connect(self.open_settings)
        self.pages.answered.connect(self.refresh)
        self.pages.change_language.connect(self.language.choose)
        self.profile_choice.chosen.connect(self._on_profile)

    @Slot()
    def _on_language(self) -> None:
        """The same place, run and answers, in other words."""
        place = self.currentId()
        self.pages.stop_test()
        self.control.retranslate()
        self.pages.make_anew()
        if "planner" in vars(self):
            self.planner.retranslate()
        self._frame.retranslate()
        self.step_list.retranslate()
        self.pages.have(place)
        self.setStartId(place)
        self.restart()

    @property
    def welcome(self) -> WelcomePage:
        """The first page, as it is now."""
        return self.pages.welcome

    @property
    def check_pages(self) -> "CheckPages":
        """The pages of checks, as they are now."""
        return self.pages.checks

    @property
    def summary(self) -> "SummaryPage":
        """The last page, as it is now."""
        return self.pages.summary

    @cached_property
    def actions_on_report(self) -> "ReportActions":
        """What can be done with a report; loads what writes and reads files."""
        from natwizard.gui.report_actions import ReportActions

        made = ReportActions(self, self.control, self.desk.show_saved_watch)
        made.opened.connect(self._on_opened)
        made.saved.connect(self._on_saved)
        made.offer(N_("Settings..."), self.open_settings)
        made.offer(N_("Planner..."), lambda: self.planner.open())
        return made

    @cached_property
    def planner(self) -> "PlannerController":
        """The administrators' planner, in a window of its own."""
        from natwizard.gui.planner.window import PlannerController

        notes = self._report_saver.planner_file if self._report_saver is not None else None
        return PlannerController(
            self, self.look, self.control, lambda: self.profile_choice.profile, notes
        )

    def _on_made(self, page: "ChecksPage") -> None:
        if page.page is Page.ADMINISTRATOR:
            page.add_head(self.planner.strip())

    def steps(self) -> tuple[Page, ...]:
        """The check pages of this run, or of the run that Start would begin."""
        pages = self.control.model.pages()
        if pages:
            return pages
        if not self.profile_choice.loaded:
            return usual_pages(self.welcome.role())
        return tuple(dict.fromkeys(row.check.page for row in self.plan().rows))

    def plan(self) -> "RunPlan":
        """What Start would do now."""
        from natwizard.run.plan import make_plan

        profile = self.welcome.profile_with_target(self.profile_choice.profile)
        return make_plan(profile, self.welcome.answers(), location=self.profile_choice.location)

    def page_ids(self) -> list[int]:
        """Numbers of the pages in their order."""
        return [WELCOME, *(PAGE_IDS[page] for page in self.steps()), SUMMARY]

    def nextId(self) -> int:
        ids = self.page_ids()
        after = [number for number in ids if number > self.currentId()]
        return after[0] if after else -1

    @Slot(int)
    def go_to(self, number: int) -> None:
        """Open a page at once, as the run stands now.

        QWizard's own history would forbid jumping back and forth.
        """
        if number == self.currentId():
            self.refresh()
            return
        self.pages.have(number)
        self.setStartId(number)
        self.restart()

    def go_back(self) -> None:
        """The page before this one."""
        before = [number for number in self.page_ids() if number < self.currentId()]
        if before:
            self.go_to(before[-1])

    def start(self) -> None:
        """Run everything and show the first page that fills."""
        self.profile_choice.when_loaded(self._start)

    def _start(self) -> None:
        if self.control.model.busy or self.control.refuses():
            return
        if not self.welcome.target.validate():
            self.go_to(WELCOME)
            return
        self._announcer.forget()
        self.pages.stop_test()
        self.control.start(self.plan())
        self.pages.fold()
        self.pages.show_opened()
        self.go_to(self.page_ids()[1])

    def validateCurrentPage(self) -> bool:
        """Next on Welcome means Start; elsewhere nothing is in the way."""
        if self.currentId() == WELCOME and not self.control.model.busy:
            self.start()
            return False
        self.pages.have(self.nextId())
        return True

    @Slot()
    def _run_page_again(self) -> None:
        shown = self.pages.shown(self.currentId())
        if shown is not None:
            self.control.run_again(state.check for state in self.control.model.checks(shown))
        elif self.currentId() == SUMMARY:
            self.start()

    def _on_finished(self, _report: Report) -> None:
        followed = self.control.model.again or self.control.model.stopped
        if self.welcome.show_result.isChecked() and not followed:
            self.go_to(SUMMARY)
        else:
            self.refresh()

    @Slot(str)
    def _on_broke(self, reason: str) -> None:
        self.welcome.target.tell_testing("")
        self.actions_on_report.warn(_("The run ended by a fault in natwizard itself."), reason)

    @Slot()
    def refresh(self) -> None:
        """Show how the model stands: rail, the open page, the buttons."""
        model = self.control.model
        self.look.motion.run(wanted=model.busy or self.control.testing, quiet=model.alone_now())
        self._refresh_rail()
        self.pages.refresh(self.currentId())
        self._refresh_footer()
        self._announcer.tell(model.findings())

    def _refresh_rail(self) -> None:
        model = self.control.model
        self.step_list.tell_steps(steps_of(model, self.steps()), self.currentId())
        show_progress(self.step_list, model, self.control.now_s())

    def _refresh_footer(self) -> None:
        model, number = self.control.model, self.currentId()
        shown = self.pages.shown(number)
        if number == SUMMARY:
            settled = model.report is not None and not model.busy
            self._frame.show_footer(Footer.SUMMARY if settled else Footer.SUMMARY_RUNNING)
            self.button(Button.CustomButton1).setVisible(model.stage is RunStage.FINISHED)
            if not settled:
                self.button(Button.CustomButton3).setVisible(model.busy)
        elif shown is not None:
            self._frame.show_footer(Footer.CHECKS_RUNNING if model.busy else Footer.CHECKS)
            again = self.button(Button.CustomButton1)
            again.setVisible(model.stage is not RunStage.OPENED)
            checks = [state.check for state in model.checks(shown)]
            again.setEnabled(self.control.can_run_again(checks))
        else:
            self._frame.show_footer(Footer.WELCOME)
        if model.busy and number != WELCOME:
            self.button(Button.CustomButton3).setEnabled(model.stage is RunStage.RUNNING)

    @Slot(int)
    def _on_page(self, number: int) -> None:
        if number < 0:
            return
        self._frame.fit()
        self.refresh()
        if not self.step_list.list.hasFocus():
            self._frame.focus_primary()

    @Slot()
    def _on_look(self) -> None:
        self._narrow_if_needed()
        self._frame.redraw()
        self.refresh()

    def request_text(self, finding: Finding) -> str:
        """What "Copy for IT" copies; empty where there is nothing to ask for."""
        report, remedy = self.control.model.report, finding.remedy
        if remedy is None:
            return ""
        return copy_for_it(finding, report) if report is not None else remedy.request

    def _on_profile(self) -> None:
        self.welcome.show_profile(self.profile_choice.profile)
        self.refresh()

    def open_settings(self) -> None:
        """The profile, its addresses, and how this window looks."""
        from natwizard.gui.settings.opening import open_settings

        self.profile_choice.when_loaded(partial(open_settings, self))

    @Slot(object, str)
    def _on_opened(self, report: Report, _path: str) -> None:
        if self.control.model.busy:
            return
        self.control.open(report)
        self.pages.show_opened()
        self.go_to(SUMMARY)

    def open_report(self, path: Path) -> bool:
        """Show a saved report instead of a run."""
        return self.actions_on_report.open(path)

    @Slot(str)
    def _on_saved(self, path: str) -> None:
        self._announcer.say(_("Saved: {path}").format(path=path))
        self.button(Button.FinishButton).setToolTip(_("Saved: {path}").format(path=path))

    @Slot(int)
    def _on_custom(self, which: int) -> None:
        page, report = self.currentPage(), self.control.model.report
        settled = report is not None and not self.control.model.busy
        match Button(which), page:
            case Button.CustomButton1, self.welcome:
                self.actions_on_report.ask_open()
            case Button.CustomButton1, _:
                self._run_page_again()
            case Button.CustomButton2, self.summary if settled and report is not None:
                self.actions_on_report.show_menu(
                    report, self.button(Button.CustomButton2), self.desk
                )
            case Button.CustomButton2, _:
                self.go_back()
            case Button.CustomButton3, self.summary if settled and report is not None:
                self.actions_on_report.copy(report)
                self._announcer.say(_("Copied"))
                self._frame.dress(Button.CustomButton3, _("Copied"), Icon.TICK, "")
                QTimer.singleShot(COPIED_MS, self, self._frame.fit)
            case _:
                self.control.stop()

    def accept(self) -> None:
        """Finish is Save PDF here; the window stays."""
        report = self.control.model.report
        if report is not None and not self.control.model.busy:
            self.actions_on_report.save_pdf(report)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.control.model.busy:
            ask_to_stop(self, self.control.stop)
            return
        super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Every way out of the window ends all measuring first; a watch that goes on asks."""
        if self.desk.asks_to_close():
            return
        if "planner" in vars(self):
            self.planner.close()
        self.control.close()
        QDialog.done(self, result)

    def focusNextPrevChild(self, forwards: bool) -> bool:  # noqa: FBT001 - Qt's signature
        self.ring.keyboard_used()
        parts = (self.currentPage(), *self._frame.buttons(), self.step_list)
        return move_focus(self, parts, forwards=forwards)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.currentId() >= 0:  # Windows resizes whenever a flag changes, also before pages
            self._narrow_if_needed()

    def _narrow_if_needed(self) -> None:
        narrow = self.width() < self.look.px(NARROW_BELOW) or self.look.helpdesk_size
        self.step_list.set_narrow(narrow=narrow)
        self._frame.fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look.motion.show(visible=True)
        self._frame.trim()
        if self.currentId() == WELCOME:
            self._frame.focus_primary()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.look.motion.show(visible=False)
