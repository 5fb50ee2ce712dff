"""Asks one org, read-only: each call counted, bounded in time and size, the token kept at home."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

import httpx
from msgspec import Struct

from natwizard import __version__
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import ProbeContext
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.https.secure_web import (
    bounded_body,
    https_address,
    proxy_address,
    reachable_address,
    system_trust,
    translated,
    web_failure,
)
from natwizard.probes.salesforce.budget import CallBudget
from natwizard.probes.salesforce.decoding import decode_json
from natwizard.probes.salesforce.hosts import origin, require_salesforce
from natwizard.probes.salesforce.refusals import refusal
from natwizard.probes.salesforce.session import SalesforceSession

SIZE_LIMIT_BYTES = 4 * 1024 * 1024
XML_LIMIT_BYTES = 512 * 1024
"""An XML tree takes many times the room of its text."""
REDIRECTS_AT_MOST = 3

# after one of these the rest would only cost calls and time
HOPELESS = frozenset(
    (
        FailureCode.SESSION_EXPIRED,
        FailureCode.ALLOWANCE_USED_UP,
        FailureCode.API_DISABLED,
        FailureCode.LED_ELSEWHERE,
        FailureCode.TIMED_OUT,
        FailureCode.CERTIFICATE_UNTRUSTED,
        FailureCode.CONNECTION_REFUSED,
        FailureCode.NAME_NOT_FOUND,
        FailureCode.NAME_LOOKUP_FAILED,
    )
)

MISSING = "missing required field"
"""A field that a user may not see is not in the answer at all."""

T = TypeVar("T")


class Timeouts(Struct, frozen=True, kw_only=True):
    """How long one call, and the whole reading of an org, may take."""

    call_s: float = 10.0
    total_s: float = 25.0


@dataclass(slots=True, kw_only=True)
class OrgClient:
    """One reading of one org. Use it as a context manager, once.

    Attributes:
        org: where the org answers; after a redirect of My Domain, where that leads.
    """

    context: ProbeContext
    session: SalesforceSession
    login: httpx.URL
    budget: CallBudget
    timeouts: Timeouts
    org: httpx.URL = field(default_factory=httpx.URL)
    _ended: Failure | None = None
    _trust: ssl.SSLContext | None = None
    _open: dict[str, tuple[httpx.AsyncClient, httpx.URL]] = field(default_factory=dict)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        self.org = require_salesforce(str(self.session.org), self.login)
        self._trust = await system_trust(self.context.targets.extra_roots)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def read(self, path: str, shape: type[T]) -> T:
        """GET a resource below the org's address as JSON of a documented shape.

        Raises CannotGather and the errors that `failure_from` knows.
        """
        body = await self._ask("GET", path, b"", {})
        return self._decoded(body, shape)

    async def post_xml(self, path: str, envelope: bytes, action: str) -> bytes:
        """POST a SOAP envelope: the Metadata API reads only so. A fault is an answer too."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
        return await self._ask("POST", path, envelope, headers)

    def _decoded(self, body: bytes, shape: type[T]) -> T:
        try:
            return decode_json(body, shape)
        except BadAnswer as error:
            if MISSING in str(error):
                raise web_failure(
                    FailureCode.ACCESS_DENIED, "ask_salesforce", str(error)
                ) from error
            raise

    async def _ask(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> bytes:
        if self._ended is not None:
            raise CannotGather(self._ended)
        try:
            async with asyncio.timeout(self.timeouts.call_s):
                return await self._follow(method, self.org.join(path), content, headers)
        except TimeoutError as error:
            self._ended = Failure(
                code=FailureCode.TIMED_OUT, operation="ask_salesforce", detail=self.org.host
            )
            raise CannotGather(self._ended) from error
        except (OSError, CannotGather) as error:
            failed = failure_from(error, "ask_salesforce")
            if failed.code in HOPELESS:
                self._ended = failed
            raise

    async def _follow(
        self, method: str, url: httpx.URL, content: bytes, headers: dict[str, str]
    ) -> bytes:
        for _redirect in range(REDIRECTS_AT_MOST + 1):
            answer = await self._exchange(method, url, content, headers)
            if isinstance(answer, bytes):
                self.org = origin(url)
                return answer
            url = require_salesforce(answer, self.login, url)
        raise BadAnswer(f"more than {REDIRECTS_AT_MOST} redirects")

    async def _exchange(
        self, method: str, url: httpx.URL, content: bytes, headers: dict[str, str]
    ) -> bytes | str:
        """The body, or where a redirect leads. Each exchange is one API call."""
        client, at = await self._client_for(url)
        self.budget.spend()
        try:
            async with client.stream(
                method,
                at.copy_with(raw_path=url.raw_path),
                content=content,
                headers=headers
                | {
                    "Host": url.netloc.decode("ascii"),
                    "Authorization": self.session.authorization(),
                },
                extensions={"sni_hostname": url.host},
            ) as response:
                if response.is_redirect:
                    return str(response.headers.get("location", ""))
                limit_bytes = XML_LIMIT_BYTES if method == "POST" else SIZE_LIMIT_BYTES
                body = await bounded_body(response, limit_bytes, "ask_salesforce")
        except httpx.HTTPError as error:
            raise translated(error, "ask_salesforce") from error
        body = self.session.scrub(body)
        is_fault = method == "POST" and b":Fault>" in body
        if response.status_code != httpx.codes.OK and not is_fault:
            code, detail = refusal(response.status_code, body)
            raise web_failure(code, "ask_salesforce", detail)
        return body

    async def _client_for(self, url: httpx.URL) -> tuple[httpx.AsyncClient, httpx.URL]:
        """A client that keeps its connection, one for each host: certificates are each host's."""
        key = url.netloc.decode("ascii")
        if key not in self._open:
            self._open[key] = await self._connected(url)
        return self._open[key]

    async def _connected(self, url: httpx.URL) -> tuple[httpx.AsyncClient, httpx.URL]:
        network, wait_s = self.context.network, self.timeouts.call_s
        proxy = await proxy_address(network, url, timeout_s=wait_s)
        at = url
        if not proxy:
            endpoint = await reachable_address(network, url, timeout_s=wait_s)
            at = https_address(str(url.copy_with(host=endpoint.address, port=endpoint.port)))
        client = httpx.AsyncClient(
            verify=self._trust or True,
            proxy=proxy or None,
            trust_env=False,
            timeout=wait_s,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": f"natwizard/{__version__}",
            },
        )
        await self._stack.enter_async_context(client)
        return client, at
