"""A websocket over an open stream: upgrade, echo, ping. Source: RFC 6455, by way of websockets."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress

from msgspec import Struct
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidMessage, PayloadTooBig
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from natwizard import __version__
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import QuotingText
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.handshake import Stream
from natwizard.probes.connection.page_exchange import too_large
from natwizard.probes.connection.reachability import Reachability, attempt_opening
from natwizard.probes.connection.trace import Budget, ConnectionPath, open_stream
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.network import Endpoint
from natwizard.probes.printable import printable

MESSAGE_LIMIT_BYTES = 256 * 1024
STRAY_MESSAGES = 2
PONGS_KEPT = 8
SWITCHING_PROTOCOLS = 101
UPGRADE_REQUIRED = 426
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})( [^\r\n]*)?\r?\n")
SERVER_HEADER = re.compile(rb"(?im)^server:[ \t]*([^\r\n]*)")


class Upgraded(Struct, frozen=True, kw_only=True):
    """The server has switched to the websocket; `server` is what it calls itself, or empty."""

    server: QuotingText = ""


class Echoed(Struct, frozen=True, kw_only=True):
    """A message came back byte for byte; `frames` counts those it was sent in."""

    size_bytes: int
    frames: int


class WebsocketClient:
    """The client's side of one websocket. The stream stays the caller's."""

    def __init__(self, stream: Stream, address: WebAddress) -> None:
        self._stream = stream
        # offered as browsers do (RFC 7692): a filter may spoil only what is compressed
        self._protocol = ClientProtocol(
            parse_uri(str(address)),
            extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)],
            max_size=MESSAGE_LIMIT_BYTES,
        )
        self._partial = bytearray()
        self._messages: list[bytes] = []
        self._pongs: list[bytes] = []
        self._pings = 0

    async def upgrade(self, *, timeout_s: float) -> Upgraded:
        """Ask for the websocket.

        Raises:
            CannotGather: UPGRADE_REFUSED for an HTTP answer that leaves the upgrade out,
                HTTP_STATUS for 4xx and 5xx, PROXY_AUTHENTICATION, TOO_LARGE.
            BadAnswer: not HTTP, or a broken handshake; EOFError, OSError, TimeoutError.
        """
        request = self._protocol.connect()
        request.headers["User-Agent"] = f"natwizard/{__version__}"
        self._protocol.send_request(request)
        async with asyncio.timeout(timeout_s):
            await self._send()
            head = await self._read_head()
        _require_switch(head)
        self._protocol.receive_data(head)
        if self._protocol.handshake_exc is not None:
            raise _handshake_failure(self._protocol.handshake_exc)
        self._protocol.events_received()
        server = SERVER_HEADER.search(head)
        return Upgraded(server=printable(server[1].decode("latin-1"), 80) if server else "")

    async def echo(self, message: bytes, *, frames: int, timeout_s: float) -> Echoed:
        """Send a message in so many frames and wait for the same to come back.

        A greeting before it does not count. BadAnswer if something else comes back instead.
        """
        self._require_open()
        size = -(-len(message) // frames)
        parts = [message[start : start + size] for start in range(0, len(message), size)]
        strays = 0
        try:
            async with asyncio.timeout(timeout_s):
                for number, part in enumerate(parts):
                    last = number == len(parts) - 1
                    if number == 0:
                        self._protocol.send_binary(part, fin=last)
                    else:
                        self._protocol.send_continuation(part, fin=last)
                    await self._send()
                while (answer := await self._next_message()) != message:
                    strays += 1
                    if strays >= STRAY_MESSAGES:
                        raise _altered(message, answer)
        except TimeoutError:
            if strays:
                raise BadAnswer("something else came back") from None
            raise
        return Echoed(size_bytes=len(message), frames=len(parts))

    async def comes_after(self, message: bytes, push: bytes, *, timeout_s: float) -> bool:
        """Whether a message that did not come back does so once more is sent behind it; for an
        empty `push`, whether it was only slow.
        """
        try:
            async with asyncio.timeout(timeout_s):
                if push:
                    self._protocol.send_binary(push)
                    await self._send()
                return await self._next_message() == message
        except (OSError, EOFError, TimeoutError):
            return False

    async def ping(self, *, timeout_s: float) -> int:
        """A ping, which every websocket server must answer; its size in bytes."""
        self._require_open()
        self._pings += 1
        payload = b"natwizard %d" % self._pings  # a pong to an earlier one proves nothing
        async with asyncio.timeout(timeout_s):
            self._protocol.send_ping(payload)
            await self._send()
            while payload not in self._pongs:
                await self._receive()
                self._messages.clear()
        return len(payload)

    async def stay_idle(self, duration_s: float) -> None:
        """Say nothing for so long, and take what comes. EOFError, OSError if it is cut."""
        self._require_open()
        with suppress(TimeoutError):
            async with asyncio.timeout(duration_s):
                while True:
                    await self._receive()
                    self._messages.clear()

    async def goodbye(self, *, timeout_s: float = 0.3) -> None:
        """Send a close frame, as far as the connection still takes one."""
        if self._protocol.state is not State.OPEN:
            return
        try:
            async with asyncio.timeout(timeout_s):
                self._protocol.send_close(1000)
                await self._send()
        except (OSError, TimeoutError):
            return

    def _require_open(self) -> None:
        if self._protocol.state is not State.OPEN:
            raise EOFError("the websocket is closed")

    async def _read_head(self) -> bytes:
        try:
            return await self._stream.reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as error:
            raise too_large("upgrade_websocket", "headers without end") from error
        except asyncio.IncompleteReadError as error:
            if STATUS_LINE.match(error.partial):
                return error.partial
            raise EOFError(f"hung up after {len(error.partial)} bytes") from error

    async def _next_message(self) -> bytes:
        while not self._messages:
            await self._receive()
        return self._messages.pop(0)

    async def _receive(self) -> None:
        data = await self._stream.reader.read(64 * 1024)
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        await self._send()
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
        if self._protocol.parser_exc is not None and not self._messages:
            raise _frame_failure(self._protocol.parser_exc)
        if not data and not self._messages:
            raise EOFError("hung up")

    def _take(self, frame: Frame) -> None:
        match frame.opcode:
            case Opcode.TEXT | Opcode.BINARY | Opcode.CONT:
                self._partial += frame.data
                if frame.fin:
                    self._messages.append(bytes(self._partial))
                    self._partial.clear()
            case Opcode.PONG:
                self._pongs = [*self._pongs[-PONGS_KEPT:], bytes(frame.data)]
            case Opcode.CLOSE:
                raise EOFError(f"closed the websocket: {printable(str(frame))}")

    async def _send(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._stream.writer.write(data)
        await self._stream.writer.drain()


def _require_switch(head: bytes) -> None:
    status_line = STATUS_LINE.match(head)
    if status_line is None:
        raise BadAnswer(f"not HTTP: {printable(head[:60].decode('latin-1'))}")
    status = int(status_line[1])
    if status == SWITCHING_PROTOCOLS:
        return
    if status == 407:
        code = FailureCode.PROXY_AUTHENTICATION
    elif status >= 400 and status != UPGRADE_REQUIRED:
        code = FailureCode.HTTP_STATUS
    else:
        code = FailureCode.UPGRADE_REFUSED
    reason = printable((status_line[2] or b"").decode("latin-1").strip(), 60)
    raise CannotGather(
        Failure(code=code, operation="upgrade_websocket", detail=f"HTTP {status} {reason}".strip())
    )


def _handshake_failure(error: Exception) -> Exception:
    """A 101 whose headers do not switch: the Upgrade was stripped on the way, or it is junk."""
    if isinstance(error, InvalidHandshake) and not isinstance(error, InvalidMessage):
        return CannotGather(
            Failure(
                code=FailureCode.UPGRADE_REFUSED,
                operation="upgrade_websocket",
                detail=printable(f"HTTP 101, {error}"),
            )
        )
    return BadAnswer(printable(f"{error}: {error.__cause__}"))


def _frame_failure(error: Exception) -> Exception:
    if "reserved bits" in str(error):
        # the first of them marks compressed frames (RFC 7692, section 6), which was not agreed on
        return CannotGather(
            Failure(code=FailureCode.COMPRESSED, operation="read_frame", detail=str(error))
        )
    if isinstance(error, PayloadTooBig):
        return too_large("read_frame", printable(str(error)))
    if isinstance(error, EOFError):
        return EOFError("hung up")
    return BadAnswer(printable(str(error)))


def _altered(sent: bytes, received: bytes) -> BadAnswer:
    return BadAnswer(f"sent {len(sent)} bytes, {len(received)} other bytes came back")


UPGRADE_TIMEOUT_S = 3.0
BUDGET_S = 9.5

Exercise = Callable[[WebsocketClient, Budget], Awaitable[tuple[Attempt[Echoed], ...]]]


class WebsocketReachability(Struct, frozen=True, kw_only=True):
    """How far one address came; `upgrade` is None where the connection did not stand.

    Attributes:
        echoes: what was sent afterwards and came back; empty where the upgrade failed.
    """

    reach: Reachability
    upgrade: Attempt[Upgraded] | None = None
    echoes: tuple[Attempt[Echoed], ...] = ()

    @property
    def upgraded(self) -> bool:
        """Whether the server switched to the websocket."""
        return self.upgrade is not None and self.upgrade.ok

    def attempts(self) -> tuple[Attempt[object], ...]:
        """All of them, in the order of their stages."""
        upgrade = (self.upgrade,) if self.upgrade is not None else ()
        return (*self.reach.attempts(), *upgrade, *self.echoes)


async def reach_websocket(
    context: ProbeContext,
    endpoint: Endpoint,
    address: WebAddress,
    way: ConnectionPath,
    exercise: Exercise,
) -> WebsocketReachability:
    """Go as far as it goes to one address, exercise the websocket there, and hang up."""
    budget = Budget(BUDGET_S)
    async with budget.place(context.rate_limiter):
        return await _reach(context, endpoint, address, way, exercise, budget)


async def _reach(
    context: ProbeContext,
    endpoint: Endpoint,
    address: WebAddress,
    way: ConnectionPath,
    exercise: Exercise,
    budget: Budget,
) -> WebsocketReachability:
    stream, reach = await open_stream(context, endpoint, way, budget)
    if stream is None:
        return WebsocketReachability(reach=reach)
    whole = False

    async def work() -> tuple[WebsocketClient, Upgraded]:
        talk = WebsocketClient(stream, address)
        return talk, await talk.upgrade(timeout_s=budget.at_most(UPGRADE_TIMEOUT_S))

    try:
        talk, upgrade = await attempt_opening(context, "upgrade_websocket", address, work)
        echoes: tuple[Attempt[Echoed], ...] = ()
        if talk is not None:
            echoes = await exercise(talk, budget)
            await talk.goodbye()
        whole = all(echo.ok for echo in echoes)
        return WebsocketReachability(reach=reach, upgrade=upgrade, echoes=echoes)
    finally:
        stream.close(drop=not whole)
