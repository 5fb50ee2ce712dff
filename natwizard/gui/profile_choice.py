"""Which profile is in force, and choosing another one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from natwizard.model.language import _
from natwizard.model.profile import Profile


class ProfileChoice(QObject):
    """Holds the profile.

    Signals:
        chosen: another profile is in force.
        refused: a file cannot be used; carries one line that says why.
    """

    chosen = Signal()
    refused = Signal(str)

    def __init__(
        self, window: QWidget, profile: Profile, location: str, *, loaded: bool = True
    ) -> None:
        super().__init__(window)
        self._window = window
        self.loaded = loaded
        """Whether the profile has been read to its end, down to the limits of each check."""
        self.profile, self.location = profile, location
        self._waiting: Callable[[], None] | None = None

    def when_loaded(self, do: Callable[[], None]) -> None:
        """Do it now, or as soon as the profile has been read to its end."""
        if self.loaded:
            do()
        else:
            self._waiting = do

    def finish(self, profile: Profile, location: str) -> None:
        """The profile has been read to its end."""
        self.loaded = True
        if self.profile != profile:
            self.use(profile, location)
        if self._waiting is not None:
            self._waiting()
            self._waiting = None

    def use(self, profile: Profile, location: str) -> None:
        """Put a profile in force."""
        self.profile, self.location = profile, location
        self.chosen.emit()

    def ask(self) -> None:
        """Ask for a file."""
        home = QStandardPaths.StandardLocation.HomeLocation
        dialog = QFileDialog(
            self._window, _("Change profile"), QStandardPaths.writableLocation(home)
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_("Profiles (*.toml)"))
        dialog.fileSelected.connect(lambda name: self.load(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def load(self, path: Path) -> None:
        """Use a file, or say why it cannot be used; the one before stays then."""
        from natwizard.profiles.mistake import ProfileMistake
        from natwizard.profiles.read import read_profile_file

        try:
            profile = read_profile_file(path)
        except ProfileMistake as mistake:
            self.refused.emit(str(mistake))
            return
        self.use(profile, str(path))
