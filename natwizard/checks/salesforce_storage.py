"""salesforce.storage: is there room for the records of calls?

The rules are those of the planner (`natwizard plan storage`); both use model/plan.py.
"""

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import beside, digits_beside, number, with_unit
from natwizard.checks.shared.salesforce_parts import (
    ADMINISTRATOR,
    SET_USERS,
    OrgUse,
    OrgUseLimits,
    expected_use,
    part,
    reading,
    shown,
)
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Gauge, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.plan import KB_PER_MB
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.org import SALESFORCE

FREE_SOME = N_("Free some storage, archive old records, or ask Salesforce for more.")


class StorageRoom(VerdictTable):
    """How long the free storage lasts."""

    ENOUGH = passed(N_("Salesforce has enough room for your calls."))
    LESS_THAN_A_YEAR = warned(
        N_("The storage will be full within a year."), FREE_SOME, owner=ADMINISTRATOR
    )
    NONE = failed(N_("Salesforce has no room for your calls."), FREE_SOME, owner=ADMINISTRATOR)
    NEED_NOT_KNOWN = unknown(
        N_("How many people will take calls is not known."), SET_USERS, owner=ADMINISTRATOR
    )


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
        return StorageRoom.NEED_NOT_KNOWN.verdict.judgement(
            observed=free, expected=wanted, measured=sizes, details=(reading(inputs),)
        )
    days = _days(storage.left, use)
    lasting = (limits.good_days, limits.least_days)
    return _room(days, limits).verdict.judgement(
        observed=_("{free}, enough for {days} days").format(
            free=free, days=beside(max(0, days), "", 0, *lasting)
        ),
        expected=wanted,
        measured=(*sizes, Quantity(name="days", value=round(days, 1), unit=Unit.COUNT)),
        details=(Detail(label=_("How we reckon"), text=_how(use)), reading(inputs)),
        gauge=Gauge(
            title=_("Days of storage"),
            value=days,
            unit="d",
            limit=limits.good_days,
            higher_is_better=True,
            digits=digits_beside(days, 0, limits.good_days),
        ),
    )


def _days(left_mb: float, use: OrgUse) -> float:
    """Days until it is full; below nothing where not even the setup fits."""
    return (left_mb * KB_PER_MB - use.setup_kb) / use.daily_kb


def _room(days: float, limits: OrgUseLimits) -> StorageRoom:
    if days < limits.least_days:
        return StorageRoom.NONE
    return StorageRoom.LESS_THAN_A_YEAR if days < limits.good_days else StorageRoom.ENOUGH


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
    meaning=N_(
        "Each call leaves records in Salesforce. When the storage of the org is full, no more "
        "are written."
    ),
    title=N_("Data storage"),
    term="Data storage",
    page=Page.ADMINISTRATOR,
    method=N_("What is free now, against the planner's rules"),
    needs=(SALESFORCE,),
    limits=OrgUseLimits,
    judge=judge,
    asks_until_signed_in=True,
)
