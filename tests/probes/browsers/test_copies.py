"""Copies of browsers on recorded computers of all three systems."""

import plistlib
from pathlib import Path

import pytest
from computers.program_files import elf, mach, pe
from computers.recorded_host import HOSTS, Facts, RecordedHost, record
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.browsers.browser_copy import (
    Browser,
    BrowserFamily,
    Channel,
    InstallScope,
    major,
    version_numbers,
)
from natwizard.probes.browsers.installed import look_for_browsers
from natwizard.probes.browsers.windows import command_program
from natwizard.probes.host import CommandResult, RunningProgram

LINUX = Facts(platform="linux", system="Linux", home="/home/anna")
WINDOWS = Facts(
    platform="windows",
    system="Windows 11",
    home=r"C:\Users\anna",
    environment={"ProgramFiles": r"C:\Program Files", "LOCALAPPDATA": r"C:\Users\anna\AppData"},
)


def browsers_of(host: RecordedHost) -> dict[str, Browser]:
    return {f"{each.name} {each.scope}": each for each in look_for_browsers(host).browsers}


def brief(browser: Browser) -> tuple[str, int, bool, bool, str]:
    return (
        browser.version,
        browser.bits,
        browser.running,
        browser.is_default,
        browser.waiting_version,
    )


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (
            "windows-office",
            {
                "Chrome machine": ("157.0.8110.58", 64, True, False, "158.0.8145.22"),
                "Edge machine": ("157.0.4377.31", 64, False, True, ""),
                "Firefox ESR user": ("153.7.0", 32, False, False, ""),
            },
        ),
        (
            "macos-laptop",
            {
                "Chrome machine": ("158.0.8145.22", 64, True, False, "158.0.8145.22"),
                "Edge machine": ("157.0.4377.31", 64, False, False, ""),
                "Firefox machine": ("160.0", 64, False, True, ""),
                "Chrome Beta user": ("159.0.8180.9", 64, False, False, ""),
            },
        ),
        (
            "linux-debian",
            {
                "Chrome machine": ("158.0.8145.22", 64, True, True, "158.0.8145.22"),
                "Chromium machine": ("156.0.8078.79", 64, False, False, ""),
                "Firefox ESR machine": ("153.7.0", 64, False, False, ""),
            },
        ),
        (
            "linux-laptop",
            {
                "Firefox snap": ("160.0", 64, True, True, "160.0"),
                "Chromium snap": ("158.0.8145.22", 64, False, False, ""),
                "Edge flatpak": ("157.0.4377.31", 64, True, False, ""),
                "Firefox user": ("159.0.2", 32, False, False, ""),
            },
        ),
    ],
)
def test_every_copy_is_found_once_with_its_facts(
    host: str, expected: dict[str, tuple[str, int, bool, bool, str]]
) -> None:
    recorded = RecordedHost(HOSTS / host)
    found = browsers_of(recorded)
    assert {name: brief(browser) for name, browser in found.items()} == expected
    asked = {command[0] for command in recorded.ran}
    assert asked <= {"/usr/bin/mdfind"}, "no program was started to learn a version"


def test_an_empty_computer_has_no_browser(tmp_path: Path) -> None:
    for facts in (LINUX, WINDOWS, Facts(platform="macos", system="macOS", home="/Users/anna")):
        evidence = look_for_browsers(RecordedHost(record(tmp_path / facts.platform, facts)))
        assert evidence.browsers == ()


def test_a_program_tells_its_version_on_linux_where_no_file_does(tmp_path: Path) -> None:
    root = record(
        tmp_path,
        LINUX,
        files={"opt/google/chrome-beta/chrome": elf("x86-64")},
        commands={
            "/opt/google/chrome-beta/chrome --version": CommandResult(
                exit_code=0, output="Google Chrome 159.0.8180.9 beta\n"
            )
        },
    )
    [browser] = look_for_browsers(RecordedHost(root)).browsers
    assert (browser.version, browser.channel) == ("159.0.8180.9", Channel.BETA)


