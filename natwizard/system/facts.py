"""Facts of a computer that may fail or make no sense: each costs itself, never a run.

Libraries and drivers raise what nobody listed (SystemError, ZeroDivisionError, KeyError, ...),
and tell figures in another unit or of no possible size. What could not be told, or cannot be
true, is not told: 0, empty or None, as each field of `probes.host` says.
"""

import logging
import math
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Final, NamedTuple, TypeVar

from msgspec.structs import replace

from natwizard.probes.host import (
    FILE_LIMIT_BYTES,
    CommandResult,
    Host,
    Interface,
    Memory,
    Platform,
    Processor,
    RunningProgram,
    Screen,
    SessionProtocol,
    SoundDevice,
)

LOG = logging.getLogger(__name__)

T = TypeVar("T")


class Range(NamedTuple):
    """The least and the most that a figure can be; both are possible."""

    least: float
    most: float


MIB, TIB = 1024**2, 1024**4
CLOCK_MHZ: Final = Range(100, 10_000)
"""No 64-bit processor was ever slower, and none has reached 10 GHz."""
CORES: Final = Range(1, 8192)  # Linux's own limit (NR_CPUS)
MEMORY_BYTES: Final = Range(64 * MIB, 256 * TIB)
DISK_BYTES: Final = Range(0, 2**63)
SIDE_PX: Final = Range(1, 32_768)
# The fastest Ethernet has 800 Gbit/s (IEEE 802.3df)
LINK_MBPS: Final = Range(1, 800_000)
UNKNOWN_SPEEDS_MBPS: Final = frozenset({65_535, 4_294, 4_294_967, 9_223_372})
"""-1 as drivers write it: in 16 bits of Mbit/s, and in 32 and 63 bits of bit/s and kbit/s."""


NO_NAMES: Final[tuple[str, ...]] = ()


def ask(fact: Callable[[], T], otherwise: T) -> T:
    """A fact, or what stands for "not told" where it raises anything at all."""
    try:
        return fact()
    except Exception:
        LOG.warning("a fact is not told", exc_info=True)
        return otherwise


def well_formed(text: str) -> str:
    """The text, with U+FFFD for each half of a character: a report cannot be written with one.

    Windows takes any 16 bits for a character, in its registry, in names of devices and of files;
    Python stands half ones for bytes that are no UTF-8.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def ask_table(fact: Callable[[], dict[str, T]]) -> dict[str, T]:
    """A table by name, such as of all interfaces; empty where it raises anything at all."""
    empty: dict[str, T] = {}
    return ask(fact, empty)


def in_range(value: object, bounds: Range) -> float:
    """The number, or 0 where it is none or outside the bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return value if bounds.least <= value <= bounds.most else 0


