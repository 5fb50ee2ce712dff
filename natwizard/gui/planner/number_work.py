"""Checks a file of telephone numbers on a thread of its own; one at a time."""

import io
import logging
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from natwizard.model.language import _
from natwizard.planner.number_file import NumbersSummary, check_file, find_columns
from natwizard.planner.numbers import NumberChecker
from natwizard.planner.table_file import TableTrouble, recognise
from natwizard.report.files import CannotWrite, whole_file

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LOG = logging.getLogger(__name__)


class FileTask(Struct, frozen=True, kw_only=True):
    """What to check.

    Attributes:
        output: where the corrected file goes; None only checks.
        column: its name or number; empty finds the one that holds numbers.
    """

    source: Path
    output: Path | None
    country: str
    column: str
    guard_all: bool


class _Stopped(Exception):
    """The person has had enough."""


# A hundredth of a second or so of rows: as much is read on after somebody presses Stop
BUFFER_BYTES = 1 << 16


class _StoppableFile(io.FileIO):
    """Every byte of a file comes by here, whoever reads it and whatever it holds."""

    def __init__(self, path: Path, stop: threading.Event) -> None:
        super().__init__(path)
        self._stop = stop

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        if self._stop.is_set():
            raise _Stopped
        return super().readinto(buffer)


class NumberWork(QObject):
    """Create it in the GUI thread; its signals arrive there.

    Signals:
        progressed: part of the file that is done (0 to 1), and rows checked.
        finished: carries the NumbersSummary and the path of the corrected file as text, or "".
        failed: carries one line for a person.
        stopped: the person stopped it; nothing was written.
    """

    progressed = Signal(float, int)
    finished = Signal(object, str)
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a file is being checked."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, task: FileTask) -> None:
        """Begin; nothing where one is under way."""
        if self.busy:
            return
        self._stop.clear()
        self._thread = threading.Thread(
            target=self._work, args=(task,), name="check numbers", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; a signal tells when it has."""
        self._stop.set()

    def close(self, patience_s: float = 5.0) -> None:
        """End it and wait, before the window goes: nothing half-written may stay."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(patience_s)

    def _work(self, task: FileTask) -> None:
        try:
            summary = self._check(task)
        except _Stopped:
            self.stopped.emit()
        except TableTrouble as problem:
            self.failed.emit(str(problem))
        except CannotWrite as problem:
            self.failed.emit(str(problem))
        except OSError as problem:
            self.failed.emit(problem.strerror or str(problem))
        except Exception:
            LOG.exception("checking numbers broke")
            self.failed.emit(_("A fault in natwizard itself; the file was left as it is."))
        else:
            self.finished.emit(summary, str(task.output or ""))

    def _check(self, task: FileTask) -> NumbersSummary:
        """Written whole or not at all. Raises TableTrouble, CannotWrite, OSError, _Stopped."""
        if not task.source.is_file():
            raise TableTrouble(_("this is not an ordinary file"))
        if task.output is not None and task.output.exists() and task.output.samefile(task.source):
            raise TableTrouble(_("this is the file that is checked: choose another name"))
        checker = NumberChecker(task.country)
        wanted = (task.column,) if task.column else ()
        with io.BufferedReader(_StoppableFile(task.source, self._stop), BUFFER_BYTES) as file:
            form = recognise(file)
            columns = find_columns(form, checker, wanted, header=None)
            self._report_progress(0, 0, 1)
            with nullcontext() if task.output is None else whole_file(task.output) as sink:
                return check_file(
                    file,
                    sink,
                    form,
                    columns,
                    checker,
                    guard_all=task.guard_all,
                    progress=lambda done, rows: self._report_progress(done, rows, form.size_bytes),
                )

    def _report_progress(self, done_bytes: int, rows: int, size_bytes: int) -> None:
        if self._stop.is_set():
            raise _Stopped
        self.progressed.emit(done_bytes / max(size_bytes, 1), rows)
