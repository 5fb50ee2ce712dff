"""A userspace network with known ground truth: relays that drop, delay, double and map."""

import asyncio
import heapq
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar, cast

from servers.free_ports import free_port

from natwizard.model.finding import ChartColumn
from natwizard.model.profile import Answers, Feeds, Targets
from natwizard.probes.base import ProbeContext
from natwizard.probes.loop_lag import LoopLag
from natwizard.probes.network import Network
from natwizard.probes.rate_limiter import RateLimiter
from natwizard.reflector.udp import UdpReflector
from natwizard.system.environment import system_host
from natwizard.system.network import SystemNetwork

E = TypeVar("E")
Address = tuple[str, int]

Fate = tuple[float, ...]
"""Delays in seconds of each copy of a packet; () is a packet that is lost."""

PASSED: Fate = (0.0,)
LOST: Fate = ()


def passed(_number: int) -> Fate:
    return PASSED


def every(step: int, fate: Fate, otherwise: Fate = PASSED) -> Callable[[int], Fate]:
    """This fate for packets step - 1, 2 * step - 1 and so on, counted from 0."""
    return lambda number: fate if number % step == step - 1 else otherwise


@dataclass(kw_only=True)
class Relay:
    """Listens where a server would, and passes datagrams on and back, as its rules say.

    Attributes:
        servers: address to listen on -> server to pass on to; port 0 picks a free one.
        onward, back: number of the packet (0, 1, ...) -> its fate, for each way.
        leaves_from: source addresses, in turn for each new mapping.
        maps_by_server: a new mapping for each server (else one a client).
    """

    servers: dict[Address, Address]
    onward: Callable[[int], Fate] = passed
    back: Callable[[int], Fate] = passed
    leaves_from: tuple[str, ...] = ("127.0.0.1",)
    maps_by_server: bool = False
    listening: dict[Address, Address] = field(default_factory=dict)
    passed_on: int = 0

    @contextmanager
    def running(self) -> Iterator["Relay"]:
        stop = threading.Event()
        with selectors.DefaultSelector() as selector:
            sockets = [self._listen(selector, wanted) for wanted in self.servers]
            thread = threading.Thread(target=self._serve, args=(selector, stop), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                stop.set()
                thread.join(5)
                for opened in {*sockets, *(key.fileobj for key in selector.get_map().values())}:
                    cast("socket.socket", opened).close()

    def addresses(self) -> tuple[str, ...]:
        """Where it listens, as targets of a profile."""
        return tuple(f"{host}:{port}" for host, port in self.listening.values())

    def _listen(self, selector: selectors.BaseSelector, wanted: Address) -> socket.socket:
        opened = _bound(wanted)
        self.listening[wanted] = opened.getsockname()
        selector.register(opened, selectors.EVENT_READ, self.servers[wanted])
        return opened

    def _serve(self, selector: selectors.BaseSelector, stop: threading.Event) -> None:
        mappings: dict[tuple[object, ...], socket.socket] = {}
        returns: dict[tuple[socket.socket, Address], tuple[socket.socket, Address]] = {}
        sources = itertools.cycle(self.leaves_from)
        due: list[tuple[float, int, socket.socket, bytes, Address]] = []
        tickets, onward, back = itertools.count(), itertools.count(), itertools.count()
        while not stop.is_set():
            wait_s = max(0.0, due[0][0] - time.monotonic()) if due else 0.05
            for key, _events in selector.select(min(wait_s, 0.05)):
                opened = cast("socket.socket", key.fileobj)
                try:
                    datagram, source = opened.recvfrom(4096)
                except OSError:
                    continue
                if key.data is not None:
                    server: Address = key.data
                    name = (source, server) if self.maps_by_server else (source,)
                    outside = mappings.get(name)
                    if outside is None:
                        outside = mappings[name] = _bound((next(sources), 0))
                        selector.register(outside, selectors.EVENT_READ, None)
                    returns[outside, server] = (opened, source)
                    fate, way, to = self.onward(next(onward)), outside, server
                    self.passed_on += 1
                elif (opened, source) in returns:
                    way, to = returns[opened, source]
                    fate = self.back(next(back))
                else:
                    continue
                for delay_s in fate:
                    ticket = (time.monotonic() + delay_s, next(tickets), way, datagram, to)
                    heapq.heappush(due, ticket)
            while due and due[0][0] <= time.monotonic():
                _at, _ticket, way, datagram, to = heapq.heappop(due)
                way.sendto(datagram, to)


def _bound(address: Address) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    opened.setblocking(False)
    opened.bind(address)
    return opened


@contextmanager
def silent_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A UDP port that takes everything and answers nothing."""
    with _bound((host, 0)) as opened:
        yield opened.getsockname()[1]


def closed_port(host: str = "127.0.0.1") -> int:
    """A UDP port that nobody listens on; no other test's socket is given it by chance."""
    return free_port(socket.SOCK_DGRAM, host=host)


@asynccontextmanager
async def reflecting(host: str = "127.0.0.1", ports: tuple[int, ...] = (0,), other: str = ""):  # noqa: ANN201
    """A real reflector and the ports it got."""
    reflector = UdpReflector()
    try:
        yield reflector, await reflector.start(host, ports, other_address=other)
    finally:
        await reflector.close()


@dataclass
class Told:
    """What a probe said of its progress."""

    fractions: list[float] = field(default_factory=list)
    columns: list[ChartColumn] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)

    def __call__(self, fraction: float, _text: str, columns: tuple[ChartColumn, ...] = ()) -> None:
        self.fractions.append(fraction)
        self.columns += columns
        self.at_s.append(time.perf_counter())


def make_context(
    targets: Targets,
    *,
    answers: Answers | None = None,
    told: Told | None = None,
    network: Network | None = None,
    new_flows_per_s: float = 1000,
    loop_lag: LoopLag | None = None,
) -> ProbeContext:
    """A context on the real network stack; only loopback is ever asked."""
    return ProbeContext(
        targets=targets,
        feeds=Feeds(),
        answers=answers or Answers(),
        network=network or SystemNetwork(),
        host=system_host(),
        rate_limiter=RateLimiter(new_flows_per_s=new_flows_per_s),
        progress=told or Told(),
        run_started=time.perf_counter(),
        loop_lag=loop_lag,
    )


def run(work: Awaitable[E], *, timeout_s: float = 30) -> E:
    """Run to the end, but not for ever."""

    async def bounded() -> E:
        async with asyncio.timeout(timeout_s):
            return await work

    return asyncio.run(bounded())
