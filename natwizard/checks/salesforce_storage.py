"""salesforce.storage: is there room for the records of calls?

The rules are those of the planner (`natwizard plan storage`); both use model/org_use.py.
"""

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import number, with_unit
from natwizard.checks.shared.salesforce_parts import (
    OrgUse,
    OrgUseLimits,
    administrator,
    expected_use,
    part,
    reading,
    shown,
    unknown_use,
)
from natwizard.model.finding import Detail, Gauge, Judgement, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.plan import KB_PER_MB
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.org import SALESFORCE


def judge(inputs: Inputs, limits: OrgUseLimits) -> Judgement:
    """How many days the free storage lasts, once everything is set up."""
    found = part(inputs, lambda evidence: evidence.limits)
    storage = shown(found.data_storage_mb, "DataStorageMB")
    use = expected_use(inputs, limits)
    free = _("{left} of {most} free").format(
        left=with_unit(storage.left, "MB"), most=with_unit(storage.most, "MB")
    )
    sizes = (
        Quantity(name="data_storage", value=storage.most * 1_000_000, unit=Unit.BYTE),
        Quantity(name="data_storage_left", value=storage.left * 1_000_000, unit=Unit.BYTE),
    )
    wanted = _("room for {days} days").format(days=number(limits.good_days))
    if use is None:
        return Judgement(
            status=Status.UNKNOWN,
            summary=_("How many people will take calls is not known."),
            observed=free,
            expected=wanted,
            measured=sizes,
            remedy=unknown_use(),
            details=(reading(inputs),),
        )
    days = _days(storage.left, use)
    status, summary, remedy = _say(days, limits)
    return Judgement(
        status=status,
        summary=summary,
        observed=_("{free}, enough for {days} days").format(free=free, days=number(max(0, days))),
        expected=wanted,
        measured=(*sizes, Quantity(name="days", value=round(days, 1), unit=Unit.COUNT)),
        remedy=remedy,
        details=(
            Detail(label=_("How we reckon"), text=_how(use)),
            reading(inputs),
        ),
        gauge=Gauge(
            title=_("Days of storage"),
            value=days,
            unit="d",
            limit=limits.good_days,
            higher_is_better=True,
            digits=0,
        ),
    )


def _days(left_mb: float, use: OrgUse) -> float:
    """Days until it is full; below nothing where not even the setup fits."""
    return (left_mb * KB_PER_MB - use.setup_kb) / use.daily_kb


def _say(days: float, limits: OrgUseLimits) -> tuple[Status, str, Remedy | None]:
    text = _("Free some storage, archive old records, or ask Salesforce for more.")
    if days < limits.least_days:
        return Status.FAIL, _("Salesforce has no room for your calls."), administrator(text)
    if days < limits.good_days:
        return Status.WARN, _("The storage will be full within a year."), administrator(text)
    return Status.PASS, _("Salesforce has enough room for your calls."), None


def _how(use: OrgUse) -> str:
    return _(
        "{users} people, {calls} calls a day: {setup} once, then {daily} a day"
        " (limits of salesforce.storage in the profile)"
    ).format(
        users=number(use.users),
        calls=number(use.calls),
        setup=with_unit(use.setup_kb / KB_PER_MB, "MB", 1),
        daily=with_unit(use.daily_kb / KB_PER_MB, "MB", 2),
    )


SALESFORCE_STORAGE = Check(
    name="salesforce.storage",
    title=N_("Data storage"),
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=OrgUseLimits,
    judge=judge,
    asks_until_signed_in=True,
)
