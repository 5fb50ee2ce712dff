"""Something to see at once, then the window."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from natwizard.drawing.tokens import DARK, LIGHT
from natwizard.gui.start import TITLE, entry, opening_picture, show_opening
from natwizard.gui.wizard import Wizard

HEAVY = ("httpx", "dns", "cryptography", "pypdf", "asyncio", "natwizard.checks", "natwizard.probes")


def test_before_the_mark_is_shown_nothing_heavy_is_loaded() -> None:
    script = f"import sys, natwizard.gui.start; print(sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_mark_is_drawn_in_the_colours_of_the_theme(qapp: QApplication) -> None:
    image = opening_picture(qapp).toImage()
    seen = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2)
            for y in range(0, image.height(), 2)}  # fmt: skip
    assert any({QColor(t.rail).name(), QColor(t.accent).name()} <= seen for t in (LIGHT, DARK))


def test_the_mark_is_painted_at_once(qapp: QApplication) -> None:
    opening = show_opening(qapp)
    assert opening.windowHandle().isExposed()
    assert opening.windowTitle() == TITLE
    opening.close()
    opening.deleteLater()


def test_the_mark_makes_way_for_the_window(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert qtbot
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    shown: list[str] = []

    def look_and_close() -> None:
        visible = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        if not any(isinstance(one, Wizard) for one in visible):
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
    assert shown == ["natwizard"]
