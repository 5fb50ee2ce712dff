"""Welcome's row about a newer version of natwizard; only there if the profile names an address."""

from PySide6.QtCore import QSettings, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from natwizard import __version__
from natwizard.drawing.tokens import SPACE
from natwizard.gui.look.appearance import Appearance
from natwizard.gui.run.profile_choice import ProfileChoice
from natwizard.gui.run.run_control import NewestVersionFound, RunControl
from natwizard.gui.widgets.buttons import set_words
from natwizard.gui.widgets.labels import WrappedLabel
from natwizard.gui.widgets.painted import CheckBox
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.report.plain import plain

SETTINGS = "natwizard"
ASK_KEY = "updates/ask"


class NewerVersion(QWidget):
    """A switch that stays as the person leaves it, and the answer beside it.

    Signals:
        asked: the profile whose address is to be asked; carries a Profile.
    """

    asked = Signal(object)

    def __init__(self, look: Appearance) -> None:
        super().__init__()
        self._profile: Profile | None = None
        self._choice: ProfileChoice | None = None
        self.found: NewestVersionFound | None = None
        self._link = ""
        self.switch = CheckBox(look, _("Look for a newer version of natwizard"))
        kept = QSettings(SETTINGS, SETTINGS).value(ASK_KEY, defaultValue=True, type=bool)
        self.switch.setChecked(bool(kept))
        self.switch.toggled.connect(self._on_switch)
        self.line = WrappedLabel(tone="2")
        self.page = QPushButton()
        set_words(self.page, _("&Get it"))
        self.page.setProperty("kind", "inline")
        self.page.setAutoDefault(False)
        self.page.clicked.connect(self._open)
        row = QHBoxLayout(self)
        look.space(row, spacing=SPACE.m)
        row.addWidget(self.switch)
        row.addWidget(self.line, 1)
        row.addWidget(self.page)
        self._clear()

    def show_profile(self, profile: Profile) -> None:
        """What another profile's address said is not shown any more."""
        self._profile = profile
        self.setVisible(bool(profile.updates.address))
        self._clear()

    def connect_to(self, control: RunControl, choice: ProfileChoice) -> None:
        """Ask whenever another profile has been chosen."""
        self._choice = choice
        self.asked.connect(control.ask_newest)
        control.newest_found.connect(self.show_newest)
        choice.chosen.connect(self._on_profile)

    def take_over(self, before: "NewerVersion") -> None:
        """The same answer in the words of now."""
        if before.found is not None:
            self.show_newest(before.found)

    @Slot()
    def look_up(self) -> None:
        """Ask for an answer, where there is an address and nobody switched it off."""
        profile = self._profile
        if profile is not None and profile.updates.address and self.switch.isChecked():
            self.asked.emit(profile)

    @Slot(object)
    def show_newest(self, found: NewestVersionFound) -> None:
        """Show the answer; one that comes too late is passed over."""
        from natwizard.run.newest_version import is_newer

        profile = self._profile
        if profile is None or found.address != profile.updates.address:
            return
        if not self.switch.isChecked():
            return
        self.found = found
        if is_newer(found.newest):
            text = _("Version {newest} is there; this is {own}.")
        else:
            text = _("You have the newest version, {own}.")
        self.line.setText(plain(text.format(newest=found.newest.version, own=__version__)))
        self._link = found.newest.link if is_newer(found.newest) else ""
        self.page.setVisible(bool(self._link))

    @Slot()
    def _on_profile(self) -> None:
        if self._choice is not None:
            self.show_profile(self._choice.profile)
            self.look_up()

    @Slot(bool)
    def _on_switch(self, wanted: bool) -> None:  # noqa: FBT001 - Qt's signature
        QSettings(SETTINGS, SETTINGS).setValue(ASK_KEY, wanted)
        self._clear()
        self.look_up()

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._link))

    def _clear(self) -> None:
        self._link, self.found = "", None
        self.line.setText("")
        self.page.hide()
