"""Keeps each run and watch in the person's data folder, so that a crash loses nothing; and leaves
the outcome of the last run where inventory tools look.
"""

import threading
from pathlib import Path

from natwizard.model.report import Report
from natwizard.model.watch import WatchRecord


class ReportSaver:
    """Writes off the GUI thread; a full disk is noted, not shown: the run itself is fine.

    With a folder of its own nothing else is left on the computer.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def note(self, report: Report) -> None:
        """Once a run: the outcome for inventory tools."""
        if self._folder is None:
            threading.Thread(target=_note, args=(report,), name="note run", daemon=True).start()

    @property
    def planner_file(self) -> Path:
        """Where the planner's notes lie, beside the reports."""
        from natwizard.report.store import default_folder

        return (self._folder or default_folder()).parent / "planner.json"

    def keep(
        self, saved: Report | WatchRecord, after: threading.Thread | None = None
    ) -> threading.Thread:
        """Begin to write; the thread is a daemon and may be waited for.

        It waits for `after`, which may still write an earlier state of the same.
        """
        thread = threading.Thread(
            target=self._write, args=(saved, after), name="keep report", daemon=True
        )
        thread.start()
        return thread

    def _write(self, saved: Report | WatchRecord, after: threading.Thread | None) -> None:
        import logging

        from natwizard.report.files import CannotWrite
        from natwizard.report.store import keep_report, keep_watch

        if after is not None:
            after.join()
        try:
            if isinstance(saved, WatchRecord):
                keep_watch(saved, self._folder)
            else:
                keep_report(saved, self._folder)
        except CannotWrite as problem:
            logging.getLogger(__name__).warning("the run was not kept: %s", problem)


def _note(report: Report) -> None:
    from natwizard.system.last_run import last_run_of, note_last_run

    note_last_run(last_run_of(report))
