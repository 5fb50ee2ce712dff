"""Keeps this process quiet while packets are timed."""

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Protocol

# The finest that timeBeginPeriod grants
TICK_MS = 1
# ProcessPowerThrottling of PROCESS_INFORMATION_CLASS (processthreadsapi.h)
PROCESS_POWER_THROTTLING = 4
# The highest below time-critical, which would starve the person's own programs (winbase.h)
THREAD_PRIORITY_HIGHEST = 2
# PROCESS_POWER_THROTTLING_EXECUTION_SPEED and _IGNORE_TIMER_RESOLUTION
EXECUTION_SPEED, IGNORE_TIMER_RESOLUTION = 0x1, 0x4


class PowerThrottling(ctypes.Structure):
    """PROCESS_POWER_THROTTLING_STATE: of the control bits, those in the state are throttled."""

    _fields_: ClassVar = [
        ("version", ctypes.c_uint32),
        ("control_mask", ctypes.c_uint32),
        ("state_mask", ctypes.c_uint32),
    ]


class WindowsTimer(Protocol):
    """The few calls of Windows that are needed; `WindowsLibraries` makes them."""

    def begin_period(self, tick_ms: int) -> bool:
        """Whether the system granted this tick."""
        ...

    def end_period(self, tick_ms: int) -> None: ...

    def throttle(self, control_mask: int, state_mask: int) -> None:
        """Set this process's power throttling; versions that know none of it do nothing."""
        ...


class FineTimer:
    """A wish for a fine tick. What was granted is given back once; elsewhere nothing happens."""

    def __init__(self, windows: WindowsTimer | None) -> None:
        self._windows = windows
        self._granted = False

    def begin(self) -> None:
        """Wish for it, at full speed, with windows covered or not."""
        if self._windows is not None:
            self._windows.throttle(EXECUTION_SPEED | IGNORE_TIMER_RESOLUTION, 0)
            self._granted = self._windows.begin_period(TICK_MS)

    def end(self) -> None:
        """Leave all to the system again."""
        if self._windows is not None:
            if self._granted:
                self._windows.end_period(TICK_MS)
                self._granted = False
            self._windows.throttle(0, 0)


def system_timer() -> FineTimer:
    """The one of this system."""
    if sys.platform == "win32":
        return FineTimer(WindowsLibraries())
    return FineTimer(None)


def prefer_this_thread() -> bool:
    """Whether the calling thread now goes before those of other programs.

    Any program may ask Windows for that; elsewhere it takes rights that an agent has not.
    """
    if sys.platform == "win32":
        this_thread = windows_function("kernel32", "GetCurrentThread", ctypes.c_void_p)
        prefer = windows_function(
            "kernel32", "SetThreadPriority", ctypes.c_int, ctypes.c_void_p, ctypes.c_int
        )
        return bool(prefer(this_thread(), THREAD_PRIORITY_HIGHEST))
    return False


if sys.platform == "win32":
    from natwizard.windows_functions import windows_function

    class WindowsLibraries:
        """winmm and kernel32 themselves."""

        def begin_period(self, tick_ms: int) -> bool:
            """TIMERR_NOERROR is 0."""
            begin = windows_function("winmm", "timeBeginPeriod", ctypes.c_uint32, ctypes.c_uint32)
            return begin(tick_ms) == 0

        def end_period(self, tick_ms: int) -> None:
            """Each begin needs its end with the same tick."""
            windows_function("winmm", "timeEndPeriod", ctypes.c_uint32, ctypes.c_uint32)(tick_ms)

        def throttle(self, control_mask: int, state_mask: int) -> None:
            """Windows before 10 1709 refuses, which changes nothing."""
            this_process = windows_function("kernel32", "GetCurrentProcess", ctypes.c_void_p)
            inform = windows_function(
                "kernel32", "SetProcessInformation", ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
                ctypes.c_void_p, ctypes.c_uint32,
            )  # fmt: skip
            state = PowerThrottling(version=1, control_mask=control_mask, state_mask=state_mask)
            place, size = ctypes.byref(state), ctypes.sizeof(state)
            inform(this_process(), PROCESS_POWER_THROTTLING, place, size)


SWITCH_INTERVAL_S = 0.0005
"""Python's own 5 ms made a busy window's neighbour thread read 12 ms too much."""


class TimingGuard:
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


_QUIET = TimingGuard(system_timer())


@contextmanager
def low_jitter_process() -> Iterator[None]:
    """Threads change places ten times as often, no garbage collection stops them, and on Windows
    they wake on a finer tick.
    """
    _QUIET.begin()
    try:
        yield
    finally:
        _QUIET.end()
