"""Which policies and preferences of browsers break the webphone, by their vendors' own pages.

Sources, read on 2026-11-22: Chrome: policy_definitions in chromium/src
(components/policy/resources/templates); Edge: learn.microsoft.com/deployedge; Firefox:
mozilla.github.io/enterprise-admin-reference and mozilla/policy-templates, docs/index.md.

SSLVersionMin of Chrome and Edge is not here: both ignore it since version 98. Nor is
third-party storage partitioning: a page still saves, and the policy ended with version 145.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from natwizard.model.finding import Status
from natwizard.model.language import N_
from natwizard.probes.browsers.browser_copy import BrowserFamily

Test: TypeAlias = Callable[[tuple[str, ...]], bool]

FEWEST_PORTS = 100
"""A call takes a handful of local ports; a second call and old ones still closing take more."""

CHROME_PAGE = "https://chromeenterprise.google/policies/"
EDGE_PAGE = "https://learn.microsoft.com/en-us/deployedge/microsoft-edge-browser-policies/"
FIREFOX_PAGE = "https://mozilla.github.io/enterprise-admin-reference/reference/policies/"
FIREFOX_PREFERENCES = FIREFOX_PAGE + "preferences"


class PolicyRow(Struct, frozen=True, kw_only=True):
    """One key and the values of it that do harm.

    Attributes:
        check: the requirement that it breaks.
        harms: whether these values do.
        says: the sentence, in English, with {browser}.
        exempt: a key whose list names sites that are let through; then it is advice only.
        spares: a measured truth that it leaves alone: where that is gone, something else did it.
    """

    key: str
    check: str
    harms: Test
    says: str
    status: Status = Status.FAIL
    families: tuple[BrowserFamily, ...]
    exempt: str = ""
    spares: str = ""


def one_of(*harmful: str) -> Test:
    """Any of the values is one of these."""
    return lambda values: any(value in harmful for value in values)


CHROMIUM = (BrowserFamily.CHROME, BrowserFamily.EDGE, BrowserFamily.CHROMIUM)
FIREFOX = (BrowserFamily.FIREFOX,)


def chromium(
    key: str,
    check: str,
    harms: Test,
    says: str,
    *,
    status: Status = Status.FAIL,
    families: tuple[BrowserFamily, ...] = CHROMIUM,
    exempt: str = "",
    spares: str = "",
) -> PolicyRow:
    """A row for Chrome and what is made of the same parts."""
    return PolicyRow(
        key=key, check=check, harms=harms, says=says, status=status, families=families,
        exempt=exempt, spares=spares,
    )  # fmt: skip


firefox = partial(chromium, families=FIREFOX)
"""A row for Firefox; keys that begin with a small letter are preferences."""

OFF = one_of("false", "0")
ON = one_of("true", "1")


def mentions_no_udp(values: tuple[str, ...]) -> bool:
    """Some entry of a list of sites sends their calls through the proxy only."""
    return any("disable_non_proxied_udp" in value for value in values)


def few_ports(values: tuple[str, ...]) -> bool:
    """ "10000-10009"; a range that is none is ignored by the browser, says its vendor."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*-\s*(\d{1,5})\s*", values[0]) if values else None
    if match is None:
        return False
    first, last = int(match[1]), int(match[2])
    return first <= last <= 65535 and last - first + 1 < FEWEST_PORTS


def source_of(row: PolicyRow, family: BrowserFamily) -> str:
    """The vendor's page on the key."""
    match family:
        case BrowserFamily.EDGE:
            return EDGE_PAGE + row.key.lower()
        case BrowserFamily.FIREFOX if row.key[0].islower():
            return FIREFOX_PREFERENCES
        case BrowserFamily.FIREFOX:
            return FIREFOX_PAGE + row.key.partition(".")[0].lower()
        case _:
            return f"{CHROME_PAGE}#{row.key}"


COOKIES_OFF = N_("A rule for {browser} blocks all cookies.")
EMBEDDED_OFF = N_("A rule for {browser} blocks cookies in embedded pages.")
EMBEDDED_FEW = N_("A rule for {browser} blocks some cookies in embedded pages.")
SCRIPT_OFF = N_("A rule for {browser} switches JavaScript off.")
STORAGE_OFF = N_("A rule for {browser} keeps sites from saving data.")
CALLS_OFF = N_("A rule for {browser} switches calls off.")
MICROPHONE_CHECKS = ("browser.webrtc", "audio.microphone")
MICROPHONE_OFF = N_("A rule for {browser} blocks the microphone.")
NO_UDP = N_("A rule for {browser} keeps calls from going out directly.")
SOME_NO_UDP = N_("A rule for {browser} keeps some sites from calling directly.")
RELAY_ONLY = N_("A rule for {browser} sends calls through relays only.")
FEW_PORTS = N_("A rule for {browser} leaves calls very few ports.")
OLD_TLS = N_("A rule for {browser} allows old encryption only.")
NEW_TLS = N_("A rule for {browser} refuses all but the newest encryption.")

