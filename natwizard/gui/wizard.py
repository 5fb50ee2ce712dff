"""The window: a QWizard with a rail of steps, pages that fill while the person walks."""

import sys
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QDialog, QWizard

from natwizard.drawing.mark import mark_icon
from natwizard.gui.actions import MORE_MENU, TOOLS_MENU, Command, Place, WindowState
from natwizard.gui.announcer import Announcer
from natwizard.gui.brand import NAME, NARROW_BELOW, SIZE, SMALLEST
from natwizard.gui.helpdesk.tools import HelpdeskTools, PageTurner
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.focus_order import move_focus
from natwizard.gui.look.window_language import WindowLanguage
from natwizard.gui.page_set import PageSet
from natwizard.gui.pages.welcome import WelcomePage
from natwizard.gui.run.profile_choice import ProfileChoice
from natwizard.gui.run.report_saver import ReportSaver
from natwizard.gui.run.result_sharing import SharingStage
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.session import Session
from natwizard.gui.step_list_view import (
    PAGE_IDS,
    SUMMARY,
    WELCOME,
    show_progress,
    steps_of,
    usual_pages,
)
from natwizard.gui.stop_question import ask_to_stop
from natwizard.gui.widgets.buttons import press_focused
from natwizard.gui.widgets.focus_ring import FocusRing
from natwizard.gui.widgets.step_list import StepList
from natwizard.gui.wizard_frame import Footer, WizardFrame
from natwizard.model.finding import Finding, Page
from natwizard.model.language import _
from natwizard.model.profile import Answers, Profile
from natwizard.model.report import Report
from natwizard.report.words import DOT

