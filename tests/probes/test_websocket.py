"""The websocket probe against real servers: two implementations, and hostile bytes."""

import asyncio
import base64
import hashlib
import re
import sys
import time
from collections.abc import Awaitable, Callable

import pytest
import websockets
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.reach_lab import (
    Handler,
    LabNetwork,
    answering,
    closed_port,
    dripping,
    hanging_up,
    huge_header,
    lab_context,
    make_authority,
    page,
    resetting,
    server_context,
    serving,
    silent,
)

from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.connection.handshake import start_plain
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.connection.websocket_client import (
    Echoed,
    WebsocketClient,
    WebsocketOffer,
    WebsocketReachability,
)
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint
from natwizard.probes.websocket import WebsocketAttempt, gather
from natwizard.reflector.background import BackgroundReflector

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3

TAKEN_IN_SILENCE = FailureCode.UNANSWERED if sys.platform == "linux" else FailureCode.TIMED_OUT
"""Linux tells that a server has acknowledged what it was sent."""


async def accept_upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The server's side of the handshake, written out: a peer of its own."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"(?i)sec-websocket-key: (\S+)", head)
    assert found is not None
    accept = base64.b64encode(hashlib.sha1(found[1] + GUID).digest())  # noqa: S324 - RFC 6455
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Server: lab\x9b31m\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    await writer.drain()


