"""Keeps each run in the person's data folder, so that a crash loses nothing."""

import threading
from pathlib import Path

from natwizard.model.report import Report


class Keeper:
    """Writes off the GUI thread; a full disk is noted, not shown: the run itself is fine."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def planner_file(self) -> Path:
        """Where the planner's notes lie, beside the reports."""
        from natwizard.report.store import default_folder

        return (self._folder or default_folder()).parent / "planner.json"

    def keep(self, report: Report) -> threading.Thread:
        """Begin to write; the thread is a daemon and may be waited for."""
        thread = threading.Thread(
            target=self._write, args=(report,), name="keep report", daemon=True
        )
        thread.start()
        return thread

    def _write(self, report: Report) -> None:
        import logging

        from natwizard.report.files import CannotWrite
        from natwizard.report.store import keep_report

        try:
            keep_report(report, self._folder)
        except CannotWrite as problem:
            logging.getLogger(__name__).warning("the run was not kept: %s", problem)
