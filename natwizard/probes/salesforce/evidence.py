"""What a Salesforce org says of itself, as values. Each part may fail by itself."""

from msgspec import Struct

from natwizard.model.outcome import Attempt
from natwizard.model.privacy import (
    AddressRangeEnd,
    OrgAddress,
    PersonalName,
    PublicText,
    QuotingText,
)


class OrgAllowance(Struct, frozen=True, kw_only=True):
    """What an org may use, and how much of it is left."""

    most: int
    left: int


class OrgFacts(Struct, frozen=True, kw_only=True):
    """`edition` as Salesforce writes it ("Enterprise Edition")."""

    edition: PublicText
    sandbox: bool


class OrgLimits(Struct, frozen=True, kw_only=True):
    """Limits of the org; None where the signed-in user is not shown one.

    Attributes:
        daily_requests: API requests in 24 hours.
        data_storage_mb: data storage in MB.
    """

    daily_requests: OrgAllowance | None
    data_storage_mb: OrgAllowance | None


class Account(Struct, frozen=True, kw_only=True):
    """The account that the service uses; by profile and permission sets together.

    Attributes:
        signed_in: whether it is the one that signed in, and not one that the profile names.
        is_active: False for a deactivated user; None in reports of earlier versions.
        is_frozen: None where it is not shown.
        create_audit_fields, update_with_inactive_owners: None where the org has not switched these
            two permissions on, and for an administrator, of whom they are not asked.
        permission_sets: API names of those assigned, without the profile's own; None in reports of
            earlier versions.
    """

    user_name: PersonalName
    signed_in: bool
    profile: QuotingText
    profile_id: PublicText
    api_enabled: bool
    view_all_custom_settings: bool
    modify_all_data: bool
    manage_users: bool
    customize_application: bool
    is_active: bool | None = None
    is_frozen: bool | None = None
    create_audit_fields: bool | None = None
    update_with_inactive_owners: bool | None = None
    permission_sets: tuple[QuotingText, ...] | None = None

    @property
    def administers(self) -> bool:
        """What makes an administrator, whatever the profile is called in the org's language."""
        return self.modify_all_data and self.manage_users and self.customize_application


class CtiUser(Struct, frozen=True, kw_only=True):
    """Somebody who takes calls."""

    user_name: PersonalName


class CtiGroup(Struct, frozen=True, kw_only=True):
    """People who take calls and are alike in all that matters.

    Attributes:
        licence: LicenseDefinitionKey of their user licence ("SFDC" is the full one).
        some: the first few of them.
    """

    profile: QuotingText
    profile_id: PublicText
    licence: PublicText
    view_all_custom_settings: bool
    api_enabled: bool
    users: int
    some: tuple[CtiUser, ...] = ()


class CtiUsers(Struct, frozen=True, kw_only=True):
    """Everybody who takes calls, in groups.

    Attributes:
        named: whether the profile names them; else they are those in a call center.
        not_found: names of the profile that no active user has.
    """

    groups: tuple[CtiGroup, ...]
    named: bool = False
    not_found: tuple[CtiUser, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(group.users for group in self.groups)


class AddressRange(Struct, frozen=True, kw_only=True):
    """First and last address, both included."""

    start: AddressRangeEnd
    end: AddressRangeEnd


class ProfileSession(Struct, frozen=True, kw_only=True):
    """Session settings of one profile, which take the place of the org's for its people.

    Attributes:
        profile: its name in the Metadata API: "admin" for System Administrator.
        timeout_min: minutes; None where it has none of its own.
        force_logout: the same.
    """

    profile: QuotingText
    timeout_min: int | None = None
    force_logout: bool | None = None


class SecurityFacts(Struct, frozen=True, kw_only=True):
    """Security settings of the org; None where Salesforce does not tell.

    Attributes:
        session_timeout: "EightHours" and the like.
        clickjack_with_headers, clickjack_headerless: protection of the customer's own Visualforce
            pages, with standard headers and without.
        ranges_every_request: login ranges are enforced at every request, not only at sign-in.
        trusted: ranges from which people sign in without a code ("Network Access" in Setup).
        profiles: those with session settings of their own; None where they are not shown.
    """

    session_timeout: PublicText | None
    force_logout: bool | None
    locked_to_ip: bool | None
    clickjack_with_headers: bool | None
    clickjack_headerless: bool | None
    ranges_every_request: bool | None
    trusted: tuple[AddressRange, ...] = ()
    profiles: tuple[ProfileSession, ...] | None = None


class ProfileRanges(Struct, frozen=True, kw_only=True):
    """From where people with a profile may sign in at all; empty means from anywhere."""

    profile: QuotingText
    ranges: tuple[AddressRange, ...] = ()


class LoginRanges(Struct, frozen=True, kw_only=True):
    """Login ranges of the profiles that matter here.

    Attributes:
        left_out: profiles not read, because there were too many.
    """

    profiles: tuple[ProfileRanges, ...]
    left_out: int = 0


class SalesforceEvidence(Struct, frozen=True, kw_only=True):
    """One reading of one org.

    Attributes:
        host: where the org answers.
        calls_used: API calls that this reading took of the org's daily allowance.
    """

    host: OrgAddress
    org: Attempt[OrgFacts]
    limits: Attempt[OrgLimits]
    account: Attempt[Account]
    cti_users: Attempt[CtiUsers]
    security: Attempt[SecurityFacts]
    login_ranges: Attempt[LoginRanges]
    calls_used: int
