"""The UDP reflector as its clients see it, on loopback."""

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable

import pytest
from computers.platforms import posix_only

from natwizard.model.address import HostPort
from natwizard.reflector import flood_filter, stamp_sessions
from natwizard.reflector.udp import ReflectorLimits, UdpReflector
from natwizard.wire import stamp, stun

TRANSACTION = bytes(range(12))
LOOPBACK = ("127.0.0.1", "::1")


def test_a_binding_request_is_answered_with_the_clients_address() -> None:
    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        answer = stun.decode(await ask(client, stun.encode_request(TRANSACTION)))
        assert answer == stun.BindingSuccess(
            transaction_id=TRANSACTION, mapped=HostPort(*client.getsockname()[:2])
        )
        assert reflector.counters().stun_answered == 1

    for address in LOOPBACK:
        run(scene, address=address)


def test_a_stamp_packet_comes_back_in_its_size_with_numbers_of_its_session() -> None:
    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        for session, sequence, expected in ((7, 0, 0), (7, 5, 1), (9, 6, 0), (7, 7, 2)):
            request = stamp.encode_sender(
                stamp.SenderPacket(sequence=sequence, sent=12345, session=session), size=172
            )
            answer = await ask(client, request)
            assert len(answer) == 172
            assert answer[44:] == request[44:]
            packet = stamp.decode_reflector(answer)
            assert packet.sequence == expected
            assert (packet.sender_sequence, packet.sender_sent) == (sequence, 12345)
            assert packet.session == session
            assert 0 <= stamp.ntp_difference_ns(packet.sent, packet.received) < 10**9
            now = stamp.ntp_from_unix_ns(time.time_ns())
            assert abs(stamp.ntp_difference_ns(now, packet.received)) < 10**9
        assert reflector.counters().stamp_answered == 4

    for address in LOOPBACK:
        run(scene, address=address)


@pytest.mark.parametrize("junk", [b"", b"\x00", b"GET / HTTP/1.1", bytes(43), bytes(1473)])
def test_what_it_does_not_understand_gets_no_answer(junk: bytes) -> None:
    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        client.send(junk)
        # the answer that comes belongs to the good packet after the junk
        good = stamp.encode_sender(stamp.SenderPacket(sequence=42, sent=1), size=44)
        assert stamp.decode_reflector(await ask(client, good)).sender_sequence == 42
        assert reflector.counters().not_understood == 1

    run(scene)


def test_answers_of_stun_servers_are_not_answered() -> None:
    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        client.send(stun.encode_success(TRANSACTION, HostPort("192.0.2.1", 5), size_limit=0))
        await ask(client, stun.encode_request(TRANSACTION))
        assert reflector.counters().not_understood == 1

    run(scene)


def test_a_change_request_is_refused_as_unknown() -> None:
    async def scene(_reflector: UdpReflector, client: socket.socket) -> None:
        request = bytearray(stun.encode_request(TRANSACTION)) + bytes.fromhex("0003000400000006")
        request[3] = 8
        answer = stun.decode(await ask(client, bytes(request)))
        assert isinstance(answer, stun.BindingError)
        assert answer.code == 420

    run(scene)


def test_text_goes_to_the_handler_and_long_answers_are_dropped() -> None:
    asked: list[tuple[bytes, tuple[str, int]]] = []

    def handler(text: bytes, source: tuple[str, int]) -> bytes | None:
        asked.append((text, source))
        return {b"short": b"fine", b"long": b"longer"}.get(text)

    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        for text in (b"long", b"unknown", b"short"):
            client.send(text)
        assert await next_answer(client) == b"fine"
        assert [text for text, _source in asked] == [b"long", b"unknown", b"short"]
        assert asked[0][1] == client.getsockname()[:2]
        counters = reflector.counters()
        assert (counters.text_answered, counters.answer_too_long) == (1, 1)

    run(scene, text_handler=handler)


def test_a_source_that_asks_too_much_is_held_to_its_rate() -> None:
    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        for sequence in range(30):
            packet = stamp.SenderPacket(sequence=sequence, sent=1)
            client.send(stamp.encode_sender(packet, size=44))
        await until(lambda: handled(reflector) == 30)
        assert 10 <= reflector.counters().stamp_answered <= 15
        assert reflector.counters().over_rate >= 15

    run(scene, limits=ReflectorLimits(packets_per_s=1, packets_burst=10))


