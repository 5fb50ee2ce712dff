"""Which browser opens a web link on this computer."""

from collections.abc import Iterator

from natwizard.probes.browser_copy import Browser, Channel, Family, Scope
from natwizard.probes.browsers_macos import BUNDLES, plist_values
from natwizard.probes.browsers_windows import command_program
from natwizard.probes.host import Host
from natwizard.probes.host_files import ini_values, read_text

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
    names = {
        Family.CHROME: ("google-chrome", "com.google.chrome"),
        Family.EDGE: ("microsoft-edge", "com.microsoft.edge"),
        Family.FIREFOX: ("firefox", "org.mozilla.firefox"),
        Family.CHROMIUM: ("chromium", "org.chromium.chromium"),
    }
    if not name.startswith(names[browser.family]):
        return False
    if (browser.scope is Scope.FLATPAK) != name.startswith(("com.", "org.")):
        return False
    if (browser.scope is Scope.SNAP) != ("_" in name):
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
