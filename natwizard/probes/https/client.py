"""The one https client: a deadline over the whole, a bounded answer, the desktop's way out.

Names are looked up by the given network on threads that nobody waits for, proxies are those of the
settings (a script among them), certificates are trusted as this computer's browsers trust them.
"""

import asyncio
import ssl
import zlib
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Self

import httpx
import truststore
from msgspec import Struct

from natwizard import __version__
from natwizard.model.address import HostPort
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.network import DIRECT, Endpoint, Network, ProxyEntry, ProxyKind

# Settings that hang have to leave time within the shortest deadline (DOWNLOAD, 4 s)
PROXY_SETTINGS_S = 1.5
# As many as browsers follow to a proxy script (decision 47)
REDIRECTS_AT_MOST = 3
# One of each family
ADDRESSES_AT_MOST = 2
# Three that are silent use the deadline up (CONNECT_SHARE); those that refuse do so at once
WAYS_AT_MOST = 6
CONNECT_SHARE = 3
"""Of the deadline, what one address may take to connect while others are left to try."""

MOST_CAUSES = 6
"""httpx and httpcore make two of one error of the system."""

BY_HTTPX: tuple[tuple[type[Exception], FailureCode], ...] = (
    (httpx.TimeoutException, FailureCode.TIMED_OUT),
    (httpx.ProxyError, FailureCode.HTTP_STATUS),
    (httpx.RemoteProtocolError, FailureCode.BAD_ANSWER),
    (httpx.ReadError, FailureCode.CONNECTION_RESET),
    (httpx.ConnectError, FailureCode.CONNECTION_REFUSED),
    (httpx.HTTPError, FailureCode.CLOSED_EARLY),
)

Onward = Callable[[str, httpx.URL], httpx.URL]
"""Where a Location header may lead, from the address that sent it. Raises to refuse."""


class HttpsAnswer(Struct, frozen=True, kw_only=True):
    """The last answer, unpacked.

    Attributes:
        url: whose it is, after redirects.
        date: its Date header (RFC 9110, 6.6.1), which is the server's clock; empty without one.
    """

    url: httpx.URL
    status: int
    charset: str
    body: bytes
    date: str = ""


class HttpsLimits(Struct, frozen=True, kw_only=True):
    """What one request may cost.

    Attributes:
        deadline_s: for the whole: settings, names, connecting, redirects, the last byte.
        body_bytes: of the answer, unpacked.
        redirects: how many are followed; more are an error. 0: a redirect is an answer.
    """

    deadline_s: float
    body_bytes: int
    redirects: int = REDIRECTS_AT_MOST