def after_upgrade(*frames: bytes, hang_up: bool = False) -> Handler:
    """Upgrades, sends these bytes, then only listens."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept_upgrade(reader, writer)
        for frame in frames:
            writer.write(frame)
        await writer.drain()
        if not hang_up:
            await silent(reader, writer)

    return handler


async def open_one(handler: Handler) -> WebsocketReachability:
    async with serving(handler) as port:
        context = lab_context(Targets(websocket=(f"ws://127.0.0.1:{port}/chat?room=1",)))
        (address,) = (await gather(context)).tries[0].addresses
        return address


def failure_of(attempt: Attempt[object] | None) -> Failure:
    assert attempt is not None
    assert attempt.failure is not None
    return attempt.failure


def test_every_websocket_of_the_reflector_echoes(reflector: BackgroundReflector) -> None:
    evidence = asyncio.run(gather(lab_context(reflector.targets())))
    assert {entry.secure for entry in evidence.tries} == {False, True}
    for entry in evidence.tries:
        (address,) = entry.addresses
        assert address.upgraded
        assert [echo.value for echo in address.echoes] == [
            Echoed(size_bytes=32, frames=1),
            Echoed(size_bytes=3_000, frames=3),
            Echoed(size_bytes=70_000, frames=1),
        ]


def test_a_server_of_the_websockets_library_echoes_over_tls() -> None:
    async def echo(connection: websockets.ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async def scene() -> WebsocketAttempt:
        authority = make_authority()
        tls = server_context(authority)
        async with websockets.serve(echo, "127.0.0.1", 0, ssl=tls, compression="deflate") as server:
            port = next(iter(server.sockets)).getsockname()[1]
            targets = Targets(websocket=(f"wss://127.0.0.1:{port}/",), extra_roots=(authority.pem,))
            return (await gather(lab_context(targets))).tries[0]

    entry = asyncio.run(scene())
    assert entry.secure
    assert [echo.ok for echo in entry.addresses[0].echoes] == [True, True, True]


def test_a_greeting_before_the_echo_does_not_count() -> None:
    async def echo(connection: websockets.ServerConnection) -> None:
        await connection.send("Hello, you reached the lab")
        async for message in connection:
            await connection.send(message)

    async def scene() -> WebsocketAttempt:
        async with websockets.serve(echo, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            targets = Targets(websocket=(f"ws://127.0.0.1:{port}/",))
            return (await gather(lab_context(targets))).tries[0]

    assert [echo.ok for echo in asyncio.run(scene()).addresses[0].echoes] == [True, True, True]


def tried_at(answer: Callable[[websockets.ServerConnection], Awaitable[None]]) -> WebsocketAttempt:
    """What the probe finds at a server that does this with each connection."""

    async def scene() -> WebsocketAttempt:
        async with websockets.serve(answer, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            targets = Targets(websocket=(f"ws://127.0.0.1:{port}/",))
            return (await gather(lab_context(targets))).tries[0]

    return asyncio.run(scene())


def test_an_echo_that_waits_in_a_buffer_is_told_from_one_that_is_lost() -> None:
    """The server answers once it has 20,000 bytes to answer with, as a buffering proxy does."""

    async def hold(connection: websockets.ServerConnection) -> None:
        held: list[str | bytes] = []
        async for message in connection:
            held.append(message)
            if sum(map(len, held)) >= 20_000:
                for each in held:
                    await connection.send(each)
                held.clear()

    (echo,) = tried_at(hold).addresses[0].echoes
    assert failure_of(echo).code is FailureCode.HELD_BACK
    assert "32 bytes came back after 70000 more" in failure_of(echo).detail


def test_compression_is_offered_as_browsers_do_and_used_where_it_is_taken() -> None:
    asked: list[str | None] = []

    async def echo(connection: websockets.ServerConnection) -> None:
        assert connection.request is not None
        asked.append(connection.request.headers.get("Sec-WebSocket-Extensions"))
        asked.extend(extension.name for extension in connection.protocol.extensions)
        async for message in connection:
            await connection.send(message)

    async def scene() -> WebsocketAttempt:
        async with websockets.serve(echo, "127.0.0.1", 0, compression="deflate") as server:
            port = next(iter(server.sockets)).getsockname()[1]
            targets = Targets(websocket=(f"ws://127.0.0.1:{port}/",))
            return (await gather(lab_context(targets))).tries[0]

    assert [echo.ok for echo in asyncio.run(scene()).addresses[0].echoes] == [True, True, True]
    assert asked == ["permessage-deflate; client_max_window_bits", "permessage-deflate"]


def test_an_echo_with_one_changed_byte_is_no_echo() -> None:
    async def spoil(connection: websockets.ServerConnection) -> None:
        async for message in connection:
            assert isinstance(message, bytes)
            await connection.send(message[:-1] + bytes([message[-1] ^ 1]))

    async def scene() -> WebsocketAttempt:
        async with websockets.serve(spoil, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            targets = Targets(websocket=(f"ws://127.0.0.1:{port}/",))
            return (await gather(lab_context(targets))).tries[0]

    (echo,) = asyncio.run(scene()).addresses[0].echoes
    assert failure_of(echo).code is FailureCode.BAD_ANSWER


@pytest.mark.parametrize(
    ("handler", "code", "detail"),
    [
        (answering(page(b"hello")), FailureCode.UPGRADE_REFUSED, "HTTP 200 OK"),
        (
            answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 9_000_000),
            FailureCode.UPGRADE_REFUSED,
            "HTTP 200 OK",
        ),
        (
            answering(page(b"", "426 Upgrade Required")),
            FailureCode.UPGRADE_REFUSED,
            "HTTP 426 Upgrade Required",
        ),
        (answering(page(b"", "403 Forbidden")), FailureCode.HTTP_STATUS, "HTTP 403 Forbidden"),
        (answering(page(b"", "502 Bad")), FailureCode.HTTP_STATUS, "HTTP 502 Bad"),
        (answering(page(b"", "407 Who")), FailureCode.PROXY_AUTHENTICATION, "HTTP 407 Who"),
        (
            answering(b"HTTP/1.1 101 Sure\r\nServer: x\r\n\r\n"),
            FailureCode.UPGRADE_REFUSED,
            "HTTP 101, missing Connection header",
        ),
        (answering(b"SSH-2.0-lab\r\n\r\n"), FailureCode.BAD_ANSWER, "not HTTP: SSH-2.0-lab"),
        (huge_header, FailureCode.TOO_LARGE, "headers without end"),
        (dripping, TAKEN_IN_SILENCE, ""),
        (silent, TAKEN_IN_SILENCE, ""),
        (hanging_up, FailureCode.CLOSED_EARLY, ""),
        (resetting, FailureCode.CONNECTION_RESET, ""),
    ],
    ids=[
        "200",
        "200-without-end",
        "426",
        "403",
        "502",
        "407",
        "stripped",
        "ssh",
        "huge",
        "dripping",
        "silent",
        "hang-up",
        "reset",
    ],
)
def test_an_upgrade_fails_in_different_ways(
    handler: Handler, code: FailureCode, detail: str
) -> None:
    started = time.perf_counter()
    address = asyncio.run(open_one(handler))
    failure = failure_of(address.upgrade)
    assert failure.code is code
    assert failure.detail.startswith(detail)
    assert failure.detail.isprintable()
    assert address.echoes == ()
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        # a binary frame that claims 2^63 - 1 bytes; one with the reserved top bit
        (after_upgrade(bytes.fromhex("82 7f 7fffffffffffffff")), FailureCode.TOO_LARGE),
        (after_upgrade(bytes.fromhex("82 7f 8000000000000000")), FailureCode.TOO_LARGE),
        (after_upgrade(bytes.fromhex("82 7e ffff") + b"a" * 100), TAKEN_IN_SILENCE),
        (after_upgrade(bytes.fromhex("f7 02 4142")), FailureCode.BAD_ANSWER),
        (after_upgrade(bytes.fromhex("c2 02 4142")), FailureCode.COMPRESSED),
        (after_upgrade(bytes.fromhex("88 02 03e9")), FailureCode.CLOSED_BY_PEER),
        (after_upgrade(bytes.fromhex("88 02 03f0")), FailureCode.CLOSED_BY_PEER),  # 1008
        (after_upgrade(bytes.fromhex("88 05 03f5 627965")), FailureCode.CLOSED_BY_PEER),  # 1013
        (after_upgrade(bytes.fromhex("88 00")), FailureCode.CLOSED_BY_PEER),
        (after_upgrade(hang_up=True), FailureCode.CLOSED_EARLY),
        (after_upgrade(), TAKEN_IN_SILENCE),
        (after_upgrade(b"\x82\x01a" * 50), FailureCode.BAD_ANSWER),
    ],
    ids=[
        "2^63-1",
        "2^63",
        "unfinished",
        "reserved",
        "packed",
        "close 1001",
        "close 1008",
        "close 1013",
        "close without a code",
        "hang-up",
        "silent",
        "chatter",
    ],
)
def test_an_echo_fails_in_different_ways(handler: Handler, code: FailureCode) -> None:
    address = asyncio.run(open_one(handler))
    assert address.upgrade is not None
    assert address.upgrade.value is not None
    assert address.upgrade.value.server == "lab\\x9b31m"
    assert failure_of(address.echoes[-1]).code is code


def test_a_closed_port_is_told_apart() -> None:
    context = lab_context(Targets(websocket=(f"wss://127.0.0.1:{closed_port()}/",)))
    (address,) = asyncio.run(gather(context)).tries[0].addresses
    assert failure_of(address.reach.connects[0]).code is FailureCode.CONNECTION_REFUSED
    assert address.upgrade is None


def test_an_untrusted_certificate_does_not_end_the_look() -> None:
    async def scene() -> WebsocketReachability:
        async with serving(answering(page(b"hello")), server_context(None)) as port:
            context = lab_context(Targets(websocket=(f"wss://127.0.0.1:{port}/",)))
            return (await gather(context)).tries[0].addresses[0]

    address = asyncio.run(scene())
    assert address.reach.certificate_failed
    assert failure_of(address.upgrade).code is FailureCode.UPGRADE_REFUSED


def test_every_entry_is_also_tried_through_the_proxy() -> None:
    async def scene() -> tuple[WebsocketAttempt, ...]:
        refusing = answering(page(b"", "403 Forbidden"))
        async with serving(silent) as port, serving(refusing) as proxy:
            network = LabNetwork(proxy=f"http://127.0.0.1:{proxy}")
            targets = Targets(websocket=(f"ws://127.0.0.1:{port}/", f"wss://127.0.0.1:{port}/"))
            return (await gather(lab_context(targets, network))).tries

    tries = asyncio.run(scene())
    assert [bool(entry.proxy) for entry in tries] == [False, True, False, True]
    for entry in (tries[1], tries[3]):
        failure = failure_of(entry.addresses[0].reach.tunnel)
        assert failure.code is FailureCode.HTTP_STATUS
        assert failure.detail == "HTTP 403"


@pytest.mark.parametrize("url", ["http://a/", "wss://", "ws://a:70000/", "wss://a\x00b/"])
def test_an_address_that_is_no_websocket_names_its_setting(url: str) -> None:
    with pytest.raises(CannotGather) as missed:
        asyncio.run(gather(lab_context(Targets(websocket=(url,)))))
    assert missed.value.failure.code is FailureCode.BAD_ANSWER
    assert "targets.websocket" in missed.value.failure.detail


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_junk_after_the_upgrade_never_breaks_the_client(junk: bytes) -> None:
    async def scene() -> None:
        async with serving(after_upgrade(junk, hang_up=True)) as port:
            network = LabNetwork()
            address = WebAddress.parse(f"ws://127.0.0.1:{port}/")
            (endpoint,) = await network.resolve(address.target, timeout_s=1)
            assert isinstance(endpoint, Endpoint)
            stream = await start_plain(await network.connect_tcp(endpoint, timeout_s=1))
            try:
                talk = WebsocketClient(stream, address, WebsocketOffer())
                await talk.upgrade(timeout_s=1)
                with pytest.raises((EOFError, OSError, ValueError, CannotGather)):
                    await talk.echo(b"natwizard", frames=1, timeout_s=1)
            finally:
                stream.close()

    asyncio.run(scene())


def test_a_server_that_answers_pings_alone_was_reached_by_every_message() -> None:
    """TCP keeps the order, so that a pong to a later ping shows that the message arrived."""

    async def mute(connection: websockets.ServerConnection) -> None:
        async for _message in connection:
            pass

    (echo,) = tried_at(mute).addresses[0].echoes
    assert failure_of(echo).code is FailureCode.UNANSWERED


@pytest.mark.parametrize("heads", [1, 3])
def test_heads_before_the_answer_are_passed_over(heads: int) -> None:
    """ "103 Early Hints" (RFC 8297) may come before any answer."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * heads)
        await accept_upgrade(reader, writer)
        await silent(reader, writer)

    assert asyncio.run(open_one(handler)).upgraded


def test_heads_without_end_are_no_answer() -> None:
    endless = b"HTTP/1.1 103 Early Hints\r\n\r\n" * 12_000
    failure = failure_of(asyncio.run(open_one(answering(endless))).upgrade)
    assert failure.code in {FailureCode.TOO_LARGE, FailureCode.CLOSED_EARLY}
