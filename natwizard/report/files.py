"""Files written whole or not at all, and read within bounds."""

import contextlib
import errno
import hashlib
import os
import platform
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from natwizard.model.language import _
from natwizard.model.writing import short_number


class CannotWrite(Exception):
    """A file could not be written; says which and why in one line."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class UnreadableReport(Exception):
    """A file is no report that we can read; says which and why in one line."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


STDOUT = Path("-")
"""As a file to write: the standard output, by an old custom of command lines."""
ABANDONED_S = 24 * 3600
"""A temporary file of another computer's process that old has nobody any more."""


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Replace a file in one step, through a temporary one beside it. Raises CannotWrite.

    What was there before stays untouched until the new content is safely on the disk. What a
    link leads to is replaced, not the link; a device or a pipe is written to, STDOUT as well.

    Args:
        private: nobody else on this computer may read it (0600), whoever could before.
    """
    with whole_file(path, private=private) as file:
        file.write(content)


@contextlib.contextmanager
def whole_file(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """As `write_whole`, for content that comes bit by bit. Raises CannotWrite.

    Nothing is replaced if the block is left with an exception; one of the system's own
    (OSError) is taken to be about this file.
    """
    if path == STDOUT:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    _require_file_name(path)
    if is_special(path):
        try:
            with _opened_as_it_is(path) as device:
                yield device
        except OSError as error:
            raise CannotWrite(path, _reason(error)) from error
        return
    try:
        target = _of_any_length(path.resolve() if path.is_symlink() else path)
    except (OSError, RuntimeError) as error:  # links that lead to each other
        raise CannotWrite(path, _reason(error)) from error
    sweep(target)
    mode = 0o600 if private else _mode_of(target)
    temporary = target.with_name(_temporary_name(target))
    try:
        with open(temporary, "xb", opener=_opener(private=private)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        _replace(temporary, target, path)
    except OSError as error:
        raise CannotWrite(path, _reason(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


# Maximum Path Length Limitation (Microsoft Learn): with the end, which is not in a text of Python
LONGEST_PATH = 259
LONGEST_TEMPORARY = 120
"""Letters that a temporary name may have more than the target's."""


def _of_any_length(path: Path) -> Path:
    """Windows takes longer paths only in a form of their own, where nobody has changed a setting.

    A temporary name is longer than the target's, so a target that just fits needs it, too.
    """
    if sys.platform != "win32":
        return path
    whole = os.path.abspath(path)
    if len(whole) + LONGEST_TEMPORARY <= LONGEST_PATH or whole.startswith("\\\\?\\"):
        return path
    share = whole.startswith("\\\\")
    return Path(f"\\\\?\\UNC\\{whole[2:]}" if share else f"\\\\?\\{whole}")


# A second in all: a virus scanner or an indexer lets go of a file by then
HELD_TRIES = 20
HELD_PAUSE_S = 0.05


def _replace(temporary: Path, target: Path, path: Path) -> None:
    """Put a whole file in a target's place. Windows replaces none that somebody has open, and lets
    nobody rename one that a virus scanner is looking at.

    Raises OSError, and CannotWrite for `path` where another program has the target open.
    """
    tries = HELD_TRIES if sys.platform == "win32" else 1
    for number in range(tries):
        try:
            temporary.replace(target)
        except PermissionError as error:
            read_only = target.exists() and not os.access(target, os.W_OK)  # no waiting helps
            if sys.platform != "win32" or read_only:
                raise
            if number < tries - 1:
                time.sleep(HELD_PAUSE_S)
                continue
            if not target.exists():
                raise
            reason = _("another program has this file open; close it there, then try again")
            raise CannotWrite(path, reason) from error
        return


def is_special(path: Path) -> bool:
    """Whether this name leads to a device, a pipe, or what this process was given open.

    That must be written to, and not be replaced by a file.
    """
    try:
        special = path.exists() and not path.is_file() and not path.is_dir()
        return special or _own_descriptor(path) is not None
    except (OSError, ValueError):
        return False


# As many as Linux follows (path_resolution(7)): a ring of links has no end
LINKS_AT_MOST = 40


def _own_descriptor(path: Path) -> int | None:
    """N of /dev/stdout, /dev/fd/N and the like: what this process was given open (proc_pid_fd(5)).

    It may lead to an ordinary file: a shell appends to it (`>>`), or holds it under no name.
    """
    own = f"/proc/{os.getpid()}/fd"
    name = os.path.abspath(path)
    for _step in range(LINKS_AT_MOST):
        folder, last = os.path.split(name)
        if os.path.realpath(folder) == own and last.isdecimal():
            return int(last)
        try:
            name = os.path.join(folder, os.readlink(name))
        except (OSError, ValueError):
            return None
    return None


