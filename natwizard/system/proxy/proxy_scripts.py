"""Proxy scripts (PAC) that settings name: fetched once, run in a child, asked for many URLs."""

import asyncio
import codecs
import os
import re
import stat
import sys
import threading
import time
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import dns.exception
import dns.name
import dns.resolver
import httpx
from msgspec import Struct

from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.https.client import (
    HttpsClient,
    HttpsLimits,
    web_address,
    web_failure,
)
from natwizard.probes.network import (
    DIRECT,
    Network,
    ProxyEntry,
    ProxyKind,
    ProxyList,
    ProxyScript,
    ScriptTrouble,
)
from natwizard.probes.printable import printable
from natwizard.system.proxy.proxy_rules import parse_proxy
from natwizard.system.script_runner import SLOW_NAMES_S, ScriptRunner

KINDS = {
    "PROXY": ProxyKind.HTTP,
    "HTTPS": ProxyKind.HTTPS,
    "SOCKS": ProxyKind.SOCKS4,
    "SOCKS4": ProxyKind.SOCKS4,
    "SOCKS5": ProxyKind.SOCKS5,
    "QUIC": ProxyKind.QUIC,
}
"""Words of a script's answer; others mean nothing to Chromium ("HTTP" does to Firefox alone)."""
DIRECT_WORD = "DIRECT"
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
ENTRIES_AT_MOST = 20
URL_CHARACTERS = 2_000
USER_INFO = re.compile(r"(?<=://)[^/?#]*@")


class Choice(Struct, frozen=True, kw_only=True):
    """What a script's answer says; `understood` where anything in it is known, or it is empty."""

    entries: tuple[ProxyEntry, ...] = ()
    understood: bool = True

    @property
    def followed(self) -> bool:
        """Whether this program can go a way of the script's own, and not just what is left."""
        first = self.entries[0] if self.entries else DIRECT
        return first.spoken or any(entry.kind is ProxyKind.HTTP for entry in self.entries)


def read_answer(text: str) -> Choice:
    """ "PROXY a:8080; SOCKS b; DIRECT", in its order; nothing at all is the direct way."""
    words = [entry.split(maxsplit=1) for entry in text.split(";")[:ENTRIES_AT_MOST]]
    asked = [each for each in words if each]
    entries = tuple(entry for each in asked if (entry := _entry(*each)) is not None)
    return Choice(entries=entries, understood=bool(entries) or not asked)


def _entry(word: str, place: str = "") -> ProxyEntry | None:
    """Browsers pass over what they cannot read, too."""
    kind = KINDS.get(word.upper())
    if kind is None or "://" in place or "@" in place or "/" in place:
        return DIRECT if word.upper() == DIRECT_WORD and not place else None
    return parse_proxy(place, kind)


def handed_over(url: str) -> tuple[str, str]:
    """URL and host as browsers give them to a script: nothing private in them.

    Of https and wss only the origin; no user, no fragment and no port that goes without saying.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    place = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != DEFAULT_PORTS.get(parts.scheme):
        place = f"{place}:{parts.port}"
    return f"{parts.scheme}://{place}{_resource(parts)}"[:URL_CHARACTERS], host


def without_user(address: str) -> str:
    """An address without the password that may stand in it."""
    return USER_INFO.sub("", address)


def _resource(parts: SplitResult) -> str:
    if parts.scheme in {"https", "wss"}:
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


# Browsers wait 30 s, but the whole run stands still meanwhile (decision 47)
FETCH_S = 6.0
# As browsers have it (decision 47)
SIZE_LIMIT_BYTES = 1024 * 1024
OPERATION = "fetch_script"
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_BE, "utf-16-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"))  # fmt: skip
ENCODINGS = {"utf-8", "utf8", "us-ascii", "utf-16-le", "utf-16-be", "windows-1252"}
OTHERWISE = "iso-8859-1"


async def download_script(network: Network, address: str) -> str:
    """The script behind an http, https or file address.

    Raises CannotGather (HTTP_STATUS, TOO_LARGE, ...), BadAnswer, OSError, TimeoutError.
    """
    if address.startswith("file:"):
        return decoded(_file(unquote(urlsplit(address).path)), "")
    client = HttpsClient(network=network, operation=OPERATION, past_proxies=True)
    limits = HttpsLimits(deadline_s=FETCH_S, body_bytes=SIZE_LIMIT_BYTES)
    async with client:
        answer = await client.request(
            "GET", _script_address(address), limits, onward=_script_address
        )
    if answer.status != httpx.codes.OK:
        raise web_failure(FailureCode.HTTP_STATUS, OPERATION, f"HTTP {answer.status}")
    return decoded(answer.body, answer.charset)


def _script_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address of the settings, or of a redirect, which never leads to a file. BadAnswer."""
    # httpx would sign in by itself with what stands before an @, and browsers do not
    return web_address(without_user(text), base)


def decoded(content: bytes, charset: str) -> str:
    """As the server says, as its first bytes say, or else as ISO-8859-1."""
    if charset.lower() in ENCODINGS:
        return content.decode(charset, errors="replace").removeprefix("\ufeff")
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    return content.decode(OTHERWISE)


