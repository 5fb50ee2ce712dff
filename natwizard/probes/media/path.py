"""Finds the address of a STAMP reflector that answers, and greets it."""

import asyncio
import math
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import ServerText
from natwizard.probes.base import ProbeContext, require_target
from natwizard.probes.connection.reachability import Looked, attempt_opening, look_up, spread
from natwizard.probes.media.arrival import both_clocks_ns, next_datagram, prepare_arrivals
from natwizard.probes.media.beacons import BeaconGreeting
from natwizard.probes.network import Endpoint
from natwizard.probes.stun.turn_client import FlowInUse, TurnSocket, channel_head, read_looped
from natwizard.wire import stamp
from natwizard.wire.error import WireError

# STAMP's own UDP port (RFC 8762, 4.1)
DEFAULT_PORT = 862
PAYLOAD_BYTES = 172
"""UDP payload of G.711 with 20 ms a packet: 160 bytes of voice, 12 of RTP."""

COUNTED_BYTES = 250
"""Of IP: 50 such packets a second are the 100 kbit/s each way that the requirement counts for a
call. G.711 itself takes 80; sending no more would call a line of 90 kbit/s good enough."""

UDP_BYTES = 8
# headers without options
IP_BYTES = {socket.AF_INET: 20, socket.AF_INET6: 40}

# Silence costs 2.5 s an address; two show that it is not one reflector of several that is down
ADDRESSES_PER_FAMILY = 2
# Silence then costs 2.5 s instead of a whole stream (decision 9)
GREETINGS = 5
GREETING_WAIT_S = 0.5
# A stream that begins behind other probes' packets would show delay of our own making
QUIET_AT_MOST_S, QUIET_STEP_S, QUIET_ROUND_TRIPS = 4.0, 0.05, 2
# Round trips that shrink by less than a tenth, or 5 ms, have stopped getting shorter
STILL_AS_LONG, QUIET_SLACK_S = 0.9, 0.005


class ReflectorGreeting(Struct, frozen=True, kw_only=True):
    """The first packets to a reflector. They also tell a reflector that counts (RFC 8762,
    stateful) from one that copies our numbers: the media starts again from 0.

    Attributes:
        sent: greetings until one came back; `answered`: number of the one that did, from 0.
        reflector_sequence: the reflector's own number of that answer.
    """

    sent: int
    answered: int
    reflector_sequence: int


