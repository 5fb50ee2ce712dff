"""What an org needs, worked out: parts and totals beside an allowance."""

from typing import Self

from msgspec import Struct

from natwizard.model.finding import Source
from natwizard.model.privacy import PublicText, QuotingText
from natwizard.model.quantity import Quantity, Unit


class BreakdownSlice(Struct, frozen=True, kw_only=True):
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
    slices: tuple[BreakdownSlice, ...]
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

    def share(self, piece: BreakdownSlice) -> float:
        """A slice's part of all slices, 0 to 1."""
        return piece.value / self.total if self.total else 0.0


KB_PER_MB = 1000
"""Decimal: the source page counts 50 x 50 KB as 2.5 MB."""


class StorageRates(Struct, frozen=True, kw_only=True):
    """What each record takes, in KB of 1000 bytes."""

    # the vendor's "Technical Prerequisites", as all of these
    setup_per_user_kb: float = 50
    call_record_kb: float = 2
    activity_kb: float = 2
    hourly_processing_kb: float = 2
    missed_ring_kb: float = 2
    availability_change_kb: float = 2
    hourly_queue_kb: float = 2
    hours_per_day: int = 24

    def setup_kb(self, users: float) -> float:
        """Once, before the first call."""
        return users * self.setup_per_user_kb

    def calls_kb(self, calls: float) -> float:
        """A record and an activity for each call."""
        return calls * (self.call_record_kb + self.activity_kb)

    def processing_kb(self, users: float) -> float:
        """A day of the hourly processing of calls."""
        return users * self.hours_per_day * self.hourly_processing_kb

    def missed_rings_kb(self, rings: float) -> float:
        """Rings that nobody took."""
        return rings * self.missed_ring_kb

    def changes_kb(self, users: float, changes_per_user: float) -> float:
        """Changes of availability; Contact Center only."""
        return users * changes_per_user * self.availability_change_kb

    def queues_kb(self, queues: float) -> float:
        """A day of the hourly records of queues; Contact Center only."""
        return queues * self.hours_per_day * self.hourly_queue_kb


class ApiRates(Struct, frozen=True, kw_only=True):
    """API calls for a phone call, for a change of availability and for one of a setting."""

    # the vendor's "Technical Prerequisites", as all of these
    per_call: float = 5
    per_availability_change: float = 1
    per_settings_change: float = 1

    def calls(self, *, calls: float, availability_changes: float, settings_changes: float) -> float:
        """Those of a day with so many phone calls and changes."""
        return (
            calls * self.per_call
            + availability_changes * self.per_availability_change
            + settings_changes * self.per_settings_change
        )


STORAGE_RATES = StorageRates()
API_RATES = ApiRates()


MONTHS_PER_YEAR = 12


class Part(Struct, frozen=True, kw_only=True):
    """One row of the breakdown, in the unit of its plan.

    Attributes:
        per_day: on a day on which it comes up.
        how: the multiplication in words.
    """

    name: PublicText
    title: QuotingText
    how: QuotingText
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
    period: PublicText
    days: float | None = None

    @property
    def share(self) -> float:
        """Used part of the allowance: 1.0 is all of it; infinite where there is none."""
        if self.amount > 0:
            return self.used / self.amount
        return float("inf") if self.used > 0 else 0.0


class Note(Struct, frozen=True, kw_only=True):
    """A remark on the arithmetic, and whose statement it is about."""

    text: QuotingText
    source: Source


class CapacityPlan(Struct, frozen=True, kw_only=True):
    """A whole plan.

    Attributes:
        requirements: IDs of the rows of the requirements ("plan.storage_daily").
        unit: of every amount in it.
        inputs: what it was made of.
        once: needed a single time, at the start.
    """

    requirements: tuple[PublicText, ...]
    title: QuotingText
    unit: Unit
    inputs: tuple[Quantity, ...]
    parts: tuple[Part, ...]
    total: Part
    source: Source
    once: float = 0.0
    allowance: Allowance | None = None
    notes: tuple[Note, ...] = ()


class BandwidthInputs(Struct, frozen=True, kw_only=True):
    """What the site does.

    Attributes:
        concurrent_calls: people calling at the same time, at the busiest moment.
        call_kbit_s: one call, each way.
        line_kbit_s: the line's slower direction, if it is to be compared.
    """

    concurrent_calls: float = 50
    call_kbit_s: float = 100
    line_kbit_s: float | None = None


class BandwidthPlan(Struct, frozen=True, kw_only=True):
    """What the calls need, each way. A rate: there is nothing to add up over days.

    Attributes:
        calls_carried: whole calls that fit into the line at once; None without a line.
    """

    inputs: BandwidthInputs
    needed_kbit_s: float
    source: Source
    calls_carried: int | None = None
    requirements: tuple[PublicText, ...] = ("plan.bandwidth",)

    @property
    def suffices(self) -> bool | None:
        """Does the line carry the calls? None without a line."""
        if self.inputs.line_kbit_s is None:
            return None
        return self.needed_kbit_s <= self.inputs.line_kbit_s


class OrgPlan(Struct, frozen=True, kw_only=True):
    """All plans of one org; what was not worked out is None.

    Attributes:
        made_at: ISO 8601 with the offset from UTC.
        together: call records and Insight against the same free storage.
    """

    made_at: PublicText
    storage: CapacityPlan | None = None
    insight: CapacityPlan | None = None
    api_calls: CapacityPlan | None = None
    bandwidth: BandwidthPlan | None = None
    together: Allowance | None = None

    @property
    def plans(self) -> tuple[CapacityPlan, ...]:
        """Those that add up over days, in their order."""
        return tuple(
            plan for plan in (self.storage, self.insight, self.api_calls) if plan is not None
        )
