"""The account that the service uses: its profile, and what profile and permission sets allow.

Sources: "List Available REST Resources" in the REST API Developer Guide (`identity`, whose last
part is the user's ID); User, Profile, PermissionSet and PermissionSetAssignment in the Object
Reference. A profile owns a permission set of its own (API version 25.0 and later), so the
assignments hold what comes from the profile too. Sets that wait for a session's activation
(HasActivationRequired) do not count. Fields of permissions carry the API name of the permission:
PermissionsViewAllCustomSettings is "View All Custom Settings". Reading assignments needs View Setup
and Configuration; UserLogin (IsFrozen) needs Manage Users. PermissionsCreateAuditFields ("Set Audit
Fields upon Record Creation") and PermissionsUpdateWithInactiveOwners exist only in orgs that
switched them on.
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.https.client import web_failure
from natwizard.probes.salesforce.assignments import (
    OWN_FIELDS,
    Assignment,
    OwnedByProfile,
    in_force,
)
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
    is_active: bool = True


class _Login(Struct, frozen=True, rename="pascal"):
    is_frozen: bool


class _Permissions(
    OwnedByProfile,
    frozen=True,
    kw_only=True,
    rename={
        "name": "Name",
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
    name: str = ""


class _Assignment(Assignment, frozen=True, rename="pascal"):
    permission_set: _Permissions


class _AuditPermissions(
    OwnedByProfile,
    frozen=True,
    kw_only=True,
    rename={
        "create_audit_fields": "PermissionsCreateAuditFields",
        "update_with_inactive_owners": "PermissionsUpdateWithInactiveOwners",
    },
):
    create_audit_fields: bool
    update_with_inactive_owners: bool


class _AuditAssignment(Assignment, frozen=True, rename="pascal"):
    permission_set: _AuditPermissions


PERMISSIONS = (
    "PermissionsApiEnabled",
    "PermissionsViewAllCustomSettings",
    "PermissionsModifyAllData",
    "PermissionsManageUsers",
    "PermissionsCustomizeApplication",
)
AUDIT_PERMISSIONS = ("PermissionsCreateAuditFields", "PermissionsUpdateWithInactiveOwners")
# Names are kept in the report; an org may have thousands
PERMISSION_SETS_AT_MOST = 200


async def read_account(client: OrgClient, user_name: str) -> Account:
    """Three API calls; one more for an account that is no administrator's."""
    user = await _find(client, user_name)
    held = [
        each.permission_set
        for each in in_force(
            await query(client, _assigned(user, PERMISSIONS), QueryPage[_Assignment]), client
        )
    ]
    account = Account(
        user_name=user.username,
        signed_in=not user_name,
        profile=user.profile.name if user.profile else "",
        profile_id=user.profile_id,
        api_enabled=any(each.api_enabled for each in held),
        view_all_custom_settings=any(each.view_all_custom_settings for each in held),
        modify_all_data=any(each.modify_all_data for each in held),
        manage_users=any(each.manage_users for each in held),
        customize_application=any(each.customize_application for each in held),
        is_active=user.is_active,
        # whoever signed in is not frozen: that bars the sign-in
        is_frozen=await _is_frozen(client, user) if user_name else False,
        permission_sets=tuple(
            each.name for each in held if each.name and not each.is_owned_by_profile
        )[:PERMISSION_SETS_AT_MOST],
    )
    if account.administers:
        return account
    audit = await _audit_permissions(client, user)
    if not audit:
        return account
    return replace(
        account,
        create_audit_fields=any(each.create_audit_fields for each in audit),
        update_with_inactive_owners=any(each.update_with_inactive_owners for each in audit),
    )


def _assigned(user: _User, permissions: tuple[str, ...]) -> str:
    fields = ", ".join(f"PermissionSet.{name}" for name in permissions)
    return (
        f"SELECT {OWN_FIELDS}, PermissionSet.Name, {fields} FROM PermissionSetAssignment"
        f" WHERE AssigneeId = {quoted(user.id)} AND PermissionSet.HasActivationRequired = false"
    )


async def _audit_permissions(client: OrgClient, user: _User) -> list[_AuditPermissions]:
    """Empty in an org without these permissions, which refuses the question."""
    try:
        assigned = await query(
            client, _assigned(user, AUDIT_PERMISSIONS), QueryPage[_AuditAssignment]
        )
    except CannotGather as error:
        if error.failure.code is not FailureCode.ACCESS_DENIED:
            raise
        return []
    return [each.permission_set for each in in_force(assigned, client)]


async def _is_frozen(client: OrgClient, user: _User) -> bool | None:
    """None where the signed-in user may not see it."""
    try:
        logins = await query(
            client,
            f"SELECT IsFrozen FROM UserLogin WHERE UserId = {quoted(user.id)}",
            QueryPage[_Login],
        )
    except CannotGather as error:
        if error.failure.code is not FailureCode.ACCESS_DENIED:
            raise
        return None
    return logins[0].is_frozen if logins else None


async def _find(client: OrgClient, user_name: str) -> _User:
    which = f"Username = {quoted(user_name)}" if user_name else f"Id = '{await _own_id(client)}'"
    found = await query(
        client,
        f"SELECT Id, Username, ProfileId, Profile.Name, IsActive FROM User WHERE {which}",
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
