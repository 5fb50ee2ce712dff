"""The window's look, for tests that see it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from natwizard.gui.look.appearance import Appearance


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Appearance]:
    """The look of the window, light unless a test says otherwise."""
    made = Appearance(qapp)
    yield made
    qapp.setStyleSheet("")
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
