"""Policies of browsers on recorded computers, and in files that make no sense."""

import asyncio
import itertools
from pathlib import Path

import msgspec
import pytest
from computers.probe_context import RoutesOnly, make_context
from computers.program_files import pe
from computers.recorded_host import HOSTS, Facts, RecordedHost, record
from growth import assert_time_grows_with_input
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.browsers.browser_policy import BROWSER_POLICY, look_for_policies
from natwizard.probes.browsers.chromium_policy import BUNDLES, FOLDERS, REGISTRY
from natwizard.probes.browsers.policy_value import chromium_json_values, json_values, spelled

CHROME, EDGE, FIREFOX, CHROMIUM = (
    BrowserFamily.CHROME,
    BrowserFamily.EDGE,
    BrowserFamily.FIREFOX,
    BrowserFamily.CHROMIUM,
)
ROOM = itertools.count()


def found(host: str) -> dict[tuple[BrowserFamily, str], tuple[str, ...]]:
    settings = look_for_policies(RecordedHost(HOSTS / host)).settings
    return {(each.family, each.key): each.values for each in settings}


@pytest.mark.parametrize(
    ("host", "settings"),
    [
        (
            "windows-office",
            {
                (CHROME, "AudioCaptureAllowed"): ("0",),
                (CHROME, "AudioCaptureAllowedUrls"): ("https://phone.example.com",),
                (CHROME, "WebRtcUdpPortRange"): ("10000-10009",),
                # the computer's 1 outranks the account's 0
                (EDGE, "BlockThirdPartyCookies"): ("1",),
                (EDGE, "DefaultJavaScriptSetting"): ("1",),
                (EDGE, "WebRtcLocalhostIpHandling"): ("disable_non_proxied_udp",),
                (FIREFOX, "Cookies.Behavior"): ("reject-foreign",),
                (FIREFOX, "Permissions.Microphone.Allow"): ("https://phone.example.com",),
                (FIREFOX, "Permissions.Microphone.BlockNewRequests"): ("1",),
                (FIREFOX, "SSLVersionMin"): ("tls1.3",),
                (FIREFOX, "javascript.enabled"): ("false",),
                # locked by policy, so the profile's "true" does not count
                (FIREFOX, "media.peerconnection.enabled"): ("false",),
            },
        ),
        (
            "macos-laptop",
            {
                (CHROME, "AudioCaptureAllowed"): ("true",),
                (CHROME, "DefaultCookiesSetting"): ("2",),
                (EDGE, "DefaultJavaScriptSetting"): ("2",),
                (FIREFOX, "Cookies.Behavior"): ("reject",),
                (FIREFOX, "Permissions.Microphone.BlockNewRequests"): ("true",),
            },
        ),
        (
            "linux-debian",
            {
                # the last file by name outranks the first
                (CHROME, "BlockThirdPartyCookies"): ("false",),
                (CHROME, "WebRtcIPHandling"): ("disable_non_proxied_udp",),
                (CHROME, "WebRtcIPHandlingUrl"): ("https://phone.example.com default",),
                (CHROMIUM, "AudioCaptureAllowed"): ("false",),
                (FIREFOX, "SSLVersionMax"): ("tls1.1",),
                (FIREFOX, "javascript.enabled"): ("true",),
            },
        ),
        (
            "linux-laptop",
            {
                # user.js is read after prefs.js
                (FIREFOX, "javascript.enabled"): ("true",),
                (FIREFOX, "network.cookie.cookieBehavior"): ("1",),
            },
        ),
    ],
)
def test_what_is_in_force_is_found(
    host: str, settings: dict[tuple[BrowserFamily, str], tuple[str, ...]]
) -> None:
    assert found(host) == settings


def test_a_setting_says_where_it_stands_and_whose_it_is() -> None:
    settings = {
        each.key: each for each in look_for_policies(RecordedHost(HOSTS / "linux-laptop")).settings
    }
    cookies = settings["network.cookie.cookieBehavior"]
    assert cookies.own
    assert cookies.place.endswith("/x7.default/prefs.js")
    windows = look_for_policies(RecordedHost(HOSTS / "windows-office")).settings
    places = {each.place for each in windows if each.family is EDGE and not each.own}
    assert places == {
        r"HKLM\SOFTWARE\Policies\Microsoft\Edge",
        r"HKCU\SOFTWARE\Policies\Microsoft\Edge",
    }


def test_the_probe_brings_what_the_look_brings() -> None:
    host = RecordedHost(HOSTS / "windows-office")
    context = make_context(host, RoutesOnly(""))
    evidence = asyncio.run(BROWSER_POLICY.gather(context))
    assert evidence == look_for_policies(host)
    assert msgspec.json.decode(msgspec.json.encode(evidence), type=type(evidence)) == evidence


@pytest.mark.parametrize("platform", ["linux", "windows", "macos"])
def test_a_computer_without_policies_has_none(platform: str, tmp_path: Path) -> None:
    facts = Facts(platform=platform, system="", home="/home/anna")  # type: ignore[arg-type]
    assert look_for_policies(RecordedHost(record(tmp_path, facts))).settings == ()


