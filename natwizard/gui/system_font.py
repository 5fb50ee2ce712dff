"""The font of the system, and how large it wants everything.

Light on purpose: asked before the rest of the program is loaded.
"""

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

REFERENCE_FONT_PX = 12.0
"""9 pt at 96 dpi: the system font that the sizes of the look were drawn for."""

LARGEST_FACTOR = 2.0


def system_font() -> QFont:
    """The face of menus and dialogs."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)


def factor_of(font: QFont) -> float:
    """What all sizes of the look are multiplied by where this is the system's font; 1 to 2."""
    return min(LARGEST_FACTOR, max(1.0, QFontInfo(font).pixelSize() / REFERENCE_FONT_PX))
