"""browser.version and browser.bits as tables of cases."""

import pytest
from cases.reach_cases import page_try

from natwizard.checks.base import EvidenceMissing, Inputs
from natwizard.checks.browser_bits import BROWSER_BITS
from natwizard.checks.browser_version import (
    BROWSER_VERSION,
    BrowserFreshness,
    VersionLimits,
    standing_of,
)
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import (
    Attempt,
    Failure,
    FailureCode,
    Gathered,
    Missed,
    Outcome,
)
from natwizard.probes.browsers.browser_copy import Browser, BrowserFamily, Channel, InstallScope
from natwizard.probes.browsers.installed import BROWSERS, BrowsersEvidence
from natwizard.probes.browsers.newest_versions import (
    NEWEST_VERSIONS,
    Newest,
    NewestVersionsEvidence,
    Origin,
)
from natwizard.probes.web import WEB, WebEvidence

CHROME = r"C:\Program Files\Google\Chrome\Application\chrome.exe"


def browser(
    version: str,
    family: BrowserFamily = BrowserFamily.CHROME,
    channel: Channel = Channel.STABLE,
    *,
    waiting: str = "",
    is_default: bool = False,
    bits: int = 64,
    path: str = CHROME,
    scope: InstallScope = InstallScope.MACHINE,
) -> Browser:
    return Browser(
        family=family,
        channel=channel,
        scope=scope,
        path=path,
        version=version,
        bits=bits,
        is_default=is_default,
        waiting_version=waiting,
    )


def lists(
    origin: Origin = Origin.LIVE,
    as_of: str = "2026-11-22",
    chrome_day: str = "2026-11-19",
    looked_on: str = "2026-11-22",
) -> NewestVersionsEvidence:
    rows = (
        (BrowserFamily.CHROME, "158.0.8145.22", chrome_day, ()),
        (BrowserFamily.EDGE, "157.0.4377.31", "2026-11-01", ()),
        (BrowserFamily.FIREFOX, "160.0", "2026-11-10", ("153.7.0", "140.20.0")),
    )
    failure = Failure(code=FailureCode.TIMED_OUT, operation="download")
    return NewestVersionsEvidence(
        looked_on=looked_on,
        newest=tuple(
            Newest(
                family=family,
                version=version,
                origin=origin,
                as_of=as_of,
                released_on=day,
                long_term=long_term,
                at_least=version,
            )
            for family, version, day, long_term in rows
        ),
        attempts=(
            Attempt(
                operation="download",
                target="https://feeds.example.com/",
                started_s=0.1,
                duration_s=4.0,
                failure=None if origin is Origin.LIVE else failure,
                value="158.0.8145.22" if origin is Origin.LIVE else None,
            ),
        ),
    )


OFFLINE = lists(Origin.SNAPSHOT, "2026-11-09")
KEPT = lists(Origin.CACHE, "2026-11-16", chrome_day="2026-11-05")
KEPT_LONG = lists(Origin.CACHE, "2026-11-10")
ANCIENT = lists(Origin.SNAPSHOT, "2026-08-01")


def judge(
    *browsers: Browser,
    known: NewestVersionsEvidence | None,
    default_told: str = "",
    web: WebEvidence | None = None,
) -> Judgement:
    outcomes: dict[str, Outcome[object]] = {} if web is None else {WEB.name: Gathered(evidence=web)}
    outcomes |= {
        BROWSERS.name: Gathered(
            evidence=BrowsersEvidence(browsers=browsers, default_told=default_told)
        )
    }
    if known is not None:
        outcomes[NEWEST_VERSIONS.name] = Gathered(evidence=known)
    return BROWSER_VERSION.bind({})(Inputs(outcomes=outcomes))


FIREFOX, EDGE, CHROMIUM = BrowserFamily.FIREFOX, BrowserFamily.EDGE, BrowserFamily.CHROMIUM
LONG, EXTENDED = Channel.ESR, Channel.EXTENDED


