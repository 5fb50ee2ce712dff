"""The sheet of paper: its size and where things go on it, in points."""

from enum import StrEnum

from msgspec import Struct

MARGIN = 45.0
HEAD_TOP = 34.0
HEAD_RULE = 60.0
CONTENT_TOP = 73.5
FOOT_RULE_ABOVE_EDGE = 45.0
CONTENT_BOTTOM_ABOVE_EDGE = 60.0

SIZE_VERDICT = 24
SIZE_SECTION = 13
SIZE_LEAD = 11
SIZE_NAME = 10
SIZE_BODY = 9
SIZE_META = 8


class PageSize(StrEnum):
    """Paper that people have."""

    A4 = "a4"
    LETTER = "letter"


class Sheet(Struct, frozen=True, kw_only=True):
    """One page's geometry."""

    width: float
    height: float

    @property
    def left(self) -> float:
        """Where content begins."""
        return MARGIN

    @property
    def right(self) -> float:
        """Where content ends."""
        return self.width - MARGIN

    @property
    def content_width(self) -> float:
        """Between the margins."""
        return self.width - 2 * MARGIN

    @property
    def top(self) -> float:
        """Where content begins below the head."""
        return CONTENT_TOP

    @property
    def bottom(self) -> float:
        """Where content must end above the foot."""
        return self.height - CONTENT_BOTTOM_ABOVE_EDGE


SHEETS = {
    PageSize.A4: Sheet(width=595.28, height=841.89),
    PageSize.LETTER: Sheet(width=612.0, height=792.0),
}
