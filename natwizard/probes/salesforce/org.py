"""Edition and limits of an org.

Sources: Organization in the Object Reference (OrganizationType, IsSandbox); "Limits" in the REST
API Developer Guide (DailyApiRequests; needs View Setup and Configuration. DataStorageMB needs
Manage Users too, and is left out otherwise).
"""

from msgspec import Struct

from natwizard.probes.failures import BadAnswer
from natwizard.probes.salesforce.client import OrgClient
from natwizard.probes.salesforce.evidence import Allowance, OrgFacts, OrgLimits
from natwizard.probes.salesforce.query import DATA, Page, query


class _Organization(Struct, frozen=True, rename="pascal"):
    organization_type: str
    is_sandbox: bool


class _Limit(Struct, frozen=True, rename="pascal"):
    max: int
    remaining: int


class _LimitsAnswer(
    Struct, frozen=True, rename={"daily": "DailyApiRequests", "storage": "DataStorageMB"}
):
    daily: _Limit | None = None
    storage: _Limit | None = None


async def read_org(client: OrgClient) -> OrgFacts:
    """One API call."""
    records = await query(
        client, "SELECT OrganizationType, IsSandbox FROM Organization", Page[_Organization]
    )
    if not records:
        raise BadAnswer("no Organization record")
    return OrgFacts(edition=records[0].organization_type, sandbox=records[0].is_sandbox)


async def read_limits(client: OrgClient) -> OrgLimits:
    """One API call."""
    found = await client.read(f"{DATA}/limits", _LimitsAnswer)
    return OrgLimits(
        daily_requests=_allowance(found.daily), data_storage_mb=_allowance(found.storage)
    )


def _allowance(limit: _Limit | None) -> Allowance | None:
    return None if limit is None else Allowance(most=limit.max, left=limit.remaining)
