"""Real Chromium and Firefox, settings switched off one by one: each turns its own line red."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from computers.browser_lab import CHECKS, BrowserLab, Setting, turn_server

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("real browsers"),
    pytest.mark.skipif(
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or not all(map(shutil.which, ("ip", "nft", "setpriv", "unshare"))),
        reason="needs root, ip, nft, setpriv and unshare",
    ),
]

PROGRAMS = {"chromium": "chromium", "firefox": "firefox-esr"}
COOKIES, SCRIPT, LOCAL, SESSION, CALLS, UDP = CHECKS
EMBEDDED = "browser.embedded_storage"
"""Asked for where a setting is about embedded pages alone."""
WITHOUT_SCRIPT = dict.fromkeys((COOKIES, LOCAL, SESSION, CALLS, UDP), "unknown")


def chromium(kind: str, value: int) -> Setting:
    return Setting(browser="chromium", profile={"default_content_setting_values": {kind: value}})


def firefox(name: str, *, value: object) -> Setting:
    return Setting(browser="firefox", prefs=((name, value),))


CASES: dict[str, tuple[Setting, dict[str, str]]] = {
    "chromium, all on": (Setting(browser="chromium"), {}),
    "chromium, cookies blocked": (
        chromium("cookies", 2),
        {COOKIES: "fail", LOCAL: "unknown", SESSION: "unknown"},
    ),
    "chromium, third-party cookies blocked": (
        Setting(browser="chromium", profile={"cookie_controls_mode": 1}),
        {EMBEDDED: "warn"},
    ),
    "chromium, local storage off": (
        Setting(browser="chromium", flags=("--disable-local-storage",)),
        {LOCAL: "fail"},
    ),
    "chromium, JavaScript off": (chromium("javascript", 2), WITHOUT_SCRIPT | {SCRIPT: "fail"}),
    "chromium, WebRTC without UDP": (
        Setting(
            browser="chromium", more={"webrtc": {"ip_handling_policy": "disable_non_proxied_udp"}}
        ),
        {CALLS: "fail", UDP: "unknown"},
    ),
    "chromium, microphone blocked": (chromium("media_stream_mic", 2), {CALLS: "warn"}),
    "chromium, behind a firewall of this computer": (
        Setting(browser="chromium", blocked="the browser"),
        {CALLS: "warn", UDP: "fail"},
    ),
    "chromium, UDP blocked for everyone": (
        Setting(browser="chromium", blocked="everyone"),
        {CALLS: "warn", UDP: "fail"},
    ),
    "firefox, all on": (Setting(browser="firefox"), {}),
    "firefox, cookies blocked": (
        firefox("network.cookie.cookieBehavior", value=2),
        {COOKIES: "fail", LOCAL: "unknown", SESSION: "unknown"},
    ),
    "firefox, third-party cookies blocked": (
        firefox("network.cookie.cookieBehavior", value=1),
        {EMBEDDED: "warn"},
    ),
    "firefox, storage off": (
        firefox("dom.storage.enabled", value=False),
        {LOCAL: "fail", SESSION: "fail"},
    ),
    "firefox, JavaScript off": (
        firefox("javascript.enabled", value=False),
        WITHOUT_SCRIPT | {SCRIPT: "fail"},
    ),
    "firefox, WebRTC off": (
        firefox("media.peerconnection.enabled", value=False),
        {CALLS: "fail", UDP: "unknown"},
    ),
    "firefox, behind a firewall of this computer": (
        Setting(browser="firefox", blocked="the browser"),
        {CALLS: "warn", UDP: "fail"},
    ),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserLab]:
    with BrowserLab().built(tmp_path_factory.mktemp("lab")) as built:
        yield built


@pytest.mark.parametrize("name", CASES)
def test_a_setting_turns_its_own_line_and_no_other(
    lab: BrowserLab, name: str, tmp_path: Path
) -> None:
    setting, not_passed = CASES[name]
    program = PROGRAMS[setting.browser]
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    asked = tuple(dict.fromkeys((*CHECKS, *not_passed)))
    expected = dict.fromkeys(CHECKS, "pass") | not_passed
    assert lab.statuses(setting, tmp_path, only=asked) == expected


POLICIES: dict[str, tuple[Setting, str, dict[str, str]]] = {
    "chromium, cookies": (
        Setting(browser="chromium", policies={"DefaultCookiesSetting": 2}),
        "DefaultCookiesSetting",
        {COOKIES: "fail", LOCAL: "unknown", SESSION: "unknown"},
    ),
    "chromium, third-party cookies": (
        Setting(browser="chromium", policies={"BlockThirdPartyCookies": True}),
        "BlockThirdPartyCookies",
        {EMBEDDED: "warn"},
    ),
    "chromium, JavaScript": (
        Setting(browser="chromium", policies={"DefaultJavaScriptSetting": 2}),
        "DefaultJavaScriptSetting",
        WITHOUT_SCRIPT | {SCRIPT: "fail"},
    ),
    "chromium, JavaScript blocked everywhere": (
        Setting(browser="chromium", policies={"JavaScriptBlockedForUrls": ["*"]}),
        "JavaScriptBlockedForUrls",
        WITHOUT_SCRIPT | {SCRIPT: "fail"},
    ),
    "chromium, WebRTC without UDP": (
        Setting(browser="chromium", policies={"WebRtcIPHandling": "disable_non_proxied_udp"}),
        "WebRtcIPHandling",
        {CALLS: "fail", UDP: "unknown"},
    ),
    "chromium, microphone": (
        Setting(browser="chromium", policies={"AudioCaptureAllowed": False}),
        "AudioCaptureAllowed",
        {CALLS: "fail"},
    ),
    "firefox, cookies": (
        Setting(browser="firefox", policies={"Cookies": {"Behavior": "reject"}}),
        "Cookies.Behavior",
        {COOKIES: "fail", LOCAL: "unknown", SESSION: "unknown"},
    ),
    "firefox, third-party cookies": (
        Setting(browser="firefox", policies={"Cookies": {"Behavior": "reject-foreign"}}),
        "Cookies.Behavior",
        {EMBEDDED: "warn"},
    ),
    "firefox, microphone": (
        Setting(
            browser="firefox",
            policies={"Permissions": {"Microphone": {"BlockNewRequests": True, "Locked": True}}},
        ),
        "Permissions.Microphone.BlockNewRequests",
        {CALLS: "fail"},
    ),
    "firefox, WebRTC": (
        Setting(
            browser="firefox",
            policies={
                "Preferences": {
                    "media.peerconnection.enabled": {"Value": False, "Status": "locked"}
                }
            },
        ),
        "media.peerconnection.enabled",
        {CALLS: "fail", UDP: "unknown"},
    ),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_turns_its_own_line_and_is_named(
    lab: BrowserLab, name: str, tmp_path: Path
) -> None:
    setting, key, not_passed = POLICIES[name]
    program = PROGRAMS[setting.browser]
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    asked = tuple(dict.fromkeys((*CHECKS, *not_passed)))
    found = lab.statuses(setting, tmp_path, only=asked)
    assert found == dict.fromkeys(CHECKS, "pass") | not_passed
    failed = [each for each in lab.report["findings"] if each["status"] in {"fail", "warn"}]
    assert key in failed[0]["remedy"]["text"]
    assert failed[0]["remedy"]["owner"] == "helpdesk"


EXEMPTIONS: dict[str, tuple[Setting, str, dict[str, str]]] = {
    "chromium, third-party cookies": (
        Setting(
            browser="chromium",
            policies={
                "BlockThirdPartyCookies": True,
                "CookiesAllowedForUrls": ["https://phone.example.com"],
            },
        ),
        "CookiesAllowedForUrls",
        {EMBEDDED: "warn"},
    ),
    "firefox, third-party cookies": (
        Setting(
            browser="firefox",
            policies={
                "Cookies": {"Behavior": "reject-foreign", "Allow": ["https://phone.example.com"]}
            },
        ),
        "Cookies.Allow",
        {EMBEDDED: "warn"},
    ),
}


@pytest.mark.parametrize("name", EXEMPTIONS)
def test_a_policy_that_lets_some_sites_through_is_advice(
    lab: BrowserLab, name: str, tmp_path: Path
) -> None:
    setting, key, not_passed = EXEMPTIONS[name]
    program = PROGRAMS[setting.browser]
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    asked = tuple(dict.fromkeys((*CHECKS, *not_passed)))
    found = lab.statuses(setting, tmp_path, only=asked)
    assert found == dict.fromkeys(CHECKS, "pass") | not_passed
    [advice] = [each for each in lab.report["findings"] if each["status"] == "warn"]
    assert key in advice["remedy"]["text"]


def test_a_policy_settles_its_line_without_a_page(lab: BrowserLab, tmp_path: Path) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("needs chromium")
    setting = Setting(browser="chromium", policies={"DefaultJavaScriptSetting": 2})
    default = tmp_path / "config" / "mimeapps.list"
    default.parent.mkdir()
    default.write_text("[Default Applications]\nx-scheme-handler/https=chromium.desktop\n", "utf-8")
    expected = dict.fromkeys(CHECKS, "manual") | {SCRIPT: "fail"}
    assert lab.statuses(setting, tmp_path, opened=False) == expected


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        # the lab's authority is strange to every browser
        (
            Setting(browser="chromium", flags=("--ignore-certificate-errors",)),
            "Your browser agrees on modern encryption.",
        ),
        (Setting(browser="chromium"), "Modern encryption is agreed on."),
        (Setting(browser="firefox"), "Modern encryption is agreed on."),
    ],
    ids=("chromium that trusts", "chromium", "firefox"),
)
def test_a_browser_that_reaches_the_reference_server_says_so(
    lab: BrowserLab, setting: Setting, words: str, tmp_path: Path
) -> None:
    if shutil.which(PROGRAMS[setting.browser]) is None:
        pytest.skip(f"needs {PROGRAMS[setting.browser]}")
    assert lab.statuses(setting, tmp_path, only=("browser.tls",)) == {"browser.tls": "pass"}
    [finding] = lab.report["findings"]
    assert finding["summary"] == words
    told = any("did not reach" in each["text"] for each in finding["details"])
    assert told == words.startswith("Modern")


@pytest.mark.skipif(not shutil.which("turnserver"), reason="needs turnserver (coturn)")
@pytest.mark.parametrize("browser", PROGRAMS)
def test_a_data_channel_goes_round_through_the_profile_s_relay(
    lab: BrowserLab, browser: str, tmp_path: Path
) -> None:
    if shutil.which(PROGRAMS[browser]) is None:
        pytest.skip(f"needs {PROGRAMS[browser]}")
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.mkdir()
    wrong.mkdir()
    setting = Setting(browser=browser)
    with turn_server(lab, tmp_path) as targets:
        lab.statuses(setting, right, only=(CALLS,), targets=targets.format(password="secret"))
        [with_relay] = lab.report["findings"]
        lab.statuses(setting, wrong, only=(CALLS,), targets=targets.format(password="guessed"))
        [refused] = lab.report["findings"]
    measured = {each["name"]: each["value"] for each in with_relay["measured"]}
    assert 0 < measured["relay_round_trip"] < 1000
    assert measured["udp_relay_candidates"] > 0
    assert "messages came back" in relay_line(with_relay)
    assert with_relay["status"] == refused["status"] == "pass"
    assert "did not open" in relay_line(refused)
    assert "secret" not in str(lab.report)


def relay_line(finding: dict[str, list[dict[str, str]]]) -> str:
    lines = [each["text"] for each in finding["details"] if "relay" in each["label"]]
    return " ".join(lines)
