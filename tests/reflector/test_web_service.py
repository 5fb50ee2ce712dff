"""Websockets and web pages of the reflector, asked by other people's clients."""

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import websocket
from servers.attack import UPGRADE

from natwizard.model.address import HostPort
from natwizard.model.profile import Targets
from natwizard.reflector import server
from natwizard.reflector import websocket as module
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.limits import MessageLimit
from natwizard.reflector.server import CONNECTIONS_PER_SOURCE
from natwizard.reflector.websocket import (
    CHUNK_BYTES,
    FRAME_BURST,
    FRAMES_PER_S,
    LARGEST_MESSAGE_BYTES,
    OPEN_S,
    PHRASE,
    REQUEST_CHUNK_BYTES,
)

TIMEOUT_S = 5.0


@pytest.fixture
def trust(demo_targets: Targets) -> ssl.SSLContext:
    return ssl.create_default_context(cadata="\n".join(demo_targets.extra_roots))


@contextlib.contextmanager
def connected(url: str, trust: ssl.SSLContext | None = None) -> Iterator[websocket.WebSocket]:
    options = {"context": trust} if trust else None
    opened = websocket.create_connection(url, timeout=TIMEOUT_S, sslopt=options)
    try:
        yield opened
    finally:
        opened.close()
        opened.shutdown()  # close() leaves the socket to itself once a send has failed


@contextlib.contextmanager
def raw(place: HostPort) -> Iterator[socket.socket]:
    with socket.create_connection((place.host, place.port), timeout=TIMEOUT_S) as opened:
        yield opened


