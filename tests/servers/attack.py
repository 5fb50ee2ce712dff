"""Hostile peers on loopback, each with an address of its own, and the desks they would disturb.

The whole of 127.0.0.0/8 is this computer's, so a thousand sources need no network of their own.
"""

import asyncio
import itertools
import os
import socket
import ssl
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

from natwizard.model.address import HostPort
from natwizard.probes.media.arrival import both_clocks_ns, prepare_arrivals, receive
from natwizard.wire import stamp, stun
from natwizard.wire.error import WireError

CALL_PERIOD_S = 0.02
CALL_BYTES = 172
ANSWER_WAIT_S = 1.0
EXCHANGE_WAIT_S = 10.0
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MASK = b"\1\2\3\4"


def hostile_addresses(count: int) -> tuple[str, ...]:
    """So many addresses of 127.64.0.0/10, which nothing else here uses."""
    return tuple(f"127.{64 + place // 62500}.{place // 250 % 250}.{1 + place % 250}"
                 for place in range(count))  # fmt: skip


@dataclass(kw_only=True)
class Crowd:
    """Connections that say nothing, little, or one big thing; opened again when they are dropped.

    Attributes:
        tls_ports, web_ports: of the reflector. The latter get unfinished requests, and idle
            websockets by `share_open`.
        new_per_turn: connections opened in each twentieth of a second, once all were open.
        held: open at this moment; `opened`: since the start.
    """

    host: str
    tls_ports: Sequence[int]
    web_ports: Sequence[int]
    addresses: Sequence[str]
    connections: int
    share_open: float = 0.2
    new_per_turn: int = 200
    held: int = 0
    opened: int = 0
    refused: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator["Crowd"]:
        thread = threading.Thread(target=self._run, name="hostile crowd", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join(30)

    def until_held(self, count: int, *, wait_s: float) -> None:
        end_s = time.monotonic() + wait_s
        while self.opened < count and time.monotonic() < end_s:
            time.sleep(0.05)
        assert self.opened >= count

    def _run(self) -> None:
        chance = Random(1)
        sources = itertools.cycle(self.addresses)
        opened: list[socket.socket] = []
        with ExitStack() as stack:
            stack.callback(lambda: [one.close() for one in opened])
            while not self._stop.is_set():
                alive = []
                for one in opened:
                    if self._is_alive(one, chance):
                        alive.append(one)
                    else:
                        one.close()
                opened[:] = alive
                missing = self.connections - len(opened)
                full_once = self.opened >= self.connections
                for _one in range(min(missing, self.new_per_turn) if full_once else missing):
                    with suppress(OSError):
                        opened.append(self._open(next(sources), chance))
                        self.opened += 1
                self.held = len(opened)
                self._stop.wait(0.05)

    def _open(self, source: str, chance: Random) -> socket.socket:
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            one.bind((source, 0))
            one.settimeout(2)
            kind = chance.random()
            port = chance.choice(self.web_ports if kind < 2 * self.share_open else self.tls_ports)
            one.connect((self.host, port))
            if kind < self.share_open:
                one.sendall(UPGRADE)
            elif kind < 2 * self.share_open:
                one.sendall(b"GET / HTTP/1.1\r\nA: ")
            elif kind < 0.5:
                one.sendall(b"\x16\x03\x01\x02\x00\x01")  # the first bytes of a ClientHello
            one.setblocking(False)
        except OSError:
            self.refused += 1
            one.close()
            raise
        return one

    def _is_alive(self, one: socket.socket, chance: Random) -> bool:
        """Read what came; now and then a byte more, so that nobody's silence ends."""
        try:
            if chance.random() < 0.02:
                one.send(b"x")
            return one.recv(4096) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False


@dataclass(slots=True)
class JunkCount:
    """Datagrams of junk so far, and the processor time that sending them took.

    Nothing that the receiver does holds the sender up: it sends without waiting, and what finds no
    room is lost. Fewer than were asked for are therefore the sender's computer's doing.
    """

    sent: int = 0
    processor_s: float = 0.0


@contextmanager
def junk_flood(
    host: str, ports: Sequence[int], addresses: Sequence[str], *, per_s: int
) -> Iterator[JunkCount]:
    """Datagrams that are nobody's protocol; yields their count, which grows."""
    stop, count = threading.Event(), JunkCount()
    chance = Random(2)
    junk = [chance.randbytes(chance.choice((1, 20, 100, 172, 1200))) for _one in range(256)]

    def send() -> None:
        with ExitStack() as stack:
            sockets = []
            for place, address in enumerate(addresses[:256]):
                one = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                one.bind((address, 0))
                one.connect((host, ports[place % len(ports)]))
                one.setblocking(False)
                sockets.append(one)
            start_s = time.monotonic()
            while not stop.is_set():
                due = int((time.monotonic() - start_s) * per_s)
                count.processor_s = time.thread_time()
                if count.sent >= due:
                    time.sleep(0.001)
                for _turn in range(min(256, due - count.sent)):
                    number = count.sent
                    with suppress(OSError):  # such as what the kernel's filter turned away
                        sockets[number % len(sockets)].send(junk[number % len(junk)])
                    count.sent += 1

    thread = threading.Thread(target=send, name="junk flood", daemon=True)
    thread.start()
    try:
        yield count
    finally:
        stop.set()
        thread.join(10)


@dataclass(kw_only=True)
class DeskFigures:
    """What one desk saw.

    Attributes:
        round_trips_ms: of its STAMP packets, without the time the reflector took.
        exchanges, failures: TLS websockets that it opened, used and closed again.
        cut: whether the websocket that it held without a word was closed on it.
    """

    sent: int = 0
    round_trips_ms: list[float] = field(default_factory=list)
    exchanges: int = 0
    failures: list[str] = field(default_factory=list)
    bindings: int = 0
    cut: bool = False

    @property
    def lost(self) -> int:
        return self.sent - len(self.round_trips_ms)

    @property
    def median_ms(self) -> float:
        return statistics.median(self.round_trips_ms)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One agent's computer, with an address of its own: a call's packets, websockets, STUN."""

    address: str
    media: HostPort
    stun: HostPort
    webphone: HostPort
    trust: ssl.SSLContext

    async def measure(self, *, packets: int, exchanges: int) -> DeskFigures:
        figures = DeskFigures()
        held = await self._websocket()
        try:
            figures.cut = not await _echoes(held, b"hello")
            async with asyncio.TaskGroup() as group:
                group.create_task(self._call(figures, packets))
                group.create_task(self._exchanges(figures, exchanges))
                group.create_task(self._bindings(figures, exchanges))
            figures.cut |= not await _echoes(held, b"still there")
        finally:
            held[1].transport.abort()
        return figures

    async def _call(self, figures: DeskFigures, packets: int) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            prepare_arrivals(datagrams)
            datagrams.setblocking(False)
            datagrams.bind((self.address, 0))
            datagrams.connect((self.media.host, self.media.port))
            sent_ns: dict[int, int] = {}

            def take_in() -> None:
                with suppress(BlockingIOError):
                    while True:
                        arrival = receive(datagrams)
                        try:
                            packet = stamp.decode_reflector(arrival.datagram)
                        except WireError:
                            continue
                        kept_ns = stamp.ntp_difference_ns(packet.sent, packet.received)
                        left_ns = sent_ns.pop(packet.sender_sequence, None)
                        if left_ns is not None:
                            whole_ns = arrival.arrived_ns - left_ns
                            figures.round_trips_ms.append((whole_ns - kept_ns) / 1e6)

            loop.add_reader(datagrams, take_in)
            try:
                start_s = loop.time()
                for sequence in range(packets):
                    await asyncio.sleep(start_s + sequence * CALL_PERIOD_S - loop.time())
                    unix_ns, now_ns = both_clocks_ns()
                    packet = stamp.SenderPacket(
                        sequence=sequence, sent=stamp.ntp_from_unix_ns(unix_ns), session=7
                    )
                    sent_ns[sequence] = now_ns
                    figures.sent += 1
                    datagrams.send(stamp.encode_sender(packet, size=CALL_BYTES))
                await asyncio.sleep(ANSWER_WAIT_S)
            finally:
                loop.remove_reader(datagrams)

    async def _exchanges(self, figures: DeskFigures, exchanges: int) -> None:
        for number in range(exchanges):
            try:
                async with asyncio.timeout(EXCHANGE_WAIT_S):
                    opened = await self._websocket()
                    try:
                        assert await _echoes(opened, b"hello %d" % number)
                    finally:
                        opened[1].transport.abort()
                figures.exchanges += 1
            except (OSError, EOFError, AssertionError) as error:
                figures.failures.append(repr(error))
            await asyncio.sleep(0.5)

    async def _bindings(self, figures: DeskFigures, bindings: int) -> None:
        loop = asyncio.get_running_loop()
        for _number in range(bindings):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                datagrams.setblocking(False)
                datagrams.bind((self.address, 0))
                datagrams.connect((self.stun.host, self.stun.port))
                for _try in range(3):
                    datagrams.send(stun.encode_request(os.urandom(12), size=80))
                    with suppress(TimeoutError):
                        async with asyncio.timeout(ANSWER_WAIT_S):
                            answer = stun.decode(await loop.sock_recv(datagrams, 2048))
                        assert isinstance(answer, stun.BindingSuccess)
                        figures.bindings += 1
                        break
            await asyncio.sleep(0.5)

    async def _websocket(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(
            self.webphone.host,
            self.webphone.port,
            ssl=self.trust,
            server_hostname=self.webphone.host,
            local_addr=(self.address, 0),
        )
        writer.write(UPGRADE)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        return reader, writer


async def _echoes(opened: tuple[asyncio.StreamReader, asyncio.StreamWriter], text: bytes) -> bool:
    """Send one text frame (RFC 6455, 5.2) and see whether it comes back."""
    reader, writer = opened
    masked = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(text))
    writer.write(bytes((0x81, 0x80 | len(text))) + MASK + masked)
    try:
        async with asyncio.timeout(EXCHANGE_WAIT_S):
            return await reader.readexactly(2 + len(text)) == bytes((0x81, len(text))) + text
    except (OSError, EOFError):
        return False


async def measure_all(desks: Sequence[Desk], *, packets: int, exchanges: int) -> list[DeskFigures]:
    """All desks side by side, a little apart."""
    async with asyncio.TaskGroup() as group:
        tasks = []
        for desk in desks:
            tasks.append(group.create_task(desk.measure(packets=packets, exchanges=exchanges)))
            await asyncio.sleep(CALL_PERIOD_S / len(desks))
    return [task.result() for task in tasks]
