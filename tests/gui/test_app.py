"""Starting and ending the program's window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from computers.platforms import keep_data_in
from gui.example_run import bad_findings, example_profile, report_of
from gui.probe_threads import ProbeThreads
from PySide6.QtCore import QSettings, QSize, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from natwizard.gui.app import run_window
from natwizard.gui.brand import NAME
from natwizard.gui.main_window import SIZE_KEY, MainWindow
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.wizard import Wizard
from natwizard.model.profile import Answers
from natwizard.report.as_json import write_json


@pytest.fixture(autouse=True)
def settings_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_data_in(tmp_path / "data", monkeypatch)
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))


def open_wizards() -> list[Wizard]:
    return [wizard for main_window in open_shells() for wizard in main_window.findChildren(Wizard)]


def open_shells() -> list[MainWindow]:
    return [one for one in QApplication.topLevelWidgets()
            if isinstance(one, MainWindow) and one.isVisible()]  # fmt: skip


def again_and_again(do: Callable[[], bool]) -> None:
    """In every turn of the event loop, until it says that it is done."""
    if not do():
        QTimer.singleShot(20, lambda: again_and_again(do))


def test_the_window_ends_when_it_is_closed_and_remembers_its_size(qtbot: QtBot) -> None:
    assert qtbot

    def resize_and_close() -> bool:
        shells = open_shells()
        for main_window in shells:
            main_window.resize(900, 640)
            main_window.close()
        return bool(shells)

    again_and_again(resize_and_close)
    assert run_window(example_profile(), "example", Answers()) == 0
    kept = QSettings(NAME, NAME).value(SIZE_KEY)
    assert kept == QSize(900, 640)


def test_a_report_can_be_opened_from_the_start(qtbot: QtBot, tmp_path: Path) -> None:
    assert qtbot
    path = tmp_path / "report.json"
    write_json(report_of(bad_findings()), path)
    seen: list[str] = []

    def look_and_close() -> bool:
        wizards = [each for each in open_wizards() if each.control.model.stage is RunStage.OPENED]
        for wizard in wizards:
            seen.append(wizard.summary.banner.accessibleName())
            wizard.close()
        return bool(wizards)

    again_and_again(look_and_close)
    assert run_window(example_profile(), "example", Answers(), open_report=path) == 0
    assert seen[0].startswith("Not ready.")


def test_start_begins_the_run_at_once(qtbot: QtBot, probe_threads: ProbeThreads) -> None:
    assert qtbot
    seen: list[int] = []

    def look_and_close() -> bool:
        begun = [each for each in open_wizards() if each.control.model.total]
        for wizard in begun:
            seen.append(wizard.control.model.total)
            wizard.leave()  # a run that goes on would make closing ask
        return bool(begun)

    again_and_again(look_and_close)
    assert run_window(example_profile(), "example", Answers(), start=True) == 0
    assert seen[0] > 0
    assert not probe_threads.left()
