"""salesforce.clickjack: may the service's pages be shown inside the org's own?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.number_format import DOT
from natwizard.checks.shared.salesforce_parts import administrator, part, reading, shown
from natwizard.model.finding import Judgement, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import SecurityFacts
from natwizard.probes.salesforce.org import SALESFORCE


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Both kinds of customer Visualforce pages: with standard headers and without."""
    found = part(inputs, lambda evidence: evidence.security)
    protected = bool(found.clickjack_with_headers or found.clickjack_headerless)
    if not protected:  # an "off" that was not seen would be a guess
        shown(found.clickjack_with_headers, "enableClickjackNonsetupUser")
        shown(found.clickjack_headerless, "enableClickjackNonsetupUserHeaderless")
    remedy = administrator(
        _(
            "In Setup, Session Settings: switch off clickjack protection for customer Visualforce"
            " pages, with headers and without."
        )
    )
    return Judgement(
        status=Status.FAIL if protected else Status.PASS,
        summary=_("Salesforce keeps the phone's pages from being shown.")
        if protected
        else _("The phone's pages may be shown inside Salesforce."),
        observed=DOT.join(_observed(found)),
        expected=_("both off"),
        measured=tuple(
            Quantity(name=name, value=value, unit=Unit.TEXT)
            for name, value in (
                ("with_headers", found.clickjack_with_headers),
                ("headerless", found.clickjack_headerless),
            )
            if value is not None
        ),
        remedy=remedy if protected else None,
        details=(reading(inputs),),
    )


def _observed(found: SecurityFacts) -> tuple[str, str]:
    state = {True: _("on"), False: _("off"), None: _("not shown")}
    return (
        _("with headers: {state}").format(state=state[found.clickjack_with_headers]),
        _("without: {state}").format(state=state[found.clickjack_headerless]),
    )


SALESFORCE_CLICKJACK = Check(
    name="salesforce.clickjack",
    title=N_("Clickjack protection"),
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=NoLimits,
    judge=judge,
    asks_until_signed_in=True,
)
