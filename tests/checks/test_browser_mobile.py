"""browser.mobile: browsers of phones and tablets, by what they say of themselves."""

import pytest
from cases.page_cases import before_script, finished, judged
from cases.reach_cases import case_of

from natwizard.checks.base import EvidenceMissing
from natwizard.checks.browser_mobile import BROWSER_MOBILE
from natwizard.model.finding import Status
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.browser_check import BROWSER_CHECK
from natwizard.probes.browser_page.product import product_of
from natwizard.probes.browser_page.steps import PageHello
from natwizard.probes.browser_page.visit import PageState

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/158.0.0.0 Safari/537.36"
PIXEL = "Mozilla/5.0 (Linux; Android 16; K) Chrome/158.0.0.0 Mobile Safari/537.36"
TABLET = "Mozilla/5.0 (Linux; Android 16; K) Chrome/158.0.0.0 Safari/537.36"
FENIX = "Mozilla/5.0 (Android 16; Mobile; rv:157.0) Gecko/157.0 Firefox/157.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 20_1 like Mac OS X) Version/20.1 Mobile/15E148"
IPHONE_CHROME = "Mozilla/5.0 (iPhone; CPU iPhone OS 20_1 like Mac OS X) CriOS/158.0 Mobile/15E148"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/20.1 Safari/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "says_mobile", "status"),
    [
        (WINDOWS, False, Status.PASS),
        (MAC, False, Status.PASS),
        (PIXEL, False, Status.FAIL),
        (TABLET, False, Status.FAIL),
        (FENIX, False, Status.FAIL),
        (IPHONE, False, Status.FAIL),
        (IPHONE_CHROME, False, Status.FAIL),
        (MAC, True, Status.FAIL),
    ],
)
def test_phones_and_tablets_fail(user_agent: str, says_mobile: bool, status: Status) -> None:
    hello = PageHello(instance="00" * 16, user_agent=user_agent, mobile=says_mobile)
    assert judged(BROWSER_MOBILE, finished(product=product_of(hello))).status is status


def test_a_run_that_opens_no_browser_asks_nobody() -> None:
    assert judged(BROWSER_MOBILE, FailureCode.NOT_RUN).status is Status.PASS


def test_a_page_that_said_nothing_is_no_verdict() -> None:
    assert judged(BROWSER_MOBILE, before_script(PageState.NEVER_CAME)).status is Status.UNKNOWN
    stopped = Failure(code=FailureCode.STOPPED, operation="open_page")
    with pytest.raises(EvidenceMissing):
        BROWSER_MOBILE.bind({})(case_of((BROWSER_CHECK, stopped)))
