"""Replays a recorded computer: a tree of files, a registry and the output of commands.

A recording is a folder:

    host.json      facts (see Facts below)
    links.json     symbolic links, {"/snap/firefox/current": "/snap/firefox/4336"}; optional
    registry.json  {"64": {key: {value name: value}}, "32": {...}}; optional. What is not under
                   HKLM\\SOFTWARE is the same in both views and stands under "64"
    commands.json  {"netsh wlan show interfaces": {"exit_code": 0, "output": "..."}}; optional
    files/         the tree; on Windows its first level is the drive ("files/C/Program Files").
                   An empty folder holds `.keep`
"""

from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import msgspec
from msgspec import Struct

from natwizard.probes.host import (
    FILE_LIMIT_BYTES,
    CommandResult,
    Interface,
    Memory,
    Platform,
    Processor,
    RunningProgram,
    Screen,
    SessionProtocol,
    SoundDevice,
)

HOSTS = Path(__file__).parents[1] / "fixtures" / "hosts"
LINKS_AT_MOST = 20


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a recording says outside its tree."""

    platform: Platform
    system: str
    home: str
    os_bits: int = 64
    environment: dict[str, str] = {}
    memory: Memory = Memory(total_bytes=8 * 1024**3, available_bytes=4 * 1024**3)
    processor: Processor = Processor(
        model="", logical_cores=4, physical_cores=2, max_mhz=2400, architecture="x86-64"
    )
    running: tuple[RunningProgram, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    screens: tuple[Screen, ...] = ()
    free_disk_bytes: int | None = None
    battery_saver: bool | None = None
    sound_devices: tuple[SoundDevice, ...] | None = None
    metered: bool | None = None
    session_protocol: SessionProtocol = ""


class RecordedHost:
    """`probes.host.Host` for tests. Commands that were run are listed in `ran`."""

    def __init__(self, root: Path, *, cache: Path | None = None) -> None:
        self.root = root
        self.facts = _read(root / "host.json", Facts)
        self.ran: list[tuple[str, ...]] = []
        self._links = _read(root / "links.json", dict[str, str])
        self._registry = _folded(
            _read(root / "registry.json", dict[str, dict[str, dict[str, str | int]]])
        )
        self._commands = _read(root / "commands.json", dict[str, CommandResult])
        self._cache = cache or root / "no-cache"

    @property
    def platform(self) -> Platform:
        return self.facts.platform

    @property
    def system(self) -> str:
        return self.facts.system

    @property
    def os_bits(self) -> int:
        return self.facts.os_bits

    def environment(self, name: str) -> str:
        return self.facts.environment.get(name, "")

    def home(self) -> PurePath:
        if self.platform == "windows":
            return PureWindowsPath(self.facts.home)
        return PurePosixPath(self.facts.home)

    def read_bytes(self, path: str, *, limit: int = FILE_LIMIT_BYTES, offset: int = 0) -> bytes:
        with self._place(path).open("rb") as file:
            file.seek(offset)
            return file.read(limit)

    def list_directory(self, path: str) -> tuple[str, ...]:
        place = self._place(path)
        names = {entry.name for entry in place.iterdir()} if place.is_dir() else set()
        folder = self.real_path(path).rstrip("/") + "/"
        for link in self._links:
            if link.startswith(folder) and "/" not in link[len(folder) :]:
                names.add(link[len(folder) :])
        return tuple(sorted(names - {".keep"}))

    def real_path(self, path: str) -> str:
        """Follow the recorded links, also those of folders on the way."""
        for _attempt in range(LINKS_AT_MOST):
            for link, target in self._links.items():
                if path == link or path.startswith(f"{link}/"):
                    path = target + path[len(link) :]
                    break
            else:
                break
        if self.platform == "windows":
            place = self._place(path)
            inside = place.relative_to(self.root / "files").parts
            return f"{inside[0]}:\\" + "\\".join(inside[1:]) if place.exists() else path
        return path

    def registry_values(self, key: str, *, bits: int = 64) -> dict[str, str | int]:
        return dict(self._registry_view(key, bits).get(key.casefold(), {}))

    def registry_subkeys(self, key: str, *, bits: int = 64) -> tuple[str, ...]:
        prefix = f"{key}\\".casefold()
        below = {
            original[len(prefix) :].split("\\")[0]
            for original in self._names[self._view(key, bits)]
            if original.casefold().startswith(prefix)
        }
        return tuple(sorted(below))

    def run(self, arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:  # noqa: ARG002
        self.ran.append(arguments)
        try:
            return self._commands[" ".join(arguments)]
        except KeyError:
            raise FileNotFoundError(arguments[0]) from None

    def memory(self) -> Memory:
        return self.facts.memory

    def processor(self) -> Processor:
        return self.facts.processor

    def processor_times(self) -> tuple[float, float]:
        """Nobody measures media on a recording."""
        return 0.0, 0.0

    def running_programs(self) -> tuple[RunningProgram, ...]:
        return self.facts.running

    def interfaces(self) -> tuple[Interface, ...]:
        return self.facts.interfaces

    def screens(self) -> tuple[Screen, ...]:
        return self.facts.screens

    def free_disk_bytes(self) -> int | None:
        return self.facts.free_disk_bytes

    def battery_saver(self) -> bool | None:
        return self.facts.battery_saver

    def sound_devices(self) -> tuple[SoundDevice, ...] | None:
        return self.facts.sound_devices

    def metered(self) -> bool | None:
        return self.facts.metered

    def session_protocol(self) -> SessionProtocol:
        return self.facts.session_protocol

    def cache_directory(self) -> str:
        return str(self._cache)

    @property
    def _names(self) -> Mapping[str, list[str]]:
        read = _read(self.root / "registry.json", dict[str, dict[str, dict[str, str | int]]])
        return {"64": list(read.get("64", {})), "32": list(read.get("32", {}))}

    def _registry_view(self, key: str, bits: int) -> dict[str, dict[str, str | int]]:
        return self._registry.get(self._view(key, bits), {})

    def _view(self, key: str, bits: int) -> str:
        divided = key.casefold().startswith("hklm\\software\\")
        return str(bits) if divided else "64"

    def _place(self, path: str) -> Path:
        """Where a path of the recorded computer lies here; letter case as that computer sees it."""
        if self.platform != "windows":
            return self.root / "files" / self.real_path(path).lstrip("/")
        place = self.root / "files"
        for part in path.replace(":", "", 1).replace("/", "\\").split("\\"):
            if not part:
                continue
            names = (
                {entry.name.casefold(): entry for entry in place.iterdir()}
                if (place.is_dir())
                else {}
            )
            place = names.get(part.casefold(), place / part)
        return place


def _read(path: Path, kind: type) -> object:
    if not path.exists():
        return kind() if kind is Facts else {}
    return msgspec.json.decode(path.read_bytes(), type=kind)


def record(
    root: Path,
    facts: Facts,
    *,
    files: Mapping[str, bytes | str] = {},
    links: Mapping[str, str] = {},
    registry: Mapping[str, Mapping[str, Mapping[str, str | int]]] = {},
    commands: Mapping[str, CommandResult] = {},
) -> Path:
    """Write a recording; paths in `files` are relative to its tree. Returns its folder."""
    root.mkdir(parents=True, exist_ok=True)
    parts = {"host": facts, "links": links, "registry": registry, "commands": commands}
    for name, value in parts.items():
        if value:
            text = msgspec.json.format(msgspec.json.encode(value), indent=2)
            (root / f"{name}.json").write_bytes(text + b"\n")
    for name, content in files.items():
        place = root / "files" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def _folded(
    registry: dict[str, dict[str, dict[str, str | int]]],
) -> dict[str, dict[str, dict[str, str | int]]]:
    return {
        view: {key.casefold(): values for key, values in keys.items()}
        for view, keys in registry.items()
    }
