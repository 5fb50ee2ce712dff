"""The proxies that Linux's settings name, read as Chromium reads them: desktop, then environment.

Which desktop has which settings is base/nix/xdg_util.cc; what they mean is
net/proxy_resolution/proxy_config_service_linux.cc. Where a desktop's settings say anything, also
"none", the environment does not count: terminals set it by themselves.
"""

import ast
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from natwizard.probes.network import ProxyEntry, ProxyKind, ProxyList, ScriptDecides
from natwizard.system.command import run_command
from natwizard.system.proxy.proxy_rules import (
    ProxyRules,
    is_local,
    parse_proxy,
    split_exceptions,
)

Environment = Callable[[str], str | None]
"""The value of a variable; None where it is not set."""


def read_variable(name: str) -> str | None:
    """As Chromium does: by its usual name, or else in the other case. Empty counts as set."""
    other = name.upper() if name.islower() else name.lower()
    return os.environ.get(name, os.environ.get(other))


def environment_rules(variable: Environment) -> ProxyRules | None:
    """What variables such as https_proxy name; None where there are none. Raises ScriptDecides."""
    script = variable("auto_proxy")
    if script is not None:
        raise ScriptDecides(script)
    # all_proxy goes before the others, and SOCKS_SERVER counts where none of them is set (Chromium)
    every = parse_proxy(variable("all_proxy") or "")
    http = parse_proxy(variable("http_proxy") or "")
    https = parse_proxy(variable("https_proxy") or "")
    if every is http is https is None:
        version = ProxyKind.SOCKS4 if variable("SOCKS_VERSION") == "4" else ProxyKind.SOCKS5
        every = parse_proxy(variable("SOCKS_SERVER") or "", version)
    exceptions = split_exceptions(variable("no_proxy") or "")
    if every is http is https is None and not exceptions:
        return None
    return ProxyRules(every=every, http=http, https=https, exceptions=exceptions, by_ending=True)


QUESTION = ("gsettings", "list-recursively", "org.gnome.system.proxy")
# A busy machine takes over a second; less than the whole time for settings (trace's 3 s)
ASK_S = 1.8
SCHEMA = "org.gnome.system.proxy"
EMPTY_LIST = "@as "


def gnome_rules() -> ProxyRules | None:
    """What GNOME's settings name; None where they cannot be read. Raises ScriptDecides."""
    try:
        answer = run_command(QUESTION, timeout_s=ASK_S)
    except (OSError, TimeoutError):
        return None
    return gnome_rules_of(_settings(answer.output))


def gnome_rules_of(settings: Mapping[str, object]) -> ProxyRules | None:
    """What settings such as {"org.gnome.system.proxy mode": "manual"} mean.

    None where they name nothing: the environment counts then. Raises ScriptDecides.
    """
    mode = settings.get(f"{SCHEMA} mode")
    if mode == "auto":
        address = str(settings.get(f"{SCHEMA} autoconfig-url") or "")
        raise ScriptDecides(f"file://{address}" if address.startswith("/") else address)
    if mode != "manual":
        return ProxyRules() if mode == "none" else None

    def proxy(name: str, kind: ProxyKind) -> ProxyEntry | None:
        host = settings.get(f"{SCHEMA}.{name} host")
        port = settings.get(f"{SCHEMA}.{name} port")
        text = host if isinstance(host, str) else ""
        return parse_proxy(f"{text}:{port}" if text and port else text, kind)

    ignored = settings.get(f"{SCHEMA} ignore-hosts")
    return _manual(
        proxy("http", ProxyKind.HTTP),
        proxy("https", ProxyKind.HTTP),
        proxy("socks", ProxyKind.SOCKS5),
        ProxyRules(exceptions=tuple(map(str, ignored)) if isinstance(ignored, list) else ()),
    )


def _manual(
    http: ProxyEntry | None,
    https: ProxyEntry | None,
    socks: ProxyEntry | None,
    rules: ProxyRules,
) -> ProxyRules | None:
    """The rules with these proxies in them; None where not one is named."""
    if http is https is socks is None:
        return None
    return replace(rules, http=http, https=https, fallback=socks)


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
        except (RecursionError, MemoryError):  # nested as no setting is
            continue
    return found