def _opened_as_it_is(path: Path) -> BinaryIO:
    descriptor = _own_descriptor(path)
    if descriptor is None:
        return path.open("wb", buffering=0)
    sys.stdout.flush()  # what was printed before stands before
    return os.fdopen(os.dup(descriptor), "wb", buffering=0)


def _temporary_name(target: Path) -> str:
    """It says whose it is: a process that was killed cannot take its own away."""
    return (
        f".{_beginning(target.name)}.{_this_computer()}-{os.getpid()}-{secrets.token_hex(4)}.part"
    )


def _beginning(name: str) -> str:
    """80 bytes at most: file systems take 255 of a name, and a temporary one is longer."""
    return os.fsencode(name)[:80].decode("utf-8", "ignore")


def _this_computer() -> str:
    """Folders may be shared, and numbers of processes are each computer's own."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _opener(*, private: bool) -> Callable[[str, int], int]:
    return lambda name, flags: os.open(name, flags, 0o600 if private else 0o666)


TEMPORARY_TAIL = r"\.(?P<computer>[0-9a-f]{8})-(?P<process>\d{1,10})-[0-9a-f]{8}\.part"


def sweep(target: Path) -> None:
    """Delete temporary files of one target that killed processes left."""
    _sweep(target.parent, re.compile(re.escape(f".{_beginning(target.name)}") + TEMPORARY_TAIL))


def sweep_folder(folder: Path) -> None:
    """As `sweep`, of every target in a folder that is ours alone."""
    _sweep(folder, re.compile(r"\..{1,80}" + TEMPORARY_TAIL))


def _sweep(folder: Path, pattern: re.Pattern[str]) -> None:
    try:
        names = os.listdir(folder)
    except (OSError, ValueError):
        return
    for name in names:
        if (match := pattern.fullmatch(name)) is None:
            continue
        path = folder / name
        with contextlib.suppress(OSError):
            age_s = time.time() - path.lstat().st_mtime
            if _is_left(match["computer"], int(match["process"]), age_s):
                path.unlink()


def _is_left(computer: str, process: int, age_s: float) -> bool:
    if computer != _this_computer():
        return age_s > ABANDONED_S
    import psutil

    return process != os.getpid() and not psutil.pid_exists(process)


def _require_file_name(path: Path) -> None:
    """Refuse a folder, and what no system takes as a name."""
    if "\0" in str(path) or not path.name:
        raise CannotWrite(path, _("this is no file name"))
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise CannotWrite(path, _reason(error)) from error
    if is_folder:
        raise CannotWrite(path, _("this is a folder; a file name was expected"))


def make_folder(path: Path, *, private: bool = False) -> None:
    """Make a folder and those above it, if they are missing. Raises CannotWrite.

    `private` keeps everybody else on this computer out of the folder itself (0700).
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
    except (OSError, ValueError) as error:
        raise CannotWrite(path, _reason(error)) from error


def read_bounded(path: Path, limit_bytes: int) -> bytes:
    """All of a file of at most `limit_bytes`. Raises UnreadableReport."""
    try:
        if path.is_dir():
            raise UnreadableReport(path, _("this is a folder; a report file was expected"))
        if path.exists() and not path.is_file():
            raise UnreadableReport(path, _("this is not an ordinary file"))
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except (OSError, ValueError) as error:
        raise UnreadableReport(path, _reason(error)) from error
    if len(content) > limit_bytes:
        limit_mb = limit_bytes / 1_000_000
        raise UnreadableReport(path, _("larger than {size} MB").format(size=short_number(limit_mb)))
    return content


def _mode_of(path: Path) -> int | None:
    """Permissions to keep where a file is replaced."""
    try:
        return path.stat().st_mode & 0o777
    except (OSError, ValueError):
        return None


def _reason(error: OSError | ValueError | RuntimeError) -> str:
    """The usual troubles in plain words; anything else as the system puts it."""
    number = error.errno if isinstance(error, OSError) else None
    match number:
        case errno.ENOENT:
            return _("there is no such file or folder")
        case errno.EACCES | errno.EPERM:
            return _("this computer does not allow it")
        case errno.ENOSPC | errno.EDQUOT:
            return _("the disk is full")
        case errno.EROFS:
            return _("the disk is read-only")
        case errno.ENOTDIR | errno.EEXIST:
            return _("a folder was expected where there is a file")
        case errno.ENAMETOOLONG:
            return _("the file name is too long")
        case _:
            text = error.strerror if isinstance(error, OSError) else None
            return " ".join(str(text or error).split())
