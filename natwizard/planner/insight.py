"""Salesforce data storage for Insight. Source: requirement plan.insight."""

from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.plan import Note, Part, Plan
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import number
from natwizard.planner.figures import (
    BYTES_PER_KB,
    BYTES_PER_MB,
    PREREQUISITES,
    call_days_per_year,
    require_range,
    stock_allowance,
    total_of,
)

MOST_CALLS_A_DAY = 1_000_000_000
MOST_CATEGORIES = 10_000


class InsightRates(Struct, frozen=True, kw_only=True):
    """What an analysed call, and each category that it triggers, takes (KB of 1000 bytes)."""

    call_kb: float = 4
    category_kb: float = 2


RATES = InsightRates()


class InsightInputs(Struct, frozen=True, kw_only=True):
    """What the org does. The defaults are the example of the source page.

    Attributes:
        hit_rate: share of the calls that Insight analyses, 0 to 1.
        triggered: share of the categories that an analysed call triggers, 0 to 1.
        allowance_mb: data storage that is free in the org, MB of 1,000,000 bytes.
    """

    calls: float = 6000
    hit_rate: float = 0.4
    categories: float = 30
    triggered: float = 0.5
    days_per_week: float = 7
    allowance_mb: float | None = None


def plan_insight(inputs: InsightInputs, rates: InsightRates = RATES) -> Plan:
    """Insight's storage a day, in bytes. Raises BadInput."""
    require_range("calls", inputs.calls, 0, MOST_CALLS_A_DAY)
    require_range("hit_rate", inputs.hit_rate, 0, 1)
    require_range("categories", inputs.categories, 0, MOST_CATEGORIES)
    require_range("triggered", inputs.triggered, 0, 1)
    parts = _parts(inputs, rates)
    total = total_of(parts)
    allowance = None if inputs.allowance_mb is None else inputs.allowance_mb * BYTES_PER_MB
    return Plan(
        requirements=("plan.insight",),
        title=_("Insight storage"),
        unit=Unit.BYTE,
        inputs=(
            Quantity(name="calls_per_day", value=inputs.calls, unit=Unit.COUNT),
            Quantity(name="hit_rate", value=inputs.hit_rate, unit=Unit.FRACTION),
            Quantity(name="categories", value=inputs.categories, unit=Unit.COUNT),
            Quantity(name="triggered", value=inputs.triggered, unit=Unit.FRACTION),
            Quantity(name="days_per_week", value=inputs.days_per_week, unit=Unit.COUNT),
        ),
        parts=parts,
        total=total,
        source=PREREQUISITES,
        allowance=stock_allowance(allowance, total),
        notes=(
            Note(
                text=_(
                    "The page's example (6,000 calls, 30 categories) comes to 81,600 KB, which is"
                    " 81.6 MB a day; the page prints 8.16 MB."
                ),
                source=PREREQUISITES,
            ),
        ),
    )


def _parts(inputs: InsightInputs, rates: InsightRates) -> tuple[Part, ...]:
    days = call_days_per_year(inputs.days_per_week)
    analysed = inputs.calls * inputs.hit_rate
    triggered = inputs.categories * inputs.triggered
    hits = _("{calls} calls x {rate} %").format(
        calls=number(inputs.calls), rate=f"{100 * inputs.hit_rate:g}"
    )
    return (
        Part.of(
            "analysed_calls",
            _("Analysed calls"),
            _("{hits} x {size} KB").format(hits=hits, size=f"{rates.call_kb:g}"),
            analysed * rates.call_kb * BYTES_PER_KB,
            days_per_year=days,
        ),
        Part.of(
            "triggered_categories",
            _("Triggered categories"),
            _("{hits} x {triggered} categories x {size} KB").format(
                hits=hits, triggered=f"{triggered:g}", size=f"{rates.category_kb:g}"
            ),
            analysed * triggered * rates.category_kb * BYTES_PER_KB,
            days_per_year=days,
        ),
    )
