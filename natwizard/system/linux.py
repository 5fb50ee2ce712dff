"""Linux: names from /etc/os-release, processes from /proc, screens from X or from the kernel."""

import ctypes
import ctypes.util
import os
import platform
import struct

import psutil

from natwizard.probes.browsers.executable import ReadAt, read_executable
from natwizard.probes.host import Host, Platform, Screen
from natwizard.system.common_host import CommonHost

# Xft.dpi at a scale of 1, as desktops set it
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
        # a file of sysfs holds a page at most
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


FIRST_PROGRAMS = ("/sbin/init", "/bin/sh")
PLATFORM_PROFILE = "/sys/firmware/acpi/platform_profile"
MEMORY_BLOCKS = "/sys/devices/system/memory"
DELETED = " (deleted)"


class LinuxHost(CommonHost):
    """`probes.host.Host` on Linux."""

    @property
    def platform(self) -> Platform:
        """Which of the three systems."""
        return "linux"

    @property
    def system(self) -> str:
        """Name and version of the distribution, else of the kernel."""
        try:
            facts = platform.freedesktop_os_release()
        except OSError:
            return f"Linux {platform.release()}"
        version = facts.get("VERSION_ID", "")
        return f"{facts['NAME']} {version}".strip()

    @property
    def os_bits(self) -> int:
        """Of the distribution: a 64-bit kernel may carry a 32-bit one (Raspberry Pi OS)."""
        for path in FIRST_PROGRAMS:
            try:
                found = read_executable(self._reader(path))
            except OSError:
                continue
            if found is not None:
                return found.bits
        return 64 if "64" in platform.machine() else 8 * struct.calcsize("P")

    def _reader(self, path: str) -> ReadAt:
        return lambda offset, length: self.read_bytes(path, offset=offset, limit=length)

    def _processor_model(self) -> str:
        try:
            # the first processor's block says it; each of hundreds of cores has one of its own
            text = self.read_bytes("/proc/cpuinfo", limit=65536).decode(errors="replace")
        except OSError:
            return ""
        for line in text.splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model", "cpu model"):
                return value.strip()
        return ""

    def _installed_bytes(self) -> int:
        """Blocks of memory that the kernel was handed (ABI/stable/sysfs-devices-memory)."""
        size = int(self.read_bytes(f"{MEMORY_BLOCKS}/block_size_bytes", limit=32), 16)
        blocks = sum(
            name.removeprefix("memory").isdecimal()
            for name in self.list_directory(MEMORY_BLOCKS)
            if name.startswith("memory")
        )
        return size * blocks

    def _executable_of(self, process: psutil.Process) -> tuple[str, bool]:
        """psutil hides that the file was replaced; the kernel says so."""
        path = os.readlink(f"/proc/{process.pid}/exe")
        return path.removesuffix(DELETED), path.endswith(DELETED)

    def _memory_of(self, process: psutil.Process) -> int:
        """Without what browsers' processes share with each other."""
        memory = process.memory_info()
        return max(0, int(memory.rss) - int(getattr(memory, "shared", 0)))

    def battery_saver(self) -> bool | None:
        """The firmware's profile (kernel documentation, ABI/testing/sysfs-platform_profile)."""
        try:
            profile = self.read_bytes(PLATFORM_PROFILE, limit=64).decode("ascii", "replace")
        except OSError:
            return None
        return profile.strip() in ("low-power", "quiet")

    def _ask_for_screens(self) -> tuple[Screen, ...]:
        return linux_screens(self)
