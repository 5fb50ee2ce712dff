"""Screens on Windows without a window of our own: size in real pixels, scale by monitor."""

import sys

from natwizard.probes.host import Screen

STANDARD_DPI = 96
EFFECTIVE_DPI = 0
NEAREST_MONITOR = 2
PER_MONITOR_AWARE = -3
"""DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE; without it Windows tells every program 96 dpi."""


def windows_screens() -> tuple[Screen, ...]:
    """Monitors of this session; their scale is None where Windows does not tell (before 8.1)."""
    from screeninfo import ScreenInfoError, get_monitors

    _see_real_pixels()
    try:
        monitors = get_monitors()
    except (ScreenInfoError, OSError):
        return ()
    screens = []
    for monitor in monitors:
        dpi = _dpi_at(monitor.x, monitor.y)
        screens.append(
            Screen(
                name=monitor.name or "",
                width_px=monitor.width,
                height_px=monitor.height,
                logical_width_px=monitor.width * STANDARD_DPI // dpi if dpi else None,
                logical_height_px=monitor.height * STANDARD_DPI // dpi if dpi else None,
                primary=bool(monitor.is_primary),
            )
        )
    return tuple(screens)


def _see_real_pixels() -> None:
    """For this thread alone; Windows before 10.0.14393 has no such call and needs none."""
    if sys.platform == "win32":
        import ctypes

        set_awareness = getattr(ctypes.windll.user32, "SetThreadDpiAwarenessContext", None)
        if set_awareness is not None:
            set_awareness(ctypes.c_void_p(PER_MONITOR_AWARE))


def _dpi_at(x: int, y: int) -> int:
    """Effective dots per inch of the monitor at a point of the desktop, or 0."""
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        try:
            get_dpi = ctypes.windll.shcore.GetDpiForMonitor
        except (AttributeError, OSError):
            return 0
        from_point = ctypes.windll.user32.MonitorFromPoint
        from_point.restype = wintypes.HMONITOR
        from_point.argtypes = [wintypes.POINT, wintypes.DWORD]
        get_dpi.argtypes = [
            wintypes.HMONITOR,
            ctypes.c_int,
            ctypes.POINTER(wintypes.UINT),
            ctypes.POINTER(wintypes.UINT),
        ]
        across, down = wintypes.UINT(), wintypes.UINT()
        monitor = from_point(wintypes.POINT(x + 1, y + 1), NEAREST_MONITOR)
        if get_dpi(monitor, EFFECTIVE_DPI, ctypes.byref(across), ctypes.byref(down)) == 0:
            return int(across.value)
    return 0