def https_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address of the profile or of a redirect; nothing but https is followed."""
    url = web_address(text, base)
    if url.scheme != "https":
        raise BadAnswer(f"expected an https address, got {text[:100]!r}")
    return url


def web_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An http or https address; never a file. Raises BadAnswer."""
    try:
        url = base.join(text) if base else httpx.URL(text)
    except httpx.InvalidURL as error:
        raise BadAnswer(f"no web address: {text[:100]!r}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadAnswer(f"expected an http or https address, got {text[:100]!r}")
    return url


def follow_https(location: str, base: httpx.URL) -> httpx.URL:
    """Redirects to any https address."""
    return https_address(location, base)


@dataclass(slots=True, kw_only=True)
class HttpsClient:
    """Requests of one purpose. A context manager; connections are kept until it ends.

    Attributes:
        operation: how its failures name what was done.
        past_proxies: connect directly, whatever the settings say: a proxy script is fetched so.
    """

    network: Network
    operation: str
    extra_roots: tuple[str, ...] = ()
    past_proxies: bool = False
    _trust: ssl.SSLContext | None = None
    _open: dict[tuple[str, str], tuple[httpx.AsyncClient, httpx.URL]] = field(default_factory=dict)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()

    async def request(
        self,
        method: str,
        url: httpx.URL,
        limits: HttpsLimits,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        onward: Onward = follow_https,
        before_each: Callable[[], object] = lambda: None,
    ) -> HttpsAnswer:
        """One answer of any status, after redirects.

        Args:
            onward: where redirects may lead.
            before_each: called before each exchange, redirects among them; may raise.

        Raises:
            CannotGather (TOO_LARGE, CERTIFICATE_UNTRUSTED, ...), BadAnswer, OSError,
            TimeoutError at the deadline.
        """
        async with asyncio.timeout(limits.deadline_s):
            for _redirect in range(limits.redirects + 1):
                before_each()
                answer = await self._exchange(method, url, limits, content, headers or {})
                if isinstance(answer, HttpsAnswer):
                    return answer
                url = onward(answer, url)
        raise BadAnswer(f"more than {limits.redirects} redirects")

    async def _exchange(
        self,
        method: str,
        url: httpx.URL,
        limits: HttpsLimits,
        content: bytes,
        headers: Mapping[str, str],
    ) -> HttpsAnswer | str:
        """The answer, or where a redirect leads."""
        client, at = await self._client_for(url, limits.deadline_s)
        try:
            async with client.stream(
                method,
                at.copy_with(raw_path=url.raw_path),
                content=content or None,
                # the certificate and the Host are those of the name, whatever is connected to
                headers={**headers, "Host": url.netloc.decode("ascii")},
                extensions={"sni_hostname": url.host},
            ) as response:
                if response.is_redirect and limits.redirects:
                    return str(response.headers.get("location", ""))
                body = await bounded_body(response, limits.body_bytes, self.operation)
                return HttpsAnswer(
                    url=url,
                    status=response.status_code,
                    charset=response.charset_encoding or "",
                    body=body,
                    date=response.headers.get("date", ""),
                )
        except httpx.HTTPError as error:
            raise _translated(error, self.operation) from error

    async def _client_for(
        self, url: httpx.URL, deadline_s: float
    ) -> tuple[httpx.AsyncClient, httpx.URL]:
        """A client that keeps its connection, one for each host: certificates are each host's."""
        key = (url.scheme, url.netloc.decode("ascii"))
        if key not in self._open:
            self._open[key] = await self._connected(url, deadline_s)
        return self._open[key]

    async def _connected(
        self, url: httpx.URL, deadline_s: float
    ) -> tuple[httpx.AsyncClient, httpx.URL]:
        if self._trust is None:
            self._trust = await _system_trust(self.extra_roots)
        kind, endpoint = await self._way(url, deadline_s)
        place = str(HostPort(endpoint.address, endpoint.port))
        proxied = kind is ProxyKind.HTTP
        client = httpx.AsyncClient(
            verify=self._trust,
            proxy=f"http://{place}" if proxied else None,
            # httpx would take the environment's proxies, whatever the desktop's settings say
            trust_env=False,
            timeout=deadline_s,
            headers={
                "Accept": "*/*",
                # all that `bounded_body` can unpack
                "Accept-Encoding": "gzip",
                "User-Agent": f"natwizard/{__version__}",
            },
        )
        await self._stack.enter_async_context(client)
        if proxied:
            return client, url
        return client, url.copy_with(host=endpoint.address, port=endpoint.port)

    async def _way(self, url: httpx.URL, deadline_s: float) -> tuple[ProxyKind, Endpoint]:
        """The first address that takes a connection, of the first listed way that has one.

        Browsers go on to the next proxy of a list likewise; IPv6 may lead nowhere where IPv4 works.
        Raises OSError, TimeoutError of the last one; BadAnswer.
        """
        port = url.port or (443 if url.scheme == "https" else 80)
        entries: tuple[ProxyEntry, ...] = (DIRECT,)
        if not self.past_proxies:
            with suppress(TimeoutError):  # settings that give no answer: as browsers, directly
                found = await self.network.find_proxies(str(url), timeout_s=PROXY_SETTINGS_S)
                entries = tuple(entry for entry in found.entries if entry.spoken) or entries
        last: OSError | BadAnswer = BadAnswer(f"{url.host} has no address")
        for number, entry in enumerate(entries[:WAYS_AT_MOST], start=1):
            place = entry.server or HostPort(url.host, port)
            try:
                addresses = await self._addresses(place, deadline_s)
            except OSError as error:
                last = error
                continue
            for endpoint in addresses:
                if number == len(entries) and endpoint is addresses[-1]:
                    return entry.kind, endpoint  # nothing is left to go on to
                try:
                    connection = await self.network.connect_tcp(
                        endpoint, timeout_s=deadline_s / CONNECT_SHARE
                    )
                except OSError as error:  # TimeoutError is one, too
                    last = error
                    continue
                connection.close()
                return entry.kind, endpoint
        raise last

    async def _addresses(self, place: HostPort, deadline_s: float) -> tuple[Endpoint, ...]:
        """One address of each family, in the resolver's order.

        httpx would look the name up on a thread that the program's end waits for.
        """
        endpoints = await self.network.resolve(place, timeout_s=deadline_s)
        by_family = {endpoint.family: endpoint for endpoint in reversed(endpoints)}
        return tuple(by_family.values())[::-1][:ADDRESSES_AT_MOST]


async def _system_trust(extra_roots: tuple[str, ...]) -> ssl.SSLContext:
    """This computer's own store, as its browsers use it, and the profile's extra roots."""

    def read() -> ssl.SSLContext:
        trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for pem in extra_roots:
            trust.load_verify_locations(cadata=pem)
        return trust

    return await run_detached(read, name="read trusted certificates")


async def bounded_body(response: httpx.Response, limit_bytes: int, operation: str) -> bytes:
    """Unpacked by ourselves: httpx would unpack a small bomb into a large one."""
    packed = response.headers.get("content-encoding", "").lower() == "gzip"
    # 16 for a gzip header, 15 for the largest window (zlib.h, inflateInit2)
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


def _translated(error: httpx.HTTPError, operation: str) -> CannotGather:
    """What httpx raised, as a failure."""
    text = str(error)
    if isinstance(error, httpx.ConnectError) and (below := _system_error(error)) is not None:
        return CannotGather(failure_from(below, operation))
    code = next(code for kind, code in BY_HTTPX if isinstance(error, kind))
    return web_failure(code, operation, f"{type(error).__name__}: {text}")


def _system_error(error: BaseException) -> OSError | None:
    """What the system or its TLS said, below what httpx and its transport made of it."""
    found = None
    below: BaseException | None = error
    for _level in range(MOST_CAUSES):
        if isinstance(below, BaseExceptionGroup):
            below = below.exceptions[0]
        if below is None:
            break
        if isinstance(below, OSError):
            found = below  # the lowest: above it stands "all attempts failed"
        below = below.__cause__ or below.__context__
    return found


def web_failure(code: FailureCode, operation: str, detail: str) -> CannotGather:
    """A failure ready to raise."""
    return CannotGather(Failure(code=code, operation=operation, detail=detail[:300]))


DOWNLOAD = HttpsLimits(deadline_s=4.0, body_bytes=4 * 1024 * 1024)
"""Of one vendor's list, or of what the profile's owner says of newer versions."""


async def download(
    network: Network, url: str, limits: HttpsLimits = DOWNLOAD, extra_roots: tuple[str, ...] = ()
) -> bytes:
    """The body behind an https address, whose status has to be 200.

    Raises CannotGather (HTTP_STATUS, TOO_LARGE, ...), BadAnswer, OSError, TimeoutError.
    """
    async with HttpsClient(
        network=network, operation="download", extra_roots=extra_roots
    ) as client:
        answer = await client.request("GET", https_address(url), limits)
    if answer.status != httpx.codes.OK:
        raise web_failure(FailureCode.HTTP_STATUS, "download", f"HTTP {answer.status}")
    return answer.body
