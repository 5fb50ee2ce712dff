"""Reads something on a thread of its own while the window stays at hand."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from natwizard.profiles.mistake import ProfileMistake


class Reading(QObject):
    """One thing, read once.

    Signals:
        done: what was read, or the ProfileMistake that was met; in the GUI thread.
    """

    done = Signal(object)

    def __init__(self, read: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._read = read
        self._thread = threading.Thread(target=self._work, name="reading", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still reads."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """Until it is over: its owner must not be deleted before."""
        if self._thread.is_alive():
            self._thread.join()

    def prepare(self) -> None:
        """What else is worth doing on this thread once it was read."""

    def _work(self) -> None:
        try:
            found: object = self._read()
        except ProfileMistake as mistake:
            found = mistake
        else:
            self.prepare()
        self.done.emit(found)
