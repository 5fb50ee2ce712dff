"""The window on a real X server: it opens, it looks right, it ends."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from natwizard.drawing.tokens import LIGHT

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("real_window.py")
SCREENSHOTS = ROOT / "build" / "screenshots"

pytestmark = pytest.mark.window


@pytest.fixture
def display() -> Iterator[str]:
    """A display of our own, of the smallest size that we promise to fit."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is not installed (Debian: apt install xvfb)")
    read, write = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(write), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as number:
        line = number.readline().strip()
    if not line:
        process.wait()
        pytest.skip("Xvfb does not start here")
    yield f":{line}"
    process.terminate()
    process.wait(10)


def test_the_window_opens_on_a_real_display_and_fits_1024_by_768(display: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture = SCREENSHOTS / "window-xvfb.png"
    picture.unlink(missing_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QT_")} | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
    }
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(picture)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    platform, width, height, _ratio = run.stdout.split()
    assert platform == "xcb"
    assert int(width) <= 1024
    assert int(height) <= 768 - 32 - 48, "room for a title bar and a task bar"
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1024, 768)
    colours = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 7)
        for y in range(0, image.height(), 7)
    }
    for expected in (LIGHT.fail.fill, LIGHT.sidebar, LIGHT.canvas, LIGHT.accent):
        assert QColor(expected).name() in colours, "the summary is on the screen"
