"""With nothing set up, on a healthy line, with browser, screen and headset: what an agent is told.

The program as it is installed, with the profile as shipped, before public servers under their real
names: in the terminal with all its files, and in the window.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from computers.headset_lab import ALLOWED, BrowserOnCall, at_level, needs, speech, write
from computers.program import Program
from lab.test_lines import spoilt_by_this_computer
from lab.topology.call_lab import inside
from lab.topology.lab import Lab, built_lab, missing
from lab.topology.public_world import PublicWorld, trust_public
from pypdf import PdfReader
from PySide6.QtGui import QImage

from natwizard.cli.exit_code import ExitCode
from natwizard.model.finding import FarEnd, Status
from natwizard.model.report import Readiness, Report
from natwizard.profiles.find import SHIPPED_PLACE

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.window,
    pytest.mark.timeout(400),
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
    pytest.mark.skipif(
        needs("Xvfb", "chromium", "espeak-ng"), reason="needs Xvfb, chromium and espeak-ng"
    ),
]

TITLE = "Ready, as far as public servers can tell"
SENTENCE = "Your line is fit for calls. The service itself was not tried."
WINDOW = Path(__file__).parents[1] / "gui" / "driven_window.py"
TRIES = 3
PATIENCE_S = 100
Finished = subprocess.CompletedProcess[str]
OF_THE_SERVICE = {
    "port.webphone", "websocket.open", "quality.latency", "quality.jitter", "quality.loss",
    "quality.bandwidth", "quality.mos",
}  # fmt: skip
"""Rows of the service that strangers answered."""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with built_lab(1, PublicWorld) as built:
        trust_public(built.sites[0])
        yield built


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    read_end, write_end = os.pipe()
    words = ("Xvfb", "-displayfd", str(write_end), "-noreset", "-screen", "0", "1366x768x24")
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, pass_fds=(write_end,), stdout=quiet, stderr=quiet) as server:
        os.close(write_end)
        with os.fdopen(read_end, "rb") as numbers:
            name = f":{numbers.readline().decode().strip()}"
        yield name
        server.terminate()


class Desk:
    """Somebody at a workstation who speaks into the browser when it asks them to."""

    def __init__(self, lab: Lab, display: str, home: Path) -> None:
        self._workstation, self._display, self.home = lab.sites[0].workstation, display, home

    def finishes(self, *command: str) -> Finished:
        """Run this with a browser and a voice, until it ends."""
        with self._browser() as on_call, self._started(command) as process:
            with inside(self._workstation.name):
                page = on_call.page()
                page.wait_for("offered")
                page.press("test")
                page.wait_for("question")
                page.press("yes")
                page.wait_for("done")
            output, errors = process.communicate(timeout=PATIENCE_S)
        return Finished(command, process.returncode, output, errors)

    @contextmanager
    def _browser(self) -> Iterator[BrowserOnCall]:
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir()
        heard = write(self.home / "heard.wav", at_level(speech(self.home), -22))
        on_call = BrowserOnCall(self.home, "chromium")
        fake = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={heard}")
        on_call.chromium(*ALLOWED, *fake)
        with on_call.ended():
            yield on_call

    @contextmanager
    def _started(self, command: tuple[str, ...]) -> Iterator[subprocess.Popen[str]]:
        words = (
            *self._workstation.prefix(), "env", "--chdir", str(self.home),
            f"DISPLAY={self._display}", "QT_QPA_PLATFORM=xcb",
            f"NATWIZARD_BROWSER={self.home / 'open-browser'}", sys.executable, *command,
        )  # fmt: skip
        with subprocess.Popen(
            words,
            env=Program(self.home).environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture
def desk(lab: Lab, display: str, tmp_path: Path) -> Desk:
    return Desk(lab, display, tmp_path / "desk")


def finished_on_a_quiet_computer(desk: Desk, *command: str) -> tuple[Report, Finished]:
    """A run; another one where this computer was too busy to keep time, which the report says."""
    for _try in range(TRIES):
        done = desk.finishes(*command)
        assert (desk.home / "report.json").exists(), done.stderr
        report = msgspec.json.decode((desk.home / "report.json").read_bytes(), type=Report)
        if not spoilt_by_this_computer(report):
            return report, done
    pytest.skip("this machine is too busy to keep time")


def test_in_the_terminal_it_is_ready_as_far_as_public_servers_can_tell(desk: Desk) -> None:
    report, done = finished_on_a_quiet_computer(
        desk,
        *("-m", "natwizard", "check", "--headset", "--browser", str(desk.home / "open-browser")),
        *("--json", "report.json", "--pdf", "report.pdf", "--html", "report.html"),
    )
    assert done.stderr == ""
    assert done.returncode == ExitCode.READY_TO_PUBLIC == 3, done.stdout
    first, second = done.stdout.strip().splitlines()[:2]
    assert first.endswith(TITLE)
    assert second.strip() == SENTENCE
    assert report.verdict is Readiness.READY_TO_PUBLIC
    assert report.profile.location == SHIPPED_PLACE
    found = {each.check: each for each in report.findings}
    tried = {"audio.microphone", "audio.speaker", "screen.resolution", "browser.javascript"}
    assert {found[name].status for name in tried} == {Status.PASS}
    to_strangers = {name for name, each in found.items()
                    if each.far_end is FarEnd.PUBLIC and each.status is Status.PASS}  # fmt: skip
    assert to_strangers == OF_THE_SERVICE
    required = {each.status for each in report.findings if each.required}
    assert not required & {Status.FAIL, Status.UNKNOWN}
    pdf = " ".join(PdfReader(desk.home / "report.pdf").pages[0].extract_text().split())
    page = (desk.home / "report.html").read_text("utf-8")
    for words in (TITLE, SENTENCE):
        assert words in pdf
        assert words in page


def test_in_the_window_the_banner_says_so(desk: Desk) -> None:
    picture = desk.home / "summary.png"
    report, done = finished_on_a_quiet_computer(desk, str(WINDOW), str(picture), "report.json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["banner"] == f"{TITLE}. {SENTENCE}"
    assert told["headset"] == "Your headset works. You can test it as often as you like."
    assert report.verdict is Readiness.READY_TO_PUBLIC
    assert not QImage(str(picture)).isNull()
