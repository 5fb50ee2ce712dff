"""A media stream to public UDP ping beacons, for lines where nobody runs a far end.

A beacon returns any datagram unchanged. Amazon GameLift's limit 3 packets a second a source
address and port, and 1,000 a second a source address, at each location (AWS, "UDP ping beacons").
So the 50 packets a second of a call go round robin over 24 sockets and three locations: 2.1 a
second a socket, 16.7 a second a location. Two thirds of the line's loss cannot hide in that, and
what one location or one path loses is told apart by location and socket.
"""

import asyncio
import secrets
import selectors
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from itertools import pairwise
from struct import Struct as Layout
from typing import NamedTuple

from msgspec import Struct

from natwizard.model.address import parse_host_port
from natwizard.model.outcome import Attempt, Failure
from natwizard.model.privacy import ServerText
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.reachability import Looked, look_up
from natwizard.probes.failures import failure_from
from natwizard.probes.media.arrival import next_datagram, overflowed, prepare_arrivals, receive
from natwizard.probes.media.stream_threads import RECEIVE_WAIT_S, StreamThreads
from natwizard.probes.network import Endpoint

# Three have less than 17 packets a second each; a loss at one of them is told from one of the line
LOCATIONS = 3
SOCKETS = 24
"""Of the stream, whether one, two or three locations carry it: over fewer, a socket would come to
more than the 3 packets a second that a beacon answers, and the limit would read as loss."""
# A call's packets hold 20 ms each
INTERVAL_S = 0.02
PAYLOAD_BYTES = 250
"""50 a second of these are 100 kbit/s of payload each way, what a call is counted with."""

# By chance: datagrams of an earlier run, or of somebody else, are none of ours
RUN_BYTES = 8
_NUMBERS = Layout("!HI")
"""Socket and packet number, behind the run's own bytes."""

# Greeted at once: six cost no more time than one
CANDIDATES = 6
# Two lost packets in a row are no silence yet
GREETINGS = 3
GREETING_WAIT_S = 0.5
"""Between greetings to one beacon: well below its three a second."""

LATEST_S = 0.06
"""A slot later than this is dropped: sent in a burst, it would run into the beacon's limit of a
socket, which is 333 ms apart, and read as loss of the line."""

# Both threads have to run before the first packet is due
LEAD_S = 0.02


class BeaconReply(NamedTuple):
    """One packet that came back. Not a Struct: made while timing matters."""

    number: int
    arrived_ns: int


class BeaconSocket(Struct, frozen=True, kw_only=True):
    """What became of the packets of one socket, each a path of its own to most balancers."""

    local_port: int
    sent: int
    received: int


class BeaconLocation(Struct, frozen=True, kw_only=True):
    """One location of the stream.

    Attributes:
        greeting: the round trip in ms of the packet that chose this location.
        median_ms: of the stream's round trips; None where nothing came back.
        longest_silence_s: between two answers in a row, or from the last to the end; tells a
            beacon that stopped answering from a line that loses here and there.
    """

    target: ServerText
    endpoint: ServerText
    greeting_ms: float
    sockets: tuple[BeaconSocket, ...]
    median_ms: float | None = None
    longest_silence_s: float = 0.0

    @property
    def sent(self) -> int:
        """Packets to this location."""
        return sum(each.sent for each in self.sockets)

    @property
    def received(self) -> int:
        """Packets that came back from it."""
        return sum(each.received for each in self.sockets)


class BeaconGreeting(Struct, frozen=True, kw_only=True):
    """A candidate: its addresses, and the round trip in ms of the first packet to come back."""

    target: ServerText
    lookup: Looked
    tries: tuple[Attempt[float], ...] = ()

    def attempts(self) -> tuple[Attempt[object], ...]:
        """All of them, in order."""
        return (self.lookup, *self.tries)


class BeaconPath(NamedTuple):
    """A beacon that answered, and its connected sockets."""

    target: str
    endpoint: Endpoint
    greeting_ms: float
    sockets: tuple[socket.socket, ...]


