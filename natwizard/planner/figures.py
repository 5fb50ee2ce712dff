"""What a plan comes to: parts and totals per day, month and year, beside an allowance."""

from typing import Self

from msgspec import Struct

from natwizard.model.finding import Source
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit

BYTES_PER_KB = 1000
"""Decimal: the source page counts 81,600 KB as 81.6 MB, and 50 x 50 KB as 2.5 MB."""
BYTES_PER_MB = 1_000_000
LARGEST_AMOUNT = 1e18
DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12
DAYS_PER_WEEK = 7

PREREQUISITES = Source(
    title=N_("Technical Prerequisites"),
    url="https://docs.natterbox.com",
    read_on="2024-11-07",
)


class BadInput(ValueError):
    """A plan cannot be made of this number; names the input and what it may be."""

    def __init__(self, name: str, value: float, expected: str) -> None:
        super().__init__(f"{name} is {value}: {expected}")
        self.name = name
        self.value = value
        self.expected = expected


class Part(Struct, frozen=True, kw_only=True):
    """One row of the breakdown, in the unit of its plan.

    Attributes:
        per_day: on a day on which it comes up.
        how: the multiplication in words.
    """

    name: str
    title: str
    how: str
    per_day: float
    per_month: float
    per_year: float

    @classmethod
    def of(cls, name: str, title: str, how: str, per_day: float, *, days_per_year: float) -> Self:
        """A part that comes up on so many days a year; a month is a twelfth of a year."""
        per_year = per_day * days_per_year
        return cls(
            name=name,
            title=title,
            how=how,
            per_day=per_day,
            per_month=per_year / MONTHS_PER_YEAR,
            per_year=per_year,
        )


class Allowance(Struct, frozen=True, kw_only=True):
    """What the org has, and how much of it the plan takes.

    Attributes:
        amount: in the unit of the plan.
        used: what the plan takes, in the same unit and over `period` ("day", "year").
        days: until a stock (storage) is used up at this rate; None where the allowance
            is given anew each period, or where nothing is added.
    """

    amount: float
    used: float
    period: str
    days: float | None = None

    @property
    def share(self) -> float:
        """Used part of the allowance: 1.0 is all of it; infinite where there is none."""
        if self.amount > 0:
            return self.used / self.amount
        return float("inf") if self.used > 0 else 0.0


class Note(Struct, frozen=True, kw_only=True):
    """A remark on the arithmetic, and whose statement it is about."""

    text: str
    source: Source


class Plan(Struct, frozen=True, kw_only=True):
    """A whole plan.

    Attributes:
        requirements: IDs of the rows of the requirements ("plan.storage_daily").
        unit: of every amount in it.
        inputs: what it was made of.
        once: needed a single time, at the start.
    """

    requirements: tuple[str, ...]
    title: str
    unit: Unit
    inputs: tuple[Quantity, ...]
    parts: tuple[Part, ...]
    total: Part
    once: float = 0.0
    allowance: Allowance | None = None
    notes: tuple[Note, ...] = ()
    source: Source = PREREQUISITES


def total_of(parts: tuple[Part, ...]) -> Part:
    """The parts together; its day is one on which all of them come up."""
    return Part(
        name="total",
        title=_("Total"),
        how="",
        per_day=sum(part.per_day for part in parts),
        per_month=sum(part.per_month for part in parts),
        per_year=sum(part.per_year for part in parts),
    )


def call_days_per_year(days_per_week: float) -> float:
    """Days of a year on which people make calls. Raises BadInput."""
    require_range("days_per_week", days_per_week, 0, DAYS_PER_WEEK)
    return DAYS_PER_YEAR * days_per_week / DAYS_PER_WEEK


def require_range(name: str, value: float, low: float, high: float) -> None:
    """Refuse what is not within the bounds, also what is no number. Raises BadInput."""
    if not low <= value <= high:
        raise BadInput(name, value, f"expected {low:g} to {high:g}")


def stock_allowance(amount: float | None, total: Part, *, once: float = 0.0) -> Allowance | None:
    """An allowance that fills up: one year of the plan, and the days until it is full."""
    if amount is None:
        return None
    require_range("allowance", amount, 0, LARGEST_AMOUNT)
    daily = total.per_year / DAYS_PER_YEAR
    left = max(0.0, amount - once)
    return Allowance(
        amount=amount,
        used=once + total.per_year,
        period="year",
        days=left / daily if daily > 0 else None,
    )
