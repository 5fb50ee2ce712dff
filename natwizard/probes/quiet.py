"""Keeps this process quiet while packets are timed."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from natwizard.probes.fine_timer import FineTimer, system_timer

SWITCH_INTERVAL_S = 0.0005
"""Python's own 5 ms made a busy window's neighbour thread read 12 ms too much."""


class Quiet:
    """Keeps the process quiet for as long as anyone wants it.

    Switch interval, collector and tick belong to the whole process: two that overlap must not put
    back what the other had set.
    """

    def __init__(self, timer: FineTimer) -> None:
        self._timer = timer
        self._lock = threading.Lock()
        self._keepers = 0
        self._before = (0.0, True)

    def begin(self) -> None:
        """One more wants it."""
        with self._lock:
            self._keepers += 1
            if self._keepers == 1:
                self._before = (sys.getswitchinterval(), gc.isenabled())
                sys.setswitchinterval(SWITCH_INTERVAL_S)
                gc.disable()
                self._timer.begin()

    def end(self) -> None:
        """One fewer; the last puts all back."""
        with self._lock:
            self._keepers -= 1
            if self._keepers == 0:
                interval_s, collects = self._before
                sys.setswitchinterval(interval_s)
                if collects:
                    gc.enable()
                self._timer.end()


_QUIET = Quiet(system_timer())


@contextmanager
def quiet_process() -> Iterator[None]:
    """Threads change places ten times as often, no garbage collection stops them, and on Windows
    they wake on a finer tick.
    """
    _QUIET.begin()
    try:
        yield
    finally:
        _QUIET.end()
