"""Reads every report in a folder with all processors, and lists what it cannot count.

Every file is hostile: nothing outside the folder is opened, nothing but ordinary files, none
beyond its bound, and one that brings a reader down is found and listed.
"""

import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct

from natwizard.fleet.rows import NotARun, rows_of
from natwizard.model.encoding import as_utf8
from natwizard.model.language import N_
from natwizard.report.open_report import FILE_LIMIT_BYTES, is_pdf

JSON_LIMIT_BYTES = 5_000_000
"""A report has some 50 kB (decision 71): what is a hundred times as large is none of ours."""
MOST_FILES = 1_000_000
"""Anybody may write into a drop folder: their names have to fit into memory."""
DEEPEST_FOLDER = 8
FILES_A_CHUNK = 250
"""A chunk is read again, half by half, when one file of it brings its reader down."""
ALONE_UP_TO = 400
"""So few files are read before another process has even started."""

TOO_LARGE = N_("larger than {detail} MB: no report is")
SYSTEM_SAYS = "{detail}"
BRINGS_DOWN = N_("it brings the reader down")
# How `report.files` ends the name of what is not whole yet
UNFINISHED = ".part"
ZEROS = b"\0" * 4
"""More than text has at its end in any encoding."""
FOREIGN = N_("neither JSON nor PDF")
KINDS = (".json", ".pdf")


Files: TypeAlias = tuple[str, list[str]]
"""Where the rows of some files go, without an ending, and the files."""


class Unread(Struct, frozen=True):
    """A file that is not counted, and why.

    Attributes:
        file: its place within the folder.
        reason: for `_` to translate where it is shown; `detail` fills its "{detail}".
    """

    file: str
    reason: str
    detail: str = ""


class Chunk(Struct, frozen=True):
    """What one chunk of files gave: rows wait in files of JSON lines, `unread` is the rest."""

    stem: str
    runs: int
    unread: list[Unread]


class FolderTrouble(Exception):
    """The folder itself cannot be read; `str()` is one line."""


def read_folder(folder: Path, scratch: Path, *, processes: int | None = None) -> list[Unread]:
    """Write the rows of every report below `folder` into `scratch`; returns what is not counted.

    `scratch` then holds `*.runs.jsonl`, `*.findings.jsonl` and `*.values.jsonl`. Raises
    FolderTrouble.
    """
    unread: list[Unread] = []
    chunks = list(_chunks(_listed(folder, unread), scratch))
    for chunk in _read_all(folder, chunks, processes or os.cpu_count() or 1):
        unread += chunk.unread
    return sorted(unread, key=lambda each: each.file)


def _listed(folder: Path, unread: list[Unread]) -> Iterator[str]:
    """Every report file below the folder, in no order; links are never followed."""
    found = 0
    waiting = [("", 0, str(folder))]  # by name: there may be more folders than can be open at once
    while waiting:
        below, depth, place = waiting.pop()
        try:
            entries = os.scandir(place)
        except OSError as error:
            if not below:
                raise FolderTrouble(f"{folder}: {error.strerror or error}") from error
            unread.append(Unread(_shown(below.rstrip(os.sep)), SYSTEM_SAYS, error.strerror or ""))
            continue
        with entries:
            for entry in _until_it_is_gone(entries, below, unread):
                name = f"{below}{entry.name}"
                found += 1
                if found > MOST_FILES:
                    reason = N_("more than {detail} files: the rest is left out")
                    unread.append(Unread(_shown(f"{below}…"), reason, str(MOST_FILES)))
                    return
                reason = _not_a_report(entry, depth)
                if reason:
                    unread.append(Unread(_shown(name), reason))
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{name}{os.sep}", depth + 1, entry.path))
                else:
                    yield name


def _until_it_is_gone(
    entries: "Iterator[os.DirEntry[str]]", below: str, unread: list[Unread]
) -> "Iterator[os.DirEntry[str]]":
    """The entries of a folder; a share may go away between two of them."""
    while True:
        try:
            entry = next(entries, None)
        except OSError as error:
            unread.append(Unread(_shown(f"{below}…"), SYSTEM_SAYS, error.strerror or str(error)))
            return
        if entry is None:
            return
        yield entry


def _not_a_report(entry: "os.DirEntry[str]", depth: int) -> str:
    """Why an entry is left alone before it is opened; empty where it is opened."""
    try:
        if entry.is_symlink() or _is_junction(entry):
            return N_("a link: links are not followed")
        if entry.is_dir(follow_symlinks=False):
            return N_("a folder too deep") if depth >= DEEPEST_FOLDER else ""
        if not entry.is_file(follow_symlinks=False):
            return N_("not an ordinary file")
    except OSError:
        return N_("the system does not tell what it is")
    if entry.name.endswith(UNFINISHED):
        return N_("unfinished: still being written, or left behind")
    return "" if entry.name.lower().endswith(KINDS) else FOREIGN


def _is_junction(entry: "os.DirEntry[str]") -> bool:
    """Windows has links of folders that count as no symbolic links."""
    tag = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0)
    return tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _chunks(names: Iterator[str], scratch: Path) -> Iterator[Files]:
    held: list[str] = []
    number = 0
    for name in names:
        held.append(name)
        if len(held) == FILES_A_CHUNK:
            yield str(scratch / f"{number:06}"), held
            held, number = [], number + 1
    if held:
        yield str(scratch / f"{number:06}"), held


