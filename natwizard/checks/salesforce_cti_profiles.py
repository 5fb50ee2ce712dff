"""salesforce.cti_profiles: do the people who take calls have the licence and the permission?"""

from collections.abc import Iterable

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import failure_words, number
from natwizard.checks.shared.salesforce_parts import (
    NAMED_AT_MOST,
    administrator,
    head_count,
    part,
    reading,
    some_people,
)
from natwizard.model.finding import Detail, Judgement, Page, Remedy, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import CtiGroup, CtiUsers
from natwizard.probes.salesforce.org import SALESFORCE


class CtiLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Licences by their key (LicenseDefinitionKey).

    Attributes:
        licences: those that count as a full Salesforce licence.
    """

    licences: tuple[str, ...] = ("SFDC",)


class Sorted(Struct, frozen=True, kw_only=True):
    """Groups with something missing; a group may stand in both."""

    without_permission: tuple[CtiGroup, ...]
    without_licence: tuple[CtiGroup, ...]


def judge(inputs: Inputs, limits: CtiLimits) -> Judgement:
    """Everybody who takes calls needs both; people who do not may have Chatter Free."""
    failure = inputs.evidence(SALESFORCE).cti_users.failure
    if failure is not None and failure.code is FailureCode.TOO_LARGE:
        return _too_many(inputs)
    people = part(inputs, lambda evidence: evidence.cti_users)
    found = Sorted(
        without_permission=tuple(
            group for group in people.groups if not group.view_all_custom_settings
        ),
        without_licence=tuple(
            group for group in people.groups if group.licence not in limits.licences
        ),
    )
    status, summary, remedy = _say(people, found)
    return Judgement(
        status=status,
        summary=summary,
        observed=_observed(people, found),
        expected=_("permission and licence for all"),
        measured=(
            Quantity(name="users", value=people.count, unit=Unit.COUNT),
            Quantity(
                name="without_permission",
                value=head_count(found.without_permission),
                unit=Unit.COUNT,
            ),
            Quantity(
                name="without_licence", value=head_count(found.without_licence), unit=Unit.COUNT
            ),
            Quantity(name="not_found", value=len(people.not_found), unit=Unit.COUNT),
        ),
        remedy=remedy,
        details=(*_details(people), reading(inputs)),
    )


def _too_many(inputs: Inputs) -> Judgement:
    return Judgement(
        status=Status.UNKNOWN,
        summary=_("There are more people than we read."),
        observed=failure_words(FailureCode.TOO_LARGE),
        expected=_("permission and licence for all"),
        remedy=administrator(
            _("Name some of them in targets.salesforce_cti_users, then run again.")
        ),
        details=(reading(inputs),),
    )


def _say(people: CtiUsers, found: Sorted) -> tuple[Status, str, Remedy | None]:
    if not people.count:
        text = _("Assign people to a call center, or name them in targets.salesforce_cti_users.")
        return Status.UNKNOWN, _("Salesforce shows nobody who takes calls."), administrator(text)
    if found.without_licence:
        text = _("Give a full Salesforce licence to {people}.").format(
            people=some_people(found.without_licence)
        )
        summary = _("Some people who take calls have no full licence.")
        return Status.FAIL, summary, administrator(text)
    if found.without_permission:
        text = _("Give View All Custom Settings to {people}.").format(
            people=_profiles(found.without_permission)
        )
        summary = _("Some people who take calls may not read the settings.")
        return Status.FAIL, summary, administrator(text)
    if people.not_found:
        text = _("Check these names in targets.salesforce_cti_users: {names}.").format(
            names=", ".join(each.user_name for each in people.not_found[:NAMED_AT_MOST])
        )
        summary = _("Some names in the profile belong to no active user.")
        return Status.UNKNOWN, summary, administrator(text)
    return Status.PASS, _("Everybody who takes calls has licence and permission."), None


def _observed(people: CtiUsers, found: Sorted) -> str:
    parts = [
        ngettext("{count} person", "{count} people", people.count).format(
            count=number(people.count)
        )
    ]
    if found.without_permission:
        parts.append(
            _("{count} without permission").format(
                count=number(head_count(found.without_permission))
            )
        )
    if found.without_licence:
        parts.append(
            _("{count} without a full licence").format(
                count=number(head_count(found.without_licence))
            )
        )
    if people.not_found:
        parts.append(_("{count} names not found").format(count=len(people.not_found)))
    return ", ".join(parts)


def _profiles(groups: Iterable[CtiGroup]) -> str:
    """A permission is given to profiles, not to people."""
    names = dict.fromkeys(group.profile for group in groups if group.profile)
    listed = ", ".join(names)
    return _("the profile {names}").format(names=listed) if listed else some_people(groups)


def _details(people: CtiUsers) -> tuple[Detail, ...]:
    how = (
        _("the names in targets.salesforce_cti_users")
        if people.named
        else _("active users who are assigned to a call center")
    )
    lines = [Detail(label=_("Who counts"), text=how)]
    for group in people.groups:
        held = _("yes") if group.view_all_custom_settings else _("no")
        text = _("{people}; licence {licence}; View All Custom Settings: {held}").format(
            people=some_people((group,)), licence=group.licence or "?", held=held
        )
        lines.append(Detail(label=group.profile or _("no profile shown"), text=text))
    return tuple(lines)


SALESFORCE_CTI_PROFILES = Check(
    name="salesforce.cti_profiles",
    title=N_("CTI users' profiles"),
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=CtiLimits,
    judge=judge,
    asks_until_signed_in=True,
)
