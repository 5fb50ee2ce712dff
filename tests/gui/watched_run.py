"""A real run in the real window against a reflector of its own, with every event watched.

Run by test_event_loop.py. Prints one JSON object: how much processor time the GUI thread took for
each event that took long, in turns of a piece of work that never changes, and which calls that
wait for something it made.
"""

import json
import sys
import threading
import time
from statistics import median

from msgspec import structs
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel

from natwizard.gui.app import make_the_rest, make_wizard, put_away
from natwizard.gui.application import the_application
from natwizard.gui.step_list_view import SUMMARY
from natwizard.model.profile import Answers
from natwizard.model.report import Report
from natwizard.profiles.read import parse_profile
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.settings import demo_settings

WORTH_TELLING_MS = 8.0
PARTS = ("computer.", "screen.", "port.", "nat.", "quality.", "dns.", "filter.")
WAITS = ("socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.sendto",
         "socket.bind", "subprocess.", "os.system", "time.sleep", "urllib.", "http.")  # fmt: skip
PATIENCE_MS = 100_000


def control_s() -> float:
    """Processor time of a piece of work that never changes: what this machine is up to just now.

    About 0.3 ms on a desktop of today.
    """
    began = time.thread_time()
    sum(hash((number, str(number))) & 1 for number in range(2000))
    return time.thread_time() - began


class Watched(QApplication):
    """Times the outermost handling of each event by the processor time of this thread.

    Long ones are told in turns of the control, taken right after: a slow machine, and neighbours
    that slow it down, are the same to both.
    """

    def __init__(self) -> None:
        super().__init__(sys.argv[:1])
        self.watching = False
        self.events = 0
        self.long: list[tuple[str, str, float]] = []
        self.waits: list[str] = []
        self._deep = False
        sys.addaudithook(self._on_audit)

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if self._deep or not self.watching:
            return super().notify(receiver, event)
        self._deep = True
        who, what = type(receiver).__name__, event.type().name
        began = time.thread_time()
        try:
            return super().notify(receiver, event)
        finally:
            took_s = time.thread_time() - began
            self._deep = False
            self.events += 1
            if took_s * 1000 > WORTH_TELLING_MS:
                turns = took_s / median(control_s() for _turn in range(9))
                self.long.append((who, what, round(turns, 1)))

    def _on_audit(self, name: str, _arguments: object) -> None:
        here = threading.current_thread() is threading.main_thread()
        if self.watching and here and name.startswith(WAITS):
            self.waits.append(name)


def meet_receivers() -> None:
    """What receives text with marks is of no class that PySide knows: for `notify` it looks through
    all classes of all modules, once. Without `notify` nobody asks, so it is no time of the window.
    """
    label = QLabel(textFormat=Qt.TextFormat.RichText)
    label.show()
    label.setText("<b>1</b> 2")
    QApplication.processEvents()
    label.close()
    label.deleteLater()


def main() -> int:
    """Run, walk through every page meanwhile, print what was seen."""
    application = Watched()
    the_application()
    with BackgroundReflector(demo_settings()) as reflector:
        profile = parse_profile(reflector.profile_text().encode(), "watched run")
        rows = tuple(row for row in profile.requirements if row.id.startswith(PARTS))
        profile = structs.replace(profile, requirements=rows)
        wizard = make_wizard(application, profile, "watched run", Answers())
        told: list[str] = []

        def turn_the_page() -> None:
            ids = wizard.page_ids()
            place = ids.index(wizard.currentId()) if wizard.currentId() in ids else 0
            wizard.go_to(ids[(place + 1) % len(ids)])

        def finish(report: Report) -> None:
            told.append(report.verdict.value)
            QTimer.singleShot(0, lambda: wizard.go_to(SUMMARY))
            QTimer.singleShot(300, application.quit)

        def start() -> None:
            meet_receivers()
            wizard.start()
            application.watching = True
            walk.start()

        walk = QTimer(interval=700)
        walk.timeout.connect(turn_the_page)
        wizard.control.finished.connect(finish)
        wizard.show()
        make_the_rest(wizard)
        QTimer.singleShot(1500, start)
        QTimer.singleShot(PATIENCE_MS, application.quit)
        application.exec()
        application.watching = False
        walk.stop()
        put_away(wizard)
    print(json.dumps({"verdict": told, "events": application.events,  # noqa: T201
                      "long": application.long, "waits": application.waits}))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
