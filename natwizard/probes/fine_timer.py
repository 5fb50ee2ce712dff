"""Asks Windows for a tick of a millisecond while packets are timed, and to be served in time.

`time.sleep` uses a high-resolution waitable timer (CPython 3.11) where Windows has one (10 1803
and later); older ones, and every wait on a socket, end on the system's tick of 15.6 ms. Windows 11
ignores such a wish where the program's windows are covered, unless it is told not to. Sources:
timeBeginPeriod (timeapi.h), PROCESS_POWER_THROTTLING_STATE and SetThreadPriority
(processthreadsapi.h).
"""

import ctypes
import sys
from typing import ClassVar, Protocol

TICK_MS = 1
PROCESS_POWER_THROTTLING = 4
THREAD_PRIORITY_HIGHEST = 2
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
        kernel32 = ctypes.windll.kernel32
        kernel32.GetCurrentThread.restype = ctypes.c_void_p
        thread = ctypes.c_void_p(kernel32.GetCurrentThread())
        return bool(kernel32.SetThreadPriority(thread, THREAD_PRIORITY_HIGHEST))
    return False


if sys.platform == "win32":

    class WindowsLibraries:
        """winmm and kernel32 themselves."""

        def begin_period(self, tick_ms: int) -> bool:
            """TIMERR_NOERROR is 0."""
            return bool(ctypes.windll.winmm.timeBeginPeriod(tick_ms) == 0)

        def end_period(self, tick_ms: int) -> None:
            """Each begin needs its end with the same tick."""
            ctypes.windll.winmm.timeEndPeriod(tick_ms)

        def throttle(self, control_mask: int, state_mask: int) -> None:
            """Windows before 10 1709 refuses, which changes nothing."""
            kernel32 = ctypes.windll.kernel32
            kernel32.GetCurrentProcess.restype = ctypes.c_void_p
            state = PowerThrottling(version=1, control_mask=control_mask, state_mask=state_mask)
            kernel32.SetProcessInformation(
                ctypes.c_void_p(kernel32.GetCurrentProcess()),
                PROCESS_POWER_THROTTLING,
                ctypes.byref(state),
                ctypes.sizeof(state),
            )
