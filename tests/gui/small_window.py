"""Opens the window as a double-click does, on the screen it is given, and tells where Start is.

Run by test_window.py: `python small_window.py PICTURE`. Prints the screen and the button, both as
x, y, width, height in Qt's own pixels.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gui.example_run import example_profile
from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtGui import QGuiApplication

from natwizard.gui.app import make_wizard
from natwizard.gui.application import the_application
from natwizard.gui.main_window import MainWindow
from natwizard.model.profile import Answers


def main(picture: str) -> int:
    """Open, take a picture of the screen, tell, close."""
    application = the_application()
    main_window = MainWindow()
    main_window.show_at_once()
    wizard = make_wizard(application, example_profile(), "example", Answers())
    main_window.take_in(wizard)

    def tell() -> None:
        screen = QGuiApplication.primaryScreen()
        screen.grabWindow(0).save(picture)
        button = wizard.button(wizard.WizardButton.NextButton)
        where = QRect(button.mapToGlobal(QPoint(0, 0)), button.size())
        for each in (screen.availableGeometry(), where):
            print(*each.getRect())  # noqa: T201
        main_window.close()

    QTimer.singleShot(600, tell)
    code = application.exec()
    main_window.put_away()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
