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

ALLOW = N_("Allow sites to save data on this computer, also for embedded pages.")
LOCAL = PageRow(
    check="browser.local_storage",
    asks=N_("May sites save data?"),
    how=ALLOW,
    expected=N_("data, also embedded"),
)
SESSION = PageRow(
    check="browser.session_storage",
    asks=N_("May sites save data for a session?"),
    how=ALLOW,
    expected=N_("data, also embedded"),
)


class StorageState(VerdictTable):
    """What becomes of data that a site saves."""

    SAVED = passed(N_("Sites may save data."))
    BLOCKED_WITH_COOKIES = unknown(
        N_("Blocked together with cookies; not tested by itself."),
        N_("Allow cookies first, then run this check again."),
    )
    EMBEDDED_BLOCKED = failed(N_("Your browser does not let embedded pages save data."), ALLOW)
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
    """Both kinds of page must be able to save: the CTI is an embedded one.

    Where cookies are blocked, browsers block saved data with the same switch (Chromium and
    Firefox throw SecurityError). That is one cause and cookies' own finding; what the storage
    would do without it cannot be seen, so it is UNKNOWN here and not a second problem.
    """
    own = need(evidence.own)
    blocked = own if not store_of(own).works else need(evidence.embedded)
    if store_of(blocked).works:
        state = StorageState.SAVED
    elif not blocked.keeps_cookies:
        state = StorageState.BLOCKED_WITH_COOKIES
    else:
        state = StorageState.BLOCKED if blocked is own else StorageState.EMBEDDED_BLOCKED
    sites = {"own": evidence.own, "embedded": evidence.embedded}
    stores = {name: store_of(site) for name, site in sites.items() if site is not None}
    errors = "; ".join(dict.fromkeys(store.error for store in stores.values() if store.error))
    return state.verdict.judgement(
        observed=_("own page: {own}; embedded page: {embedded}").format(
            own=_words(stores.get("own")), embedded=_words(stores.get("embedded"))
        ),
        expected=_(row.expected),
        measured=tuple(
            Quantity(name=f"{name}_storage", value=store.works, unit=Unit.TEXT)
            for name, store in stores.items()
        ),
        details=(
            *((Detail(label=_("The browser says"), text=errors),) if errors else ()),
            *product_lines(evidence.product),
        ),
    )


def _words(store: Store | None) -> str:
    if store is None:
        return _("not tested")
    return _("saved") if store.works else _("blocked")


BROWSER_LOCAL_STORAGE = Check(
    name="browser.local_storage",
    title=N_("Local storage"),
    term="Local storage",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge_local,
)
BROWSER_SESSION_STORAGE = Check(
    name="browser.session_storage",
    title=N_("Session storage"),
    term="Session storage",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge_session,
)
