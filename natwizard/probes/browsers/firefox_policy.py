"""Firefox's policies (registry, policies.json, property list) and the default profile's prefs.

Source: firefox-admin-docs.mozilla.org; the schema shipped in Firefox ESR's omni.ja knows every
policy named here, and its greprefs.js and firefox.js every preference.
"""

import configparser
import re
from collections.abc import Iterable, Iterator

from natwizard.probes.browsers.browser_copy import Browser, BrowserFamily
from natwizard.probes.browsers.chromium_policy import MANAGED_PREFERENCES
from natwizard.probes.browsers.macos import plist_values
from natwizard.probes.browsers.policy_value import PolicyValue, at, json_values, spelled
from natwizard.probes.host import Host, exists, read_text, short_lines

REGISTRY = r"SOFTWARE\Policies\Mozilla\Firefox"
BUNDLE = "org.mozilla.firefox.plist"
LINUX_PLACE = "/etc/firefox/policies/policies.json"
"""Of Firefox ESR also. Where it exists, Firefox reads no file beside its program."""

EMPTY: tuple[object, ...] = ({}, [], None)
LOCKING = ("locked", "user")
"""A preference of a policy in these states is set again at each start."""

POLICIES = (
    "Cookies.AcceptThirdParty",
    "Cookies.Allow",
    "Cookies.Behavior",
    "Cookies.Default",
    "Permissions.Microphone.Allow",
    "Permissions.Microphone.BlockNewRequests",
    "SSLVersionMax",
    "SSLVersionMin",
)
PREFERENCES = (
    "dom.storage.enabled",
    "javascript.enabled",
    "media.peerconnection.enabled",
    "media.peerconnection.ice.proxy_only",
    "media.peerconnection.ice.relay_only",
    "network.cookie.cookieBehavior",
    "permissions.default.microphone",
    "security.tls.version.max",
    "security.tls.version.min",
)

