"""browser.javascript: do scripts run in the browser?"""

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, not_seen, product_lines
from natwizard.model.finding import Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK, BrowserCheckEvidence
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY
from natwizard.probes.browsers.installed import BROWSERS

ROW = PageRow(
    check="browser.javascript",
    asks=N_("Is JavaScript on in your browser?"),
    how=N_("Open your browser's site settings and allow JavaScript."),
    expected=N_("scripts run"),
)


def judge(inputs: Inputs, limits: NoLimits) -> Judgement:  # noqa: ARG001 - nothing to tune
    """Off only where the browser itself took the way that is there for those without.

    A page that merely stays silent may have been stopped by something else: UNKNOWN.
    """
    return judge_page(inputs, ROW, _judge)


def _judge(evidence: BrowserCheckEvidence) -> Judgement:
    if evidence.product is not None or evidence.state is PageState.TOO_OLD:
        return _judgement(evidence, Status.PASS, _("JavaScript is on in your browser."))
    if evidence.state is PageState.NO_JAVASCRIPT:
        return _judgement(evidence, Status.FAIL, _("JavaScript is off in your browser."))
    return not_seen(evidence, ROW)


def _judgement(evidence: BrowserCheckEvidence, status: Status, summary: str) -> Judgement:
    runs = status is Status.PASS
    return Judgement(
        status=status,
        summary=summary,
        observed=_("a script ran") if runs else _("no script ran"),
        expected=_(ROW.expected),
        measured=(Quantity(name="javascript", value=runs, unit=Unit.TEXT),),
        remedy=None if runs else Remedy(text=_(ROW.how), owner=Owner.AGENT),
        details=product_lines(evidence.product),
    )


BROWSER_JAVASCRIPT = Check(
    name="browser.javascript",
    title=N_("JavaScript"),
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
