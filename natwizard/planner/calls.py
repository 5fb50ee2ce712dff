"""Salesforce API calls a day. Source: requirement plan.api_calls."""

from msgspec import Struct

from natwizard.model.language import _
from natwizard.model.org_use import API_RATES, ApiRates
from natwizard.model.plan import Allowance, Part, Plan
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import number
from natwizard.planner.figures import (
    LARGEST_AMOUNT,
    PREREQUISITES,
    call_days_per_year,
    require_range,
    total_of,
)

MOST_A_DAY = 1_000_000_000


class ApiInputs(Struct, frozen=True, kw_only=True):
    """What the org does in a day.

    Attributes:
        settings_changes: of the telephony's settings, by administrators and users.
        allowance: API requests that the org may make in 24 hours and has not spent elsewhere.
    """

    calls: float = 2000
    settings_changes: float = 50
    days_per_week: float = 7
    allowance: float | None = None


def plan_api_calls(inputs: ApiInputs, rates: ApiRates = API_RATES) -> Plan:
    """API calls a day against the daily allowance, which is given anew. Raises BadInput."""
    require_range("calls", inputs.calls, 0, MOST_A_DAY)
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
    return Plan(
        requirements=("plan.api_calls",),
        title=_("API calls"),
        unit=Unit.COUNT,
        inputs=(
            Quantity(name="calls_per_day", value=inputs.calls, unit=Unit.COUNT),
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
