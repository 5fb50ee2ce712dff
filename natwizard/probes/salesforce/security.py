"""Security settings of an org.

Source: "SecuritySettings" in the Metadata API Developer Guide: `sessionSettings` (sessionTimeout,
forceLogoutOnSessionTimeout, lockSessionsToIp, enforceIpRangesEveryRequest,
enableClickjackNonsetupUser: customer Visualforce pages with standard headers,
enableClickjackNonsetupUserHeaderless: those without) and `networkAccess` (ipRanges: start, end).
The one component is called "Security", after its file.
"""

from natwizard.probes.salesforce.client import OrgClient
from natwizard.probes.salesforce.evidence import AddressRange, SecurityFacts
from natwizard.probes.salesforce.metadata import Element, flag_of, read_metadata, text_of

RANGES_AT_MOST = 500


async def read_security(client: OrgClient) -> SecurityFacts:
    """One API call."""
    found = await read_metadata(client, "SecuritySettings", "Security")
    session = "sessionSettings"
    return SecurityFacts(
        session_timeout=text_of(found, f"{session}/sessionTimeout"),
        force_logout=flag_of(found, f"{session}/forceLogoutOnSessionTimeout"),
        locked_to_ip=flag_of(found, f"{session}/lockSessionsToIp"),
        clickjack_with_headers=flag_of(found, f"{session}/enableClickjackNonsetupUser"),
        clickjack_headerless=flag_of(found, f"{session}/enableClickjackNonsetupUserHeaderless"),
        ranges_every_request=flag_of(found, f"{session}/enforceIpRangesEveryRequest"),
        trusted=_trusted(found),
    )


def _trusted(found: Element) -> tuple[AddressRange, ...]:
    entries = found.findall("{*}networkAccess/{*}ipRanges")[:RANGES_AT_MOST]
    return tuple(
        AddressRange(start=text_of(entry, "start") or "", end=text_of(entry, "end") or "")
        for entry in entries
    )
