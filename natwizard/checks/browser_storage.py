"""browser.local_storage and browser.session_storage: is what a site saves there again?"""

from collections.abc import Callable

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, need, product_lines
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.steps import Store
from natwizard.probes.browser_page.visit import SiteData
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS

ALLOW = N_("Allow sites to save data on this computer.")
LOCAL = PageRow(
    check="browser.local_storage",
    asks=N_("May sites save data?"),
    how=ALLOW,
    expected=N_("data saved"),
)
SESSION = PageRow(
    check="browser.session_storage",
    asks=N_("May sites save data for a session?"),
    how=ALLOW,
    expected=N_("data saved"),
)


class StorageState(VerdictTable):
    """What becomes of data that a site saves."""

    SAVED = passed(N_("Sites may save data."))
    BLOCKED_WITH_COOKIES = unknown(
        N_("Blocked together with cookies; not tested by itself."),
        N_("Allow cookies first, then run this check again."),
    )
    BLOCKED = failed(N_("Your browser does not let sites save data."), ALLOW)


def judge_local(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """As `_judge` says."""
    return judge_page(inputs, LOCAL, lambda page: _judge(page, LOCAL, lambda site: site.local))


def judge_session(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """As `_judge` says."""
    return judge_page(
        inputs, SESSION, lambda page: _judge(page, SESSION, lambda site: site.session)
    )


def _judge(
    evidence: BrowserCheckEvidence, row: PageRow, store_of: Callable[[SiteData], Store]
) -> Judgement:
    """What a page by itself may save; pages within other pages have their own check.

    Where cookies are blocked, browsers block saved data with the same switch (Chromium and
    Firefox throw SecurityError). That is one cause and cookies' own finding; what the storage
    would do without it cannot be seen, so it is UNKNOWN here and not a second problem.
    """
    own = need(evidence.own)
    store = store_of(own)
    if store.works:
        state = StorageState.SAVED
    else:
        lost_with_cookies = not own.keeps_cookies
        state = StorageState.BLOCKED_WITH_COOKIES if lost_with_cookies else StorageState.BLOCKED
    return state.verdict.judgement(
        observed=_("saved") if store.works else _("blocked"),
        expected=_(row.expected),
        measured=(Quantity(name="own_storage", value=store.works, unit=Unit.TEXT),),
        details=(
            *((Detail(label=_("The browser says"), text=store.error),) if store.error else ()),
            *product_lines(evidence.product),
        ),
    )


BROWSER_LOCAL_STORAGE = Check(
    name="browser.local_storage",
    meaning=N_(
        "The webphone keeps its settings in the browser, such as your headset. If sites may "
        "not save data, it starts from nothing each time, or not at all."
    ),
    title=N_("Local storage"),
    term="Local storage",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge_local,
)
BROWSER_SESSION_STORAGE = Check(
    name="browser.session_storage",
    meaning=N_(
        "What the webphone must know for as long as a tab is open is kept there. Without it, "
        "calls and screens get out of step."
    ),
    title=N_("Session storage"),
    term="Session storage",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge_session,
)
