"""Pieces of content, and their distribution over pages. Nothing is drawn yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtGui import QPainter

from natwizard.report.pdf.text import PageGeometry

FEWEST_ROWS = 3
"""Of a table on its last page, unless it has no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkArea:
    """A rectangle of a piece, from its upper left corner; leads to an anchor or to a web page."""

    left: float
    top: float
    width: float
    height: float
    anchor: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Something that is never split.

    Attributes:
        paint: draws it with its upper left corner at (left, top).
        gap: space above it, left out at the top of a page.
        bookmark: where a reader may jump to; empty for most.
        anchors: names of it, for links from elsewhere.
        links: places within it that lead elsewhere.
    """

    height: float
    paint: Callable[[QPainter, float, float], None]
    gap: float = 0.0
    bookmark: str = ""
    anchors: tuple[str, ...] = ()
    links: tuple["LinkArea", ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A piece with its upper edge on a page."""

    piece: Block
    top: float


@dataclass(slots=True)
class Flow:
    """Fills page after page.

    Attributes:
        air: how much of each space between pieces there is, 0 to 1.
        pages: what lies on each, from top to bottom.
    """

    sheet: PageGeometry
    air: float = 1.0
    pages: list[list[PlacedBlock]] = field(default_factory=lambda: [[]])
    _reached: float = -1.0

    def __post_init__(self) -> None:
        self._reached = self.sheet.top

    def add(self, pieces: Sequence[Block], *, together: bool = True, lead: int = 2) -> None:
        """Add pieces in order.

        `together` keeps them on one page where a page can hold them; else only the first `lead`
        of them (a heading and what follows) stay together.
        """
        if not pieces:
            return
        whole = self._height_of(pieces)
        above = pieces[0].gap * self.air
        if together and whole <= self.sheet.bottom - self.sheet.top:
            self._break_unless(whole + above)
        else:
            self._break_unless(self._height_of(pieces[:lead]) + above)
        for piece in pieces:
            self._place(piece)

    def add_table(
        self,
        heading: Block,
        head: Block,
        rows: Sequence[Block],
        *,
        again: Block,
        goes_on: Callable[[int], Block],
    ) -> None:
        """Add rows under a head that every further page repeats.

        `again` is the heading on those pages; `goes_on` makes the line below the last row of a
        page from the number of the next one.
        """
        room = goes_on(1)
        whole = self._height_of((heading, head, *rows[:1], room))
        self._break_unless(whole + heading.gap * self.air)
        self._place(heading)
        self._place(head)
        for number, row in enumerate(rows):
            left = rows[number:]
            # the last few rows go over together: one alone on a page looks lost
            together = left if len(left) <= FEWEST_ROWS and number else left[:1]
            goes_over = 0.0 if len(together) == len(left) else room.gap * self.air + room.height
            needed = self._height_of(together) + goes_over
            if self._reached + needed > self.sheet.bottom:
                self._place(goes_on(len(self.pages) + 1))
                self._break()
                self._place(again)
                self._place(head)
            self._place(row)

    def _break_unless(self, height: float) -> None:
        """Begin a page unless so much still fits on this one."""
        if self.pages[-1] and self._reached + height > self.sheet.bottom:
            self._break()

    def _break(self) -> None:
        self.pages.append([])
        self._reached = self.sheet.top

    def _place(self, piece: Block) -> None:
        gap = piece.gap * self.air if self.pages[-1] else 0.0
        if self.pages[-1] and self._reached + gap + piece.height > self.sheet.bottom:
            self._break()
            gap = 0.0
        top = self._reached + gap
        self.pages[-1].append(PlacedBlock(piece, top))
        self._reached = top + piece.height

    def _height_of(self, pieces: Sequence[Block]) -> float:
        """Of all together, without the gap above the first."""
        heights = sum(piece.height for piece in pieces)
        return heights + sum(piece.gap for piece in pieces[1:]) * self.air

    @property
    def last_page_filled(self) -> float:
        """How much of the last page is used, 0 to 1."""
        return (self._reached - self.sheet.top) / (self.sheet.bottom - self.sheet.top)
