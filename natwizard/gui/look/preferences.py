"""What this person chose for the window, kept for the next time."""

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette

from natwizard.drawing.base_palette import BasePalette, ThemeName

REFERENCE_FONT_PX = 12.0
"""9 pt at 96 dpi: the system font that the sizes of the look were drawn for."""

LARGEST_FACTOR = 2.0
"""At twice the size a laptop's screen is smaller than the smallest window already."""


def system_font() -> QFont:
    """The face of menus and dialogs."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)


def factor_of(font: QFont) -> float:
    """What all sizes of the look are multiplied by where this is the system's font; 1 to 2."""
    return min(LARGEST_FACTOR, max(1.0, QFontInfo(font).pixelSize() / REFERENCE_FONT_PX))


def system_theme_name() -> ThemeName:
    """High contrast where the system asks for it, else dark or light."""
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return ThemeName.HIGH_CONTRAST
    dark = hints.colorScheme() == Qt.ColorScheme.Dark
    return ThemeName.DARK if dark else ThemeName.LIGHT


def contrast_ground() -> BasePalette:
    """The colours of Windows' contrast themes, by their role in its palette."""
    system = QGuiApplication.palette()

    def colour(role: QPalette.ColorRole) -> str:
        return system.color(role).name().upper()

    window, text = colour(QPalette.ColorRole.Window), colour(QPalette.ColorRole.WindowText)
    return BasePalette(
        canvas=window,
        sidebar=window,
        line=text,
        text=text,
        accent=colour(QPalette.ColorRole.Highlight),
        on_accent=colour(QPalette.ColorRole.HighlightedText),
    )


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
