"""Screens and their scale on a real X server without a window of our own."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from natwizard.probes.host import Screen
from natwizard.system.environment import system_host

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xprop")), reason="needs Xvfb and xprop"
    ),
]


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An X server with one screen of 1366 x 768, on a number of its own."""
    read_end, write_end = os.pipe()
    command = ("Xvfb", "-displayfd", str(write_end), "-noreset", "-screen", "0", "1366x768x24")
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, pass_fds=(write_end,), stdout=quiet, stderr=quiet) as server:
        os.close(write_end)
        with os.fdopen(read_end, "rb") as numbers:
            name = f":{numbers.readline().decode().strip()}"
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setenv("DISPLAY", name)
        try:
            yield name
        finally:
            server.terminate()


def seen(scaled: tuple[int, int]) -> Screen:
    [screen] = system_host().screens()
    assert (screen.width_px, screen.height_px) == (1366, 768)
    assert (screen.logical_width_px, screen.logical_height_px) == scaled
    return screen


@pytest.mark.usefixtures("display")
def test_a_plain_x_server_scales_nothing() -> None:
    seen((1366, 768))


@pytest.mark.usefixtures("display")
def test_the_scale_of_the_desktop_is_read_from_the_server() -> None:
    resources = "Xft.dpi:\t144\n"
    command = ("xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER")
    subprocess.run((*command, resources), check=True, timeout=10)
    seen((910, 512))


def test_a_display_that_is_gone_has_no_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", "127.0.0.1:65000")
    assert system_host().screens() == ()
