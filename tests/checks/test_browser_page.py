"""What all checks of the test page share: runs without a browser, and pages that got not far."""

import pytest
from cases.page_cases import CHROME, before_script, finished, judged

from natwizard.checks.base import AnyCheck, EvidenceMissing
from natwizard.checks.browser_cookies import BROWSER_COOKIES
from natwizard.checks.browser_javascript import BROWSER_JAVASCRIPT
from natwizard.checks.browser_storage import BROWSER_LOCAL_STORAGE, BROWSER_SESSION_STORAGE
from natwizard.checks.browser_webrtc import BROWSER_WEBRTC
from natwizard.checks.udp_browsers import UDP_BROWSERS
from natwizard.model.finding import Owner, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browser_page.visit import PageState

RULES: tuple[AnyCheck, ...] = (
    BROWSER_COOKIES,
    BROWSER_JAVASCRIPT,
    BROWSER_LOCAL_STORAGE,
    BROWSER_SESSION_STORAGE,
    BROWSER_WEBRTC,
    UDP_BROWSERS,
)
BY_NAME = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@BY_NAME
def test_a_run_that_opens_no_browser_asks_the_person(rule: AnyCheck) -> None:
    finding = judged(rule, FailureCode.NOT_RUN)
    assert finding.status is Status.MANUAL
    assert finding.remedy is not None
    assert finding.remedy.owner is Owner.AGENT


@BY_NAME
@pytest.mark.parametrize("code", [FailureCode.STOPPED, FailureCode.DEADLINE, FailureCode.DEFECT])
def test_a_page_that_could_not_be_served_is_missing_evidence(
    rule: AnyCheck, code: FailureCode
) -> None:
    with pytest.raises(EvidenceMissing):
        judged(rule, code)


@BY_NAME
@pytest.mark.parametrize(
    ("state", "words"),
    [
        (PageState.NOT_OPENED, "No browser could be opened"),
        (PageState.NEVER_CAME, "did not open the test page"),
        (PageState.SILENT, "did not start"),
    ],
)
def test_a_page_that_never_spoke_is_unknown(rule: AnyCheck, state: PageState, words: str) -> None:
    finding = judged(rule, before_script(state))
    assert finding.status is Status.UNKNOWN
    assert words in finding.summary


@pytest.mark.parametrize(
    ("state", "status"),
    [(PageState.NO_JAVASCRIPT, Status.FAIL), (PageState.TOO_OLD, Status.PASS)],
)
def test_only_javascript_is_settled_by_a_page_without_its_script(
    state: PageState, status: Status
) -> None:
    page = before_script(state)
    statuses = {rule.name: judged(rule, page).status for rule in RULES}
    assert statuses.pop("browser.javascript") is status
    assert set(statuses.values()) == {Status.UNKNOWN}


@BY_NAME
@pytest.mark.parametrize("state", [PageState.CLOSED_EARLY, PageState.RUNNING, PageState.FINISHED])
def test_what_came_before_the_end_counts_and_the_rest_is_unknown(
    rule: AnyCheck, state: PageState
) -> None:
    empty = finished(state=state, own=None, embedded=None, devices=None, gathering=None)
    script_ran = rule is BROWSER_JAVASCRIPT
    assert judged(rule, empty).status is (Status.PASS if script_ran else Status.UNKNOWN)
    assert judged(rule, finished(state=state)).status is Status.PASS


@BY_NAME
def test_another_browser_says_nothing_of_the_one_that_takes_calls(rule: AnyCheck) -> None:
    safari = BrowserProduct(name="Safari", version="20.1", user_agent="Mozilla/5.0 Safari/605")
    finding = judged(rule, finished(product=safari))
    assert finding.status is Status.UNKNOWN
    assert "Safari" in finding.summary


@BY_NAME
def test_a_good_page_passes_and_names_its_browser(rule: AnyCheck) -> None:
    finding = judged(rule, finished())
    assert finding.status is Status.PASS
    assert finding.measured
    assert any(f"{CHROME.name} {CHROME.version}" in detail.text for detail in finding.details)
