"""What psutil and the file system tell alike on every operating system."""

import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

import platformdirs
import psutil

from natwizard.probes.host import (
    FILE_LIMIT_BYTES,
    CommandResult,
    Interface,
    Memory,
    Processor,
    RunningProgram,
    Screen,
    SessionProtocol,
    SoundDevice,
)
from natwizard.system import facts
from natwizard.system.command import run_command

MACHINE_NAMES = {"amd64": "x86-64", "x86_64": "x86-64", "aarch64": "arm64", "i686": "x86"}
MACHINE_NAMES |= {"i386": "x86", "i586": "x86"}
DUPLEX: Mapping[int, str] = {psutil.NIC_DUPLEX_FULL: "full", psutil.NIC_DUPLEX_HALF: "half"}


class CommonHost:
    """Base of the three real hosts; each adds what only its system knows.

    Args:
        screens: what the window knows of the screens; None asks the system itself.
    """

    def __init__(self, screens: tuple[Screen, ...] | None = None) -> None:
        self._screens = screens

    def environment(self, name: str) -> str:
        """An environment variable, or empty."""
        return os.environ.get(name, "")

    def home(self) -> PurePath:
        """The home folder; the root where the account has none."""
        try:
            return Path.home()
        except RuntimeError:
            return Path(os.sep)

    def read_bytes(self, path: str, *, limit: int = FILE_LIMIT_BYTES, offset: int = 0) -> bytes:
        """At most `limit` bytes of a regular file. Raises OSError."""
        if not Path(path).is_file():
            raise FileNotFoundError(path)  # also devices and pipes, which might block
        with Path(path).open("rb") as file:
            file.seek(offset)
            return file.read(min(limit, FILE_LIMIT_BYTES))

    def list_directory(self, path: str) -> tuple[str, ...]:
        """Names in a directory, sorted; empty if there is none or it may not be read."""
        try:
            return tuple(sorted(os.listdir(path)))
        except (OSError, ValueError):
            return ()

    def real_path(self, path: str) -> str:
        """The path with symbolic links followed."""
        return os.path.realpath(path)

    def registry_values(self, key: str, *, bits: int = 64) -> dict[str, str | int]:  # noqa: ARG002
        """Only Windows has a registry."""
        return {}

    def registry_subkeys(self, key: str, *, bits: int = 64) -> tuple[str, ...]:  # noqa: ARG002
        """Only Windows has a registry."""
        return ()

    def run(self, arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:
        """Run a command without a shell. Raises OSError if it is absent, TimeoutError."""
        return run_command(arguments, timeout_s=timeout_s)

    def memory(self) -> Memory:
        """Memory that the operating system can use."""
        memory = psutil.virtual_memory()
        return Memory(
            total_bytes=memory.total,
            available_bytes=memory.available,
            installed_bytes=facts.ask(self._installed_bytes, 0),
        )

    def _installed_bytes(self) -> int:
        """What the boards say, with what firmware and graphics keep; 0 where it is not told."""
        return 0

    def processor(self) -> Processor:
        """Cores and clock by psutil; model by the system's own files or registry."""
        return Processor(
            model=facts.ask(self._processor_model, ""),
            logical_cores=facts.ask(psutil.cpu_count, None) or 0,
            physical_cores=facts.ask(lambda: psutil.cpu_count(logical=False), None) or 0,
            max_mhz=_clock_mhz(),
            architecture=facts.ask(self._architecture, ""),
        )

    def _processor_model(self) -> str:
        return platform.processor()

    def _architecture(self) -> str:
        """Of the computer, not of this program."""
        machine = platform.machine()
        return MACHINE_NAMES.get(machine.lower(), machine.lower())

    def processor_times(self) -> tuple[float, float]:
        """Seconds that all cores together were busy, and that there were, since the start."""
        times = psutil.cpu_times()._asdict()
        for part in ("guest", "guest_nice"):  # Linux counts these in user and nice as well
            times.pop(part, None)
        whole_s = float(sum(times.values()))
        return whole_s - float(times["idle"] + times.get("iowait", 0.0)), whole_s

    def running_programs(self) -> tuple[RunningProgram, ...]:
        """Processes whose executable may be seen."""
        return tuple(self._running())

    def _running(self) -> Iterator[RunningProgram]:
        for process in psutil.process_iter():
            try:
                executable, replaced = self._executable_of(process)
                if executable:
                    yield RunningProgram(
                        executable=executable,
                        memory_bytes=self._memory_of(process),
                        replaced=replaced,
                    )
            except Exception:  # noqa: BLE001, S112 - ended meanwhile, another person's, or a fault
                continue

    def _executable_of(self, process: psutil.Process) -> tuple[str, bool]:
        return process.exe(), False

    def _memory_of(self, process: psutil.Process) -> int:
        return int(process.memory_info().rss)

    def interfaces(self) -> tuple[Interface, ...]:
        """Network interfaces with their addresses, link-local ones without their zone."""
        none: dict[str, tuple[str, ...]] = {}
        addresses = facts.ask(_addresses, none)
        return tuple(
            Interface(
                name=name,
                is_up=stats.isup,
                addresses=addresses.get(name, ()),
                speed_mbps=stats.speed,
                duplex=DUPLEX.get(stats.duplex, ""),
            )
            for name, stats in sorted(psutil.net_if_stats().items())
        )

    def screens(self) -> tuple[Screen, ...]:
        """Those the window told, else those the system tells."""
        return self._screens if self._screens is not None else self._ask_for_screens()

    def _ask_for_screens(self) -> tuple[Screen, ...]:
        return ()

    def free_disk_bytes(self) -> int | None:
        """Of the disk that holds the account's home."""
        try:
            return int(psutil.disk_usage(str(self.home())).free)
        except OSError:
            return None

    def battery_saver(self) -> bool | None:
        """Told by each system in its own way."""
        return None

    def sound_devices(self) -> tuple[SoundDevice, ...] | None:
        """Only Windows has one interface for all of them."""
        return None

    def metered(self) -> bool | None:
        """Told by each system in its own way."""
        return None

    def session_protocol(self) -> SessionProtocol:
        """Told by each system in its own way."""
        return ""

    def cache_directory(self) -> str:
        """The account's cache folder for this program; it may not exist yet."""
        return platformdirs.user_cache_dir("natwizard", appauthor=False)


def _addresses() -> dict[str, tuple[str, ...]]:
    """Of each interface, without zones."""
    return {
        name: tuple(
            each.address.split("%")[0] for each in addresses if each.family != psutil.AF_LINK
        )
        for name, addresses in psutil.net_if_addrs().items()
    }


def _clock_mhz() -> float:
    """The highest clock the OS tells, else the present one; 0 where it tells none that can be.

    psutil gives GHz where it means MHz on some Macs (its issue 2642), and raises what no
    documentation lists on others (2841).
    """
    clock: object = facts.ask(psutil.cpu_freq, None)
    # None on virtual machines and boards whose kernel drives no clock
    told = (getattr(clock, name, None) for name in ("max", "current"))
    return next((mhz for each in told if (mhz := facts.in_range(each, facts.CLOCK_MHZ))), 0.0)