ROWS: tuple[PolicyRow, ...] = (
    chromium(
        "DefaultCookiesSetting",
        "browser.cookies",
        one_of("2"),
        COOKIES_OFF,
        exempt="CookiesAllowedForUrls",
    ),
    chromium(
        "BlockThirdPartyCookies",
        "browser.embedded_storage",
        ON,
        EMBEDDED_OFF,
        status=Status.WARN,
        exempt="CookiesAllowedForUrls",
        spares="own_cookies",
    ),
    chromium(
        "DefaultJavaScriptSetting",
        "browser.javascript",
        one_of("2"),
        SCRIPT_OFF,
        exempt="JavaScriptAllowedForUrls",
    ),
    chromium(
        "JavaScriptBlockedForUrls",
        "browser.javascript",
        one_of("*"),
        SCRIPT_OFF,
        exempt="JavaScriptAllowedForUrls",
    ),
    *(
        chromium(
            "AudioCaptureAllowed", check, OFF, MICROPHONE_OFF, exempt="AudioCaptureAllowedUrls"
        )
        for check in MICROPHONE_CHECKS
    ),
    chromium(
        "WebRtcIPHandling",
        "browser.webrtc",
        one_of("disable_non_proxied_udp"),
        NO_UDP,
        exempt="WebRtcIPHandlingUrl",
        families=(BrowserFamily.CHROME, BrowserFamily.CHROMIUM),
    ),
    chromium(
        "WebRtcLocalhostIpHandling",
        "browser.webrtc",
        one_of("disable_non_proxied_udp"),
        NO_UDP,
        exempt="WebRtcIPHandlingUrl",
        families=(BrowserFamily.EDGE,),
    ),
    chromium(
        "WebRtcIPHandlingUrl", "browser.webrtc", mentions_no_udp, SOME_NO_UDP, status=Status.WARN
    ),
    chromium("WebRtcUdpPortRange", "udp.browsers", few_ports, FEW_PORTS, status=Status.WARN),
    firefox(
        "Cookies.Behavior", "browser.cookies", one_of("reject"), COOKIES_OFF, exempt="Cookies.Allow"
    ),
    firefox(
        "Cookies.Behavior",
        "browser.embedded_storage",
        one_of("reject-foreign"),
        EMBEDDED_OFF,
        status=Status.WARN,
        exempt="Cookies.Allow",
        spares="own_cookies",
    ),
    firefox(
        "Cookies.Behavior",
        "browser.embedded_storage",
        one_of("limit-foreign"),
        EMBEDDED_FEW,
        status=Status.WARN,
        spares="own_cookies",
    ),
    firefox("Cookies.Default", "browser.cookies", OFF, COOKIES_OFF, exempt="Cookies.Allow"),
    firefox(
        "Cookies.AcceptThirdParty",
        "browser.embedded_storage",
        one_of("never"),
        EMBEDDED_OFF,
        status=Status.WARN,
        exempt="Cookies.Allow",
        spares="own_cookies",
    ),
    *(
        firefox(
            "Permissions.Microphone.BlockNewRequests",
            check,
            ON,
            MICROPHONE_OFF,
            exempt="Permissions.Microphone.Allow",
        )
        for check in MICROPHONE_CHECKS
    ),
    firefox("SSLVersionMax", "browser.tls", one_of("tls1", "tls1.1"), OLD_TLS),
    firefox("SSLVersionMin", "browser.tls", one_of("tls1.3"), NEW_TLS, status=Status.WARN),
    firefox("media.peerconnection.enabled", "browser.webrtc", OFF, CALLS_OFF),
    firefox("media.peerconnection.ice.proxy_only", "browser.webrtc", ON, NO_UDP),
    firefox(
        "media.peerconnection.ice.relay_only", "browser.webrtc", ON, RELAY_ONLY, status=Status.WARN
    ),
    # a site may have been allowed by itself
    firefox(
        "permissions.default.microphone",
        "browser.webrtc",
        one_of("2"),
        MICROPHONE_OFF,
        status=Status.WARN,
    ),
    firefox("javascript.enabled", "browser.javascript", OFF, SCRIPT_OFF),
    firefox("network.cookie.cookieBehavior", "browser.cookies", one_of("2"), COOKIES_OFF),
    firefox(
        "network.cookie.cookieBehavior",
        "browser.embedded_storage",
        one_of("1"),
        EMBEDDED_OFF,
        status=Status.WARN,
        spares="own_cookies",
    ),
    firefox(
        "network.cookie.cookieBehavior",
        "browser.embedded_storage",
        one_of("3"),
        EMBEDDED_FEW,
        status=Status.WARN,
        spares="own_cookies",
    ),
    firefox("dom.storage.enabled", "browser.local_storage", OFF, STORAGE_OFF),
    firefox("dom.storage.enabled", "browser.session_storage", OFF, STORAGE_OFF),
    # 1 is TLS 1.0, 4 is TLS 1.3
    firefox("security.tls.version.max", "browser.tls", one_of("1", "2"), OLD_TLS),
    firefox("security.tls.version.min", "browser.tls", one_of("4"), NEW_TLS, status=Status.WARN),
)