def test_a_program_that_does_not_answer_has_no_version(tmp_path: Path) -> None:
    root = record(tmp_path, LINUX, files={"opt/microsoft/msedge/msedge": elf("x86-64")})
    [browser] = look_for_browsers(RecordedHost(root)).browsers
    assert (browser.family, browser.version, browser.bits) == (BrowserFamily.EDGE, "", 64)


def test_no_program_is_ever_started_on_windows(tmp_path: Path) -> None:
    place = "C/Program Files/Google/Chrome/Application"
    root = record(tmp_path, WINDOWS, files={f"{place}/chrome.exe": pe("x86-64")})
    host = RecordedHost(root)
    [browser] = look_for_browsers(host).browsers
    assert browser.version == ""
    assert host.ran == []


def test_a_program_without_version_is_named_by_its_folder(tmp_path: Path) -> None:
    place = "C/Program Files/Google/Chrome/Application"
    files = {f"{place}/chrome.exe": pe("x86-64"), f"{place}/158.0.8145.22/.keep": ""}
    [browser] = look_for_browsers(RecordedHost(record(tmp_path, WINDOWS, files=files))).browsers
    assert browser.version == "158.0.8145.22"


def test_a_long_line_of_chrome_is_told_by_the_update_policy(tmp_path: Path) -> None:
    place = "C/Program Files/Google/Chrome/Application/chrome.exe"
    policy = {"TargetChannel{8A69D345-D564-463C-AFF1-A69D9E530F96}": "extended"}
    root = record(
        tmp_path,
        WINDOWS,
        files={place: pe("x86-64", "156.0.8078.99")},
        registry={"64": {r"HKLM\SOFTWARE\Policies\Google\Update": policy}},
    )
    [browser] = look_for_browsers(RecordedHost(root)).browsers
    assert browser.channel is Channel.EXTENDED


def test_a_firefox_of_the_store_is_found_by_its_package(tmp_path: Path) -> None:
    folder = r"C:\Program Files\WindowsApps\Mozilla.Firefox_160.0.0.0_x64__n80bbvh6b1yt2"
    key = (
        r"HKCU\SOFTWARE\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion"
        r"\AppModel\Repository\Packages\Mozilla.Firefox_160.0.0.0_x64__n80bbvh6b1yt2"
    )
    inside = folder.replace("C:\\", "C/").replace("\\", "/")
    inside += "/VFS/ProgramFiles/Firefox Package Root"
    root = record(
        tmp_path,
        WINDOWS,
        files={
            f"{inside}/firefox.exe": pe("x86-64"),
            f"{inside}/application.ini": "[App]\nVersion=160.0\n",
        },
        registry={"64": {key: {"PackageRootFolder": folder}}},
    )
    [browser] = look_for_browsers(RecordedHost(root)).browsers
    assert (browser.version, browser.scope) == ("160.0", InstallScope.STORE)


@pytest.mark.parametrize(
    ("command", "program"),
    [
        (r'"C:\Program Files\A B\x.exe" -- "%1"', r"C:\Program Files\A B\x.exe"),
        (r"C:\Tools\x.exe", r"C:\Tools\x.exe"),
        (r"C:\Program Files\x.EXE --flag", r"C:\Program Files\x.EXE"),
        ("", ""),
        ('"', ""),
        ("rundll32 url.dll", ""),
    ],
)
def test_a_command_line_of_the_registry_names_its_program(command: str, program: str) -> None:
    assert command_program(command) == program


@pytest.mark.parametrize(
    ("files", "default"),
    [
        ({}, ""),
        ({"etc/xdg/mimeapps.list": "[Default Applications]\nx-scheme-handler/https=a.desktop"},
         "a.desktop"),
        ({"etc/xdg/mimeapps.list": "no section at all"}, ""),
        ({"home/anna/.config/mimeapps.list": "[Default Applications]\nx-scheme-handler/https=b;",
          "etc/xdg/mimeapps.list": "[Default Applications]\nx-scheme-handler/https=a"}, "b"),
    ],
)  # fmt: skip
def test_the_default_browser_is_read_in_the_order_of_the_desktop(
    files: dict[str, str], default: str, tmp_path: Path
) -> None:
    host = RecordedHost(record(tmp_path, LINUX, files=files))
    assert look_for_browsers(host).default_told == default


