"""How busy a computer is while a page measures: its cores, and when programs are woken."""

import asyncio
import time
from dataclasses import dataclass
from typing import cast

import pytest

from natwizard.probes.browser_page.load import ComputerLoad, LoadMeter
from natwizard.probes.host import Host
from natwizard.system.environment import real_environment


@dataclass
class CountedCores:
    """Tells times as a system does: since it started."""

    times: tuple[float, float]

    def processor_times(self) -> tuple[float, float]:
        return self.times


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ((100, 1000), (101.5, 1002), 0.75),
        ((100, 1000), (100, 1002), 0.0),
        ((100, 1000), (102, 1002), 1.0),
        # systems that do not tell, or whose counters went back
        ((0, 0), (0, 0), 0.0),
        ((100, 1000), (100, 1000), 0.0),
        ((100, 1000), (40, 900), 0.0),
    ],
)
def test_the_share_is_that_of_the_stretch(
    before: tuple[float, float], after: tuple[float, float], share: float
) -> None:
    host = CountedCores(before)

    async def stretch() -> ComputerLoad:
        with LoadMeter(cast("Host", host)) as meter:
            host.times = after
            return meter.lap()

    assert asyncio.run(stretch()).busy_share == share


def test_a_program_that_is_woken_late_tells_by_how_much_and_only_once() -> None:
    async def stretches() -> tuple[ComputerLoad, ComputerLoad]:
        with LoadMeter(real_environment().host) as meter:
            await asyncio.sleep(0.05)
            time.sleep(0.3)  # noqa: ASYNC251 - nobody is woken meanwhile
            held_up = meter.lap()
            # forgotten, however late the next is woken by itself
            meter.lap()
            return held_up, meter.lap()

    held_up, after = asyncio.run(stretches())
    assert held_up.late_ms >= 250
    assert after.late_ms < held_up.late_ms
