"""Opens the settings over the wizard, and has what they say done."""

from typing import TYPE_CHECKING

from natwizard.gui.settings.dialog import SettingsDialog
from natwizard.model.language import current_language
from natwizard.profiles.find import FoundProfile

if TYPE_CHECKING:
    from natwizard.gui.wizard import Wizard


def open_settings(wizard: "Wizard") -> SettingsDialog:
    """Begin with the profile in force and the address that is typed on the first page."""
    dialog = _new_dialog(wizard)
    dialog.type_in("webphone", wizard.welcome.target.address())
    dialog.open()
    return dialog


def _new_dialog(wizard: "Wizard") -> SettingsDialog:
    choice = wizard.profile_choice
    dialog = SettingsDialog(
        wizard,
        wizard.look,
        wizard.control.sibling(),
        FoundProfile(profile=choice.profile, location=choice.location),
        names_shown=wizard.actions_on_report.show_names,
    )

    def use(found: FoundProfile) -> None:
        choice.use(found.profile, found.location)
        wizard.welcome.choose(found.profile.role)

    def show_names(shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        wizard.actions_on_report.show_names = shown

    dialog.used.connect(use)
    dialog.window_section.show_names.connect(show_names)
    dialog.window_section.show_result.connect(wizard.welcome.show_result.setChecked)
    dialog.window_section.turn_pages.connect(wizard.welcome.turn_pages.setChecked)
    dialog.window_section.language_chosen.connect(lambda code: _speak(wizard, dialog, code))
    dialog.finished.connect(dialog.deleteLater)
    return dialog


def _speak(wizard: "Wizard", dialog: SettingsDialog, code: str) -> None:
    """Another language at once: the wizard's pages are made anew, and so is the dialog."""
    before = current_language().code
    wizard.language.choose(code)
    if current_language().code == before:
        return
    retold = _new_dialog(wizard)
    retold.go_on_from(dialog)
    retold.open()
    dialog.reject()
