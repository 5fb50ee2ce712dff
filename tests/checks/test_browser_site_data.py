"""browser.cookies, browser.local_storage, browser.session_storage: each setting, its own line."""

import pytest
from page_cases import (
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
from natwizard.checks.browser_storage import BROWSER_LOCAL_STORAGE, BROWSER_SESSION_STORAGE
from natwizard.model.finding import Status
from natwizard.probes.browser_page.visit import SiteData

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN


@pytest.mark.parametrize(
    ("own", "embedded", "cookies", "local", "session"),
    [
        (GOOD_SITE, GOOD_SITE, PASS, PASS, PASS),
        (GOOD_SITE, NO_COOKIES, FAIL, UNKNOWN, UNKNOWN),
        (GOOD_SITE, ONLY_APART, FAIL, PASS, PASS),
        (GOOD_SITE, NOT_SENT, FAIL, PASS, PASS),
        (GOOD_SITE, NO_LOCAL, PASS, FAIL, PASS),
        (GOOD_SITE, None, UNKNOWN, UNKNOWN, UNKNOWN),
        (NO_COOKIES, NO_COOKIES, FAIL, UNKNOWN, UNKNOWN),
        (NO_COOKIES, None, FAIL, UNKNOWN, UNKNOWN),
        (NOT_SENT, GOOD_SITE, FAIL, PASS, PASS),
        (NO_LOCAL, NO_LOCAL, PASS, FAIL, PASS),
        (NO_STORES, NO_STORES, PASS, FAIL, FAIL),
    ],
)
def test_each_setting_turns_its_own_line_red(
    own: SiteData, embedded: SiteData | None, cookies: Status, local: Status, session: Status
) -> None:
    page = finished(own=own, embedded=embedded)
    assert judged(BROWSER_COOKIES, page).status is cookies
    assert judged(BROWSER_LOCAL_STORAGE, page).status is local
    assert judged(BROWSER_SESSION_STORAGE, page).status is session


def test_cookies_that_are_kept_apart_are_told_but_do_not_pass() -> None:
    finding = judged(BROWSER_COOKIES, finished(embedded=ONLY_APART))
    assert finding.summary == "Your browser blocks cookies in embedded pages."
    assert any("kept apart" in detail.text for detail in finding.details)


def test_what_the_browser_says_of_storage_is_shown() -> None:
    finding = judged(BROWSER_LOCAL_STORAGE, finished(own=NO_LOCAL))
    assert any("there is no localStorage" in detail.text for detail in finding.details)
