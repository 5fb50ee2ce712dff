"""A line with known harm, as a program of its own: it passes datagrams on and keeps the truth.

python -m tests.benchmarks.impaired_path SPEC, with a `Line` in JSON. Prints the port it listens
on, then, once its standard input is closed, a `Truth` in JSON. Fates hang on a packet's number
alone, so that two programs that number their packets meet the same ones.
"""

import heapq
import itertools
import random
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

import msgspec
from msgspec import Struct

from natwizard.probes.media.arrival import Arrival, prepare_arrivals, receive

SIZE_BYTES = 172
FATES = 4096
WAKE_S = 0.05


class Way(Struct, frozen=True, kw_only=True):
    """One direction.

    Attributes:
        delay_ms, swing_ms: each packet waits the first and, by chance, up to the second more.
        keeps_order: a packet never leaves before an earlier one (a queue); else it may overtake.
        loss_share, burst: how many are lost, and how long a run of losses is on average.
        doubled_share: how many leave twice.
    """

    delay_ms: float = 20.0
    swing_ms: float = 0.0
    keeps_order: bool = True
    loss_share: float = 0.0
    burst: float = 1.0
    doubled_share: float = 0.0


class Line(Struct, frozen=True, kw_only=True):
    """A path to a server; `protocol` tells where packets carry their number."""

    protocol: str
    server_port: int
    seed: int
    out: Way = Way()
    back: Way = Way()


class Truth(Struct, frozen=True, kw_only=True):
    """What really happened.

    Attributes:
        out_ms, back_ms: delays that were made, by packet number, in the order they left.
        came, lost_out, lost_back: packets that came in from the client, and those dropped.
        doubled: answers sent beyond the first.
    """

    out_ms: tuple[tuple[int, float], ...]
    back_ms: tuple[tuple[int, float], ...]
    came: int
    lost_out: int
    lost_back: int
    doubled: int


@dataclass
class Direction:
    """Fates of one way, and what it did."""

    way: Way
    seed: str
    number_at: slice
    order: str
    delays_ms: list[tuple[int, float]] = field(default_factory=list)
    came: int = 0
    lost: int = 0
    doubled: int = 0
    last_ns: int = 0

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        way, falling = self.way, False
        self.fates: list[tuple[bool, float, bool]] = []
        for _number in range(FATES):
            stays = 1 - 1 / way.burst
            starts = way.loss_share * (1 - stays) / (1 - way.loss_share)
            falling = chance.random() < (stays if falling else starts)
            wait_ms = way.delay_ms + chance.random() * way.swing_ms
            self.fates.append((falling, wait_ms, chance.random() < way.doubled_share))

    def number(self, datagram: bytes) -> int | None:
        """A media packet's own number; None for greetings and the like."""
        if len(datagram) != SIZE_BYTES:
            return None
        return int.from_bytes(datagram[self.number_at], "big" if self.order == "big" else "little")

    def departures(self, number: int, arrived_ns: int) -> list[int]:
        """When the copies of a packet leave; none if it is lost."""
        lost, wait_ms, doubled = self.fates[number % FATES]
        self.came += 1
        self.lost += lost
        if lost:
            return []
        leaves_ns = arrived_ns + round(wait_ms * 1e6)
        if self.way.keeps_order:
            leaves_ns = self.last_ns = max(leaves_ns, self.last_ns + 1)
        return [leaves_ns] * (2 if doubled else 1)


class Relay:
    """One client at a time: where its last packet came from is where answers go."""

    def __init__(self, line: Line) -> None:
        places = {"stamp": (slice(0, 4), slice(24, 28)), "irtt": (slice(12, 16), slice(12, 16))}
        order = "big" if line.protocol == "stamp" else "little"
        out_at, back_at = places[line.protocol]
        self.out = Direction(line.out, f"{line.seed} out", out_at, order)
        self.back = Direction(line.back, f"{line.seed} back", back_at, order)
        self.inside, self.outside = _bound(), _bound()
        self.server = ("127.0.0.1", line.server_port)
        self.client: tuple[str, int] | None = None
        self.greets = line.protocol == "stamp"
        self.due: list[tuple[int, int, int, bytes, Direction | None, int]] = []
        self.tickets = itertools.count()
        self.first_back: set[int] = set()

    def serve(self) -> Truth:
        with selectors.DefaultSelector() as selector:
            for source in (self.inside, self.outside, sys.stdin):
                selector.register(source, selectors.EVENT_READ)
            while True:
                wait_s = WAKE_S
                if self.due:
                    wait_s = max(0.0, (self.due[0][0] - time.perf_counter_ns()) / 1e9)
                for key, _events in selector.select(min(wait_s, WAKE_S)):
                    if key.fileobj is sys.stdin:
                        return self.truth()
                    self.take(onward=key.fileobj is self.inside)
                self.release()

    def take(self, *, onward: bool) -> None:
        try:
            arrival = receive(self.inside if onward else self.outside)
        except OSError:
            return
        if onward:
            self.client = arrival.source
        direction = self.out if onward else self.back
        number = direction.number(arrival.datagram)
        if onward and self.greets and number is not None:
            # the first packet is the probe's greeting, and the stream starts again from 0
            self.greets, number = False, None
        elif not onward and not self.out.came:
            number = None
        if number is None:
            self.plan(arrival, direction.way.delay_ms, onward=onward)
            return
        for leaves_ns in direction.departures(number, arrival.arrived_ns):
            ticket = (leaves_ns, next(self.tickets), number, arrival.datagram, direction)
            heapq.heappush(self.due, (*ticket, arrival.arrived_ns))

    def plan(self, arrival: Arrival, delay_ms: float, *, onward: bool) -> None:
        leaves_ns = arrival.arrived_ns + round(delay_ms * 1e6)
        ticket = (leaves_ns, next(self.tickets), -1 if onward else -2, arrival.datagram, None)
        heapq.heappush(self.due, (*ticket, arrival.arrived_ns))

    def release(self) -> None:
        while self.due and self.due[0][0] <= time.perf_counter_ns():
            _at, _ticket, number, datagram, direction, arrived_ns = heapq.heappop(self.due)
            onward = direction is self.out or number == -1
            left_ns = time.perf_counter_ns()
            if onward:
                self.outside.sendto(datagram, self.server)
            elif self.client is not None:
                self.inside.sendto(datagram, self.client)
            if direction is None:
                continue
            if direction is self.back and number in self.first_back:
                direction.doubled += 1
                continue
            if direction is self.back:
                self.first_back.add(number)
            direction.delays_ms.append((number, (left_ns - arrived_ns) / 1e6))

    def truth(self) -> Truth:
        return Truth(
            out_ms=tuple(self.out.delays_ms),
            back_ms=tuple(self.back.delays_ms),
            came=self.out.came,
            lost_out=self.out.lost,
            lost_back=self.back.lost,
            doubled=self.back.doubled,
        )


def _bound() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    prepare_arrivals(opened)
    opened.setblocking(False)
    opened.bind(("127.0.0.1", 0))
    return opened


if __name__ == "__main__":
    relay = Relay(msgspec.json.decode(sys.argv[1], type=Line))
    print(relay.inside.getsockname()[1], flush=True)
    print(msgspec.json.encode(relay.serve()).decode())
