"""Something to see at once, then the window."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from computers.platforms import keep_data_in, posix_only
from gui.example_run import example_profile
from PySide6.QtCore import QRect, QSettings, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWizard
from pytestqt.qtbot import QtBot

from natwizard.drawing.base_palette import GROUNDS, ThemeName
from natwizard.gui.app import make_wizard, put_away
from natwizard.gui.brand import HEIGHT, NAME, RAIL_WIDTH, SMALLEST
from natwizard.gui.look.preferences import Preferences
from natwizard.gui.main_window import STARTING, MainWindow
from natwizard.gui.start import entry
from natwizard.gui.wizard import Wizard
from natwizard.model.profile import Answers

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
EDGE = 64  # of 255
HEAVY = ("msgspec", "asyncio", "httpx", "dns", "cryptography", "pypdf", "natwizard.checks",
         "natwizard.probes")  # fmt: skip


def test_before_the_window_is_shown_nothing_heavy_is_loaded() -> None:
    script = f"import sys, natwizard.gui.start; print(sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture(autouse=True)
def settings_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_data_in(tmp_path / "data", monkeypatch)
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))


@pytest.fixture
def main_window(qtbot: QtBot) -> MainWindow:
    Preferences().theme_name = ThemeName.LIGHT  # whatever an earlier test left on the application
    made = MainWindow()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def wizard(qapp: QApplication) -> Iterator[Wizard]:
    made = make_wizard(qapp, example_profile(), "example", Answers())
    yield made
    put_away(made)


@pytest.mark.parametrize("name", ThemeName)
def test_the_empty_window_has_the_colours_that_were_chosen(qtbot: QtBot, name: ThemeName) -> None:
    Preferences().theme_name = name
    main_window = MainWindow()
    qtbot.addWidget(main_window)
    main_window.show_at_once()
    image = main_window.grab().toImage()
    seen = {image.pixelColor(x, y).name().upper() for x in range(0, image.width(), 2)
            for y in range(0, image.height(), 2)}  # fmt: skip
    palette = GROUNDS[name]
    assert {palette.canvas, palette.sidebar, palette.accent} <= seen


def test_the_empty_window_is_painted_at_once(main_window: MainWindow) -> None:
    main_window.show_at_once()
    assert main_window.windowHandle().isExposed()
    assert main_window.windowTitle() == STARTING


def test_mark_and_name_stay_where_they_are_when_the_wizard_moves_in(
    qtbot: QtBot, main_window: MainWindow, wizard: Wizard
) -> None:
    main_window.resize(1000, 700)
    main_window.show_at_once()
    before = main_window.grab(QRect(0, 0, RAIL_WIDTH - 1, HEIGHT)).toImage()
    main_window.take_in(wizard)
    qtbot.waitUntil(lambda: main_window.windowTitle() == NAME)
    after = main_window.grab(QRect(0, 0, RAIL_WIDTH - 1, HEIGHT)).toImage()
    pairs = [(before.pixelColor(x, y).lightness(), after.pixelColor(x, y).lightness())
             for x in range(before.width()) for y in range(before.height())]  # fmt: skip
    moved = sum(abs(one - other) > EDGE for one, other in pairs)
    assert moved < len(pairs) / 500, "the picture's edges are smoothed another way, no more"


def test_the_wizard_fills_the_window(qtbot: QtBot, main_window: MainWindow, wizard: Wizard) -> None:
    main_window.take_in(wizard)
    main_window.show()
    main_window.resize(1100, 750)
    qtbot.waitUntil(lambda: wizard.size() == main_window.size())
    assert not wizard.isWindow()
    main_window.resize(10, 10)
    assert main_window.size() == QSize(*SMALLEST)


def test_the_window_closes_with_the_wizard(
    qtbot: QtBot, main_window: MainWindow, wizard: Wizard
) -> None:
    main_window.take_in(wizard)
    main_window.show()
    qtbot.mouseClick(wizard.button(QWizard.WizardButton.CancelButton), Qt.MouseButton.LeftButton)
    assert not main_window.isVisible()


def test_closing_the_window_ends_what_the_wizard_does(
    qtbot: QtBot, main_window: MainWindow, wizard: Wizard
) -> None:
    main_window.take_in(wizard)
    main_window.show()
    with qtbot.waitSignal(wizard.finished):
        main_window.close()
    assert not wizard.isVisible()


def test_the_program_shows_one_window_and_closes(qtbot: QtBot) -> None:
    assert qtbot
    shown: list[str] = []

    def look_and_close() -> None:
        visible = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        if not any(one.findChild(Wizard) for one in visible):
            return
        timer.stop()
        shown.extend(one.windowTitle() for one in visible)
        for one in visible:
            one.close()

    timer = QTimer(interval=200)
    timer.timeout.connect(look_and_close)
    timer.start()
    with pytest.raises(SystemExit) as left:
        entry()
    timer.stop()
    assert left.value.code == 0
    assert shown == [NAME]


def test_garbage_is_collected_again_once_all_is_loaded(qtbot: QtBot) -> None:
    assert qtbot
    seen: list[bool] = []

    def look() -> None:
        seen.append(gc.isenabled())
        if seen[-1] or len(seen) > 600:
            timer.stop()
            for one in QApplication.topLevelWidgets():
                one.close()

    timer = QTimer(interval=20)
    timer.timeout.connect(look)
    timer.start()
    with pytest.raises(SystemExit):
        entry()
    assert seen[0] is False
    assert seen[-1] is True


INSPECTED = """
import inspect
from natwizard.gui.application import import_uninspected
seen = []
read = inspect.getsource
inspect.getsource = lambda module: seen.append(module.__name__) or read(module)
import colorsys
import_uninspected()
import wave
print(*seen)
"""


def test_pyside_looks_into_no_module_that_is_imported_from_then_on() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", INSPECTED],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    inspected = done.stdout.split()
    assert "colorsys" in inspected, "PySide does so by itself"
    assert "wave" not in inspected


def test_who_closes_the_empty_window_need_not_wait_for_the_rest(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert qtbot
    at_once = MainWindow.show_at_once

    def show_and_close_soon(main_window: MainWindow) -> None:
        at_once(main_window)
        QTimer.singleShot(0, main_window, main_window.close)

    monkeypatch.setattr(MainWindow, "show_at_once", show_and_close_soon)
    with pytest.raises(SystemExit) as left:
        entry()
    assert left.value.code == 0


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always one")
def test_without_a_display_it_says_so() -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, "-c", "from natwizard.gui.start import entry; entry()"],
        env={key: value for key, value in os.environ.items() if key not in hidden},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 64
    assert done.stderr == "natwizard-gui: there is no display here; use: natwizard check\n"


GUI = "from natwizard.gui.start import entry; entry()"
PROGRAM = "from natwizard.cli.main import entry; entry()"
GONE = {"DISPLAY": ":65000"}


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always one")
@pytest.mark.parametrize(
    ("begin", "environment"),
    [
        (GUI, GONE),
        (GUI, {"DISPLAY": "127.0.0.1:65000"}),
        (GUI, {"DISPLAY": "no display at all"}),
        (GUI, {"WAYLAND_DISPLAY": "of nobody"}),
        (GUI, {"QT_QPA_PLATFORM": "xcb"}),
        (GUI, {"QT_QPA_PLATFORM": "xcb", **GONE}),
        (GUI, {"QT_QPA_PLATFORM": "of another system", **GONE}),
        (PROGRAM, GONE),
        (PROGRAM, {"QT_QPA_PLATFORM": "of another system", **GONE}),
    ],
)
def test_a_display_that_does_not_work_is_told_in_one_sentence(
    begin: str, environment: dict[str, str], tmp_path: Path
) -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    done = subprocess.run(
        [sys.executable, "-c", begin],
        env={**kept, **environment, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 64
    [line] = done.stderr.splitlines()
    assert line.startswith("natwizard: no window can be shown here (")
    assert line.endswith("); use: natwizard check")


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always one")
@pytest.mark.parametrize(
    "environment", [GONE, {"WAYLAND_DISPLAY": "of nobody"}, {"QT_QPA_PLATFORM": "xcb", **GONE}]
)
def test_what_can_be_done_without_a_window_is_done_where_none_works(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """The demo writes what it was asked for, and a saved report is printed."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    begin = [sys.executable, "-c", PROGRAM]
    folders = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"), str(tmp_path))
    for words in (
        ("demo", "--only", "computer.ram", "--pdf", "r.pdf", "--json", "r.json"),
        ("show", "r.json"),
    ):
        done = subprocess.run(
            [*begin, *words], env={**kept, **environment, **folders}, cwd=tmp_path,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = "natwizard: No window can be shown here; the result follows in this terminal.\n"
        assert done.stderr == told
        assert "RAM" in done.stdout
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")


@posix_only("Qt tells a debugger there, not the standard error")
def test_what_qt_says_of_a_display_that_works_is_still_seen() -> None:
    """What waits for the end of the process keeps nothing to itself."""
    done = subprocess.run(
        [sys.executable, "-c", "from natwizard.gui.application import *; the_application()"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_DEBUG_PLUGINS": "1"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "libqoffscreen" in done.stderr
