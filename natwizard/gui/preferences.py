"""What this person chose for the window, kept for the next time."""

from PySide6.QtCore import QSettings

from natwizard.drawing.ground import ThemeName

NAME = "natwizard"
THEME_KEY = "window/theme"
FOLLOWED = "system"
RESULT_KEY = "window/show_result"
STILL_KEY = "window/still"
TURN_KEY = "window/turn_pages"


class Preferences:
    """One value a property; whatever somebody else wrote there reads as the default."""

    def __init__(self) -> None:
        self._kept = QSettings(NAME, NAME)

    @property
    def theme_name(self) -> ThemeName | None:
        """The chosen look; None follows the system."""
        name = self._kept.value(THEME_KEY)
        return ThemeName(name) if name in list(ThemeName) else None

    @theme_name.setter
    def theme_name(self, name: ThemeName | None) -> None:
        self._kept.setValue(THEME_KEY, name.value if name is not None else FOLLOWED)

    @property
    def show_result(self) -> bool:
        """Whether the window goes on to the summary by itself when the run is over."""
        return str(self._kept.value(RESULT_KEY, "true")) == "true"

    @show_result.setter
    def show_result(self, wanted: bool) -> None:
        self._kept.setValue(RESULT_KEY, "true" if wanted else "false")

    @property
    def still(self) -> bool:
        """Whether nothing in the window should move."""
        return str(self._kept.value(STILL_KEY, "false")) == "true"

    @still.setter
    def still(self, wanted: bool) -> None:
        self._kept.setValue(STILL_KEY, "true" if wanted else "false")

    @property
    def turn_pages(self) -> bool:
        """Whether the window turns its pages by itself while a run goes on."""
        return str(self._kept.value(TURN_KEY, "false")) == "true"

    @turn_pages.setter
    def turn_pages(self, wanted: bool) -> None:
        self._kept.setValue(TURN_KEY, "true" if wanted else "false")
