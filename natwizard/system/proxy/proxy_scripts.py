"""Proxy scripts (PAC) that settings name: fetched once, run in a child, asked for many URLs."""

import asyncio
import codecs
import os
import re
import stat
import threading
import time
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import dns.resolver
import httpx
from msgspec import Struct

from natwizard import __version__
from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.https.secure_web import (
    addresses_of,
    bounded_body,
    system_trust,
    translated,
    web_failure,
)
from natwizard.probes.network import Network, ProxyScript, ScriptTrouble
from natwizard.probes.printable import printable
from natwizard.system.proxy.script_runner import ScriptRunner

WEB = {"PROXY", "HTTP"}
OTHERS = {"HTTPS", "SOCKS", "SOCKS4", "SOCKS5", "QUIC", "MASQUE"}
DIRECT = "DIRECT"
DEFAULT_PORTS = {"http": 80, "https": 443}
PROXY_PORT = 80
ENTRIES_AT_MOST = 20
URL_CHARACTERS = 2_000
USER_INFO = re.compile(r"(?<=://)[^/?#]*@")


class Choice(Struct, frozen=True, kw_only=True):
    """How browsers go, as far as we can follow.

    Attributes:
        proxy: the first web proxy, "http://host:port"; empty for the direct way.
        passed_over: kinds of proxy that stand before it, and that we do not speak.
        understood: whether anything in the answer is known.
    """

    proxy: str = ""
    passed_over: tuple[str, ...] = ()
    understood: bool = True

    @property
    def followed(self) -> bool:
        """Whether this is a way of the script's own, and not just what we have left."""
        return self.understood and (bool(self.proxy) or not self.passed_over)


def read_answer(text: str) -> Choice:
    """ "PROXY a:8080; SOCKS b; DIRECT", in its order; nothing at all is the direct way."""
    entries = [entry.split() for entry in text.split(";")[:ENTRIES_AT_MOST] if entry.strip()]
    passed_over: list[str] = []
    for kind, *places in entries:
        if kind.upper() == DIRECT:
            return Choice(passed_over=tuple(passed_over))
        place = _place(places)
        if place is None:  # browsers pass over what they cannot read, too
            continue
        if kind.upper() in WEB:
            return Choice(proxy=f"http://{place}", passed_over=tuple(passed_over))
        if kind.upper() in OTHERS:
            passed_over.append(kind.upper())
    return Choice(passed_over=tuple(passed_over), understood=bool(passed_over) or not entries)


def handed_over(url: str) -> tuple[str, str]:
    """URL and host as browsers give them to a script: nothing private in them.

    Of https only the origin; no user, no fragment and no port that goes without saying.
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
    if parts.scheme == "https":
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _place(words: list[str]) -> HostPort | None:
    if len(words) != 1:
        return None
    try:
        return parse_host_port(words[0], default_port=PROXY_PORT)
    except ValueError:
        return None


FETCH_S = 6.0
SIZE_LIMIT_BYTES = 1024 * 1024
REDIRECTS_AT_MOST = 3
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
    async with asyncio.timeout(FETCH_S):
        url = web_address(address)
        for _redirect in range(REDIRECTS_AT_MOST + 1):
            answer = await _get(network, url)
            if not isinstance(answer, httpx.URL):
                return answer
            url = answer
    raise BadAnswer(f"more than {REDIRECTS_AT_MOST} redirects")


def web_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address of the settings, or of a redirect, which never leads to a file. BadAnswer."""
    try:
        # httpx would sign in by itself with what stands before an @, and browsers do not
        url = base.join(without_user(text)) if base else httpx.URL(without_user(text))
    except httpx.InvalidURL as error:
        raise BadAnswer(f"no web address: {text[:100]!r}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadAnswer(f"expected an http or https address, got {text[:100]!r}")
    return url


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


async def _get(network: Network, url: httpx.URL) -> str | httpx.URL:
    """The script, or where a redirect leads; from the first address that gives it."""
    last: CannotGather | None = None
    for endpoint in await addresses_of(network, url, timeout_s=FETCH_S):
        try:
            return await _ask(url, url.copy_with(host=endpoint.address))
        except CannotGather as failed:
            last = failed
    raise last or BadAnswer(f"{url.host} has no address")


async def _ask(url: httpx.URL, at: httpx.URL) -> str | httpx.URL:
    """Ask for `url` at the address `at`; certificate and Host are those of the name."""
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "User-Agent": f"natwizard/{__version__}",
    }
    verify = await system_trust(()) if url.scheme == "https" else False
    async with httpx.AsyncClient(
        verify=verify, trust_env=False, timeout=httpx.Timeout(FETCH_S, connect=FETCH_S / 2)
    ) as client:
        try:
            async with client.stream(
                "GET", at, headers=headers, extensions={"sni_hostname": url.host}
            ) as response:
                if response.is_redirect:
                    return web_address(response.headers.get("location", ""), url)
                if response.status_code != httpx.codes.OK:
                    status = f"HTTP {response.status_code}"
                    raise web_failure(FailureCode.HTTP_STATUS, OPERATION, status)
                body = await bounded_body(response, SIZE_LIMIT_BYTES, OPERATION)
                return decoded(body, response.charset_encoding or "")
        except httpx.HTTPError as error:
            raise translated(error, OPERATION) from error


DOMAINS_AT_MOST = 3
LABELS_AT_LEAST = 2


def wpad_addresses() -> tuple[str, ...]:
    """Addresses to ask for a script, in this order; none where the network names no domain."""
    try:
        resolver = dns.resolver.Resolver()
    except Exception:  # noqa: BLE001 - an odd line of resolv.conf raises what dnspython likes
        return ()
    domains = [name.to_text(omit_final_dot=True) for name in (*resolver.search, resolver.domain)]
    return addresses_in(tuple(domains))


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
        until: `time.monotonic()` from which on it is fetched again.
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

    def ask(self, address: str, url: str) -> ProxyScript:
        """What the script at an address says of a URL; an empty address is for the network (WPAD).

        Blocks for a few seconds at most: `FETCH_S` and `THINK_S` bound it.
        """
        with self._lock:
            fetched = self._fetched.get(address)
            if fetched is None or time.monotonic() > fetched.until:
                fetched = self._fetched[address] = self._fetch(address)
        if fetched.runner is None:
            return ProxyScript(
                address=fetched.address, trouble=fetched.trouble, detail=fetched.detail
            )
        return self._run(fetched.address, fetched.runner, url)

    def _run(self, address: str, runner: ScriptRunner, url: str) -> ProxyScript:
        said = runner.ask(*handed_over(url))
        text = printable(said.text)
        if said.trouble is not None:
            return ProxyScript(address=address, trouble=said.trouble, detail=text)
        choice = read_answer(said.text)
        trouble = None
        if not choice.understood:
            trouble = ScriptTrouble.NONSENSE
        elif not choice.followed:
            trouble = ScriptTrouble.OTHER_KIND
        return ProxyScript(address=address, answer=text, proxy=choice.proxy, trouble=trouble)

    def _fetch(self, address: str) -> FetchedScript:
        until = time.monotonic() + KEPT_S
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
