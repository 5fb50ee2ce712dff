"""Commands of the window: each may be used where, and only where, it makes sense."""

import itertools

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from natwizard.gui.actions import (
    COMMANDS,
    Actions,
    Command,
    Place,
    WindowState,
    enabled_commands,
    hidden_commands,
)
from natwizard.gui.run.run_model import RunStage

STATES = [
    WindowState(
        place=place, stage=stage, has_report=report, page_can_run=again, failed_can_run=again
    )
    for place, stage, report, again in itertools.product(
        Place, RunStage, (False, True), (False, True)
    )
]


def test_after_a_run_the_summary_offers_to_run_again() -> None:
    """Also where the page before it had nothing to run: no state is left over from there."""
    state = WindowState(place=Place.SUMMARY, stage=RunStage.FINISHED, has_report=True)
    assert Command.RUN_AGAIN in enabled_commands(state)
    assert Command.RUN_AGAIN not in hidden_commands(state)


@pytest.mark.parametrize("state", STATES, ids=repr)
def test_one_key_never_means_two_commands(state: WindowState) -> None:
    usable = enabled_commands(state) - hidden_commands(state)
    keys = [COMMANDS[command].shortcut for command in usable if COMMANDS[command].shortcut]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("state", [state for state in STATES if state.busy], ids=repr)
def test_while_a_run_goes_on_nothing_replaces_its_report(state: WindowState) -> None:
    replacing = {
        Command.START,
        Command.RUN_AGAIN,
        Command.RUN_FAILED_AGAIN,
        Command.OPEN_REPORT,
        Command.HISTORY,
        Command.COMPARE,
        Command.SAVE_PDF,
    }
    assert not replacing & enabled_commands(state)


@pytest.mark.parametrize("state", STATES, ids=repr)
def test_stop_is_offered_while_there_is_something_to_stop(state: WindowState) -> None:
    assert (Command.STOP in enabled_commands(state)) == (state.stage is RunStage.RUNNING)


def test_every_command_has_one_action_with_its_text_and_key(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window)
    for command, spec in COMMANDS.items():
        assert actions[command].text() == spec.text
        assert actions[command].shortcut() == QKeySequence(spec.shortcut)
        assert (actions[command] in window.actions()) == bool(spec.shortcut)
    assert set(COMMANDS) == set(Command)
