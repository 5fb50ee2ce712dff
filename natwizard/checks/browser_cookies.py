"""browser.cookies: does the browser keep cookies, also for a page within another site's page?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, need, product_lines
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
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


def judge(inputs: Inputs, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """Cookies are kept or they are not; the vendor's page knows no half-way.

    Embedded cookies weigh as much as the page's own: the CTI is a page of the vendor's within
    Salesforce, so that is where its cookies are kept or lost. A browser that keeps them apart
    for each embedding site (Firefox does) keeps them. One that keeps only those which ask to
    be kept apart ("Partitioned") does not: we cannot know that the vendor's ask for it.
    """
    return judge_page(inputs, ROW, _judge)


def _judge(evidence: BrowserCheckEvidence) -> Judgement:
    own = need(evidence.own)
    if not own.keeps_cookies:
        return _judgement(evidence, own, Status.FAIL, _("Your browser blocks cookies."))
    if not need(evidence.embedded).keeps_cookies:
        summary = _("Your browser blocks cookies in embedded pages.")
        return _judgement(evidence, own, Status.FAIL, summary)
    return _judgement(evidence, own, Status.PASS, _("Your browser keeps cookies."))


def _judgement(
    evidence: BrowserCheckEvidence, own: SiteData, status: Status, summary: str
) -> Judgement:
    embedded = evidence.embedded
    words = _("own page: {own}; embedded page: {embedded}").format(
        own=_words(own), embedded=_words(embedded)
    )
    measured = [Quantity(name="own_cookies", value=own.keeps_cookies, unit=Unit.TEXT)]
    if embedded is not None:
        kept = embedded.keeps_cookies
        measured.append(Quantity(name="embedded_cookies", value=kept, unit=Unit.TEXT))
    return Judgement(
        status=status,
        summary=summary,
        observed=words,
        expected=_(ROW.expected),
        measured=tuple(measured),
        remedy=None if status is Status.PASS else Remedy(text=_(ROW.how), owner=Owner.AGENT),
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
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
