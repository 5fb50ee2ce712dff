"""A TCP service with limits from accept() on: who may come, for how long, and who makes room."""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from natwizard.model.address import HostPort
from natwizard.reflector.connections import Connection, refuse
from natwizard.reflector.faults import FaultLog
from natwizard.reflector.limits import ConnectionTable, source_of
from natwizard.reflector.stats import Tally

LOG = logging.getLogger(__name__)

# For close frames and the like; whoever does not read them is not waited for
CLOSE_S = 0.5
ACCEPTED_AT_ONCE = 16
"""Before those who are connected have their turn: in a flood a desk's handshake takes several."""

PAUSE_S = 0.1

NO_MORE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, 10024, 10055}
"""The system has no more files or memory for us; the numbers are Windows'."""

# WSAEBADF, WSAENOTSOCK and WSAEINVAL as Windows numbers them
GONE = {errno.EBADF, errno.ENOTSOCK, errno.EINVAL, 10009, 10038, 10022}

Conversation = Callable[[Connection], Awaitable[None]]


class StreamService:
    """Accepts connections on one port and holds one conversation on each.

    `open_s` after accept() its first whole request must have come, and after `longest_s` it ends.
    A conversation may end with OSError, EOFError or ValueError: the peer is then hung up on. Any
    other exception is a fault of ours, which is counted and ends that conversation alone.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        open_s: float,
        longest_s: float,
        connections: ConnectionTable,
        tally: Tally,
        faults: FaultLog,
    ) -> None:
        self._conversation = conversation
        self._open_s = open_s
        self._longest_s = longest_s
        self._connections = connections
        self._tally = tally
        self._faults = faults
        self._listener: socket.socket | None = None
        self._tls: ssl.SSLContext | None = None
        self._talking: set[asyncio.Task[None]] = set()
        self._failure = ""

    async def start(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Serve on a listening socket, which now belongs to this service."""
        self._listener, self._tls = listener, tls
        asyncio.get_running_loop().add_reader(listener, self._accept_some)

    async def close(self) -> None:
        """Stop listening and hang up on everyone, politely where that is quick."""
        listener, self._listener = self._listener, None
        if listener is not None:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
        for task in self._talking:
            task.cancel()
        if self._talking:
            await asyncio.wait(self._talking, timeout=CLOSE_S)

    def illness(self) -> str:
        """Why nobody can connect any more, in a few words; empty while all is well."""
        if self._listener is not None and not self._failure:
            try:
                self._listener.getsockname()
            except OSError as error:  # a listener that is gone is never ready
                self._failure = f"a TCP port is lost: {error}"
        return self._failure

    def _accept_some(self) -> None:
        for _turn in range(ACCEPTED_AT_ONCE):
            listener = self._listener
            if listener is None:
                return
            try:
                accepted, address = listener.accept()
            except (BlockingIOError, ConnectionError):
                return  # whoever was waiting has gone away
            except OSError as error:
                self._handle_accept_error(listener, error)
                return
            try:
                self._admit(accepted, address)
            except Exception as error:  # noqa: BLE001 - one connection never ends the service
                self._faults.note("accepting a connection", error)
                accepted.close()

    def _handle_accept_error(self, listener: socket.socket, error: OSError) -> None:
        """Go on after an error of accept(), or say that it cannot be."""
        if error.errno in GONE:
            self._failure = f"a TCP port is lost: {error}"
            asyncio.get_running_loop().remove_reader(listener)
        elif error.errno not in NO_MORE or not self._connections.make_room():
            # a listener stays ready while somebody waits: without a pause the loop would spin
            loop = asyncio.get_running_loop()
            loop.remove_reader(listener)
            loop.call_later(PAUSE_S, self._resume, listener)

    def _resume(self, listener: socket.socket) -> None:
        if listener is self._listener:
            asyncio.get_running_loop().add_reader(listener, self._accept_some)

    def _admit(self, accepted: socket.socket, address: tuple[str | int, ...]) -> None:
        loop = asyncio.get_running_loop()
        tasks: list[asyncio.Task[None]] = []
        place = self._connections.enter(source_of(address), lambda: _cancel_all(tasks))
        if place is None:
            self._tally.connections_refused += 1
            refuse(accepted)
            return
        self._tally.connections += 1
        accepted.setblocking(False)
        with suppress(OSError):
            # a small echo would wait for the acknowledgement of the one before (Nagle)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = HostPort(str(address[0]).partition("%")[0], int(address[1]))
        connection = Connection(accepted, peer, tls=self._tls, table=self._connections, place=place)
        task = loop.create_task(self._hold(connection))
        tasks.append(task)
        self._talking.add(task)

        def ended(ended_task: asyncio.Task[None]) -> None:
            self._talking.discard(ended_task)
            self._connections.leave(place)
            connection.abort()

        task.add_done_callback(ended)

    async def _hold(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self._open_s) as deadline:
                start_s = asyncio.get_running_loop().time()
                connection.proven = lambda: deadline.reschedule(start_s + self._longest_s)
                await connection.start()
                await self._converse(connection)
            await connection.close()
        except asyncio.CancelledError:
            # the task ends here anyway; with the exception it would keep its own frames, in a
            # circle that only a whole garbage collection frees, for which all threads stop
            return
        except OSError as error:  # time is up, among others
            LOG.debug("%s is gone: %.200r", connection.peer, error)
        except Exception as error:  # noqa: BLE001 - one connection never ends the service
            self._faults.note("a connection", error)
        finally:
            connection.forget()

    async def _converse(self, connection: Connection) -> None:
        try:
            await self._conversation(connection)
        except (EOFError, ValueError) as error:
            LOG.debug("%s hung up on: %.200r", connection.peer, error)


def _cancel_all(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
