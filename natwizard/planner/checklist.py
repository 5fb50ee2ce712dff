"""What no measurement can settle, as a list for people to tick off."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import structs

from natwizard.model.checklist import ChecklistItem
from natwizard.model.finding import Finding, Owner, Status
from natwizard.model.language import _
from natwizard.model.profile import Profile
from natwizard.model.quantity import Confirmation, Reply
from natwizard.planner.storage import PREREQUISITES

OVER_THE_TOP = "plan.ott"
STATIC_ADDRESS = "nat.static_address"
MEASURED = {Status.PASS, Status.BORDERLINE, Status.WARN, Status.FAIL}


def checklist(profile: Profile, findings: Sequence[Finding] = ()) -> tuple[ChecklistItem, ...]:
    """Every point, in the profile's order: over-the-top users and the site in detail first.

    The profile's other questions follow, then what else waits for a person in `findings`.
    What the profile asks of over-the-top users and of the site's address is already among the
    points in detail; what was measured there is no question any more.
    """
    measured = {
        finding.check
        for finding in findings
        if finding.status in MEASURED and finding.answer is None
    }
    asked = tuple(
        ChecklistItem(
            point=requirement.id,
            requirement=requirement.id,
            topic=_(requirement.title) if requirement.title else requirement.id,
            text=_(requirement.question.text),
            owner=requirement.question.owner,
            source=profile.sources.get(requirement.source),
        )
        for requirement in profile.requirements
        if requirement.question is not None
        and requirement.id not in {OVER_THE_TOP, STATIC_ADDRESS, *measured}
    )
    listed = (*_over_the_top(), *_site(), *_salesforce(), *asked)
    return (*listed, *_waiting(findings, {item.requirement for item in listed}))


def with_answers_to(
    items: Iterable[ChecklistItem], answers: Mapping[str, Confirmation | None]
) -> tuple[ChecklistItem, ...]:
    """The list with answers by point; a point that is not among them keeps its own."""
    return tuple(
        structs.replace(item, answer=answers[item.point]) if item.point in answers else item
        for item in items
    )


def answers_by_requirement(items: Iterable[ChecklistItem]) -> dict[str, Confirmation | None]:
    """What the points of each requirement come to.

    One no is a no. A yes takes a yes to every point, else the question stays open (None).
    """
    groups: dict[str, list[ChecklistItem]] = {}
    for item in items:
        groups.setdefault(item.requirement, []).append(item)
    return {requirement: _answer_of(group) for requirement, group in groups.items()}


def points_of(items: Iterable[ChecklistItem], name: str) -> tuple[str, ...]:
    """The points that a name stands for: itself, or all of a requirement; none if unknown."""
    return tuple(item.point for item in items if name in (item.point, item.requirement))


def _answer_of(items: Sequence[ChecklistItem]) -> Confirmation | None:
    for item in items:
        if item.answer is not None and item.answer.reply is Reply.NO:
            text = _("Not so: {text}").format(text=item.text) if len(items) > 1 else ""
            note = " ".join(filter(None, (text, item.answer.note)))
            return structs.replace(item.answer, note=note)
    given = [item.answer for item in items if item.answer is not None]
    if len(given) < len(items):
        return None
    return max(given, key=lambda answer: answer.on)


def _waiting(findings: Sequence[Finding], listed: set[str]) -> tuple[ChecklistItem, ...]:
    """Questions that checks of a run leave to a person."""
    return tuple(
        ChecklistItem(
            point=finding.check,
            requirement=finding.check,
            topic=finding.title,
            text=finding.remedy.text,
            owner=finding.remedy.owner,
            source=finding.source,
            answer=finding.answer,
        )
        for finding in findings
        if finding.remedy is not None
        and finding.check not in listed
        and (finding.status is Status.MANUAL or finding.answer is not None)
    )


def _over_the_top() -> tuple[ChecklistItem, ...]:
    points = (
        ("direct_number", _("Each over-the-top user has a direct dial-in number of their own.")),
        ("e164", _("The number is written as E.164: a plus, the country code, digits only.")),
        ("voicemail", _("Voicemail is off on that number.")),
        ("messages", _("Welcome messages and other announcements are off on that number.")),
        ("hunt_groups", _("The number is in no hunt group.")),
        ("forwarding", _("Call forwarding is off on that number.")),
    )
    return tuple(
        _item(f"{OVER_THE_TOP}.{name}", OVER_THE_TOP, _("Over-the-top users"), text, Owner.HELPDESK)
        for name, text in points
    )


def _site() -> tuple[ChecklistItem, ...]:
    from natwizard.checks.filter_tls_interception import FILTER_TLS_INTERCEPTION
    from natwizard.checks.nat_load_balancing import NAT_LOAD_BALANCING

    topic = _("The site's network")
    lines, inspection = NAT_LOAD_BALANCING.name, FILTER_TLS_INTERCEPTION.name
    return (
        _item(
            STATIC_ADDRESS,
            STATIC_ADDRESS,
            topic,
            _("The internet line has a static address, where that is possible."),
            Owner.NETWORK_TEAM,
        ),
        _item(
            f"{lines}.site",
            lines,
            topic,
            _("Calls are not spread over several internet lines or addresses."),
            Owner.NETWORK_TEAM,
        ),
        _item(
            f"{inspection}.site",
            inspection,
            topic,
            _("The service's domains are exempt from TLS inspection everywhere, not only here."),
            Owner.NETWORK_TEAM,
        ),
    )


def _salesforce() -> tuple[ChecklistItem, ...]:
    from natwizard.checks.salesforce_cti_profiles import SALESFORCE_CTI_PROFILES

    return (
        _item(
            "plan.e164.type",
            "plan.e164",
            _("Phone numbers"),
            _("Every field that holds numbers to call is of Salesforce's data type Phone."),
            Owner.SALESFORCE_ADMINISTRATOR,
        ),
        _item(
            "salesforce.licences",
            SALESFORCE_CTI_PROFILES.name,
            _("Licences"),
            _("Each person who takes calls has a full Salesforce licence; others Chatter Free."),
            Owner.SALESFORCE_ADMINISTRATOR,
        ),
    )


def _item(point: str, requirement: str, topic: str, text: str, owner: Owner) -> ChecklistItem:
    return ChecklistItem(
        point=point,
        requirement=requirement,
        topic=topic,
        text=text,
        owner=owner,
        source=PREREQUISITES,
    )
