"""Text broken into lines that can be drawn one by one."""

import locale
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

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


OF_THE_DESKTOP = (
    "QT_QPA_PLATFORM", "QT_QPA_PLATFORMTHEME", "QT_STYLE_OVERRIDE", "QT_SCALE_FACTOR",
    "QT_SCREEN_SCALE_FACTORS", "QT_AUTO_SCREEN_SCALE_FACTOR", "QT_FONT_DPI",
)  # fmt: skip
"""What a session sets for its windows; some of it would change how large letters are printed."""


class NoFonts(Exception):
    """This computer has no fonts; a report in little boxes would be worse than none."""


@cache
def require_application() -> QCoreApplication:
    """The running application, or one of our own that lives as long as the process.

    Nothing is shown, so on Linux ours draws offscreen, whatever the person's desktop has set for
    programs with windows: Qt ends the process where it cannot reach the display that it is told.
    """
    running = QCoreApplication.instance()
    if running is not None:
        return running
    if not sys.platform.startswith("linux"):
        return QGuiApplication(["natwizard"])
    ours = {"QT_QPA_PLATFORM": "offscreen"}
    if _says_no_utf_8():
        ours["LC_ALL"] = "C.UTF-8"
    inherited = {name: os.environ.pop(name) for name in (*OF_THE_DESKTOP, *ours)
                 if name in os.environ}  # fmt: skip
    os.environ.update(ours)
    try:
        return QGuiApplication(["natwizard"])
    finally:
        for name in ours:
            del os.environ[name]
        os.environ.update(inherited)  # for the browser that may yet be opened


def _says_no_utf_8() -> bool:
    """Where the locale is none that this computer has (ssh hands on the one of another), Qt would
    print four lines about that; it takes UTF-8 then anyway.
    """
    return "utf" not in locale.getencoding().lower()


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


MARGIN = 45.0
# Half an inch, which every printer can print: where a page is saved by it
NARROW_MARGIN = 36.0
HEAD_TOP = 32.0
HEAD_RULE = 57.0
CONTENT_TOP = 65.0
FOOT_RULE_ABOVE_EDGE = 43.0
CONTENT_BOTTOM_ABOVE_EDGE = 48.0

# The largest in which the verdict stands on one line
SIZES_VERDICT = (24, 21, 18)
SIZE_SECTION = 13
SIZE_LEAD = 11
SIZE_NAME = 10
SIZE_BODY = 9
SIZE_META = 8


class PageSize(StrEnum):
    """Paper that people have."""

    A4 = "a4"
    LETTER = "letter"


class PageGeometry(Struct, frozen=True, kw_only=True):
    """One page's geometry."""

    width: float
    height: float
    margin: float = MARGIN

    @property
    def left(self) -> float:
        """Where content begins."""
        return self.margin

    @property
    def right(self) -> float:
        """Where content ends."""
        return self.width - self.margin

    @property
    def content_width(self) -> float:
        """Between the margins."""
        return self.width - 2 * self.margin

    @property
    def top(self) -> float:
        """Where content begins below the head."""
        return CONTENT_TOP

    @property
    def bottom(self) -> float:
        """Where content must end above the foot."""
        return self.height - CONTENT_BOTTOM_ABOVE_EDGE


# In points of 1/72 inch: 210 x 297 mm, 8.5 x 11 inches
SHEETS = {
    PageSize.A4: PageGeometry(width=595.28, height=841.89),
    PageSize.LETTER: PageGeometry(width=612.0, height=792.0),
}


# Of the size, whatever the face says, so that pages are alike; one that needs more gets it
LINE_PITCH = 1.22


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text looks: size in points, weight, colour as "#RRGGBB"."""

    size: int
    colour: str
    weight: QFont.Weight = REGULAR

    @property
    def font(self) -> QFont:
        """The face in this size and weight."""
        return font(self.size, self.weight)


class LaidText:
    """A text at a given width.

    Attributes:
        line_height: from one line to the next, in points.
        count: number of lines, at least one.
    """

    def __init__(
        self, text: str, style: TextStyle, width: float, strong: Sequence[slice] = ()
    ) -> None:
        """`strong`: parts of the text that are semibold."""
        self._style = style
        # a line feed is white space to Qt; U+2028 breaks the line
        self._layout = QTextLayout(text.replace("\n", "\u2028") or " ", style.font)
        self._layout.setFormats([_semibold(text, style, part) for part in strong])
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setUseDesignMetrics(True)
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self.line_height = style.size * LINE_PITCH
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(width, 1.0))
            self.line_height = max(self.line_height, line.height())
        self._layout.endLayout()
        self.count = self._layout.lineCount()

    @property
    def height(self) -> float:
        """Of all lines."""
        return self.count * self.line_height

    @property
    def width(self) -> float:
        """Of the longest line as it is."""
        lines = (self._layout.lineAt(number) for number in range(self.count))
        return max(line.naturalTextWidth() for line in lines)

    def line_of(self, text: str, place: int) -> int:
        """Number of the line, from 0, that the character at this place of the text is on."""
        at = _utf16_length(text[:place])
        starts = [self._layout.lineAt(number).textStart() for number in range(self.count)]
        return max(number for number, start in enumerate(starts) if start <= at)

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        """Draw every line."""
        for number in range(self.count):
            self.paint_line(painter, number, left, top + number * self.line_height)

    def paint_line(self, painter: QPainter, number: int, left: float, top: float) -> None:
        """Draw one line with its upper edge at `top`."""
        painter.setPen(QColor(self._style.colour))
        line = self._layout.lineAt(number)
        spare = (self.line_height - line.height()) / 2
        line.draw(painter, QPointF(left, top + spare))


def _semibold(text: str, style: TextStyle, part: slice) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start = _utf16_length(text[: part.start])
    made.length = _utf16_length(text[part])
    format_ = QTextCharFormat()
    format_.setFont(font(style.size, SEMIBOLD))
    made.format = format_
    return made


def _utf16_length(text: str) -> int:
    """Qt counts UTF-16 units, two for a character beyond U+FFFF."""
    return len(text) + sum(ord(character) > 0xFFFF for character in text)


def text_width(text: str, style: TextStyle) -> float:
    """Width of a text on one line."""
    return QFontMetricsF(style.font).horizontalAdvance(text)


def elided(text: str, style: TextStyle, width: float) -> str:
    """The text, or as much of it as fits on one line, with an ellipsis."""
    if text_width(text, style) <= width:
        return text
    shorter = len(text)
    while shorter > 1 and text_width(text[:shorter].rstrip() + "…", style) > width:
        # by tenths: a text from outside may be very long
        shorter = shorter * 9 // 10
    return text[:shorter].rstrip() + "…"
