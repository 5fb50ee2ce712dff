"""Shows the window on a real X display and keeps a picture of the whole screen.

Run by test_window.py: `python real_window.py PICTURE`. Prints one line when all went well.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gui.example_run import bad_findings, example_profile, finished
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from natwizard.gui.app import make_wizard
from natwizard.gui.application import the_application
from natwizard.gui.step_list_view import SUMMARY
from natwizard.model.profile import Answers


def main(picture: str) -> int:
    """Open, show the summary, take the picture, close."""
    application = the_application()
    wizard = make_wizard(application, example_profile(), "example", Answers())
    wizard.show()

    def show_summary() -> None:
        for event in finished(bad_findings()):
            wizard.control.model.apply(event, wizard.control.now_s())
        wizard.go_to(SUMMARY)
        QTimer.singleShot(400, shoot)

    def shoot() -> None:
        screen = QGuiApplication.primaryScreen()
        screen.grabWindow(0).save(picture)
        ratio = screen.devicePixelRatio()
        print(QGuiApplication.platformName(), wizard.width(), wizard.height(), ratio)  # noqa: T201
        wizard.close()

    QTimer.singleShot(200, show_summary)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
