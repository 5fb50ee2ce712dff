"""A stacked bar as a value: what it is made of, ready to draw."""

from msgspec import Struct


class Slice(Struct, frozen=True, kw_only=True):
    """One part of a stacked bar; `amount` is its value as a person reads it."""

    title: str
    value: float
    amount: str


class Breakdown(Struct, frozen=True, kw_only=True):
    """A stacked bar ready to draw.

    Attributes:
        caption: what all of it is ("Storage in the first year: 3.8 GB").
        limit: where the allowance ends, in the unit of the values; None where there is none.
        limit_words: the allowance as a person reads it, to stand at the limit.
    """

    caption: str
    slices: tuple[Slice, ...]
    limit: float | None = None
    limit_words: str = ""

    @property
    def total(self) -> float:
        """All slices together."""
        return sum(piece.value for piece in self.slices)

    @property
    def scale(self) -> float:
        """What the whole width stands for; never nothing."""
        return max(self.total, self.limit or 0.0) or 1.0

    def share(self, piece: Slice) -> float:
        """A slice's part of all slices, 0 to 1."""
        return piece.value / self.total if self.total else 0.0
