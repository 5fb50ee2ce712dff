"""macOS: names from sw_vers, processor from sysctl, screens from system_profiler."""

import platform
import re
from contextlib import suppress

import msgspec
import psutil
from msgspec import Struct, field

from natwizard.probes.host import Platform, Screen
from natwizard.system.common_host import CommonHost

SIZE = re.compile(r"(\d{3,5})\s*x\s*(\d{3,5})")


class _Display(Struct, kw_only=True):
    name: str = field(default="", name="_name")
    pixels: str = field(default="", name="_spdisplays_pixels")
    resolution: str = field(default="", name="_spdisplays_resolution")
    main: str = field(default="", name="spdisplays_main")


class _Card(Struct, kw_only=True):
    displays: list[_Display] = field(default_factory=list, name="spdisplays_ndrvs")


class _Profile(Struct, kw_only=True):
    cards: list[_Card] = field(default_factory=list, name="SPDisplaysDataType")


def screens_of_profile(text: str) -> tuple[Screen, ...]:
    """Screens with real pixels, and with those that programs see; none where it is not readable."""
    try:
        profile = msgspec.json.decode(text, type=_Profile)
    except msgspec.MsgspecError:
        return ()
    displays = [display for card in profile.cards for display in card.displays]
    return tuple(screen for display in displays if (screen := _screen(display)) is not None)


def _screen(display: _Display) -> Screen | None:
    seen = SIZE.search(display.resolution)
    real = SIZE.search(display.pixels) or seen
    if real is None:
        return None
    return Screen(
        name=display.name,
        width_px=int(real[1]),
        height_px=int(real[2]),
        logical_width_px=int(seen[1]) if seen else None,
        logical_height_px=int(seen[2]) if seen else None,
        primary=display.main == "spdisplays_yes",
    )


QUICK_S = 2.0
PROFILER_S = 6.0


class MacHost(CommonHost):
    """`probes.host.Host` on macOS."""

    @property
    def platform(self) -> Platform:
        """Which of the three systems."""
        return "macos"

    @property
    def system(self) -> str:
        """ "macOS 15.1"; mac_ver reads the file behind sw_vers."""
        return f"macOS {platform.mac_ver()[0]}".strip()

    @property
    def os_bits(self) -> int:
        """Every macOS since 10.8 has a 64-bit kernel."""
        return 64

    def _architecture(self) -> str:
        """Also of a Mac with Apple silicon when this program runs translated by Rosetta."""
        return "arm64" if self._sysctl("hw.optional.arm64") == "1" else super()._architecture()

    def _processor_model(self) -> str:
        return self._sysctl("machdep.cpu.brand_string")

    def _sysctl(self, name: str) -> str:
        return self._output(("/usr/sbin/sysctl", "-n", name), QUICK_S)

    def _output(self, arguments: tuple[str, ...], timeout_s: float) -> str:
        """What a command printed, or empty where it could not."""
        with suppress(OSError, TimeoutError):
            result = self.run(arguments, timeout_s=timeout_s)
            return result.output.strip() if result.exit_code == 0 else ""
        return ""

    def _memory_of(self, process: psutil.Process) -> int:
        """Its own pages where we may ask (our account's programs), else all it holds."""
        with suppress(psutil.Error):
            return int(process.memory_full_info().uss)
        return int(process.memory_info().rss)

    def battery_saver(self) -> bool | None:
        """Low Power Mode, as `pmset -g` lists it for the present source of power."""
        return low_power_of(self._output(("/usr/bin/pmset", "-g"), QUICK_S))

    def _ask_for_screens(self) -> tuple[Screen, ...]:
        command = ("/usr/sbin/system_profiler", "SPDisplaysDataType", "-json")
        return screens_of_profile(self._output(command, PROFILER_S))


def low_power_of(settings: str) -> bool | None:
    """Whether the line "lowpowermode 1" stands in them; None where there is no such line."""
    for line in settings.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == "lowpowermode":
            return words[1] == "1"
    return None
