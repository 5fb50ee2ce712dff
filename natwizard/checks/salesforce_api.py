"""salesforce.api: may programs ask the org, and often enough for the calls of a day?"""

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import failure_words, number
from natwizard.checks.shared.salesforce_parts import (
    ADMINISTRATOR,
    SET_USERS,
    OrgUse,
    OrgUseLimits,
    expected_use,
    head_count,
    part,
    reading,
    shown,
    some_people,
)
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _, ngettext_noop
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import CtiGroup, OrgAllowance
from natwizard.probes.salesforce.org import SALESFORCE


class ApiState(VerdictTable):
    """Whether programs may ask the org, and how often."""

    ENOUGH = passed(N_("The API is on, with enough calls a day."))
    USED_UP_TODAY = warned(
        N_("Other programs have used up many API calls today."),
        N_("Look in Setup, System Overview, which other programs use API calls."),
        owner=ADMINISTRATOR,
    )
    TOO_FEW = failed(
        N_("The org has too few API calls a day."),
        N_("Ask Salesforce for more API calls a day, or look what else uses them."),
        owner=ADMINISTRATOR,
    )
    NEED_NOT_KNOWN = unknown(
        N_("The API is on; how much you need is not known."), SET_USERS, owner=ADMINISTRATOR
    )
    OFF_FOR_PEOPLE = failed(
        ngettext_noop(
            "{count} person who takes calls may not use the API.",
            "{count} people who take calls may not use the API.",
        ),
        N_("Give API Enabled to {people}, by profile or permission set."),
        owner=ADMINISTRATOR,
    )
    OFF = failed(
        N_("The org, or this user, may not be asked by programs."),
        N_("Give the user API Enabled; if it is, ask Salesforce for API access for the org."),
        owner=ADMINISTRATOR,
    )


def judge(inputs: Inputs, limits: OrgUseLimits) -> Judgement:
    """Refused outright is a problem that was seen; else the day's allowance has to be enough."""
    failure = inputs.evidence(SALESFORCE).limits.failure
    if failure is not None and failure.code is FailureCode.API_DISABLED:
        return ApiState.OFF.verdict.judgement(
            observed=failure_words(FailureCode.API_DISABLED),
            expected=_("the API on for the org and its users"),
            details=(reading(inputs),),
        )
    daily = shown(part(inputs, lambda evidence: evidence.limits).daily_requests, "DailyApiRequests")
    use = expected_use(inputs, limits)
    barred = _people_without_api(inputs)
    without_api = head_count(barred)
    need = 0.0 if use is None else use.api_calls
    observed = _("{most} calls a day, {left} left now").format(
        most=number(daily.most), left=number(daily.left)
    )
    return _state(daily, use, barred).verdict.judgement(
        count=without_api,
        texts={"count": number(without_api), "people": some_people(barred)},
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
            Quantity(name="users_without_api", value=without_api, unit=Unit.COUNT),
        ),
        details=(
            Detail(
                label=_("How we reckon"),
                text=_(
                    "Five API calls for each phone call, one for each change of availability or"
                    " settings."
                ),
            ),
            reading(inputs),
        ),
    )


def _people_without_api(inputs: Inputs) -> tuple[CtiGroup, ...]:
    people = inputs.evidence(SALESFORCE).cti_users.value
    return tuple(group for group in (people.groups if people else ()) if not group.api_enabled)


def _state(daily: OrgAllowance, use: OrgUse | None, barred: tuple[CtiGroup, ...]) -> ApiState:
    if barred:
        return ApiState.OFF_FOR_PEOPLE
    if use is None:
        return ApiState.NEED_NOT_KNOWN
    if use.api_calls > daily.most:
        return ApiState.TOO_FEW
    return ApiState.USED_UP_TODAY if use.api_calls > daily.left else ApiState.ENOUGH


SALESFORCE_API = Check(
    name="salesforce.api",
    meaning=N_(
        "The service reads and writes in Salesforce by its API, and each call needs some of "
        "what the org may use in a day. When it is used up, calls are no longer written down."
    ),
    title=N_("API access"),
    term="API",
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=OrgUseLimits,
    judge=judge,
    shares_limits_of="salesforce.storage",
    asks_until_signed_in=True,
)
