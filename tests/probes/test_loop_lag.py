"""Time in which the event loop got no turn, and what silence means then."""

import asyncio
import time

import pytest
from servers.udp_lab import make_context

from natwizard.model.outcome import Attempt, FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.base import ProbeContext
from natwizard.probes.loop_lag import TICK_S, LoopLag


async def silent_for(limit_s: float, stalls: list[float], operation: str = "ask") -> Attempt[None]:
    """A wait in vain, while the loop cannot go on for so many seconds again and again.

    A processor that is given to others and a callback that blocks look alike to the loop.
    """
    lag = LoopLag()
    context = make_context(Targets(), loop_lag=lag)

    async def stall() -> None:
        for stall_s in stalls:
            await asyncio.sleep(0.01)
            time.sleep(stall_s)  # noqa: ASYNC251 - the loop has to be held up

    async def wait() -> None:
        async with asyncio.timeout(limit_s):
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        watch = group.create_task(lag.watch())
        group.create_task(stall())
        await asyncio.sleep(0)
        attempt = await context.attempt(operation, "192.0.2.1:53", wait)
        watch.cancel()
    return attempt


@pytest.mark.parametrize("stalls", [[0.9], [0.3] * 4, [3.0]])
def test_a_silence_without_a_turn_is_this_computer_s(stalls: list[float]) -> None:
    attempt = asyncio.run(silent_for(1.2, stalls))
    assert attempt.failure is not None
    assert attempt.failure.code is FailureCode.MACHINE_BUSY
    assert attempt.failure.operation == "ask"


def test_a_connection_is_the_kernel_s_work_which_needs_no_turn_of_ours() -> None:
    attempt = asyncio.run(silent_for(1.2, [3.0], "connect_tcp"))
    assert attempt.failure is not None
    assert attempt.failure.code is FailureCode.TIMED_OUT


def test_what_was_late_before_excuses_nothing() -> None:
    lag = LoopLag()
    now = time.perf_counter()
    lag.note(now - 9, now - 6)
    assert lag.between(now - 3, now) == 0
    assert 0.9 < lag.between(now - 7, now) < 1.1
    assert 2.9 < lag.between(now - 20, now) < 3.1


def test_a_tick_on_time_is_not_kept() -> None:
    lag = LoopLag()
    lag.note(100.0, 100.0 + TICK_S / 4)
    assert lag.between(0.0, 1e6) == 0


def test_a_tick_that_is_still_to_come_counts_as_late_so_far() -> None:
    """A time limit may strike in the very turn in which the loop wakes up."""

    async def scene() -> float:
        lag = LoopLag()
        watch = asyncio.get_running_loop().create_task(lag.watch())
        await asyncio.sleep(0)
        began = time.perf_counter()
        time.sleep(0.8)  # noqa: ASYNC251 - the loop has to be held up
        late_s = lag.between(began, time.perf_counter())
        watch.cancel()
        return late_s

    assert asyncio.run(scene()) > 0.5


def test_where_nobody_keeps_the_lag_silence_is_silence() -> None:
    context: ProbeContext = make_context(Targets())

    async def wait() -> None:
        raise TimeoutError

    attempt = asyncio.run(context.attempt("ask", "192.0.2.1:53", wait))
    assert attempt.failure is not None
    assert attempt.failure.code is FailureCode.TIMED_OUT
