"""salesforce.oauth_user: may the account that the service uses do what the service needs?

Source: "Technical Prerequisites" asks for a System Administrator with View All Custom Settings and
API Enabled. The vendor's page on re-authorising the data connector names Customize Application as
the least where no administrator is given: such an account works, which is why it is advice.
"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.salesforce_parts import ADMINISTRATOR, part, reading
from natwizard.checks.verdict import VerdictTable, failed, passed, warned
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import Account
from natwizard.probes.salesforce.org import SALESFORCE

NOT_ADMINISTRATOR = N_("The connected account is not an administrator.")
GIVE_PROFILE = N_("Give the account the profile System Administrator, or at least: {least}.")


class AccountState(VerdictTable):
    """What the connected account may do."""

    ADMINISTERS = passed(N_("The connected account may do all that is needed."))
    ONLY_CUSTOMIZES = warned(NOT_ADMINISTRATOR, GIVE_PROFILE, owner=ADMINISTRATOR)
    NO_ADMINISTRATOR = failed(NOT_ADMINISTRATOR, GIVE_PROFILE, owner=ADMINISTRATOR)
    LACKS_PERMISSIONS = failed(
        N_("The connected account may not do enough."),
        N_("Give the connected account: {permissions}."),
        owner=ADMINISTRATOR,
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Permissions of profile and permission sets together; the profile's name may be any."""
    account = part(inputs, lambda evidence: evidence.account)
    lacking = _lacking(account)
    observed = account.profile or _("no profile shown")
    if lacking:
        observed = _("{profile}, without {permissions}").format(
            profile=observed, permissions=", ".join(lacking)
        )
    return _state(account, lacking).verdict.judgement(
        texts={"permissions": ", ".join(lacking), "least": "Customize Application"},
        observed=observed,
        expected=_("an administrator with API and all settings"),
        measured=(
            Quantity(name="administrator", value=_administers(account), unit=Unit.TEXT),
            Quantity(name="api_enabled", value=account.api_enabled, unit=Unit.TEXT),
            Quantity(
                name="view_all_custom_settings",
                value=account.view_all_custom_settings,
                unit=Unit.TEXT,
            ),
        ),
        details=(Detail(label=_("Account"), text=_whose(account)), reading(inputs)),
    )


def _administers(account: Account) -> bool:
    """What makes an administrator, whatever the profile is called in the org's language."""
    return account.modify_all_data and account.manage_users and account.customize_application


def _lacking(account: Account) -> tuple[str, ...]:
    needed = (
        ("API Enabled", account.api_enabled),
        ("View All Custom Settings", account.view_all_custom_settings),
    )
    return tuple(name for name, held in needed if not held)


def _state(account: Account, lacking: tuple[str, ...]) -> AccountState:
    if lacking:
        return AccountState.LACKS_PERMISSIONS
    if _administers(account):
        return AccountState.ADMINISTERS
    customizes = account.customize_application
    return AccountState.ONLY_CUSTOMIZES if customizes else AccountState.NO_ADMINISTRATOR


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