def test_a_policy_of_the_registry_replaces_that_of_the_file(tmp_path: Path) -> None:
    key = r"HKCU\SOFTWARE\Policies\Mozilla\Firefox"
    start = r"HKLM\SOFTWARE\Clients\StartMenuInternet\Firefox\shell\open\command"
    root = record(
        tmp_path,
        Facts(platform="windows", system="", home="C:\\Users\\anna"),
        registry={
            "64": {
                rf"{key}\Cookies": {"Locked": 1},
                start: {"": r"C:\Firefox\firefox.exe"},
            }
        },
        files={
            "C/Firefox/firefox.exe": pe("x86-64", "160.0.0.1"),
            "C/Firefox/distribution/policies.json": (
                '{"policies": {"Cookies": {"Behavior": "reject"}, "SSLVersionMax": "tls1.2"}}'
            ),
        },
    )
    settings = look_for_policies(RecordedHost(root)).settings
    assert [(each.key, each.values) for each in settings] == [("SSLVersionMax", ("tls1.2",))]
    assert settings[0].place == r"C:\Firefox\distribution\policies.json"


def test_a_profile_outside_its_folder_is_left_alone(tmp_path: Path) -> None:
    root = record(
        tmp_path,
        Facts(platform="linux", system="", home="/home/anna"),
        files={
            "home/anna/.mozilla/firefox/profiles.ini": "[InstallX]\nDefault=../../../secret\n",
            "secret/prefs.js": 'user_pref("javascript.enabled", false);\n',
        },
    )
    assert look_for_policies(RecordedHost(root)).settings == ()


@given(content=st.binary(max_size=400))
def test_junk_in_a_policy_file_is_no_policy(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.getbasetemp() / f"junk{next(ROOM)}"
    files = dict.fromkeys(
        (
            "etc/opt/chrome/policies/managed/a.json",
            "etc/firefox/policies/policies.json",
            "home/anna/.mozilla/firefox/profiles.ini",
        ),
        content,
    )
    facts = Facts(platform="linux", system="", home="/home/anna")
    assert look_for_policies(RecordedHost(record(root, facts, files=files))).settings == ()


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_value_can_be_spelled(value: object) -> None:
    texts = spelled(value)
    assert all(text.isprintable() for text in texts)


def test_values_nested_without_end_end() -> None:
    assert json_values("[" * 100_000) == {}
    deep: object = "x"
    for _level in range(5_000):
        deep = [deep]
    assert spelled(deep) == ()


def test_every_family_has_its_places() -> None:
    assert set(REGISTRY) == set(FOLDERS) == set(BUNDLES) == {CHROME, EDGE, CHROMIUM}


@pytest.mark.parametrize(
    "folder", ["etc/chromium/policies/managed", "etc/chromium-browser/policies/managed"]
)
def test_every_distribution_s_folder_of_chromium_is_read(folder: str, tmp_path: Path) -> None:
    facts = Facts(platform="linux", system="Ubuntu", home="/home/anna")
    rule = '{"AudioCaptureAllowed": false}'
    root = record(tmp_path, facts, files={f"{folder}/corp.json": rule})
    (setting,) = look_for_policies(RecordedHost(root)).settings
    assert (setting.key, setting.values) == ("AudioCaptureAllowed", ("false",))
    assert setting.place == f"/{folder}/corp.json"


JAVASCRIPT_OFF = '"DefaultJavaScriptSetting": 2'


@pytest.mark.parametrize(
    ("content", "taken"),
    # each tried on Chromium 156, which switched JavaScript off, or did not
    [
        ("{%s}", True),
        ("\ufeff{%s}", True),
        ("{ // nobody needs scripts here\n%s,\n}", True),
        ("{/* a\n b */ %s}", True),
        ("{%s} // x", True),
        ("{%s, // x\n}", True),
        ('{"A":[1,2,],%s}', True),
        ('{"A":"\\x41", %s}', True),
        ('{"A":"x\ny", %s}', True),
        ('{"A":"http://x/ /* */ ,]", %s}', True),
        ('{"A":"a\\"//b", %s}', True),
        ('{"A":"\\\\x41", %s}', True),
        ('{"DefaultJavaScriptSetting": 1, %s}', True),
        ("{%s,,}", False),
        ("{,%s}", False),
        ("{'DefaultJavaScriptSetting': 2}", False),
        ("{DefaultJavaScriptSetting: 2}", False),
        ("{ # x\n%s}", False),
        ('{"A":"x\ty", %s}', False),
        ('{"A":"\\q", %s}', False),
        ('{"A":+1, %s}', False),
        ('{"A":0x1, %s}', False),
        ('{"A":NaN, %s}', False),
        ("{\x0b%s}", False),
        ("{%s} x", False),
        ("{%s} /* x", False),
    ],
)
def test_policy_files_are_read_as_leniently_as_chromium_reads_them(
    content: str, taken: bool
) -> None:
    text = content.replace("%s", JAVASCRIPT_OFF)
    assert (chromium_json_values(text).get("DefaultJavaScriptSetting") == 2) is taken


@pytest.mark.parametrize("piece", ["/*", "//", '"', ",", ", ", "\\", "[", "/", '"/*', "\n"])
def test_a_policy_file_of_any_junk_is_read_soon(piece: str) -> None:
    def read(size: int) -> None:
        assert chromium_json_values("{" + piece * (size // len(piece))) == {}

    assert_time_grows_with_input(read, 1_000_000)


def test_of_many_files_the_last_ones_are_in_force(tmp_path: Path) -> None:
    facts = Facts(platform="linux", system="Debian", home="/home/anna")
    folder = "etc/opt/chrome/policies/managed"
    files = {f"{folder}/{number:03}.json": '{"AudioCaptureAllowed": true}' for number in range(80)}
    files[f"{folder}/zz.json"] = '{"AudioCaptureAllowed": false}'
    settings = look_for_policies(RecordedHost(record(tmp_path, facts, files=files))).settings
    assert settings[0].place == f"/{folder}/zz.json"