class PathAttempts(Struct, frozen=True, kw_only=True):
    """The addresses of the media target, and what came of greeting them.

    Attributes:
        allocations: of a TURN server, each with its relayed address; none for a reflector.
        beacons: public beacons that were greeted instead, each with its own lookup.
    """

    target: ServerText
    lookup: Looked
    greetings: tuple[Attempt[ReflectorGreeting], ...] = ()
    allocations: tuple[Attempt[ServerText], ...] = ()
    beacons: tuple[BeaconGreeting, ...] = ()

    @property
    def greeted(self) -> bool:
        """Whether a greeting came back."""
        return any(greeting.ok for greeting in self.greetings)

    def attempts(self) -> tuple[Attempt[object], ...]:
        """All of them, in order."""
        if self.beacons:
            return tuple(attempt for each in self.beacons for attempt in each.attempts())
        return (self.lookup, *self.allocations, *self.greetings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectorFlow:
    """One flow of packets: where they leave, where they come back, and how they are wrapped.

    Attributes:
        out, back: connected sockets; one and the same for a reflector.
        session: STAMP session identifier of its packets.
        head: goes before each packet.
        read: unwraps and decodes what came back. Raises WireError.
    """

    out: socket.socket
    back: socket.socket
    session: int
    head: bytes = b""
    read: Callable[[bytes], stamp.ReflectorPacket] = stamp.decode_reflector

    def payload_of(self, packet_bytes: int) -> int:
        """What is left of a packet of so many bytes of IP, less its headers and a tunnel's."""
        return packet_bytes - IP_BYTES[self.out.family] - UDP_BYTES - len(self.head)

    def head_for(self, size: int) -> bytes:
        """`head` for packets of another size: a channel's number stays, and the length follows
        it (RFC 8656, section 12.4).
        """
        return self.head[:2] + size.to_bytes(2, "big") if self.head else b""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPath:
    """A lane whose far end answers; whoever gets it closes it.

    Attributes:
        endpoint: the server's.
        farewells: datagrams that tell the server we are done.
    """

    flow: ReflectorFlow
    endpoint: Endpoint
    greeting: ReflectorGreeting
    farewells: tuple[tuple[socket.socket, bytes], ...] = ()

    def close(self) -> None:
        """Say goodbye without waiting for an answer, and close the sockets."""
        for datagrams, farewell in self.farewells:
            with suppress(OSError):
                datagrams.send(farewell)
        for datagrams in {self.flow.out, self.flow.back}:
            datagrams.close()


def unix_offset_ns() -> int:
    """Add this to `time.perf_counter_ns`; kept for a whole run, so that no clock jumps in it."""
    unix_ns, perf_ns = both_clocks_ns()
    return unix_ns - perf_ns


async def open_reflector_path(
    context: ProbeContext, target: str
) -> tuple[MediaPath | None, PathAttempts]:
    """Greet up to two addresses of each family until one answers.

    By chance: an owner spreads the load over several reflectors behind one name, and resolvers
    sort addresses.
    """
    lookup = await look_up(context, parse_host_port(target, default_port=DEFAULT_PORT))
    tried: list[Attempt[ReflectorGreeting]] = []
    path = None
    for endpoint in _by_chance(lookup.value or ()):
        path, attempt = await _try(context, endpoint)
        tried.append(attempt)
        if path is not None:
            break
    return path, PathAttempts(target=target, lookup=lookup, greetings=tuple(tried))


def _by_chance(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """Families in the system's order, addresses of one in any."""
    families = list(dict.fromkeys(endpoint.family for endpoint in endpoints))
    shuffled = tuple(secrets.SystemRandom().sample(endpoints, len(endpoints)))
    chosen = spread(shuffled, ADDRESSES_PER_FAMILY)
    return tuple(sorted(chosen, key=lambda endpoint: families.index(endpoint.family)))


def connect_lane(context: ProbeContext, endpoint: Endpoint, session: int) -> ReflectorFlow:
    """A lane to a reflector. Raises OSError."""
    datagrams = context.network.open_udp(endpoint.family)
    try:
        prepare_arrivals(datagrams)
        datagrams.connect((endpoint.address, endpoint.port))
    except BaseException:
        datagrams.close()
        raise
    return ReflectorFlow(out=datagrams, back=datagrams, session=session)


def new_session() -> int:
    """A session identifier by chance; 0 would mean that there is none."""
    # the field has 16 bits (RFC 8972, 3)
    return secrets.randbelow(0xFFFF) + 1


async def _try(
    context: ProbeContext, endpoint: Endpoint
) -> tuple[MediaPath | None, Attempt[ReflectorGreeting]]:
    opened: list[ReflectorFlow] = []

    async def work() -> ReflectorGreeting:
        opened.append(connect_lane(context, endpoint, new_session()))
        return await greet(opened[0])

    try:
        async with context.rate_limiter.flow():
            attempt = await context.attempt("greet_reflector", endpoint, work)
    except BaseException:
        _close(opened)
        raise
    if attempt.value is None:
        _close(opened)
        return None, attempt
    return MediaPath(flow=opened[0], endpoint=endpoint, greeting=attempt.value), attempt


async def greets_again(context: ProbeContext, endpoint: Endpoint) -> bool:
    """Whether a far end that answered before answers a greeting by a new flow, closed after it."""
    targets = context.targets
    if targets.media or not targets.turn:
        path, _attempt = await _try(context, endpoint)
    else:
        path = await _try_relay(context, endpoint, [], [])
    if path is not None:
        path.close()
    return path is not None


def _close(opened: list[ReflectorFlow]) -> None:
    for flow in opened:
        flow.out.close()


async def greet(flow: ReflectorFlow) -> ReflectorGreeting:
    """Send greetings until one comes back. Raises OSError, TimeoutError."""
    stamps: list[int] = []
    for sequence in range(GREETINGS):
        stamps.append(stamp.ntp_from_unix_ns(time.time_ns()))
        packet = stamp.SenderPacket(sequence=sequence, sent=stamps[-1], session=flow.session)
        flow.out.send(flow.head + stamp.encode_sender(packet, size=PAYLOAD_BYTES))
        try:
            async with asyncio.timeout(GREETING_WAIT_S):
                answer = await _answer(flow, stamps)
        except TimeoutError:
            continue
        return ReflectorGreeting(
            sent=len(stamps),
            answered=answer.sender_sequence,
            reflector_sequence=answer.sequence,
        )
    raise TimeoutError(f"no answer to {GREETINGS} packets in {GREETINGS * GREETING_WAIT_S:g} s")


async def wait_until_quiet(context: ProbeContext, path: MediaPath) -> None:
    """Wait, four seconds at most, until round trips stop getting shorter.

    What other probes have sent stands in the queue of a thin line for a while; a stream that
    began behind it would show delay and loss that are our own doing. By a flow of its own, for a
    reflector counts the packets of the stream's. Not through a TURN server.
    """
    if path.flow.out is not path.flow.back:
        return
    try:
        flow = connect_lane(context, path.endpoint, new_session())
    except OSError:
        return
    ends_s, calm, before_s = time.perf_counter() + QUIET_AT_MOST_S, 0, math.inf
    try:
        while calm < QUIET_ROUND_TRIPS and time.perf_counter() < ends_s:
            asked_s = time.perf_counter()
            await greet(flow)
            took_s = time.perf_counter() - asked_s
            calm = calm + 1 if took_s >= STILL_AS_LONG * before_s - QUIET_SLACK_S else 0
            before_s = took_s
            await asyncio.sleep(QUIET_STEP_S)
    except (OSError, TimeoutError):
        return
    finally:
        flow.out.close()


async def _answer(flow: ReflectorFlow, stamps: list[int]) -> stamp.ReflectorPacket:
    while True:
        try:
            packet = flow.read(await next_datagram(flow.back))
        except WireError:
            continue
        place = packet.sender_sequence
        known = is_ours(packet, flow.session) and place < len(stamps)
        if known and packet.sender_sent == stamps[place]:
            return packet


def is_ours(packet: stamp.ReflectorPacket, session: int) -> bool:
    """Reflectors older than RFC 8972 return zeros in place of the session identifier."""
    return packet.session in (0, session)


async def open_media_path(context: ProbeContext) -> tuple[MediaPath | None, PathAttempts]:
    """A lane to `targets.media`, else through `targets.turn`. Raises CannotGather for neither."""
    targets = context.targets
    if targets.media or not targets.turn:
        return await open_reflector_path(context, require_target(targets.media, "targets.media"))
    return await open_turn_path(context)


# RFC 8656, section 15
TURN_PORT = 3478
# Where the server still keeps an allocation for the port of one
TURN_SOCKETS = 3


async def open_turn_path(context: ProbeContext) -> tuple[MediaPath | None, PathAttempts]:
    """Two allocations on the first address that gives them, bound to each other, and a greeting.

    Raises CannotGather where the profile has no credentials.
    """
    targets = context.targets
    require_target(targets.turn_user, "targets.turn_user")
    require_target(targets.turn_password, "targets.turn_password")
    lookup = await look_up(context, parse_host_port(targets.turn, default_port=TURN_PORT))
    allocations: list[Attempt[str]] = []
    greetings: list[Attempt[ReflectorGreeting]] = []
    path = None
    for endpoint in spread(lookup.value or (), 1):
        path = await _try_relay(context, endpoint, allocations, greetings)
        if path is not None:
            break
    tried = PathAttempts(
        target=targets.turn,
        lookup=lookup,
        allocations=tuple(allocations),
        greetings=tuple(greetings),
    )
    return path, tried


async def _try_relay(
    context: ProbeContext,
    endpoint: Endpoint,
    allocations: list[Attempt[str]],
    greetings: list[Attempt[ReflectorGreeting]],
) -> MediaPath | None:
    with ExitStack() as opened:
        pair: list[tuple[TurnSocket, HostPort]] = []
        for _side in ("out", "back"):
            attempt = await _allocate(context, endpoint, opened, pair)
            allocations.append(attempt)
            if not attempt.ok:
                return None
        (out, out_address), (back, back_address) = pair

        async def work() -> tuple[ReflectorFlow, ReflectorGreeting]:
            channel = await out.bind(back_address)
            await back.bind(out_address)
            flow = ReflectorFlow(
                out=out.datagrams,
                back=back.datagrams,
                session=new_session(),
                head=channel_head(channel, PAYLOAD_BYTES),
                read=read_looped,
            )
            return flow, await greet(flow)

        flow, greeted = await attempt_opening(context, "greet_through_turn", endpoint, work)
        greetings.append(greeted)
        if flow is None or greeted.value is None:
            return None
        opened.pop_all()
    farewells = tuple((side.datagrams, side.release()) for side in (out, back))
    return MediaPath(flow=flow, endpoint=endpoint, greeting=greeted.value, farewells=farewells)


async def _allocate(
    context: ProbeContext,
    endpoint: Endpoint,
    opened: ExitStack,
    pair: list[tuple[TurnSocket, HostPort]],
) -> Attempt[str]:
    def new_side() -> TurnSocket:
        datagrams = opened.enter_context(context.network.open_udp(endpoint.family))
        prepare_arrivals(datagrams)
        datagrams.connect((endpoint.address, endpoint.port))
        return TurnSocket(datagrams, context.targets.turn_user, context.targets.turn_password)

    async def work() -> str:
        with ExitStack() as held:
            side = new_side()
            for _another in range(TURN_SOCKETS - 1):
                with suppress(FlowInUse):
                    relayed = await side.allocate()
                    break
                # open until another is found, which would get the same port again
                held.enter_context(side.datagrams)
                side = new_side()
            else:
                relayed = await side.allocate()
        opened.callback(_give_back, side)
        pair.append((side, relayed))
        return str(relayed)

    async with context.rate_limiter.flow():
        return await context.attempt("allocate_turn", endpoint, work)


def _give_back(side: TurnSocket) -> None:
    with suppress(OSError):
        side.datagrams.send(side.release())