KDE_FILE = "kioslaverc"
KDE_SECTION = "Proxy Settings"
FILE_LIMIT_BYTES = 256 * 1024
NONE, MANUAL, SCRIPT, FOUND, ENVIRONMENT = range(5)
KDE_HEADING = re.compile(r"\[(?P<name>[^\]]*)\](?P<marks>.*)")
KDE_KEY = re.compile(
    r"(?P<name>[^\[=]*[^\[=\s])\s*+(?P<marks>(?:\[[^\]]*+\])*+)\s*+=\s*+(?P<value>.*)"
)
KDE_FIXED = "[$i]"
MOST_DIGITS = 10


class Setting(NamedTuple):
    """One value, and whether an administrator has fixed it."""

    value: str
    fixed: bool = False


def kde_rules(variable: Environment) -> ProxyRules | None:
    """What KDE's settings name; None where they name nothing. Raises ScriptDecides."""
    return kde_rules_of(merged(map(_text, config_files(variable))), variable)


def kde_rules_of(settings: dict[str, str], variable: Environment) -> ProxyRules | None:
    """What settings such as {"ProxyType": "1"} mean. Raises ScriptDecides."""
    if "ProxyType" not in settings:
        return None
    kind = _number(settings["ProxyType"])
    if kind == SCRIPT:
        address = settings.get("Proxy Config Script", "")
        raise ScriptDecides(f"file://{address}" if address.startswith("/") else address)
    if kind == FOUND:
        raise ScriptDecides("")
    if kind not in {MANUAL, ENVIRONMENT}:
        return ProxyRules()

    def value(key: str) -> str:
        text = settings.get(key, "")
        # the settings name variables, then
        return text if kind == MANUAL else (variable(text) if text else None) or ""

    def proxy(key: str, proxy_kind: ProxyKind) -> ProxyEntry | None:
        text = value(key).strip().replace(" ", ":", 1)
        return None if text.startswith("//:") else parse_proxy(text, proxy_kind)

    only_listed = settings.get("ReversedException", "").lower()
    rules = ProxyRules(
        exceptions=tuple(filter(None, re.split(r"[,\s]+", value("NoProxyFor")))),
        by_ending=True,
        only_exceptions=only_listed == "true" or _number(only_listed) != 0,
    )
    return _manual(
        proxy("httpProxy", ProxyKind.HTTP),
        proxy("httpsProxy", ProxyKind.HTTP),
        proxy("socksProxy", ProxyKind.SOCKS5),
        rules,
    )


def config_files(variable: Environment) -> tuple[Path, ...]:
    """Where the settings may stand, the person's own last."""
    home = variable("HOME") or ""
    older = variable("KDEHOME")
    if older:  # of KDE 4, and only where somebody has set it
        return (Path(older, "share", "config", KDE_FILE),)
    own = variable("XDG_CONFIG_HOME") or str(Path(home, ".config"))
    shared = (variable("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
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


def _number(text: str) -> int:
    # int() raises for thousands of digits
    return int(text) if text.isdecimal() and len(text) < MOST_DIGITS else 0


GNOME = {
    "GNOME", "GNOME-CLASSIC", "UNITY", "X-CINNAMON", "CINNAMON", "PANTHEON", "DEEPIN", "UKUI",
}  # fmt: skip
KDE = {"KDE"}
BY_SESSION = {
    "gnome": "GNOME", "mate": "GNOME", "deepin": "DEEPIN", "ukui": "UKUI",
    "kde": "KDE", "kde4": "KDE", "kde-plasma": "KDE", "plasma": "KDE",
}  # fmt: skip


def desktop_of(variable: Environment) -> str:
    """ "GNOME", "KDE", or empty: whose settings count."""
    names = set((variable("XDG_CURRENT_DESKTOP") or "").upper().split(":"))
    if not names & (GNOME | KDE):
        names = {BY_SESSION.get((variable("DESKTOP_SESSION") or "").lower(), "")}
    if not names & (GNOME | KDE):
        marks = (("GNOME_DESKTOP_SESSION_ID", "GNOME"), ("KDE_FULL_SESSION", "KDE"))
        names = {desktop for mark, desktop in marks if variable(mark)}
    if names & GNOME:
        return "GNOME"
    return "KDE" if names & KDE else ""


def desktop_proxies(url: str) -> ProxyList:
    """What browsers on Linux go by for a URL; none for this computer itself.

    Raises ScriptDecides where a script does (PAC, WPAD).
    """
    if is_local(url):
        return ProxyList()
    desktop = desktop_of(read_variable)
    rules = None
    if desktop == "GNOME":
        rules = gnome_rules()
    elif desktop == "KDE":
        rules = kde_rules(read_variable)
    if rules is None:
        rules = environment_rules(read_variable)
    return rules.proxies_for(url) if rules is not None else ProxyList()
