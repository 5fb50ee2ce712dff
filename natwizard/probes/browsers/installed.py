"""Every copy of Chrome, Edge, Firefox and Chromium on this computer, and the default browser."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from natwizard.model.language import N_
from natwizard.model.privacy import QuotingText
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.browsers.browser_copy import (
    Browser,
    BrowserFamily,
    Channel,
    InstallScope,
    version_numbers,
)
from natwizard.probes.browsers.linux import linux_browsers
from natwizard.probes.browsers.macos import BUNDLES, macos_browsers, plist_values
from natwizard.probes.browsers.windows import command_program, windows_browsers
from natwizard.probes.detached import run_detached
from natwizard.probes.host import Host, RunningProgram, ini_values, read_text

HTTPS_HANDLER = "x-scheme-handler/https"
URL_CHOICE = r"HKCU\SOFTWARE\Microsoft\Windows\Shell\Associations\UrlAssociations\https"
LAUNCH_SERVICES = (
    "Library/Preferences/com.apple.LaunchServices/com.apple.launchservices.secure.plist"
)
MAC_PRESET = "com.apple.safari"


def default_browser(host: Host) -> str:
    """What the system calls it: a program's path, a desktop file, a bundle; empty if unknown."""
    match host.platform:
        case "windows":
            return _windows_default(host)
        case "macos":
            return _macos_default(host)
        case "linux":
            return _linux_default(host)


def is_default(browser: Browser, told: str) -> bool:
    """Whether the system's name for its default browser means this copy."""
    if not told:
        return False
    if told.casefold() == browser.path.casefold():
        return True
    if told.lower() in BUNDLES:
        return _is_bundle(browser, told)
    return told.endswith(".desktop") and _is_desktop_file(browser, told.lower())


def _is_bundle(browser: Browser, identifier: str) -> bool:
    family, channel = BUNDLES[identifier.lower()]
    usual = (channel, Channel.ESR, Channel.EXTENDED) if channel is Channel.STABLE else (channel,)
    return browser.family is family and browser.channel in usual


def _is_desktop_file(browser: Browser, name: str) -> bool:
    # com. and org. are names of flatpaks
    names = {
        BrowserFamily.CHROME: ("google-chrome", "com.google.chrome"),
        BrowserFamily.EDGE: ("microsoft-edge", "com.microsoft.edge"),
        BrowserFamily.FIREFOX: ("firefox", "org.mozilla.firefox"),
        BrowserFamily.CHROMIUM: ("chromium", "org.chromium.chromium"),
    }
    if not name.startswith(names[browser.family]):
        return False
    if (browser.scope is InstallScope.FLATPAK) != name.startswith(("com.", "org.")):
        return False
    if (browser.scope is InstallScope.SNAP) != ("_" in name):
        return False
    return "esr" not in name or browser.channel is Channel.ESR


def _windows_default(host: Host) -> str:
    """The program behind the chosen ProgId, else the ProgId itself."""
    chosen = ""
    for key in (rf"{URL_CHOICE}\UserChoiceLatest\ProgId", rf"{URL_CHOICE}\UserChoice"):
        chosen = chosen or str(host.registry_values(key).get("ProgId", ""))
    if not chosen:
        return ""
    for hive in ("HKCU", "HKLM"):
        command = host.registry_values(rf"{hive}\SOFTWARE\Classes\{chosen}\shell\open\command")
        if program := command_program(str(command.get("", ""))):
            return host.real_path(program)
    return chosen


def _macos_default(host: Host) -> str:
    values = plist_values(host, f"{host.home()}/{LAUNCH_SERVICES}")
    handlers = values.get("LSHandlers")
    for handler in handlers if isinstance(handlers, list) else ():
        if isinstance(handler, dict) and handler.get("LSHandlerURLScheme") == "https":
            return str(handler.get("LSHandlerRoleAll", ""))
    return MAC_PRESET  # nothing is written until somebody chooses


