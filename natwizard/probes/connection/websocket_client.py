"""A websocket over an open stream: upgrade, echo, ping. Source: RFC 6455, by way of websockets."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress

from msgspec import Struct
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidMessage, PayloadTooBig
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import State
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from natwizard import __version__
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import PublicText, QuotingText, ServerText
from natwizard.model.profile import Targets
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.handshake import Stream
from natwizard.probes.connection.page_exchange import TOTAL_LIMIT_BYTES, is_interim, too_large
from natwizard.probes.connection.reachability import (
    Reachability,
    SegmentTrial,
    attempt_opening,
    trial_attempts,
)
from natwizard.probes.connection.response_head import (
    ResponseHead,
    head_at_end,
    split_head,
)
from natwizard.probes.connection.trace import Budget, ConnectionPath, open_stream
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.failures import BadAnswer, CannotGather
from natwizard.probes.network import Endpoint
from natwizard.probes.printable import printable

# Three times the largest message that is sent: more is not ours coming back
MESSAGE_LIMIT_BYTES = 256 * 1024
# One greeting is borne; what comes second and is not ours has been altered
STRAY_MESSAGES = 2
# A server may send pongs unasked (RFC 6455, 5.5.3)
PONGS_KEPT = 8
CLOSE_TEXT = 80
SWITCHING_PROTOCOLS = 101
# A server that never saw our Upgrade says so: it was stripped on the way (RFC 9110, 15.5.22)
UPGRADE_REQUIRED = 426
HANDSHAKE_HEADERS = (
    "upgrade",
    "connection",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
)
"""All that a handshake depends on; others may be as odd as browsers let them be."""


class Upgraded(Struct, frozen=True, kw_only=True):
    """The server has switched to the websocket.

    Attributes:
        server: what it calls itself, or empty.
        subprotocol: the one of the offered that it chose, or empty.
    """

    server: QuotingText = ""
    subprotocol: QuotingText = ""


class WebsocketOffer(Struct, frozen=True, kw_only=True):
    """What a browser's page would ask for the websocket with.

    Attributes:
        origin: of the page ("https://example.com"); browsers never leave it out. Empty means the
            server's own.
        subprotocols: offered in this order; none where empty.
    """

    origin: ServerText = ""
    subprotocols: tuple[PublicText, ...] = ()


class Echoed(Struct, frozen=True, kw_only=True):
    """A message came back byte for byte; `frames` counts those it was sent in."""

    size_bytes: int
    frames: int


class WebsocketClient:
    """The client's side of one websocket. The stream stays the caller's."""

    def __init__(self, stream: Stream, address: WebAddress, offer: WebsocketOffer) -> None:
        self._stream = stream
        # offered as browsers do (RFC 7692): a filter may spoil only what is compressed
        self._protocol = ClientProtocol(
            parse_uri(str(address)),
            origin=Origin(offer.origin or own_origin(address)),
            subprotocols=[Subprotocol(each) for each in offer.subprotocols] or None,
            extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)],
            max_size=MESSAGE_LIMIT_BYTES,
        )
        self._early = b""  # came along with the answer: some greet at once
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
        self._protocol.receive_data(head.strict(*HANDSHAKE_HEADERS))
        self._early = head.rest
        if self._protocol.handshake_exc is not None:
            raise _handshake_failure(self._protocol.handshake_exc)
        self._protocol.events_received()
        return Upgraded(
            server=printable(head.first("server"), 80),
            subprotocol=printable(self._protocol.subprotocol or "", 40),
        )

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
        except (OSError, EOFError, TimeoutError, CannotGather):
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

    def all_arrived(self) -> bool:
        """As `Stream.all_arrived`."""
        return self._stream.all_arrived()

    async def took_all(self, *, timeout_s: float) -> bool:
        """Whether all that was sent arrived, for a pong to a later ping came back: TCP keeps the
        order of both directions, so that nothing got lost on the way.
        """
        try:
            await self.ping(timeout_s=timeout_s)
        except (OSError, EOFError, TimeoutError, ValueError, CannotGather):
            return False
        return True

    async def stay_idle(self, duration_s: float) -> None:
        """Say nothing for so long, and take what comes. EOFError, OSError if it is cut;
        CannotGather with CLOSED_BY_PEER for a close frame, and where TLS shows that the server cut
        it: many end a connection on which nobody speaks.
        """
        self._require_open()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(duration_s):
                    while True:
                        await self._receive()
                        self._messages.clear()
        except EOFError as error:
            if not self._stream.far_end_took_leave():
                raise
            failure = Failure(
                code=FailureCode.CLOSED_BY_PEER, operation="stay_idle", detail="TLS close_notify"
            )
            raise CannotGather(failure) from error

    async def goodbye(self, *, timeout_s: float = 0.3) -> None:
        """Send a close frame, as far as the connection still takes one."""
        if self._protocol.state is not State.OPEN:
            return
        try:
            async with asyncio.timeout(timeout_s):
                # normal closure (RFC 6455, 7.4.1)
                self._protocol.send_close(1000)
                await self._send()
        except (OSError, TimeoutError):
            return

    def _require_open(self) -> None:
        if self._protocol.state is not State.OPEN:
            raise EOFError("the websocket is closed")

    async def _read_head(self) -> ResponseHead:
        received, total = b"", 0
        while True:
            head = split_head(received)
            if head is not None and not is_interim(head):
                return head
            if head is not None:  # "103 Early Hints" or the like: the answer follows
                received = head.rest
                continue
            if total > TOTAL_LIMIT_BYTES:
                raise too_large("upgrade_websocket", f"over {TOTAL_LIMIT_BYTES} bytes")
            data = await self._stream.reader.read(64 * 1024)
            if not data:
                head = head_at_end(received)
                if head is not None:
                    return head
                raise EOFError(f"hung up after {len(received)} bytes")
            received += data
            total += len(data)

    async def _next_message(self) -> bytes:
        while not self._messages:
            await self._receive()
        return self._messages.pop(0)

    async def _receive(self) -> None:
        data, self._early = self._early, b""
        data = data or await self._stream.reader.read(64 * 1024)
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
                self._pongs = [*self._pongs[1 - PONGS_KEPT :], bytes(frame.data)]
            case Opcode.CLOSE:
                raise _closed(frame)

    async def _send(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._stream.writer.write(data)
        await self._stream.writer.drain()


def _require_switch(head: ResponseHead) -> None:
    if head.status == SWITCHING_PROTOCOLS:
        return
    if head.status == 407:
        code = FailureCode.PROXY_AUTHENTICATION
    elif head.status >= 400 and head.status != UPGRADE_REQUIRED:
        code = FailureCode.HTTP_STATUS
    else:
        code = FailureCode.UPGRADE_REFUSED
    detail = f"HTTP {head.status} {printable(head.reason.strip(), 60)}".strip()
    raise CannotGather(Failure(code=code, operation="upgrade_websocket", detail=detail))


def split_offer(text: str) -> tuple[str, ...]:
    """ "sip, xmpp" as the names of the profile's setting."""
    return tuple(each.strip() for each in text.split(",") if each.strip())


