"""TLS on a connected socket, and the byte streams that all higher protocols here speak over."""

import asyncio
import os
import socket
import ssl
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from msgspec import Struct

from natwizard.model.outcome import Failure, FailureCode
from natwizard.model.privacy import PublicText
from natwizard.probes.failures import CannotGather

READ_LIMIT_BYTES = 64 * 1024
# linux/tcp.h, tcp_info: the state is its first byte; unacked is the fifth number after eight bytes
ESTABLISHED, UNACKED_AT = 1, 8 + 4 * 4


CERTIFICATE_REQUEST = 13
"""A handshake message by which a server asks for a certificate of ours (RFC 8446, section 4)."""
ALERT, CLOSE_NOTIFY = 21, 0
"""A record by which the far end says that it ends the connection (RFC 8446, sections 5.1, 6.1)."""
_requests: ContextVar[list[str] | None] = ContextVar("certificate_requests", default=None)
_farewells: ContextVar[list[str] | None] = ContextVar("farewells", default=None)
"""Of the connection that is being made: asyncio reads for it in a copy of the task's context, which
holds the same lists."""


def _note_message(
    _tls: object, direction: str, version: int, content: int, message: int, _data: bytes
) -> None:
    requests, farewells = _requests.get(), _farewells.get()
    took_leave = direction == "read" and (content, message) == (ALERT, CLOSE_NOTIFY)
    if farewells is not None and took_leave:
        farewells.append(getattr(version, "name", str(version)))
    if requests is not None and direction == "read" and message == CERTIFICATE_REQUEST:
        requests.append(getattr(version, "name", str(version)))


def _listen_to_messages(trust: ssl.SSLContext) -> None:
    """Have OpenSSL tell of each message (SSL_CTX_set_msg_callback(3)). The module `ssl` has no
    documented way; where a later one takes this away nothing is known of them.
    """
    if hasattr(trust, "_msg_callback"):
        setattr(trust, "_msg_callback", _note_message)  # noqa: B010 - unknown to its stubs


