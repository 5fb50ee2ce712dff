"""Policies of browsers in the findings of their checks: named, weighed, and whose they are."""

import pytest
from cases.page_cases import (
    CHROME,
    GOOD_DEVICES,
    LOCAL_ONLY,
    NO_COOKIES,
    before_script,
    finished,
    judged,
)
from cases.reach_cases import FOUND, TARGET, UNVERIFIED, assert_plain, case_of, ok
from msgspec.structs import replace

from natwizard.checks.base import AnyCheck
from natwizard.checks.browser_cookies import BROWSER_COOKIES
from natwizard.checks.browser_embedded_storage import BROWSER_EMBEDDED_STORAGE
from natwizard.checks.browser_javascript import BROWSER_JAVASCRIPT
from natwizard.checks.browser_storage import BROWSER_LOCAL_STORAGE, BROWSER_SESSION_STORAGE
from natwizard.checks.browser_tls import BROWSER_TLS
from natwizard.checks.browser_webrtc import BROWSER_WEBRTC
from natwizard.checks.shared.policy_rows import ROWS, source_of
from natwizard.checks.udp_browsers import UDP_BROWSERS
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.browser_check import BrowserCheckEvidence
from natwizard.probes.browser_page.product import BrowserProduct
from natwizard.probes.browser_page.visit import PageState
from natwizard.probes.browsers.browser_copy import (
    TITLES,
    Browser,
    BrowserFamily,
    Channel,
    InstallScope,
)
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY, BrowserPolicyEvidence
from natwizard.probes.browsers.chromium_policy import NAMES
from natwizard.probes.browsers.firefox_policy import POLICIES, PREFERENCES
from natwizard.probes.browsers.installed import BROWSERS, BrowsersEvidence
from natwizard.probes.browsers.policy_value import PolicyValue
from natwizard.probes.connection.handshake import TlsSession
from natwizard.probes.connection.reachability import Reachability
from natwizard.probes.tls_floor import TLS_FLOOR, FloorEvidence, FloorTry

PLACE = r"HKLM\SOFTWARE\Policies\Google\Chrome"
RULES = {
    rule.name: rule
    for rule in (
        BROWSER_COOKIES,
        BROWSER_EMBEDDED_STORAGE,
        BROWSER_JAVASCRIPT,
        BROWSER_LOCAL_STORAGE,
        BROWSER_SESSION_STORAGE,
        BROWSER_WEBRTC,
        UDP_BROWSERS,
    )
}


def policies(family: BrowserFamily, **settings: str) -> tuple[object, ...]:
    """Settings of one browser; "__" in a name stands for a dot, lower case for a preference."""
    return (
        BROWSER_POLICY,
        BrowserPolicyEvidence(
            settings=tuple(
                PolicyValue(
                    family=family,
                    key=key.replace("__", "."),
                    values=(value,),
                    place=PLACE,
                    own=key[0].islower(),
                )
                for key, value in settings.items()
            )
        ),
    )


def installed(*families: BrowserFamily, default: BrowserFamily | None = None) -> tuple[object, ...]:
    copies = tuple(
        Browser(
            family=family,
            channel=Channel.STABLE,
            scope=InstallScope.MACHINE,
            path=f"/opt/{family}",
            is_default=family is default,
        )
        for family in families
    )
    return BROWSERS, BrowsersEvidence(browsers=copies)