def test_bare_stun_requests_are_held_to_a_lower_rate_than_padded_ones() -> None:
    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        # the answer has 32 bytes: a request of as many is no shorter than it
        for size, sent, answered in ((20, 30, 5), (48, 60, 5 + 30), (32, 90, 5 + 60)):
            for _request in range(30):
                client.send(stun.encode_request(TRANSACTION, size=size))
            await until(lambda wanted=sent: handled(reflector) == wanted)
            assert answered <= reflector.counters().stun_answered <= answered + 2

    run(scene, limits=ReflectorLimits(longer_per_s=1, longer_burst=5))


def test_memory_for_sessions_is_bounded() -> None:
    async def scene(_reflector: UdpReflector, client: socket.socket) -> None:
        numbers = []
        for session in (1, 2, 3, 3, 1):
            packet = stamp.SenderPacket(sequence=0, sent=1, session=session)
            answer = await ask(client, stamp.encode_sender(packet, size=44))
            numbers.append(stamp.decode_reflector(answer).sequence)
        assert numbers == [0, 0, 0, 1, 0]

    run(scene, limits=ReflectorLimits(sessions=2))


@pytest.mark.parametrize("session", [0, 7])
def test_a_sender_that_begins_anew_on_its_port_is_counted_anew(session: int) -> None:
    """Else it reads -100 % lost on the way out and 100 % on the way back."""

    async def scene(_reflector: UdpReflector, client: socket.socket) -> None:
        clock = 0
        for _run in range(3):
            for sequence in range(20):
                clock += 1
                assert await number(client, sequence, clock, session) == sequence

    run(scene)


def test_an_overtaken_packet_begins_nothing() -> None:
    async def scene(_reflector: UdpReflector, client: socket.socket) -> None:
        order = [*range(20), 22, 21, 20, 23, 0]  # the last is an old one that came twice
        numbers = [await number(client, sequence, 1000 + sequence, 0) for sequence in order]
        assert numbers == list(range(25))

    run(scene)


def test_a_session_that_is_named_goes_on_after_its_greeting() -> None:
    """Our sender greets with some packets, begins its stream at 0, and goes on with the count."""

    async def scene(_reflector: UdpReflector, client: socket.socket) -> None:
        for at, sequence in enumerate((0, 1, 2, 0, 1, 2, 3)):
            assert await number(client, sequence, at, 0xBEEF) == at

    run(scene)


def test_numbers_may_wrap() -> None:
    async def scene(_reflector: UdpReflector, client: socket.socket) -> None:
        last = stamp.SEQUENCE_MODULUS - 1
        for at, sequence in enumerate((last - 1, last, 0, 1)):
            assert await number(client, sequence, at, 0) == at

    run(scene)


def test_silence_ends_a_session_whose_numbers_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a sender without a clock, or with a name that it keeps."""
    monkeypatch.setattr(stamp_sessions, "SESSION_SILENCE_S", 0.05)

    async def scene(_reflector: UdpReflector, client: socket.socket) -> None:
        for session in (0, 9):
            assert [await number(client, at, 5, session) for at in (0, 1)] == [0, 1]
            await asyncio.sleep(0.1)
            assert [await number(client, at, 5, session) for at in (2, 3)] == [2, 3]
            await asyncio.sleep(0.1)
            assert await number(client, 0, 5, session) == 0

    run(scene)


def test_padding_of_a_twamp_sender_makes_no_sessions() -> None:
    async def scene(_reflector: UdpReflector, client: socket.socket) -> None:
        sent = stamp.ntp_from_unix_ns(time.time_ns())
        for at in range(5):
            head = at.to_bytes(4, "big") + sent.to_bytes(8, "big") + b"\x81\x05"
            answer = await ask(client, head + bytes((at, at)) + b"\xa5" * 50)
            assert stamp.decode_reflector(answer).sequence == at
            assert stamp.decode_reflector(answer).session == 0

    run(scene)


async def number(client: socket.socket, sequence: int, sent: int, session: int) -> int:
    packet = stamp.SenderPacket(sequence=sequence, sent=sent << 24, session=session)
    return stamp.decode_reflector(await ask(client, stamp.encode_sender(packet, size=44))).sequence


@pytest.mark.parametrize(
    "datagram",
    [
        bytes.fromhex("010100082112a442") + TRANSACTION + bytes.fromhex("0020000400030000"),
        bytes.fromhex("000100082112a442") + TRANSACTION + bytes.fromhex("0020000400030000"),
        bytes.fromhex("011100082112a442") + TRANSACTION + bytes.fromhex("8022000400030000"),
    ],
)
def test_one_datagram_with_a_strange_address_ends_nothing(datagram: bytes) -> None:
    """28 bytes that anybody could forge once ended the service, and nobody noticed."""

    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        for _time in range(3):
            client.send(datagram)
        assert isinstance(
            stun.decode(await ask(client, stun.encode_request(b"different id"))),
            stun.BindingSuccess | stun.BindingError,
        )
        assert reflector.counters().faults == 0
        assert reflector.illness() == ""

    run(scene)


@pytest.mark.parametrize("error", [ValueError, KeyError, RecursionError, MemoryError, OSError])
def test_no_error_on_one_datagram_ends_the_service(
    error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever defect there may be: it is counted, and told once a minute, not once a packet."""

    def handler(text: bytes, _source: tuple[str, int]) -> bytes | None:
        raise error(text)

    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        for _time in range(50):
            client.send(b"a line of text")
        good = stamp.encode_sender(stamp.SenderPacket(sequence=42, sent=1), size=44)
        assert stamp.decode_reflector(await ask(client, good)).sender_sequence == 42
        assert reflector.counters().faults == 50
        assert reflector.illness() == ""

    run(scene, text_handler=handler)
    assert len([record for record in caplog.records if "a fault in" in record.message]) == 1


