"""Enter in the windows beside the wizard: it presses what has the keyboard, and nothing else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.example_run import example_profile
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from natwizard.gui.look.appearance import Appearance
from natwizard.gui.look.focus_order import stops
from natwizard.gui.planner.book import PlannerBook
from natwizard.gui.planner.window import PlannerWindow
from natwizard.gui.run.run_control import RunControl
from natwizard.gui.settings.opening import open_settings
from natwizard.gui.settings.setup import SetupDialog
from natwizard.gui.widgets.keyboard_dialog import KeyboardDialog
from natwizard.gui.wizard import Wizard
from natwizard.model.profile import Answers
from natwizard.planner.checklist import checklist
from natwizard.system.environment import real_environment

pytestmark = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise)")


@pytest.fixture
def wizard(look: Appearance, tmp_path: Path) -> Iterator[Wizard]:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    made = Wizard(look, RunControl(real_environment), example_profile(), "example", Answers())
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def settings(wizard: Wizard) -> QDialog:
    return open_settings(wizard.session, lambda: wizard.welcome)


def setup(wizard: Wizard) -> QDialog:
    made = SetupDialog(wizard, wizard.look, wizard.control.sibling())
    made.open()
    return made


def planner(wizard: Wizard) -> PlannerWindow:
    made = PlannerWindow(wizard.look, PlannerBook(checklist(wizard.profile_choice.profile)))
    made.offer_report(offered=True)
    made.show()
    return made


def watch(wizard: Wizard) -> QDialog:
    return wizard.desk.show_watch()


WINDOWS = (settings, setup, planner, watch)


@pytest.mark.parametrize("make", WINDOWS, ids=lambda make: make.__name__)
def test_enter_presses_the_button_that_has_the_keyboard_and_no_other(
    qtbot: QtBot, wizard: Wizard, make: Callable[[Wizard], QDialog]
) -> None:
    window = make(wizard)
    assert isinstance(window, KeyboardDialog)
    buttons = [each for each in stops(window, window) if isinstance(each, QPushButton)]
    assert buttons
    for button in buttons:
        button.blockSignals(True)  # nothing is to happen: a press is seen by what it switches
        button.setCheckable(True)
    for button in buttons:
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Return)
        assert [each for each in buttons if each.isChecked()] == [button], button.text()
        assert window.isVisible()
        button.setChecked(False)
    for button in buttons:
        button.setCheckable(False)
        button.blockSignals(False)
    window.close()


def test_tab_walks_the_planner_as_it_is_read(qtbot: QtBot, wizard: Wizard) -> None:
    window = planner(wizard)
    with qtbot.waitActive(window):
        window.activateWindow()
    for topic in window.pages:
        window.go_to(topic)
        page = window.stack.currentWidget()
        window.step_list.list.setFocus()
        walked: list[QWidget] = []
        while (current := QApplication.focusWidget()) is not None and current not in walked:
            walked.append(current)
            qtbot.keyClick(current, Qt.Key.Key_Tab)
        assert set(walked) >= set(stops(window, page))
        within = [each for each in walked if page.isAncestorOf(each)]
        assert within == stops(window, page)
    window.close()
