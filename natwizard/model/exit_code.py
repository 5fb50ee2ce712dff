"""What the program says to whoever started it. Administrators' scripts rely on these."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from natwizard.model.report import Readiness


class ExitCode(IntEnum):
    """READY includes "ready with advice", and a part of a run that is all well.

    READY_TO_PUBLIC is told apart for administrators who want to. USAGE and FAULT are sysexits'
    EX_USAGE and EX_SOFTWARE.

    FAULT is a fault of natwizard, or output that nobody took: it says nothing of the computer.
    """

    READY = 0
    NOT_READY = 1
    COULD_NOT_TELL = 2
    READY_TO_PUBLIC = 3
    USAGE = 64
    FAULT = 70
    # 128 + SIGINT, as shells tell of what Ctrl-C ended
    STOPPED = 130


BY_VERDICT: Final[Mapping[Readiness, ExitCode]] = {
    Readiness.READY: ExitCode.READY,
    Readiness.READY_WITH_ADVICE: ExitCode.READY,
    Readiness.READY_TO_PUBLIC: ExitCode.READY_TO_PUBLIC,
    Readiness.PARTLY_CHECKED: ExitCode.READY,
    Readiness.NOT_READY: ExitCode.NOT_READY,
    Readiness.COULD_NOT_TELL: ExitCode.COULD_NOT_TELL,
}
