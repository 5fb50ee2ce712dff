"""How busy this computer is while a page of it measures: a page itself hardly sees that."""

import asyncio
import time
from typing import Final, Self

from msgspec import Struct

from natwizard.probes.host import Host

TICK_S: Final = 0.02


class ComputerLoad(Struct, frozen=True, kw_only=True):
    """Of one stretch of time.

    Attributes:
        busy_share: of all cores, by all programs, 0 to 1; 0 where the system does not tell.
        late_ms: how late this program was woken at worst, as other programs were, too.
        length_s: how long it was: the system counts in hundredths of a second.
    """

    busy_share: float = 0.0
    late_ms: float = 0.0
    length_s: float = 0.0


class LoadMeter:
    """Looks from where it is entered on; `lap` ends one stretch and begins the next.

    All of it is to be called in the event loop.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._before = host.processor_times()
        self._late_s = self._due_s = 0.0
        self._since_s = time.perf_counter()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._wait()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def lap(self) -> ComputerLoad:
        """Since the last one."""
        now = self._host.processor_times()
        busy_s, all_s = (after - before for after, before in zip(now, self._before, strict=True))
        if self._timer is not None:  # what wakes up late may be asked before its timer can tell so
            self._note_lateness()
            self._timer.cancel()
            self._wait()
        late_s, self._before, self._late_s = self._late_s, now, 0.0
        length_s = time.perf_counter() - self._since_s
        self._since_s += length_s
        return ComputerLoad(
            busy_share=round(min(1.0, max(0.0, busy_s / all_s)), 3) if all_s > 0 else 0.0,
            late_ms=round(1000 * late_s, 1),
            length_s=round(length_s, 3),
        )

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._due_s = loop.time() + TICK_S
        self._timer = loop.call_at(self._due_s, self._on_tick)

    def _on_tick(self) -> None:
        self._note_lateness()
        self._wait()

    def _note_lateness(self) -> None:
        self._late_s = max(self._late_s, asyncio.get_running_loop().time() - self._due_s)
