"""The proxy of KDE's network settings: the file kioslaverc.

Source: KIO's kprotocolmanager and Chromium's reader of it (proxy_config_service_linux.cc); the
places are those of KConfig: the person's own file goes before the administrator's, but for what
that marks as not to be changed ("[$i]").
"""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from natwizard.model.address import HostPort, parse_host_port
from natwizard.probes.network import ScriptDecides
from natwizard.system.bypass import goes_past

FILE = "kioslaverc"
SECTION = "Proxy Settings"
FILE_LIMIT_BYTES = 256 * 1024
PROXY_PORT = 80
NONE, MANUAL, SCRIPT, FOUND, ENVIRONMENT = range(5)
HEADING = re.compile(r"\[(?P<name>[^\]]*)\](?P<marks>.*)")
KEY = re.compile(r"(?P<name>[^\[=]+?)\s*(?P<marks>(\[[^\]]*\])*)\s*=\s*(?P<value>.*)")
FIXED = "[$i]"


class Setting(NamedTuple):
    """One value, and whether an administrator has fixed it."""

    value: str
    fixed: bool = False


def kde_proxy(url: str) -> str:
    """The proxy for a URL as "http://host:port"; empty for the direct way.

    Raises ScriptDecides.
    """
    return proxy_of(merged(map(_text, config_files(os.environ.get))), url, os.environ.get)


def proxy_of(settings: dict[str, str], url: str, environment: Callable[[str, str], str]) -> str:
    """What settings such as {"ProxyType": "1"} mean for a URL. Raises ScriptDecides."""
    kind = _number(settings.get("ProxyType", ""))
    if kind == SCRIPT:
        address = settings.get("Proxy Config Script", "")
        raise ScriptDecides(f"file://{address}" if address.startswith("/") else address)
    if kind == FOUND:
        raise ScriptDecides("")
    if kind not in {MANUAL, ENVIRONMENT}:
        return ""
    named = settings.get("httpsProxy" if url.startswith("https:") else "httpProxy", "")
    listed = settings.get("NoProxyFor", "")
    if kind == ENVIRONMENT:  # the settings name variables
        named, listed = environment(named, ""), environment(listed, "")
    proxy = _proxy(named)
    if proxy is None:
        return ""
    past = goes_past(url, re.split(r"[,\s]+", listed), by_ending=True)
    only_listed = settings.get("ReversedException", "").lower()
    reversed_list = only_listed == "true" or _number(only_listed) != 0
    return "" if past != reversed_list else f"http://{proxy}"


def config_files(environment: Callable[[str, str], str]) -> tuple[Path, ...]:
    """Where the settings may stand, the person's own last."""
    home = environment("HOME", "")
    older = environment("KDEHOME", "")
    if older:  # of KDE 4, and only where somebody has set it
        return (Path(older, "share", "config", FILE),)
    own = environment("XDG_CONFIG_HOME", "") or str(Path(home, ".config"))
    shared = (environment("XDG_CONFIG_DIRS", "") or "/etc/xdg").split(":")
    return tuple(Path(folder, FILE) for folder in (*reversed(shared), own) if folder)


def merged(texts: Iterable[str]) -> dict[str, str]:
    """The section of the proxy in several files; a later one counts, unless an earlier is fixed."""
    found: dict[str, Setting] = {}
    for text in texts:
        fixed = {key for key, setting in found.items() if setting.fixed}
        everything_fixed = SECTION in fixed
        if everything_fixed:
            break
        found |= {key: value for key, value in _settings(text).items() if key not in fixed}
    return {key: setting.value for key, setting in found.items()}


def _settings(text: str) -> dict[str, Setting]:
    """The lines of the section; a heading that is fixed stands under its own name."""
    found: dict[str, Setting] = {}
    inside = False
    for line in map(str.strip, text.splitlines()):
        heading = HEADING.fullmatch(line)
        if heading is not None:
            inside = heading["name"] == SECTION
            if inside and FIXED in heading["marks"]:
                found[SECTION] = Setting("", fixed=True)
            continue
        key = KEY.fullmatch(line) if inside else None
        if key is not None:
            found[key["name"]] = Setting(key["value"], fixed=FIXED in key["marks"])
    return found


def _text(file: Path) -> str:
    """Empty where there is none, or none for us to read."""
    try:
        with file.open("rb") as opened:
            return opened.read(FILE_LIMIT_BYTES).decode(errors="replace")
    except OSError:
        return ""


def _proxy(text: str) -> HostPort | None:
    """ "http://host:port", "http://host port" or "host:port"; None where there is none."""
    place = text.strip().rpartition("://")[2].rpartition("@")[2].rstrip("/")
    try:
        return parse_host_port(place.replace(" ", ":", 1), default_port=PROXY_PORT)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