def _file(path: str) -> bytes:
    """Of a real file: a pipe or a device may have no end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise BadAnswer(f"{Path(path).name} is no file")
        content = file.read(SIZE_LIMIT_BYTES + 1)
    if len(content) > SIZE_LIMIT_BYTES:
        raise web_failure(FailureCode.TOO_LARGE, OPERATION, f"over {SIZE_LIMIT_BYTES} bytes")
    return content


# Each one that is silent costs FETCH_S
DOMAINS_AT_MOST = 3
_DOMAIN = re.compile(r"[A-Za-z0-9_.-]+")
LABELS_AT_LEAST = 2


RESOLV_CONF = "/etc/resolv.conf"
RESOLV_CONF_BYTES = 64 * 1024


def wpad_addresses() -> tuple[str, ...]:
    """Addresses to ask for a script, in this order; none where the network names no domain."""
    listed = () if sys.platform == "win32" else search_domains(Path(RESOLV_CONF))
    try:
        # without its file, dnspython knows the computer's own domain; on Windows, all of them
        resolver = dns.resolver.Resolver(configure=sys.platform == "win32")
    except Exception:  # noqa: BLE001 - odd values of the registry raise what dnspython likes
        return addresses_in(listed)
    own = [name.to_text(omit_final_dot=True) for name in (*resolver.search, resolver.domain)]
    return addresses_in((*listed, *own))


def search_domains(path: Path) -> tuple[str, ...]:
    """Domains of its last `search` or `domain` line; an odd line or name spoils no other.

    dnspython reads this file too, and gives up at the first name server that is no address.
    """
    try:
        with path.open("rb") as file:
            text = file.read(RESOLV_CONF_BYTES).decode("ascii", "replace")
    except OSError:
        return ()
    found: list[str] = []
    for line in text.splitlines():
        keyword, *words = line.split() or [""]
        if keyword in {"search", "domain"}:
            found = [word for word in words if _is_domain(word)] or found
    return tuple(found)


def _is_domain(text: str) -> bool:
    """Letters, digits, hyphens and dots alone: what goes into an address that we fetch."""
    try:
        dns.name.from_text(text)
    except (dns.exception.DNSException, ValueError):
        return False
    return _DOMAIN.fullmatch(text) is not None


def addresses_in(domains: tuple[str, ...]) -> tuple[str, ...]:
    """`wpad` in each domain as it stands.

    Never in a shorter one: above its own domain an organisation has no say, and whoever holds
    wpad.com would name the proxy. A domain of one label is none of an organisation's.
    """
    asked = [each.lower().strip(".") for each in domains]
    own = dict.fromkeys(each for each in asked if each.count(".") + 1 >= LABELS_AT_LEAST)
    return tuple(f"http://wpad.{domain}/wpad.dat" for domain in own)[:DOMAINS_AT_MOST]


KEPT_S = 300.0
"""A run is shorter, a watch of hours is not: what was wrong then may be mended now."""
SILENT = {
    FailureCode.TIMED_OUT,
    FailureCode.NAME_NOT_FOUND,
    FailureCode.NAME_LOOKUP_FAILED,
    FailureCode.NETWORK_UNREACHABLE,
}


class FetchedScript(Struct, frozen=True, kw_only=True):
    """What lies at an address: a script, or why there is none.

    Attributes:
        address: without a password; empty where the network named none.
        until: `time.perf_counter()` from which on it is fetched again.
    """

    address: str
    until: float
    runner: ScriptRunner | None = None
    trouble: ScriptTrouble | None = None
    detail: str = ""


class ProxyScripts:
    """The scripts of one run. Threads may ask at once; the first of them fetches."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._lock = threading.Lock()
        self._fetched: dict[str, FetchedScript] = {}

    def ask(self, address: str, url: str) -> ProxyList:
        """What the script at an address says of a URL; an empty address is for the network (WPAD).

        Blocks for a few seconds at most: `FETCH_S`, `THINK_S` and `LOOKUP_WAIT_S` bound it.
        """
        with self._lock:
            fetched = self._fetched.get(address)
            if fetched is None or time.perf_counter() > fetched.until:
                fetched = self._fetched[address] = self._fetch(address)
        if fetched.runner is None:
            script = ProxyScript(
                address=fetched.address, trouble=fetched.trouble, detail=fetched.detail
            )
            return ProxyList(script=script)
        return self._run(fetched.address, fetched.runner, url)

    def _run(self, address: str, runner: ScriptRunner, url: str) -> ProxyList:
        said = runner.ask(*handed_over(url))
        text = printable(said.text)
        names_s = round(said.names_s, 1) if said.names_s >= SLOW_NAMES_S else 0.0
        if said.trouble is not None:
            script = ProxyScript(
                address=address, trouble=said.trouble, detail=text, names_s=names_s
            )
            return ProxyList(script=script)
        choice = read_answer(said.text)
        trouble = None
        if not choice.understood:
            trouble = ScriptTrouble.NONSENSE
        elif not choice.followed:
            trouble = ScriptTrouble.OTHER_KIND
        script = ProxyScript(address=address, answer=text, trouble=trouble, names_s=names_s)
        return ProxyList(entries=choice.entries, script=script)

    def _fetch(self, address: str) -> FetchedScript:
        until = time.perf_counter() + KEPT_S
        for place in (address,) if address else wpad_addresses():
            told = printable(without_user(place))
            try:
                script = asyncio.run(download_script(self._network, place))
            except (OSError, EOFError, ValueError, CannotGather) as error:
                code, detail = _failure(error)
                if not address and code is FailureCode.NAME_NOT_FOUND:
                    continue
                silent = ScriptTrouble.NO_ANSWER if code in SILENT else ScriptTrouble.NOT_FETCHED
                return FetchedScript(address=told, until=until, trouble=silent, detail=detail)
            return FetchedScript(address=told, until=until, runner=ScriptRunner(script))
        return FetchedScript(address="", until=until, trouble=ScriptTrouble.NONE_NAMED)


def _failure(error: OSError | EOFError | ValueError | CannotGather) -> tuple[FailureCode, str]:
    """Of a download, or of reading a file, which no table of the network's errors knows."""
    failure = failure_from(error, OPERATION)
    if failure.code is FailureCode.OTHER:
        return FailureCode.NOT_PERMITTED, printable(str(error))
    return failure.code, printable(f"{failure.code} {failure.detail}".strip())
