"""Linux: names from /etc/os-release, processes from /proc, screens from X or from the kernel."""

import os
import platform
import struct

import psutil

from natwizard.probes.executable import ReadAt, read_executable
from natwizard.probes.host import Platform, Screen
from natwizard.system.common_host import CommonHost
from natwizard.system.linux_screens import linux_screens

FIRST_PROGRAMS = ("/sbin/init", "/bin/sh")
PLATFORM_PROFILE = "/sys/firmware/acpi/platform_profile"
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
            text = self.read_bytes("/proc/cpuinfo", limit=65536).decode(errors="replace")
        except OSError:
            return ""
        for line in text.splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model", "cpu model"):
                return value.strip()
        return ""

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
