"""browser.cookies: does the browser keep cookies, also for a page within another site's page?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, need, product_lines
from natwizard.checks.verdict import VerdictTable, failed, passed
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.visit import SiteData
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS

ROW = PageRow(
    check="browser.cookies",
    asks=N_("Are cookies allowed in your browser?"),
    how=N_("Open your browser's privacy settings and allow cookies, also for embedded pages."),
    expected=N_("cookies, also embedded"),
)


class CookiesState(VerdictTable):
    """What becomes of cookies."""

    KEPT = passed(N_("Your browser keeps cookies."))
    EMBEDDED_BLOCKED = failed(N_("Your browser blocks cookies in embedded pages."), ROW.how)
    BLOCKED = failed(N_("Your browser blocks cookies."), ROW.how)


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Cookies are kept or they are not; the vendor's page knows no half-way.

    Embedded cookies weigh as much as the page's own: the CTI is a page of the vendor's within
    Salesforce, so that is where its cookies are kept or lost. A browser that keeps them apart
    for each embedding site (Firefox does) keeps them. One that keeps only those which ask to
    be kept apart ("Partitioned") does not: we cannot know that the vendor's ask for it.
    """
    return judge_page(inputs, ROW, _judge)


def _judge(evidence: BrowserCheckEvidence) -> Judgement:
    own, embedded = need(evidence.own), evidence.embedded
    state = CookiesState.BLOCKED
    if own.keeps_cookies:
        kept = need(embedded).keeps_cookies
        state = CookiesState.KEPT if kept else CookiesState.EMBEDDED_BLOCKED
    sites = {"own": own, "embedded": embedded}
    return state.verdict.judgement(
        observed=_("own page: {own}; embedded page: {embedded}").format(
            own=_words(own), embedded=_words(embedded)
        ),
        expected=_(ROW.expected),
        measured=tuple(
            Quantity(name=f"{name}_cookies", value=site.keeps_cookies, unit=Unit.TEXT)
            for name, site in sites.items()
            if site is not None
        ),
        details=(*_apart_line(embedded), *product_lines(evidence.product)),
    )


def _words(site: SiteData | None) -> str:
    if site is None:
        return _("not tested")
    if site.keeps_cookies:
        return _("kept")
    return _("kept, but not sent") if site.cookie.works else _("blocked")


def _apart_line(embedded: SiteData | None) -> tuple[Detail, ...]:
    if embedded is None or embedded.keeps_cookies or not embedded.partitioned_cookie.works:
        return ()
    text = _("Cookies that ask to be kept apart for each site still work there.")
    return (Detail(label=_("Embedded pages"), text=text),)


BROWSER_COOKIES = Check(
    name="browser.cookies",
    title=N_("Cookies"),
    term="Cookies",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
