"""Asks before measuring is stopped, without stopping the event loop."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from natwizard.gui.widgets.buttons import set_words
from natwizard.model.language import _


def ask_to_stop(window: QWidget, stop: Callable[[], None]) -> None:
    """Call `stop` if the person says that the checks should end."""
    _ask(
        window, stop, _("Stop the checks?"), _("What was measured so far stays."),
        _("&Stop the checks"),
    )  # fmt: skip


def ask_to_stop_watching(window: QWidget, stop: Callable[[], None]) -> None:
    """Call `stop` if the person says that the watch should end."""
    _ask(
        window, stop, _("Stop watching?"), _("What was seen so far is kept."),
        _("&Stop watching"),
    )  # fmt: skip


def _ask(window: QWidget, stop: Callable[[], None], question: str, more: str, words: str) -> None:
    from PySide6.QtWidgets import QMessageBox  # not needed before anything runs

    box = QMessageBox(window)
    box.setWindowTitle("natwizard")
    box.setText(question)
    box.setInformativeText(more)
    button = box.addButton("", QMessageBox.ButtonRole.AcceptRole)
    set_words(button, words)
    set_words(box.addButton("", QMessageBox.ButtonRole.RejectRole), _("&Go on"))
    button.clicked.connect(stop)
    box.finished.connect(box.deleteLater)
    box.open()
