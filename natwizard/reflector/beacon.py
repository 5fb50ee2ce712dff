"""UDP ping beacons that enforce the documented limits: for the demo, and with faults for tests.

AWS, "UDP ping beacons": any body under 300 bytes comes back unchanged; at most 3 packets a second
a source address and port, and 1,000 a second a source address. What is over a limit is dropped.
"""

import heapq
import selectors
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from natwizard.probes.media.arrival import Arrival, prepare_arrivals, receive

# "Under 300 bytes": of longer bodies nothing comes back
LARGEST_BYTES = 299
A_SOCKET, AN_ADDRESS = 3, 1000
# So late at most it is seen that the beacons shall stop
WAKE_S = 0.02
RECEIVE_BUFFER_BYTES = 1 << 20


def answers_all(_number: int) -> bool:
    """Whether the packet, or the flow, of this number is answered: all of them."""
    return True


@dataclass(kw_only=True)
class Beacon:
    """One location. It answers by the clock that it is told, so that hours pass in no time.

    Attributes:
        answers: whether the packet of this number, counted from 0 at this beacon, is answered.
        answers_flow: whether packets of this flow are answered at all, flows counted from 0.
        delay_s: of the answer to the packet of this number.
        body: what comes back in place of the body.
        dies_after: packets after which nothing is answered any more.
        dropped_by_limit: packets that went over a documented limit.
    """

    answers: Callable[[int], bool] = answers_all
    answers_flow: Callable[[int], bool] = answers_all
    delay_s: Callable[[int], float] = lambda _number: 0.0
    body: Callable[[bytes], bytes] = lambda body: body
    dies_after: int | None = None
    limit_an_address: int = AN_ADDRESS
    port: int = 0
    came: int = 0
    dropped_by_limit: int = 0
    flows: dict[tuple[str, int], int] = field(default_factory=dict)
    _by_flow: dict[tuple[str, int], deque[float]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _by_address: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def answer_to(
        self, body: bytes, source: tuple[str, int], now: float
    ) -> tuple[float, bytes] | None:
        """The delay and body of the answer; None for silence. `now` is when it arrived."""
        number = self.came
        self.came += 1
        flow = self.flows.setdefault(source, len(self.flows))
        within = _admit(self._by_flow[source], A_SOCKET, now)
        if not (within and _admit(self._by_address[source[0]], self.limit_an_address, now)):
            self.dropped_by_limit += 1
            return None
        dead = self.dies_after is not None and number >= self.dies_after
        silent = not self.answers(number) or not self.answers_flow(flow)
        if dead or silent or len(body) > LARGEST_BYTES:
            return None
        return self.delay_s(number), self.body(body)


def _receive(listening: socket.socket) -> Arrival | None:
    try:
        return receive(listening)
    except OSError:  # Windows tells here of an answer that nobody took
        return None


def _admit(moments: deque[float], most: int, now: float) -> bool:
    while moments and moments[0] <= now - 1.0:
        moments.popleft()
    if len(moments) >= most:
        return False
    moments.append(now)
    return True


@contextmanager
def serving_beacons(
    *beacons: Beacon, addresses: tuple[str, ...] = (), port: int = 0
) -> Iterator[tuple[str, ...]]:
    """Run beacons in a thread, on loopback unless each has an address; gives their targets."""
    addresses = addresses or ("127.0.0.1",) * len(beacons)
    stop = threading.Event()
    with ExitStack() as opened, selectors.DefaultSelector() as selector:
        for address, beacon in zip(addresses, beacons, strict=True):
            listening = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            # a run greets and streams to six of these while this thread may wait for its turn
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            prepare_arrivals(listening)  # limits go by arrival, however late this thread reads
            listening.bind((address, port))
            listening.setblocking(False)
            beacon.port = listening.getsockname()[1]
            selector.register(listening, selectors.EVENT_READ, beacon)

        def serve() -> None:
            waiting: list[tuple[float, int, socket.socket, bytes, tuple[str, int]]] = []
            order = 0
            while not stop.is_set():
                due = waiting[0][0] - time.monotonic() if waiting else WAKE_S
                for key, _events in selector.select(max(0.0, min(WAKE_S, due))):
                    listening = key.fileobj
                    if not isinstance(listening, socket.socket):
                        continue  # for the type checker: nothing else is registered
                    came = _receive(listening)
                    if came is None:
                        continue
                    body, source = came.datagram, came.source
                    answer = key.data.answer_to(body, source, came.arrived_ns / 1e9)
                    if answer is not None:
                        order += 1
                        at = time.monotonic() + answer[0]
                        heapq.heappush(waiting, (at, order, listening, answer[1], source))
                while waiting and waiting[0][0] <= time.monotonic():
                    _at, _order, listening, body, source = heapq.heappop(waiting)
                    with suppress(OSError):  # whoever asked is gone
                        listening.sendto(body, source)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield tuple(
                f"{address}:{beacon.port}"
                for address, beacon in zip(addresses, beacons, strict=True)
            )
        finally:
            stop.set()
            thread.join(5)
