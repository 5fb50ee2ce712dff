"""Finds the address of a STAMP reflector that answers, and greets it."""

import asyncio
import secrets
import socket
import time
from dataclasses import dataclass

from msgspec import Struct

from natwizard.model.address import parse_host_port
from natwizard.model.outcome import Attempt
from natwizard.probes.arrival import both_clocks_ns, prepare_arrivals
from natwizard.probes.base import ProbeContext
from natwizard.probes.network import Endpoint
from natwizard.probes.reach import Looked, look_up, spread
from natwizard.wire import stamp
from natwizard.wire.error import WireError

DEFAULT_PORT = 862
PAYLOAD_BYTES = 172
"""UDP payload of G.711 with 20 ms a packet: 160 bytes of voice, 12 of RTP."""

GREETINGS = 5
GREETING_WAIT_S = 0.5


class Greeting(Struct, frozen=True, kw_only=True):
    """The first packets to a reflector. They also tell a reflector that counts (RFC 8762,
    stateful) from one that copies our numbers: the media starts again from 0.

    Attributes:
        sent: greetings until one came back; `answered`: number of the one that did, from 0.
        reflector_sequence: the reflector's own number of that answer.
    """

    sent: int
    answered: int
    reflector_sequence: int


class PathTried(Struct, frozen=True, kw_only=True):
    """The addresses of the media target, and what came of greeting them."""

    target: str
    lookup: Looked
    greetings: tuple[Attempt[Greeting], ...] = ()

    def attempts(self) -> tuple[Attempt[object], ...]:
        """All of them, in order."""
        return (self.lookup, *self.greetings)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPath:
    """A socket connected to a reflector that answers; whoever gets it closes it."""

    datagrams: socket.socket
    endpoint: Endpoint
    session: int
    greeting: Greeting


def unix_offset_ns() -> int:
    """Add this to `time.perf_counter_ns`; kept for a whole run, so that no clock jumps in it."""
    unix_ns, perf_ns = both_clocks_ns()
    return unix_ns - perf_ns


async def open_media_path(context: ProbeContext, target: str) -> tuple[MediaPath | None, PathTried]:
    """Greet the first address of each family until one answers."""
    lookup = await look_up(context, parse_host_port(target, default_port=DEFAULT_PORT))
    tried: list[Attempt[Greeting]] = []
    path = None
    for endpoint in spread(lookup.value or (), 1):
        path, attempt = await _try(context, endpoint)
        tried.append(attempt)
        if path is not None:
            break
    return path, PathTried(target=target, lookup=lookup, greetings=tuple(tried))


async def _try(
    context: ProbeContext, endpoint: Endpoint
) -> tuple[MediaPath | None, Attempt[Greeting]]:
    opened: list[socket.socket] = []
    session = secrets.randbelow(0xFFFF) + 1

    async def work() -> Greeting:
        datagrams = context.network.open_udp(endpoint.family)
        opened.append(datagrams)
        prepare_arrivals(datagrams)
        datagrams.connect((endpoint.address, endpoint.port))
        return await _greet(datagrams, session)

    try:
        async with context.pace.flow():
            attempt = await context.attempt("greet_reflector", endpoint, work)
    except BaseException:
        _close(opened)
        raise
    if attempt.value is None:
        _close(opened)
        return None, attempt
    path = MediaPath(
        datagrams=opened[0], endpoint=endpoint, session=session, greeting=attempt.value
    )
    return path, attempt


def _close(opened: list[socket.socket]) -> None:
    for datagrams in opened:
        datagrams.close()


async def _greet(datagrams: socket.socket, session: int) -> Greeting:
    """Send greetings until one comes back. Raises OSError, TimeoutError."""
    stamps: list[int] = []
    for sequence in range(GREETINGS):
        stamps.append(stamp.ntp_from_unix_ns(time.time_ns()))
        packet = stamp.SenderPacket(sequence=sequence, sent=stamps[-1], session=session)
        datagrams.send(stamp.encode_sender(packet, size=PAYLOAD_BYTES))
        try:
            async with asyncio.timeout(GREETING_WAIT_S):
                answer = await _answer(datagrams, stamps, session)
        except TimeoutError:
            continue
        return Greeting(
            sent=len(stamps),
            answered=answer.sender_sequence,
            reflector_sequence=answer.sequence,
        )
    raise TimeoutError(f"no answer to {GREETINGS} packets in {GREETINGS * GREETING_WAIT_S:g} s")


async def _answer(
    datagrams: socket.socket, stamps: list[int], session: int
) -> stamp.ReflectorPacket:
    loop = asyncio.get_running_loop()
    while True:
        try:
            packet = stamp.decode_reflector(await loop.sock_recv(datagrams, 2048))
        except WireError:
            continue
        place = packet.sender_sequence
        if is_ours(packet, session) and place < len(stamps) and packet.sender_sent == stamps[place]:
            return packet


def is_ours(packet: stamp.ReflectorPacket, session: int) -> bool:
    """Reflectors older than RFC 8972 return zeros in place of the session identifier."""
    return packet.session in (0, session)
