"""Drives the real window on a real display: starts the run, tests the headset, keeps what it says.

Run as `python driven_window.py PICTURE REPORT`, with NATWIZARD_BROWSER as the browser. Who speaks
into the browser's page is outside of it. Prints what the summary says; ends as the window does.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWizard

from natwizard.checks.audio_speaker import AUDIO_SPEAKER
from natwizard.gui.app import open_window
from natwizard.gui.application import the_application
from natwizard.gui.run.run_model import RunStage
from natwizard.gui.step_list_view import SUMMARY
from natwizard.gui.wizard import Wizard
from natwizard.model.finding import Status
from natwizard.report.as_json import write_json

LOOK_EVERY_MS = 100


class Hand:
    """Presses one button after the other, each as soon as it can be pressed."""

    def __init__(self, picture: str, report: str) -> None:
        self._picture, self._report = picture, Path(report)
        self._steps: list[Callable[[Wizard], bool]] = [
            self._start, self._wait_for_report, self._test_headset, self._wait_for_headset,
            self._look,
        ]  # fmt: skip
        self._timer = QTimer(interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    def _go_on(self) -> None:
        shown = [window for top in QApplication.topLevelWidgets() if top.isVisible()
                 for window in top.findChildren(Wizard)]  # fmt: skip
        if shown and self._steps and self._steps[0](shown[0]):
            del self._steps[0]

    def _start(self, wizard: Wizard) -> bool:
        button = wizard.button(QWizard.WizardButton.NextButton)
        assert isinstance(button, QPushButton)
        return wizard.profile_choice.loaded and _press(button)

    def _wait_for_report(self, wizard: Wizard) -> bool:
        finished = wizard.control.model.stage is RunStage.FINISHED
        return finished and wizard.currentId() == SUMMARY and wizard.control.can_test_headset()

    def _test_headset(self, wizard: Wizard) -> bool:
        return _press(wizard.summary.headset.button)

    def _wait_for_headset(self, wizard: Wizard) -> bool:
        model = wizard.control.model
        heard = model.finding(AUDIO_SPEAKER.name)
        judged = heard is not None and heard.status is not Status.MANUAL
        return judged and model.stage is RunStage.FINISHED

    def _look(self, wizard: Wizard) -> bool:
        wizard.window().grab().save(self._picture)
        assert wizard.control.model.report is not None
        write_json(wizard.control.model.report, self._report)
        told = {
            "banner": wizard.summary.banner.accessibleName(),
            "headset": wizard.summary.headset.text.text(),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        self._timer.stop()
        wizard.window().close()
        return True


def _press(button: QPushButton) -> bool:
    if not (button.isVisible() and button.isEnabled()):
        return False
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return True


def main(picture: str, report: str) -> int:
    """The window from its start to its end."""
    hands: list[Hand] = []
    application = the_application()
    QTimer.singleShot(0, application, lambda: hands.append(Hand(picture, report)))
    return open_window()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
