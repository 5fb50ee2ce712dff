"""Copies of browsers on Linux: packages, tarballs, snaps and flatpaks, read from their files."""

import re
import shlex
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from natwizard.probes.browsers.browser_copy import (
    Browser,
    BrowserFamily,
    Channel,
    InstallScope,
    firefox_version,
    version_numbers,
)
from natwizard.probes.host import (
    FILE_LIMIT_BYTES,
    Host,
    executable_of,
    exists,
    ini_values,
    read_text,
)

DPKG_STATUS = "/var/lib/dpkg/status"
PACMAN_FOLDER = "/var/lib/pacman/local"
RPM_PROGRAM = "/usr/bin/rpm"
# On a desktop it is larger than one reading; what is larger than this is something else
LARGEST_STATUS_BYTES = 32 * 1024 * 1024
ASK_RPM_S = 3.0

RELEASE = re.compile(r"<release\b[^<>]*?\bversion=[\"']([0-9][0-9A-Za-z.+~-]{0,60})[\"']")
SNAP_VERSION = re.compile(r"(?m)^version:[ \t]*['\"]?([0-9][0-9A-Za-z.+~-]{0,60})")


def package_version(host: Host, names: tuple[str, ...]) -> str:
    """The upstream version of the first of these packages that is installed, or empty."""
    found = _dpkg_version(host, names) or _pacman_version(host, names) or _rpm_version(host, names)
    return upstream(found)


def upstream(version: str) -> str:
    """Without a distribution's own parts: "1:156.0.8078.79-1~deb12u1" is 156.0.8078.79."""
    return version.partition(":")[2 if ":" in version else 0].partition("-")[0]


def snap_version(snap_yaml: str) -> str:
    """The version in a snap's meta/snap.yaml, or empty."""
    match = SNAP_VERSION.search(snap_yaml)
    return upstream(match[1]) if match else ""


def xml_release(metainfo: str) -> str:
    """The newest release that an AppStream description names, or empty."""
    releases = RELEASE.findall(metainfo[:FILE_LIMIT_BYTES])
    return upstream(max(releases, key=version_numbers)) if releases else ""


def _dpkg_version(host: Host, names: tuple[str, ...]) -> str:
    for paragraph in _paragraphs(host):
        name = paragraph.partition("\n")[0].removeprefix("Package: ")
        if name in names and "\nStatus: install ok installed" in paragraph:
            match = re.search(r"(?m)^Version: (\S+)", paragraph)
            return match[1] if match else ""
    return ""


def _paragraphs(host: Host) -> Iterator[str]:
    """The status file piece by piece: on a desktop it is larger than one reading."""
    rest = ""
    for offset in range(0, LARGEST_STATUS_BYTES, FILE_LIMIT_BYTES):
        try:
            piece = host.read_bytes(DPKG_STATUS, offset=offset, limit=FILE_LIMIT_BYTES)
        except OSError:
            return
        *whole, rest = (rest + piece.decode("utf-8", errors="replace")).split("\n\n")
        yield from whole
        if len(piece) < FILE_LIMIT_BYTES:
            yield rest
            return


def _pacman_version(host: Host, names: tuple[str, ...]) -> str:
    for entry in host.list_directory(PACMAN_FOLDER):
        name, _, version = entry.rpartition("-")[0].rpartition("-")
        if name in names:
            return version
    return ""


def _rpm_version(host: Host, names: tuple[str, ...]) -> str:
    if not host.list_directory("/var/lib/rpm") and not host.list_directory("/usr/lib/sysimage/rpm"):
        return ""
    for name in names:
        try:
            answer = host.run(
                (RPM_PROGRAM, "-q", "--queryformat", "%{VERSION}", name), timeout_s=ASK_RPM_S
            )
        except (OSError, TimeoutError):
            return ""
        if answer.exit_code == 0 and version_numbers(answer.output):
            return answer.output.strip()
    return ""


# One that is broken may hang
ASK_PROGRAM_S = 3.0
# Each is read: a menu of thousands would outlast the probe
DESKTOP_FILES_AT_MOST = 500
WEB_HANDLER, WEB_CATEGORY = "x-scheme-handler/https", "WebBrowser"


class InstallLocation(Struct, frozen=True, kw_only=True):
    """Where a copy may be.

    Attributes:
        program: path of the program file.
        packages: names that its package has in the distributions.
        described_in: a file that tells the version (snap.yaml, metainfo.xml), or empty.
    """

    family: BrowserFamily
    program: str
    channel: Channel = Channel.STABLE
    scope: InstallScope = InstallScope.MACHINE
    packages: tuple[str, ...] = ()
    described_in: str = ""


