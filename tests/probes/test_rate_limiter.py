"""Pacing: bounded in flight, bounded rate, and never part of what is measured."""

import asyncio
import time
from dataclasses import replace

import pytest
from computers.probe_context import RoutesOnly, make_context

from natwizard.probes.rate_limiter import IN_FLIGHT, RateLimiter
from natwizard.system.environment import system_host


def test_no_more_flows_are_open_than_allowed() -> None:
    async def main() -> int:
        rate_limiter, open_now, most = RateLimiter(in_flight=3, new_flows_per_s=1e6), 0, 0

        async def flow() -> None:
            nonlocal open_now, most
            async with rate_limiter.flow():
                open_now += 1
                most = max(most, open_now)
                await asyncio.sleep(0)
                open_now -= 1

        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(flow(), name=str(number))
        return most

    assert asyncio.run(main()) == 3


def test_a_run_has_sixty_four_sockets_in_flight_at_most() -> None:
    """More than that fill a home router's table, and a socket buffer with the answers."""

    async def main() -> int:
        rate_limiter, holding = RateLimiter(), 0

        async def hold() -> None:
            nonlocal holding
            async with rate_limiter.place():
                holding += 1
                await asyncio.Event().wait()

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(hold()) for _socket in range(IN_FLIGHT + 100)]
            for _turn in range(5):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
        return holding

    assert asyncio.run(main()) == 64


def test_places_and_flows_share_the_room() -> None:
    """A socket that stays open takes room from new flows until it is closed."""

    async def main() -> list[str]:
        rate_limiter, order = RateLimiter(in_flight=1, new_flows_per_s=1e6), []

        async def flow() -> None:
            async with rate_limiter.flow():
                order.append("flow")

        async with asyncio.TaskGroup() as group, rate_limiter.place():
            group.create_task(flow(), name="flow")
            await rate_limiter.turn()
            await asyncio.sleep(0.02)
            order.append("closed")
        return order

    assert asyncio.run(main()) == ["closed", "flow"]


def test_new_flows_keep_their_distance() -> None:
    async def main() -> list[float]:
        rate_limiter, begun = RateLimiter(new_flows_per_s=100), []
        for _flow in range(5):
            async with rate_limiter.flow():
                begun.append(time.monotonic())
        return begun

    begun = asyncio.run(main())
    assert begun[-1] - begun[0] >= 4 * 0.01 * 0.99


@pytest.mark.parametrize("flows", [1, 5])
def test_waiting_for_a_turn_is_not_measured(flows: int) -> None:
    async def main() -> tuple[float, float]:
        rate_limiter = RateLimiter(new_flows_per_s=20)
        context = replace(
            make_context(system_host(), RoutesOnly("eth0")), rate_limiter=rate_limiter
        )

        async def work() -> None:
            async with rate_limiter.flow():
                pass

        begun = time.monotonic()
        async with rate_limiter.flow():
            pass
        attempts = [await context.attempt("look", "there", work) for _flow in range(flows)]
        return sum(attempt.duration_s for attempt in attempts), time.monotonic() - begun

    measured_s, took_s = asyncio.run(main())
    assert took_s >= flows * 0.05 * 0.99
    # what is left is our own overhead: less than the waits by far, on however slow a machine
    assert measured_s < took_s / 2


def test_slowed_means_slower_for_as_long_as_it_lasts() -> None:
    async def main() -> list[float]:
        rate_limiter, begun = RateLimiter(new_flows_per_s=1000), []

        async def five() -> float:
            begun = time.monotonic()
            for _flow in range(5):
                async with rate_limiter.flow():
                    pass
            return time.monotonic() - begun

        with rate_limiter.slowed(20):
            begun.append(await five())
        with rate_limiter.slowed(1e6):  # it never makes anything faster
            begun.append(await five())
        return begun

    slow_s, usual_s = asyncio.run(main())
    assert slow_s >= 4 * 0.05 * 0.99
    assert usual_s >= 4 * 0.001 * 0.99
