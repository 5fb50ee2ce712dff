"""Puts one file into a share folder, whole or not at all, where nobody may read or list it."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from natwizard.model.language import _
from natwizard.report.files import CannotWrite, write_whole

NOT_ALLOWED = {errno.EACCES, errno.EPERM}
NOT_OFFERED = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EEXIST}
"""What file systems over WebDAV, object stores and FUSE say to renaming or to fsync."""
TRIES_AT_MOST = 9
BINARY = getattr(os, "O_BINARY", 0)
"""Windows would write a line feed as two bytes without it."""


class TriedTooOften(CannotWrite):
    """Every numbered name of a file is taken, and another try was cut off as well."""


def put_file(folder: Path, name: str, content: bytes) -> None:
    """Write `content` as `name` in `folder`, which must exist. Raises CannotWrite, TriedTooOften.

    Usually through a temporary file that is renamed. A drop folder may allow new files and
    nothing else, and not every file system renames: then straight under its own name, which it
    gets for itself first. A reader that finds such a file half-written sees that it is no whole
    JSON.
    """
    path = folder / name
    if _is_no_file(path):
        reason = _("something that is no file has this name already")
        _write_in_place(path, content, CannotWrite(path, reason))
        return
    try:
        write_whole(path, content)
    except CannotWrite as refused:
        cause = refused.__cause__
        if not isinstance(cause, OSError) or cause.errno not in NOT_ALLOWED | NOT_OFFERED:
            raise
        _write_in_place(path, content, refused)


def _is_no_file(path: Path) -> bool:
    """Whether a link, a folder, a pipe or a device has this name: others may write into a drop
    folder, too, and none of these may be followed, opened or waited for.
    """
    try:
        return not stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _write_in_place(path: Path, content: bytes, refused: CannotWrite) -> None:
    """Under the first name that is free: one that is taken may be half of an earlier try, which
    nobody here may read, mend or delete. Whoever reads the folder counts a run once.

    Where all numbered names are taken, one more is drawn. If that is cut off as well, this file
    has no further try: each would leave another half behind.
    """
    for number, free in enumerate(_names(path), start=1):
        try:
            # exclusive: nobody's file is written over, and no link is followed
            handle = os.open(free, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o666)
        except FileExistsError:
            continue
        except OSError:
            raise refused from refused.__cause__
        try:
            _fill(handle, free, content)
        except CannotWrite as error:
            if number > TRIES_AT_MOST:
                raise TriedTooOften(path, error.reason) from error.__cause__
            raise
        return
    raise refused


def _names(path: Path) -> Iterator[Path]:
    """The file's own name, numbered ones, and one that nobody can have taken in advance."""
    yield path
    for number in range(2, TRIES_AT_MOST + 1):
        yield path.with_stem(f"{path.stem}.{number}")
    yield path.with_stem(f"{path.stem}.{secrets.token_hex(4)}")


def _fill(handle: int, path: Path, content: bytes) -> None:
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            _let_reach_the_disk(file.fileno())
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise CannotWrite(path, error.strerror or str(error)) from error


def _let_reach_the_disk(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NOT_OFFERED:
            raise
