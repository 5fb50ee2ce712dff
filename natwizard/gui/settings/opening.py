"""Opens the settings over the wizard, and has what they say done."""

from collections.abc import Callable

from natwizard.gui.pages.welcome import WelcomePage
from natwizard.gui.session import Session
from natwizard.gui.settings.dialog import SettingsDialog
from natwizard.model.language import current_language
from natwizard.profiles.find import FoundProfile


def open_settings(session: Session, welcome: Callable[[], WelcomePage]) -> SettingsDialog:
    """Begin with the profile in force and the address that is typed on the first page.

    `welcome` gives the first page as it is now: another language rebuilds it.
    """
    dialog = _new_dialog(session, welcome)
    dialog.type_in("webphone", welcome().target.address())
    dialog.open()
    return dialog


def _new_dialog(session: Session, welcome: Callable[[], WelcomePage]) -> SettingsDialog:
    choice = session.profile_choice
    dialog = SettingsDialog(
        session.window,
        session.look,
        session.control.sibling(),
        FoundProfile(profile=choice.profile, location=choice.location),
        names_shown=session.reports.show_names,
    )

    def use(found: FoundProfile) -> None:
        choice.use(found.profile, found.location)
        welcome().choose(found.profile.role)

    def show_names(shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        session.reports.show_names = shown
        session.control.changed.emit()  # the summary says what files will hold

    dialog.used.connect(use)
    dialog.window_section.show_names.connect(show_names)
    dialog.window_section.show_result.connect(lambda on: welcome().show_result.setChecked(on))
    dialog.window_section.turn_pages.connect(lambda on: welcome().turn_pages.setChecked(on))
    dialog.window_section.language_chosen.connect(
        lambda code: _change_language(session, welcome, dialog, code)
    )
    dialog.finished.connect(dialog.deleteLater)
    return dialog


def _change_language(
    session: Session, welcome: Callable[[], WelcomePage], dialog: SettingsDialog, code: str
) -> None:
    """Another language at once: the wizard's pages are rebuilt, and so is the dialog."""
    before = current_language().code
    session.language.choose(code)
    if current_language().code == before:
        return
    again = _new_dialog(session, welcome)
    again.go_on_from(dialog)
    again.open()
    dialog.reject()
