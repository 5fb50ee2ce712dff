"""Salesforce data storage for call records. Source: plan.storage_setup, plan.storage_daily."""

from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.org_use import STORAGE_RATES, StorageRates
from natwizard.model.plan import Note, Part, Plan
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import number, short_number
from natwizard.planner.figures import (
    BYTES_PER_KB,
    BYTES_PER_MB,
    DAYS_PER_YEAR,
    PREREQUISITES,
    call_days_per_year,
    require_range,
    stock_allowance,
    total_of,
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


def plan_storage(inputs: StorageInputs, rates: StorageRates = STORAGE_RATES) -> Plan:
    """One-off and daily storage, in bytes. Raises BadInput."""
    _require_sensible(inputs)
    parts = _parts(inputs, rates)
    total = total_of(parts)
    once = rates.setup_kb(inputs.users) * BYTES_PER_KB
    allowance = None if inputs.allowance_mb is None else inputs.allowance_mb * BYTES_PER_MB
    return Plan(
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