def _vendor_places() -> Iterator[InstallLocation]:
    channels = (("", "stable", Channel.STABLE), ("-beta", "beta", Channel.BETA))
    chrome = (*channels, ("-unstable", "unstable", Channel.DEV))
    for suffix, name, channel in chrome:
        yield InstallLocation(
            family=BrowserFamily.CHROME,
            program=f"/opt/google/chrome{suffix}/chrome",
            channel=channel,
            packages=(f"google-chrome-{name}", "google-chrome"),
        )
    for suffix, name, channel in (*channels, ("-dev", "dev", Channel.DEV)):
        yield InstallLocation(
            family=BrowserFamily.EDGE,
            program=f"/opt/microsoft/msedge{suffix}/msedge",
            channel=channel,
            packages=(f"microsoft-edge-{name}",),
        )


def _chromium_places() -> Iterator[InstallLocation]:
    for program in (
        "/usr/lib/chromium/chromium",
        "/usr/lib/chromium/chrome",
        "/usr/lib/chromium-browser/chromium-browser",
        "/usr/lib/chromium-browser/chrome",
        "/usr/lib64/chromium-browser/chromium-browser",
        "/usr/lib64/chromium/chromium",
    ):
        yield InstallLocation(
            family=BrowserFamily.CHROMIUM,
            program=program,
            packages=("chromium", "chromium-browser"),
        )


def _firefox_places(host: Host) -> Iterator[InstallLocation]:
    home = str(host.home())
    system = ["/usr/lib/firefox", "/usr/lib64/firefox", "/usr/local/firefox"]
    for folder in ("/usr/lib", "/opt", "/usr/local/lib"):
        names = (name for name in host.list_directory(folder) if name.startswith("firefox"))
        system += [f"{folder}/{name}" for name in names]
    own = [f"{home}/{name}firefox" for name in ("", "opt/", ".local/opt/", ".local/share/")]
    for folders, scope in ((system, InstallScope.MACHINE), (own, InstallScope.USER)):
        for folder in dict.fromkeys(folders):
            for name in ("firefox", "firefox-esr", "firefox-bin"):
                yield InstallLocation(
                    family=BrowserFamily.FIREFOX, program=f"{folder}/{name}", scope=scope
                )


def _snap_places() -> Iterator[InstallLocation]:
    for root in ("/snap", "/var/lib/snapd/snap"):
        for snap, family, program in (
            ("firefox", BrowserFamily.FIREFOX, "usr/lib/firefox/firefox"),
            ("chromium", BrowserFamily.CHROMIUM, "usr/lib/chromium-browser/chrome"),
        ):
            yield InstallLocation(
                family=family,
                program=f"{root}/{snap}/current/{program}",
                scope=InstallScope.SNAP,
                described_in=f"{root}/{snap}/current/meta/snap.yaml",
            )


def _flatpak_places(host: Host) -> Iterator[InstallLocation]:
    for root in ("/var/lib/flatpak", f"{host.home()}/.local/share/flatpak"):
        for name, family, channel, program in (
            ("org.mozilla.firefox", BrowserFamily.FIREFOX, Channel.STABLE, "lib/firefox/firefox"),
            ("com.google.Chrome", BrowserFamily.CHROME, Channel.STABLE, "extra/chrome"),
            ("com.google.ChromeDev", BrowserFamily.CHROME, Channel.DEV, "extra/chrome"),
            ("com.microsoft.Edge", BrowserFamily.EDGE, Channel.STABLE, "extra/msedge"),
            ("com.microsoft.EdgeDev", BrowserFamily.EDGE, Channel.DEV, "extra/msedge"),
            ("org.chromium.Chromium", BrowserFamily.CHROMIUM, Channel.STABLE, "chromium/chrome"),
        ):
            active = f"{root}/app/{name}/current/active"
            yield InstallLocation(
                family=family,
                program=f"{active}/files/{program}",
                channel=channel,
                scope=InstallScope.FLATPAK,
                described_in=f"{active}/export/share/metainfo/{name}.metainfo.xml",
            )


PROGRAMS = {
    "firefox": BrowserFamily.FIREFOX,
    "firefox-esr": BrowserFamily.FIREFOX,
    "firefox-bin": BrowserFamily.FIREFOX,
    "chrome": BrowserFamily.CHROME,
    "msedge": BrowserFamily.EDGE,
    "chromium": BrowserFamily.CHROMIUM,
}
STARTERS = ("google-chrome", "microsoft-edge", "google-chrome-stable")


