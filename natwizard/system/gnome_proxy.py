"""The proxy of GNOME's network settings, which Qt does not read and browsers go by.

Source: the schema org.gnome.system.proxy of gsettings-desktop-schemas; which desktops have it is
Chromium's list (base/nix/xdg_util.cc).
"""

import ast
import ipaddress
import os
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from natwizard.model.address import HostPort
from natwizard.probes.network import ProxyScript
from natwizard.system.command import run_command

DESKTOPS = {"GNOME", "GNOME-CLASSIC", "UNITY", "X-CINNAMON", "CINNAMON", "PANTHEON", "DEEPIN"}
QUESTION = ("gsettings", "list-recursively", "org.gnome.system.proxy")
ASK_S = 1.0
SCHEMA = "org.gnome.system.proxy"
EMPTY_LIST = "@as "


def gnome_proxy(url: str) -> str:
    """The proxy for a URL as "http://host:port"; empty for the direct way, and on other desktops.

    Raises ProxyScript where a script decides (PAC): nothing here runs it.
    """
    if not DESKTOPS & set(os.environ.get("XDG_CURRENT_DESKTOP", "").upper().split(":")):
        return ""
    try:
        answer = run_command(QUESTION, timeout_s=ASK_S)
    except (OSError, TimeoutError):
        return ""
    return proxy_of(_settings(answer.output), url)


def proxy_of(settings: Mapping[str, object], url: str) -> str:
    """What settings such as {"org.gnome.system.proxy mode": "manual"} mean for a URL."""
    mode = settings.get(f"{SCHEMA} mode")
    if mode == "auto":
        script = settings.get(f"{SCHEMA} autoconfig-url")
        raise ProxyScript(str(script or "found by the network (WPAD)"))
    parts = urlsplit(url)
    host = settings.get(f"{SCHEMA}.{parts.scheme} host")
    port = settings.get(f"{SCHEMA}.{parts.scheme} port")
    ignored = settings.get(f"{SCHEMA} ignore-hosts")
    named = isinstance(host, str) and host and isinstance(port, int) and 0 < port < 65536
    if mode != "manual" or not named:
        return ""
    if isinstance(ignored, list) and _is_ignored(parts.hostname or "", map(str, ignored)):
        return ""
    return f"http://{HostPort(str(host), int(str(port)))}"


def _settings(text: str) -> dict[str, object]:
    """Lines of "schema key value"; values are written as Python writes them, but for one."""
    found: dict[str, object] = {}
    for line in text.splitlines():
        schema, _, rest = line.partition(" ")
        key, _, value = rest.partition(" ")
        try:
            literal = value.removeprefix(EMPTY_LIST)
            found[f"{schema} {key}"] = ast.literal_eval(literal)
        except (ValueError, SyntaxError):  # true and false: none of them is asked for
            continue
    return found


def _is_ignored(host: str, patterns: Iterable[str]) -> bool:
    """Names, "*.example.com", addresses and networks."""
    name = host.lower()
    for pattern in (each.strip().lower() for each in patterns):
        if name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:])):
            return True
        try:
            if ipaddress.ip_address(name) in ipaddress.ip_network(pattern, strict=False):
                return True
        except ValueError:
            continue
    return False
