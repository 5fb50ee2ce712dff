"""The clock probe against real TLS servers that tell all kinds of times."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from servers.reach_lab import (
    answering,
    closed_port,
    lab_context,
    make_authority,
    page,
    server_context,
    serving,
)

from natwizard.checks.base import Inputs
from natwizard.checks.computer_clock import COMPUTER_CLOCK
from natwizard.model.finding import Status
from natwizard.model.outcome import Gathered
from natwizard.model.profile import Targets
from natwizard.probes.clock import CLOCK, ClockEvidence, gather
from natwizard.probes.failures import CannotGather

TLS = server_context(make_authority())


def told(offset_s: float = 0, *more: str) -> bytes:
    """An answer by a server that is so much ahead of this computer."""
    when = datetime.now(UTC) + timedelta(seconds=offset_s)
    return page(b"", "200 OK", f"Date: {format_datetime(when, usegmt=True)}", *more)


def ask(*answers: bytes, closed: bool = False, tls: ssl.SSLContext = TLS) -> ClockEvidence:
    async def run() -> ClockEvidence:
        async with AsyncExitStack() as stack:
            ports = [
                await stack.enter_async_context(serving(answering(answer), tls))
                for answer in answers
            ]
            if closed:
                ports.append(closed_port())
            hosts = tuple(f"127.0.0.1:{port}" for port in ports)
            return await gather(lab_context(Targets(tls_control=hosts)))

    return asyncio.run(run())


def status(evidence: ClockEvidence) -> Status:
    inputs = Inputs(outcomes={CLOCK.name: Gathered(evidence=evidence)})
    return COMPUTER_CLOCK.bind({})(inputs).status


def test_two_servers_are_asked_and_a_dead_one_is_no_reading() -> None:
    evidence = ask(told(), told(), closed=True)
    assert len(evidence.servers) == 3
    assert [abs(reading.offset_s) < 30 for reading in evidence.readings()] == [True, True]
    assert status(evidence) is Status.PASS


def test_servers_ahead_make_this_clock_slow() -> None:
    evidence = ask(told(3600), told(3600))
    assert all(-3630 < reading.offset_s < -3570 for reading in evidence.readings())
    assert status(evidence) is Status.WARN


@pytest.mark.parametrize(
    ("valid_days", "expected"), [((399, 401), Status.FAIL), ((-1, 30), Status.WARN)]
)
def test_only_a_certificate_that_our_time_leaves_proves_the_clock_the_cause(
    valid_days: tuple[int, int], expected: Status
) -> None:
    ahead_s = timedelta(days=400).total_seconds()
    tls = server_context(make_authority(), days=valid_days)
    assert status(ask(told(ahead_s), told(ahead_s), tls=tls)) is expected


def test_an_answer_out_of_a_cache_counts_from_when_it_left() -> None:
    evidence = ask(told(-7200, "Age: 7200"), told(0, "Age: nonsense"))
    assert all(abs(reading.offset_s) < 30 for reading in evidence.readings())


@pytest.mark.parametrize(
    "header",
    ["Date: yesterday", "Date: Mon, 99 Nov 2026 99:00:00 GMT", "Date:", "X: y", "Date: 0" * 400],
)
def test_a_date_that_is_none_is_no_reading(header: str) -> None:
    evidence = ask(page(b"", "200 OK", header))
    assert evidence.readings() == ()
    assert status(evidence) is Status.UNKNOWN


def test_without_servers_there_is_nothing_to_ask() -> None:
    with pytest.raises(CannotGather):
        asyncio.run(gather(lab_context(Targets())))
