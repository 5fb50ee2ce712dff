"""Copies of browsers on Linux: packages, tarballs, snaps and flatpaks, read from their files."""

from collections.abc import Iterator

from msgspec import Struct

from natwizard.probes.browser_copy import Browser, Channel, Family, Scope, version_numbers
from natwizard.probes.firefox_files import firefox_version
from natwizard.probes.host import Host
from natwizard.probes.host_files import executable_of, exists, ini_values, read_text
from natwizard.probes.linux_packages import package_version, snap_version, xml_release

ASK_PROGRAM_S = 3.0
DESKTOP_FILES_AT_MOST = 500


class Place(Struct, frozen=True, kw_only=True):
    """Where a copy may be.

    Attributes:
        program: path of the program file.
        packages: names that its package has in the distributions.
        described_in: a file that tells the version (snap.yaml, metainfo.xml), or empty.
    """

    family: Family
    program: str
    channel: Channel = Channel.STABLE
    scope: Scope = Scope.MACHINE
    packages: tuple[str, ...] = ()
    described_in: str = ""


def _vendor_places() -> Iterator[Place]:
    channels = (("", "stable", Channel.STABLE), ("-beta", "beta", Channel.BETA))
    chrome = (*channels, ("-unstable", "unstable", Channel.DEV))
    for suffix, name, channel in chrome:
        yield Place(
            family=Family.CHROME,
            program=f"/opt/google/chrome{suffix}/chrome",
            channel=channel,
            packages=(f"google-chrome-{name}", "google-chrome"),
        )
    for suffix, name, channel in (*channels, ("-dev", "dev", Channel.DEV)):
        yield Place(
            family=Family.EDGE,
            program=f"/opt/microsoft/msedge{suffix}/msedge",
            channel=channel,
            packages=(f"microsoft-edge-{name}",),
        )


def _chromium_places() -> Iterator[Place]:
    for program in (
        "/usr/lib/chromium/chromium",
        "/usr/lib/chromium/chrome",
        "/usr/lib/chromium-browser/chromium-browser",
        "/usr/lib/chromium-browser/chrome",
        "/usr/lib64/chromium-browser/chromium-browser",
        "/usr/lib64/chromium/chromium",
    ):
        yield Place(
            family=Family.CHROMIUM, program=program, packages=("chromium", "chromium-browser")
        )


def _firefox_places(host: Host) -> Iterator[Place]:
    home = str(host.home())
    system = ["/usr/lib/firefox", "/usr/lib64/firefox", "/usr/local/firefox"]
    for folder in ("/usr/lib", "/opt", "/usr/local/lib"):
        names = (name for name in host.list_directory(folder) if name.startswith("firefox"))
        system += [f"{folder}/{name}" for name in names]
    own = [f"{home}/{name}firefox" for name in ("", "opt/", ".local/opt/", ".local/share/")]
    for folders, scope in ((system, Scope.MACHINE), (own, Scope.USER)):
        for folder in dict.fromkeys(folders):
            for name in ("firefox", "firefox-esr", "firefox-bin"):
                yield Place(family=Family.FIREFOX, program=f"{folder}/{name}", scope=scope)


def _snap_places() -> Iterator[Place]:
    for root in ("/snap", "/var/lib/snapd/snap"):
        for snap, family, program in (
            ("firefox", Family.FIREFOX, "usr/lib/firefox/firefox"),
            ("chromium", Family.CHROMIUM, "usr/lib/chromium-browser/chrome"),
        ):
            yield Place(
                family=family,
                program=f"{root}/{snap}/current/{program}",
                scope=Scope.SNAP,
                described_in=f"{root}/{snap}/current/meta/snap.yaml",
            )


def _flatpak_places(host: Host) -> Iterator[Place]:
    for root in ("/var/lib/flatpak", f"{host.home()}/.local/share/flatpak"):
        for name, family, channel, program in (
            ("org.mozilla.firefox", Family.FIREFOX, Channel.STABLE, "lib/firefox/firefox"),
            ("com.google.Chrome", Family.CHROME, Channel.STABLE, "extra/chrome"),
            ("com.google.ChromeDev", Family.CHROME, Channel.DEV, "extra/chrome"),
            ("com.microsoft.Edge", Family.EDGE, Channel.STABLE, "extra/msedge"),
            ("com.microsoft.EdgeDev", Family.EDGE, Channel.DEV, "extra/msedge"),
            ("org.chromium.Chromium", Family.CHROMIUM, Channel.STABLE, "chromium/chrome"),
        ):
            active = f"{root}/app/{name}/current/active"
            yield Place(
                family=family,
                program=f"{active}/files/{program}",
                channel=channel,
                scope=Scope.FLATPAK,
                described_in=f"{active}/export/share/metainfo/{name}.metainfo.xml",
            )


def _linked_places(host: Host) -> Iterator[Place]:
    """Copies somewhere else that a command on the PATH or the account's menu leads to."""
    programs = {
        "firefox": Family.FIREFOX,
        "firefox-esr": Family.FIREFOX,
        "firefox-bin": Family.FIREFOX,
        "chrome": Family.CHROME,
        "msedge": Family.EDGE,
        "chromium": Family.CHROMIUM,
    }
    commands = [
        f"{folder}/{name}"
        for folder in host.environment("PATH").split(":")
        for name in (*programs, "google-chrome", "microsoft-edge", "google-chrome-stable")
        if folder.startswith("/")
    ]
    for command in (*commands, *_menu_commands(host)):
        real = host.real_path(command)
        folder, _, name = real.rpartition("/")
        if name not in programs or not exists(host, real):
            continue
        is_firefox = programs[name] is Family.FIREFOX
        if is_firefox and not exists(host, f"{folder}/application.ini"):
            continue
        own = real.startswith(f"{host.home()}/")
        yield Place(family=programs[name], program=real, scope=Scope.USER if own else Scope.MACHINE)


def _menu_commands(host: Host) -> Iterator[str]:
    folder = f"{host.home()}/.local/share/applications"
    for name in host.list_directory(folder)[:DESKTOP_FILES_AT_MOST]:
        if name.endswith(".desktop") and any(family in name.lower() for family in Family):
            values = ini_values(read_text(host, f"{folder}/{name}", limit=65536), "Desktop Entry")
            yield values.get("exec", "").strip('"').split(" ")[0].strip('"')


def linux_browsers(host: Host) -> tuple[Browser, ...]:
    """Every copy, each program file once."""
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


def _version(host: Host, place: Place, program: str) -> tuple[str, Channel]:
    if place.family is Family.FIREFOX:
        version, channel = firefox_version(host, program.rpartition("/")[0])
        if version:
            return version, channel
    description = read_text(host, place.described_in) if place.described_in else ""
    if place.scope is Scope.SNAP:
        return snap_version(description), place.channel
    if place.scope is Scope.FLATPAK:
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
    kept: dict[tuple[Family, str], Browser] = {}
    for browser in browsers:
        kept.setdefault((browser.family, browser.path.rpartition("/")[0]), browser)
    return tuple(kept.values())
