"""The one QApplication. Light on purpose: it stands before the rest of the program is loaded."""

import sys

from PySide6.QtWidgets import QApplication

from natwizard import __version__

NAME = "natwizard"
STYLE = "Fusion"
STYLED = "styled"


def the_application() -> QApplication:
    """The one there is, or a new one; fractional scaling is the system's, as Qt 6 has it."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = QApplication([*(sys.argv[:1] or [NAME]), "-style", STYLE])
    application.setProperty(STYLED, True)  # noqa: FBT003 - Qt's signature
    application.setApplicationName(NAME)
    application.setApplicationVersion(__version__)
    application.setDesktopFileName(NAME)
    return application


def use_fusion(application: QApplication) -> None:
    """The one style that looks the same everywhere; ours has it from the beginning.

    `setStyle` hands out the style it made, and PySide then loads all there is about styles.
    """
    if not application.property(STYLED):
        application.setStyle(STYLE)
