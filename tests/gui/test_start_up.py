"""The window stands first; the profile is read to its end, and all that runs loaded, behind it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from computers.platforms import keep_data_in
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from natwizard.gui.app import open_window
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.wizard import Wizard
from natwizard.profiles.find import find_profile, glance_at_profile
from natwizard.profiles.mistake import ProfileMistake

HEAVY = ("asyncio", "httpx", "dns", "cryptography", "pypdf", "rich", "json", "statistics",
         "subprocess", "natwizard.run", "natwizard.checks", "natwizard.probes",
         "natwizard.report.details", "natwizard.report.request", "PySide6.QtNetwork")  # fmt: skip
SITE = 'extends = "natterbox"\nname = "Ours"\nversion = "1"\nrole = "sip-device"\n'

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture(autouse=True)
def settings_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_data_in(tmp_path / "data", monkeypatch)
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))


def open_wizard() -> Wizard:
    (found,) = [one for one in QApplication.allWidgets()
                if isinstance(one, Wizard) and one.isVisible()]  # fmt: skip
    return found


def when_loaded(do: Callable[[Wizard], None]) -> None:
    """Once the window has loaded all it needs."""

    def look() -> None:
        wizard = open_wizard()
        if wizard.profile_choice.loaded:
            do(wizard)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)


def test_the_window_paints_before_anything_that_runs_is_loaded() -> None:
    program = (
        "import sys\n"
        "from natwizard.gui.app import make_wizard\n"
        "from natwizard.gui.application import the_application\n"
        "from natwizard.profiles.find import glance_at_profile\n"
        "from natwizard.model.profile import Answers\n"
        "application = the_application()\n"
        "found = glance_at_profile()\n"
        "wizard = make_wizard(application, found.profile, '', Answers(), loaded=False)\n"
        "wizard.show()\n"
        "application.processEvents()\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout == "[]\n", run.stderr


def test_nothing_is_probed_before_the_person_asks(qtbot: QtBot) -> None:
    assert qtbot
    seen: list[object] = []

    def look_and_close(wizard: Wizard) -> None:
        seen.extend((wizard.control.model.stage, wizard.control._thread, len(wizard.steps())))
        wizard.close()

    when_loaded(look_and_close)
    assert open_window() == 0
    assert seen == [RunStage.IDLE, None, 10], "no probe thread, no run"


def test_a_press_while_it_loads_is_not_lost(qtbot: QtBot) -> None:
    assert qtbot
    seen: list[bool] = []

    def press() -> None:
        open_wizard().start()
        look_and_close(600)

    def look_and_close(looks: int) -> None:
        wizard = open_wizard()
        has_begun = wizard.control.model.total > 0
        if not has_begun and looks:
            QTimer.singleShot(100, lambda: look_and_close(looks - 1))
            return
        seen.append(has_begun)
        wizard.leave()  # the run goes on, and closing would ask

    QTimer.singleShot(0, press)
    assert open_window() == 0
    assert seen == [True]


def test_a_mistake_that_only_a_whole_reading_finds_closes_the_window(
    qtbot: QtBot, tmp_path: Path
) -> None:
    assert qtbot
    path = tmp_path / "site.toml"
    path.write_text(SITE + '[[requirements]]\nid = "computer.ram"\nlimits = { minimum = 8 }\n')
    with pytest.raises(ProfileMistake, match=r"site\.toml:7: requirements\[0\]\.limits"):
        open_window(str(path))


@pytest.mark.parametrize("text", [SITE, SITE + '[targets]\nwebphone = "w.example.com"\n'])
def test_a_glance_sees_what_a_whole_reading_sees(text: str, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(text)
    assert glance_at_profile(str(path)) == find_profile(str(path))


def test_a_glance_finds_the_shipped_profile_and_leaves_the_network_alone() -> None:
    assert glance_at_profile() == find_profile()
    assert glance_at_profile("https://profiles.example.com/site.toml") is None
