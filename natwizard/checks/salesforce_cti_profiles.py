"""salesforce.cti_profiles: do the people who take calls have the licence and the permission?"""

from collections.abc import Iterable

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.number_format import failure_words, number
from natwizard.checks.shared.salesforce_parts import (
    ADMINISTRATOR,
    NAMED_AT_MOST,
    head_count,
    part,
    reading,
    some_people,
)
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import CtiGroup, CtiUsers
from natwizard.probes.salesforce.org import SALESFORCE


class CtiLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Licences by their key (LicenseDefinitionKey).

    Attributes:
        licences: those that count as a full Salesforce licence.
        community_licences: those of an Experience Cloud site ("community"), by a part of their
            key. Source: "Technical Prerequisites": possible with the Communities CTI, which does
            not come out of the box.
    """

    licences: tuple[str, ...] = ("SFDC",)
    community_licences: tuple[str, ...] = ("COMMUNITY", "PORTAL", "PID_CUSTOMER", "PID_PARTNER")


class Sorted(Struct, frozen=True, kw_only=True):
    """Groups with something missing; a group may stand in several.

    Attributes:
        of_community: without a full licence, but with one that the Communities CTI works with.
    """

    without_permission: tuple[CtiGroup, ...]
    without_licence: tuple[CtiGroup, ...]
    of_community: tuple[CtiGroup, ...]


class CtiState(VerdictTable):
    """What people who take calls have."""

    ALL_HAVE_BOTH = passed(N_("Everybody who takes calls has licence and permission."))
    NAMES_UNKNOWN = unknown(
        N_("Some names in the profile belong to no active user."),
        N_("Check these names in targets.salesforce_cti_users: {names}."),
        owner=ADMINISTRATOR,
    )
    COMMUNITY = warned(
        N_("Some people who take calls have a community licence."),
        N_("Ask the vendor for the Communities CTI, or give a full licence to {people}."),
        owner=ADMINISTRATOR,
    )
    NO_PERMISSION = failed(
        N_("Some people who take calls may not read the settings."),
        N_("Give View All Custom Settings to {people}."),
        owner=ADMINISTRATOR,
    )
    NO_LICENCE = failed(
        N_("Some people who take calls have no full licence."),
        N_("Give a full Salesforce licence to {people}."),
        owner=ADMINISTRATOR,
    )
    NOBODY = unknown(
        N_("Salesforce shows nobody who takes calls."),
        N_("Assign people to a call center, or name them in targets.salesforce_cti_users."),
        owner=ADMINISTRATOR,
    )
    TOO_MANY = unknown(
        N_("There are more people than we read."),
        N_("Name some of them in targets.salesforce_cti_users, then run again."),
        owner=ADMINISTRATOR,
    )


def judge(inputs: Inputs, limits: CtiLimits) -> Judgement:
    """Everybody who takes calls needs both; people who do not may have Chatter Free."""
    failure = inputs.evidence(SALESFORCE).cti_users.failure
    if failure is not None and failure.code is FailureCode.TOO_LARGE:
        return CtiState.TOO_MANY.verdict.judgement(
            observed=failure_words(FailureCode.TOO_LARGE),
            expected=_("permission and licence for all"),
            details=(reading(inputs),),
        )
    people = part(inputs, lambda evidence: evidence.cti_users)
    found = _sorted(people, limits)
    state = _state(people, found)
    to_license = found.of_community if state is CtiState.COMMUNITY else found.without_licence
    return state.verdict.judgement(
        texts={
            "people": some_people(to_license)
            if state in {CtiState.NO_LICENCE, CtiState.COMMUNITY}
            else _profiles(found.without_permission),
            "names": ", ".join(each.user_name for each in people.not_found[:NAMED_AT_MOST]),
        },
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
            Quantity(
                name="with_community_licence", value=head_count(found.of_community), unit=Unit.COUNT
            ),
            Quantity(name="not_found", value=len(people.not_found), unit=Unit.COUNT),
        ),
        details=(*_details(people), reading(inputs)),
    )


def _sorted(people: CtiUsers, limits: CtiLimits) -> Sorted:
    other = tuple(group for group in people.groups if group.licence not in limits.licences)
    of_community = tuple(
        group
        for group in other
        if any(part.upper() in group.licence.upper() for part in limits.community_licences)
    )
    return Sorted(
        without_permission=tuple(
            group for group in people.groups if not group.view_all_custom_settings
        ),
        without_licence=tuple(group for group in other if group not in of_community),
        of_community=of_community,
    )


def _state(people: CtiUsers, found: Sorted) -> CtiState:
    if not people.count:
        return CtiState.NOBODY
    if found.without_licence:
        return CtiState.NO_LICENCE
    if found.without_permission:
        return CtiState.NO_PERMISSION
    if found.of_community:
        return CtiState.COMMUNITY
    return CtiState.NAMES_UNKNOWN if people.not_found else CtiState.ALL_HAVE_BOTH


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
    if found.of_community:
        parts.append(
            _("{count} with a community licence").format(
                count=number(head_count(found.of_community))
            )
        )
    if people.not_found:
        count = len(people.not_found)
        text = ngettext("{count} name not found", "{count} names not found", count)
        parts.append(text.format(count=count))
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
    meaning=N_(
        "People who take calls need the right to see the service's settings. Without it the "
        "phone in Salesforce stays empty for them."
    ),
    title=N_("CTI users' profiles"),
    term="CTI",
    page=Page.ADMINISTRATOR,
    method=N_("Profile and permission sets together, as Salesforce's own API tells them"),
    needs=(SALESFORCE,),
    limits=CtiLimits,
    judge=judge,
    asks_until_signed_in=True,
)
