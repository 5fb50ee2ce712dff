"""Windows: registry, names of its versions, bits of the system below this program."""

import psutil

from natwizard.probes.host import Platform, Screen
from natwizard.system.common_host import CommonHost
from natwizard.system.registry import subkeys_of, values_of

CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
SYSTEM_ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
FIRST_PROCESSOR = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\0"
FIRST_BUILD_OF_11 = 22000
ARCHITECTURES = {"amd64": "x86-64", "arm64": "arm64", "x86": "x86"}


class WindowsHost(CommonHost):
    """`probes.host.Host` on Windows. The module imports everywhere; the registry is empty there."""

    @property
    def platform(self) -> Platform:
        """Which of the three systems."""
        return "windows"

    @property
    def system(self) -> str:
        """ "Windows 11 Pro 23H2"."""
        return windows_name(self.registry_values(CURRENT_VERSION))

    @property
    def os_bits(self) -> int:
        """Of Windows itself: the system's own environment names the native processor."""
        return 32 if self._architecture() == "x86" else 64

    def _architecture(self) -> str:
        told = self.registry_values(SYSTEM_ENVIRONMENT).get("PROCESSOR_ARCHITECTURE", "")
        return ARCHITECTURES.get(str(told).lower(), "") or super()._architecture()

    def _processor_model(self) -> str:
        values = self.registry_values(FIRST_PROCESSOR)
        return str(values.get("ProcessorNameString", "")).strip()

    def registry_values(self, key: str, *, bits: int = 64) -> dict[str, str | int]:
        """Values of a key in the 64-bit or the 32-bit view; {} if it is absent."""
        return values_of(key, bits)

    def registry_subkeys(self, key: str, *, bits: int = 64) -> tuple[str, ...]:
        """Names of a key's subkeys, sorted; empty if it is absent."""
        return subkeys_of(key, bits)

    def _memory_of(self, process: psutil.Process) -> int:
        """The smaller of what it holds and what is its own: processes of a browser share."""
        memory = process.memory_info()
        return int(min(memory.rss, getattr(memory, "private", memory.rss)))

    def _medium_of(self, name: str) -> str:
        from natwizard.system.qt_interfaces import medium_of

        return medium_of(name)

    def battery_saver(self) -> bool | None:
        """SYSTEM_POWER_STATUS.SystemStatusFlag (winbase.h): 1 while battery saver is on."""
        from natwizard.system.windows_power import battery_saver

        return battery_saver()

    def _ask_for_screens(self) -> tuple[Screen, ...]:
        from natwizard.system.windows_screens import windows_screens

        return windows_screens()


def windows_name(values: dict[str, str | int]) -> str:
    """Name a version from its registry values: Windows 11 still says "Windows 10" there."""
    product = str(values.get("ProductName", "Windows"))
    build = str(values.get("CurrentBuild", ""))
    if build.isdecimal() and int(build) >= FIRST_BUILD_OF_11:
        product = product.replace("Windows 10", "Windows 11")
    release = str(values.get("DisplayVersion") or values.get("ReleaseId") or build)
    return f"{product} {release}".strip()
