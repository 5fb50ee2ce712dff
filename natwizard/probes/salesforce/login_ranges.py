"""From where people may sign in at all, profile by profile.

Sources: Profile in the Tooling API Reference (its Metadata field, which holds the profile as the
Metadata API knows it: loginIpRanges with startAddress and endAddress; one record at a time, and
View Setup and Configuration is needed).
"""

from collections.abc import Iterable

from msgspec import Struct

from natwizard.model.outcome import FailureCode
from natwizard.probes.salesforce.client import OrgClient
from natwizard.probes.salesforce.evidence import (
    Account,
    AddressRange,
    CtiUsers,
    LoginRanges,
    ProfileRanges,
)
from natwizard.probes.salesforce.query import DATA, quoted
from natwizard.probes.secure_web import web_failure

PROFILES_AT_MOST = 10
TOOLING = f"{DATA}/tooling"


class _Range(Struct, frozen=True, rename="camel"):
    start_address: str
    end_address: str


class _Metadata(Struct, frozen=True, rename="camel"):
    login_ip_ranges: tuple[_Range, ...] | None = None


class _Profile(Struct, frozen=True, rename="pascal"):
    name: str
    metadata: _Metadata | None = None


def profiles_of(account: Account | None, people: CtiUsers | None) -> tuple[str, ...]:
    """IDs of the profiles that matter: the connected account's first, then the largest groups."""
    groups = sorted(people.groups if people else (), key=lambda group: -group.users)
    wanted = [account.profile_id] if account else []
    return tuple(dict.fromkeys(filter(None, (*wanted, *(group.profile_id for group in groups)))))


async def read_login_ranges(client: OrgClient, profiles: Iterable[str]) -> LoginRanges:
    """One API call for each profile; at most PROFILES_AT_MOST."""
    wanted = tuple(profiles)
    return LoginRanges(
        profiles=tuple([await _read(client, each) for each in wanted[:PROFILES_AT_MOST]]),
        left_out=max(0, len(wanted) - PROFILES_AT_MOST),
    )


async def _read(client: OrgClient, profile: str) -> ProfileRanges:
    found = await client.read(f"{TOOLING}/sobjects/Profile/{quoted(profile)[1:-1]}", _Profile)
    if found.metadata is None:
        raise web_failure(FailureCode.ACCESS_DENIED, "read_profile", "Metadata is not shown")
    return ProfileRanges(
        profile=found.name,
        ranges=tuple(
            AddressRange(start=each.start_address, end=each.end_address)
            for each in found.metadata.login_ip_ranges or ()
        ),
    )
