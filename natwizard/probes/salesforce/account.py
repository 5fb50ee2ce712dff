"""The account that the service uses: its profile, and what profile and permission sets allow.

Sources: "List Available REST Resources" in the REST API Developer Guide (`identity`, whose last
part is the user's ID); User, Profile, PermissionSet and PermissionSetAssignment in the Object
Reference. A profile owns a permission set of its own (API version 25.0 and later), so the
assignments hold what comes from the profile too. Sets that wait for a session's activation
(HasActivationRequired) do not count. Fields of permissions carry the API name of the permission:
PermissionsViewAllCustomSettings is "View All Custom Settings". Reading assignments needs View Setup
and Configuration.
"""

import re

from msgspec import Struct

from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import BadAnswer
from natwizard.probes.https.client import web_failure
from natwizard.probes.salesforce.assignments import in_force
from natwizard.probes.salesforce.client import OrgClient
from natwizard.probes.salesforce.evidence import Account
from natwizard.probes.salesforce.query import DATA, QueryPage, query, quoted

USER_ID = re.compile(r"005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")


class _Resources(Struct, frozen=True):
    identity: str


class _Profile(Struct, frozen=True, rename="pascal"):
    name: str


class _User(Struct, frozen=True, rename="pascal"):
    id: str
    username: str
    profile_id: str
    profile: _Profile | None = None


class _Permissions(
    Struct,
    frozen=True,
    rename={
        "api_enabled": "PermissionsApiEnabled",
        "view_all_custom_settings": "PermissionsViewAllCustomSettings",
        "modify_all_data": "PermissionsModifyAllData",
        "manage_users": "PermissionsManageUsers",
        "customize_application": "PermissionsCustomizeApplication",
    },
):
    api_enabled: bool
    view_all_custom_settings: bool
    modify_all_data: bool
    manage_users: bool
    customize_application: bool


class _Assignment(Struct, frozen=True, rename="pascal"):
    permission_set: _Permissions
    expiration_date: str | None = None


PERMISSIONS = (
    "PermissionsApiEnabled",
    "PermissionsViewAllCustomSettings",
    "PermissionsModifyAllData",
    "PermissionsManageUsers",
    "PermissionsCustomizeApplication",
)


async def read_account(client: OrgClient, user_name: str) -> Account:
    """Two API calls for a named user, three for whoever signed in (empty `user_name`)."""
    user = await _find(client, user_name)
    fields = ", ".join(f"PermissionSet.{name}" for name in PERMISSIONS)
    assigned = await query(
        client,
        f"SELECT ExpirationDate, {fields} FROM PermissionSetAssignment"
        f" WHERE AssigneeId = {quoted(user.id)} AND PermissionSet.HasActivationRequired = false",
        QueryPage[_Assignment],
    )
    held = [each.permission_set for each in assigned if in_force(each.expiration_date)]
    return Account(
        user_name=user.username,
        signed_in=not user_name,
        profile=user.profile.name if user.profile else "",
        profile_id=user.profile_id,
        api_enabled=any(each.api_enabled for each in held),
        view_all_custom_settings=any(each.view_all_custom_settings for each in held),
        modify_all_data=any(each.modify_all_data for each in held),
        manage_users=any(each.manage_users for each in held),
        customize_application=any(each.customize_application for each in held),
    )


async def _find(client: OrgClient, user_name: str) -> _User:
    which = f"Username = {quoted(user_name)}" if user_name else f"Id = '{await _own_id(client)}'"
    found = await query(
        client,
        f"SELECT Id, Username, ProfileId, Profile.Name FROM User WHERE {which}",
        QueryPage[_User],
    )
    if not found:
        detail = "targets.salesforce_user" if user_name else "the signed-in user"
        raise web_failure(FailureCode.ACCESS_DENIED, "find_user", f"{detail} was not found")
    return found[0]


async def _own_id(client: OrgClient) -> str:
    identity = (await client.read(f"{DATA}/", _Resources)).identity
    user = identity.rstrip("/").rpartition("/")[2]
    if not USER_ID.fullmatch(user):
        raise BadAnswer("the identity of the signed-in user names no user")
    return user
