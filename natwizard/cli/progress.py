"""What a terminal shows while a run goes on: what is being done, and how much is judged."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn

from natwizard.model.events import (
    CheckJudged,
    Event,
    ProbeFinished,
    ProbeProgressed,
    ProbeStarted,
    RunPlanned,
    SoakStarted,
)
from natwizard.model.language import _
from natwizard.run.runner import Happened


@contextmanager
def progress_display(*, quiet: bool) -> Iterator[Happened]:
    """Give the run a listener; on a terminal it draws on stderr, elsewhere it stays silent."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield _ignore
        return
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn(_("checks")),
        console=console,
        transient=True,
    )
    with progress:
        yield _Display(progress, progress.add_task(_("Getting ready"), total=None))


def _ignore(_event: Event) -> None:
    """Nobody is watching."""


class _Display:
    """Turns events into one progress line: the probe that began last is what is told."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._titles: dict[str, str] = {}
        self._running: dict[str, str] = {}
        self._judged: set[str] = set()

    def __call__(self, event: Event) -> None:
        match event:
            case RunPlanned(checks=checks, probes=probes):
                self._titles = {probe.probe: _(probe.title) for probe in probes}
                self._progress.update(self._task, total=len(checks))
            case SoakStarted(probes=probes):
                self._titles |= {probe.probe: _(probe.title) for probe in probes}
            case ProbeStarted(probe=probe):
                self._running[probe] = self._titles[probe]
            case ProbeProgressed(probe=probe, text=text):
                self._running[probe] = text
            case ProbeFinished(probe=probe):
                self._running.pop(probe, None)
            case CheckJudged(finding=finding):
                self._judged.add(finding.check)
            case _:
                return
        doing = next(reversed(self._running.values()), _("Putting the report together"))
        self._progress.update(self._task, description=doing, completed=len(self._judged))