@pytest.mark.parametrize(
    ("copy", "known", "status", "summary"),
    [
        (browser("158.0.8145.22"), lists(), Status.PASS, "Chrome is up to date."),
        (browser("158.0.1.1"), lists(), Status.PASS, "Chrome is up to date."),
        (browser("159.0.1.1"), lists(), Status.PASS, "Chrome is up to date."),
        (browser("157.0.1.1"), lists(), Status.WARN, "A newer Chrome came out 3 days ago."),
        (browser("157.0.1.1"), lists(chrome_day="2026-11-21"), Status.WARN,
         "A newer Chrome came out 1 day ago."),
        (browser("157.0.1.1"), lists(chrome_day="2026-11-22"), Status.WARN,
         "A newer Chrome came out today."),
        (browser("157.0.1.1"), lists(chrome_day="2026-11-15"), Status.WARN,
         "A newer Chrome came out 7 days ago."),
        (browser("157.0.1.1"), lists(chrome_day="2026-11-14"), Status.FAIL,
         "Chrome is one version behind."),
        (browser("157.0.1.1"), lists(chrome_day=""), Status.WARN, "A newer Chrome is out."),
        (browser("156.0.1.1"), lists(), Status.FAIL, "Chrome is out of date."),
        (browser("157.0.1.1", EDGE), lists(), Status.PASS, "Edge is up to date."),
        (browser("156.0.1.1", EDGE), lists(), Status.FAIL, "Edge is one version behind."),
        (browser("160.0.2", FIREFOX), lists(), Status.PASS, "Firefox is up to date."),
        (browser("153.7.0", FIREFOX, LONG), lists(), Status.WARN,
         "Firefox ESR follows a slower line than the service asks for."),
        (browser("140.1.0", FIREFOX, LONG), lists(), Status.WARN,
         "Firefox ESR follows a slower line than the service asks for."),
        (browser("128.9.0", FIREFOX, LONG), lists(), Status.FAIL, "Firefox ESR is out of date."),
        (browser("160.0.0", FIREFOX, LONG), lists(), Status.PASS, "Firefox ESR is up to date."),
        (browser("154.0.1.1", channel=EXTENDED), lists(), Status.WARN,
         "Chrome Extended follows a slower line than the service asks for."),
        (browser("153.0.1.1", channel=EXTENDED), lists(), Status.FAIL,
         "Chrome Extended is out of date."),
        (browser("159.0.1.1", channel=Channel.BETA), lists(), Status.WARN,
         "Chrome Beta is a test version, not the stable one."),
        (browser("158.0.1.1", channel=Channel.BETA), lists(), Status.WARN,
         "Chrome Beta is a test version, not the stable one."),
        (browser("157.0.1.1", channel=Channel.BETA), lists(), Status.FAIL,
         "Chrome Beta is one version behind."),
        (browser("155.0.1.1", channel=Channel.BETA), lists(), Status.FAIL,
         "Chrome Beta is out of date."),
        (browser("158.0.1.1", CHROMIUM), lists(), Status.PASS, "Chromium is up to date."),
        (browser("156.0.1.1", CHROMIUM), lists(), Status.FAIL, "Chromium is out of date."),
        (browser("156.0.1.1", waiting="158.0.1.1"), lists(), Status.WARN,
         "Chrome waits for a restart to finish its update."),
        (browser("158.0.1.1", waiting="158.0.1.1"), lists(), Status.WARN,
         "Chrome waits for a restart to finish its update."),
        (browser("158.0.1.1", waiting="158.0.2.2"), lists(), Status.PASS, "Chrome is up to date."),
        (browser("154.0.1.1", waiting="155.0.1.1"), lists(), Status.FAIL,
         "Chrome is out of date."),
        (browser(""), lists(), Status.UNKNOWN, "We could not see which version Chrome is."),
        # without the vendor's answer of today
        (browser("158.0.1.1"), KEPT, Status.PASS, "Chrome is up to date."),
        (browser("157.0.1.1"), KEPT, Status.FAIL, "Chrome is one version behind."),
        # a week is the oldest that counts as today's
        (browser("157.0.1.1"), lists(Origin.CACHE, "2026-11-15", "2026-11-05"), Status.FAIL,
         "Chrome is one version behind."),
        (browser("157.0.1.1"), lists(Origin.CACHE, "2026-11-14", "2026-11-05"), Status.WARN,
         "Chrome is probably out of date."),
        (browser("158.0.1.1"), KEPT_LONG, Status.WARN,
         "We could not check for the newest browser."),
        (browser("150.0.1.1"), KEPT_LONG, Status.WARN, "Chrome is probably out of date."),
        (browser("158.0.1.1"), OFFLINE, Status.WARN, "We could not check for the newest browser."),
        (browser("159.0.1.1"), OFFLINE, Status.WARN, "We could not check for the newest browser."),
        (browser("150.0.1.1"), OFFLINE, Status.WARN, "Chrome is probably out of date."),
        (browser("153.7.0", FIREFOX, LONG), OFFLINE, Status.WARN,
         "We could not check for the newest browser."),
        (browser("153.2.0", FIREFOX, LONG), OFFLINE, Status.WARN,
         "Firefox ESR is probably out of date."),
        (browser("158.0.1.1"), ANCIENT, Status.UNKNOWN,
         "We could not check for the newest browser."),
        # four weeks are the oldest that says anything
        (browser("158.0.1.1"), lists(Origin.SNAPSHOT, "2026-10-25"), Status.WARN,
         "We could not check for the newest browser."),
        (browser("158.0.1.1"), lists(Origin.SNAPSHOT, "2026-10-24"), Status.UNKNOWN,
         "We could not check for the newest browser."),
        (browser("120.0.1.1"), ANCIENT, Status.WARN, "Chrome is probably out of date."),
        (browser("158.0.1.1"), None, Status.UNKNOWN, "We could not check for the newest browser."),
        (browser("158.0.1.1"), NewestVersionsEvidence(looked_on="2026-11-22", newest=(),
                                                      attempts=()),
         Status.UNKNOWN, "We could not check for the newest browser."),
    ],
)  # fmt: skip
def test_one_copy_is_judged_by_what_is_known(
    copy: Browser, known: NewestVersionsEvidence | None, status: Status, summary: str
) -> None:
    judged = judge(copy, known=known)
    assert (judged.status, judged.summary) == (status, summary)
    assert (judged.remedy is None) == (status is Status.PASS)
    assert len(judged.summary.split()) <= 12


