"""What all rules of a Salesforce org share: one part of the reading, and what the org will use."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
from msgspec import Struct

from natwizard.checks.base import EvidenceMissing, Inputs
from natwizard.checks.shared.number_format import number
from natwizard.model.finding import Detail, Owner
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.plan import API_RATES, STORAGE_RATES
from natwizard.probes.salesforce.evidence import CtiGroup, SalesforceEvidence
from natwizard.probes.salesforce.org import SALESFORCE

NAMED_AT_MOST = 3
ADMINISTRATOR = Owner.SALESFORCE_ADMINISTRATOR
# what settles how many people there will be
SET_USERS = N_(
    "Set users for salesforce.storage in the profile, or assign people to a call center."
)
T = TypeVar("T")


class OrgUseLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the org will have to carry. The defaults are the example of the source page.

    Attributes:
        users: people who take calls; 0 means as many as Salesforce says there are.
        calls_per_user: calls of one person in a day.
        missed_rings_per_user: rings that one person does not take in a day.
        contact_center: whether the org has Contact Center, which stores more.
        changes_per_user: changes of availability of one person in a day. Each is an API call; with
            Contact Center it is stored, too.
        queues: queues of the org; Contact Center only.
        settings_changes: changes of user settings and policies in a day, of the whole org.
        least_days: storage for fewer days than this is a problem.
        good_days: storage for fewer days than this is advice.
    """

    users: int = 0
    # the source page's example: 2,000 calls of 50 people
    calls_per_user: float = 40
    missed_rings_per_user: float = 0
    contact_center: bool = False
    changes_per_user: float = 20
    queues: int = 20
    settings_changes: float = 50
    least_days: float = 30
    good_days: float = 365

    def __post_init__(self) -> None:
        for name, value in msgspec.structs.asdict(self).items():
            if value < 0:
                raise ValueError(f"{name} is {value}, expected 0 or more")


class OrgUse(Struct, frozen=True, kw_only=True):
    """The same for a known number of people."""

    users: int
    calls: float
    api_calls: float
    setup_kb: float
    daily_kb: float


def part(inputs: Inputs, pick: Callable[[SalesforceEvidence], Attempt[T]]) -> T:
    """One part of the reading. Raises EvidenceMissing with the reason why it is not there."""
    attempt = pick(inputs.evidence(SALESFORCE))
    if attempt.failure is not None:
        raise EvidenceMissing(SALESFORCE.name, attempt.failure)
    return shown(attempt.value, attempt.operation)


def shown(value: T | None, what: str) -> T:
    """A value that Salesforce leaves out for people who may not see it. Raises EvidenceMissing."""
    if value is None:
        failure = Failure(code=FailureCode.ACCESS_DENIED, operation="read_salesforce", detail=what)
        raise EvidenceMissing(SALESFORCE.name, failure)
    return value


def expected_use(inputs: Inputs, limits: OrgUseLimits) -> OrgUse | None:
    """What the org will use; None where nobody knows of how many people."""
    people = inputs.evidence(SALESFORCE).cti_users.value
    users = limits.users or (people.count if people else 0)
    if not users:
        return None
    calls = users * limits.calls_per_user
    daily_kb = (
        STORAGE_RATES.calls_kb(calls)
        + STORAGE_RATES.processing_kb(users)
        + STORAGE_RATES.missed_rings_kb(users * limits.missed_rings_per_user)
    )
    if limits.contact_center:
        daily_kb += STORAGE_RATES.changes_kb(users, limits.changes_per_user)
        daily_kb += STORAGE_RATES.queues_kb(limits.queues)
    return OrgUse(
        users=users,
        calls=calls,
        api_calls=API_RATES.calls(
            calls=calls,
            availability_changes=users * limits.changes_per_user,
            settings_changes=limits.settings_changes,
        ),
        setup_kb=STORAGE_RATES.setup_kb(users),
        daily_kb=daily_kb,
    )


def head_count(groups: Iterable[CtiGroup]) -> int:
    """How many people there are in some groups."""
    return sum(group.users for group in groups)


def some_people(groups: Iterable[CtiGroup]) -> str:
    """The first few people, and how many more."""
    groups = tuple(groups)
    names = [user.user_name for group in groups for user in group.some][:NAMED_AT_MOST]
    more = head_count(groups) - len(names)
    listed = ", ".join(names)
    if more <= 0:
        return listed
    return ngettext("{names} and {count} more", "{names} and {count} more", more).format(
        names=listed, count=number(more)
    )


def reading(inputs: Inputs) -> Detail:
    """Which org was read, and at what price."""
    evidence = inputs.evidence(SALESFORCE)
    return Detail(
        label=_("Read from"),
        text=_("{host}, with {calls} API calls").format(
            host=evidence.host, calls=evidence.calls_used
        ),
    )
