"""How long the event loop got no turn: time in which a silence says nothing about the line.

A timeout is a moment of the clock. On a computer that gives this program no processor it comes
before what has long arrived was read, and whoever answered in time would be called silent.
"""

import asyncio
import time
from collections import deque

TICK_S = 0.1
WORTH_NOTING_S = 0.05
"""Timers of Windows are late by 16 ms in an idle computer; a loop that has work, by a little."""

KEPT = 10_000
"""Of the latest; on a computer that is always busy they reach back for a quarter of an hour."""


class LoopLag:
    """Ticks in the event loop that it is about, and keeps when a tick was late."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._due: float | None = None

    async def watch(self) -> None:
        """Tick until cancelled."""
        try:
            while True:
                self._due = time.perf_counter() + TICK_S
                await asyncio.sleep(TICK_S)
                self.note(self._due, time.perf_counter())
        finally:
            self._due = None

    def note(self, due: float, came: float) -> None:
        """A tick that was due at one moment and came at another."""
        if came - due > WORTH_NOTING_S:
            self._late.append((due, came))

    def between(self, start: float, end: float) -> float:
        """Seconds of this stretch (`time.perf_counter()`) in which nothing could be done; those of
        a tick that is still to come are among them.
        """
        late = list(self._late)
        if self._due is not None and end - self._due > WORTH_NOTING_S:
            late.append((self._due, end))
        return sum(max(0.0, min(end, came) - max(start, due)) for due, came in late)
