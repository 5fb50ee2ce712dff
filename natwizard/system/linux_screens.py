"""Screens on Linux without a window of our own: X tells sizes and scale, Wayland only sizes."""

import ctypes
import ctypes.util

from natwizard.probes.host import Host, Screen

STANDARD_DPI = 96.0
CONNECTORS = "/sys/class/drm"


def linux_screens(host: Host) -> tuple[Screen, ...]:
    """Screens of this session; empty without one."""
    if host.environment("WAYLAND_DISPLAY"):
        return kernel_screens(host)  # X on Wayland tells sizes that are already scaled
    if host.environment("DISPLAY"):
        return _x_screens()
    return ()


def kernel_screens(host: Host) -> tuple[Screen, ...]:
    """Monitors that the kernel drives, in their preferred mode; their scale is not told."""
    found = []
    for connector in host.list_directory(CONNECTORS):
        place = f"{CONNECTORS}/{connector}"
        if _first_line(host, f"{place}/enabled") != "enabled":
            continue
        width, _, height = _first_line(host, f"{place}/modes").partition("x")
        if width.isdecimal() and height.rstrip("i").isdecimal():
            name = connector.partition("-")[2] or connector
            found.append(Screen(name=name, width_px=int(width), height_px=int(height.rstrip("i"))))
    return tuple(found)


def _first_line(host: Host, path: str) -> str:
    try:
        return host.read_bytes(path, limit=4096).decode(errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""


def _x_screens() -> tuple[Screen, ...]:
    """Browsers on X scale by the resource Xft.dpi, which desktops set to 96 times the scale."""
    from screeninfo import ScreenInfoError, get_monitors

    try:
        monitors = get_monitors()
    except ScreenInfoError:
        return ()
    scale = _x_dpi() / STANDARD_DPI
    return tuple(
        Screen(
            name=monitor.name or "",
            width_px=monitor.width,
            height_px=monitor.height,
            logical_width_px=int(monitor.width / scale),
            logical_height_px=int(monitor.height / scale),
            primary=bool(monitor.is_primary),
        )
        for monitor in monitors
    )


def _x_dpi() -> float:
    name = ctypes.util.find_library("X11")
    if name is None:
        return STANDARD_DPI
    x11 = ctypes.CDLL(name)
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x11.XResourceManagerString.restype = ctypes.c_char_p
    x11.XResourceManagerString.argtypes = [ctypes.c_void_p]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(None)
    if not display:
        return STANDARD_DPI
    try:
        return dpi_of_resources((x11.XResourceManagerString(display) or b"").decode("latin-1"))
    finally:
        x11.XCloseDisplay(display)


def dpi_of_resources(resources: str) -> float:
    """Xft.dpi of the X resources; the standard 96 where it is absent or absurd."""
    for line in resources.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "Xft.dpi":
            try:
                dpi = float(value)
            except ValueError:
                continue
            return dpi if 48 <= dpi <= 480 else STANDARD_DPI
    return STANDARD_DPI