def offer_of(targets: Targets) -> WebsocketOffer:
    """What the profile says of `targets.websocket`."""
    return WebsocketOffer(
        origin=targets.websocket_origin, subprotocols=split_offer(targets.websocket_protocol)
    )


def own_origin(address: WebAddress) -> str:
    """The origin of pages that the websocket's own server would serve on its usual port."""
    host = address.target.host
    place = f"[{host}]" if ":" in host else host
    return f"{'https' if address.secure else 'http'}://{place}"


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


def _closed(frame: Frame) -> CannotGather:
    """A close frame (RFC 6455, section 7.4.1), as "1013 (try again later)"."""
    told = printable(str(Close.parse(frame.data)), CLOSE_TEXT)
    return CannotGather(
        Failure(code=FailureCode.CLOSED_BY_PEER, operation="read_frame", detail=told)
    )


def _altered(sent: bytes, received: bytes) -> BadAnswer:
    return BadAnswer(f"sent {len(sent)} bytes, {len(received)} other bytes came back")


# As long as any other stage (trace.STAGE_TIMEOUT_S)
UPGRADE_TIMEOUT_S = 3.0
# Connection, handshake and upgrade, each of which may be silent for 3 s
BUDGET_S = 9.5

Exercise = Callable[[WebsocketClient, Budget], Awaitable[tuple[Attempt[Echoed], ...]]]


class WebsocketReachability(Struct, frozen=True, kw_only=True):
    """How far one address came; `upgrade` is None where the connection did not stand.

    Attributes:
        echoes: what was sent afterwards and came back; empty where the upgrade failed.
        segments: where large messages were lost and small ones not, whether the size of packets
            is why; None where that was not asked.
    """

    reach: Reachability
    upgrade: Attempt[Upgraded] | None = None
    echoes: tuple[Attempt[Echoed], ...] = ()
    segments: SegmentTrial | None = None

    @property
    def upgraded(self) -> bool:
        """Whether the server switched to the websocket."""
        return self.upgrade is not None and self.upgrade.ok

    def attempts(self) -> tuple[Attempt[object], ...]:
        """All of them, in the order of their stages."""
        upgrade = (self.upgrade,) if self.upgrade is not None else ()
        return (
            *self.reach.attempts(), *upgrade, *self.echoes, *trial_attempts(self.segments)
        )  # fmt: skip

    def failure(self) -> Failure | None:
        """What ended it; None where all of it came through."""
        if self.upgrade is None:
            return self.reach.failure
        failed = (each.failure for each in (self.upgrade, *self.echoes) if not each.ok)
        return next(failed, None)


async def reach_websocket(
    context: ProbeContext,
    endpoint: Endpoint,
    address: WebAddress,
    way: ConnectionPath,
    exercise: Exercise,
    offer: WebsocketOffer,
) -> WebsocketReachability:
    """Go as far as it goes to one address, exercise the websocket there, and hang up."""
    budget = Budget(BUDGET_S)
    async with budget.place(context.rate_limiter):
        return await _reach(context, endpoint, address, way, exercise, offer, budget)


async def _reach(
    context: ProbeContext,
    endpoint: Endpoint,
    address: WebAddress,
    way: ConnectionPath,
    exercise: Exercise,
    offer: WebsocketOffer,
    budget: Budget,
) -> WebsocketReachability:
    stream, reach = await open_stream(context, endpoint, way, budget)
    if stream is None:
        return WebsocketReachability(reach=reach)
    whole = False

    async def work() -> tuple[WebsocketClient, Upgraded]:
        talk = WebsocketClient(stream, address, offer)
        direct = way.proxy is None
        with stream.explaining_silence("upgrade_websocket") if direct else nullcontext():
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