def test_who_is_connected_is_not_told_to_connect() -> None:
    page_came = WebEvidence(http=(page_try(status=200, expected=True),))
    for web, begins in ((None, "Connect to"), (page_came, "Open the menu, Help, About: Chrome")):
        judged = judge(browser("158.0.1.1"), known=OFFLINE, web=web)
        assert judged.remedy is not None
        assert judged.remedy.text.startswith(begins)


@pytest.mark.parametrize(
    ("version", "known", "expected"),
    [
        ("158.0.1.1", lists(), "Chrome 158"),
        ("150.0.1.1", lists(), "Chrome 158"),
        # a list that is too old to be sure names what it knows, where that proves something
        ("150.0.1.1", KEPT_LONG, "Chrome 158"),
        ("158.0.1.1", KEPT_LONG, "newest stable release"),
        ("158.0.1.1", None, "newest stable release"),
    ],
)
def test_what_is_expected_is_what_is_known(
    version: str, known: NewestVersionsEvidence | None, expected: str
) -> None:
    assert judge(browser(version), known=known).expected == expected


def test_without_a_browser_it_is_a_problem_also_offline() -> None:
    judged = judge(known=None, default_told="/usr/bin/epiphany")
    assert judged.status is Status.FAIL
    assert judged.remedy is not None
    assert judged.remedy.owner is Owner.HELPDESK
    assert "/usr/bin/epiphany" in {detail.text for detail in judged.details}


def test_one_good_browser_is_enough_and_the_old_default_is_named() -> None:
    judged = judge(browser("120.0", FIREFOX, is_default=True), browser("158.0.1.1"), known=lists())
    assert judged.status is Status.PASS
    assert judged.observed == "Chrome 158"
    notes = " ".join(detail.text for detail in judged.details)
    assert "Links open in Firefox 120, which is old. Use Chrome for calls." in notes


def test_the_default_browser_speaks_for_equals() -> None:
    judged = judge(browser("158.0.1.1"), browser("160.0", FIREFOX, is_default=True), known=lists())
    assert judged.observed == "Firefox 160"


def test_a_named_browser_speaks_before_chromium() -> None:
    judged = judge(
        browser("158.0.1.1", CHROMIUM, is_default=True), browser("157.0.1.1", EDGE), known=lists()
    )
    assert judged.observed == "Edge 157"


def test_chromium_alone_passes_with_a_note() -> None:
    judged = judge(browser("158.0.1.1", CHROMIUM), known=lists())
    assert judged.status is Status.PASS
    assert any("The vendor names Chrome, Edge and Firefox" in each.text for each in judged.details)


