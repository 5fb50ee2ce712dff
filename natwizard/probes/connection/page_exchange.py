"""One HTTP/1.1 GET over an open stream, bounded in size. Source: RFC 9112, by way of h11."""

import asyncio
import socket
import zlib
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

import h11
from msgspec import Struct

from natwizard import __version__
from natwizard.model.address import HostPort
from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.privacy import PublicText, QuotingText
from natwizard.probes.connection.handshake import Stream
from natwizard.probes.connection.response_head import (
    HEAD_LIMIT_BYTES,
    ResponseHead,
    head_at_end,
    split_head,
)
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.printable import printable

SWITCHING_PROTOCOLS = 101
PROXY_AUTHENTICATION_REQUIRED = 407
SERVER_ERROR = 500


async def open_tunnel(connection: socket.socket, target: HostPort, *, timeout_s: float) -> int:
    """Ask the proxy behind `connection` for a way to `target`; the status it allowed it with.

    Raises CannotGather (PROXY_AUTHENTICATION, HTTP_STATUS where the proxy refuses,
    PROXY_FOUND_NOBODY where it could not make the connection, TOO_LARGE), BadAnswer, EOFError,
    OSError, TimeoutError.
    """
    loop = asyncio.get_running_loop()
    request = h11.Request(method="CONNECT", target=str(target), headers=[("Host", str(target))])
    received, total = b"", 0
    async with asyncio.timeout(timeout_s):
        await loop.sock_sendall(connection, h11.Connection(h11.CLIENT).send(request) or b"")
        while True:
            head = split_head(received)
            if head is not None and not is_interim(head):
                return _allowed(head)
            if head is not None:
                received = head.rest
                continue
            data = await loop.sock_recv(connection, 4096)
            if not data:
                head = head_at_end(received)
                if head is not None:
                    return _allowed(head)
                raise EOFError("the proxy hung up")
            received += data
            total += len(data)
            if total > TOTAL_LIMIT_BYTES:
                raise too_large("open_tunnel", f"over {TOTAL_LIMIT_BYTES} bytes")


def is_interim(head: ResponseHead) -> bool:
    """Whether another head follows; a switch of protocols is an answer."""
    return 100 <= head.status < 200 and head.status != SWITCHING_PROTOCOLS


def too_large(operation: str, detail: str) -> CannotGather:
    """The failure of an answer that goes over its bounds."""
    return CannotGather(Failure(code=FailureCode.TOO_LARGE, operation=operation, detail=detail))


def _allowed(answer: ResponseHead) -> int:
    if answer.status == PROXY_AUTHENTICATION_REQUIRED:
        schemes = answer.all("proxy-authenticate")
        raise CannotGather(
            Failure(
                code=FailureCode.PROXY_AUTHENTICATION,
                operation="open_tunnel",
                detail=printable(", ".join(schemes)),
            )
        )
    if not 200 <= answer.status < 300:
        raise CannotGather(
            Failure(
                # below 500 the proxy says no itself; from there on it tried, and could not
                code=FailureCode.HTTP_STATUS
                if answer.status < SERVER_ERROR
                else FailureCode.PROXY_FOUND_NOBODY,
                operation="open_tunnel",
                detail=f"HTTP {answer.status}",
            )
        )
    if answer.rest:
        raise BadAnswer("the proxy spoke before the tunnel was used")
    return answer.status


# Expected texts and login pages show themselves early; a page may have any size
BODY_LIMIT_BYTES = 64 * 1024
READ_BYTES = 16 * 1024
GZIP_OR_ZLIB = 47
"""zlib's number for a header of either kind."""
# Of all that comes, interim heads and the framing of chunks among it (decision 96)
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