HARMFUL: tuple[tuple[BrowserFamily, dict[str, str], str, Status], ...] = (
    (BrowserFamily.CHROME, {"DefaultCookiesSetting": "2"}, "browser.cookies", Status.FAIL),
    (BrowserFamily.EDGE, {"DefaultCookiesSetting": "2"}, "browser.cookies", Status.FAIL),
    (
        BrowserFamily.CHROMIUM,
        {"BlockThirdPartyCookies": "true"},
        "browser.embedded_storage",
        Status.WARN,
    ),
    (BrowserFamily.EDGE, {"BlockThirdPartyCookies": "1"}, "browser.embedded_storage", Status.WARN),
    (BrowserFamily.CHROME, {"DefaultJavaScriptSetting": "2"}, "browser.javascript", Status.FAIL),
    (BrowserFamily.CHROME, {"AudioCaptureAllowed": "0"}, "browser.webrtc", Status.FAIL),
    (
        BrowserFamily.CHROME,
        {"AudioCaptureAllowed": "false", "AudioCaptureAllowedUrls": "https://phone.example.com"},
        "browser.webrtc",
        Status.WARN,
    ),
    (
        BrowserFamily.CHROME,
        {"WebRtcIPHandling": "disable_non_proxied_udp"},
        "browser.webrtc",
        Status.FAIL,
    ),
    (
        BrowserFamily.CHROME,
        {
            "WebRtcIPHandling": "disable_non_proxied_udp",
            "WebRtcIPHandlingUrl": "https://phone.example.com default",
        },
        "browser.webrtc",
        Status.WARN,
    ),
    (
        BrowserFamily.EDGE,
        {"WebRtcLocalhostIpHandling": "disable_non_proxied_udp"},
        "browser.webrtc",
        Status.FAIL,
    ),
    (
        BrowserFamily.EDGE,
        {"WebRtcIPHandlingUrl": "* disable_non_proxied_udp"},
        "browser.webrtc",
        Status.WARN,
    ),
    (BrowserFamily.CHROME, {"WebRtcUdpPortRange": "10000-10009"}, "udp.browsers", Status.WARN),
    (BrowserFamily.CHROME, {"WebRtcUdpPortRange": "10000-10098"}, "udp.browsers", Status.WARN),
    (BrowserFamily.FIREFOX, {"Cookies__Behavior": "reject"}, "browser.cookies", Status.FAIL),
    (
        BrowserFamily.FIREFOX,
        {"Cookies__Behavior": "reject-foreign"},
        "browser.embedded_storage",
        Status.WARN,
    ),
    (
        BrowserFamily.FIREFOX,
        {"Cookies__Behavior": "limit-foreign"},
        "browser.embedded_storage",
        Status.WARN,
    ),
    (BrowserFamily.FIREFOX, {"Cookies__Default": "0"}, "browser.cookies", Status.FAIL),
    (
        BrowserFamily.FIREFOX,
        {"Cookies__AcceptThirdParty": "never"},
        "browser.embedded_storage",
        Status.WARN,
    ),
    (
        BrowserFamily.FIREFOX,
        {"Permissions__Microphone__BlockNewRequests": "true"},
        "browser.webrtc",
        Status.FAIL,
    ),
    (
        BrowserFamily.FIREFOX,
        {
            "Permissions__Microphone__BlockNewRequests": "1",
            "Permissions__Microphone__Allow": "https://phone.example.com",
        },
        "browser.webrtc",
        Status.WARN,
    ),
    (
        BrowserFamily.FIREFOX,
        {"media__peerconnection__enabled": "false"},
        "browser.webrtc",
        Status.FAIL,
    ),
    (
        BrowserFamily.FIREFOX,
        {"media__peerconnection__ice__proxy_only": "true"},
        "browser.webrtc",
        Status.FAIL,
    ),
    (
        BrowserFamily.FIREFOX,
        {"media__peerconnection__ice__relay_only": "true"},
        "browser.webrtc",
        Status.WARN,
    ),
    (
        BrowserFamily.FIREFOX,
        {"permissions__default__microphone": "2"},
        "browser.webrtc",
        Status.WARN,
    ),
    (BrowserFamily.FIREFOX, {"javascript__enabled": "false"}, "browser.javascript", Status.FAIL),
    (
        BrowserFamily.FIREFOX,
        {"network__cookie__cookieBehavior": "1"},
        "browser.embedded_storage",
        Status.WARN,
    ),
    (
        BrowserFamily.FIREFOX,
        {"network__cookie__cookieBehavior": "2"},
        "browser.cookies",
        Status.FAIL,
    ),
    (
        BrowserFamily.FIREFOX,
        {"network__cookie__cookieBehavior": "3"},
        "browser.embedded_storage",
        Status.WARN,
    ),
    (
        BrowserFamily.FIREFOX,
        {"dom__storage__enabled": "false"},
        "browser.local_storage",
        Status.FAIL,
    ),
    (
        BrowserFamily.FIREFOX,
        {"dom__storage__enabled": "false"},
        "browser.session_storage",
        Status.FAIL,
    ),
)


