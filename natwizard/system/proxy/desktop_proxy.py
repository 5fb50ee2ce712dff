"""The proxy that the desktop's settings name, which Qt does not read on Linux and browsers go by.

Which desktop has which settings is Chromium's list (base/nix/xdg_util.cc).
"""

import ast
import ipaddress
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from natwizard.model.address import HostPort, parse_host_port
from natwizard.probes.network import ScriptDecides
from natwizard.system.command import run_command

LOCAL = "<local>"
DEFAULT_PORTS = {"http": 80, "https": 443}
WITH_PORT = re.compile(r"(?P<host>[^:]*|\[.*\]):(?P<port>\d+)")


def is_local(url: str) -> bool:
    """This computer and its own cable: browsers never send those through a proxy."""
    host = _host(urlsplit(url))
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_link_local


def goes_past(url: str, patterns: Iterable[str], *, by_ending: bool = False) -> bool:
    """Whether a URL matches one of the patterns.

    They are names, "*.example.com", ".example.com", addresses, networks and "<local>", each with
    or without a scheme before and a port behind.

    Args:
        by_ending: names match whatever ends with them, as KDE has it.
    """
    return any(_matches(urlsplit(url), each.strip().lower(), by_ending) for each in patterns)


def _matches(url: SplitResult, pattern: str, by_ending: bool) -> bool:  # noqa: FBT001 - as above
    scheme, _, rest = pattern.rpartition("://")
    if not rest or scheme not in {"", url.scheme}:
        return False
    host = _host(url)
    if rest == LOCAL:
        return "." not in host and ":" not in host
    if "/" in rest:
        return _in_network(host, rest)
    with_port = WITH_PORT.fullmatch(rest)
    if with_port is not None and rest.count(":") == 1 + with_port["host"].count(":"):
        if int(with_port["port"]) != (url.port or DEFAULT_PORTS.get(url.scheme)):
            return False
        rest = with_port["host"]
    if _in_network(host, rest.strip("[]")):
        return True
    if rest.startswith(".") or (by_ending and not _is_address(rest)):
        rest = f"*{rest}"
    parts = map(re.escape, rest.split("*"))
    return re.fullmatch(".*".join(parts), host) is not None


def _host(url: SplitResult) -> str:
    return (url.hostname or "").lower()


def _in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


QUESTION = ("gsettings", "list-recursively", "org.gnome.system.proxy")
ASK_S = 1.8
SCHEMA = "org.gnome.system.proxy"
EMPTY_LIST = "@as "


def gnome_proxy(url: str) -> str:
    """The proxy for a URL as "http://host:port"; empty for the direct way.

    Raises ScriptDecides.
    """
    try:
        answer = run_command(QUESTION, timeout_s=ASK_S)
    except (OSError, TimeoutError):
        return ""
    return gnome_proxy_of(_settings(answer.output), url)


def gnome_proxy_of(settings: Mapping[str, object], url: str) -> str:
    """What settings such as {"org.gnome.system.proxy mode": "manual"} mean for a URL.

    Raises ScriptDecides.
    """
    mode = settings.get(f"{SCHEMA} mode")
    if mode == "auto":
        address = str(settings.get(f"{SCHEMA} autoconfig-url") or "")
        raise ScriptDecides(f"file://{address}" if address.startswith("/") else address)
    parts = urlsplit(url)
    host = settings.get(f"{SCHEMA}.{parts.scheme} host")
    port = settings.get(f"{SCHEMA}.{parts.scheme} port")
    ignored = settings.get(f"{SCHEMA} ignore-hosts")
    named = isinstance(host, str) and host and isinstance(port, int) and 0 < port < 65536
    if mode != "manual" or not named:
        return ""
    if isinstance(ignored, list) and goes_past(url, map(str, ignored)):
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


KDE_FILE = "kioslaverc"
KDE_SECTION = "Proxy Settings"
FILE_LIMIT_BYTES = 256 * 1024
PROXY_PORT = 80
NONE, MANUAL, SCRIPT, FOUND, ENVIRONMENT = range(5)
KDE_HEADING = re.compile(r"\[(?P<name>[^\]]*)\](?P<marks>.*)")
KDE_KEY = re.compile(r"(?P<name>[^\[=]+?)\s*(?P<marks>(\[[^\]]*\])*)\s*=\s*(?P<value>.*)")
KDE_FIXED = "[$i]"


class Setting(NamedTuple):
    """One value, and whether an administrator has fixed it."""

    value: str
    fixed: bool = False


def kde_proxy(url: str) -> str:
    """The proxy for a URL as "http://host:port"; empty for the direct way.

    Raises ScriptDecides.
    """
    return kde_proxy_of(merged(map(_text, config_files(os.environ.get))), url, os.environ.get)


def kde_proxy_of(settings: dict[str, str], url: str, environment: Callable[[str, str], str]) -> str:
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
        return (Path(older, "share", "config", KDE_FILE),)
    own = environment("XDG_CONFIG_HOME", "") or str(Path(home, ".config"))
    shared = (environment("XDG_CONFIG_DIRS", "") or "/etc/xdg").split(":")
    return tuple(Path(folder, KDE_FILE) for folder in (*reversed(shared), own) if folder)


def merged(texts: Iterable[str]) -> dict[str, str]:
    """The section of the proxy in several files; a later one counts, unless an earlier is fixed."""
    found: dict[str, Setting] = {}
    for text in texts:
        fixed = {key for key, setting in found.items() if setting.fixed}
        everything_fixed = KDE_SECTION in fixed
        if everything_fixed:
            break
        found |= {key: value for key, value in _kde_settings(text).items() if key not in fixed}
    return {key: setting.value for key, setting in found.items()}


def _kde_settings(text: str) -> dict[str, Setting]:
    """The lines of the section; a heading that is fixed stands under its own name."""
    found: dict[str, Setting] = {}
    inside = False
    for line in map(str.strip, text.splitlines()):
        heading = KDE_HEADING.fullmatch(line)
        if heading is not None:
            inside = heading["name"] == KDE_SECTION
            if inside and KDE_FIXED in heading["marks"]:
                found[KDE_SECTION] = Setting("", fixed=True)
            continue
        key = KDE_KEY.fullmatch(line) if inside else None
        if key is not None:
            found[key["name"]] = Setting(key["value"], fixed=KDE_FIXED in key["marks"])
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


GNOME = {"GNOME", "GNOME-CLASSIC", "UNITY", "X-CINNAMON", "CINNAMON", "PANTHEON", "DEEPIN"}
KDE = {"KDE"}


def desktop_proxy(url: str) -> str:
    """The proxy for a URL as "http://host:port"; empty for the direct way, and on other desktops.

    Raises ScriptDecides where a script does (PAC, WPAD). This computer itself has no proxy.
    """
    if is_local(url):
        return ""
    desktops = set(os.environ.get("XDG_CURRENT_DESKTOP", "").upper().split(":"))
    if desktops & GNOME:
        return gnome_proxy(url)
    if desktops & KDE:
        return kde_proxy(url)
    return ""
