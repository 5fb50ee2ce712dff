"""This computer as probes may see it. `system.host` is the real one; tests replay recorded ones."""

import configparser
from pathlib import PurePath
from typing import Literal, Protocol

from msgspec import Struct

from natwizard.model.privacy import PublicText, QuotingText
from natwizard.probes.browsers.executable import Executable, ReadAt, read_executable

Platform = Literal["linux", "windows", "macos"]

# A file may be another than expected; longer ones are read piece by piece (browsers.linux)
FILE_LIMIT_BYTES = 4 * 1024 * 1024
LONGEST_INI_LINE = 4096


class Screen(Struct, frozen=True, kw_only=True):
    """One screen; logical pixels are what a web page gets. None: the OS did not tell the scale."""

    name: QuotingText
    width_px: int
    height_px: int
    logical_width_px: int | None = None
    logical_height_px: int | None = None
    primary: bool = False


class Memory(Struct, frozen=True, kw_only=True):
    """Memory as the operating system counts it; 0 where it does not tell.

    Attributes:
        total_bytes: what the system can use, without what firmware and graphics keep.
        installed_bytes: what the boards say, with that.
    """

    total_bytes: int
    available_bytes: int
    installed_bytes: int = 0


class Processor(Struct, frozen=True, kw_only=True):
    """The processor; a number is 0, and a text empty, where the OS does not tell."""

    model: PublicText
    logical_cores: int
    physical_cores: int
    max_mhz: float
    architecture: PublicText


class RunningProgram(Struct, frozen=True, kw_only=True):
    """A process by its executable; `memory_bytes` is its resident (unique where known) size.

    Attributes:
        replaced: the file it was started from is gone or another one now: an update came.
    """

    executable: str
    memory_bytes: int
    replaced: bool = False


class Interface(Struct, frozen=True, kw_only=True):
    """A network interface. `speed_mbps` 0 and `duplex` empty where the OS does not tell.

    Attributes:
        duplex: "full" or "half".
        if_type, physical_medium: as the network stack of Windows numbers them (ifType of IANA,
            NDIS_PHYSICAL_MEDIUM); 0 elsewhere, and where a driver does not tell.
        hardware: a device's driver is below it, not a program; None where the OS does not tell.
    """

    name: str
    is_up: bool
    addresses: tuple[str, ...]
    speed_mbps: int = 0
    duplex: str = ""
    if_type: int = 0
    physical_medium: int = 0
    hardware: bool | None = None


SoundDirection = Literal["microphone", "speaker"]


class SoundDevice(Struct, frozen=True, kw_only=True):
    """A device that is plugged in and switched on.

    Attributes:
        is_default: programs use it where nothing else is chosen.
        is_default_for_calls: programs for calls do.
    """

    name: str
    direction: SoundDirection
    is_default: bool = False
    is_default_for_calls: bool = False


SessionProtocol = Literal["", "console", "ica", "rdp"]
"""How screen and sound of this session reach the person; empty where the system does not tell."""


class CommandResult(Struct, frozen=True, kw_only=True):
    """What a command printed; bounded by FILE_LIMIT_BYTES."""

    exit_code: int
    output: str


class Host(Protocol):
    """Files, registry, commands and facts of one computer. Reads only; nothing is changed."""

    @property
    def platform(self) -> Platform: ...

    @property
    def system(self) -> str:
        """The operating system with its version ("Windows 11 23H2", "Debian GNU/Linux 12")."""
        ...

    @property
    def os_bits(self) -> int:
        """32 or 64, of the operating system, whatever this program is; 0 where it is not told."""
        ...

    def environment(self, name: str) -> str:
        """An environment variable, or empty."""
        ...

    def home(self) -> PurePath: ...

    def read_bytes(self, path: str, *, limit: int = FILE_LIMIT_BYTES, offset: int = 0) -> bytes:
        """At most `limit` bytes of a file. Raises OSError."""
        ...

    def list_directory(self, path: str) -> tuple[str, ...]:
        """Names in a directory, sorted; empty if there is none."""
        ...

    def real_path(self, path: str) -> str:
        """The path with symbolic links followed."""
        ...

    def registry_values(self, key: str, *, bits: int = 64) -> dict[str, str | int]:
        """Values of a registry key ("HKLM\\\\Software\\\\..."), "" is the default; {} if absent."""
        ...

    def registry_subkeys(self, key: str, *, bits: int = 64) -> tuple[str, ...]:
        """Names of a key's subkeys, sorted; empty if absent or not Windows."""
        ...

    def run(self, arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:
        """Run a command without a shell. Raises OSError if it is absent, TimeoutError."""
        ...

    def memory(self) -> Memory: ...

    def processor(self) -> Processor: ...

    def processor_times(self) -> tuple[float, float]:
        """Seconds that all cores together were busy, and that there were, since the start."""
        ...

    def running_programs(self) -> tuple[RunningProgram, ...]: ...

    def interfaces(self) -> tuple[Interface, ...]: ...

    def screens(self) -> tuple[Screen, ...]:
        """Screens of this session; empty where there is no display."""
        ...

    def free_disk_bytes(self) -> int | None:
        """What the account may still write to the disk of its home; None if not told."""
        ...

    def battery_saver(self) -> bool | None:
        """Whether the system runs slower to save its battery; None if it does not tell."""
        ...

    def sound_devices(self) -> tuple[SoundDevice, ...] | None:
        """By the system's own interface for sound; None where it has none, or it fails."""
        ...

    def metered(self) -> bool | None:
        """Whether the preferred way out is paid by volume; None if the system does not tell."""
        ...

    def session_protocol(self) -> SessionProtocol:
        """At the computer itself, or from afar; empty if the system does not tell."""
        ...

    def cache_directory(self) -> str:
        """A folder of ours for cached lists; it may not exist yet."""
        ...


def reader(host: Host, path: str) -> ReadAt:
    """Reads a file at an offset."""
    return lambda offset, length: host.read_bytes(path, offset=offset, limit=length)


def read_text(host: Host, path: str, *, limit: int = FILE_LIMIT_BYTES) -> str:
    """A text file, or empty where it is absent or not ours to read."""
    try:
        return host.read_bytes(path, limit=limit).decode("utf-8", errors="replace")
    except OSError:
        return ""


def exists(host: Host, path: str) -> bool:
    """Whether a file is there and readable."""
    try:
        host.read_bytes(path, limit=1)
    except OSError:
        return False
    return True


def executable_of(host: Host, path: str) -> Executable | None:
    """What a program file is built for; None where it is absent or no program."""
    try:
        return read_executable(reader(host, path))
    except OSError:
        return None


def short_lines(text: str) -> str:
    """An INI text without lines that no program writes: for a line of many blanks configparser
    takes the square of its length.
    """
    return "\n".join(line for line in text.splitlines() if len(line) <= LONGEST_INI_LINE)


def ini_values(text: str, section: str) -> dict[str, str]:
    """Keys (in lower case) of one section of an INI text; empty where it is none."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(short_lines(text))
    except configparser.Error:
        return {}
    return dict(parser[section]) if parser.has_section(section) else {}
