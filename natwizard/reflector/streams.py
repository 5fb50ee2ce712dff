"""A TCP service with limits: so many connections a source, each for so long, all closed at once."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable

from natwizard.reflector.limits import ConnectionLimit, source_of
from natwizard.reflector.stats import Tally

LOG = logging.getLogger(__name__)

HANDSHAKE_S = 5.0
LINGER_S = 0.5

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class StreamService:
    """Accepts connections on one port and holds one conversation on each.

    A conversation may end with OSError, EOFError or ValueError: the peer is then hung up on.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        longest_s: float,
        largest_bytes: int,
        connections: ConnectionLimit,
        tally: Tally,
    ) -> None:
        self._conversation = conversation
        self._longest_s = longest_s
        self._largest_bytes = largest_bytes
        self._connections = connections
        self._tally = tally
        self._server: asyncio.Server | None = None
        self._talking: dict[asyncio.Task[None], asyncio.WriteTransport] = {}

    async def start(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Serve on a bound socket, which now belongs to this service."""
        self._server = await asyncio.start_server(
            self._accept,
            sock=listener,
            ssl=tls,
            ssl_handshake_timeout=HANDSHAKE_S if tls else None,
            limit=self._largest_bytes,
        )

    async def close(self) -> None:
        """Stop listening and hang up on everyone; conversations end by that, not by cancelling.

        (asyncio.streams of Python 3.11 logs a cancelled conversation as a crash.)
        """
        if self._server is not None:
            self._server.close()
        talking = tuple(self._talking)
        for transport in tuple(self._talking.values()):
            transport.abort()
        if talking:
            await asyncio.wait(talking, timeout=LINGER_S)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = source_of(writer.get_extra_info("peername"))
        if not self._connections.enter(source):
            self._tally.connections_refused += 1
            writer.transport.abort()
            return
        self._tally.connections += 1
        task = asyncio.current_task()
        if task is not None:
            self._talking[task] = writer.transport
        try:
            async with asyncio.timeout(self._longest_s):
                await self._conversation(reader, writer)
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, ValueError) as error:
            LOG.debug("%s hung up on: %.200r", source, error)
        finally:
            self._connections.leave(source)
            if task is not None:
                del self._talking[task]
            writer.transport.abort()
