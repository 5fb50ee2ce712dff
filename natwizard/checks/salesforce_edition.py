"""salesforce.edition: is it an edition that the service works with?"""

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.salesforce_parts import administrator, part, reading
from natwizard.model.finding import Detail, Judgement, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.org import SALESFORCE

EDITION = " Edition"


class EditionLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Editions by the first words of their names.

    Attributes:
        editions: those that the service works with.
    """

    editions: tuple[str, ...] = ("Enterprise", "Unlimited", "Performance")


def judge(inputs: Inputs, limits: EditionLimits) -> Judgement:
    """A sandbox has the edition of the org that it was made from."""
    org = part(inputs, lambda evidence: evidence.org)
    edition = org.edition.removesuffix(EDITION)
    fine = edition.casefold() in {name.casefold() for name in limits.editions}
    wanted = ", ".join(limits.editions)
    remedy = administrator(
        _("Ask Salesforce for one of these editions: {editions}.").format(editions=wanted)
    )
    return Judgement(
        status=Status.PASS if fine else Status.FAIL,
        summary=_("Your Salesforce edition is one that the service supports.")
        if fine
        else _("The service does not support your Salesforce edition."),
        observed=org.edition,
        expected=_("one of {editions}").format(editions=wanted),
        measured=(Quantity(name="edition", value=org.edition, unit=Unit.TEXT),),
        remedy=None if fine else remedy,
        details=(
            Detail(label=_("Sandbox"), text=_("yes") if org.sandbox else _("no")),
            reading(inputs),
        ),
    )


SALESFORCE_EDITION = Check(
    name="salesforce.edition",
    title=N_("Salesforce edition"),
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=EditionLimits,
    judge=judge,
    asks_until_signed_in=True,
)
