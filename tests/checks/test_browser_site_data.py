"""browser.cookies, browser.*_storage: each setting, its own line."""

import pytest
from cases.page_cases import (
    GOOD_SITE,
    NO_COOKIES,
    NO_LOCAL,
    NO_STORES,
    NOT_SENT,
    ONLY_APART,
    finished,
    judged,
)

from natwizard.checks.browser_cookies import BROWSER_COOKIES
from natwizard.checks.browser_embedded_storage import BROWSER_EMBEDDED_STORAGE
from natwizard.checks.browser_storage import BROWSER_LOCAL_STORAGE, BROWSER_SESSION_STORAGE
from natwizard.model.finding import Status
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browser_page.visit import SiteData

PASS, WARN, FAIL, UNKNOWN = Status.PASS, Status.WARN, Status.FAIL, Status.UNKNOWN


@pytest.mark.parametrize(
    ("own", "cookies", "local", "session"),
    [
        (GOOD_SITE, PASS, PASS, PASS),
        (NO_COOKIES, FAIL, UNKNOWN, UNKNOWN),
        (ONLY_APART, FAIL, PASS, PASS),
        (NOT_SENT, FAIL, PASS, PASS),
        (NO_LOCAL, PASS, FAIL, PASS),
        (NO_STORES, PASS, FAIL, FAIL),
        (None, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
@pytest.mark.parametrize("embedded", [GOOD_SITE, NO_COOKIES, None])
def test_each_setting_turns_its_own_line_red(
    own: SiteData | None,
    embedded: SiteData | None,
    cookies: Status,
    local: Status,
    session: Status,
) -> None:
    page = finished(own=own, embedded=embedded)
    assert judged(BROWSER_COOKIES, page).status is cookies
    assert judged(BROWSER_LOCAL_STORAGE, page).status is local
    assert judged(BROWSER_SESSION_STORAGE, page).status is session


@pytest.mark.parametrize(
    ("own", "embedded", "status", "observed"),
    [
        (GOOD_SITE, GOOD_SITE, PASS, "cookies kept, data saved"),
        (GOOD_SITE, NO_COOKIES, WARN, "cookies blocked, data blocked"),
        (GOOD_SITE, ONLY_APART, WARN, "cookies blocked, data saved"),
        (GOOD_SITE, NOT_SENT, WARN, "cookies blocked, data saved"),
        (GOOD_SITE, NO_LOCAL, WARN, "cookies kept, data blocked"),
        (GOOD_SITE, None, UNKNOWN, "no result for this part"),
        (NO_COOKIES, NO_COOKIES, UNKNOWN, "cookies blocked, data blocked"),
        (NO_LOCAL, NO_LOCAL, UNKNOWN, "cookies kept, data blocked"),
        (NO_LOCAL, NO_COOKIES, WARN, "cookies blocked, data blocked"),
    ],
)
def test_what_is_lost_only_inside_another_page_is_advice(
    own: SiteData, embedded: SiteData | None, status: Status, observed: str
) -> None:
    finding = judged(BROWSER_EMBEDDED_STORAGE, finished(own=own, embedded=embedded))
    assert (finding.status, finding.observed) == (status, observed)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("Chrome", "Privacy and security > Third-party cookies"),
        ("Edge", "Privacy, search, and services > Cookies"),
        ("Firefox", "Enhanced Tracking Protection"),
    ],
)
def test_the_setting_is_named_as_the_browser_calls_it(name: str, setting: str) -> None:
    product = BrowserProduct(name=name, version="158.0", user_agent="")
    finding = judged(BROWSER_EMBEDDED_STORAGE, finished(product=product, embedded=NO_COOKIES))
    assert finding.remedy is not None
    assert setting in finding.remedy.text


def test_partitioned_cookies_are_named() -> None:
    finding = judged(BROWSER_EMBEDDED_STORAGE, finished(embedded=ONLY_APART))
    assert finding.summary == "Your browser blocks cookies inside Salesforce."
    assert any(detail.label == "Partitioned cookies" for detail in finding.details)


def test_what_the_browser_says_of_storage_is_shown() -> None:
    finding = judged(BROWSER_LOCAL_STORAGE, finished(own=NO_LOCAL))
    assert any("there is no localStorage" in detail.text for detail in finding.details)
