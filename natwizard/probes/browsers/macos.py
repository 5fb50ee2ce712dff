"""Copies of browsers on macOS, from their bundles."""

import plistlib
from collections.abc import Iterator

from natwizard.probes.browsers.browser_copy import (
    Browser,
    BrowserFamily,
    Channel,
    InstallScope,
    firefox_version,
)
from natwizard.probes.host import Host, executable_of

BUNDLES = {
    "com.google.chrome": (BrowserFamily.CHROME, Channel.STABLE),
    "com.google.chrome.beta": (BrowserFamily.CHROME, Channel.BETA),
    "com.google.chrome.dev": (BrowserFamily.CHROME, Channel.DEV),
    "com.google.chrome.canary": (BrowserFamily.CHROME, Channel.NIGHTLY),
    "com.microsoft.edgemac": (BrowserFamily.EDGE, Channel.STABLE),
    "com.microsoft.edgemac.beta": (BrowserFamily.EDGE, Channel.BETA),
    "com.microsoft.edgemac.dev": (BrowserFamily.EDGE, Channel.DEV),
    "com.microsoft.edgemac.canary": (BrowserFamily.EDGE, Channel.NIGHTLY),
    "org.mozilla.firefox": (BrowserFamily.FIREFOX, Channel.STABLE),
    "org.mozilla.firefoxdeveloperedition": (BrowserFamily.FIREFOX, Channel.DEV),
    "org.mozilla.nightly": (BrowserFamily.FIREFOX, Channel.NIGHTLY),
    "org.chromium.chromium": (BrowserFamily.CHROMIUM, Channel.STABLE),
}
NAMES = ("google chrome", "microsoft edge", "firefox", "chromium")
PLIST_LIMIT_BYTES = 1024 * 1024


def macos_browsers(host: Host) -> tuple[Browser, ...]:
    """Every copy in the two application folders, each bundle once."""
    found: dict[str, Browser] = {}
    for bundle, scope in _bundles(host):
        browser = _browser(host, host.real_path(bundle), scope)
        if browser is not None:
            found.setdefault(browser.path, browser)
    return tuple(found.values())


def plist_values(host: Host, path: str) -> dict[str, object]:
    """The top of a property list, text or binary; empty where it is none."""
    try:
        values = plistlib.loads(host.read_bytes(path, limit=PLIST_LIMIT_BYTES))
    except (OSError, ValueError, OverflowError, RecursionError, KeyError, IndexError):
        return {}
    except Exception:  # noqa: BLE001 - plistlib lets errors of expat and struct through
        return {}
    return values if isinstance(values, dict) else {}


def _bundles(host: Host) -> Iterator[tuple[str, InstallScope]]:
    own = f"{host.home()}/Applications"
    for folder, scope in (("/Applications", InstallScope.MACHINE), (own, InstallScope.USER)):
        for name in host.list_directory(folder):
            if name.endswith(".app") and name.lower().startswith(NAMES):
                yield f"{folder}/{name}", scope


def _browser(host: Host, bundle: str, scope: InstallScope) -> Browser | None:
    values = plist_values(host, f"{bundle}/Contents/Info.plist")
    known = BUNDLES.get(str(values.get("CFBundleIdentifier", "")).lower())
    if known is None:
        return None
    family, channel = known
    program = f"{bundle}/Contents/MacOS/{values.get('CFBundleExecutable', '')}"
    built_for = executable_of(host, program)
    if family is BrowserFamily.FIREFOX and channel is Channel.STABLE:
        _version, channel = firefox_version(host, f"{bundle}/Contents/Resources")
    if str(values.get("KSChannelID", "")).lower().endswith("extended"):
        channel = Channel.EXTENDED
    version = str(values.get("CFBundleShortVersionString", ""))
    return Browser(
        family=family,
        channel=channel,
        scope=scope,
        path=program,
        version=version.removesuffix("esr"),
        bits=built_for.bits if built_for else 0,
        machine=built_for.machine if built_for else "",
    )
