"""Real Chromium and Firefox, settings switched off one by one: each turns its own line red."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_lab import CHECKS, BrowserLab, Setting

pytestmark = [
    pytest.mark.lab,
    pytest.mark.xdist_group("real browsers"),
    pytest.mark.skipif(
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or not (shutil.which("ip") and shutil.which("nft") and shutil.which("setpriv")),
        reason="needs root, ip, nft and setpriv",
    ),
]

PROGRAMS = {"chromium": "chromium", "firefox": "firefox-esr"}
COOKIES, SCRIPT, LOCAL, SESSION, CALLS, UDP = CHECKS
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
        {COOKIES: "fail"},
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
        {COOKIES: "fail", LOCAL: "unknown"},
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
    expected = dict.fromkeys(CHECKS, "pass") | not_passed
    assert lab.statuses(setting, tmp_path) == expected
