"""The rule that local and session storage share: what a site saves is there again."""

from collections.abc import Callable

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, need, product_lines
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.steps import Store
from natwizard.probes.browser_page.visit import SiteData
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS


def judge_storage(inputs: Inputs, row: PageRow, store_of: Callable[[SiteData], Store]) -> Judgement:
    """Both kinds of page must be able to save: the CTI is an embedded one.

    Where cookies are blocked, browsers block saved data with the same switch (Chromium and
    Firefox throw SecurityError). That is one cause and cookies' own finding; what the storage
    would do without it cannot be seen, so it is UNKNOWN here and not a second problem.
    """

    def judge(evidence: BrowserCheckEvidence) -> Judgement:
        own = need(evidence.own)
        if not store_of(own).works:
            return _blocked(
                evidence, own, store_of, row, _("Your browser does not let sites save data.")
            )
        embedded = need(evidence.embedded)
        if not store_of(embedded).works:
            summary = _("Your browser does not let embedded pages save data.")
            return _blocked(evidence, embedded, store_of, row, summary)
        return _judgement(evidence, store_of, row, Status.PASS, _("Sites may save data."), None)

    return judge_page(inputs, row, judge)


def _blocked(
    evidence: BrowserCheckEvidence,
    site: SiteData,
    store_of: Callable[[SiteData], Store],
    row: PageRow,
    summary: str,
) -> Judgement:
    if not site.keeps_cookies:
        summary = _("Blocked together with cookies; not tested by itself.")
        remedy = Remedy(
            text=_("Allow cookies first, then run this check again."), owner=Owner.AGENT
        )
        return _judgement(evidence, store_of, row, Status.UNKNOWN, summary, remedy)
    remedy = Remedy(text=_(row.how), owner=Owner.AGENT)
    return _judgement(evidence, store_of, row, Status.FAIL, summary, remedy)


def _judgement(
    evidence: BrowserCheckEvidence,
    store_of: Callable[[SiteData], Store],
    row: PageRow,
    status: Status,
    summary: str,
    remedy: Remedy | None,
) -> Judgement:
    sites = {"own": evidence.own, "embedded": evidence.embedded}
    stores = {name: store_of(site) for name, site in sites.items() if site is not None}
    errors = "; ".join(dict.fromkeys(store.error for store in stores.values() if store.error))
    return Judgement(
        status=status,
        summary=summary,
        observed=_("own page: {own}; embedded page: {embedded}").format(
            own=_words(stores.get("own")), embedded=_words(stores.get("embedded"))
        ),
        expected=_(row.expected),
        measured=tuple(
            Quantity(name=f"{name}_storage", value=store.works, unit=Unit.TEXT)
            for name, store in stores.items()
        ),
        remedy=remedy,
        details=(
            *((Detail(label=_("The browser says"), text=errors),) if errors else ()),
            *product_lines(evidence.product),
        ),
    )


def _words(store: Store | None) -> str:
    if store is None:
        return _("not tested")
    return _("saved") if store.works else _("blocked")


ROW = PageRow(
    check="browser.local_storage",
    asks=N_("May sites save data?"),
    how=N_("Allow sites to save data on this computer, also for embedded pages."),
    expected=N_("data, also embedded"),
)


def judge(inputs: Inputs, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """As `judge_storage` says."""
    return judge_storage(inputs, ROW, lambda site: site.local)


BROWSER_LOCAL_STORAGE = Check(
    name="browser.local_storage",
    title=N_("Local storage"),
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)


SESSION_ROW = PageRow(
    check="browser.session_storage",
    asks=N_("May sites save data for a session?"),
    how=N_("Allow sites to save data on this computer, also for embedded pages."),
    expected=N_("data, also embedded"),
)


def judge_session_storage(inputs: Inputs, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """As `judge_storage` says."""
    return judge_storage(inputs, SESSION_ROW, lambda site: site.session)


BROWSER_SESSION_STORAGE = Check(
    name="browser.session_storage",
    title=N_("Session storage"),
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge_session_storage,
)
