"""Asks before measuring is stopped, without stopping the event loop."""

from collections.abc import Callable

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from natwizard.gui.widgets.buttons import set_words
from natwizard.model.language import _


def ask_to_stop(window: QWidget, stop: Callable[[], None], *over: SignalInstance) -> None:
    """Call `stop` if the person says that the checks should end.

    With one of the signals `over` they have ended by themselves, and there is nothing to ask.
    """
    _ask(
        window, stop, over, _("Stop the checks?"), _("What was measured so far stays."),
        _("&Stop the checks"),
    )  # fmt: skip


def ask_to_stop_watching(window: QWidget, stop: Callable[[], None], *over: SignalInstance) -> None:
    """Call `stop` if the person says that the watch should end; `over` as for the checks."""
    _ask(
        window, stop, over, _("Stop watching?"), _("What was seen so far is kept."),
        _("&Stop watching"),
    )  # fmt: skip


def _ask(
    window: QWidget, stop: Callable[[], None], over: tuple[SignalInstance, ...], question: str,
    more: str, words: str,
) -> None:  # fmt: skip
    from PySide6.QtWidgets import QMessageBox  # not needed before anything runs

    box = QMessageBox(window)
    box.setWindowTitle("natwizard")
    box.setText(question)
    box.setInformativeText(more)
    button = box.addButton("", QMessageBox.ButtonRole.AcceptRole)
    set_words(button, words)
    set_words(box.addButton("", QMessageBox.ButtonRole.RejectRole), _("&Go on"))
    button.clicked.connect(stop)
    for signal in over:
        signal.connect(box.reject)
    box.finished.connect(box.deleteLater)
    box.open()