if TYPE_CHECKING:  # the window paints before what runs and what writes is loaded
    from natwizard.gui.guide_window import GuideWindow
    from natwizard.gui.helpdesk.sent_window import SentWindow
    from natwizard.gui.page_set import CheckPages
    from natwizard.gui.pages.checks_page import ChecksPage
    from natwizard.gui.pages.summary import SummaryPage
    from natwizard.gui.planner.window import PlannerController
    from natwizard.gui.report_actions import ReportActions
    from natwizard.gui.settings.setup import SetupOffers
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
        self._leaving = False
        self._announcer = Announcer(self)
        self.language = language or WindowLanguage(self)
        self.profile_choice = ProfileChoice(self, profile, location, loaded=loaded)
        self.session = Session(
            self, look, control, self.language, self.profile_choice, self.plan, report_saver
        )
        self._frame = WizardFrame(self, look, self.session.actions)
        self.setWindowTitle(NAME)
        self.setWindowIcon(mark_icon())
        self.setWizardStyle(QWizard.WizardStyle.ModernStyle)
        self.setOption(QWizard.WizardOption.ExtendedWatermarkPixmap)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)
        self.setWindowFlag(Qt.WindowType.WindowMinMaxButtonsHint, on=True)
        self.step_list = StepList(look)
        self.setSideWidget(self.step_list)
        self.pages = PageSet(self, self.session, answers, self.request_text)
        self.pages.made.connect(self._on_made)
        self.ring = FocusRing(look, self)
        self.desk = HelpdeskTools(self.session)
        self.turner = PageTurner(self, control, lambda: self.welcome.turn_pages.isChecked(), self)
        self._connect()
        self._connect_actions()
        self.setMinimumSize(QSize(*SMALLEST).boundedTo(self.screen().availableSize()))
        self.resize(QSize(look.px(SIZE[0]), look.px(SIZE[1])))
        self.go_to(WELCOME)

    def _connect(self) -> None:
        self.step_list.chosen.connect(self.go_to)
        self.currentIdChanged.connect(self._on_page)
        for turned_by_hand in (
            self.step_list.chosen,
            self.customButtonClicked,
            self.finished,
        ):
            turned_by_hand.connect(self.turner.pause)
        self.control.changed.connect(self.refresh)
        self.control.finished.connect(self._on_finished)
        self.control.broke.connect(self._on_broke)
        self.control.browser_page_done.connect(self._come_to_front)
        self.look.changed.connect(self._on_look)
        self.language.changed.connect(self._on_language)
        self.pages.check_again.connect(self.control.run_again)
        self.pages.guide.connect(self.open_guide)
        self.pages.area.connect(lambda page: self.go_to(PAGE_IDS[page]))
        self.pages.change_profile.connect(self.open_settings)
        self.pages.answered.connect(self.refresh)
        self.pages.change_language.connect(self.language.choose)
        self.pages.setup_pasted.connect(self.open_setup)
        self.profile_choice.chosen.connect(self._on_profile)
        self.session.report_opened.connect(self._on_opened)
        self.session.sharing.changed.connect(self.refresh)

    def _connect_actions(self) -> None:
        actions, tools = self.session.actions, self.step_list.tools
        for command, do in (
            (Command.START, self.start),
            (Command.PREVIOUS_PAGE, self.go_back),
            (Command.STOP, self.control.stop),
            (Command.RUN_PAGE_AGAIN, self._run_page_again),
            (Command.RUN_AGAIN, self.start),
            (Command.SAVE_PDF, self.accept),
            (Command.SAVE_JSON, self._save_json),
            (Command.SAVE_HTML, self._save_html),
            (Command.COPY_FOR_HELPDESK, self._copy),
            (Command.SEND_TO_HELPDESK, self._send_to_helpdesk),
            (Command.SHOW_SENT, self.show_sent),
            (Command.OPEN_REPORT, lambda: self.session.reports.ask_open()),
            (Command.MORE, self._show_more),
            (Command.SETTINGS, self.open_settings),
            (Command.PLANNER, lambda: self.planner.open()),
            (Command.GUIDE, self.open_guide),
        ):
            actions.connect_to(command, do)
        actions[Command.SHOW_NAMES].toggled.connect(self._on_show_names)
        actions[Command.HIDE_NAMES].toggled.connect(tools.names.setChecked)
        tools.names.toggled.connect(actions[Command.HIDE_NAMES].setChecked)
        actions[Command.LARGER_TYPE].triggered.connect(self.look.toggle_helpdesk_size)
        tools.menu.clicked.connect(lambda: actions.pop_up(TOOLS_MENU, tools.menu, self))

    @Slot()
    def _on_language(self) -> None:
        """The same place, run and answers, in other words."""
        place = self.currentId()
        self.pages.stop_test()
        self.control.retranslate()
        self.pages.rebuild()
        if "planner" in vars(self):
            self.planner.retranslate()
        self.session.actions.retranslate()
        self._frame.retranslate()
        self.step_list.retranslate()
        self.pages.ensure_page(place)
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

    @property
    def actions_on_report(self) -> "ReportActions":
        """What can be done with a report; loads what writes and reads files."""
        return self.session.reports

    @cached_property
    def planner(self) -> "PlannerController":
        """The administrators' planner, in a window of its own."""
        from natwizard.gui.planner.window import PlannerController

        saver = self.session.report_saver
        notes = saver.planner_file if saver is not None else None
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
        among_steps = self.focusWidget() is self.step_list.list
        self.pages.ensure_page(number)
        self.setStartId(number)
        self.restart()
        if among_steps:  # QWizard gives the keyboard to its own button, and arrows would end there
            self.step_list.list.setFocus()

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
        self.pages.collapse_rows()
        self.pages.show_opened()
        self.go_to(self.page_ids()[1])

    def validateCurrentPage(self) -> bool:
        """Next on Welcome means Start; elsewhere nothing is in the way."""
        if self.currentId() == WELCOME and not self.control.model.busy:
            self.start()
            return False
        self.pages.ensure_page(self.nextId())
        return True

    @Slot()
    def _run_page_again(self) -> None:
        shown = self.pages.shown(self.currentId())
        if shown is not None:
            self.control.run_again(state.check for state in self.control.model.checks(shown))

    def _on_finished(self, _report: Report) -> None:
        followed = self.control.model.again or self.control.model.stopped
        if self.welcome.show_result.isChecked() and not followed:
            # filled now, and turned to in an event of its own: both take time
            self.pages.refresh(SUMMARY)
            QTimer.singleShot(0, self, self._show_result)
        else:
            self.refresh()

    @Slot()
    def _show_result(self) -> None:
        if not self.control.model.busy:
            self.go_to(SUMMARY)

    @Slot()
    def _come_to_front(self) -> None:
        """The browser's test page lies over this window, and has nothing more to show.

        A system that lets no program take the focus (Windows, most of the time) marks the window
        in the task bar instead. One that the person minimised stays so.
        """
        window = self.window()
        if not window.isMinimized():
            window.raise_()
            window.activateWindow()
        QApplication.alert(window)

    @Slot(str)
    def _on_broke(self, reason: str) -> None:
        self.welcome.target.show_testing("")
        self.session.reports.warn(_("The run ended by a fault in natwizard itself."), reason)

    @Slot()
    def refresh(self) -> None:
        """Show how the model stands: rail, the open page, the buttons."""
        model = self.control.model
        self.look.motion.run(wanted=model.busy or self.control.testing, quiet=model.alone_now())
        self._refresh_rail()
        self.pages.refresh(self.currentId())
        self._refresh_footer()
        self._announcer.announce_findings(model.findings())

    def _refresh_rail(self) -> None:
        model = self.control.model
        self.step_list.set_steps(steps_of(model, self.steps()), self.currentId())
        show_progress(self.step_list, model, self.control.now_s())
        # also where a narrow side list leaves no room for it, as on a shared screen
        self.setWindowTitle(DOT.join(filter(None, (NAME, model.run_code))))

    def _refresh_footer(self) -> None:
        state = self._window_state()
        self.session.actions.refresh(state)
        match state.place:
            case Place.WELCOME:
                footer = Footer.WELCOME
            case Place.CHECKS:
                footer = Footer.CHECKS_RUNNING if state.busy else Footer.CHECKS
            case Place.SUMMARY:
                footer = Footer.SUMMARY if state.settled else Footer.SUMMARY_RUNNING
        self._frame.show_footer(footer)

    def _window_state(self) -> WindowState:
        model, shown = self.control.model, self.pages.shown(self.currentId())
        place = Place.CHECKS if shown is not None else Place.WELCOME
        checks = [state.check for state in model.checks(shown)] if shown is not None else []
        report, sharing = model.report, self.session.sharing.sharing()
        return WindowState(
            place=Place.SUMMARY if self.currentId() == SUMMARY else place,
            stage=model.stage,
            has_report=report is not None,
            page_can_run=self.control.can_run_again(checks),
            failed_can_run=bool(self.desk.failed_checks()),
            names_can_show=report is not None
            and not report.redacted
            and not model.redaction.hidden,
            shares=sharing is not None or self.profile_choice.profile.share.wanted,
            sending=sharing is not None and sharing.stage is SharingStage.SENDING,
        )

    @Slot(int)
    def _on_page(self, number: int) -> None:
        if number < 0:
            return
        self._frame.page_turned()
        self.refresh()
        if not self.step_list.list.hasFocus():
            self._frame.focus_primary()

    @Slot()
    def _on_look(self) -> None:
        self.session.actions[Command.LARGER_TYPE].setChecked(self.look.helpdesk_size)
        self._narrow_if_needed()
        self._frame.redraw()
        self.refresh()

    def request_text(self, finding: Finding) -> str:
        """What "Copy for IT" copies; empty where there is nothing to ask for."""
        report, remedy = self.control.model.report, finding.remedy
        if remedy is None:
            return ""
        if report is None:
            return remedy.request
        from natwizard.report.request import copy_for_it

        return copy_for_it(finding, report)

    def _on_profile(self) -> None:
        self.welcome.show_profile(self.profile_choice.profile)
        self.refresh()

    def open_settings(self) -> None:
        """The profile, its addresses, and how this window looks."""
        from natwizard.gui.settings.opening import open_settings

        self.profile_choice.when_loaded(partial(open_settings, self.session, lambda: self.welcome))

    @cached_property
    def setups(self) -> "SetupOffers":
        """What asks before the settings of a set-up file are used."""
        from natwizard.gui.settings.setup import SetupOffers

        made = SetupOffers(self.session)
        made.taken.connect(lambda found: self.welcome.choose(found.profile.role))
        return made

    @Slot(str)
    def open_setup(self, place: str) -> None:
        """Offer the settings of a set-up file, from a path or an https link."""
        self.profile_choice.when_loaded(lambda: self.setups.open(place))

    def look_beside(self) -> None:
        """Offer what lies beside a portable program."""
        if getattr(sys, "frozen", False):
            self.setups.look_beside()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        from natwizard.gui.settings.setup import dropped_place

        if dropped_place(event):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        from natwizard.gui.settings.setup import dropped_place

        place = dropped_place(event)
        if place:
            event.acceptProposedAction()
            self.open_setup(place)

    @Slot(object, str)
    def _on_opened(self, report: Report, _path: str) -> None:
        if self.control.model.busy:
            return
        self.control.open(report)
        self.pages.show_opened()
        self.go_to(SUMMARY)

    def open_report(self, path: Path) -> bool:
        """Show a saved report instead of a run."""
        return self.session.open_report(path)

    @Slot(str)
    def open_guide(self, check: str = "") -> "GuideWindow":
        """What each row means, at the paragraph of one of them."""
        from natwizard.gui.guide_window import GuideWindow, guide_entries

        window = GuideWindow(self.look, self, guide_entries(self.profile_choice.profile))
        window.open()
        window.show_row(check)
        return window

    def _save_html(self) -> None:
        report = self.control.model.report
        if report is not None:
            self.session.reports.reference = self.summary.reference()
            self.session.reports.save_html(report)

    def _save_json(self) -> None:
        report = self.control.model.report
        if report is not None:
            self.session.reports.save_json(report)

    def _copy(self) -> None:
        report = self.control.model.report
        if report is not None:
            self.session.reports.copy(report)
            self._announcer.announce(_("Copied"))
            self._frame.confirm(Command.COPY_FOR_HELPDESK, _("Copied"))

    def _send_to_helpdesk(self) -> None:
        """To whoever the profile names; else, and with a report from a file, by mail."""
        report, sharing = self.control.model.report, self.session.sharing
        if report is None:
            return
        if sharing.sharing() is not None:
            sharing.send()
        else:
            self.session.reports.mail(report, self.profile_choice.profile.share.mail)

    def show_sent(self) -> "SentWindow":
        """The very bytes that are sent of a run."""
        from natwizard.gui.helpdesk.sent_window import SentWindow

        own = self.control.model.report if self.session.sharing.sharing() is not None else None
        plan = self.control.plan
        profile = plan.profile if own is not None and plan is not None else None
        window = SentWindow(self.look, self, profile or self.profile_choice.profile, own)
        window.open()
        return window

    def _show_more(self) -> None:
        actions, button = self.session.actions, self._frame.button_of(Command.MORE)
        actions[Command.SHOW_NAMES].setChecked(self.session.reports.show_names)
        if button is not None:
            actions.pop_up(MORE_MENU, button, self)

    @Slot(bool)
    def _on_show_names(self, shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.session.reports.show_names = shown
        self.refresh()

    def accept(self) -> None:
        """Finish is Save PDF here; the window stays."""
        report = self.control.model.report
        if report is not None and not self.control.model.busy:
            self.session.reports.reference = self.summary.reference()
            self.session.reports.save_pdf(report)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.control.model.busy:
            self._ask_to_stop(self.control.stop)
            return
        if not press_focused(self, event):
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Every way out of the window ends all measuring first; what goes on asks before that."""
        if self.control.model.busy and not self._leaving:
            self._ask_to_stop(self.leave)
            return
        if self.desk.asks_to_close():
            return
        self.session.sharing.send_changes()
        if "planner" in vars(self):
            self.planner.close()
        if "setups" in vars(self):
            self.setups.wait()
        self.control.close()
        QDialog.done(self, result)

    def _ask_to_stop(self, stop: Callable[[], None]) -> None:
        ask_to_stop(self, stop, self.control.finished, self.control.broke)

    def leave(self) -> None:
        """Close without asking; what was measured so far is not kept."""
        self._leaving = True
        self.close()

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
