"""Keeps probes from flooding a line: how many at once, how many new flows a second."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

IN_FLIGHT = 64
NEW_FLOWS_PER_S = 100.0


class Pace:
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

    @asynccontextmanager
    async def flow(self) -> AsyncIterator[None]:
        """Hold one place for a new flow: waits for room, and for its turn."""
        async with self._free:
            now_s = time.monotonic()
            self._next_s = max(now_s, self._next_s + self._gap_s)
            if self._next_s > now_s:
                await asyncio.sleep(self._next_s - now_s)
            yield
