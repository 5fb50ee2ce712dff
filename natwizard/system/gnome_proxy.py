"""The proxy of GNOME's network settings.

Source: the schema org.gnome.system.proxy of gsettings-desktop-schemas.
"""

import ast
from collections.abc import Mapping
from urllib.parse import urlsplit

from natwizard.model.address import HostPort
from natwizard.probes.network import ScriptDecides
from natwizard.system.bypass import goes_past
from natwizard.system.command import run_command

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
    return proxy_of(_settings(answer.output), url)


def proxy_of(settings: Mapping[str, object], url: str) -> str:
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
