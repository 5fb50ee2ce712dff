"""Keeps probes from flooding a line: how many at once, how many new flows a second."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

# Sockets of all probes that are open at once, UDP and TCP alike (decision 18)
IN_FLIGHT = 64
# A home router's table survives it (stun.udp_range); a burst overflows a socket's buffer, see below
NEW_FLOWS_PER_S = 100.0


class QueueTime:
    """How long one attempt has waited for its turn: time of ours, not of the line.

    Only waits of the task that makes the attempt count; those of others overlap.
    """

    def __init__(self) -> None:
        self.total_s = 0.0
        self._task = asyncio.current_task()

    def add(self, waited_s: float) -> None:
        """Count a wait, if it is this task's own."""
        if asyncio.current_task() is self._task:
            self.total_s += waited_s


WAITING: ContextVar[QueueTime | None] = ContextVar("WAITING", default=None)


class RateLimiter:
    """Shared by all probes of a run. Belongs to the event loop it is first used in.

    A burst is its own finding: 400 datagrams sent at once overflow a socket buffer of
    212,992 bytes and come back as loss that the line never had.
    """

    def __init__(
        self, *, in_flight: int = IN_FLIGHT, new_flows_per_s: float = NEW_FLOWS_PER_S
    ) -> None:
        self._free = asyncio.Semaphore(in_flight)
        self._gap_s = 1.0 / new_flows_per_s
        self._next_s = 0.0

    @contextmanager
    def slowed(self, new_flows_per_s: float) -> Iterator[None]:
        """Meanwhile no more new flows a second than this; turns given before stay as they are."""
        usual_s = self._gap_s
        self._gap_s = max(usual_s, 1.0 / new_flows_per_s)
        try:
            yield
        finally:
            self._gap_s = usual_s

    @asynccontextmanager
    async def flow(self) -> AsyncIterator[None]:
        """Hold one place for a new flow: waits for room, and for its turn.

        The wait is told to the attempt around it, which takes it off its duration.
        """
        async with self.place():
            await self.turn()
            yield

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Room for one socket, for as long as it is open. Never ask for another one inside."""
        asked_s = time.perf_counter()
        async with self._free:
            _tell(time.perf_counter() - asked_s)
            yield

    async def turn(self) -> None:
        """Wait until the next new flow may begin; the place for it is held already."""
        now_s = time.perf_counter()
        self._next_s = max(now_s, self._next_s + self._gap_s)
        if self._next_s > now_s:
            await asyncio.sleep(self._next_s - now_s)
        _tell(time.perf_counter() - now_s)


def _tell(waited_s: float) -> None:
    waiting = WAITING.get()
    if waiting is not None:
        waiting.add(waited_s)
