"""Keeps this process quiet while packets are timed."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_INTERVAL_S = 0.0005
"""Python's own 5 ms made a busy window's neighbour thread read 12 ms too much."""


@contextmanager
def quiet_process() -> Iterator[None]:
    """Threads change places ten times as often, and no garbage collection stops them."""
    before_s, collects = sys.getswitchinterval(), gc.isenabled()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.disable()
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)
        if collects:
            gc.enable()
