"""Asks one org, read-only: each call counted, bounded in time and size, the token kept at home."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self, TypeVar

import httpx
from msgspec import Struct

from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.base import ProbeContext
from natwizard.probes.failures import BadAnswer, CannotGather, failure_from
from natwizard.probes.https.client import (
    HttpsClient,
    HttpsLimits,
    web_failure,
)
from natwizard.probes.salesforce.budget import CallBudget
from natwizard.probes.salesforce.decoding import decode_json
from natwizard.probes.salesforce.hosts import origin, require_salesforce
from natwizard.probes.salesforce.refusals import refusal
from natwizard.probes.salesforce.session import SalesforceSession

# A page has 2,000 records of a few fields each
SIZE_LIMIT_BYTES = 4 * 1024 * 1024
XML_LIMIT_BYTES = 512 * 1024
"""An XML tree takes many times the room of its text."""

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
        clock: Salesforce's, as of its last answer; None until it has told. This computer's own
            may be wrong by years.
    """

    context: ProbeContext
    session: SalesforceSession
    login: httpx.URL
    budget: CallBudget
    timeouts: Timeouts
    org: httpx.URL = field(default_factory=httpx.URL)
    clock: datetime | None = None
    _ended: Failure | None = None
    _client: HttpsClient = field(init=False)

    async def __aenter__(self) -> Self:
        self.org = require_salesforce(str(self.session.org), self.login)
        self._client = HttpsClient(
            network=self.context.network,
            operation="ask_salesforce",
            extra_roots=self.context.targets.extra_roots,
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.__aexit__(*error)

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
            return await self._exchange(method, self.org.join(path), content, headers)
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

    async def _exchange(
        self, method: str, url: httpx.URL, content: bytes, headers: dict[str, str]
    ) -> bytes:
        """The body. Each exchange, redirects among them, is one API call."""
        limit_bytes = XML_LIMIT_BYTES if method == "POST" else SIZE_LIMIT_BYTES
        answer = await self._client.request(
            method,
            url,
            HttpsLimits(deadline_s=self.timeouts.call_s, body_bytes=limit_bytes),
            content=content,
            headers={
                "Accept": "application/json",
                **headers,
                "Authorization": self.session.authorization(),
            },
            # the token goes to Salesforce's own hosts alone
            onward=lambda location, base: require_salesforce(location, self.login, base),
            before_each=self.budget.spend,
        )
        body = self.session.scrub(answer.body)
        is_fault = method == "POST" and b":Fault>" in body
        if answer.status != httpx.codes.OK and not is_fault:
            code, detail = refusal(answer.status, body)
            raise web_failure(code, "ask_salesforce", detail)
        self.org = origin(answer.url)
        self.clock = _time_of(answer.date) or self.clock
        return body


def _time_of(date: str) -> datetime | None:
    """What a Date header says; None where it is no date."""
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    return told.replace(tzinfo=told.tzinfo or UTC)