class GuardedHost:
    """A host whose facts never raise, and are possible. Its errors of files and commands stay."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def platform(self) -> Platform:
        """Which of the three systems."""
        return self._host.platform

    @property
    def system(self) -> str:
        """Name and version of the system, or empty."""
        return well_formed(ask(lambda: self._host.system, ""))

    @property
    def os_bits(self) -> int:
        """32 or 64; 0 where it is not told."""
        told = ask(lambda: self._host.os_bits, 0)
        return told if told in (32, 64) else 0

    def environment(self, name: str) -> str:
        """An environment variable, or empty."""
        return well_formed(ask(lambda: self._host.environment(name), ""))

    def home(self) -> PurePath:
        """The home folder, or the root."""
        root: PurePath = Path("/")
        return ask(self._host.home, root)

    def read_bytes(self, path: str, *, limit: int = FILE_LIMIT_BYTES, offset: int = 0) -> bytes:
        """At most `limit` bytes of a file. Raises OSError and nothing else."""
        try:
            return self._host.read_bytes(path, limit=limit, offset=offset)
        except OSError:
            raise
        except Exception as error:
            raise OSError(f"{path}: {error}") from error  # such as a null in a path of the registry

    def list_directory(self, path: str) -> tuple[str, ...]:
        """Names in a directory, or none."""
        return ask(lambda: self._host.list_directory(path), NO_NAMES)

    def real_path(self, path: str) -> str:
        """The path with symbolic links followed, or the path."""
        return well_formed(ask(lambda: self._host.real_path(path), path))

    def registry_values(self, key: str, *, bits: int = 64) -> dict[str, str | int]:
        """Values of a registry key, or none."""
        nothing: dict[str, str | int] = {}
        told = ask(lambda: self._host.registry_values(key, bits=bits), nothing)
        return {
            well_formed(name): well_formed(value) if isinstance(value, str) else value
            for name, value in told.items()
        }

    def registry_subkeys(self, key: str, *, bits: int = 64) -> tuple[str, ...]:
        """Names of a key's subkeys, or none."""
        return ask(lambda: self._host.registry_subkeys(key, bits=bits), NO_NAMES)

    def run(self, arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:
        """Run a command. Raises OSError (TimeoutError among them) and nothing else."""
        try:
            return self._host.run(arguments, timeout_s=timeout_s)
        except OSError:
            raise
        except Exception as error:
            raise OSError(f"{arguments[0]}: {error}") from error

    def memory(self) -> Memory:
        """Each size on its own; 0 where it is not told."""
        told = ask(self._host.memory, Memory(total_bytes=0, available_bytes=0))
        total = int(in_range(told.total_bytes, MEMORY_BYTES))
        # more free memory than there is would be another unit, or a fault of the driver
        available = int(in_range(told.available_bytes, Range(1, total))) if total else 0
        installed = int(in_range(told.installed_bytes, MEMORY_BYTES))
        return Memory(
            total_bytes=total,
            available_bytes=available,
            # firmware and graphics keep less than half: else the figure is of something else
            installed_bytes=installed if total <= installed <= 2 * total else 0,
        )

    def processor(self) -> Processor:
        """Each figure on its own; 0 where it is not told."""
        nothing = Processor(model="", logical_cores=0, physical_cores=0, max_mhz=0, architecture="")
        told = ask(self._host.processor, nothing)
        logical = int(in_range(told.logical_cores, CORES))
        physical = int(in_range(told.physical_cores, CORES))
        return replace(
            told,
            model=well_formed(told.model),
            logical_cores=logical,
            physical_cores=physical if not logical or physical <= logical else 0,
            max_mhz=in_range(told.max_mhz, CLOCK_MHZ),
        )

    def processor_times(self) -> tuple[float, float]:
        """As of `Host`; (0, 0) where they are not told."""
        busy_s, whole_s = ask(self._host.processor_times, (0.0, 0.0))
        return (busy_s, whole_s) if 0 <= busy_s <= whole_s < math.inf else (0.0, 0.0)

    def running_programs(self) -> tuple[RunningProgram, ...]:
        """Those that are told; a size that cannot be is 0."""
        nothing: tuple[RunningProgram, ...] = ()
        return tuple(
            replace(
                each,
                executable=well_formed(each.executable),
                memory_bytes=int(in_range(each.memory_bytes, MEMORY_BYTES._replace(least=0))),
            )
            for each in ask(self._host.running_programs, nothing)
        )

    def interfaces(self) -> tuple[Interface, ...]:
        """Those that are told; a speed that cannot be is 0."""
        nothing: tuple[Interface, ...] = ()
        return tuple(
            replace(
                each,
                name=well_formed(each.name),
                speed_mbps=int(in_range(each.speed_mbps, LINK_MBPS))
                if each.speed_mbps not in UNKNOWN_SPEEDS_MBPS
                else 0,
            )
            for each in ask(self._host.interfaces, nothing)
        )

    def screens(self) -> tuple[Screen, ...]:
        """Those whose size can be; the logical size is None where it cannot."""
        nothing: tuple[Screen, ...] = ()
        return tuple(
            replace(
                each,
                name=well_formed(each.name),
                logical_width_px=_side_or_none(each.logical_width_px),
                logical_height_px=_side_or_none(each.logical_height_px),
            )
            for each in ask(self._host.screens, nothing)
            if in_range(each.width_px, SIDE_PX) and in_range(each.height_px, SIDE_PX)
        )

    def free_disk_bytes(self) -> int | None:
        """None where it is not told."""
        told = ask(self._host.free_disk_bytes, None)
        return told if told is not None and DISK_BYTES.least <= told <= DISK_BYTES.most else None

    def battery_saver(self) -> bool | None:
        """None where it is not told."""
        return ask(self._host.battery_saver, None)

    def sound_devices(self) -> tuple[SoundDevice, ...] | None:
        """None where they are not told."""
        told = ask(self._host.sound_devices, None)
        if told is None:
            return None
        return tuple(replace(each, name=well_formed(each.name)) for each in told)

    def metered(self) -> bool | None:
        """None where it is not told."""
        return ask(self._host.metered, None)

    def session_protocol(self) -> SessionProtocol:
        """Empty where it is not told."""
        not_told: SessionProtocol = ""
        return ask(self._host.session_protocol, not_told)

    def cache_directory(self) -> str:
        """A folder of ours, or empty."""
        return ask(self._host.cache_directory, "")


def _side_or_none(told: int | None) -> int | None:
    return int(in_range(told, SIDE_PX)) or None
