"""One web port: a websocket that echoes, and short pages for everyone else. RFC 6455, RFC 9110."""

import asyncio
import http
import logging
from collections.abc import Callable, Sequence

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from natwizard.reflector.connections import Connection
from natwizard.reflector.limits import MessageLimit, source_of
from natwizard.reflector.stats import Tally

LOG = logging.getLogger(__name__)

PHRASE = "natwizard reflector"
PAGE = f"This is a {PHRASE}. It answers the checks of natwizard and nothing else.\n"

HEALTH_PATH = "/health"
"""Answers 200 and "well", or 503 and what is wrong; for supervisors, and for clients in doubt."""

WELL = "well\n"

LARGEST_MESSAGE_BYTES = 1024 * 1024
# Nobody else has a turn while its frames are read, and it may hold one for each six bytes
CHUNK_BYTES = 4 * 1024
REQUEST_CHUNK_BYTES = 1024
"""No request waits for its source's turn, and frames may come right behind one."""

FRAMES_PER_S, FRAME_BURST = 50.0, 1000.0
"""Of one source, on all its websockets: a hundred desks of an office that begin in one second
send half of that burst. Without it one address, with forty websockets that sent empty frames
without a pause, kept everybody else from opening any."""

BYTES_A_FRAME = 16 * 1024
"""What is larger counts as several."""

OPEN_S = 10.0
"""From accept() to a whole request, TLS included: the slowest lines that people have need half."""

# For the other side's close frame, once ours is sent
CLOSE_S = 0.5
# Longer than any idle time that a check holds (75 s) or that RFC 4787 asks of a router
LONGEST_SILENCE_S = 300.0
# Longer than the longest watch (a day), which holds one connection with nothing but pings
LONGEST_CONNECTION_S = 25 * 3600.0


class _EchoProtocol(ServerProtocol):
    """Takes the first subprotocol: a browser hangs up on a server that takes none it offers.

    (Given to the base as a function it would refer to its object, as the parser does.)
    """

    def select_subprotocol(self, subprotocols: Sequence[Subprotocol]) -> Subprotocol | None:
        return subprotocols[0] if subprotocols else None


class WebConversation:
    """Holds the conversation of one connection of a web port.

    It never sends pings of its own accord: they would keep alive the very idle connections
    whose cutting by a proxy a check wants to see.
    """

    def __init__(
        self,
        tally: Tally,
        illness: Callable[[], str],
        frames: MessageLimit,
        *,
        page: str = PAGE,
        greeting: str = "",
        largest_message_bytes: int = LARGEST_MESSAGE_BYTES,
    ) -> None:
        """`illness`: why this reflector cannot serve, empty while it can.

        `frames`: what one source may send; whoever sends more is read from more slowly.
        `page` is what everyone gets who wants no websocket; `greeting` is the first message of a
        websocket, empty for none.
        """
        self._tally = tally
        self._illness = illness
        self._frames = frames
        self._page_text = page
        self._greeting = greeting
        self._largest_message_bytes = largest_message_bytes

    async def converse(self, connection: Connection) -> None:
        """Serve one page, or echo until it is over."""
        protocol = _EchoProtocol(max_size=self._largest_message_bytes, logger=LOG)
        try:
            await self._converse(connection, protocol)
        except asyncio.CancelledError:
            if protocol.state is State.OPEN:
                protocol.send_close(CloseCode.GOING_AWAY)
                connection.send_now(b"".join(protocol.data_to_send()))
            raise
        finally:
            # its parser is a generator that refers to it, and so do the frames of its errors:
            # without this only a whole garbage collection, for which all threads stop, frees them
            protocol.parser.close()
            protocol.handshake_exc = protocol.parser_exc = None

    async def _converse(self, connection: Connection, protocol: ServerProtocol) -> None:
        unfinished = 0
        source = source_of((connection.peer.host, connection.peer.port))
        while not protocol.eof_sent:
            data = await _receive(connection, protocol)
            if data is None:
                return
            if data:
                if protocol.state is not State.CONNECTING:
                    await self._wait_for_turn(source)
                protocol.receive_data(data)
            else:
                protocol.receive_eof()
            events = protocol.events_received()
            self._frames.charge(source, max(len(events), len(data) / BYTES_A_FRAME))
            for event in events:
                if isinstance(event, Request):
                    self._answer(event, connection, protocol)
                elif isinstance(event, Frame):
                    connection.heard()
                    self._echo(event, protocol)
            answer = b"".join(protocol.data_to_send())
            # what is left of the next message, if there is any, is less than a chunk
            unfinished = 0 if events else unfinished + len(data)
            connection.hold(unfinished + len(answer))
            await connection.send(answer)
            connection.hold(unfinished)
            if not data:
                return

    async def _wait_for_turn(self, source: str) -> None:
        """Where a source has had its share: of all that wait here, with a chunk read already, one
        goes on, and what it sent keeps the others waiting.
        """
        wait_s = self._frames.wait_s(source)
        while wait_s > 0:
            await asyncio.sleep(wait_s)
            wait_s = self._frames.wait_s(source)

    def _answer(self, request: Request, connection: Connection, protocol: ServerProtocol) -> None:
        connection.heard()
        if "websocket" in ",".join(request.headers.get_all("Upgrade")).lower():
            response = protocol.accept(request)
        elif request.method not in {"GET", "HEAD"}:
            self._tally.web_pages += 1
            response = protocol.reject(http.HTTPStatus.METHOD_NOT_ALLOWED, "GET or HEAD only\n")
        else:
            self._tally.web_pages += 1
            status, text = self._page(request.path)
            response = protocol.reject(status, text)
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Content-Type-Options"] = "nosniff"
            if request.method == "HEAD":
                response.body = b""
        protocol.send_response(response)
        if self._greeting and protocol.state is State.OPEN:
            protocol.send_text(self._greeting.encode())

    def _page(self, path: str) -> tuple[http.HTTPStatus, str]:
        if path.partition("?")[0] != HEALTH_PATH:
            return http.HTTPStatus.OK, self._page_text
        illness = self._illness()
        if illness:
            return http.HTTPStatus.SERVICE_UNAVAILABLE, f"{illness}\n"
        return http.HTTPStatus.OK, WELL

    def _echo(self, frame: Frame, protocol: ServerProtocol) -> None:
        """Each frame comes back by itself: a message in many parts is never kept as a whole."""
        if protocol.state is not State.OPEN:
            return
        if frame.opcode is Opcode.TEXT:
            protocol.send_text(frame.data, frame.fin)
        elif frame.opcode is Opcode.BINARY:
            protocol.send_binary(frame.data, frame.fin)
        elif frame.opcode is Opcode.CONT:
            protocol.send_continuation(frame.data, frame.fin)
        else:
            return
        self._tally.websocket_messages += frame.fin


async def _receive(connection: Connection, protocol: ServerProtocol) -> bytes | None:
    """What comes next; None where it is over. Silence is borne for a while, then told."""
    open_still = protocol.state in {State.OPEN, State.CONNECTING}
    size = REQUEST_CHUNK_BYTES if protocol.state is State.CONNECTING else CHUNK_BYTES
    try:
        async with asyncio.timeout(LONGEST_SILENCE_S if open_still else CLOSE_S):
            return await connection.receive(size)
    except TimeoutError:
        if protocol.state is State.OPEN:
            protocol.send_close(CloseCode.NORMAL_CLOSURE)
            await connection.send(b"".join(protocol.data_to_send()))
        return None
