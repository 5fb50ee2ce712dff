"""One accepted connection as an awaitable thing, with or without TLS, that keeps next to nothing.

asyncio's own TLS takes a quarter of a megabyte for each connection, from accept() on, before a
byte has come (256 KiB: sslproto.SSLProtocol.max_size): a thousand silent ones fill the memory of
a small machine. Here TLS begins with the first byte, reads into what the caller asks for, and
lets OpenSSL give its buffers back between records.
"""

import asyncio
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from struct import Struct as Layout

from natwizard.model.address import HostPort
from natwizard.reflector.limits import ConnectionTable, Place, Stage

SEND_S = 30.0
"""Without one byte taken in so long, nobody reads our answer any more."""

# Whoever never closes their side would keep a closed connection's socket for ever
LINGER_S = 0.5
LINGER_CHUNK_BYTES = 16 * 1024

# struct linger: two u_short on Windows (winsock2.h), two int elsewhere
_LINGER = Layout("@HH" if sys.platform == "win32" else "@ii")


class Connection:
    """Belongs to one task of one event loop; whoever cancels that task ends the connection.

    Attributes:
        peer: where it comes from.
        proven: called when its first whole request has come.
    """

    __slots__ = ("_loop", "_place", "_secured", "_socket", "_table", "_tls", "peer", "proven")

    def __init__(
        self,
        accepted: socket.socket,
        peer: HostPort,
        *,
        tls: ssl.SSLContext | None,
        table: ConnectionTable,
        place: Place,
    ) -> None:
        self.peer = peer
        self.proven: Callable[[], None] = _nothing
        self._loop = asyncio.get_running_loop()
        self._socket = accepted
        self._tls = tls
        self._table = table
        self._place = place
        self._secured = False

    async def start(self) -> None:
        """Wait for the first byte, and for TLS where this port has it. Raises OSError."""
        await self._readable()
        self._table.advance(self._place, Stage.BEGUN)
        if self._tls is None:
            return
        secured = self._tls.wrap_socket(
            self._socket, server_side=True, do_handshake_on_connect=False
        )
        self._socket = secured
        while True:
            try:
                secured.do_handshake()
            except ssl.SSLWantReadError:
                await self._readable()
            except ssl.SSLWantWriteError:
                await self._writable()
            else:
                break
        self._secured = True
        self._table.advance(self._place, Stage.SECURED)

    async def receive(self, size: int) -> bytes:
        """What has come, at most `size` bytes; empty at the end. Raises OSError."""
        while True:
            try:
                data = self._socket.recv(size)
            except (BlockingIOError, ssl.SSLWantReadError):
                await self._readable()
            except ssl.SSLWantWriteError:
                await self._writable()
            else:
                # somebody who sends without a pause is always readable: others have their turn
                await asyncio.sleep(0)
                return data

    async def receive_exactly(self, size: int) -> bytes:
        """So many bytes. Raises OSError, EOFError."""
        data = b""
        while len(data) < size:
            more = await self.receive(size - len(data))
            if not more:
                raise EOFError("hung up")
            data += more
        return data

    async def send(self, data: bytes) -> None:
        """Return once the system has taken everything. Raises OSError, TimeoutError.

        Nothing is kept for later: whoever does not read their answer is not read from either.
        """
        rest = memoryview(data)
        while rest:
            sent = self._send(rest)
            rest = rest[sent:]
            if rest and not sent:
                async with asyncio.timeout(SEND_S):
                    await self._writable()

    def send_now(self, data: bytes) -> None:
        """Send what goes without waiting: a last word to somebody who is hung up on."""
        with suppress(OSError):
            self._send(memoryview(data))

    def heard(self) -> None:
        """A whole message came: who sends some keeps its place before those who do not."""
        if self._place.stage < Stage.PROVEN:
            self.proven()
        self._table.heard(self._place)

    def hold(self, size: int) -> None:
        """So many bytes are kept for this connection: an unfinished message, an unsent answer."""
        self._table.hold(self._place, size)

    async def close(self) -> None:
        """Hang up so that what was sent last still arrives.

        A socket that is closed with something left unread resets the connection, and the other
        side's system may then throw away what it has not read of ours.
        """
        if self._secured and isinstance(self._socket, ssl.SSLSocket):
            with suppress(OSError, ValueError):  # not to wait for the other side's goodbye
                self._socket.unwrap()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(LINGER_S):
                while await self.receive(LINGER_CHUNK_BYTES):
                    pass
        self.abort()

    def forget(self) -> None:
        """Refer to its task's deadline no more, which refers to the task."""
        self.proven = _nothing

    def abort(self) -> None:
        """Give everything back now. No task of ours may be waiting for the socket."""
        self._socket.close()

    def _send(self, data: memoryview) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return 0

    async def _readable(self) -> None:
        ready = self._loop.create_future()
        self._loop.add_reader(self._socket, _wake, ready)
        try:
            await ready
        finally:
            self._loop.remove_reader(self._socket)

    async def _writable(self) -> None:
        ready = self._loop.create_future()
        self._loop.add_writer(self._socket, _wake, ready)
        try:
            await ready
        finally:
            self._loop.remove_writer(self._socket)


def refuse(accepted: socket.socket) -> None:
    """Hang up with a reset: a plain close would leave the connection in the system's tables."""
    with suppress(OSError):
        # on, with no time to linger: close() then sends a reset
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER.pack(1, 0))
    accepted.close()


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _nothing() -> None:
    """Nobody wants to know."""
