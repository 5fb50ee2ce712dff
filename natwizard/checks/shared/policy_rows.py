"""Which policies and preferences of browsers break the webphone, by their vendors' own pages.

Sources, read on 2026-11-22: Chrome: policy_definitions in chromium/src
(components/policy/resources/templates); Edge: learn.microsoft.com/deployedge; Firefox:
mozilla.github.io/enterprise-admin-reference and mozilla/policy-templates, docs/index.md.

SSLVersionMin of Chrome and Edge is not here: both ignore it since version 98. Nor is
third-party storage partitioning: a page still saves, and the policy ended with version 145.
"""

import re
from collections.abc import Callable
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
    families: tuple[BrowserFamily, ...] = (
        BrowserFamily.CHROME,
        BrowserFamily.EDGE,
        BrowserFamily.CHROMIUM,
    )
    exempt: str = ""
    spares: str = ""


def one_of(*harmful: str) -> Test:
    """Any of the values is one of these."""
    return lambda values: any(value in harmful for value in values)


OFF = one_of("false", "0")
ON = one_of("true", "1")
FIREFOX = (BrowserFamily.FIREFOX,)


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
MICROPHONE_OFF = N_("A rule for {browser} blocks the microphone.")
NO_UDP = N_("A rule for {browser} keeps calls from going out directly.")
SOME_NO_UDP = N_("A rule for {browser} keeps some sites from calling directly.")
RELAY_ONLY = N_("A rule for {browser} sends calls through relays only.")
FEW_PORTS = N_("A rule for {browser} leaves calls very few ports.")
OLD_TLS = N_("A rule for {browser} allows old encryption only.")
NEW_TLS = N_("A rule for {browser} refuses all but the newest encryption.")

