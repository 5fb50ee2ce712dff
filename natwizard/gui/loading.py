"""What the window can do without while it paints, loaded on a thread as soon as it stands."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from natwizard.profiles.find import FoundProfile
from natwizard.profiles.mistake import ProfileMistake

Read = Callable[[], FoundProfile]


class Loading(QObject):
    """Reads the profile to its end, which loads every check, and then what runs them.

    Signals:
        done: a FoundProfile, or the ProfileMistake that was met; in the GUI thread.
    """

    done = Signal(object)

    def __init__(self, read: Read, parent: QObject) -> None:
        super().__init__(parent)
        self._read = read
        self.mistake: ProfileMistake | None = None
        self._thread = threading.Thread(target=self._work, name="loading", daemon=True)

    def start(self) -> None:
        """Begin; the window stays at hand meanwhile."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still loads."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """Until it is over: its owner must not be deleted before."""
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        try:
            found: FoundProfile | ProfileMistake = self._read()
        except ProfileMistake as mistake:
            found = mistake
        else:
            from natwizard.gui import probe_thread, report_actions  # noqa: F401 - in time for Start
            from natwizard.run import runner  # noqa: F401
            from natwizard.system import surroundings  # noqa: F401
        self.done.emit(found)
