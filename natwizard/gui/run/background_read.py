"""Reads something on a thread of its own while the window stays at hand."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from natwizard.profiles.find import FoundProfile
from natwizard.profiles.mistake import ProfileMistake


class BackgroundRead(QObject):
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


Read = Callable[[], FoundProfile]


class ProfileLoad(BackgroundRead):
    """Reads the profile to its end, which loads every check, and then what runs them.

    What it tells is a FoundProfile, or the ProfileMistake that was met.
    """

    def __init__(self, read: Read, parent: QObject) -> None:
        super().__init__(read, parent)
        self.mistake: ProfileMistake | None = None

    def prepare(self) -> None:
        """In time for Start."""
        from natwizard.gui import report_actions  # noqa: F401
        from natwizard.gui.run import probe_thread  # noqa: F401
        from natwizard.run import runner  # noqa: F401
        from natwizard.system import environment  # noqa: F401