def _linked_places(host: Host) -> Iterator[InstallLocation]:
    """Copies somewhere else that a command on the PATH or the desktop's menu leads to."""
    commands = [
        f"{folder}/{name}"
        for folder in host.environment("PATH").split(":")
        for name in (*PROGRAMS, *STARTERS)
        if folder.startswith("/")
    ]
    for command in dict.fromkeys((*commands, *_menu_commands(host))):
        for program in _programs_of(host, host.real_path(command)):
            own = program.startswith(f"{host.home()}/")
            yield InstallLocation(
                family=PROGRAMS[program.rpartition("/")[2]],
                program=program,
                scope=InstallScope.USER if own else InstallScope.MACHINE,
            )


def _programs_of(host: Host, real: str) -> Iterator[str]:
    """The program itself, or those beside the script that starts it."""
    folder, _, name = real.rpartition("/")
    beside = () if name in PROGRAMS or not _starts_a_browser(name) else tuple(PROGRAMS)
    for program in (name, *beside):
        if program not in PROGRAMS or not exists(host, f"{folder}/{program}"):
            continue
        is_firefox = PROGRAMS[program] is BrowserFamily.FIREFOX
        if not is_firefox or exists(host, f"{folder}/application.ini"):
            yield f"{folder}/{program}"


def _starts_a_browser(name: str) -> bool:
    return any(family in name.lower() for family in BrowserFamily)


def _menu_folders(host: Host) -> tuple[str, ...]:
    """As the desktop menu specification of freedesktop.org orders them, the account's own first."""
    home = host.home()
    shared = host.environment("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    roots = (host.environment("XDG_DATA_HOME") or f"{home}/.local/share", *shared.split(":"))
    # also where XDG_DATA_DIRS leaves them out
    usual = ("/usr/local/share", "/usr/share")
    return tuple(
        f"{root.rstrip('/')}/applications"
        for root in dict.fromkeys((*roots, *usual))
        if root.startswith("/")
    )


def _menu_commands(host: Host) -> Iterator[str]:
    """The programs of menu entries that open web pages; the files' names say nothing for sure."""
    for folder in _menu_folders(host):
        for name in host.list_directory(folder)[:DESKTOP_FILES_AT_MOST]:
            if not name.endswith(".desktop"):
                continue
            text = read_text(host, f"{folder}/{name}", limit=65536)
            if WEB_HANDLER in text or WEB_CATEGORY in text or _starts_a_browser(name):
                yield from _program_of(ini_values(text, "Desktop Entry").get("exec", ""))


def _program_of(command: str) -> Iterator[str]:
    """The first word that is a path; `env NAME=value` may stand before it."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    yield from islice((word for word in words if word.startswith("/") and "=" not in word), 1)


def linux_browsers(host: Host) -> tuple[Browser, ...]:
    """Every copy, each program file once."""
    # known places first, for they tell channel and package: what a link leads to is skipped then
    places = (
        *_vendor_places(),
        *_chromium_places(),
        *_firefox_places(host),
        *_snap_places(),
        *_flatpak_places(host),
        *_linked_places(host),
    )
    found: dict[str, Browser] = {}
    for place in places:
        program = host.real_path(place.program)
        built_for = executable_of(host, program)
        if built_for is None or program in found:
            continue  # a script that starts a copy, or no file at all
        version, channel = _version(host, place, program)
        found[program] = Browser(
            family=place.family,
            channel=channel,
            scope=place.scope,
            path=program,
            version=version,
            bits=built_for.bits,
            machine=built_for.machine,
        )
    return _without_twins(tuple(found.values()))


def _version(host: Host, place: InstallLocation, program: str) -> tuple[str, Channel]:
    if place.family is BrowserFamily.FIREFOX:
        version, channel = firefox_version(host, program.rpartition("/")[0])
        if version:
            return version, channel
    description = read_text(host, place.described_in) if place.described_in else ""
    if place.scope is InstallScope.SNAP:
        return snap_version(description), place.channel
    if place.scope is InstallScope.FLATPAK:
        return xml_release(description), place.channel
    version = package_version(host, place.packages) if place.packages else ""
    return version or _ask_program(host, program), place.channel


def _ask_program(host: Host, program: str) -> str:
    """Last resort, on Linux only: elsewhere it would open a window."""
    try:
        answer = host.run((program, "--version"), timeout_s=ASK_PROGRAM_S)
    except (OSError, TimeoutError):
        return ""
    words = [word for word in answer.output[:1000].split() if len(version_numbers(word)) > 1]
    return words[0] if words and answer.exit_code == 0 else ""


def _without_twins(browsers: tuple[Browser, ...]) -> tuple[Browser, ...]:
    """One Firefox folder holds `firefox` and `firefox-bin`: that is one copy."""
    kept: dict[tuple[BrowserFamily, str], Browser] = {}
    for browser in browsers:
        kept.setdefault((browser.family, browser.path.rpartition("/")[0]), browser)
    return tuple(kept.values())
