"""How the system wants windows to look: light, dark or in high contrast."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette

from natwizard.drawing.ground import Ground, ThemeName


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
