"""salesforce.clickjack: may the service's pages be shown inside the org's own?"""

from collections.abc import Mapping
from typing import Final

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.number_format import DOT
from natwizard.checks.shared.salesforce_parts import ADMINISTRATOR, part, reading, shown
from natwizard.checks.verdict import Verdict, failed, passed
from natwizard.model.finding import Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.evidence import SecurityFacts
from natwizard.probes.salesforce.org import SALESFORCE

VERDICTS: Final[Mapping[bool, Verdict]] = {
    False: passed(N_("The phone's pages may be shown inside Salesforce.")),
    True: failed(
        N_("Salesforce keeps the phone's pages from being shown."),
        N_(
            "In Setup, Session Settings: switch off clickjack protection for customer Visualforce"
            " pages, with headers and without."
        ),
        owner=ADMINISTRATOR,
    ),
}
"""By whether such pages are protected."""


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Both kinds of customer Visualforce pages: with standard headers and without."""
    found = part(inputs, lambda evidence: evidence.security)
    protected = bool(found.clickjack_with_headers or found.clickjack_headerless)
    if not protected:  # an "off" that was not seen would be a guess
        shown(found.clickjack_with_headers, "enableClickjackNonsetupUser")
        shown(found.clickjack_headerless, "enableClickjackNonsetupUserHeaderless")
    return VERDICTS[protected].judgement(
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
    meaning=N_(
        "This protection forbids pages to be shown within other pages, which is how the phone "
        "is shown in Salesforce."
    ),
    title=N_("Clickjack protection"),
    term="Clickjack protection",
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=NoLimits,
    judge=judge,
    asks_until_signed_in=True,
)
