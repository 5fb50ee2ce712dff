"""Policies of Chrome, Edge and Chromium: registry, managed JSON, property lists.

Sources: support.google.com/chrome/a/answer/9027408 (Linux), chromium.org/administrators
(Windows, macOS), learn.microsoft.com/deployedge (Edge). Policies that are only recommended are
left out: people can change those. Cloud policy is kept by the browser itself and not read.
"""

from collections.abc import Iterator

from natwizard.probes.browsers.browser_copy import BrowserFamily
from natwizard.probes.browsers.macos import plist_values
from natwizard.probes.browsers.policy_value import PolicyValue, chromium_json_values, spelled
from natwizard.probes.host import Host, read_text

REGISTRY = {
    BrowserFamily.CHROME: r"SOFTWARE\Policies\Google\Chrome",
    BrowserFamily.EDGE: r"SOFTWARE\Policies\Microsoft\Edge",
    BrowserFamily.CHROMIUM: r"SOFTWARE\Policies\Chromium",
}
FOLDERS = {
    BrowserFamily.CHROME: ("/etc/opt/chrome/policies/managed",),
    BrowserFamily.EDGE: ("/etc/opt/edge/policies/managed",),
    # the second is of Ubuntu and its relatives, in their packages and in the snap
    BrowserFamily.CHROMIUM: (
        "/etc/chromium/policies/managed",
        "/etc/chromium-browser/policies/managed",
    ),
}
BUNDLES = {
    BrowserFamily.CHROME: "com.google.Chrome",
    BrowserFamily.EDGE: "com.microsoft.Edge",
    BrowserFamily.CHROMIUM: "org.chromium.Chromium",
}
MANAGED_PREFERENCES = "/Library/Managed Preferences"

NAMES = (
    "AudioCaptureAllowed",
    "AudioCaptureAllowedUrls",
    "BlockThirdPartyCookies",
    "CookiesAllowedForUrls",
    "DefaultCookiesSetting",
    "DefaultJavaScriptSetting",
    "JavaScriptAllowedForUrls",
    "JavaScriptBlockedForUrls",
    "WebRtcIPHandling",
    "WebRtcIPHandlingUrl",
    "WebRtcLocalhostIpHandling",
    "WebRtcUdpPortRange",
)
"""What is looked for; everything else an administrator has set is nobody's business here."""

# Whoever may write the folder may fill it
FILES_AT_MOST = 50
FILE_BYTES = 256 * 1024


def chromium_policies(host: Host) -> Iterator[PolicyValue]:
    """The watched policies, those of the computer before those of the account."""
    for family in REGISTRY:
        match host.platform:
            case "windows":
                yield from _from_registry(host, family)
            case "macos":
                yield from _from_plists(host, family)
            case "linux":
                for folder in FOLDERS[family]:
                    yield from _from_folder(host, family, folder)


def _from_registry(host: Host, family: BrowserFamily) -> Iterator[PolicyValue]:
    for hive in ("HKLM", "HKCU"):
        key = rf"{hive}\{REGISTRY[family]}"
        values = host.registry_values(key)
        for name in NAMES:
            listed = host.registry_values(rf"{key}\{name}").values()
            texts = spelled(values[name]) if name in values else spelled(list(listed))
            if texts:
                yield PolicyValue(family=family, key=name, values=texts, place=key)


def _from_folder(host: Host, family: BrowserFamily, folder: str) -> Iterator[PolicyValue]:
    """The last file by name wins where two set the same policy (Chromium's own loader)."""
    files = [name for name in host.list_directory(folder) if not name.startswith(".")]
    for name in reversed(files[-FILES_AT_MOST:]):
        place = f"{folder}/{name}"
        values = chromium_json_values(read_text(host, place, limit=FILE_BYTES))
        yield from _known(family, values, place)


def _from_plists(host: Host, family: BrowserFamily) -> Iterator[PolicyValue]:
    own = host.home().name
    for place in (
        f"{MANAGED_PREFERENCES}/{BUNDLES[family]}.plist",
        f"{MANAGED_PREFERENCES}/{own}/{BUNDLES[family]}.plist",
    ):
        yield from _known(family, plist_values(host, place), place)


def _known(family: BrowserFamily, values: dict[str, object], place: str) -> Iterator[PolicyValue]:
    for name in NAMES:
        if texts := spelled(values.get(name)):
            yield PolicyValue(family=family, key=name, values=texts, place=place)