def _linux_default(host: Host) -> str:
    for path in _association_files(host):
        values = ini_values(read_text(host, path, limit=262144), "Default Applications")
        if names := values.get(HTTPS_HANDLER, "").strip(";"):
            return names.split(";")[0]
    link = "/etc/alternatives/x-www-browser"
    real = host.real_path(link)
    return "" if real == link else real


def _association_files(host: Host) -> Iterator[str]:
    """In the order of the MIME applications specification of freedesktop.org."""
    home = host.home()
    desktop = host.environment("XDG_CURRENT_DESKTOP").split(":")[0].lower()
    config = host.environment("XDG_CONFIG_HOME") or f"{home}/.config"
    folders = (config, "/etc/xdg", f"{home}/.local/share/applications")
    for folder in (*folders, "/usr/local/share/applications", "/usr/share/applications"):
        if desktop:
            yield f"{folder}/{desktop}-mimeapps.list"
        yield f"{folder}/mimeapps.list"


class BrowsersEvidence(Struct, frozen=True, kw_only=True):
    """What is installed.

    Attributes:
        browsers: every copy, each program file once.
        default_told: what the system calls its default browser (a program, a desktop file, a
            bundle), also where that is none of ours; empty where it does not tell.
    """

    browsers: tuple[Browser, ...]
    default_told: QuotingText = ""


async def gather(context: ProbeContext) -> BrowsersEvidence:
    """Read files and registry, off the event loop."""
    return await run_detached(lambda: look_for_browsers(context.host), name="browsers")


def look_for_browsers(host: Host) -> BrowsersEvidence:
    """All that can be seen without starting a program (on Linux one may be asked its version)."""
    look = {"linux": linux_browsers, "macos": macos_browsers, "windows": windows_browsers}
    told = default_browser(host)
    running = host.running_programs()
    return BrowsersEvidence(
        browsers=tuple(
            replace(_with_processes(browser, running), is_default=is_default(browser, told))
            for browser in look[host.platform](host)
        ),
        default_told=told,
    )


def _with_processes(browser: Browser, running: tuple[RunningProgram, ...]) -> Browser:
    """Note whether it runs, and whether it runs from a file that an update has replaced."""
    own = [program for program in running if _belongs(program, browser)]
    outdated = any(_is_outdated(program, browser) for program in own)
    return replace(
        browser,
        running=bool(own),
        waiting_version=browser.version if outdated else browser.waiting_version,
    )


def _belongs(program: RunningProgram, browser: Browser) -> bool:
    path, installed = program.executable.casefold(), browser.path.casefold()
    if browser.scope is InstallScope.SNAP:
        return _in_snap(path) == _in_snap(installed)
    if browser.scope is InstallScope.FLATPAK and path.startswith("/app/"):
        # inside its sandbox a flatpak sees its files under /app
        return installed.endswith(path.removeprefix("/app"))
    bundle, in_bundle, _program = installed.partition(".app/contents/macos/")
    return path == installed or bool(in_bundle and path.startswith(f"{bundle}.app/"))


def _is_outdated(program: RunningProgram, browser: Browser) -> bool:
    """Replaced on Linux, of another revision as a snap, in an older framework on macOS."""
    if browser.scope is InstallScope.SNAP:
        return program.executable != browser.path
    framework = program.executable.partition(".framework/Versions/")[2].partition("/")[0]
    used = version_numbers(framework)
    return program.replaced or (len(used) == 4 and used < version_numbers(browser.version))


def _in_snap(path: str) -> str:
    """A path in a snap without the number of the snap's revision."""
    root, _, rest = path.partition("/snap/")
    name, _, inside = rest.partition("/")
    return f"{root}/snap/{name}/{inside.partition('/')[2]}"


BROWSERS = Probe(
    name="browsers",
    title=N_("Looking for browsers"),
    evidence=BrowsersEvidence,
    phase=Phase.MACHINE,
    typical_s=1.0,
    # room for a package manager or a program that has to be asked (3 s each)
    deadline_s=15.0,
    gather=gather,
)