@posix_only("a socket is no file there")
def test_a_lost_socket_is_an_illness_and_not_silence(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        await ask(client, stun.encode_request(TRANSACTION))
        assert reflector.illness() == ""
        port = reflector._ports[0].datagrams
        # closed behind its back, with a pipe that has something to read in its place
        reading, writing = os.pipe()
        os.write(writing, b"x")
        os.dup2(reading, port.fileno())
        client.close()
        await until(lambda: reflector.illness() != "")
        assert "a UDP port is lost" in reflector.illness()
        os.close(reading)
        os.close(writing)

    run(scene)
    assert "no longer served" in caplog.text


def test_a_thread_that_hangs_is_an_illness() -> None:
    hung = threading.Event()

    def handler(_text: bytes, _source: tuple[str, int]) -> bytes | None:
        hung.wait(60)
        return None

    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        client.send(b"a line of text")
        await until(lambda: reflector.counters().received == 1)

        def look() -> bool:
            reflector.look()
            return reflector.illness() != ""

        await until(look)
        assert "not been served" in reflector.illness()
        hung.set()
        await until(lambda: not look())

    run(scene, text_handler=handler)


def test_a_computer_that_stood_still_has_not_made_the_reflector_ill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A laptop slept, or a busy host gave its guest no time: hours between two looks."""

    async def scene(reflector: UdpReflector, _client: socket.socket) -> None:
        reflector.look()
        hours_s = time.monotonic() + 10_000
        monkeypatch.setattr(time, "monotonic", lambda: hours_s)
        for _look in range(3):  # the thread may wake last
            reflector.look()
        assert reflector.illness() == ""

    run(scene)


@pytest.mark.skipif(sys.platform != "linux", reason="socket filters are Linux's")
def test_a_flood_of_junk_is_left_to_the_kernel_and_its_end_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flood_filter, "FLOOD_WINDOW_S", 60.0)
    monkeypatch.setattr(flood_filter, "FLOOD_LOOK_S", 0.3)

    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        junk = b"\xff" * 100
        sent = 0
        while not reflector.counters().filtering:
            assert sent < 10_000
            for _turn in range(50):
                client.send(junk)
            sent += 50
            await asyncio.sleep(0)
        good = stamp.encode_sender(stamp.SenderPacket(sequence=42, sent=1), size=44)
        assert stamp.decode_reflector(await ask(client, good)).sender_sequence == 42
        for _turn in range(100):
            client.send(junk)
        await ask(client, good)
        counters = reflector.counters()
        assert counters.floods == 1
        assert counters.unread >= 100
        assert counters.not_understood + counters.unread == sent + 100
        await until(lambda: not reflector.counters().filtering)
        client.send(junk)
        await ask(client, good)
        assert reflector.counters().not_understood == counters.not_understood + 1

    run(scene)


def test_text_of_all_sources_together_has_its_share() -> None:
    """It takes longest to read, and sources can be forged."""

    async def scene(reflector: UdpReflector, client: socket.socket) -> None:
        for _time in range(20):
            client.send(b"a line of text")
        await until(lambda: reflector.counters().received == 20 and total(reflector) == 20)
        counters = reflector.counters()
        assert 5 <= counters.text_answered <= 6

    def total(reflector: UdpReflector) -> int:
        counters = reflector.counters()
        return counters.text_answered + counters.over_rate

    limits = ReflectorLimits(texts_per_s=0.001, texts_burst=5)
    run(scene, limits=limits, text_handler=lambda _text, _source: b"fine")


def test_another_address_is_named_only_if_it_is_served() -> None:
    async def scene() -> None:
        reflector = UdpReflector()
        first, second = await reflector.start("127.0.0.1", (0, 0), other_address="127.0.0.2")
        try:
            seen = {}
            for server in (HostPort("127.0.0.1", first), HostPort("127.0.0.2", second)):
                with connected(server) as client:
                    answer = await ask(client, stun.encode_request(TRANSACTION, size=80))
                    message = stun.decode(answer)
                    assert isinstance(message, stun.BindingSuccess)
                    assert message.origin == server
                    seen[server] = message.other
            assert seen == {
                HostPort("127.0.0.1", first): HostPort("127.0.0.2", second),
                HostPort("127.0.0.2", second): HostPort("127.0.0.1", first),
            }
        finally:
            await reflector.close()

    asyncio.run(scene())


@pytest.mark.parametrize("changes", [2, 4, 6])
def test_a_server_with_two_addresses_answers_from_where_it_is_asked_to(changes: int) -> None:
    async def scene() -> None:
        reflector = UdpReflector()
        ports = await reflector.start("127.0.0.1", (0, 0), other_address="127.0.0.2")
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.setblocking(False)
                client.bind(("127.0.0.1", 0))
                request = stun.encode_request(TRANSACTION, size=88, changes=changes)
                client.sendto(request, ("127.0.0.1", ports[0]))
                async with asyncio.timeout(5):
                    loop = asyncio.get_running_loop()
                    answer, source = await loop.sock_recvfrom(client, 2048)
                message = stun.decode(answer)
                assert isinstance(message, stun.BindingSuccess)
                assert len(answer) <= len(request)
                assert source == (
                    "127.0.0.2" if changes & stun.CHANGE_ADDRESS else "127.0.0.1",
                    ports[1] if changes & stun.CHANGE_PORT else ports[0],
                )
                assert message.origin == HostPort(*source)
        finally:
            await reflector.close()

    asyncio.run(scene())


def test_it_closes_at_once_and_frees_its_ports() -> None:
    async def scene() -> None:
        reflector = UdpReflector()
        (port,) = await reflector.start("127.0.0.1", (0,))
        started = time.perf_counter()
        await reflector.close()
        assert time.perf_counter() - started < 10
        again = UdpReflector()
        assert await again.start("127.0.0.1", (port,)) == (port,)
        await again.close()

    asyncio.run(scene())


def test_a_port_in_use_is_an_error_and_leaves_nothing_open() -> None:
    async def scene() -> None:
        reflector, second = UdpReflector(), UdpReflector()
        (port,) = await reflector.start("127.0.0.1", (0,))
        with pytest.raises(OSError, match=r"in use|10048"):
            await second.start("127.0.0.1", (0, port))
        await second.close()
        await reflector.close()

    asyncio.run(scene())


Scene = Callable[[UdpReflector, socket.socket], Awaitable[None]]


def run(
    scene: Scene,
    *,
    address: str = "127.0.0.1",
    limits: ReflectorLimits | None = None,
    text_handler: Callable[[bytes, tuple[str, int]], bytes | None] | None = None,
) -> None:
    """Play a scene with a reflector and one client."""

    async def play() -> None:
        reflector = UdpReflector(limits=limits or ReflectorLimits(), text_handler=text_handler)
        (port,) = await reflector.start(address, (0,))
        try:
            with connected(HostPort(address, port)) as client:
                await scene(reflector, client)
        finally:
            await reflector.close()

    asyncio.run(play())


def connected(server: HostPort) -> socket.socket:
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    client = socket.socket(family, socket.SOCK_DGRAM)
    client.setblocking(False)
    client.connect((server.host, server.port))
    return client


async def ask(client: socket.socket, request: bytes) -> bytes:
    client.send(request)
    return await next_answer(client)


async def next_answer(client: socket.socket) -> bytes:
    async with asyncio.timeout(5):
        return await asyncio.get_running_loop().sock_recv(client, 4096)


def handled(reflector: UdpReflector) -> int:
    counters = reflector.counters()
    return counters.stamp_answered + counters.stun_answered + counters.over_rate


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110 - counters of a thread have no event
            await asyncio.sleep(0.01)