def test_every_copy_is_listed_with_its_place() -> None:
    judged = judge(
        browser("158.0.1.1"),
        browser("160.0", FIREFOX, scope=InstallScope.SNAP, path="/snap/firefox/1/firefox"),
        known=lists(),
    )
    texts = [detail.text for detail in judged.details]
    assert any("for everyone on this computer" in text and CHROME in text for text in texts)
    assert any("as a snap" in text for text in texts)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (lists(), "asked the vendor on 22\u00a0Nov\u00a02026"),
        (KEPT, "the vendor's answer of 16\u00a0Nov\u00a02026"),
        (OFFLINE, "shipped list of 9\u00a0Nov\u00a02026"),
    ],
)
def test_the_origin_and_age_of_the_list_are_told(known: NewestVersionsEvidence, words: str) -> None:
    details = judge(browser("158.0.1.1"), known=known).details
    assert words in details[-1].text


def test_what_is_offline_names_the_list_it_used() -> None:
    judged = judge(browser("158.0.1.1"), known=OFFLINE)
    assert judged.observed == "Chrome 158; list from 9\u00a0Nov\u00a02026"
    assert judged.tried[0].result == "no answer in 4.0\u00a0s"


@pytest.mark.parametrize(
    ("copy", "words", "owner"),
    [
        (browser("150.0.1.1"), "Open the menu, Help, About", Owner.AGENT),
        (browser("150.0", FIREFOX, path="/usr/lib/firefox/firefox"), "system's updates",
         Owner.HELPDESK),
        (browser("150.0", FIREFOX, path="/home/a/firefox/firefox", scope=InstallScope.USER),
         "Open the menu", Owner.AGENT),
        (browser("150.0", FIREFOX, path="/snap/firefox/1/firefox", scope=InstallScope.SNAP),
         "Close Firefox", Owner.AGENT),
        (browser("150.0", path="/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
         "Open the menu", Owner.AGENT),
        (browser("150.0", CHROMIUM, path="/usr/lib/chromium/chromium"), "Ask for Chrome, Edge",
         Owner.HELPDESK),
    ],
)  # fmt: skip
def test_the_way_to_an_update_fits_the_copy(copy: Browser, words: str, owner: Owner) -> None:
    remedy = judge(copy, known=lists()).remedy
    assert remedy is not None
    assert words in remedy.text
    assert remedy.owner is owner


def test_limits_of_the_profile_count() -> None:
    limits = VersionLimits(rollout_days=1)
    assert standing_of(browser("157.0.1.1"), lists(), limits) is BrowserFreshness.ONE_BEHIND
    bound = BROWSER_VERSION.bind({"rollout_days": 30})
    outcomes: dict[str, Outcome[object]] = {
        BROWSERS.name: Gathered(evidence=BrowsersEvidence(browsers=(browser("157.0.1.1"),))),
        NEWEST_VERSIONS.name: Gathered(evidence=lists(chrome_day="2026-10-25")),
    }
    assert bound(Inputs(outcomes=outcomes)).status is Status.WARN


@pytest.mark.parametrize("check", [BROWSER_VERSION, BROWSER_BITS])
def test_without_a_look_at_the_browsers_nothing_is_said(check: object) -> None:
    failure = Failure(code=FailureCode.DEADLINE, operation="browsers")
    case = Inputs(outcomes={BROWSERS.name: Missed(failure=failure)})
    with pytest.raises(EvidenceMissing):
        check.bind({})(case)


@pytest.mark.parametrize(
    ("browsers", "status", "observed"),
    [
        ((browser("158.0"),), Status.PASS, "Chrome, 64-bit"),
        ((browser("158.0", bits=32),), Status.WARN, "Chrome, 32-bit"),
        ((browser("158.0", bits=32), browser("160.0", FIREFOX)), Status.PASS, "Firefox, 64-bit"),
        ((browser("158.0", bits=32, is_default=True), browser("160.0", FIREFOX)), Status.WARN,
         "Chrome, 32-bit"),
        ((browser("158.0", bits=0),), Status.UNKNOWN, "not readable"),
        ((), Status.UNKNOWN, "none found"),
    ],
)  # fmt: skip
def test_bits_are_those_of_the_browser_in_use(
    browsers: tuple[Browser, ...], status: Status, observed: str
) -> None:
    outcomes: dict[str, Outcome[object]] = {
        BROWSERS.name: Gathered(evidence=BrowsersEvidence(browsers=browsers))
    }
    judged = BROWSER_BITS.bind({})(Inputs(outcomes=outcomes))
    assert (judged.status, judged.observed) == (status, observed)
    assert (judged.remedy is None) == (status is Status.PASS)
