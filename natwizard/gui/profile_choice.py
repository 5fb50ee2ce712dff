"""Which profile is in force, and choosing another one."""

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.profiles.mistake import ProfileMistake
from natwizard.profiles.read import read_profile_file


class ProfileChoice(QObject):
    """Holds the profile.

    Signals:
        chosen: another profile is in force.
        refused: a file cannot be used; carries one line that says why.
    """

    chosen = Signal()
    refused = Signal(str)

    def __init__(self, window: QWidget, profile: Profile, location: str) -> None:
        super().__init__(window)
        self._window = window
        self.profile, self.location = profile, location

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
        try:
            profile = read_profile_file(path)
        except ProfileMistake as mistake:
            self.refused.emit(str(mistake))
            return
        self.profile, self.location = profile, str(path)
        self.chosen.emit()
