"""Reads a Salesforce org once, for everything that the checks want to know of it."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar
from xml.sax.saxutils import escape

import msgspec
from msgspec import Struct

from natwizard.model.language import N_, _
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.report import ProbeRecord
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.https.client import web_failure
from natwizard.probes.salesforce.account import read_account
from natwizard.probes.salesforce.budget import CallBudget
from natwizard.probes.salesforce.client import OrgClient, Timeouts
from natwizard.probes.salesforce.cti_users import read_cti_users
from natwizard.probes.salesforce.evidence import (
    Account,
    AddressRange,
    CtiUsers,
    LoginRanges,
    OrgAllowance,
    OrgFacts,
    OrgLimits,
    ProfileRanges,
    ProfileSession,
    SalesforceEvidence,
    SecurityFacts,
)
from natwizard.probes.salesforce.hosts import login_address
from natwizard.probes.salesforce.query import DATA, VERSION, QueryPage, query, quoted
from natwizard.probes.salesforce.refusals import fault

# One API call each: the connected account's and the largest groups come first
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


PATH = f"/services/Soap/m/{VERSION}"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
METADATA = "http://soap.sforce.com/2006/04/metadata"

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<env:Envelope xmlns:env="{soap}" xmlns:met="{metadata}">'
    "<env:Header><met:SessionHeader><met:sessionId>{session}</met:sessionId></met:SessionHeader>"
    "</env:Header><env:Body>{body}</env:Body></env:Envelope>"
)
READ = "<met:readMetadata><met:type>{kind}</met:type>{names}</met:readMetadata>"
FULL_NAME = "<met:fullNames>{name}</met:fullNames>"
LIST = (
    "<met:listMetadata><met:queries><met:type>{kind}</met:type></met:queries>"
    f"<met:asOfVersion>{VERSION}</met:asOfVersion></met:listMetadata>"
)

Element = ET.Element


async def read_metadata(client: OrgClient, kind: str, *names: str) -> list[Element]:
    """Components by name: their `records` elements. One call. Raises CannotGather, BadAnswer."""
    full_names = "".join(FULL_NAME.format(name=escape(name)) for name in names)
    root = await _ask_metadata(client, READ.format(kind=escape(kind), names=full_names))
    records = root.findall(
        f".//{{{METADATA}}}readMetadataResponse/{{{METADATA}}}result/{{*}}records"
    )
    if not records:
        raise BadAnswer(f"no {kind} in the answer")
    return records


async def list_metadata(client: OrgClient, kind: str) -> tuple[str, ...]:
    """Names of all components of a kind. One call. Raises CannotGather, BadAnswer."""
    root = await _ask_metadata(client, LIST.format(kind=escape(kind)))
    response = root.find(f".//{{{METADATA}}}listMetadataResponse")
    if response is None:
        raise BadAnswer(f"no list of {kind} in the answer")
    names = (text_of(each, "fullName") for each in response.findall("{*}result"))
    return tuple(filter(None, names))


async def _ask_metadata(client: OrgClient, body: str) -> Element:
    envelope = ENVELOPE.format(
        soap=SOAP,
        metadata=METADATA,
        session=escape(client.session.as_session_id()),
        body=body,
    )
    root = parse(await client.post_xml(PATH, envelope.encode(), '""'))
    failed = root.find(f".//{{{SOAP}}}Fault")
    if failed is not None:
        code, detail = fault(failed.findtext("faultcode", ""), failed.findtext("faultstring", ""))
        raise web_failure(code, "read_metadata", detail)
    return root


def parse(body: bytes) -> Element:
    """XML without declarations of its own: those could swell a small answer into a huge one."""
    try:
        text = body.decode("utf-8")
        if "<!" in text.replace("<![CDATA[", ""):
            raise BadAnswer("XML with declarations")
        return ET.fromstring(text)  # noqa: S314 - see above
    except (UnicodeDecodeError, ET.ParseError) as error:
        raise BadAnswer(f"not XML: {error}") from error


def text_of(element: Element, path: str) -> str | None:
    """The text of "sessionSettings/sessionTimeout"; None where it is not there."""
    found = element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return None if found is None else (found.text or "").strip()


def flag_of(element: Element, path: str) -> bool | None:
    """The same as a truth value."""
    return {"true": True, "false": False}.get(text_of(element, path) or "")


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
        client, "SELECT OrganizationType, IsSandbox FROM Organization", QueryPage[_Organization]
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


def _allowance(limit: _Limit | None) -> OrgAllowance | None:
    return None if limit is None else OrgAllowance(most=limit.max, left=limit.remaining)


# What an administrator listed may be long; a report keeps some
RANGES_AT_MOST = 500
PROFILE_SESSIONS = "ProfileSessionSetting"
NAMES_A_CALL = 10
"""readMetadata takes no more. Source: "readMetadata()" in the Metadata API Developer Guide."""
# Three API calls (NAMES_A_CALL) of the 40 that a reading may take
PROFILE_SESSIONS_AT_MOST = 30


async def read_security(client: OrgClient) -> SecurityFacts:
    """Two API calls, and one for each ten profiles with session settings of their own."""
    found, *_others = await read_metadata(client, "SecuritySettings", "Security")
    session = "sessionSettings"
    return SecurityFacts(
        session_timeout=text_of(found, f"{session}/sessionTimeout"),
        force_logout=flag_of(found, f"{session}/forceLogoutOnSessionTimeout"),
        locked_to_ip=flag_of(found, f"{session}/lockSessionsToIp"),
        clickjack_with_headers=flag_of(found, f"{session}/enableClickjackNonsetupUser"),
        clickjack_headerless=flag_of(found, f"{session}/enableClickjackNonsetupUserHeaderless"),
        ranges_every_request=flag_of(found, f"{session}/enforceIpRangesEveryRequest"),
        trusted=_trusted(found),
        profiles=await _profile_sessions(client),
    )


async def _profile_sessions(client: OrgClient) -> tuple[ProfileSession, ...] | None:
    """Without them the org's own settings still say something: what is in the way ends nothing.

    Source: "ProfileSessionSetting" in the Metadata API Developer Guide (API version 40.0, later).
    """
    try:
        names = (await list_metadata(client, PROFILE_SESSIONS))[:PROFILE_SESSIONS_AT_MOST]
        found = [
            record
            for start in range(0, len(names), NAMES_A_CALL)
            for record in await read_metadata(
                client, PROFILE_SESSIONS, *names[start : start + NAMES_A_CALL]
            )
        ]
    except (CannotGather, OSError, BadAnswer):
        return None
    return tuple(
        ProfileSession(
            profile=text_of(record, "profile") or "",
            timeout_min=_minutes(text_of(record, "sessionTimeout")),
            force_logout=flag_of(record, "forceLogout"),
        )
        for record in found
    )


def _minutes(text: str | None) -> int | None:
    """0 stands for the org's own timeout."""
    return int(text) or None if text and text.isascii() and text.isdigit() else None