async def fetch_page(
    stream: Stream, *, host: str, resource: str, expected: str, timeout_s: float
) -> PageResponseHead:
    """Ask for a page and read it as far as 64 KiB.

    Args:
        host: for the Host header.
        resource: path and query, or a whole URL where a proxy is asked.

    Raises:
        BadAnswer: not HTTP; CannotGather (TOO_LARGE): headers without end;
        EOFError: hung up before the page was whole; OSError, TimeoutError.
    """
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT_BYTES)
    request = h11.Request(
        method="GET",
        target=resource,
        headers=[
            ("Host", host),
            ("User-Agent", f"natwizard/{__version__}"),
            ("Accept", "*/*"),
            # some send packed bodies all the same, see `_unpacked`
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ],
    )
    async with asyncio.timeout(timeout_s):
        stream.writer.write(http.send(request) or b"")
        stream.writer.write(http.send(h11.EndOfMessage()) or b"")
        await stream.writer.drain()
        head = await _read_head(stream)
        # a redirect says all that counts in its head, and portals often cut what follows
        body, whole = b"", True
        if not 300 <= head.status < 400:
            body, whole = await _read_body(stream, http, head)
    body = _unpacked(body, head.first("content-encoding"))
    if not whole and expected.encode() not in body:
        raise EOFError("hung up before the page was whole")
    return PageResponseHead(
        status=head.status,
        location=printable(head.first("location"), 500),
        server=printable(head.first("server"), 80),
        body_bytes=len(body),
        holds_expected=expected.encode() in body,
        served_at=_served_at(head.first("date"), head.first("age")),
    )


def _served_at(date: str, age: str) -> str:
    """Empty for a header that is no date; an age that makes no sense counts as none."""
    try:
        sent = parsedate_to_datetime(date)
        aged = timedelta(seconds=int(age)) if age.isdecimal() and len(age) < 10 else timedelta()
        return (sent.astimezone(UTC) + aged).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return ""


async def _read_head(stream: Stream) -> ResponseHead:
    received, total = b"", 0
    while True:
        if received.lstrip()[:1] == b"<":
            # HTTP/0.9: a page without a head, which browsers show on port 80
            return ResponseHead(status=200, version="1.0", rest=received)
        head = split_head(received)
        if head is not None and not is_interim(head):
            return head
        if head is not None:
            received = head.rest
            continue
        data = await stream.reader.read(READ_BYTES)
        if not data:
            head = head_at_end(received)
            if head is not None:
                return head
            if received:
                raise BadAnswer(f"not HTTP: {printable(received[:60].decode('latin-1'))}")
            raise EOFError("hung up before answering")
        received += data
        total += len(data)
        if total > TOTAL_LIMIT_BYTES:
            raise too_large("read_headers", f"over {TOTAL_LIMIT_BYTES} bytes")


async def _read_body(
    stream: Stream, http: h11.Connection, head: ResponseHead
) -> tuple[bytes, bool]:
    """As h11 frames it, at most 64 KiB; false where they hung up before its end."""
    body = bytearray()
    http.receive_data(_framed(head) + head.rest)
    received = len(head.rest)
    while len(body) < BODY_LIMIT_BYTES:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError as error:
            if http.trailing_data[1]:  # what came is shown by browsers, too
                return bytes(body), False
            raise BadAnswer(printable(str(error))) from error
        if isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)) or event is h11.PAUSED:
            break
        elif event is h11.NEED_DATA:
            data = await stream.reader.read(READ_BYTES)
            received += len(data)
            if received > TOTAL_LIMIT_BYTES:
                raise too_large("fetch_page", f"over {TOTAL_LIMIT_BYTES} bytes")
            http.receive_data(data)
    return bytes(body[:BODY_LIMIT_BYTES]), True


def _framed(head: ResponseHead) -> bytes:
    """A strict head that says no more than how long the body is, as browsers make it out."""
    lengths = {length.strip() for each in head.all("content-length") for length in each.split(",")}
    if any("chunked" in each.lower() for each in head.all("transfer-encoding")):
        framing: tuple[tuple[str, str], ...] = (("transfer-encoding", "chunked"),)
    elif len(lengths) > 1:
        raise BadAnswer("more than one Content-Length")
    else:
        # one that is no number counts as none: the body goes on until they hang up
        framing = tuple(("content-length", each) for each in lengths if each.isdecimal())
    return ResponseHead(
        status=head.status, version=head.version, headers=(*framing, ("connection", "close"))
    ).strict("content-length", "transfer-encoding", "connection")


def _unpacked(body: bytes, encoding: str) -> bytes:
    """Some pack what nobody asked them to pack; bounded like any other body."""
    if encoding.lower() not in {"gzip", "x-gzip", "deflate"}:
        return body
    try:
        unpacking = zlib.decompressobj(wbits=GZIP_OR_ZLIB)
        return unpacking.decompress(body, BODY_LIMIT_BYTES)
    except zlib.error:
        return body
