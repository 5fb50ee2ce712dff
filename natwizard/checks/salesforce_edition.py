"""salesforce.edition: is it an edition that the service works with?"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.salesforce_parts import ADMINISTRATOR, part, reading
from natwizard.checks.verdict import Verdict, failed, passed
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.salesforce.org import SALESFORCE

# The API says "Enterprise Edition" where a profile, and everybody, says "Enterprise"
EDITION = " Edition"


class EditionLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Editions by the first words of their names.

    Attributes:
        editions: those that the service works with.
    """

    editions: tuple[str, ...] = ("Enterprise", "Unlimited", "Performance")


VERDICTS: Final[Mapping[bool, Verdict]] = {
    True: passed(N_("Your Salesforce edition is one that the service supports.")),
    False: failed(
        N_("The service does not support your Salesforce edition."),
        N_("Ask Salesforce for one of these editions: {editions}."),
        owner=ADMINISTRATOR,
    ),
}
"""By whether it is supported."""


def judge(inputs: Inputs, limits: EditionLimits) -> Judgement:
    """A sandbox has the edition of the org that it was made from."""
    org = part(inputs, lambda evidence: evidence.org)
    edition = org.edition.removesuffix(EDITION)
    fine = edition.casefold() in {name.casefold() for name in limits.editions}
    wanted = ", ".join(limits.editions)
    return VERDICTS[fine].judgement(
        texts={"editions": wanted},
        observed=org.edition,
        expected=_("one of {editions}").format(editions=wanted),
        measured=(Quantity(name="edition", value=org.edition, unit=Unit.TEXT),),
        details=(
            Detail(label=_("Sandbox"), text=_("yes") if org.sandbox else _("no")),
            reading(inputs),
        ),
    )


SALESFORCE_EDITION = Check(
    name="salesforce.edition",
    meaning=N_(
        "The service is made for editions of Salesforce that other programs may work with. In "
        "the others it cannot be installed."
    ),
    title=N_("Salesforce edition"),
    term="edition",
    page=Page.ADMINISTRATOR,
    needs=(SALESFORCE,),
    limits=EditionLimits,
    judge=judge,
    asks_until_signed_in=True,
)
