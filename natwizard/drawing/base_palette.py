"""The colours of a window that holds nothing yet. Light on purpose: it is shown before the rest.

`tokens` builds the whole themes on these, so that nothing changes its colour when they arrive.
"""

from enum import StrEnum
from typing import NamedTuple


class ThemeName(StrEnum):
    """The three looks of the window; paper always uses LIGHT."""

    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high_contrast"


class BasePalette(NamedTuple):
    """Every colour as "#RRGGBB"; they mean what they mean in a Theme."""

    canvas: str
    sidebar: str
    line: str
    text: str
    accent: str
    on_accent: str


LIGHT = BasePalette(
    canvas="#FFFFFF",
    sidebar="#F2F5F8",
    line="#D8DFE6",
    text="#16202B",
    accent="#1A56B4",
    on_accent="#FFFFFF",
)
DARK = BasePalette(
    canvas="#161B21",
    sidebar="#10141A",
    line="#303A45",
    text="#EAEFF4",
    accent="#82B4FF",
    on_accent="#0A1930",
)
HIGH_CONTRAST = BasePalette(
    canvas="#000000",
    sidebar="#000000",
    line="#FFFFFF",
    text="#FFFFFF",
    accent="#8EE7F2",
    on_accent="#000000",
)
GROUNDS = {
    ThemeName.LIGHT: LIGHT,
    ThemeName.DARK: DARK,
    ThemeName.HIGH_CONTRAST: HIGH_CONTRAST,
}
