"""Fonts for paper, with or without a window: one face in three weights."""

import os
import sys
from functools import cache

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

# The first that this computer has; others come in where a character is missing in it.
FACES = ("Segoe UI", "Inter", "Helvetica Neue", "Noto Sans", "Open Sans", "DejaVu Sans",
         "Liberation Sans", "Ubuntu", "Cantarell", "Arial")  # fmt: skip
# What Qt lists even on a computer without a single font file.
ALIASES = frozenset(("", "Sans Serif", "Serif", "Monospace", "Sans", "Cursive", "Fantasy"))

# Substituted glyphs have no character of their own, so the text could not be selected or read
# back: with contextual alternates ":" "+" "(" are lost, with ligatures "fi".
SWITCHED_OFF = ("calt", "liga", "clig", "dlig")

REGULAR = QFont.Weight.Normal
SEMIBOLD = QFont.Weight.DemiBold
BOLD = QFont.Weight.Bold


class NoFonts(Exception):
    """This computer has no fonts; a report in little boxes would be worse than none."""


@cache
def require_application() -> QCoreApplication:
    """The running application, or one of our own that lives as long as the process.

    On Linux without a display it draws offscreen; nothing is shown either way.
    """
    running = QCoreApplication.instance()
    if running is not None:
        return running
    without_display = not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and without_display:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QGuiApplication(["natwizard"])


@cache
def face() -> str:
    """The family the report is set in. Raises NoFonts."""
    families = [name for name in QFontDatabase.families() if name not in ALIASES]
    if not families:
        raise NoFonts
    return next((name for name in FACES if name in families), families[0])


@cache
def font(size_pt: int, weight: QFont.Weight = REGULAR) -> QFont:
    """A font whose size is in points, as the painter is scaled to points."""
    made = QFont(face())
    made.setPixelSize(size_pt)
    made.setWeight(weight)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setStyleHint(QFont.StyleHint.SansSerif)
    for feature in SWITCHED_OFF:
        made.setFeature(QFont.Tag(feature), 0)
    return made
