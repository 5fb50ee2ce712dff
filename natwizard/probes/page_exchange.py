"""One HTTP/1.1 GET over an open stream, bounded in size. Source: RFC 9112, by way of h11."""

import asyncio
from dataclasses import dataclass, field

import h11
from msgspec import Struct

from natwizard import __version__
from natwizard.probes.handshake import Stream
from natwizard.probes.printable import printable
from natwizard.probes.tunnel import next_event, too_large

BODY_LIMIT_BYTES = 64 * 1024
HEADERS_LIMIT_BYTES = 32 * 1024
TOTAL_LIMIT_BYTES = 256 * 1024


class PageAnswer(Struct, frozen=True, kw_only=True):
    """What a web server answered.

    Attributes:
        location: where a redirect leads, or empty.
        server: what it calls itself, or empty.
        body_bytes: of the body, as far as it was read (at most 64 KiB).
        holds_expected: whether the body holds the expected text; true where none is expected.
    """

    status: int
    location: str = ""
    server: str = ""
    body_bytes: int
    holds_expected: bool


@dataclass(slots=True, kw_only=True)
class _Reading:
    http: h11.Connection
    received: int = 0
    body: bytearray = field(default_factory=bytearray)
    answer: h11.Response | None = None
    ended: bool = False


async def fetch_page(
    stream: Stream, *, host: str, resource: str, expected: str, timeout_s: float
) -> PageAnswer:
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


def _page(reading: _Reading, expected: str) -> PageAnswer:
    if reading.answer is None:
        raise EOFError("hung up before answering")
    headers = {name: value.decode("latin-1") for name, value in reading.answer.headers}
    body = bytes(reading.body[:BODY_LIMIT_BYTES])
    return PageAnswer(
        status=reading.answer.status_code,
        location=printable(headers.get(b"location", ""), 500),
        server=printable(headers.get(b"server", ""), 80),
        body_bytes=len(body),
        holds_expected=expected.encode() in body,
    )
