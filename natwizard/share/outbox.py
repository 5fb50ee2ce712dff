"""A queue on disk of what could not be sent yet: bounded, whole after a kill, oldest first."""

import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import platformdirs

from natwizard.report.files import CannotWrite, make_folder, write_whole

# Decision 70: what waits beyond it has to go, the oldest first
KEPT = 50
SUFFIX = ".json"
# Reports have some 50 kB (decision 71): what is so large was not put here by us
LARGEST_BYTES = 8_000_000
# Nobody's Retry-After, nor a clock that was set back, keeps runs waiting for longer
LONGEST_PAUSE_S = 24 * 3600.0
PAUSE_FILE = "not-before"
LOCK_FILE = "lock"
ASIDE_FOLDER = "aside"


class NotAsPut(Exception):
    """What waits under a run's name is none: a link, a folder, too large, or no whole JSON."""


def default_outboxes() -> Path:
    """Where the queues of this person are, one folder a destination."""
    return platformdirs.user_data_path("natwizard", appauthor=False) / "outbox"


class Outbox:
    """Runs that wait for one destination, a file each. A run put in again replaces itself."""

    def __init__(self, folder: Path, *, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept

    def put(self, name: str, content: bytes) -> int:
        """Keep a run; returns how many of the oldest had to go for it. Raises CannotWrite.

        `name` sorts by time and ends in ".json".
        """
        if not re.fullmatch(r"[\w-]{1,200}\.json", name, re.ASCII):
            raise CannotWrite(self._folder / "?", "not a name of a run")
        make_folder(self._folder)
        with suppress(OSError):
            self._folder.chmod(0o700)
        write_whole(self._folder / name, content)
        return self._prune(spare=self._folder / name)

    def waiting(self) -> tuple[Path, ...]:
        """What waits, oldest first."""
        try:
            found = [each for each in self._folder.iterdir() if each.suffix == SUFFIX]
        except OSError:
            return ()
        return tuple(sorted(found, key=lambda path: path.name))

    def content(self, path: Path) -> bytes:
        """One run. Raises NotAsPut, and OSError where it cannot be read just now."""
        told = path.lstat()
        if not stat.S_ISREG(told.st_mode) or told.st_size > LARGEST_BYTES:
            raise NotAsPut
        content = path.read_bytes()
        try:
            msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            # a disk that lost its power may have zeros where the run was
            raise NotAsPut from error
        return content

    def done(self, path: Path) -> None:
        """It has arrived, or will never be taken."""
        with suppress(OSError):
            path.unlink(missing_ok=True)

    def set_aside(self, path: Path) -> bool:
        """Keep what cannot be sent where it holds up nothing; whether it is out of the way."""
        aside = self._folder / ASIDE_FOLDER
        try:
            make_folder(aside, private=True)
            path.rename(aside / path.name)
        except (CannotWrite, OSError):
            self.done(path)
            return not os.path.lexists(path)
        for old in sorted(aside.iterdir(), key=lambda each: each.name)[: -self._kept]:
            self.done(old)
        return True

    def pause(self, seconds: float) -> None:
        """The receiver wants to be left alone for so long, also by the next run."""
        until = time.time() + min(seconds, LONGEST_PAUSE_S)
        with suppress(CannotWrite):
            write_whole(self._folder / PAUSE_FILE, f"{until:.3f}".encode())

    def paused_s(self) -> float:
        """Seconds that are left of a pause; 0 where there is none."""
        try:
            # seconds since 1970 with three decimals have 14 characters
            until = float((self._folder / PAUSE_FILE).read_bytes()[:20])
        except (OSError, ValueError):
            return 0.0
        left_s = until - time.time()
        # a clock that was set back must not make a pause of years
        return left_s if 0 < left_s <= LONGEST_PAUSE_S else 0.0

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other process of ours empties this queue just now; held until the end.

        The system lets go of the lock when a process dies, so a kill leaves nothing to clean up.
        """
        try:
            make_folder(self._folder)
            file = (self._folder / LOCK_FILE).open("ab")
        except (CannotWrite, OSError):
            yield True  # without a disk there is nothing to share with anyone
            return
        with file:
            yield _lock(file.fileno())

    def _prune(self, *, spare: Path) -> int:
        others = [path for path in self.waiting() if path != spare]
        surplus = others[: max(0, len(others) - (self._kept - 1))]
        for path in surplus:
            self.done(path)
        return len(surplus)


def _lock(handle: int) -> bool:
    """Lock an open file without waiting; closing it unlocks it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
