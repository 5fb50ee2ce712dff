"""One web port: a websocket that echoes, and a short page for everyone else. RFC 6455, RFC 9110."""

import asyncio
import http
import logging
import socket
import ssl
from contextlib import suppress

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from natwizard.reflector.limits import ConnectionLimit, source_of
from natwizard.reflector.stats import Tally

LOG = logging.getLogger(__name__)

PHRASE = "natwizard reflector"
PAGE = f"This is a {PHRASE}. It answers the checks of natwizard and nothing else.\n"

LARGEST_MESSAGE_BYTES = 1024 * 1024
OPEN_S = 5.0
CLOSE_S = 0.5
# Longer than any idle time that a check holds (75 s) or that RFC 4787 asks of a router
LONGEST_SILENCE_S = 300.0
# Longer than the longest watch (a day), which holds one connection with nothing but pings
LONGEST_CONNECTION_S = 25 * 3600.0


class _Heard(ServerConnection):
    """Knows when anything last came, pings too: websockets answers them and tells nobody."""

    heard_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.heard_s = self.loop.time()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.heard_s = self.loop.time()
        super().data_received(data)

    def patience_s(self) -> float:
        """How much longer its silence is borne; 0 where it is over."""
        return max(0.0, self.heard_s + LONGEST_SILENCE_S - self.loop.time())


class WebService:
    """Serves one port, with or without TLS.

    It never sends pings of its own accord: they would keep alive the very idle connections
    whose cutting by a proxy a check wants to see.
    """

    def __init__(self, *, connections: ConnectionLimit, tally: Tally) -> None:
        self._connections = connections
        self._tally = tally
        self._server: Server | None = None
        self._open: set[ServerConnection] = set()

    async def start(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Serve on a bound socket, which now belongs to this service."""
        service = self

        class LimitedConnection(_Heard):
            """Knows its source from the first byte, before any handshake costs memory."""

            admitted_as: str | None = None

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                source = source_of(transport.get_extra_info("peername"))
                if service._enter(self, source):
                    self.admitted_as = source
                else:
                    self.transport.abort()

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                if self.admitted_as is not None:
                    service._leave(self, self.admitted_as)

        self._server = await serve(
            self._echo,
            sock=listener,
            ssl=tls,
            process_request=self._page,
            create_connection=LimitedConnection,
            compression=None,
            open_timeout=OPEN_S,
            close_timeout=CLOSE_S,
            ping_interval=None,
            max_size=LARGEST_MESSAGE_BYTES,
            max_queue=4,
            server_header=None,
            logger=LOG,
        )

    async def close(self) -> None:
        """Stop listening and hang up on everyone, politely where that is quick."""
        if self._server is None:
            return
        self._server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._server.wait_closed()
            return
        for connection in tuple(self._open):
            connection.transport.abort()
        await self._server.wait_closed()

    def _enter(self, connection: ServerConnection, source: str) -> bool:
        if not self._connections.enter(source):
            self._tally.connections_refused += 1
            return False
        self._tally.connections += 1
        self._open.add(connection)
        return True

    def _leave(self, connection: ServerConnection, source: str) -> None:
        self._connections.leave(source)
        self._open.discard(connection)

    def _page(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer whoever does not ask for a websocket; None lets the upgrade go on."""
        if "websocket" in ",".join(request.headers.get_all("Upgrade")).lower():
            return None
        self._tally.web_pages += 1
        if request.method not in {"GET", "HEAD"}:
            return connection.respond(http.HTTPStatus.METHOD_NOT_ALLOWED, "GET or HEAD only\n")
        response = connection.respond(http.HTTPStatus.OK, PAGE)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.method == "HEAD":
            response.body = b""
        return response

    async def _echo(self, connection: ServerConnection) -> None:
        with suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(LONGEST_CONNECTION_S):
                while (patience_s := _patience_s(connection)) > 0:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(patience_s):
                            message = await connection.recv()
                        self._tally.websocket_messages += 1
                        await connection.send(message)


def _patience_s(connection: ServerConnection) -> float:
    return connection.patience_s() if isinstance(connection, _Heard) else LONGEST_SILENCE_S
