"""Time until the window is painted, beside a bare QWizard; and `--help` beside a bare Python.

Not a test: python -m tests.benchmarks.bench_startup [rounds]. Each line of the table is a program
of its own, from its start to its first painted picture; they take turns, so that what else
the machine does strikes all alike. Where Xvfb is there, the windows open on a display of its own.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROUNDS = 15
ROOT = Path(__file__).parents[2]
PAINTED = """
from PySide6.QtCore import QEvent, QObject
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.painted = True
        return False
watch = Watch()
watch.painted = False
window.installEventFilter(watch)
window.show()
while not watch.painted:
    application.processEvents()
application.processEvents()
import os, time
print(time.monotonic(), flush=True)
os._exit(0)
"""
BARE = """
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWizard, QWizardPage
application = QApplication([])
window, page = QWizard(), QWizardPage()
QVBoxLayout(page).addWidget(QLabel("Is this computer ready?"))
window.addPage(page)
window.resize(960, 680)
"""
CONTROLS = """
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication, QCheckBox, QLabel, QLineEdit, QListWidget, QPushButton, QRadioButton,
    QScrollArea, QSpinBox, QVBoxLayout, QWidget, QWizard, QWizardPage,
)
application = QApplication([])
application.setStyle("Fusion")
window, page = QWizard(), QWizardPage()
window.setWizardStyle(QWizard.WizardStyle.ModernStyle)
steps = QListWidget()
steps.addItems([f"Step {number}" for number in range(12)])
window.setSideWidget(steps)
content = QWidget()
area = QScrollArea()
area.setWidget(content)
area.setWidgetResizable(True)
QVBoxLayout(page).addWidget(area)
column = QVBoxLayout(content)
for text in ("In the browser", "Desk phone or app", "On a mobile"):
    column.addWidget(QRadioButton(text))
for widget in (QSpinBox(), QLineEdit(), QPushButton("Test"), QCheckBox("Show me the result")):
    column.addWidget(widget)
for number in range(10):
    label = QLabel(f"Line {number}")
    label.setAlignment(Qt.AlignmentFlag.AlignLeft)
    column.addWidget(label)
window.addPage(page)
window.resize(960, 680)
"""
SHELL = """
from natwizard.gui.application import the_application
from natwizard.gui.main_window import MainWindow
application = the_application()
window = MainWindow()
"""
OURS = """
import gc
gc.disable()  # as natwizard.gui.start does
from natwizard.gui.application import import_uninspected, the_application
import_uninspected()
from natwizard.gui.app import make_wizard
from natwizard.model.profile import Answers
from natwizard.profiles.find import glance_at_profile
application = the_application()
found = glance_at_profile()
window = make_wizard(application, found.profile, found.location, Answers(), loaded=False)
"""
WINDOWS = {
    "bare QWizard, one label": BARE + PAINTED,
    "QWizard with plain controls": CONTROLS + PAINTED,
    "natwizard, in sight": SHELL + PAINTED,
    "natwizard, first page whole": OURS + PAINTED,
}
COMMANDS = {
    "bare Python": [sys.executable, "-c", "pass"],
    "Python with argparse": [sys.executable, "-c", "import argparse"],
    "natwizard --help": [sys.executable, "-m", "natwizard", "--help"],
}


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """The environment of a real display of our own, or of none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QT_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
    server = shutil.which("Xvfb")
    if server is None:
        yield {**kept, "QT_QPA_PLATFORM": "offscreen"}
        return
    read, write = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
        pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as number:
        line = number.readline().strip()
    try:
        yield {**kept, "DISPLAY": f":{line}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        process.terminate()
        process.wait()


def interleaved(
    programs: dict[str, list[str]], rounds: int, environment: dict[str, str], *, says_when: bool
) -> dict[str, list[float]]:
    """Seconds of each program, by turns; the first round only warms the disk.

    `says_when`: it prints the clock, which all processes share, when it has painted.
    """
    took: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(rounds + 1):
        for name, command in programs.items():
            began = time.monotonic()
            run = subprocess.run(command, env=environment, check=True, text=True,
                                 stdout=subprocess.PIPE, cwd=ROOT)  # fmt: skip
            ended = float(run.stdout) if says_when else time.monotonic()
            if number:
                took[name].append(ended - began)
    return took


def show(took: dict[str, list[float]]) -> None:
    """One line a program; the ratio is the median of the ratios round by round."""
    base = next(iter(took.values()))
    for name, times in took.items():
        ratio = median(one / other for one, other in zip(times, base, strict=True))
        print(f"{name:32} {median(times) * 1000:7.0f} ms  x {ratio:.2f}")


def main() -> None:
    """Both tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with display() as environment:
        print(f"from start to painted, {environment['QT_QPA_PLATFORM']}, {rounds} rounds")
        windows = {name: [sys.executable, "-c", text] for name, text in WINDOWS.items()}
        show(interleaved(windows, rounds, environment, says_when=True))
        print(f"\nuntil the help is there, {rounds} rounds")
        show(interleaved(COMMANDS, rounds, environment, says_when=False))


if __name__ == "__main__":
    main()
