"""browser.mobile: is the browser one of a computer, not of a phone or tablet?"""

from natwizard.checks.base import Check, EvidenceMissing, Inputs, NoLimits
from natwizard.checks.browser_page import PageRow, not_seen, product_lines
from natwizard.checks.verdict import VerdictTable, failed, passed
from natwizard.model.finding import Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.browser_check import BROWSER_CHECK

ROW = PageRow(
    check="browser.mobile",
    asks=N_("Do you take calls in a browser on a computer?"),
    how=N_("Take calls in Chrome, Edge or Firefox on a computer."),
    expected=N_("a browser on a computer"),
)


class MobileState(VerdictTable):
    """What kind of device the browser runs on."""

    COMPUTER = passed(N_("Your browser is one for computers."))
    NOT_OPENED = passed(N_("This is a computer, not a phone or tablet."))
    MOBILE = failed(N_("The webphone does not work in browsers of phones and tablets."), ROW.how)


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """What the browser says of itself.

    Where no browser was opened the row still stands: this program runs on the systems of
    computers only, so the browsers beside it are theirs.
    """
    try:
        evidence = inputs.evidence(BROWSER_CHECK)
    except EvidenceMissing as missing:
        if missing.failure.code is not FailureCode.NOT_RUN:
            raise
        return MobileState.NOT_OPENED.verdict.judgement(
            observed=_("a computer"), expected=_(ROW.expected)
        )
    product = evidence.product
    if product is None:
        return not_seen(evidence, ROW)
    state = MobileState.MOBILE if product.mobile else MobileState.COMPUTER
    return state.verdict.judgement(
        observed=_("a phone or tablet") if product.mobile else _("a computer"),
        expected=_(ROW.expected),
        measured=(Quantity(name="mobile", value=product.mobile, unit=Unit.TEXT),),
        details=product_lines(product),
    )


BROWSER_MOBILE = Check(
    name="browser.mobile",
    meaning=N_(
        "Browsers of phones and tablets lack what the webphone needs. Calls are taken in a "
        "browser on a computer."
    ),
    title=N_("Mobile browsers"),
    term="Mobile browsers",
    page=Page.BROWSERS,
    needs=(BROWSER_CHECK,),
    limits=NoLimits,
    judge=judge,
)
