"""A window beside the wizard in which Enter does what it does there."""

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog

from natwizard.gui.widgets.buttons import press_focused


class KeyboardDialog(QDialog):
    """Enter presses the button that has the keyboard, and no other; Alt shows its letters.

    A QDialog would press its default button instead, or nothing.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_focused(self, event):
            super().keyPressEvent(event)
