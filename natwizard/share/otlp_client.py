"""Sends log records to an OpenTelemetry collector over HTTP, as the OTLP specification asks.

200 is success, with `partialSuccess` looked at (Fluent Bit says 201, Loki and others 204); 429,
502, 503 and 504 are tried again after Retry-After or an exponential back-off with jitter;
everything else is not (OTLP 1.x, "Failures"). What does not come from the receiver, such as the
redirection of a login page, says nothing about a run, which then waits.
"""

import gzip
import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import msgspec
import truststore
from msgspec import Struct

from natwizard import __version__
from natwizard.share.otlp_answer import PROTOBUF_TYPES, Answer, Posted, rejected_of

# The codes that the OTLP specification calls retryable ("Retryable Response Codes")
TRY_AGAIN = {429, 502, 503, 504}
# A client takes every one that it does not know for 200 (RFC 9110, section 15)
TAKEN = range(200, 300)
NOT_LET_IN = {401, 402, 403, 404, 405, 407, 451, 511, *range(300, 400), *range(520, 600)}
"""The setup is wrong, not the run: it waits until somebody has put that right.

A redirection and 511 (RFC 6585) are how networks ask for a login; from 520 on are codes of content
networks that did not reach the receiver.
"""

UNSUPPORTED = 415
"""What does not take gzip says so (RFC 7694, section 3); a firewall before a collector may not."""

CONNECT_S = 5.0
ANSWER_S = 10.0
# A collector answers with a line; whatever else stands at the address may never end
ANSWER_LIMIT_BYTES = 64 * 1024
LONGEST_ANSWER_S = 20.0
"""An answer in drops resets the limit of each read."""
LONGEST_RETRY_AFTER_S = 10 * 365 * 86400.0


class Collector(Struct, frozen=True, kw_only=True):
    """Where to send, and as whom.

    Attributes:
        proxy: "http://host:port"; empty for the direct way.
        extra_roots: PEM certificates that count beside those of the system.
    """

    address: str
    token: str = ""
    client_certificate: str = ""
    proxy: str = ""
    extra_roots: tuple[str, ...] = ()


class _PartialSuccess(Struct, rename="camel"):
    """Protobuf's JSON writes a 64-bit number as a text, reads both, and takes null for 0."""

    rejected_log_records: int | float | str | None = 0
    error_message: str | None = ""


class _Response(Struct, rename="camel"):
    partial_success: _PartialSuccess | None = None


def make_client(collector: Collector) -> httpx.Client:
    """A client with this collector's certificates and proxy. Raises OSError, ssl.SSLError.

    The environment is left alone: the proxy is the one that the program found by itself.
    """
    return httpx.Client(
        verify=_trust(collector) if collector.address.startswith("https:") else False,
        proxy=collector.proxy or None,
        trust_env=False,
        follow_redirects=False,
        # beside them all of it has share.deliver's deadline
        timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
        headers={"User-Agent": f"natwizard/{__version__}"},
    )


def post_logs(client: httpx.Client, collector: Collector, body: bytes) -> Posted:
    """One request; whatever happens on the network is an answer, never an exception."""
    headers = {"Content-Type": "application/json"}
    if collector.token:
        headers["Authorization"] = f"Bearer {collector.token}"
    try:
        # without a time in its header the same run is the same bytes
        packed = gzip.compress(body, mtime=0)
        answer = _asked(client, collector, packed, headers | {"Content-Encoding": "gzip"})
        if answer[0].status_code == UNSUPPORTED:
            answer = _asked(client, collector, body, headers)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        # no time mends a certificate that nobody here trusts
        kind = Answer.NOT_LET_IN if _is_untrusted(error) else Answer.LATER
        return Posted(answer=kind, detail=_line(str(error) or type(error).__name__))
    return _judge(*answer)


def _asked(
    client: httpx.Client, collector: Collector, content: bytes, headers: dict[str, str]
) -> tuple[httpx.Response, bytes]:
    with client.stream("POST", collector.address, content=content, headers=headers) as response:
        return response, _bounded(response)


def _is_untrusted(error: BaseException | None) -> bool:
    """Whether a certificate is behind it: httpx wraps what the system says."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _judge(response: httpx.Response, content: bytes) -> Posted:
    code = response.status_code
    if code in TAKEN:
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return _taken(content, media_type)
    detail = f"{code} {_line(response.reason_phrase)}".strip()
    if code in TRY_AGAIN:
        after_s = _retry_after_s(response.headers.get("Retry-After", ""))
        return Posted(answer=Answer.LATER, detail=detail, retry_after_s=after_s)
    answer = Answer.NOT_LET_IN if code in NOT_LET_IN else Answer.REFUSED
    return Posted(answer=answer, detail=detail)


def _taken(content: bytes, media_type: str) -> Posted:
    """A collector that rejects records says so in an answer that is a success otherwise."""
    try:
        if media_type in PROTOBUF_TYPES:
            rejected, message = rejected_of(content)
        else:
            told = msgspec.json.decode(content, type=_Response) if content.strip() else _Response()
            partial = told.partial_success or _PartialSuccess()
            rejected = max(0, int(partial.rejected_log_records or 0))
            message = partial.error_message or ""
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        # 200 with another body is a login page or a web server that takes everything
        return Posted(answer=Answer.NOT_LET_IN, detail="the answer is not a collector's")
    detail = _line(message) if rejected else ""
    return Posted(answer=Answer.TAKEN, rejected=rejected, detail=detail)


def _bounded(response: httpx.Response) -> bytes:
    content, until = b"", time.perf_counter() + LONGEST_ANSWER_S
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > ANSWER_LIMIT_BYTES:
            break
        if time.perf_counter() > until:
            raise httpx.ReadTimeout("the answer does not end")
    return content


def _retry_after_s(text: str) -> float | None:
    """Seconds or an HTTP date (RFC 9110, section 10.2.3)."""
    if text.strip().isdecimal():
        return min(float(text), LONGEST_RETRY_AFTER_S)
    try:
        when = parsedate_to_datetime(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        left_s: float = (when - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, left_s)


def _trust(collector: Collector) -> ssl.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for pem in collector.extra_roots:
        context.load_verify_locations(cadata=pem)
    if collector.client_certificate:
        # without a password OpenSSL would ask for one on the terminal, and wait there for ever
        context.load_cert_chain(Path(collector.client_certificate), password="")
    return context


def _line(text: str) -> str:
    """Text from outside: one short line without control characters."""
    printable = "".join(each if each.isprintable() else " " for each in text[:400])
    return " ".join(printable.split())[:160]