async def open_beacon_paths(
    context: ProbeContext, targets: Sequence[str], opened: ExitStack
) -> tuple[tuple[BeaconPath, ...], tuple[BeaconGreeting, ...]]:
    """Greet up to six beacons at once; the three nearest carry the stream.

    `opened` closes their sockets. Fewer than three, or none, where fewer answer.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_greet_candidate(context, target)) for target in targets[:CANDIDATES]
        ]
    found = [task.result() for task in tasks]
    answered = sorted(
        ((fastest, greeting, endpoint) for greeting, endpoint, fastest in found if endpoint),
        key=lambda each: each[0],
    )
    paths, nearest = [], answered[:LOCATIONS]
    for fastest_ms, greeting, endpoint in nearest:
        number = SOCKETS // len(nearest)
        sockets = tuple(_connect(context, endpoint, opened) for _each in range(number))
        paths.append(BeaconPath(greeting.target, endpoint, fastest_ms, sockets))
    return tuple(paths), tuple(greeting for greeting, _endpoint, _fastest in found)


def _connect(context: ProbeContext, endpoint: Endpoint, opened: ExitStack) -> socket.socket:
    datagrams = context.network.open_udp(endpoint.family)
    opened.callback(datagrams.close)
    prepare_arrivals(datagrams)
    datagrams.connect((endpoint.address, endpoint.port))
    datagrams.setblocking(False)
    return datagrams


async def _greet_candidate(
    context: ProbeContext, target: str
) -> tuple[BeaconGreeting, Endpoint | None, float]:
    """One address of each family at a time, in the system's order, until one answers."""
    lookup = await look_up(context, parse_host_port(target, default_port=0))
    tries = []
    firsts = {endpoint.family: endpoint for endpoint in reversed(lookup.value or ())}
    for endpoint in sorted(firsts.values(), key=(lookup.value or ()).index):
        attempt = await _greet(context, endpoint)
        tries.append(attempt)
        if attempt.value is not None:
            greeting = BeaconGreeting(target=target, lookup=lookup, tries=tuple(tries))
            return greeting, endpoint, attempt.value
    return BeaconGreeting(target=target, lookup=lookup, tries=tuple(tries)), None, 0.0


async def _greet(context: ProbeContext, endpoint: Endpoint) -> Attempt[float]:
    with ExitStack() as opened:

        async def work() -> float:
            return await echo_once(_connect(context, endpoint, opened))

        async with context.rate_limiter.flow():
            return await context.attempt("greet_beacon", endpoint, work)


async def echo_once(datagrams: socket.socket) -> float:
    """The round trip in ms of a packet. Raises OSError, TimeoutError."""
    loop = asyncio.get_running_loop()
    for _try in range(GREETINGS):
        wanted = secrets.token_bytes(RUN_BYTES)
        sent_ns = time.perf_counter_ns()
        await loop.sock_sendall(datagrams, wanted)
        with suppress(TimeoutError):
            async with asyncio.timeout(GREETING_WAIT_S):
                while await next_datagram(datagrams, PAYLOAD_BYTES + 1) != wanted:
                    pass
            return (time.perf_counter_ns() - sent_ns) / 1e6
    raise TimeoutError


class BeaconStream(StreamThreads):
    """50 packets a second round robin over all sockets, which stay the caller's.

    Attributes:
        slots: how many slots of 20 ms there will be; may be raised while `sending`.
        sent_ns: when each packet left, by its number, on the clock of `time.perf_counter_ns`.
        flow_of: the socket of each packet, by its number; place_of: the path of each socket.
        dropped_slots: slots that this computer was too late for; nothing was sent in them.
        strays: datagrams that are not the same bytes on the same socket.
    """

    def __init__(self, paths: Sequence[BeaconPath], *, slots: int) -> None:
        super().__init__("beacon")
        self.slots = slots
        self.sent_ns: list[int] = []
        self.late_ns: list[int] = []
        self.flow_of: list[int] = []
        self.replies: list[BeaconReply] = []
        self.waited_ns: list[int] = []
        self.unsent: list[int] = []
        self.send_failure: Failure | None = None
        self.dropped_slots = 0
        self.stalls = 0
        self.refused = 0
        self.strays = 0
        self.overflowed = 0
        self.flows = tuple(_interleaved(paths))
        self.place_of = tuple(flow % len(paths) for flow in range(len(self.flows)))
        self._run = secrets.token_bytes(RUN_BYTES)
        self._packet = bytearray(PAYLOAD_BYTES)
        self._packet[:RUN_BYTES] = self._run

    def _ended(self) -> None:
        self.overflowed = sum(overflowed(each) for each in self.flows)

    def _send_all(self) -> None:
        interval_ns, latest_ns = round(INTERVAL_S * 1e9), LATEST_S * 1e9
        start_ns = time.perf_counter_ns() + round(LEAD_S * 1e9)
        slot, in_a_row = 0, 0
        while slot < self.slots and not self._stop.is_set():
            due_ns = start_ns + slot * interval_ns
            wait_ns = due_ns - time.perf_counter_ns()
            if wait_ns > 0:
                time.sleep(wait_ns / 1e9)
            now_ns = time.perf_counter_ns()
            if now_ns - due_ns > latest_ns:
                self.dropped_slots += 1
                in_a_row += 1
                self.stalls += in_a_row == 1
            else:
                in_a_row = 0
                self._send(slot % len(self.flows))
                self.late_ns.append(time.perf_counter_ns() - due_ns)
            slot += 1

    def _send(self, flow: int) -> None:
        number = len(self.sent_ns)
        _NUMBERS.pack_into(self._packet, RUN_BYTES, flow, number)
        self.flow_of.append(flow)
        self.sent_ns.append(time.perf_counter_ns())
        try:
            self._send_once(self.flows[flow])
        except OSError as error:
            self.unsent.append(number)
            if self.send_failure is None:
                self.send_failure = failure_from(error, "send_media")

    def _send_once(self, datagrams: socket.socket) -> None:
        try:
            datagrams.send(self._packet)
        except ConnectionError:  # a report (ICMP) on an earlier packet; this one has not left yet
            self.refused += 1
            datagrams.send(self._packet)

    def _receive_all(self) -> None:
        if not self.flows:
            return  # to wait for no socket at all is an error on Windows (WSAEINVAL)
        with selectors.DefaultSelector() as selector:
            for flow, datagrams in enumerate(self.flows):
                selector.register(datagrams, selectors.EVENT_READ, flow)
            while not self._stop.is_set():
                for key, _events in selector.select(RECEIVE_WAIT_S):
                    self._read(self.flows[key.data], key.data)

    def _read(self, datagrams: socket.socket, flow: int) -> None:
        try:
            arrival = receive(datagrams)
        except BlockingIOError:
            return
        except OSError:
            self.refused += 1
            return
        datagram = arrival.datagram
        if len(datagram) != PAYLOAD_BYTES or datagram[:RUN_BYTES] != self._run:
            self.strays += 1
            return
        named_flow, number = _NUMBERS.unpack_from(datagram, RUN_BYTES)
        known = number < len(self.sent_ns) and self.flow_of[number] == flow == named_flow
        if not known or any(datagram[RUN_BYTES + _NUMBERS.size :]):
            self.strays += 1
            return
        arrived_ns = arrival.arrived_ns
        if arrived_ns < self.sent_ns[number]:  # this computer's clock was set meanwhile
            arrived_ns = arrival.read_ns
        elif arrival.waited_ns is not None:
            self.waited_ns.append(arrival.waited_ns)
        self.replies.append(BeaconReply(number, arrived_ns))


