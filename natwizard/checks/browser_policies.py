"""How a browser's policies weigh on the findings of its checks: named, with who can lift them."""

from msgspec import Struct
from msgspec.structs import replace

from natwizard.checks.base import Inputs
from natwizard.checks.shared.policy_rows import ROWS, PolicyRow, source_of
from natwizard.model.finding import Detail, Judgement, Owner, Remedy, Status
from natwizard.model.language import _
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browsers.browser_copy import TITLES, BrowserFamily
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY, BrowserPolicyEvidence
from natwizard.probes.browsers.installed import BROWSERS
from natwizard.probes.browsers.policy_value import PolicyValue

OPEN = (Status.UNKNOWN, Status.MANUAL)
"""Findings that a policy settles: what it forbids needs no trying out."""

UNHARMED = (Status.PASS, Status.NOT_APPLICABLE)


class PolicyViolation(Struct, frozen=True, kw_only=True):
    """A setting that does harm, and the row that says so.

    Attributes:
        exempted: some sites are let through: the webphone may be among them, and our page is not.
    """

    row: PolicyRow
    setting: PolicyValue
    status: Status
    exempted: bool = False

    @property
    def browser(self) -> str:
        """ "Chrome"."""
        return TITLES[self.setting.family]

    @property
    def value(self) -> str:
        """ "DefaultCookiesSetting = 2"."""
        return f"{self.setting.key} = {', '.join(self.setting.values)}"


def with_policies(
    inputs: Inputs,
    check: str,
    judgement: Judgement,
    product: BrowserProduct | None = None,
    *,
    outrank_pass: tuple[Status, ...] = (),
) -> Judgement:
    """Weigh the policies of the browser in question into a finding.

    A test that passed stands, whatever a policy says: the browser has shown what it does. One
    that was not made, or told nothing, is settled by a policy that forbids what it asks for.
    One that failed keeps its sentence; a policy that explains it becomes the way out. Where that
    lets some sites through, the failure of our page is advice only: the webphone may be one.

    Args:
        product: the browser that was tested; None where none was, or none said its name.
        outrank_pass: how bad a policy must be to outdo a pass that was not the browser's own.
    """
    found = inputs.evidence_or_none(BROWSER_POLICY)
    if found is None:
        return judgement
    breaches = breaches_of(found, check, _families(inputs, product))
    if not breaches and product is None and judgement.status is Status.FAIL:
        # it failed in a browser that could not say its name: any copy's policy may explain it
        breaches = breaches_of(found, check, frozenset(BrowserFamily))
    if not breaches:
        return judgement
    worst = next((each for each in breaches if each.status is Status.FAIL), breaches[0])
    details = (*judgement.details, *map(_line, breaches))
    if judgement.status in UNHARMED and worst.status not in outrank_pass:
        return replace(judgement, details=details)
    if judgement.status in (*OPEN, *UNHARMED):
        return _settled(judgement, worst, details)
    if worst.exempted and _explains(worst.row, judgement):
        seen = Detail(label=_("The test said"), text=judgement.summary)
        return _settled(judgement, worst, (seen, *details), judgement.observed)
    if judgement.status is Status.WARN and worst.row.spares and _explains(worst.row, judgement):
        return replace(judgement, remedy=_remedy(worst), details=details)
    if worst.status is not Status.FAIL:
        return replace(judgement, details=details)
    if judgement.status is not Status.FAIL:
        seen = Detail(label=_("The test said"), text=judgement.summary)
        return _settled(judgement, worst, (seen, *details), judgement.observed)
    return replace(judgement, remedy=_remedy(worst), details=details)


def _explains(row: PolicyRow, judgement: Judgement) -> bool:
    """Whether nothing is broken that this policy spares."""
    return all(each.value for each in judgement.measured if each.name == row.spares)


def breaches_of(
    found: BrowserPolicyEvidence, check: str, families: frozenset[BrowserFamily]
) -> tuple[PolicyViolation, ...]:
    """What these browsers have set that breaks a check."""
    settings = {(each.family, each.key): each for each in found.settings}
    breaches = []
    for row in ROWS:
        for family in row.families:
            setting = settings.get((family, row.key))
            if row.check != check or family not in families or setting is None:
                continue
            if row.harms(setting.values):
                exempted = (family, row.exempt) in settings
                status = Status.WARN if exempted else row.status
                breaches.append(
                    PolicyViolation(row=row, setting=setting, status=status, exempted=exempted)
                )
    return tuple(breaches)


def _families(inputs: Inputs, product: BrowserProduct | None) -> frozenset[BrowserFamily]:
    """The browser that was tested, else the default one, else all that are installed."""
    tested = frozenset(
        family for family, title in TITLES.items() if product and product.name == title
    )
    if product is not None:
        return tested
    found = inputs.evidence_or_none(BROWSERS)
    if found is None or not found.browsers:
        return frozenset(BrowserFamily)
    default = frozenset(copy.family for copy in found.browsers if copy.is_default)
    return default or frozenset(copy.family for copy in found.browsers)


def _settled(
    judgement: Judgement, breach: PolicyViolation, details: tuple[Detail, ...], observed: str = ""
) -> Judgement:
    return replace(
        judgement,
        status=breach.status,
        summary=_(breach.row.says).format(browser=breach.browser),
        observed=f"{breach.value}; {observed}" if observed else breach.value,
        remedy=_remedy(breach),
        details=details,
    )


def _line(breach: PolicyViolation) -> Detail:
    label = _("Setting of {browser}") if breach.setting.own else _("Policy of {browser}")
    return Detail(
        label=label.format(browser=breach.browser), text=f"{breach.value} ({breach.setting.place})"
    )


def _remedy(breach: PolicyViolation) -> Remedy:
    source = source_of(breach.row, breach.setting.family)
    if breach.exempted:
        text = _("Ask whether {exempt} of {browser} names the webphone's sites.")
    elif breach.setting.own:
        text = _("Ask to reset {key} in {browser} (about:config).")
    else:
        text = _("Ask to change the policy {key} of {browser}.")
    return Remedy(
        text=text.format(key=breach.setting.key, browser=breach.browser, exempt=breach.row.exempt),
        owner=Owner.HELPDESK,
        request=_(
            "Please change {value} of {browser}, or exempt the webphone from it. It is set in"
            " {place}. {says} The vendor's page: {source}"
        ).format(
            value=breach.value,
            browser=breach.browser,
            place=breach.setting.place,
            says=_(breach.row.says).format(browser=breach.browser),
            source=source,
        ),
        link=source,
    )