def _read_all(folder: Path, chunks: Sequence[Files], processes: int) -> Iterator[Chunk]:
    """Each chunk once, in whatever order they are done."""
    if sum(len(names) for _stem, names in chunks) <= ALONE_UP_TO or processes < 2:
        for stem, names in chunks:
            yield read_chunk(str(folder), stem, names)
        return
    waiting = deque(chunks)
    while waiting:
        under_way: dict[Future[Chunk], Files] = {}
        try:
            yield from _read_together(folder, waiting, under_way, processes)
        except (BrokenProcessPool, OSError):
            suspects = [*under_way.values()]
            if _processes_start():
                yield from _read_carefully(folder, suspects)
                continue
            for stem, names in (*suspects, *waiting):
                yield read_chunk(str(folder), stem, names)
            return


def _read_together(
    folder: Path, waiting: deque[Files], under_way: dict[Future[Chunk], Files], processes: int
) -> Iterator[Chunk]:
    """Raises BrokenProcessPool, and OSError where no process starts; `under_way` is then open."""
    with _pool(processes) as pool:
        while waiting or under_way:
            # few at a time: when a process dies, all that is under way is lost with it
            while waiting and len(under_way) < 2 * processes:
                job = pool.submit(read_chunk, str(folder), *waiting[0])
                under_way[job] = waiting.popleft()
            done, _rest = wait(under_way, return_when=FIRST_COMPLETED)
            for job in done:
                yield job.result()
                del under_way[job]


def _read_carefully(folder: Path, suspects: Sequence[Files]) -> Iterator[Chunk]:
    """One after the other; what brings the process down is halved until it is one file."""
    left = deque(suspects)
    while left:
        try:
            with _pool(1) as pool:
                while left:
                    yield pool.submit(read_chunk, str(folder), *left[0]).result()
                    left.popleft()
        except BrokenProcessPool:
            stem, names = left.popleft()
            for path in Path(stem).parent.glob(f"{Path(stem).name}.*.jsonl"):
                path.unlink()  # a row that was cut off would spoil the table
            if len(names) == 1:
                yield Chunk(stem, 0, [Unread(_shown(names[0]), BRINGS_DOWN)])
                continue
            middle = len(names) // 2
            left.extendleft([(f"{stem}b", names[middle:]), (f"{stem}a", names[:middle])])


def _processes_start() -> bool:
    """Some systems let a program start no others of its own: then no file is to blame."""
    try:
        with _pool(1) as pool:
            return pool.submit(os.getpid).result() > 0
    except (BrokenProcessPool, OSError):
        return False


def _pool(processes: int) -> ProcessPoolExecutor:
    """spawn: a forked child would inherit locks of threads that it does not have."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def read_chunk(folder: str, stem: str, names: list[str]) -> Chunk:
    """Read some files and write their rows beside each other; runs in a process of its own."""
    encode = msgspec.json.Encoder().encode
    unread: list[Unread] = []
    runs = 0
    with (
        Path(f"{stem}.runs.jsonl").open("wb") as run_file,
        Path(f"{stem}.findings.jsonl").open("wb") as finding_file,
        Path(f"{stem}.values.jsonl").open("wb") as value_file,
    ):
        for name in names:
            try:
                rows = rows_of(_content(Path(folder), name), _shown(name))
                lines = [
                    b"".join(encode(row) + b"\n" for row in of_table)
                    for of_table in ((rows.run,), rows.findings, rows.values)
                ]
            except NotARun as error:
                unread.append(Unread(_shown(name), error.reason, error.detail))
                continue
            except Exception:  # noqa: BLE001 - whatever it is, it is this file's and no other's
                unread.append(Unread(_shown(name), BRINGS_DOWN))
                continue
            for file, content in zip((run_file, finding_file, value_file), lines, strict=True):
                file.write(content)
            runs += 1
    return Chunk(stem, runs, unread)


def _content(folder: Path, name: str) -> bytes:
    """The JSON in a file, as UTF-8. Raises NotARun."""
    content = _bounded(folder / name)
    if is_pdf(content) and not content.lstrip().startswith(b"{"):
        return _attached(content, folder / name)
    if len(content) > JSON_LIMIT_BYTES:
        raise NotARun(TOO_LARGE, str(JSON_LIMIT_BYTES // 1_000_000))
    # a disk that lost its power has room for the file, and zeros in it
    content = as_utf8(content.rstrip(b"\0") if content.endswith(ZEROS) else content)
    if not content.strip():
        raise NotARun(N_("empty"))
    return content


def _bounded(path: Path) -> bytes:
    """An ordinary file of a size that a report can have; what is put in its place meanwhile is
    neither followed nor waited for.
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
        flags |= getattr(os, name, 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            told = os.fstat(file.fileno())
            if not stat.S_ISREG(told.st_mode):
                raise NotARun(N_("not an ordinary file"))
            limit = FILE_LIMIT_BYTES if path.suffix.lower() == ".pdf" else JSON_LIMIT_BYTES
            if told.st_size > limit:
                raise NotARun(TOO_LARGE, str(limit // 1_000_000))
            return file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise NotARun(SYSTEM_SAYS, reason or str(error)) from error


def _attached(content: bytes, path: Path) -> bytes:
    from natwizard.report.files import UnreadableReport
    from natwizard.report.open_report import attached_json

    try:
        return attached_json(content, path)
    except UnreadableReport as error:
        raise NotARun(SYSTEM_SAYS, error.reason) from error


def _shown(name: str) -> str:
    """A file's name as text; bytes that are none become visible escapes."""
    return name.encode("utf-8", "backslashreplace").decode()
