"""What this person chose for the window, kept for the next time."""

from PySide6.QtCore import QSettings

from natwizard.drawing.tokens import DARK, HIGH_CONTRAST, LIGHT, Theme

NAME = "natwizard"
THEMES: dict[str, Theme | None] = {
    "system": None,
    "light": LIGHT,
    "dark": DARK,
    "high_contrast": HIGH_CONTRAST,
}
THEME_KEY = "window/theme"
RESULT_KEY = "window/show_result"
STILL_KEY = "window/still"
TURN_KEY = "window/turn_pages"


class Preferences:
    """One value a property; whatever somebody else wrote there reads as the default."""

    def __init__(self) -> None:
        self._kept = QSettings(NAME, NAME)

    @property
    def theme_name(self) -> str:
        """A key of THEMES."""
        name = self._kept.value(THEME_KEY)
        return name if isinstance(name, str) and name in THEMES else "system"

    @theme_name.setter
    def theme_name(self, name: str) -> None:
        self._kept.setValue(THEME_KEY, name)

    @property
    def theme(self) -> Theme | None:
        """The chosen theme; None follows the system."""
        return THEMES[self.theme_name]

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
