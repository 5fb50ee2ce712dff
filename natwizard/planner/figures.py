"""What every plan is made with: totals, days of a year, allowances, bounds of the inputs."""

from natwizard.model.finding import Source
from natwizard.model.language import N_, _
from natwizard.model.plan import Allowance, Part

BYTES_PER_KB = 1000
"""Decimal: the source page counts 81,600 KB as 81.6 MB, and 50 x 50 KB as 2.5 MB."""
BYTES_PER_MB = 1_000_000
LARGEST_AMOUNT = 1e18
DAYS_PER_YEAR = 365
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