def _interleaved(paths: Sequence[BeaconPath]) -> Iterable[socket.socket]:
    """Location by location in turn, so that each location is sent to evenly."""
    for place in range(SOCKETS // max(1, len(paths))):
        for path in paths:
            yield path.sockets[place]


def locations_of(stream: BeaconStream, paths: Sequence[BeaconPath]) -> tuple[BeaconLocation, ...]:
    """What came of each location and socket: whose loss it is shows in how it is spread."""
    unsent = set(stream.unsent)
    arrived = {reply.number: reply.arrived_ns for reply in reversed(stream.replies)}
    sent_by_flow: list[list[int]] = [[] for _flow in stream.flows]
    for number, flow in enumerate(stream.flow_of):
        if number not in unsent:
            sent_by_flow[flow].append(number)
    found = []
    for place, path in enumerate(paths):
        flows = range(place, len(stream.flows), len(paths))
        numbers = sorted(number for flow in flows for number in sent_by_flow[flow])
        times = sorted((arrived[n] - stream.sent_ns[n]) / 1e6 for n in numbers if n in arrived)
        found.append(
            BeaconLocation(
                target=path.target,
                endpoint=str(path.endpoint),
                greeting_ms=round(path.greeting_ms, 3),
                sockets=tuple(
                    BeaconSocket(
                        local_port=stream.flows[flow].getsockname()[1],
                        sent=len(sent_by_flow[flow]),
                        received=sum(number in arrived for number in sent_by_flow[flow]),
                    )
                    for flow in flows
                ),
                median_ms=times[len(times) // 2] if times else None,
                longest_silence_s=_longest_silence_s(
                    [stream.sent_ns[number] for number in numbers if number in arrived],
                    [stream.sent_ns[number] for number in numbers],
                ),
            )
        )
    return tuple(found)


def _longest_silence_s(answered_ns: Sequence[int], sent_ns: Sequence[int]) -> float:
    """Between two answered packets in a row, the stream's ends counting as answered."""
    if not sent_ns:
        return 0.0
    moments = [sent_ns[0], *answered_ns, sent_ns[-1]]
    return max(after - before for before, after in pairwise(moments)) / 1e9


def relative_round_trips_ms(stream: BeaconStream) -> list[float]:
    """As `relative_times_ms`, without the numbers."""
    return list(relative_times_ms(stream).values())


def relative_times_ms(stream: BeaconStream) -> dict[int, float]:
    """Round trip by packet, in order of arrival, each less the fastest of its socket.

    Locations and paths differ in length: only what varies on one path is jitter.
    """
    first: dict[int, int] = {}
    for reply in stream.replies:
        first.setdefault(reply.number, reply.arrived_ns)
    times = {number: (at - stream.sent_ns[number]) / 1e6 for number, at in first.items()}
    fastest: dict[int, float] = {}
    for number, value in times.items():
        flow = stream.flow_of[number]
        fastest[flow] = min(value, fastest.get(flow, value))
    return {number: value - fastest[stream.flow_of[number]] for number, value in times.items()}
