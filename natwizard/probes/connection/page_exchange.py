"""One HTTP/1.1 GET over an open stream, bounded in size. Source: RFC 9112, by way of h11."""

import asyncio
import socket
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

import h11
from msgspec import Struct

from natwizard import __version__
from natwizard.model.address import HostPort
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.privacy import PublicText, QuotingText
from natwizard.probes.connection.handshake import Stream
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.printable import printable

ANSWER_LIMIT_BYTES = 32 * 1024
PROXY_AUTHENTICATION_REQUIRED = 407


async def open_tunnel(connection: socket.socket, target: HostPort, *, timeout_s: float) -> int:
    """Ask the proxy behind `connection` for a way to `target`; the status it allowed it with.

    Raises CannotGather (PROXY_AUTHENTICATION, HTTP_STATUS, TOO_LARGE), BadAnswer, EOFError,
    OSError, TimeoutError.
    """
    loop = asyncio.get_running_loop()
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=ANSWER_LIMIT_BYTES)
    request = h11.Request(method="CONNECT", target=str(target), headers=[("Host", str(target))])
    async with asyncio.timeout(timeout_s):
        await loop.sock_sendall(connection, http.send(request) or b"")
        await loop.sock_sendall(connection, http.send(h11.EndOfMessage()) or b"")
        received = 0
        while True:
            event = next_event(http)
            if isinstance(event, h11.Response):
                return _allowed(event, http)
            if event is h11.NEED_DATA:
                data = await loop.sock_recv(connection, 4096)
                received += len(data)
                if not data:
                    raise EOFError("the proxy hung up")
                if received > ANSWER_LIMIT_BYTES:
                    raise too_large("open_tunnel", f"over {ANSWER_LIMIT_BYTES} bytes")
                http.receive_data(data)


def next_event(http: h11.Connection) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
    """The next event of a peer that may send anything: its faults become BadAnswer, TOO_LARGE."""
    try:
        return http.next_event()
    except h11.RemoteProtocolError as error:
        if error.error_status_hint == 431:
            raise too_large("read_headers", str(error)) from error
        raise BadAnswer(printable(str(error))) from error


def too_large(operation: str, detail: str) -> CannotGather:
    """The failure of an answer that goes over its bounds."""
    return CannotGather(Failure(code=FailureCode.TOO_LARGE, operation=operation, detail=detail))


def _allowed(answer: h11.Response, http: h11.Connection) -> int:
    if answer.status_code == PROXY_AUTHENTICATION_REQUIRED:
        schemes = [value.decode("latin-1") for name, value in answer.headers
                   if name == b"proxy-authenticate"]  # fmt: skip
        raise CannotGather(
            Failure(
                code=FailureCode.PROXY_AUTHENTICATION,
                operation="open_tunnel",
                detail=printable(", ".join(schemes)),
            )
        )
    if not 200 <= answer.status_code < 300:
        raise CannotGather(
            Failure(
                code=FailureCode.HTTP_STATUS,
                operation="open_tunnel",
                detail=f"HTTP {answer.status_code}",
            )
        )
    if http.trailing_data[0]:
        raise BadAnswer("the proxy spoke before the tunnel was used")
    return answer.status_code


BODY_LIMIT_BYTES = 64 * 1024
HEADERS_LIMIT_BYTES = 32 * 1024
TOTAL_LIMIT_BYTES = 256 * 1024


class PageResponseHead(Struct, frozen=True, kw_only=True):
    """What a web server answered.

    Attributes:
        location: where a redirect leads, or empty.
        server: what it calls itself, or empty.
        body_bytes: of the body, as far as it was read (at most 64 KiB).
        holds_expected: whether the body holds the expected text; true where none is expected.
        served_at: the server's time as it answered, ISO 8601 in UTC: its Date header, and the Age
            that a cache on the way adds (RFC 9110, 6.6.1; RFC 9111, 5.1); empty if not told.
    """

    status: int
    location: QuotingText = ""
    server: QuotingText = ""
    body_bytes: int
    holds_expected: bool
    served_at: PublicText = ""


@dataclass(slots=True, kw_only=True)
class _Reading:
    http: h11.Connection
    received: int = 0
    body: bytearray = field(default_factory=bytearray)
    answer: h11.Response | None = None
    ended: bool = False


async def fetch_page(
    stream: Stream, *, host: str, resource: str, expected: str, timeout_s: float
) -> PageResponseHead:
    """Ask for a page and read it as far as 64 KiB.

    Args:
        host: for the Host header.
        resource: path and query, or a whole URL where a proxy is asked.

    Raises:
        BadAnswer: not HTTP; CannotGather (TOO_LARGE): headers without end;
        EOFError, OSError, TimeoutError.
    """
    reading = _Reading(
        http=h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADERS_LIMIT_BYTES)
    )
    request = h11.Request(
        method="GET",
        target=resource,
        headers=[
            ("Host", host),
            ("User-Agent", f"natwizard/{__version__}"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ],
    )
    async with asyncio.timeout(timeout_s):
        stream.writer.write(reading.http.send(request) or b"")
        stream.writer.write(reading.http.send(h11.EndOfMessage()) or b"")
        await stream.writer.drain()
        while not reading.ended:
            await _read_on(stream, reading)
    return _page(reading, expected)


async def _read_on(stream: Stream, reading: _Reading) -> None:
    event = next_event(reading.http)
    match event:
        case h11.Response():
            reading.answer = event
        case h11.Data():
            reading.body += event.data
            reading.ended = len(reading.body) >= BODY_LIMIT_BYTES
        case h11.EndOfMessage() | h11.ConnectionClosed():
            reading.ended = True
        case _ if event is h11.NEED_DATA:
            data = await stream.reader.read(16384)
            reading.received += len(data)
            if not data and reading.answer is None:
                raise EOFError("hung up before answering")
            if reading.received > TOTAL_LIMIT_BYTES:
                raise too_large("fetch_page", f"over {TOTAL_LIMIT_BYTES} bytes")
            reading.http.receive_data(data)
        case _ if event is h11.PAUSED:
            reading.ended = True


def _page(reading: _Reading, expected: str) -> PageResponseHead:
    if reading.answer is None:
        raise EOFError("hung up before answering")
    headers = {name: value.decode("latin-1") for name, value in reading.answer.headers}
    body = bytes(reading.body[:BODY_LIMIT_BYTES])
    return PageResponseHead(
        status=reading.answer.status_code,
        location=printable(headers.get(b"location", ""), 500),
        server=printable(headers.get(b"server", ""), 80),
        body_bytes=len(body),
        holds_expected=expected.encode() in body,
        served_at=_served_at(headers.get(b"date", ""), headers.get(b"age", "")),
    )


def _served_at(date: str, age: str) -> str:
    """Empty for a header that is no date; an age that makes no sense counts as none."""
    try:
        sent = parsedate_to_datetime(date)
        aged = timedelta(seconds=int(age)) if age.isdecimal() and len(age) < 10 else timedelta()
        return (sent.astimezone(UTC) + aged).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return ""