def rest_of(opened: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := opened.recv(4096):
            received += chunk
    return received


@pytest.mark.parametrize("message", ["hello", "", "x" * LARGEST_MESSAGE_BYTES])
def test_every_websocket_echoes(demo_targets: Targets, trust: ssl.SSLContext, message: str) -> None:
    for url in demo_targets.websocket:
        with connected(url, trust if url.startswith("wss") else None) as opened:
            opened.send(message)
            assert opened.recv() == message
            opened.send_binary(b"\x00\xff")
            assert opened.recv() == b"\x00\xff"


def test_the_webphone_and_its_control_are_secure_websockets(
    demo_targets: Targets, trust: ssl.SSLContext
) -> None:
    for place in (demo_targets.webphone, demo_targets.webphone_control):
        with connected(f"wss://{place}{demo_targets.webphone_path}", trust) as opened:
            opened.send("hello")
            assert opened.recv() == "hello"


def test_a_ping_is_answered_and_none_is_sent(demo_targets: Targets) -> None:
    with connected(demo_targets.websocket[0]) as opened:
        opened.ping(b"still there")
        opcode, payload = opened.recv_data(control_frame=True)
        assert (opcode, payload) == (websocket.ABNF.OPCODE_PONG, b"still there")


def test_pings_keep_a_connection_and_silence_ends_it(
    demo_targets: Targets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch holds a websocket for hours and says nothing but pings."""
    monkeypatch.setattr(module, "LONGEST_SILENCE_S", 3.0)
    with connected(demo_targets.websocket[0]) as held, connected(demo_targets.websocket[0]) as idle:
        while not select.select([idle.sock], [], [], 0.3)[0]:
            held.ping("still here")
            assert held.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PONG
        assert idle.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_CLOSE
        held.ping("and after that")
        assert held.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PONG


def test_a_message_over_the_limit_closes_with_1009(demo_targets: Targets) -> None:
    with connected(demo_targets.websocket[0]) as opened:
        with contextlib.suppress(ConnectionError):
            opened.send("x" * (LARGEST_MESSAGE_BYTES + 1))
        opcode, payload = opened.recv_data(control_frame=True)
        assert opcode == websocket.ABNF.OPCODE_CLOSE
        assert int.from_bytes(payload[:2], "big") == 1009


def test_a_browser_is_told_what_this_is(demo_targets: Targets, trust: ssl.SSLContext) -> None:
    with httpx.Client(verify=trust, trust_env=False) as client:
        for url in (demo_targets.http, demo_targets.https, f"https://{demo_targets.webphone}/"):
            answer = client.get(url)
            assert answer.status_code == 200
            assert PHRASE in answer.text
            head = client.head(url)
            assert (head.status_code, head.text) == (200, "")
            assert client.delete(url).status_code == 405


def test_tls_below_1_2_is_refused(demo_targets: Targets) -> None:
    host, port = demo_targets.tls_floor.split(":")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with raw(HostPort(host, int(port))) as opened, pytest.raises(ssl.SSLError):
        old.wrap_socket(opened)


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n",
        b"GET /" + b"x" * 100_000,
        b"GET / HTTP/1.1\r\nA: " + b"x" * 100_000,
        b"\x00" * 1000,
        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
    ],
)
def test_junk_is_hung_up_on(reflector: BackgroundReflector, junk: bytes) -> None:
    with raw(reflector.places.http[0]) as opened:
        with contextlib.suppress(ConnectionError):
            opened.sendall(junk)
            opened.shutdown(socket.SHUT_WR)
        assert b"101 Switching" not in rest_of(opened)


def test_a_slow_request_is_cut_off(reflector: BackgroundReflector) -> None:
    started_s = time.monotonic()
    with raw(reflector.places.http[0]) as opened:
        opened.settimeout(0.2)
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - started_s < OPEN_S + 3:
                opened.sendall(b"G")
                with contextlib.suppress(TimeoutError):
                    if not opened.recv(1):
                        break
    assert time.monotonic() - started_s < OPEN_S + 2


def test_one_source_has_only_so_many_connections() -> None:
    with BackgroundReflector() as own, contextlib.ExitStack() as stack:
        place = own.places.http[0]
        held = [stack.enter_context(raw(place)) for _ in range(CONNECTIONS_PER_SOURCE)]
        with raw(place) as opened:
            assert rest_of(opened) == b""
        assert own.stats().connections_refused == 1
        held.pop().close()
        deadline_s = time.monotonic() + TIMEOUT_S
        status = 0
        while status != 200 and time.monotonic() < deadline_s:
            with contextlib.suppress(httpx.TransportError):
                status = httpx.get(f"http://{place}/", trust_env=False).status_code
        assert status == 200


def test_a_peer_that_never_pauses_keeps_nobody_waiting() -> None:
    """Its socket is always readable, so that nothing would ever be waited for."""
    own = BackgroundReflector()  # it uses up what this computer may send for a while
    own.start()
    place = own.places.http[0]
    pongs = b"\x8a\x80\0\0\0\0" * 50_000  # unasked pongs are answered by nothing (RFC 6455, 5.5.3)
    stop = threading.Event()

    def babble() -> None:
        with raw(place) as opened:
            opened.sendall(UPGRADE)
            opened.recv(4096)
            opened.settimeout(0.1)
            rest = pongs
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):  # it is read from more slowly by and by
                    rest = rest[opened.send(rest) :] or pongs

    babblers = [threading.Thread(target=babble) for _ in range(2)]
    for babbler in babblers:
        babbler.start()
    try:
        for _time in range(5):
            answer = httpx.get(f"http://{place}/", trust_env=False, timeout=30)
            assert answer.status_code == 200
    finally:
        stop.set()
        for babbler in babblers:
            babbler.join()
        own.close()


@pytest.mark.parametrize(
    "frame",
    [b"\x82\x80\0\0\0\0", b"\x89\x80\0\0\0\0", b"\x8a\x80\0\0\0\0"],
    ids=["empty", "ping", "unasked pong"],
)
def test_one_source_cannot_keep_us_busy_with_frames(
    frame: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six bytes of a stranger cost as much of us as a message: without an end nobody else would
    have a turn. What a source sends beyond its share stays in its own system's buffers.
    """
    read = 0

    class Counted(MessageLimit):
        def charge(self, source: str, messages: float) -> None:
            nonlocal read
            read += round(messages) * (source == "127.0.0.2")
            super().charge(source, messages)

    own = BackgroundReflector()
    monkeypatch.setattr(server, "MessageLimit", Counted)
    own.start()
    place = own.places.http[0]
    began_s = time.monotonic()
    try:
        with contextlib.ExitStack() as stack:
            babblers = []
            for _each in range(8):
                opened = socket.create_connection(
                    (place.host, place.port), TIMEOUT_S, ("127.0.0.2", 0)
                )
                stack.enter_context(opened)
                opened.sendall(UPGRADE)
                assert opened.recv(4096).startswith(b"HTTP/1.1 101")
                opened.setblocking(False)
                babblers.append(opened)
            rounds = 0
            while rounds < 20 or (read < FRAME_BURST and time.monotonic() < began_s + 60):
                rounds += 1
                for opened in babblers:
                    with contextlib.suppress(OSError):
                        opened.send(frame * 10_000)
                time.sleep(0.01)
            # a desk beside it is served, by the same service
            with connected(f"ws://{place}") as desk:
                desk.send("hello")
                assert desk.recv() == "hello"
    finally:
        own.close()
    most = FRAME_BURST + FRAMES_PER_S * (time.monotonic() - began_s)
    # a request each, and what one chunk and those behind requests hold
    assert read <= most + (CHUNK_BYTES + 8 * REQUEST_CHUNK_BYTES) / len(frame) + 8
    assert read >= FRAME_BURST


@pytest.mark.parametrize("offered", [["sip"], ["sip", "other"], []])
def test_a_subprotocol_that_is_offered_is_taken(demo_targets: Targets, offered: list[str]) -> None:
    """A browser hangs up on a server that takes none of those it offers (RFC 7118: sip)."""
    url = demo_targets.websocket[0]
    opened = websocket.create_connection(url, timeout=TIMEOUT_S, subprotocols=offered)
    assert opened.getsubprotocol() == (offered[0] if offered else None)
    opened.close()


def test_a_message_in_parts_comes_back_in_parts(demo_targets: Targets) -> None:
    with connected(demo_targets.websocket[0]) as opened:
        for opcode, text, last in ((1, "a", 0), (0, "b", 0), (0, "c", 1)):
            opened.send_frame(websocket.ABNF.create_frame(text, opcode, last))
        assert opened.recv() == "abc"


def test_closing_hangs_up_on_everyone_at_once() -> None:
    own = BackgroundReflector()
    own.start()
    places = own.places
    with contextlib.ExitStack() as stack:
        for _number in range(5):
            stack.enter_context(raw(places.http[0])).sendall(b"GET")
            stack.enter_context(raw(places.sip_tls))
            stack.enter_context(raw(places.sip[0])).sendall(b"OPTIONS")
            stack.enter_context(raw(places.dns[0])).sendall(b"\x00")
        opened = websocket.create_connection(f"ws://{places.http[0]}/", timeout=TIMEOUT_S)
        stack.callback(opened.shutdown)
        silent = websocket.create_connection(f"ws://{places.http[0]}/", timeout=TIMEOUT_S)
        stack.callback(silent.shutdown)
        started_s = time.monotonic()
        own.close()
        assert time.monotonic() - started_s < TIMEOUT_S
        assert not own.running
        opcode, payload = opened.recv_data(control_frame=True)
        assert opcode == websocket.ABNF.OPCODE_CLOSE
        assert int.from_bytes(payload[:2], "big") == 1001
