"""The parts of a careful https client: address, trust, proxy, bounded body, failures."""

import ssl
import zlib

import httpx
import truststore

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.network import Endpoint, Network

PROXY_S = 1.5
ADDRESSES_AT_MOST = 2

BY_HTTPX: tuple[tuple[type[Exception], FailureCode], ...] = (
    (httpx.TimeoutException, FailureCode.TIMED_OUT),
    (httpx.ProxyError, FailureCode.HTTP_STATUS),
    (httpx.RemoteProtocolError, FailureCode.BAD_ANSWER),
    (httpx.ReadError, FailureCode.CONNECTION_RESET),
    (httpx.ConnectError, FailureCode.CONNECTION_REFUSED),
    (httpx.HTTPError, FailureCode.CLOSED_EARLY),
)


def https_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address of the profile or of a redirect; nothing but https is followed."""
    try:
        url = base.join(text) if base else httpx.URL(text)
    except httpx.InvalidURL as error:
        raise BadAnswer(f"no web address: {text[:100]!r}") from error
    if url.scheme != "https" or not url.host:
        raise BadAnswer(f"expected an https address, got {text[:100]!r}")
    return url


async def system_trust(extra_roots: tuple[str, ...]) -> ssl.SSLContext:
    """This computer's own store, as its browsers use it, and the profile's extra roots."""

    def read() -> ssl.SSLContext:
        trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for pem in extra_roots:
            trust.load_verify_locations(cadata=pem)
        return trust

    return await run_detached(read, name="read trusted certificates")


async def proxy_address(network: Network, url: httpx.URL, *, timeout_s: float) -> str:
    """The system's proxy for a URL, by its address; empty for a direct way.

    httpx would look the proxy's name up on a thread that exit waits for.
    """
    proxy = await network.find_proxy(str(url), timeout_s=PROXY_S)
    if not proxy:
        return ""
    target = parse_host_port(proxy.partition("://")[2], default_port=80)
    endpoints = await network.resolve(target, timeout_s=timeout_s)
    if not endpoints:
        raise BadAnswer(f"{target.host} has no address")
    return f"http://{HostPort(endpoints[0].address, target.port)}"


async def addresses_of(
    network: Network, url: httpx.URL, *, timeout_s: float
) -> tuple[Endpoint, ...]:
    """Where a host answers: one address of each family, in the resolver's order."""
    endpoints = await network.resolve(HostPort(url.host, url.port or 443), timeout_s=timeout_s)
    if not endpoints:
        raise BadAnswer(f"{url.host} has no address")
    by_family = {endpoint.family: endpoint for endpoint in reversed(endpoints)}
    return tuple(by_family.values())[::-1][:ADDRESSES_AT_MOST]


async def reachable_address(network: Network, url: httpx.URL, *, timeout_s: float) -> Endpoint:
    """The first address that takes a connection: IPv6 may lead nowhere where IPv4 works.

    Raises OSError, TimeoutError of the last one.
    """
    *others, last = await addresses_of(network, url, timeout_s=timeout_s)
    for endpoint in others:
        try:
            connection = await network.connect_tcp(endpoint, timeout_s=timeout_s / 3)
        except OSError:
            continue
        connection.close()
        return endpoint
    return last


async def bounded_body(response: httpx.Response, limit_bytes: int, operation: str) -> bytes:
    """Unpacked by ourselves: httpx would unpack a small bomb into a large one."""
    packed = response.headers.get("content-encoding", "").lower() == "gzip"
    unpack = zlib.decompressobj(wbits=31)
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += unpack.decompress(chunk, limit_bytes + 1) if packed else chunk
        except zlib.error as error:
            raise BadAnswer(f"not gzip: {error}") from error
        if len(body) > limit_bytes:
            raise web_failure(FailureCode.TOO_LARGE, operation, f"over {limit_bytes} bytes")
    return bytes(body)


def translated(error: httpx.HTTPError, operation: str) -> CannotGather:
    """What httpx raised, as a failure."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower():
        return web_failure(FailureCode.CERTIFICATE_UNTRUSTED, operation, text)
    code = next(code for kind, code in BY_HTTPX if isinstance(error, kind))
    return web_failure(code, operation, f"{type(error).__name__}: {text}")


def web_failure(code: FailureCode, operation: str, detail: str) -> CannotGather:
    """A failure ready to raise."""
    return CannotGather(Failure(code=code, operation=operation, detail=detail[:300]))
