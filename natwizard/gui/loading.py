"""What the window can do without while it paints, loaded on a thread as soon as it stands."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from natwizard.gui.reading import Reading
from natwizard.profiles.find import FoundProfile
from natwizard.profiles.mistake import ProfileMistake

Read = Callable[[], FoundProfile]


class Loading(Reading):
    """Reads the profile to its end, which loads every check, and then what runs them.

    What it tells is a FoundProfile, or the ProfileMistake that was met.
    """

    def __init__(self, read: Read, parent: QObject) -> None:
        super().__init__(read, parent)
        self.mistake: ProfileMistake | None = None

    def prepare(self) -> None:
        """In time for Start."""
        from natwizard.gui import probe_thread, report_actions  # noqa: F401
        from natwizard.run import runner  # noqa: F401
        from natwizard.system import surroundings  # noqa: F401
