"""What went wrong in serving one packet or connection: counted, and told once a minute at most."""

import logging
import time

LOG = logging.getLogger(__name__)

TOLD_EVERY_S = 60.0


class FaultLog:
    """Counts defects of ours. Whoever found how to raise one can do so thousands of times a second:
    a line for each would fill the disk, and none would leave the defect unknown.

    May be used from several threads: a count that two of them change at once may lack one.
    """

    def __init__(self) -> None:
        self.count = 0
        self._told = 0
        self._told_s: float | None = None

    def note(self, doing: str, error: BaseException) -> None:
        """Count one exception; the first of a minute is logged, with its traceback."""
        self.count += 1
        now_s = time.monotonic()
        if self._told_s is not None and now_s - self._told_s < TOLD_EVERY_S:
            return
        self._told_s = now_s
        LOG.error(
            "a fault in %s (%d since the last line): %r",
            doing,
            self.count - self._told,
            error,
            exc_info=error,
        )
        self._told = self.count
