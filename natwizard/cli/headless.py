"""Runs a plan on this thread's own event loop; Ctrl-C stops it with a whole report."""

import asyncio
import signal
from types import FrameType

from natwizard.model.report import Report
from natwizard.run.plan import Plan
from natwizard.run.runner import Happened, Run, Surroundings
from natwizard.system.loop import make_loop


def run_headless(
    plan: Plan, surroundings: Surroundings, happened: Happened, *, soak: bool = False
) -> tuple[Report, bool]:
    """The report, and whether the person stopped the run; `soak` waits for what takes time."""
    with asyncio.Runner(loop_factory=make_loop) as runner:
        return runner.run(_execute(plan, surroundings, happened, soak=soak))


async def _execute(
    plan: Plan, surroundings: Surroundings, happened: Happened, *, soak: bool
) -> tuple[Report, bool]:
    run = Run(plan=plan, surroundings=surroundings, happened=happened)
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
