"""How the time of a piece of work grows with its input, whatever the machine.

A limit in seconds says as much about the machine as about the code. What matters of hostile input
is that sixteen times as much of it costs about sixteen times as much, and not the square of that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

WHOLE: Final = 16
"""How many times the small input the large one is."""
FACTOR_MAX: Final = 100.0
"""Between 16, which is proportional to the input, and 256, which is its square. What no longer
fits into a cache, or comes from the system page by page, costs six times as much a byte."""
TOO_SHORT_S: Final = 0.02
"""Of processor time: below it a cold cache weighs more than the input."""
TRIALS: Final = 5
"""A neighbour's noise spoils one, the square of the input spoils each."""


def assert_time_grows_with_input(work: Callable[[int], object], size: int) -> None:
    """Fail if `work(size)` takes far more than 16 times what `work(size // 16)` takes.

    `work` makes its input of about so many units and uses it; its time is that of this thread.
    """
    factors: list[float] = []
    for _trial in range(TRIALS):
        large_s = _thread_s(work, size)
        if large_s < TOO_SHORT_S:
            return
        factors.append(large_s / max(_thread_s(work, size // WHOLE), 1e-6))
        if factors[-1] < FACTOR_MAX:
            return
    raise AssertionError(f"{WHOLE} times the input takes {min(factors):.0f} times as long")


def _thread_s(work: Callable[[int], object], size: int) -> float:
    began_s = time.thread_time()
    work(size)
    return time.thread_time() - began_s
