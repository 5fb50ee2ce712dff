"""Walks the frozen wizard through a whole run against a reflector of its own, then leaves.

Only the frozen programs hold it (`natwizard-gui selftest-window --json F --pdf F`).
"""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from natwizard.gui.app import make_wizard
from natwizard.gui.application import the_application
from natwizard.gui.wizard import SUMMARY, Wizard
from natwizard.model.profile import Answers
from natwizard.model.report import Report
from natwizard.profiles.read import parse_profile
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.settings import demo_settings
from natwizard.report.as_json import write_json
from natwizard.report.as_pdf import write_pdf
from natwizard.report.redact import redact

PATIENCE_MS = 840_000  # less than packaging/selftest.py waits for this program
LOOK_MS = 50
NOT_REACHED, TOO_SLOW = 3, 4


def main(arguments: Sequence[str]) -> int:
    """0 once the summary page has stood there with its report and both files are written."""
    parser = ArgumentParser(prog="selftest-window")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--pdf", type=Path, required=True)
    parser.add_argument("--picture", type=Path, help="of the summary page, as PNG")
    parser.add_argument("--times", type=Path, help="JSON of seconds since the program's start")
    wanted = parser.parse_args(arguments)
    times = Times()
    application = the_application()
    with BackgroundReflector(demo_settings()) as reflector:
        profile = parse_profile(reflector.profile_text().encode(), "selftest")
        wizard = make_wizard(application, profile, "selftest", Answers())

        def finish(report: Report) -> None:
            times.note("verdict")
            write_json(redact(report), wanted.json)
            write_pdf(redact(report), wanted.pdf)
            QTimer.singleShot(LOOK_MS, lambda: _leave(application, wizard, wanted.picture))

        def look() -> None:
            if wizard.control.model.findings():
                times.note("first finding")

        wizard.control.changed.connect(look)
        wizard.control.finished.connect(finish)
        wizard.show()
        QTimer.singleShot(0, lambda: times.note("window"))
        QTimer.singleShot(0, wizard.start)
        QTimer.singleShot(PATIENCE_MS, lambda: application.exit(TOO_SLOW))
        code = application.exec()
        wizard.close()
    if wanted.times is not None:
        wanted.times.write_text(json.dumps(times.seconds), "utf-8")
    return code


class Times:
    """When something happened for the first time, in seconds since this program was started."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def note(self, name: str) -> None:
        """It has happened."""
        self.seconds.setdefault(name, time.time() - psutil.Process().create_time())


def _leave(application: QApplication, wizard: Wizard, picture: Path | None) -> None:
    wizard.go_to(SUMMARY)
    QApplication.processEvents()
    if picture is not None and not wizard.grab().save(str(picture)):
        sys.exit(f"cannot write {picture}")
    shown = wizard.currentPage() is wizard.summary and wizard.isVisible()
    application.exit(0 if shown else NOT_REACHED)