PREF_LINE = re.compile(
    r'^user_pref\("([^"\\]{1,80})",\s*("[^"]{0,200}"|[\w.+-]{1,40})\);', re.MULTILINE
)
PROFILE_FOLDERS = {
    "linux": (
        ".mozilla/firefox",
        ".config/mozilla/firefox",
        "snap/firefox/common/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ),
    "macos": ("Library/Application Support/Firefox",),
}
PROFILES_AT_MOST = 4
FILE_BYTES = 256 * 1024


def firefox_policies(host: Host, copies: Iterable[Browser]) -> Iterator[PolicyValue]:
    """What is in force first: locked preferences before the person's, those before presets.

    A source replaces whole policies of a later one (Firefox's CombinedProvider): with any of
    "Cookies" in the registry, "Cookies" in policies.json does not count.
    """
    presets: list[PolicyValue] = []
    taken: set[str] = set()
    for told, place in _sources(host, copies):
        values = {name: value for name, value in told.items() if _top(name) not in taken}
        taken |= {_top(name) for name, value in values.items() if value not in EMPTY}
        for key in POLICIES:
            if texts := spelled(at(values, key)):
                yield _value(key, texts, place)
        for key, texts, locked in _policy_preferences(values):
            if locked:
                yield _value(key, texts, place)
            else:
                presets.append(_value(key, texts, place))
    yield from _own_preferences(host)
    yield from presets


def _top(name: str) -> str:
    """ "Cookies", also of "Cookies__Behavior" in a property list."""
    return name.partition("__")[0]


def _value(key: str, texts: tuple[str, ...], place: str) -> PolicyValue:
    return PolicyValue(family=BrowserFamily.FIREFOX, key=key, values=texts, place=place)


def _sources(host: Host, copies: Iterable[Browser]) -> Iterator[tuple[dict[str, object], str]]:
    """Nested values, the system's own policy store before the files."""
    if host.platform == "windows":
        for hive in ("HKLM", "HKCU"):
            yield _registry_tree(host, rf"{hive}\{REGISTRY}"), rf"{hive}\{REGISTRY}"
    if host.platform == "macos":
        own = host.home().name
        for folder in (MANAGED_PREFERENCES, f"{MANAGED_PREFERENCES}/{own}"):
            values = plist_values(host, f"{folder}/{BUNDLE}")
            if values.get("EnterprisePoliciesEnabled"):
                yield values, f"{folder}/{BUNDLE}"
    beside = [_beside(copy) for copy in copies if copy.family is BrowserFamily.FIREFOX]
    alone = host.platform == "linux" and exists(host, LINUX_PLACE)
    for place in (LINUX_PLACE,) if alone else beside:
        policies = json_values(read_text(host, place, limit=FILE_BYTES)).get("policies")
        if isinstance(policies, dict):
            yield policies, place


def _beside(copy: Browser) -> str:
    """policies.json of one copy, beside its program; within the bundle on macOS."""
    if "/Contents/MacOS/" in copy.path:
        bundle = copy.path.partition("/MacOS/")[0]
        return f"{bundle}/Resources/distribution/policies.json"
    separator = "\\" if "\\" in copy.path else "/"
    folder = copy.path.rpartition(separator)[0]
    return separator.join((folder, "distribution", "policies.json"))


def _registry_tree(host: Host, key: str) -> dict[str, object]:
    """Only the parts that are watched; a list has its entries as values 1, 2, 3."""
    tree: dict[str, object] = dict(host.registry_values(key))
    cookies: dict[str, object] = dict(host.registry_values(rf"{key}\Cookies"))
    trusted = list(host.registry_values(rf"{key}\Cookies\Allow").values())
    if trusted:
        cookies["Allow"] = trusted
    tree["Cookies"] = cookies
    microphone: dict[str, object] = dict(host.registry_values(rf"{key}\Permissions\Microphone"))
    allowed = list(host.registry_values(rf"{key}\Permissions\Microphone\Allow").values())
    if allowed:
        microphone["Allow"] = allowed
    tree["Permissions"] = {"Microphone": microphone} if microphone else {}
    tree["Preferences"] = json_values(str(tree.get("Preferences", "")))
    return tree


def _policy_preferences(
    values: dict[str, object],
) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Watched entries of the Preferences policy, and whether they are set again each time."""
    preferences = values.get("Preferences")
    if not isinstance(preferences, dict):
        return
    for key in PREFERENCES:
        entry = preferences.get(key)
        status = entry.get("Status") if isinstance(entry, dict) else None
        texts = spelled(entry.get("Value") if isinstance(entry, dict) else entry)
        if texts and status != "clear":
            yield key, texts, status in LOCKING


def _own_preferences(host: Host) -> Iterator[PolicyValue]:
    for folder in _default_profiles(host):
        for name in ("user.js", "prefs.js"):  # the first is read last, so it wins
            place = rf"{folder}\{name}" if "\\" in folder else f"{folder}/{name}"
            found = dict(PREF_LINE.findall(read_text(host, place)))
            for key in PREFERENCES:
                if key in found:
                    text = found[key].strip('"')
                    yield PolicyValue(
                        family=BrowserFamily.FIREFOX, key=key, values=(text,), place=place, own=True
                    )


def _default_profiles(host: Host) -> Iterator[str]:
    """Folders of the profiles that Firefox opens by itself."""
    if host.platform == "windows":
        roaming = host.environment("APPDATA")
        roots = [rf"{roaming}\Mozilla\Firefox"] if roaming else []
    else:
        roots = [f"{host.home()}/{folder}" for folder in PROFILE_FOLDERS[host.platform]]
    for root in roots:
        separator = "\\" if "\\" in root else "/"
        text = read_text(host, f"{root}{separator}profiles.ini", limit=65536)
        for path in _marked_default(text)[:PROFILES_AT_MOST]:
            yield f"{root}{separator}{path.replace('/', separator)}"


def _marked_default(text: str) -> tuple[str, ...]:
    """Relative paths: what an installation chose ([Install...] Default), else Default=1."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(short_lines(text))
    except configparser.Error:
        return ()
    sections = [parser[name] for name in parser.sections()]
    chosen = [
        section.get("Default", "") for section in sections if section.name.startswith("Install")
    ]
    marked = [section.get("Path", "") for section in sections if section.get("Default") == "1"]
    paths = dict.fromkeys(path for path in (chosen or marked) if path and ".." not in path)
    return tuple(paths)