ROWS: tuple[PolicyRow, ...] = (
    PolicyRow(
        key="DefaultCookiesSetting",
        check="browser.cookies",
        harms=one_of("2"),
        says=COOKIES_OFF,
        exempt="CookiesAllowedForUrls",
    ),
    PolicyRow(
        key="BlockThirdPartyCookies",
        check="browser.cookies",
        harms=ON,
        says=EMBEDDED_OFF,
        exempt="CookiesAllowedForUrls",
        spares="own_cookies",
    ),
    PolicyRow(
        key="DefaultJavaScriptSetting",
        check="browser.javascript",
        harms=one_of("2"),
        says=SCRIPT_OFF,
        exempt="JavaScriptAllowedForUrls",
    ),
    PolicyRow(
        key="JavaScriptBlockedForUrls",
        check="browser.javascript",
        harms=one_of("*"),
        says=SCRIPT_OFF,
        exempt="JavaScriptAllowedForUrls",
    ),
    PolicyRow(
        key="AudioCaptureAllowed",
        check="browser.webrtc",
        harms=OFF,
        says=MICROPHONE_OFF,
        exempt="AudioCaptureAllowedUrls",
    ),
    PolicyRow(
        key="WebRtcIPHandling",
        check="browser.webrtc",
        harms=one_of("disable_non_proxied_udp"),
        says=NO_UDP,
        families=(BrowserFamily.CHROME, BrowserFamily.CHROMIUM),
        exempt="WebRtcIPHandlingUrl",
    ),
    PolicyRow(
        key="WebRtcLocalhostIpHandling",
        check="browser.webrtc",
        harms=one_of("disable_non_proxied_udp"),
        says=NO_UDP,
        families=(BrowserFamily.EDGE,),
        exempt="WebRtcIPHandlingUrl",
    ),
    PolicyRow(
        key="WebRtcIPHandlingUrl",
        check="browser.webrtc",
        harms=mentions_no_udp,
        says=SOME_NO_UDP,
        status=Status.WARN,
    ),
    PolicyRow(
        key="WebRtcUdpPortRange",
        check="udp.browsers",
        harms=few_ports,
        says=FEW_PORTS,
        status=Status.WARN,
    ),
    PolicyRow(
        key="Cookies.Behavior",
        check="browser.cookies",
        harms=one_of("reject"),
        says=COOKIES_OFF,
        exempt="Cookies.Allow",
        families=FIREFOX,
    ),
    PolicyRow(
        key="Cookies.Behavior",
        check="browser.cookies",
        harms=one_of("reject-foreign"),
        says=EMBEDDED_OFF,
        exempt="Cookies.Allow",
        spares="own_cookies",
        families=FIREFOX,
    ),
    PolicyRow(
        key="Cookies.Behavior",
        check="browser.cookies",
        harms=one_of("limit-foreign"),
        says=EMBEDDED_FEW,
        status=Status.WARN,
        families=FIREFOX,
    ),
    PolicyRow(
        key="Cookies.Default",
        check="browser.cookies",
        harms=OFF,
        says=COOKIES_OFF,
        exempt="Cookies.Allow",
        families=FIREFOX,
    ),
    PolicyRow(
        key="Cookies.AcceptThirdParty",
        check="browser.cookies",
        harms=one_of("never"),
        says=EMBEDDED_OFF,
        exempt="Cookies.Allow",
        spares="own_cookies",
        families=FIREFOX,
    ),
    PolicyRow(
        key="Permissions.Microphone.BlockNewRequests",
        check="browser.webrtc",
        harms=ON,
        says=MICROPHONE_OFF,
        families=FIREFOX,
        exempt="Permissions.Microphone.Allow",
    ),
    PolicyRow(
        key="SSLVersionMax",
        check="browser.tls",
        harms=one_of("tls1", "tls1.1"),
        says=OLD_TLS,
        families=FIREFOX,
    ),
    PolicyRow(
        key="SSLVersionMin",
        check="browser.tls",
        harms=one_of("tls1.3"),
        says=NEW_TLS,
        status=Status.WARN,
        families=FIREFOX,
    ),
    PolicyRow(
        key="media.peerconnection.enabled",
        check="browser.webrtc",
        harms=OFF,
        says=CALLS_OFF,
        families=FIREFOX,
    ),
    PolicyRow(
        key="media.peerconnection.ice.proxy_only",
        check="browser.webrtc",
        harms=ON,
        says=NO_UDP,
        families=FIREFOX,
    ),
    PolicyRow(
        key="media.peerconnection.ice.relay_only",
        check="browser.webrtc",
        harms=ON,
        says=RELAY_ONLY,
        status=Status.WARN,
        families=FIREFOX,
    ),
    PolicyRow(
        key="permissions.default.microphone",
        check="browser.webrtc",
        harms=one_of("2"),
        says=MICROPHONE_OFF,
        status=Status.WARN,  # a site may have been allowed by itself
        families=FIREFOX,
    ),
    PolicyRow(
        key="javascript.enabled",
        check="browser.javascript",
        harms=OFF,
        says=SCRIPT_OFF,
        families=FIREFOX,
    ),
    PolicyRow(
        key="network.cookie.cookieBehavior",
        check="browser.cookies",
        harms=one_of("2"),
        says=COOKIES_OFF,
        families=FIREFOX,
    ),
    PolicyRow(
        key="network.cookie.cookieBehavior",
        check="browser.cookies",
        harms=one_of("1"),
        says=EMBEDDED_OFF,
        families=FIREFOX,
    ),
    PolicyRow(
        key="network.cookie.cookieBehavior",
        check="browser.cookies",
        harms=one_of("3"),
        says=EMBEDDED_FEW,
        status=Status.WARN,
        families=FIREFOX,
    ),
    PolicyRow(
        key="dom.storage.enabled",
        check="browser.local_storage",
        harms=OFF,
        says=STORAGE_OFF,
        families=FIREFOX,
    ),
    PolicyRow(
        key="dom.storage.enabled",
        check="browser.session_storage",
        harms=OFF,
        says=STORAGE_OFF,
        families=FIREFOX,
    ),
    PolicyRow(
        key="security.tls.version.max",
        check="browser.tls",
        harms=one_of("1", "2"),  # 1 is TLS 1.0, 4 is TLS 1.3
        says=OLD_TLS,
        families=FIREFOX,
    ),
    PolicyRow(
        key="security.tls.version.min",
        check="browser.tls",
        harms=one_of("4"),
        says=NEW_TLS,
        status=Status.WARN,
        families=FIREFOX,
    ),
)
