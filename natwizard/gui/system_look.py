"""How the system wants windows to look: its font, how large, and light, dark or in high contrast.

Light on purpose: asked before the rest of the program is loaded.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette

from natwizard.drawing.ground import Ground, ThemeName

REFERENCE_FONT_PX = 12.0
"""9 pt at 96 dpi: the system font that the sizes of the look were drawn for."""

LARGEST_FACTOR = 2.0


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


def contrast_ground() -> Ground:
    """The colours of Windows' contrast themes, by their role in its palette."""
    system = QGuiApplication.palette()

    def colour(role: QPalette.ColorRole) -> str:
        return system.color(role).name().upper()

    window, text = colour(QPalette.ColorRole.Window), colour(QPalette.ColorRole.WindowText)
    return Ground(
        canvas=window,
        rail=window,
        line=text,
        text=text,
        accent=colour(QPalette.ColorRole.Highlight),
        on_accent=colour(QPalette.ColorRole.HighlightedText),
    )