class TlsSession(Struct, frozen=True, kw_only=True):
    """What a handshake settled on.

    Attributes:
        version: as OpenSSL writes it ("TLSv1.3").
        verified: whether the certificate was checked, and found good.
    """

    version: PublicText
    cipher: PublicText
    verified: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """A connection that bytes can be read from and written to. Close it.

    Attributes:
        certificate_requests: one for each time that the far end asked for a certificate of ours.
        farewells: what the far end said before it ended the connection (close_notify).
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    certificate_requests: list[str] = field(default_factory=list)
    farewells: list[str] = field(default_factory=list)

    def close(self, *, drop: bool = False) -> None:
        """Say goodbye (close_notify) and leave at once: asyncio would wait 30 s for an answer.

        May be called more than once. `drop` what is still unsent, else the kernel sends it on,
        and a thin line is full of it for seconds while others measure.
        """
        transport = self.writer.transport
        if drop and (connection := self.writer.get_extra_info("socket")) is not None:
            # struct linger: int on POSIX, u_short on Windows; on, with no time, is a reset
            now = struct.pack("ii" if os.name != "nt" else "hh", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        # A TLS transport that is closed a second time forgets its connection, and abort() then
        # raises AttributeError (asyncio/sslproto.py up to Python 3.11.4)
        if not transport.is_closing():
            transport.close()
        transport.abort()

    def all_arrived(self) -> bool:
        """Whether whoever ends this connection has acknowledged all that was sent on it.

        False where nobody can tell: only Linux says so (tcp(7), TCP_INFO).
        """
        if sys.platform != "linux" or self.writer.transport.get_write_buffer_size():
            return False
        connection = self.writer.get_extra_info("socket")
        try:
            info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, UNACKED_AT + 4)
        except (OSError, AttributeError):
            return False
        if len(info) < UNACKED_AT + 4 or info[0] != ESTABLISHED:
            return False
        [unacknowledged] = struct.unpack_from("=I", info, UNACKED_AT)
        return bool(unacknowledged == 0)

    def far_end_took_leave(self) -> bool:
        """Whether the server itself ended it: in a verified connection nobody on the way can say
        close_notify. A bare end, or a reset, may be anybody's.
        """
        return bool(self.farewells) and session_of(self).verified

    @contextmanager
    def explaining_silence(self, operation: str) -> Iterator[None]:
        """A TimeoutError within becomes CannotGather (UNANSWERED) where all that was sent arrived:
        nobody on the way swallows what is acknowledged. Not for a connection to a proxy.

        An end becomes CERTIFICATE_WANTED where the far end had asked for a certificate.
        """
        try:
            with certificate_wanted(self.certificate_requests, operation):
                yield
        except TimeoutError as error:
            if not self.all_arrived():
                raise
            failure = Failure(code=FailureCode.UNANSWERED, operation=operation)
            raise CannotGather(failure) from error

    def tls_object(self) -> ssl.SSLObject:
        """The TLS state of a stream made by `start_tls`."""
        tls = self.writer.get_extra_info("ssl_object")
        if not isinstance(tls, ssl.SSLObject):
            raise TypeError("this stream has no TLS")
        return tls


@contextmanager
def certificate_wanted(requests: list[str], operation: str) -> Iterator[None]:
    """An end or an alert within becomes CannotGather (CERTIFICATE_WANTED) where the far end had
    asked for a certificate and got none: nobody on the way has to be why.
    """
    try:
        yield
    except (OSError, EOFError) as error:
        ours = isinstance(error, TimeoutError | ssl.SSLCertVerificationError)
        ended = isinstance(error, ssl.SSLError | ConnectionError | EOFError)
        if ours or not ended or not requests:
            raise
        failure = Failure(
            code=FailureCode.CERTIFICATE_WANTED, operation=operation, detail=requests[-1]
        )
        raise CannotGather(failure) from error


async def start_plain(connection: socket.socket) -> Stream:
    """A stream without TLS; owns the socket from here on."""
    return Stream(*await asyncio.open_connection(sock=connection, limit=READ_LIMIT_BYTES))


async def start_tls(
    connection: socket.socket, trust: ssl.SSLContext, server_name: str, *, timeout_s: float
) -> Stream:
    """Shake hands; asyncio owns the socket from here on and closes it if that fails.

    Raises:
        ssl.SSLError: an alert, or bytes that are not TLS; SSLCertVerificationError among them.
        ConnectionResetError: cut by a reset; EOFError: hung up.
        CannotGather: either of them after the far end asked for a certificate of ours.
        TimeoutError: no whole handshake in time.
    """
    requests: list[str] = []
    farewells: list[str] = []
    _listen_to_messages(trust)
    token, other_token = _requests.set(requests), _farewells.set(farewells)
    try:
        with certificate_wanted(requests, "start_tls"):
            streams = await _shake_hands(connection, trust, server_name, timeout_s)
    finally:
        _requests.reset(token)
        _farewells.reset(other_token)
    return Stream(*streams, requests, farewells)


async def _shake_hands(
    connection: socket.socket, trust: ssl.SSLContext, server_name: str, timeout_s: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.open_connection(
                sock=connection,
                ssl=trust,
                server_hostname=server_name,
                limit=READ_LIMIT_BYTES,
                # later than ours: asyncio's own would be a ConnectionAbortedError and no silence
                ssl_handshake_timeout=timeout_s + 1,
            )
    except ConnectionResetError as error:
        # asyncio makes an orderly end within the handshake a reset without a number of its own
        # (asyncio/sslproto.py, eof_received); delete when it raises something else for it
        if error.errno is None:
            raise EOFError("hung up during the handshake") from error
        raise


def session_of(stream: Stream) -> TlsSession:
    """What the handshake of a stream settled on."""
    tls = stream.tls_object()
    cipher = tls.cipher()
    return TlsSession(
        version=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        verified=tls.context.verify_mode is not ssl.CERT_NONE,
    )
