"""salesforce.api: may programs ask the org, and often enough for the calls of a day?"""

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import failure_words, number
from natwizard.checks.shared.salesforce_parts import (
    OrgUse,
    OrgUseLimits,
    administrator,
    expected_use,
    head_count,
    part,
    reading,
    shown,
    some_people,
    unknown_use,
)
from natwizard.model.finding import Detail, Judgement, Page, Remedy, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import CtiGroup, OrgAllowance
from natwizard.probes.salesforce.org import SALESFORCE


def judge(inputs: Inputs, limits: OrgUseLimits) -> Judgement:
    """Refused outright is a problem that was seen; else the day's allowance has to be enough."""
    failure = inputs.evidence(SALESFORCE).limits.failure
    if failure is not None and failure.code is FailureCode.API_DISABLED:
        return _switched_off(inputs)
    daily = shown(part(inputs, lambda evidence: evidence.limits).daily_requests, "DailyApiRequests")
    use = expected_use(inputs, limits)
    barred = _people_without_api(inputs)
    status, summary, remedy = _say(daily, use, barred)
    need = 0.0 if use is None else use.api_calls
    observed = _("{most} calls a day, {left} left now").format(
        most=number(daily.most), left=number(daily.left)
    )
    return Judgement(
        status=status,
        summary=summary,
        observed=observed,
        expected=_("enough for your calls")
        if use is None
        else _("{need} a day for {users} people").format(
            need=number(need), users=number(use.users)
        ),
        measured=(
            Quantity(name="daily_requests", value=daily.most, unit=Unit.COUNT),
            Quantity(name="daily_requests_left", value=daily.left, unit=Unit.COUNT),
            Quantity(name="needed", value=need, unit=Unit.COUNT),
            Quantity(name="users_without_api", value=head_count(barred), unit=Unit.COUNT),
        ),
        remedy=remedy,
        details=(
            Detail(
                label=_("How we reckon"),
                text=_("Five API calls for each phone call, one for each change of settings."),
            ),
            reading(inputs),
        ),
    )


def _people_without_api(inputs: Inputs) -> tuple[CtiGroup, ...]:
    people = inputs.evidence(SALESFORCE).cti_users.value
    return tuple(group for group in (people.groups if people else ()) if not group.api_enabled)


def _say(
    daily: OrgAllowance, use: OrgUse | None, barred: tuple[CtiGroup, ...]
) -> tuple[Status, str, Remedy | None]:
    if barred:
        count = head_count(barred)
        summary = ngettext(
            "{count} person who takes calls may not use the API.",
            "{count} people who take calls may not use the API.",
            count,
        ).format(count=number(count))
        text = _("Give API Enabled to {people}, by profile or permission set.").format(
            people=some_people(barred)
        )
        return Status.FAIL, summary, administrator(text)
    if use is None:
        summary = _("The API is on; how much you need is not known.")
        return Status.UNKNOWN, summary, unknown_use()
    if use.api_calls > daily.most:
        text = _("Ask Salesforce for more API calls a day, or look what else uses them.")
        return Status.FAIL, _("The org has too few API calls a day."), administrator(text)
    if use.api_calls > daily.left:
        text = _("Look in Setup, System Overview, which other programs use API calls.")
        summary = _("Other programs have used up many API calls today.")
        return Status.WARN, summary, administrator(text)
    return Status.PASS, _("The API is on, with enough calls a day."), None


def _switched_off(inputs: Inputs) -> Judgement:
    return Judgement(
        status=Status.FAIL,
        summary=_("The org, or this user, may not be asked by programs."),
        observed=failure_words(FailureCode.API_DISABLED),
        expected=_("the API on for the org and its users"),
        remedy=administrator(
            _("Give the user API Enabled; if it is, ask Salesforce for API access for the org.")
        ),
        details=(reading(inputs),),
    )


SALESFORCE_API = Check(
    name="salesforce.api",
    title=N_("API access"),
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=OrgUseLimits,
    judge=judge,
    shares_limits_of="salesforce.storage",
    asks_until_signed_in=True,
)
