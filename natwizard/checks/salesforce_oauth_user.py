"""salesforce.oauth_user: may the account that the service uses do what the service needs?

Sources: "Technical Prerequisites" asks for a System Administrator with View All Custom Settings and
API Enabled, and says that nothing can be queried once the account is deactivated. "Reauthorizing
your data connector with Natterbox" allows less where no administrator is given, and names it:
`LEAST`, the two audit permissions where wrap-up is used, and two permission sets.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.salesforce_parts import ADMINISTRATOR, part, reading, shown
from natwizard.checks.verdict import VerdictTable, failed, passed, warned
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import Account
from natwizard.probes.salesforce.org import SALESFORCE

# permissions carry the names that Setup shows in English, where they are searched for
API_ENABLED = "API Enabled"
VIEW_SETTINGS = "View All Custom Settings"
CUSTOMIZE = "Customize Application"
MODIFY_ALL = "Modify All Data"
AUDIT_FIELDS = "Set Audit Fields upon Record Creation"
INACTIVE_OWNERS = "Update Records with Inactive Owners"
LEAST: Final = (API_ENABLED, VIEW_SETTINGS, CUSTOMIZE, MODIFY_ALL)

# by the beginning of their API names (NBVC_Administrator_PermissionSet), without "_"
PERMISSION_SETS: Final[Mapping[str, str]] = {
    "nbvcadministrator": "NBVC Administrator",
    "nbvcbasicuser": "NBVC BasicUser",
}

GIVE = N_("Give the connected account: {missing}.")


class AccountState(VerdictTable):
    """What the connected account may do."""

    ADMINISTERS = passed(N_("The connected account may do all that is needed."))
    HAS_THE_LEAST = passed(N_("The connected account may do the least that is needed."))
    LACKS_THE_REST = warned(
        N_("The connected account may lack something that calls need."), GIVE, owner=ADMINISTRATOR
    )
    """What the vendor names too, but only some need, or may hold under another name."""
    LACKS_PERMISSIONS = failed(
        N_("The connected account may not do enough."), GIVE, owner=ADMINISTRATOR
    )
    FROZEN = failed(
        N_("The connected account is frozen."),
        N_("In Setup, Users, unfreeze {account}: the service cannot ask Salesforce without it."),
        owner=ADMINISTRATOR,
    )
    DEACTIVATED = failed(
        N_("The connected account is deactivated."),
        N_("In Setup, Users, activate {account}: the service cannot ask Salesforce without it."),
        owner=ADMINISTRATOR,
    )


class MissingRights(Struct, frozen=True, kw_only=True):
    """What an account lacks, in Setup's words.

    Attributes:
        required: without these nothing works, administrator or not.
        of_least: what stands between it and the vendor's least; nothing for an administrator.
        perhaps: what only some need, or what may be there under another name.
    """

    required: tuple[str, ...] = ()
    of_least: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Everything, as it should be given."""
        return self.required + self.of_least + self.perhaps


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Permissions of profile and permission sets together; the profile's name may be any."""
    account = part(inputs, lambda evidence: evidence.account)
    missing = _missing(account)
    state = _state(account, missing)
    if state is AccountState.LACKS_PERMISSIONS and not missing.required:
        remedy = N_("Give the account the profile System Administrator, or at least: {missing}.")
        verdict = replace(state.verdict, remedy=remedy)
    else:
        verdict = state.verdict
    return verdict.judgement(
        texts={"missing": ", ".join(missing.all), "account": account.user_name},
        observed=_observed(account, state, missing),
        expected=_("an active administrator, or the least permissions"),
        measured=(
            Quantity(name="administrator", value=account.administers, unit=Unit.TEXT),
            Quantity(name="api_enabled", value=account.api_enabled, unit=Unit.TEXT),
            Quantity(
                name="view_all_custom_settings",
                value=account.view_all_custom_settings,
                unit=Unit.TEXT,
            ),
        ),
        details=(
            Detail(label=_("Account"), text=_whose(account)),
            *_notes(missing),
            reading(inputs),
        ),
    )


def _missing(account: Account) -> MissingRights:
    held = {
        API_ENABLED: account.api_enabled,
        VIEW_SETTINGS: account.view_all_custom_settings,
        CUSTOMIZE: account.customize_application,
        MODIFY_ALL: account.modify_all_data,
    }
    lacking = tuple(name for name in LEAST if not held[name])
    required = tuple(name for name in lacking if name in (API_ENABLED, VIEW_SETTINGS))
    if account.administers:
        return MissingRights(required=required)
    audit = (
        (AUDIT_FIELDS, account.create_audit_fields),
        (INACTIVE_OWNERS, account.update_with_inactive_owners),
    )
    sets = tuple(
        title
        for beginning, title in PERMISSION_SETS.items()
        if account.permission_sets is not None
        and not any(_plain(name).startswith(beginning) for name in account.permission_sets)
    )
    return MissingRights(
        required=required,
        of_least=tuple(name for name in lacking if name not in required),
        perhaps=(*(name for name, granted in audit if not granted), *sets),
    )


def _plain(name: str) -> str:
    return name.replace("_", "").replace(" ", "").casefold()


def _state(account: Account, missing: MissingRights) -> AccountState:
    if account.is_active is False:
        return AccountState.DEACTIVATED
    if account.is_frozen:
        return AccountState.FROZEN
    if missing.required or missing.of_least:
        return AccountState.LACKS_PERMISSIONS
    if account.is_active is not None:  # a frozen account that was not seen would be a guess
        shown(account.is_frozen, "UserLogin.IsFrozen")
    if missing.perhaps:
        return AccountState.LACKS_THE_REST
    return AccountState.ADMINISTERS if account.administers else AccountState.HAS_THE_LEAST


def _observed(account: Account, state: AccountState, missing: MissingRights) -> str:
    profile = account.profile or _("no profile shown")
    if state is AccountState.DEACTIVATED:
        return _("{profile}, deactivated").format(profile=profile)
    if state is AccountState.FROZEN:
        return _("{profile}, frozen").format(profile=profile)
    if missing.all:
        return _("{profile}, without {permissions}").format(
            profile=profile, permissions=", ".join(missing.all)
        )
    return profile


def _notes(missing: MissingRights) -> tuple[Detail, ...]:
    notes = []
    if {AUDIT_FIELDS, INACTIVE_OWNERS} & set(missing.perhaps):
        notes.append(
            _("The audit permissions are for wrap-up; Setup, User Interface, switches them on.")
        )
    if set(PERMISSION_SETS.values()) & set(missing.perhaps):
        notes.append(_("A copy or a group of the permission sets may have another name."))
    return tuple(Detail(label=_("Please note"), text=text) for text in notes)


def _whose(account: Account) -> str:
    if account.signed_in:
        return _("{user}, who signed in (targets.salesforce_user names no other)").format(
            user=account.user_name
        )
    return _("{user}, as the profile names it").format(user=account.user_name)


SALESFORCE_OAUTH_USER = Check(
    name="salesforce.oauth_user",
    meaning=N_(
        "One account connects the service with your org. If it lacks rights, or somebody "
        "switches it off, data can no longer be read."
    ),
    title=N_("Connected account"),
    term="Connected account",
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=NoLimits,
    judge=judge,
    asks_until_signed_in=True,
)
