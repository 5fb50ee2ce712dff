"""Assignments of permission sets that are in force.

Source: PermissionSetAssignment in the Object Reference: IsActive and ExpirationDate (API version
52.0 and later), IsRevoked (57.0 and later, and only in orgs with user access policies: naming it
elsewhere ends the query, which is why all of an assignment's own fields are asked for). The row may
outlive what it gives.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import Struct

from natwizard.probes.failures import BadAnswer
from natwizard.probes.salesforce.client import OrgClient

OWN_FIELDS = "FIELDS(STANDARD), PermissionSet.IsOwnedByProfile"
"""What a query of assignments has to select for `in_force`. Source: "FIELDS()" in the SOQL and SOSL
Reference; API version 51.0 and later."""


class OwnedByProfile(Struct, frozen=True, rename="pascal"):
    """The permission set of an assignment; a profile's own cannot be revoked from its people."""

    is_owned_by_profile: bool = False


class Assignment(Struct, frozen=True, rename="pascal"):
    """One row of PermissionSetAssignment, as far as it says whether it is in force."""

    permission_set: OwnedByProfile
    assignee_id: str = ""
    expiration_date: str | None = None
    is_active: bool = True
    is_revoked: bool = False


A = TypeVar("A", bound=Assignment)


def in_force(assignments: Iterable[A], client: OrgClient) -> tuple[A, ...]:
    """Those that count now, by Salesforce's word and clock. Raises BadAnswer."""
    # a reading tells the time with its first answer; without one, this computer's has to do
    now = client.clock or datetime.now(UTC)
    return tuple(each for each in assignments if _counts(each, now))


def _counts(each: Assignment, now: datetime) -> bool:
    """Most never expire. Salesforce writes a dateTime as 2026-11-25T10:00:00.000+0000."""
    if not each.permission_set.is_owned_by_profile and (not each.is_active or each.is_revoked):
        return False
    if each.expiration_date is None:
        return True
    try:
        return datetime.strptime(each.expiration_date, "%Y-%m-%dT%H:%M:%S.%f%z") > now
    except ValueError as error:
        raise BadAnswer(f"no time: {each.expiration_date[:40]!r}") from error
