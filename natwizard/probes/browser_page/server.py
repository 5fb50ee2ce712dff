"""The web server behind the page: loopback only, one request a connection, everything bounded."""

import asyncio
import http
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import h11

from natwizard.probes.browser_page.site import PageResponse, Request

# Other programs on loopback may have left cookies in the browser, which come along
HEAD_LIMIT_BYTES = 16 * 1024
# Above the largest step of the page, whose fields all have bounds (steps.py)
BODY_LIMIT_BYTES = 64 * 1024
# A request is a connection; browsers open half a dozen at once, and may leave some open unused
CONNECTIONS = 32
# Of a whole visit, reloads among them; whoever runs into it is no browser with our page
REQUESTS = 400
# Browsers open connections in advance and send nothing on them
CONNECTION_S = 10.0
# The last answer may still be on its way when the visit is over
LAST_WORDS_S = 0.5

ALWAYS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    # with no-referrer a closing tab's last message would come from origin "null"
    ("Referrer-Policy", "same-origin"),
    ("Connection", "close"),
)

Answering = Callable[[Request], PageResponse]


@dataclass(slots=True)
class LoopbackServer:
    """Listens on a free port of 127.0.0.1, and of ::1 where that is possible.

    `port` may be set beforehand; then it is that one or none (OSError). A browser may take
    "localhost" for either address; where another program has the port on ::1 it falls back to
    127.0.0.1 by itself. After `most_requests` nothing is answered any more.
    """

    port: int = 0
    most_requests: int = REQUESTS
    answering: Answering = field(default=lambda _request: PageResponse(status=404))
    refused: int = 0
    _served: int = 0
    _talking: set["_Connection"] = field(default_factory=set)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _listeners: ExitStack = field(default_factory=ExitStack)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        first = _listen(socket.AF_INET, "127.0.0.1", self.port)
        self.port = int(first.getsockname()[1])
        sockets = [first]
        with suppress(OSError):
            sockets.append(_listen(socket.AF_INET6, "::1", self.port))
        for listening in sockets:
            server = await loop.create_server(lambda: _Connection(self), sock=listening)
            self._listeners.callback(server.close)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listeners.close()
        try:
            if kind is None:
                await self._last_words()
        finally:
            for connection in tuple(self._talking):
                connection.abort()

    async def _last_words(self) -> None:
        """Let the answers that are on their way arrive, within reason."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while any(each.answered for each in self._talking):
                    self._ended.clear()
                    await self._ended.wait()

    def accept(self, connection: "_Connection") -> bool:
        """Whether there is room for one more."""
        if len(self._talking) >= CONNECTIONS or self._served >= self.most_requests:
            self.refused += 1
            return False
        self._talking.add(connection)
        self._served += 1
        return True

    def forget(self, connection: "_Connection") -> None:
        """A connection has ended."""
        self._talking.discard(connection)
        self._ended.set()


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if port and sys.platform != "win32":  # there it would let two programs have one port
            # a second sign-in soon after the first needs the same port, where old connections
            # linger
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setblocking(False)
        listening.bind((address, port))
    except OSError:
        listening.close()
        raise
    return listening


class _Connection(asyncio.Protocol):
    """Reads one request, writes one answer, hangs up."""

    def __init__(self, server: LoopbackServer) -> None:
        self.answered = False
        self._server = server
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT_BYTES)
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream was expected")
        self._transport = transport
        if not self._server.accept(self):
            transport.abort()
            return
        self._timer = asyncio.get_running_loop().call_later(CONNECTION_S, self.abort)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        if self._timer is not None:
            self._timer.cancel()
        self._server.forget(self)

    def abort(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.answered:
            return
        try:
            self._http.receive_data(data)
            self._read()
        except h11.RemoteProtocolError:
            self._send(PageResponse(status=400))

    def eof_received(self) -> bool:
        return self.answered  # half-closed clients still get their answer

    def _read(self) -> None:
        while not self.answered:
            event = self._http.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return
            if isinstance(event, h11.Request):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > BODY_LIMIT_BYTES:
                    self._send(PageResponse(status=413))
            elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                self._send(self._server.answering(_request(self._head, bytes(self._body))))
            else:
                self.abort()
                return

    def _send(self, answer: PageResponse) -> None:
        if self._transport is None or self.answered:
            return
        self.answered = True
        headers = [*ALWAYS, *answer.headers]
        if answer.status != http.HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(answer.content))))
        reason = http.HTTPStatus(answer.status).phrase
        lines = [
            f"HTTP/1.1 {answer.status} {reason}",
            *(f"{name}: {text}" for name, text in headers),
        ]
        head_only = self._head is not None and self._head.method == b"HEAD"
        head = "\r\n".join((*lines, "", "")).encode("latin-1")
        self._transport.write(head if head_only else head + answer.content)
        self._transport.close()


def _request(head: h11.Request, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for name, text in head.headers:
        key = name.decode("latin-1")
        value = text.decode("latin-1")
        # cookies may be split over several lines; any other doubled header spoils both
        joined = f"{headers[key]}; {value}" if key in headers else value
        headers[key] = joined
    return Request(
        method=head.method.decode("latin-1"),
        target=head.target.decode("latin-1"),
        headers=headers,
        body=body,
    )