def _trusted(found: Element) -> tuple[AddressRange, ...]:
    entries = found.findall("{*}networkAccess/{*}ipRanges")[:RANGES_AT_MOST]
    return tuple(
        AddressRange(start=text_of(entry, "start") or "", end=text_of(entry, "end") or "")
        for entry in entries
    )


# For the progress: the calls of `part` in `read_everything`
PARTS = 6
T = TypeVar("T")


async def gather(context: ProbeContext) -> SalesforceEvidence:
    """Read the org that somebody signed in to."""
    return await read_everything(context, Timeouts())


async def read_everything(context: ProbeContext, timeouts: Timeouts) -> SalesforceEvidence:
    """Part after part on one connection; what goes wrong with one part stays with it."""
    if context.salesforce is None:
        raise CannotGather(Failure(code=FailureCode.NOT_SIGNED_IN, operation="read_salesforce"))
    targets = context.targets
    async with OrgClient(
        context=context,
        session=context.salesforce,
        login=login_address(targets),
        budget=CallBudget(),
        timeouts=timeouts,
    ) as client:
        reading = _Reading(context, client)
        org = await reading.part("read_org", lambda: read_org(client))
        limits = await reading.part("read_limits", lambda: read_limits(client))
        account = await reading.part(
            "read_account", lambda: read_account(client, targets.salesforce_user)
        )
        people = await reading.part(
            "read_cti_users", lambda: read_cti_users(client, targets.salesforce_cti_users)
        )
        security = await reading.part("read_security_settings", lambda: read_security(client))
        ranges = await reading.part(
            "read_login_ranges",
            lambda: _ranges(client, account.failure, profiles_of(account.value, people.value)),
        )
        return SalesforceEvidence(
            host=client.org.host,
            org=org,
            limits=limits,
            account=account,
            cti_users=people,
            security=security,
            login_ranges=ranges,
            calls_used=client.budget.spent,
        )


async def _ranges(
    client: OrgClient, missing: Failure | None, profiles: tuple[str, ...]
) -> LoginRanges:
    """Without the connected account's profile there is nothing to say of its login ranges."""
    if missing is not None:
        raise CannotGather(missing)
    return await read_login_ranges(client, profiles)


class _Part(Struct, frozen=True):
    failure: Failure | None = None


class _Gist(Struct, frozen=True):
    """What a window or a terminal tells of a reading, beside the findings."""

    calls_used: int
    org: _Part


class _Reading:
    """The parts of one reading: progress, and one deadline over all of them."""

    def __init__(self, context: ProbeContext, client: OrgClient) -> None:
        self._context, self._client = context, client
        self._done = 0
        self._until = asyncio.get_running_loop().time() + client.timeouts.total_s

    async def part(self, operation: str, work: Callable[[], Awaitable[T]]) -> Attempt[T]:
        async def in_time() -> T:
            async with asyncio.timeout_at(self._until):
                await asyncio.sleep(0)  # where time is up already, no call is spent any more
                return await work()

        attempt = await self._context.attempt(operation, self._client.org.host, in_time)
        self._done += 1
        text = _("Reading your Salesforce org ({calls} API calls so far)")
        self._context.progress(self._done / PARTS, text.format(calls=self._client.budget.spent))
        return attempt


SALESFORCE = Probe(
    name="salesforce",
    title=N_("Reading your Salesforce org"),
    evidence=SalesforceEvidence,
    phase=Phase.REACHABILITY,
    typical_s=4.0,
    # above Timeouts.total_s, so that parts which were read are kept
    deadline_s=30.0,
    stands_alone=True,
    gather=gather,
)


def calls_used(outcomes: Iterable[ProbeRecord]) -> int | None:
    """API calls that a saved or fresh report's reading took; None where nothing was read."""
    reading = _gist(outcomes)
    return None if reading is None else reading.calls_used


def session_expired(outcomes: Iterable[ProbeRecord]) -> bool:
    """Whether Salesforce did not know the session any more."""
    reading = _gist(outcomes)
    failure = None if reading is None else reading.org.failure
    return failure is not None and failure.code is FailureCode.SESSION_EXPIRED


def _gist(outcomes: Iterable[ProbeRecord]) -> _Gist | None:
    for record in outcomes:
        if record.probe == SALESFORCE.name and record.failure is None:
            return msgspec.json.decode(record.evidence, type=_Gist)
    return None
