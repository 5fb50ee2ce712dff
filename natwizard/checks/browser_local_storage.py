"""browser.local_storage: does the browser keep what a site saves?"""

from natwizard.checks.base import Case, Check, NoLimits
from natwizard.checks.browser_page import PageRow
from natwizard.checks.browser_storage import judge_storage
from natwizard.model.finding import Judgement, Page
from natwizard.model.language import N_
from natwizard.probes.browser_check import BROWSER_CHECK
from natwizard.probes.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers import BROWSERS

ROW = PageRow(
    check="browser.local_storage",
    asks=N_("May sites save data?"),
    how=N_("Allow sites to save data on this computer, also for embedded pages."),
    expected=N_("data, also embedded"),
)


def judge(case: Case, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """As `judge_storage` says."""
    return judge_storage(case, ROW, lambda site: site.local)


BROWSER_LOCAL_STORAGE = Check(
    name="browser.local_storage",
    title=N_("Local storage"),
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