@pytest.mark.parametrize(("family", "settings", "check", "status"), HARMFUL)
def test_a_policy_settles_what_no_page_has_tested(
    family: BrowserFamily, settings: dict[str, str], check: str, status: Status
) -> None:
    brought = policies(family, **settings)
    finding = judged(RULES[check], FailureCode.NOT_RUN, brought)  # type: ignore[arg-type]
    key = next(iter(settings)).replace("__", ".")
    assert finding.status is status
    assert TITLES[family] in finding.summary
    assert key in finding.observed
    assert finding.remedy is not None
    assert finding.remedy.owner is Owner.HELPDESK
    if status is Status.FAIL:
        assert key in finding.remedy.text
    assert PLACE in finding.remedy.request
    assert finding.remedy.link.startswith("https://")
    assert any(PLACE in detail.text for detail in finding.details)


@pytest.mark.parametrize(("family", "settings", "check", "status"), HARMFUL)
def test_a_policy_leaves_the_other_checks_alone(
    family: BrowserFamily, settings: dict[str, str], check: str, status: Status
) -> None:
    brought = policies(family, **settings)
    key, value = next(iter(settings.items()))
    rows = (row for row in ROWS if row.key == key.replace("__", "."))
    own = {row.check for row in rows if row.harms((value,))}
    for name, rule in RULES.items():
        finding = judged(rule, FailureCode.NOT_RUN, brought)  # type: ignore[arg-type]
        assert (finding.status is not Status.MANUAL) == (name in own), (name, check, status)


@pytest.mark.parametrize(
    "settings",
    [
        {"DefaultCookiesSetting": "1"},
        {"DefaultCookiesSetting": "4"},
        {"BlockThirdPartyCookies": "0"},
        {"DefaultJavaScriptSetting": "1"},
        {"AudioCaptureAllowed": "true"},
        {"WebRtcIPHandling": "default_public_interface_only"},
        {"WebRtcUdpPortRange": "10000-11999"},
        {"WebRtcUdpPortRange": "10000-10099"},
        {"WebRtcUdpPortRange": ""},
        {"WebRtcUdpPortRange": "20000-10000"},
        {"WebRtcUdpPortRange": "99990-99999"},
        # Edge's name for it; Chrome does not know it
        {"WebRtcLocalhostIpHandling": "disable_non_proxied_udp"},
    ],
)
def test_a_harmless_value_changes_nothing(settings: dict[str, str]) -> None:
    brought = policies(BrowserFamily.CHROME, **settings)
    for rule in RULES.values():
        finding = judged(rule, FailureCode.NOT_RUN, brought)  # type: ignore[arg-type]
        assert finding == judged(rule, FailureCode.NOT_RUN)


def blocked(rule: AnyCheck, *more: object, page: object = FailureCode.NOT_RUN) -> Status:
    brought = policies(BrowserFamily.CHROME, DefaultCookiesSetting="2")
    return judged(rule, page, brought, *more).status  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("families", "default", "status"),
    [
        ((BrowserFamily.CHROME, BrowserFamily.EDGE), BrowserFamily.CHROME, Status.FAIL),
        ((BrowserFamily.CHROME, BrowserFamily.EDGE), BrowserFamily.EDGE, Status.MANUAL),
        ((BrowserFamily.CHROME, BrowserFamily.EDGE), None, Status.FAIL),
        ((BrowserFamily.FIREFOX,), None, Status.MANUAL),
        ((), None, Status.FAIL),
    ],
)
def test_only_the_browser_in_question_counts(
    families: tuple[BrowserFamily, ...], default: BrowserFamily | None, status: Status
) -> None:
    assert blocked(BROWSER_COOKIES, installed(*families, default=default)) is status


