"""Runs a plan on this thread's own event loop; Ctrl-C stops it with a whole report."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

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
from natwizard.model.report import Report
from natwizard.run.plan import RunPlan
from natwizard.run.runner import Environment, Happened, Run
from natwizard.system.loop import make_loop


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


def run_headless(
    plan: RunPlan, environment: Environment, happened: Happened, *, soak: bool = False
) -> tuple[Report, bool]:
    """The report, and whether the person stopped the run; `soak` waits for what takes time."""
    with asyncio.Runner(loop_factory=make_loop) as runner:
        return runner.run(_execute(plan, environment, happened, soak=soak))


async def _execute(
    plan: RunPlan, environment: Environment, happened: Happened, *, soak: bool
) -> tuple[Report, bool]:
    run = Run(plan=plan, environment=environment, happened=happened)
    loop = asyncio.get_running_loop()
    stopped = False

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        # a second Ctrl-C ends at once, as people expect of one that does nothing
        signal.signal(signal.SIGINT, signal.default_int_handler)
        loop.call_soon_threadsafe(run.stop)

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        report = await run.execute()
        if soak:
            report = await run.soak()
        return report, stopped
    finally:
        signal.signal(signal.SIGINT, before)