def test_the_alternatives_name_the_default_where_no_desktop_does(tmp_path: Path) -> None:
    root = record(
        tmp_path,
        LINUX,
        files={"usr/lib/chromium/chromium": elf("x86-64")},
        links={"/etc/alternatives/x-www-browser": "/usr/lib/chromium/chromium"},
    )
    [browser] = look_for_browsers(RecordedHost(root)).browsers
    assert browser.is_default


def test_a_large_package_list_is_read_to_its_end(tmp_path: Path) -> None:
    filler = "Package: other\nStatus: install ok installed\nVersion: 1\nDescription: x\n\n"
    status = filler * 120_000 + (
        "Package: chromium\nStatus: install ok installed\nVersion: 156.0.8078.79-1~deb12u1\n"
    )
    assert len(status) > 2 * 4 * 1024 * 1024
    root = record(
        tmp_path,
        LINUX,
        files={"usr/lib/chromium/chromium": elf("x86-64"), "var/lib/dpkg/status": status},
    )
    [browser] = look_for_browsers(RecordedHost(root)).browsers
    assert browser.version == "156.0.8078.79"


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        ({"var/lib/pacman/local/chromium-156.0.8078.79-1/desc": ""}, {}),
        (
            {"var/lib/rpm/rpmdb.sqlite": ""},
            {"/usr/bin/rpm -q --queryformat %{VERSION} chromium": "156.0.8078.79"},
        ),
    ],
)
def test_other_distributions_tell_versions_too(
    files: dict[str, str], commands: dict[str, str], tmp_path: Path
) -> None:
    root = record(
        tmp_path,
        LINUX,
        files={"usr/lib/chromium/chromium": elf("x86-64"), **files},
        commands={
            command: CommandResult(exit_code=0, output=output)
            for command, output in commands.items()
        },
    )
    [browser] = look_for_browsers(RecordedHost(root)).browsers
    assert browser.version == "156.0.8078.79"


def test_a_browser_that_runs_as_it_is_waits_for_nothing(tmp_path: Path) -> None:
    facts = Facts(
        platform="linux",
        system="Linux",
        home="/root",
        running=(RunningProgram(executable="/usr/lib/firefox/firefox", memory_bytes=1),),
    )
    files = {
        "usr/lib/firefox/firefox": elf("x86-64"),
        "usr/lib/firefox/application.ini": "[App]\nVersion=160.0\n",
    }
    [browser] = look_for_browsers(RecordedHost(record(tmp_path, facts, files=files))).browsers
    assert (browser.running, browser.waiting_version) == (True, "")


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("158.0.8145.22", (158, 0, 8145, 22)),
        ("153.7.0esr", (153, 7, 0)),
        ("160.0b3", (160, 0)),
        ("", ()),
        ("v1", ()),
    ],
)
def test_a_version_is_its_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(version) == numbers


@given(st.text(max_size=60))
def test_any_text_has_a_major_version_or_none(text: str) -> None:
    assert major(text) >= 0


@given(st.text(max_size=300))
def test_junk_beside_a_firefox_leaves_it_without_a_version(text: str) -> None:
    from natwizard.probes.browsers.browser_copy import firefox_version

    class Junk:
        def read_bytes(self, path: str, *, limit: int, offset: int = 0) -> bytes:  # noqa: ARG002
            return text.encode("utf-8", "surrogatepass")[offset : offset + limit]

    version, channel = firefox_version(Junk(), "/x")
    assert isinstance(version, str)
    assert isinstance(channel, Channel)


