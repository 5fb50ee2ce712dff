"""browser.embedded_storage: may a page inside another site's page keep cookies and data?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, need, product_lines
from natwizard.checks.verdict import VerdictTable, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browser_page.visit import SiteData
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS

ROW = PageRow(
    check="browser.embedded_storage",
    asks=N_("May pages inside Salesforce keep cookies and data?"),
    how=N_("Allow third-party cookies for Salesforce in your browser's privacy settings."),
    expected=N_("cookies and data, also inside Salesforce"),
)
# where the switch is, as each browser's own settings call it
SETTINGS = {
    "Chrome": "Privacy and security > Third-party cookies",
    "Chromium": "Privacy and security > Third-party cookies",
    "Edge": "Privacy, search, and services > Cookies",
    "Firefox": "Privacy & Security > Enhanced Tracking Protection > Custom > Cookies",
}
ALLOW_THERE = N_("Allow them for Salesforce: {setting}.")


class EmbeddedStorageState(VerdictTable):
    """What an embedded page may keep.

    Advice, never a failure: the vendor asks for cookies and storage as such. Whether its embedded
    page can do without cookies of its own, or with partitioned ones, cannot be seen from here.
    """

    KEPT = passed(N_("Pages inside Salesforce may keep cookies and data."))
    COOKIES_BLOCKED = warned(N_("Your browser blocks cookies inside Salesforce."), ALLOW_THERE)
    STORAGE_BLOCKED = warned(
        N_("Your browser keeps pages inside Salesforce from saving data."), ALLOW_THERE
    )
    ALL_BLOCKED = warned(N_("Your browser blocks cookies and data inside Salesforce."), ALLOW_THERE)
    BLOCKED_EVERYWHERE = unknown(
        N_("Blocked on all pages; not tested by itself."),
        N_("Allow cookies and site data first, then run this check again."),
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Compare a page within another site's page with the same page by itself."""
    return judge_page(inputs, ROW, _judge)


def _judge(evidence: BrowserCheckEvidence) -> Judgement:
    own, embedded = need(evidence.own), need(evidence.embedded)
    state = _state(own, embedded)
    setting = _setting(evidence.product)
    lines = (Detail(label=_("Setting"), text=setting),) if setting else ()
    return state.verdict.judgement(
        texts={"setting": setting or _("privacy settings, third-party cookies")},
        observed=_observed(embedded),
        expected=_(ROW.expected),
        measured=(
            Quantity(name="own_cookies", value=own.keeps_cookies, unit=Unit.TEXT),
            Quantity(name="embedded_cookies", value=embedded.keeps_cookies, unit=Unit.TEXT),
            Quantity(
                name="partitioned_cookies",
                value=embedded.partitioned_cookie.works,
                unit=Unit.TEXT,
            ),
            Quantity(name="embedded_storage", value=_saves(embedded), unit=Unit.TEXT),
        ),
        details=(*lines, *_partitioned_line(embedded), *product_lines(evidence.product)),
    )


def _state(own: SiteData, embedded: SiteData) -> EmbeddedStorageState:
    cookies_lost = own.keeps_cookies and not embedded.keeps_cookies
    storage_lost = _saves(own) and not _saves(embedded)
    if cookies_lost:
        if storage_lost:
            return EmbeddedStorageState.ALL_BLOCKED
        return EmbeddedStorageState.COOKIES_BLOCKED
    if storage_lost:
        return EmbeddedStorageState.STORAGE_BLOCKED
    # what the browser keeps from no page, it keeps from embedded ones too: another check's row
    if not (embedded.keeps_cookies and _saves(embedded)):
        return EmbeddedStorageState.BLOCKED_EVERYWHERE
    return EmbeddedStorageState.KEPT


def _saves(site: SiteData) -> bool:
    return site.local.works and site.session.works


def _observed(embedded: SiteData) -> str:
    cookies = _("cookies kept") if embedded.keeps_cookies else _("cookies blocked")
    data = _("data saved") if _saves(embedded) else _("data blocked")
    return f"{cookies}, {data}"


def _setting(product: BrowserProduct | None) -> str:
    return SETTINGS.get(product.name, "") if product is not None else ""


def _partitioned_line(embedded: SiteData) -> tuple[Detail, ...]:
    if embedded.keeps_cookies or not embedded.partitioned_cookie.works:
        return ()
    text = _("Cookies that ask to be kept apart for each site still work there.")
    return (Detail(label=_("Partitioned cookies"), text=text),)


BROWSER_EMBEDDED_STORAGE = Check(
    name="browser.embedded_storage",
    meaning=N_(
        "The webphone is a page within the page of Salesforce. Some browsers forbid such a "
        "page to keep cookies and data, and then it forgets that you are signed in."
    ),
    title=N_("Third-party cookies and storage"),
    term="Third-party cookies",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
    method=N_("A page of another site within our own test page sets cookies and saves data"),
)
