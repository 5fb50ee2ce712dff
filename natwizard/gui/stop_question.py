"""Asks before a run is stopped, without stopping the event loop."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from natwizard.gui.widgets.buttons import set_words
from natwizard.model.language import _


def ask_to_stop(window: QWidget, stop: Callable[[], None]) -> None:
    """Call `stop` if the person says so."""
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(window)
    box.setWindowTitle("natwizard")
    box.setText(_("Stop the checks?"))
    box.setInformativeText(_("What was measured so far stays."))
    button = box.addButton("", QMessageBox.ButtonRole.AcceptRole)
    set_words(button, _("&Stop the checks"))
    set_words(box.addButton("", QMessageBox.ButtonRole.RejectRole), _("&Go on"))
    button.clicked.connect(stop)
    box.finished.connect(box.deleteLater)
    box.open()
