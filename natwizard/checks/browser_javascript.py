"""browser.javascript: do scripts run in the browser?"""

from collections.abc import Mapping
from typing import Final

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, judge_page, not_seen, product_lines
from natwizard.checks.verdict import Verdict, failed, passed
from natwizard.model.finding import Judgement, Page
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


VERDICTS: Final[Mapping[bool, Verdict]] = {
    True: passed(N_("JavaScript is on in your browser.")),
    False: failed(N_("JavaScript is off in your browser."), ROW.how),
}
"""By whether a script ran."""


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Off only where the browser itself took the way that is there for those without.

    A page that merely stays silent may have been stopped by something else: UNKNOWN.
    """
    return judge_page(inputs, ROW, _judge)


def _judge(evidence: BrowserCheckEvidence) -> Judgement:
    runs = evidence.product is not None or evidence.state is PageState.TOO_OLD
    if not runs and evidence.state is not PageState.NO_JAVASCRIPT:
        return not_seen(evidence, ROW)
    return VERDICTS[runs].judgement(
        observed=_("a script ran") if runs else _("no script ran"),
        expected=_(ROW.expected),
        measured=(Quantity(name="javascript", value=runs, unit=Unit.TEXT),),
        details=product_lines(evidence.product),
    )


BROWSER_JAVASCRIPT = Check(
    name="browser.javascript",
    meaning=N_("The webphone is a program in JavaScript. Without it the page stays empty."),
    title=N_("JavaScript"),
    term="JavaScript",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK, BROWSER_POLICY, BROWSERS),
    limits=NoLimits,
    judge=judge,
)
