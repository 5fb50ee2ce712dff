"""Which profile is in force, and whether it has been read to its end."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from natwizard.model.profile import Profile


class ProfileChoice(QObject):
    """Holds the profile.

    Signals:
        chosen: another profile is in force.
    """

    chosen = Signal()

    def __init__(
        self, window: QObject, profile: Profile, location: str, *, loaded: bool = True
    ) -> None:
        super().__init__(window)
        self.loaded = loaded
        """Whether the profile has been read to its end, down to the limits of each check."""
        self.profile, self.location = profile, location
        self._waiting: list[Callable[[], object]] = []

    def when_loaded(self, do: Callable[[], object]) -> None:
        """Do it now, or as soon as the profile has been read to its end."""
        if self.loaded:
            do()
        else:
            self._waiting.append(do)

    def finish(self, profile: Profile, location: str) -> None:
        """The profile has been read to its end."""
        self.loaded = True
        if self.profile != profile:
            self.use(profile, location)
        waiting, self._waiting = self._waiting, []
        for do in waiting:
            do()

    def use(self, profile: Profile, location: str) -> None:
        """Put a profile in force."""
        self.profile, self.location = profile, location
        self.chosen.emit()
