"""browser.cookies: does the browser keep cookies?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, need, product_lines
from natwizard.checks.verdict import VerdictTable, failed, passed
from natwizard.model.finding import Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.visit import SiteData
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS

ROW = PageRow(
    check="browser.cookies",
    asks=N_("Are cookies allowed in your browser?"),
    how=N_("Open your browser's privacy settings and allow cookies."),
    expected=N_("cookies kept"),
)


class CookiesState(VerdictTable):
    """What becomes of cookies."""

    KEPT = passed(N_("Your browser keeps cookies."))
    BLOCKED = failed(N_("Your browser blocks cookies."), ROW.how)


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Cookies as such, of a page by itself: pages within other pages have their own check."""
    return judge_page(inputs, ROW, _judge)


def _judge(evidence: BrowserCheckEvidence) -> Judgement:
    own = need(evidence.own)
    state = CookiesState.KEPT if own.keeps_cookies else CookiesState.BLOCKED
    return state.verdict.judgement(
        observed=_words(own),
        expected=_(ROW.expected),
        measured=(Quantity(name="own_cookies", value=own.keeps_cookies, unit=Unit.TEXT),),
        details=product_lines(evidence.product),
    )


def _words(site: SiteData) -> str:
    if site.keeps_cookies:
        return _("kept")
    return _("kept, but not sent") if site.cookie.works else _("blocked")


BROWSER_COOKIES = Check(
    name="browser.cookies",
    meaning=N_(
        "Salesforce and the webphone remember by cookies that you are signed in. Without them "
        "you cannot sign in, or are signed out again and again."
    ),
    title=N_("Cookies"),
    term="Cookies",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
