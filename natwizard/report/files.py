"""Files written whole or not at all, and read within bounds."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
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


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step, through a temporary one beside it. Raises CannotWrite.

    What was there before stays untouched until the new content is safely on the disk.
    """
    with whole_file(path) as file:
        file.write(content)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """As `write_whole`, for content that comes bit by bit. Raises CannotWrite.

    Nothing is replaced if the block is left with an exception; one of the system's own
    (OSError) is taken to be about this file.
    """
    _require_file_name(path)
    mode = _mode_of(path)
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except OSError as error:
        raise CannotWrite(path, _reason(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


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


def make_folder(path: Path) -> None:
    """Make a folder and those above it, if they are missing. Raises CannotWrite."""
    try:
        path.mkdir(parents=True, exist_ok=True)
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


def _reason(error: OSError | ValueError) -> str:
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