def test_the_tested_browser_counts_whatever_the_default_is() -> None:
    default = installed(BrowserFamily.CHROME, BrowserFamily.FIREFOX, default=BrowserFamily.CHROME)
    firefox = BrowserProduct(name="Firefox", version="160.0", user_agent="Firefox/160.0")
    early = finished(product=firefox, state=PageState.CLOSED_EARLY, own=None)
    assert blocked(BROWSER_COOKIES, default, page=early) is Status.UNKNOWN
    early = finished(product=CHROME, state=PageState.CLOSED_EARLY, own=None)
    assert blocked(BROWSER_COOKIES, default, page=early) is Status.FAIL


def test_a_page_that_never_came_is_settled_by_a_policy() -> None:
    assert blocked(BROWSER_COOKIES, page=before_script(PageState.NEVER_CAME)) is Status.FAIL


def test_a_browser_without_script_has_no_name_so_any_policy_may_explain_it() -> None:
    brought = policies(BrowserFamily.CHROME, DefaultJavaScriptSetting="2")
    default = installed(BrowserFamily.CHROME, BrowserFamily.FIREFOX, default=BrowserFamily.FIREFOX)
    page = before_script(PageState.NO_JAVASCRIPT)
    finding = judged(BROWSER_JAVASCRIPT, page, brought, default)  # type: ignore[arg-type]
    assert finding.remedy is not None
    assert "DefaultJavaScriptSetting" in finding.remedy.text


def test_a_test_that_passed_stands_and_names_the_policy() -> None:
    brought = policies(BrowserFamily.CHROME, DefaultCookiesSetting="2")
    finding = judged(BROWSER_COOKIES, finished(), brought)  # type: ignore[arg-type]
    assert finding.status is Status.PASS
    assert finding.remedy is None
    assert "DefaultCookiesSetting = 2" in str(finding.details)


def test_a_test_that_failed_gets_the_policy_as_its_way_out() -> None:
    brought = policies(BrowserFamily.CHROME, DefaultCookiesSetting="2")
    page = finished(own=NO_COOKIES, embedded=NO_COOKIES)
    finding = judged(BROWSER_COOKIES, page, brought)  # type: ignore[arg-type]
    without = judged(BROWSER_COOKIES, page)
    assert (finding.status, finding.summary) == (Status.FAIL, without.summary)
    assert finding.remedy is not None
    assert finding.remedy.text == "Ask to change the policy DefaultCookiesSetting of Chrome."


def test_a_failure_of_another_kind_keeps_its_own_way_out() -> None:
    brought = policies(BrowserFamily.CHROME, WebRtcIPHandlingUrl="* disable_non_proxied_udp")
    page = finished(gathering=LOCAL_ONLY)
    finding = judged(BROWSER_WEBRTC, page, brought)  # type: ignore[arg-type]
    without = judged(BROWSER_WEBRTC, page)
    assert without.remedy is not None
    assert (finding.status, finding.remedy) == (Status.WARN, without.remedy)
    assert "WebRtcIPHandlingUrl" in str(finding.details)


def test_a_policy_that_is_worse_than_what_was_seen_speaks() -> None:
    brought = policies(BrowserFamily.CHROME, AudioCaptureAllowed="0")
    page = finished(devices=replace(GOOD_DEVICES, permission="denied"))
    assert judged(BROWSER_WEBRTC, page).status is Status.WARN
    finding = judged(BROWSER_WEBRTC, page, brought)  # type: ignore[arg-type]
    assert finding.status is Status.FAIL
    assert finding.summary == "A rule for Chrome blocks the microphone."
    assert "Your browser keeps the microphone from this test page." in str(finding.details)


NOWHERE = finished(own=NO_COOKIES, embedded=NO_COOKIES)
LET_THROUGH = "https://phone.example.com"


