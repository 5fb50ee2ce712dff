"""Copies of browsers on macOS, from their bundles."""

import plistlib
from collections.abc import Iterator
from itertools import islice

from natwizard.probes.browsers.browser_copy import (
    Browser,
    BrowserFamily,
    Channel,
    InstallScope,
    firefox_version,
    framework_channel,
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
# Spotlight compares letter by letter
IDENTIFIERS = (
    "com.google.Chrome", "com.google.Chrome.beta", "com.google.Chrome.dev",
    "com.google.Chrome.canary", "com.microsoft.edgemac", "com.microsoft.edgemac.Beta",
    "com.microsoft.edgemac.Dev", "com.microsoft.edgemac.Canary", "org.mozilla.firefox",
    "org.mozilla.firefoxdeveloperedition", "org.mozilla.nightly", "org.chromium.Chromium",
)  # fmt: skip
PLIST_LIMIT_BYTES = 1024 * 1024
PLIST_VALUES_AT_MOST = 100_000
SPOTLIGHT = "/usr/bin/mdfind"
# For one of a dozen identifiers; the first that is late ends all, for the index is busy then
ASK_SPOTLIGHT_S = 1.5
# Each Info.plist is read: a folder of thousands would outlast the probe
BUNDLES_AT_MOST = 400
NOT_INSTALLED = ("/Volumes/", "/.Trash/", "/private/var/folders/", "/System/Volumes/Data/Volumes/")
"""Disk images, waste and what waits to be installed: Spotlight knows copies there too."""


def macos_browsers(host: Host) -> tuple[Browser, ...]:
    """Every copy in the application folders, and every one that Spotlight knows, each once."""
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
    return values if isinstance(values, dict) and _is_small(values) else {}


def _is_small(values: object) -> bool:
    """Whether it has few values when all of it is written out.

    In a binary list a thousand places may refer to one list, which does the same (and even to
    itself): some hundred bytes that become gigabytes of text.
    """
    waiting, count = [values], 0
    while waiting:
        value = waiting.pop()
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        if isinstance(inner, list):
            count += len(inner)
            if count > PLIST_VALUES_AT_MOST:
                return False
            waiting.extend(inner)
    return True


def _bundles(host: Host) -> Iterator[tuple[str, InstallScope]]:
    """Whatever their names: people rename programs and put them into folders."""
    own = f"{host.home()}/Applications"
    for folder, scope in (("/Applications", InstallScope.MACHINE), (own, InstallScope.USER)):
        for bundle in islice(_applications(host, folder), BUNDLES_AT_MOST):
            yield bundle, scope
    for bundle in _known_to_spotlight(host):
        own_one = bundle.startswith(f"{host.home()}/")
        yield bundle, InstallScope.USER if own_one else InstallScope.MACHINE


def _applications(host: Host, folder: str) -> Iterator[str]:
    """Bundles in a folder, then those in its own folders."""
    names = host.list_directory(folder)
    yield from (f"{folder}/{name}" for name in names if name.endswith(".app"))
    for inner in (name for name in names if "." not in name):
        place = f"{folder}/{inner}"
        yield from (
            f"{place}/{name}" for name in host.list_directory(place) if name.endswith(".app")
        )


def _known_to_spotlight(host: Host) -> Iterator[str]:
    """The system's index of programs; nothing where it is switched off or slow."""
    for identifier in IDENTIFIERS:
        question = f"kMDItemCFBundleIdentifier == '{identifier}'"
        try:
            answer = host.run((SPOTLIGHT, question), timeout_s=ASK_SPOTLIGHT_S)
        except TimeoutError:
            return
        except OSError:
            continue
        for line in answer.output.splitlines()[:BUNDLES_AT_MOST]:
            bundle = line.strip()
            if bundle.endswith(".app") and not any(part in bundle for part in NOT_INSTALLED):
                yield bundle


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
        if channel is Channel.STABLE:
            channel = framework_channel(host, f"{bundle}/Contents") or channel
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