CHROME_INFO = {
    "CFBundleIdentifier": "com.google.Chrome",
    "CFBundleShortVersionString": "158.0.8145.22",
    "CFBundleExecutable": "Google Chrome",
}
EDGE_INFO = CHROME_INFO | {"CFBundleIdentifier": "com.microsoft.edgemac"}


def mac(
    tmp_path: Path,
    bundles: dict[str, dict[str, str]],
    spotlight: dict[str, str] | None = None,
    files: dict[str, bytes] | None = None,
) -> RecordedHost:
    tree: dict[str, bytes | str] = dict(files or {})
    for bundle, info in bundles.items():
        tree[f"{bundle}/Contents/Info.plist"] = plistlib.dumps(info)
        tree[f"{bundle}/Contents/MacOS/{info['CFBundleExecutable']}"] = mach("arm64")
    commands = {
        f"/usr/bin/mdfind kMDItemCFBundleIdentifier == '{identifier}'": CommandResult(
            exit_code=0, output=output
        )
        for identifier, output in (spotlight or {}).items()
    }
    facts = Facts(platform="macos", system="macOS 26", home="/Users/anna")
    return RecordedHost(record(tmp_path, facts, files=tree, commands=commands))


def laughing() -> bytes:
    """A property list of some hundred bytes that writes out to a billion texts."""
    inner: list[object] = ["ha"] * 10
    for _level in range(9):
        inner = [inner] * 10
    info = {**CHROME_INFO, "CFBundleShortVersionString": inner}
    return plistlib.dumps(info, fmt=plistlib.FMT_BINARY)


def endless() -> bytes:
    """A list that holds itself: what was a reference to its text refers to the list."""
    content = plistlib.dumps({"CFBundleIdentifier": ["com.google.Chrome"]}, fmt=plistlib.FMT_BINARY)
    place = content.index(b"\xa1")  # a list of one
    own_number = content[content.index(b"\xd1") + 2]
    return content[: place + 1] + bytes((own_number,)) + content[place + 2 :]


@pytest.mark.parametrize("hostile", [laughing(), endless()], ids=["laughing", "endless"])
def test_a_property_list_that_unfolds_without_end_is_none(hostile: bytes, tmp_path: Path) -> None:
    assert len(hostile) < 1000
    plistlib.loads(hostile)  # plistlib has nothing against it
    place = "Applications/Google Chrome.app/Contents/Info.plist"
    host = mac(tmp_path, {"Applications/Edge.app": EDGE_INFO}, files={place: hostile})
    (browser,) = look_for_browsers(host).browsers
    assert browser.name == "Edge"


@pytest.mark.parametrize("kind", [[], {}, 7, 1.5, True, b"x", "\x1b[31m", "9" * 1000])
@pytest.mark.parametrize("key", list(CHROME_INFO))
def test_odd_values_of_a_property_list_crash_nothing(
    key: str, kind: object, tmp_path: Path
) -> None:
    info = plistlib.dumps({**CHROME_INFO, key: kind}, fmt=plistlib.FMT_BINARY)
    place = "Applications/Google Chrome.app/Contents/Info.plist"
    look_for_browsers(mac(tmp_path, {}, files={place: info}))


@pytest.mark.parametrize(
    "place",
    [
        "Applications/Browsers/Google Chrome.app",
        "Applications/Chrome (work).app",
        "Users/anna/Applications/Web/My Browser.app",
    ],
)
def test_a_browser_of_macos_is_known_by_its_bundle_and_not_by_its_place(
    place: str, tmp_path: Path
) -> None:
    (browser,) = look_for_browsers(mac(tmp_path, {place: CHROME_INFO})).browsers
    assert (browser.name, browser.version) == ("Chrome", "158.0.8145.22")


