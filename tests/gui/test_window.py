"""The window on a real X server: it opens, it looks right, it ends."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from natwizard.drawing.tokens import LIGHT

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("real_window.py")
SMALL_SCRIPT = Path(__file__).with_name("small_window.py")
SCREENSHOTS = ROOT / "build" / "screenshots"

pytestmark = pytest.mark.window


@pytest.fixture
def display(request: pytest.FixtureRequest) -> Iterator[str]:
    """A display of our own, of the size asked for, else the smallest that we promise to fit."""
    size = getattr(request, "param", "1024x768")
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("Xvfb is not installed (Debian: apt install xvfb)")
    read, write = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
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


@pytest.mark.parametrize(
    ("display", "scale"),
    [
        ("1366x768", "2"),
        ("1280x720", "1.75"),
        ("1024x768", "1.5"),
        ("1920x1080", "2.25"),
    ],
    indirect=["display"],
)
def test_start_is_on_the_screen_however_small_a_scale_makes_it(display: str, scale: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture = SCREENSHOTS / f"window-small-{scale}x.png"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QT_")} | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "QT_SCALE_FACTOR": scale,
    }
    run = subprocess.run(
        [sys.executable, str(SMALL_SCRIPT), str(picture)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    screen, button = (QRect(*map(int, line.split())) for line in run.stdout.splitlines())
    assert button.isValid()
    assert screen.contains(button), f"{button} on {screen}"
