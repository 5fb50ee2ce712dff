"""Assignments of permission sets that are in force.

Source: PermissionSetAssignment in the Object Reference: ExpirationDate (API version 52.0 and later)
ends an assignment, and the row may outlive it.
"""

from datetime import UTC, datetime

from natwizard.probes.failures import BadAnswer


def in_force(expires: str | None) -> bool:
    """Whether an assignment still counts; most never expire. Raises BadAnswer.

    Salesforce writes a dateTime as 2026-11-25T10:00:00.000+0000.
    """
    if expires is None:
        return True
    try:
        return datetime.strptime(expires, "%Y-%m-%dT%H:%M:%S.%f%z") > datetime.now(UTC)
    except ValueError as error:
        raise BadAnswer(f"no time: {expires[:40]!r}") from error