def test_spotlight_knows_programs_anywhere(tmp_path: Path) -> None:
    bundles = {"Users/Shared/Tools/Chrome.app": CHROME_INFO, "opt/Edge.app": EDGE_INFO,
               "Volumes/Chrome/Google Chrome.app": CHROME_INFO}  # fmt: skip
    spotlight = {
        "com.google.Chrome": "/Users/Shared/Tools/Chrome.app\n/Volumes/Chrome/Google Chrome.app\n",
        "com.microsoft.edgemac": "/opt/Edge.app\n/gone/Edge.app\n",
    }
    found = look_for_browsers(mac(tmp_path, bundles, spotlight)).browsers
    assert sorted(browser.name for browser in found) == ["Chrome", "Edge"]


FIREFOX_INFO = {
    "CFBundleIdentifier": "org.mozilla.firefox",
    "CFBundleShortVersionString": "159.0",
    "CFBundleExecutable": "firefox",
}
FIREFOX_APP = "Applications/Firefox.app"


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("beta", Channel.BETA),
        ("aurora", Channel.DEV),
        ("nightly", Channel.NIGHTLY),
        ("esr", Channel.ESR),
        ("release", Channel.STABLE),
        ("betamax", Channel.STABLE),
    ],
)
def test_firefox_on_macos_keeps_its_channel_in_a_framework(
    channel: str, expected: Channel, tmp_path: Path
) -> None:
    library = mach("arm64") + b"\0app.update.channel\0" + channel.encode() + b"\0"
    files = {f"{FIREFOX_APP}/Contents/Frameworks/ChannelPrefs.framework/ChannelPrefs": library}
    host = mac(tmp_path, {FIREFOX_APP: FIREFOX_INFO}, files=files)
    assert look_for_browsers(host).browsers[0].channel is expected


MENU = """[Desktop Entry]
Name=Web
Exec={command}
MimeType=text/html;x-scheme-handler/https;
"""


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("/srv/ff/firefox %u", "usr/share/applications"),
        ('env MOZ_ENABLE_WAYLAND=1 "/srv/ff/firefox" %u', "usr/local/share/applications"),
        ("/srv/ff/firefox-wrapper.sh --new-window %u", "home/anna/.local/share/applications"),
        ("/srv/ff/firefox %u", "srv/menus/applications"),
    ],
)
def test_the_desktop_s_menu_leads_to_a_browser_anywhere(
    command: str, folder: str, tmp_path: Path
) -> None:
    facts = Facts(
        platform="linux",
        system="Linux",
        home="/home/anna",
        environment={"XDG_DATA_DIRS": "/usr/share:/srv/menus"},
    )
    files: dict[str, bytes | str] = {
        f"{folder}/internet.desktop": MENU.format(command=command),
        "srv/ff/firefox": elf("x86-64"),
        "srv/ff/firefox-wrapper.sh": "#!/bin/sh\n",
        "srv/ff/application.ini": "[App]\nVersion=158.0.1\n",
    }
    found = look_for_browsers(RecordedHost(record(tmp_path, facts, files=files))).browsers
    assert [(browser.path, browser.version) for browser in found] == [
        ("/srv/ff/firefox", "158.0.1")
    ]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"DisplayName": "Google Chrome", "InstallLocation": "D:\\Apps\\Browser"}, "Chrome"),
        (
            {"DisplayName": "Google Chrome", "DisplayIcon": "D:\\Apps\\Browser\\chrome.exe,0"},
            "Chrome",
        ),
        ({"DisplayName": "Chromium", "InstallLocation": "D:\\Apps\\Browser\\"}, "Chromium"),
    ],
)
def test_windows_list_of_programs_leads_to_a_browser_anywhere(
    values: dict[str, str], name: str, tmp_path: Path
) -> None:
    key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{example}"
    facts = Facts(platform="windows", system="Windows 11", home=r"C:\Users\anna")
    root = record(
        tmp_path,
        facts,
        files={"D/Apps/Browser/chrome.exe": pe("x86-64", "158.0.8145.22")},
        registry={"64": {key: values}, "32": {}},
    )
    found = look_for_browsers(RecordedHost(root)).browsers
    assert [(browser.name, browser.version) for browser in found] == [(name, "158.0.8145.22")]
