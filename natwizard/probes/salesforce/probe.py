"""Reads a Salesforce org once, for everything that the checks want to know of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import msgspec
from msgspec import Struct

from natwizard.model.language import N_, _
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.report import ProbeRecord
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.failures import CannotGather
from natwizard.probes.salesforce.account import read_account
from natwizard.probes.salesforce.budget import CallBudget
from natwizard.probes.salesforce.client import OrgClient, Patience
from natwizard.probes.salesforce.cti_users import read_cti_users
from natwizard.probes.salesforce.evidence import LoginRanges, SalesforceEvidence
from natwizard.probes.salesforce.hosts import login_address
from natwizard.probes.salesforce.login_ranges import profiles_of, read_login_ranges
from natwizard.probes.salesforce.org import read_limits, read_org
from natwizard.probes.salesforce.security import read_security

PARTS = 6
T = TypeVar("T")


async def gather(context: ProbeContext) -> SalesforceEvidence:
    """Read the org that somebody signed in to."""
    return await read_everything(context, Patience())


async def read_everything(context: ProbeContext, patience: Patience) -> SalesforceEvidence:
    """Part after part on one connection; what goes wrong with one part stays with it."""
    if context.salesforce is None:
        raise CannotGather(Failure(code=FailureCode.NOT_SIGNED_IN, operation="read_salesforce"))
    targets = context.targets
    async with OrgClient(
        context=context,
        session=context.salesforce,
        login=login_address(targets),
        budget=CallBudget(),
        patience=patience,
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
        self._until = asyncio.get_running_loop().time() + client.patience.total_s

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
    deadline_s=30.0,
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
