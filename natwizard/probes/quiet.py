"""Keeps this process quiet while packets are timed."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_INTERVAL_S = 0.0005
"""Python's own 5 ms made a busy window's neighbour thread read 12 ms too much."""


class _Quiet:
    """Who keeps the process quiet. Switch interval and collector belong to the whole process:

    two that overlap must not put back what the other had set.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keepers = 0
        self._before = (0.0, True)

    def begin(self) -> None:
        with self._lock:
            self._keepers += 1
            if self._keepers == 1:
                self._before = (sys.getswitchinterval(), gc.isenabled())
                sys.setswitchinterval(SWITCH_INTERVAL_S)
                gc.disable()

    def end(self) -> None:
        with self._lock:
            self._keepers -= 1
            if self._keepers == 0:
                interval_s, collects = self._before
                sys.setswitchinterval(interval_s)
                if collects:
                    gc.enable()


_QUIET = _Quiet()


@contextmanager
def quiet_process() -> Iterator[None]:
    """Threads change places ten times as often, and no garbage collection stops them."""
    _QUIET.begin()
    try:
        yield
    finally:
        _QUIET.end()
