"""Salesforce data storage for call records. Source: plan.storage_setup, plan.storage_daily."""

import math

from msgspec import Struct

from natwizard.model.finding import Source
from natwizard.model.language import N_, _
from natwizard.model.plan import (
    API_RATES,
    STORAGE_RATES,
    Allowance,
    ApiRates,
    BandwidthInputs,
    BandwidthPlan,
    CapacityPlan,
    Note,
    Part,
    StorageRates,
)
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import number, short_number

BYTES_PER_KB = 1000
"""Decimal: the source page counts 81,600 KB as 81.6 MB, and 50 x 50 KB as 2.5 MB."""
BYTES_PER_MB = 1_000_000
# Products and sums of what is within these bounds stay finite and can be written in a line
LARGEST_AMOUNT = 1e18
DAYS_PER_YEAR = 365
DAYS_PER_WEEK = 7

PREREQUISITES = Source(
    title=N_("Technical Prerequisites"),
    url="https://docs.natterbox.com/docs/technical-prerequisites",
    read_on="2026-11-30",
    dated="2024-11-07",
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


# Bounds here are far above any org's: a slip of the keyboard is told, not reckoned with
MOST_CALLS = 1_000_000
# It divides the line's rate: near 0 the calls that fit would have no bound
LEAST_CALL_KBIT_S = 1.0
MOST_KBIT_S = 1e12


def plan_bandwidth(inputs: BandwidthInputs) -> BandwidthPlan:
    """The rate that the calls need, and what the line carries. Raises BadInput."""
    require_range("concurrent_calls", inputs.concurrent_calls, 0, MOST_CALLS)
    require_range("call_kbit_s", inputs.call_kbit_s, LEAST_CALL_KBIT_S, MOST_KBIT_S)
    carried = None
    if inputs.line_kbit_s is not None:
        require_range("line_kbit_s", inputs.line_kbit_s, 0, MOST_KBIT_S)
        carried = math.floor(inputs.line_kbit_s / inputs.call_kbit_s)
    return BandwidthPlan(
        inputs=inputs,
        needed_kbit_s=inputs.concurrent_calls * inputs.call_kbit_s,
        calls_carried=carried,
        source=PREREQUISITES,
    )


class ApiInputs(Struct, frozen=True, kw_only=True):
    """What the org does in a day.

    Attributes:
        availability_changes: of all users; the example is 50 of them with 20 each.
        settings_changes: of user settings and policies, by administrators and users.
        allowance: API requests that the org may make in 24 hours and has not spent elsewhere.
    """

    calls: float = 2000
    availability_changes: float = 1000
    settings_changes: float = 50
    days_per_week: float = 7
    allowance: float | None = None


def plan_api_calls(inputs: ApiInputs, rates: ApiRates = API_RATES) -> CapacityPlan:
    """API calls a day against the daily allowance, which is given anew. Raises BadInput."""
    require_range("calls", inputs.calls, 0, MOST_A_DAY)
    require_range("availability_changes", inputs.availability_changes, 0, MOST_A_DAY)
    require_range("settings_changes", inputs.settings_changes, 0, MOST_A_DAY)
    days = call_days_per_year(inputs.days_per_week)
    parts = (
        Part.of(
            "calls",
            _("Phone calls"),
            _("{calls} calls x {each} API calls").format(
                calls=number(inputs.calls), each=f"{rates.per_call:g}"
            ),
            inputs.calls * rates.per_call,
            days_per_year=days,
        ),
        Part.of(
            "availability_changes",
            _("Availability changes"),
            _("{changes} changes x {each} API call").format(
                changes=number(inputs.availability_changes),
                each=f"{rates.per_availability_change:g}",
            ),
            inputs.availability_changes * rates.per_availability_change,
            days_per_year=days,
        ),
        Part.of(
            "settings_changes",
            _("Settings changes"),
            _("{changes} changes x {each} API call").format(
                changes=number(inputs.settings_changes), each=f"{rates.per_settings_change:g}"
            ),
            inputs.settings_changes * rates.per_settings_change,
            days_per_year=days,
        ),
    )
    total = total_of(parts)
    return CapacityPlan(
        requirements=("plan.api_calls",),
        title=_("API calls"),
        unit=Unit.COUNT,
        inputs=(
            Quantity(name="calls_per_day", value=inputs.calls, unit=Unit.COUNT),
            Quantity(
                name="availability_changes_per_day",
                value=inputs.availability_changes,
                unit=Unit.COUNT,
            ),
            Quantity(
                name="settings_changes_per_day", value=inputs.settings_changes, unit=Unit.COUNT
            ),
            Quantity(name="days_per_week", value=inputs.days_per_week, unit=Unit.COUNT),
        ),
        parts=parts,
        total=total,
        source=PREREQUISITES,
        allowance=_daily(inputs.allowance, total.per_day),
    )


def _daily(amount: float | None, used: float) -> Allowance | None:
    if amount is None:
        return None
    require_range("allowance", amount, 0, LARGEST_AMOUNT)
    return Allowance(amount=amount, used=used, period="day")


MOST_CALLS_A_DAY = 1_000_000_000
MOST_CATEGORIES = 10_000


class InsightRates(Struct, frozen=True, kw_only=True):
    """What an analysed call, and each category that it triggers, takes (KB of 1000 bytes)."""

    # the vendor's "Technical Prerequisites", as the other
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


def plan_insight(inputs: InsightInputs, rates: InsightRates = RATES) -> CapacityPlan:
    """Insight's storage a day, in bytes. Raises BadInput."""
    require_range("calls", inputs.calls, 0, MOST_CALLS_A_DAY)
    require_range("hit_rate", inputs.hit_rate, 0, 1)
    require_range("categories", inputs.categories, 0, MOST_CATEGORIES)
    require_range("triggered", inputs.triggered, 0, 1)
    parts = _insight_parts(inputs, rates)
    total = total_of(parts)
    allowance = None if inputs.allowance_mb is None else inputs.allowance_mb * BYTES_PER_MB
    return CapacityPlan(
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


def _insight_parts(inputs: InsightInputs, rates: InsightRates) -> tuple[Part, ...]:
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


MOST_USERS = 1_000_000
MOST_A_DAY = 1_000_000_000


class ContactCenter(Struct, frozen=True, kw_only=True):
    """What only Contact Center stores: availability changes per user and day, and queues."""

    changes_per_user: float = 20
    queues: float = 20


class StorageInputs(Struct, frozen=True, kw_only=True):
    """What the org does. The defaults are the example of the source page.

    Attributes:
        calls, missed_rings: a day, in the whole org.
        contact_center: None where the org does not have it.
        days_per_week: days with calls; the hourly records come up every day.
        allowance_mb: data storage that is free in the org, MB of 1,000,000 bytes.
    """

    users: float = 50
    calls: float = 2000
    missed_rings: float = 0
    contact_center: ContactCenter | None = None
    days_per_week: float = 7
    allowance_mb: float | None = None


def plan_storage(inputs: StorageInputs, rates: StorageRates = STORAGE_RATES) -> CapacityPlan:
    """One-off and daily storage, in bytes. Raises BadInput."""
    _require_sensible(inputs)
    parts = _parts(inputs, rates)
    total = total_of(parts)
    once = rates.setup_kb(inputs.users) * BYTES_PER_KB
    allowance = None if inputs.allowance_mb is None else inputs.allowance_mb * BYTES_PER_MB
    return CapacityPlan(
        requirements=("plan.storage_setup", "plan.storage_daily"),
        title=_("Data storage"),
        unit=Unit.BYTE,
        inputs=_quantities(inputs),
        parts=parts,
        total=total,
        source=PREREQUISITES,
        once=once,
        allowance=stock_allowance(allowance, total, once=once),
        notes=(
            Note(
                text=_(
                    "The page's example (50 users, 2,000 calls, 20 changes each, 20 queues) comes"
                    " to 13.36 MB a day; the page rounds it to around 15."
                ),
                source=PREREQUISITES,
            ),
        ),
    )


def _parts(inputs: StorageInputs, rates: StorageRates) -> tuple[Part, ...]:
    call_days = call_days_per_year(inputs.days_per_week)
    hours = rates.hours_per_day
    users, calls, rings = number(inputs.users), number(inputs.calls), number(inputs.missed_rings)
    parts = [
        _part(
            "calls",
            _("Call records and activities"),
            _("{calls} calls x ({record} KB record + {activity} KB activity)").format(
                calls=calls,
                record=short_number(rates.call_record_kb),
                activity=short_number(rates.activity_kb),
            ),
            rates.calls_kb(inputs.calls),
            call_days,
        ),
        _part(
            "hourly_processing",
            _("Hourly call processing"),
            _("{users} users x {hours} hours x {size} KB").format(
                users=users, hours=hours, size=f"{rates.hourly_processing_kb:g}"
            ),
            rates.processing_kb(inputs.users),
            DAYS_PER_YEAR,
        ),
        _part(
            "missed_rings",
            _("Missed rings"),
            _("{rings} missed rings x {size} KB").format(
                rings=rings, size=f"{rates.missed_ring_kb:g}"
            ),
            rates.missed_rings_kb(inputs.missed_rings),
            call_days,
        ),
    ]
    center = inputs.contact_center
    if center is not None:
        parts += [
            _part(
                "availability_changes",
                _("Availability changes"),
                _("{users} users x {changes} changes x {size} KB").format(
                    users=users,
                    changes=number(center.changes_per_user),
                    size=f"{rates.availability_change_kb:g}",
                ),
                rates.changes_kb(inputs.users, center.changes_per_user),
                call_days,
            ),
            _part(
                "queues",
                _("Queues"),
                _("{queues} queues x {hours} hours x {size} KB").format(
                    queues=number(center.queues), hours=hours, size=f"{rates.hourly_queue_kb:g}"
                ),
                rates.queues_kb(center.queues),
                DAYS_PER_YEAR,
            ),
        ]
    return tuple(parts)


def _part(name: str, title: str, how: str, per_day_kb: float, days_per_year: float) -> Part:
    return Part.of(name, title, how, per_day_kb * BYTES_PER_KB, days_per_year=days_per_year)


def _quantities(inputs: StorageInputs) -> tuple[Quantity, ...]:
    counts = [
        ("users", inputs.users),
        ("calls_per_day", inputs.calls),
        ("missed_rings_per_day", inputs.missed_rings),
        ("days_per_week", inputs.days_per_week),
    ]
    center = inputs.contact_center
    if center is not None:
        counts.append(("availability_changes_per_user_per_day", center.changes_per_user))
        counts.append(("queues", center.queues))
    return tuple(Quantity(name=name, value=value, unit=Unit.COUNT) for name, value in counts)


def _require_sensible(inputs: StorageInputs) -> None:
    require_range("users", inputs.users, 0, MOST_USERS)
    require_range("calls", inputs.calls, 0, MOST_A_DAY)
    require_range("missed_rings", inputs.missed_rings, 0, MOST_A_DAY)
    if inputs.contact_center is not None:
        require_range("changes", inputs.contact_center.changes_per_user, 0, MOST_A_DAY)
        require_range("queues", inputs.contact_center.queues, 0, MOST_USERS)
