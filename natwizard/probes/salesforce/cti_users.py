"""The people who take calls: profiles, licences, and whether they may view all custom settings.

Sources: User (CallCenterId is set for whoever is assigned to a call center; "Call Centers and the
API" in the SOAP API Developer Guide), UserLicense (LicenseDefinitionKey), PermissionSetAssignment
in the Object Reference.
"""

from collections.abc import Iterable

from msgspec import Struct

from natwizard.probes.salesforce.assignments import OWN_FIELDS, Assignment, in_force
from natwizard.probes.salesforce.client import OrgClient
from natwizard.probes.salesforce.evidence import CtiGroup, CtiUser, CtiUsers
from natwizard.probes.salesforce.query import QueryPage, query, quoted

NAMED_AT_MOST = 200
"""An address has room for so many; the reader of profiles refuses more."""
# Enough to find the group in Setup
EXAMPLES = 5


class _Licence(Struct, frozen=True, rename="pascal"):
    license_definition_key: str


class _Profile(Struct, frozen=True, rename="pascal"):
    name: str
    user_license: _Licence | None = None


class _User(Struct, frozen=True, rename="pascal"):
    id: str
    username: str
    profile_id: str
    profile: _Profile | None = None


def which_users(names: tuple[str, ...]) -> str:
    """The condition that finds them: the profile's names, or everybody in a call center."""
    if not names:
        return "IsActive = true AND CallCenterId != null"
    listed = ", ".join(quoted(name) for name in names)
    return f"IsActive = true AND Username IN ({listed})"


async def read_cti_users(client: OrgClient, names: tuple[str, ...]) -> CtiUsers:
    """Three API calls, and one for each further page of people."""
    which = which_users(names)
    users = await query(
        client,
        "SELECT Id, Username, ProfileId, Profile.Name, Profile.UserLicense.LicenseDefinitionKey"
        f" FROM User WHERE {which} ORDER BY Username",
        QueryPage[_User],
    )
    viewing, calling = frozenset[str](), frozenset[str]()
    if users:
        viewing = await _holders(client, "PermissionsViewAllCustomSettings", which)
        calling = await _holders(client, "PermissionsApiEnabled", which)
    present = {user.username.lower() for user in users}
    return CtiUsers(
        groups=_groups(users, viewing, calling),
        named=bool(names),
        not_found=tuple(CtiUser(user_name=name) for name in names if name.lower() not in present),
    )


async def _holders(client: OrgClient, permission: str, which: str) -> frozenset[str]:
    """IDs of those among them who hold a permission, by profile or by permission set."""
    found = await query(
        client,
        f"SELECT {OWN_FIELDS} FROM PermissionSetAssignment"
        f" WHERE PermissionSet.{permission} = true"
        " AND PermissionSet.HasActivationRequired = false"
        f" AND AssigneeId IN (SELECT Id FROM User WHERE {which})",
        QueryPage[Assignment],
    )
    return frozenset(each.assignee_id for each in in_force(found, client))


def _groups(
    users: Iterable[_User], viewing: frozenset[str], calling: frozenset[str]
) -> tuple[CtiGroup, ...]:
    alike: dict[tuple[str, str, str, bool, bool], list[CtiUser]] = {}
    for user in users:
        licence = user.profile.user_license if user.profile else None
        key = (
            user.profile.name if user.profile else "",
            user.profile_id,
            licence.license_definition_key if licence else "",
            user.id in viewing,
            user.id in calling,
        )
        alike.setdefault(key, []).append(CtiUser(user_name=user.username))
    return tuple(
        CtiGroup(
            profile=profile,
            profile_id=profile_id,
            licence=licence,
            view_all_custom_settings=views,
            api_enabled=calls,
            users=len(members),
            some=tuple(members[:EXAMPLES]),
        )
        for (profile, profile_id, licence, views, calls), members in alike.items()
    )
