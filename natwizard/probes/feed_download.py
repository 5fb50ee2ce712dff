"""Fetches one vendor's list over https: bounded in time, size and redirects."""

import asyncio
import ssl
import zlib

import httpx
import truststore

from natwizard import __version__
from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import ProbeContext
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.network import Endpoint

TIMEOUT_S = 4.0
PROXY_S = 1.5
SIZE_LIMIT_BYTES = 4 * 1024 * 1024
REDIRECTS_AT_MOST = 3
ADDRESSES_AT_MOST = 2

BY_HTTPX: tuple[tuple[type[Exception], FailureCode], ...] = (
    (httpx.TimeoutException, FailureCode.TIMED_OUT),
    (httpx.ProxyError, FailureCode.HTTP_STATUS),
    (httpx.RemoteProtocolError, FailureCode.BAD_ANSWER),
    (httpx.ReadError, FailureCode.CONNECTION_RESET),
    (httpx.ConnectError, FailureCode.CONNECTION_REFUSED),
    (httpx.HTTPError, FailureCode.CLOSED_EARLY),
)


async def download(context: ProbeContext, url: str) -> bytes:
    """The body behind an https address, through the system's proxy where it has one.

    Raises CannotGather (HTTP_STATUS, TOO_LARGE, ...), BadAnswer, OSError, TimeoutError.
    """
    async with asyncio.timeout(TIMEOUT_S):
        trust = await run_detached(
            lambda: _trust(context.targets.extra_roots), name="read trusted certificates"
        )
        address = _https(url)
        for _redirect in range(REDIRECTS_AT_MOST + 1):
            answer = await _get(context, address, trust)
            if isinstance(answer, bytes):
                return answer
            address = _https(answer, address)
    raise BadAnswer(f"more than {REDIRECTS_AT_MOST} redirects")


def _https(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address of the profile or of a redirect; nothing but https is followed."""
    try:
        url = base.join(text) if base else httpx.URL(text)
    except httpx.InvalidURL as error:
        raise BadAnswer(f"no web address: {text[:100]!r}") from error
    if url.scheme != "https" or not url.host:
        raise BadAnswer(f"expected an https address, got {text[:100]!r}")
    return url


def _trust(extra_roots: tuple[str, ...]) -> ssl.SSLContext:
    """This computer's own store, as its browsers use it, and the profile's extra roots."""
    trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for pem in extra_roots:
        trust.load_verify_locations(cadata=pem)
    return trust


async def _get(context: ProbeContext, url: httpx.URL, trust: ssl.SSLContext) -> bytes | str:
    """The body, or where a redirect leads."""
    proxy = await context.network.find_proxy(str(url), timeout_s=PROXY_S)
    if proxy:
        through = await _proxy_address(context, proxy)
        return await _ask(url, url, trust, through)
    target = HostPort(url.host, url.port or 443)
    endpoints = await context.network.resolve(target, timeout_s=TIMEOUT_S)
    last: CannotGather | None = None
    for endpoint in _one_of_each_family(endpoints):
        try:
            return await _ask(url, url.copy_with(host=endpoint.address), trust, None)
        except CannotGather as failed:
            last = failed
    raise last or BadAnswer(f"{url.host} has no address")


def _one_of_each_family(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    return tuple({endpoint.family: endpoint for endpoint in reversed(endpoints)}.values())[::-1][
        :ADDRESSES_AT_MOST
    ]


async def _proxy_address(context: ProbeContext, proxy: str) -> str:
    """The proxy by its address: httpx would look its name up on a thread that exit waits for."""
    target = parse_host_port(proxy.partition("://")[2], default_port=80)
    endpoints = await context.network.resolve(target, timeout_s=TIMEOUT_S)
    if not endpoints:
        raise BadAnswer(f"{target.host} has no address")
    return f"http://{HostPort(endpoints[0].address, target.port)}"


async def _ask(
    url: httpx.URL, at: httpx.URL, trust: ssl.SSLContext, proxy: str | None
) -> bytes | str:
    """Ask for `url` at the address `at`; certificate and Host are those of the name."""
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": f"natwizard/{__version__}",
    }
    async with httpx.AsyncClient(
        verify=trust,
        proxy=proxy,
        trust_env=False,
        timeout=httpx.Timeout(TIMEOUT_S, connect=TIMEOUT_S / ADDRESSES_AT_MOST),
    ) as client:
        try:
            async with client.stream(
                "GET", at, headers=headers, extensions={"sni_hostname": url.host}
            ) as response:
                if response.is_redirect:
                    return str(response.headers.get("location", ""))
                if response.status_code != httpx.codes.OK:
                    raise _failed(FailureCode.HTTP_STATUS, f"HTTP {response.status_code}")
                return await _body(response)
        except httpx.HTTPError as error:
            raise _translated(error) from error


async def _body(response: httpx.Response) -> bytes:
    """Unpacked by ourselves: httpx would unpack a small bomb into a large one."""
    packed = response.headers.get("content-encoding", "").lower() == "gzip"
    unpack = zlib.decompressobj(wbits=31)
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += unpack.decompress(chunk, SIZE_LIMIT_BYTES + 1) if packed else chunk
        except zlib.error as error:
            raise BadAnswer(f"not gzip: {error}") from error
        if len(body) > SIZE_LIMIT_BYTES:
            raise _failed(FailureCode.TOO_LARGE, f"over {SIZE_LIMIT_BYTES} bytes")
    return bytes(body)


def _translated(error: httpx.HTTPError) -> CannotGather:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower():
        return _failed(FailureCode.CERTIFICATE_UNTRUSTED, text)
    code = next(code for kind, code in BY_HTTPX if isinstance(error, kind))
    return _failed(code, f"{type(error).__name__}: {text}")


def _failed(code: FailureCode, detail: str) -> CannotGather:
    return CannotGather(Failure(code=code, operation="download", detail=detail[:300]))
