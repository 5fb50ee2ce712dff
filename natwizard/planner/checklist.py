"""What no measurement can settle, as a list for people to tick off."""

from msgspec import Struct

from natwizard.model.finding import Owner, Source
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.planner.figures import PREREQUISITES

OVER_THE_TOP = "plan.ott"
STATIC_ADDRESS = "nat.static_address"


class ChecklistItem(Struct, frozen=True, kw_only=True):
    """One point: what to confirm, and who can.

    Attributes:
        requirement: ID of the row that asks for it.
        source: None where the profile names none.
    """

    requirement: str
    topic: str
    text: str
    owner: Owner
    source: Source | None


def checklist(profile: Profile) -> tuple[ChecklistItem, ...]:
    """Every point, in the profile's order: over-the-top users and the site in detail first.

    The profile's other questions follow. What it asks of over-the-top users and of the
    site's address is already among the points in detail.
    """
    asked = tuple(
        ChecklistItem(
            requirement=requirement.id,
            topic=_(requirement.title) if requirement.title else requirement.id,
            text=_(requirement.question.text),
            owner=requirement.question.owner,
            source=profile.sources.get(requirement.source),
        )
        for requirement in profile.requirements
        if requirement.question is not None and requirement.id not in (OVER_THE_TOP, STATIC_ADDRESS)
    )
    return (*_over_the_top(), *_site(), *_salesforce(), *asked)


def _over_the_top() -> tuple[ChecklistItem, ...]:
    texts = (
        _("Each over-the-top user has a direct dial-in number of their own."),
        _("The number is written as E.164: a plus, the country code, digits only."),
        _("Voicemail is off on that number."),
        _("The number is in no hunt group."),
        _("Call forwarding is off on that number."),
    )
    return tuple(
        _item(OVER_THE_TOP, _("Over-the-top users"), text, Owner.HELPDESK) for text in texts
    )


def _site() -> tuple[ChecklistItem, ...]:
    topic = _("The site's network")
    return (
        _item(
            STATIC_ADDRESS,
            topic,
            _("The internet line has a static address, where that is possible."),
            Owner.NETWORK_TEAM,
        ),
        _item(
            "nat.load_balancing",
            topic,
            _("Calls are not spread over several internet lines or addresses."),
            Owner.NETWORK_TEAM,
        ),
        _item(
            "filter.tls_interception",
            topic,
            _("The service's domains are exempt from TLS inspection everywhere, not only here."),
            Owner.NETWORK_TEAM,
        ),
    )


def _salesforce() -> tuple[ChecklistItem, ...]:
    return (
        _item(
            "salesforce.cti_profiles",
            _("Licences"),
            _("Each person who takes calls has a full Salesforce licence; others Chatter Free."),
            Owner.SALESFORCE_ADMINISTRATOR,
        ),
    )


def _item(requirement: str, topic: str, text: str, owner: Owner) -> ChecklistItem:
    return ChecklistItem(
        requirement=requirement, topic=topic, text=text, owner=owner, source=PREREQUISITES
    )