@pytest.mark.parametrize(
    ("page", "settings", "status", "words"),
    [
        # what the policy leaves alone is blocked as well: that was not the policy
        (
            NOWHERE,
            {"BlockThirdPartyCookies": "true", "CookiesAllowedForUrls": LET_THROUGH},
            Status.FAIL,
            "",
        ),
        (
            NOWHERE,
            {"DefaultCookiesSetting": "2", "CookiesAllowedForUrls": LET_THROUGH},
            Status.WARN,
            "whether CookiesAllowedForUrls of Chrome names the webphone's sites",
        ),
    ],
)
def test_sites_that_are_let_through_make_it_advice(
    page: BrowserCheckEvidence, settings: dict[str, str], status: Status, words: str
) -> None:
    finding = judged(BROWSER_COOKIES, page, policies(BrowserFamily.CHROME, **settings))  # type: ignore[arg-type]
    assert finding.status is status
    assert finding.remedy is not None
    assert words in finding.remedy.text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"BlockThirdPartyCookies": "true"}, "change the policy BlockThirdPartyCookies"),
        (
            {"BlockThirdPartyCookies": "true", "CookiesAllowedForUrls": LET_THROUGH},
            "whether CookiesAllowedForUrls of Chrome names the webphone's sites",
        ),
        ({}, "Privacy and security > Third-party cookies"),
    ],
)
def test_blocked_inside_salesforce_is_advice_and_names_the_setting(
    settings: dict[str, str], words: str
) -> None:
    page = finished(embedded=NO_COOKIES)
    brought = policies(BrowserFamily.CHROME, **settings)
    finding = judged(BROWSER_EMBEDDED_STORAGE, page, brought)  # type: ignore[arg-type]
    assert finding.status is Status.WARN
    assert finding.remedy is not None
    assert words in finding.remedy.text
    assert judged(BROWSER_COOKIES, page, brought).status is Status.PASS  # type: ignore[arg-type]


def test_a_preference_of_the_person_is_called_one() -> None:
    brought = policies(BrowserFamily.FIREFOX, javascript__enabled="false")
    finding = judged(BROWSER_JAVASCRIPT, FailureCode.NOT_RUN, brought)  # type: ignore[arg-type]
    assert finding.remedy is not None
    assert finding.remedy.text == "Ask to reset javascript.enabled in Firefox (about:config)."
    assert finding.details[-1].label == "Setting of Firefox"


def tls(version: str, **settings: str) -> Judgement:
    session = TlsSession(version=version, cipher=UNVERIFIED.cipher, verified=False)
    reach = Reachability(
        family="IPv4", connects=(ok(None, "connect_tcp"),), tls=ok(session, "start_tls")
    )
    handshake = FloorTry(target=TARGET, lookup=FOUND, reached=(reach,))
    evidence = FloorEvidence(setting="targets.tls", tries=(handshake,))
    brought = policies(BrowserFamily.FIREFOX, **settings)
    finding = BROWSER_TLS.bind({})(case_of((TLS_FLOOR, evidence), brought))  # type: ignore[arg-type]
    assert_plain(finding)
    return finding


@pytest.mark.parametrize(
    ("version", "settings", "status"),
    [
        ("TLSv1.3", {}, Status.PASS),
        ("TLSv1.3", {"SSLVersionMax": "tls1.3"}, Status.PASS),
        ("TLSv1.2", {"SSLVersionMin": "tls1.2"}, Status.PASS),
        ("TLSv1.3", {"SSLVersionMax": "tls1.1"}, Status.FAIL),
        ("TLSv1.3", {"security__tls__version__max": "2"}, Status.FAIL),
        ("TLSv1.3", {"SSLVersionMin": "tls1.3"}, Status.PASS),
        ("TLSv1.2", {"SSLVersionMin": "tls1.3"}, Status.WARN),
        ("TLSv1.2", {"security__tls__version__min": "4"}, Status.WARN),
    ],
)
def test_a_policy_outranks_the_handshake_of_this_program(
    version: str, settings: dict[str, str], status: Status
) -> None:
    assert tls(version, **settings).status is status


def test_every_row_is_looked_for_and_has_a_source() -> None:
    for row in ROWS:
        firefox = BrowserFamily.FIREFOX in row.families
        watched = (*POLICIES, *PREFERENCES) if firefox else NAMES
        assert row.key in watched
        assert not row.exempt or row.exempt in watched
        assert all(source_of(row, family).startswith("https://") for family in row.families)
