"""The media probe against the real reflector, through relays whose harm is known."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import pytest
from servers.udp_lab import (
    LOST,
    PASSED,
    Fate,
    Relay,
    Told,
    closed_port,
    every,
    make_context,
    passed,
    reflecting,
    run,
    silent_port,
)

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.failures import CannotGather
from natwizard.probes.media.path import open_reflector_path
from natwizard.probes.media.stream import (
    LengthenNear,
    MediaEvidence,
    MediaFigures,
    Schedule,
    _is_near,
    gather,
    make_media_probe,
)
from natwizard.probes.network import Endpoint
from natwizard.system.network import SystemNetwork

SECOND = Schedule(duration_s=1.0, longest_s=1.0, await_quiet=False)
GREETING = 1
"""The relay's packet 0 is the greeting."""


def stream(
    *,
    onward: Callable[[int], Fate] = passed,
    back: Callable[[int], Fate] = passed,
    schedule: Schedule = SECOND,
    told: Told | None = None,
) -> MediaFigures:
    """Figures of a stream through a relay."""

    async def scene() -> MediaEvidence:
        async with reflecting() as (_reflector, ports):
            servers = {("127.0.0.3", 0): ("127.0.0.1", ports[0])}
            with Relay(servers=servers, onward=onward, back=back).running() as relay:
                targets = Targets(media=relay.addresses()[0])
                return await gather(make_context(targets, told=told), schedule)

    evidence = run(scene())
    assert evidence.figures is not None
    return evidence.figures


@pytest.mark.quiet
def test_a_clean_line_loses_nothing_and_answers_in_its_time() -> None:
    figures = stream(onward=lambda _n: (0.015,), back=lambda _n: (0.015,))
    counted = figures.counted
    assert (counted.sent, counted.received) == (50, 50)
    assert (counted.lost_out, counted.lost_back, counted.duplicates) == (0, 0, 0)
    assert figures.round_trip is not None
    assert 30 <= figures.round_trip.median_ms < 40
    assert figures.duration_s == pytest.approx(0.98, abs=0.2)
    assert 0 <= figures.machine.busy_share <= 1
    assert 0 < figures.machine.own_share < 2
    assert figures.strays == 0
    assert len(figures.columns) >= 4


@pytest.mark.quiet
def test_losses_are_counted_by_direction() -> None:
    figures = stream(onward=every(10, LOST), back=every(7, LOST))
    # onward 9, 19, 29, 39, 49 of 0 to 50; of the 46 left, back 6, 13, 20, 27, 34, 41
    counted = figures.counted
    assert counted.sent - counted.received == 11
    assert (counted.lost_out, counted.lost_back) == (5, 6)
    assert sum(column.lost for column in figures.columns) == 11


@pytest.mark.quiet
@pytest.mark.parametrize("there", [True, False])
def test_losses_at_the_very_end_have_a_direction_too(there: bool) -> None:
    # 1 to 50 are the stream; the closers after it arrive
    def end(number: int) -> Fate:
        return LOST if 46 <= number <= 50 else PASSED

    counted = (stream(onward=end) if there else stream(back=end)).counted
    assert counted.sent - counted.received == 5
    assert (counted.lost_out, counted.lost_back) == ((5, 0) if there else (0, 5))


@pytest.mark.quiet
def test_the_longest_gap_is_the_longest_run_of_losses() -> None:
    figures = stream(onward=lambda n: LOST if 20 <= n < 29 else PASSED)
    assert figures.counted.longest_gap == 9
    assert (figures.counted.lost_out, figures.counted.lost_back) == (9, 0)


@pytest.mark.quiet
def test_doubled_and_overtaken_packets_are_not_lost() -> None:
    figures = stream(onward=every(10, (0.05,)), back=every(5, (0.0, 0.001)))
    counted = figures.counted
    assert counted.sent == counted.received == 50
    assert counted.duplicates >= 9
    assert 3 <= counted.reordered <= 6
    assert (counted.lost_out, counted.lost_back) == (0, 0)


@pytest.mark.quiet
def test_jitter_is_found_on_the_way_that_has_it() -> None:
    figures = stream(onward=every(2, (0.012,), (0.0,)))
    jitter = figures.jitter
    assert jitter.out is not None
    assert jitter.back is not None
    assert 9 < jitter.out.mean_ms < 16
    assert jitter.back.mean_ms < jitter.out.mean_ms / 2


@pytest.mark.quiet
def test_stragglers_are_waited_for() -> None:
    figures = stream(back=lambda n: (0.4,) if n > 40 else PASSED)
    assert figures.counted.received == 50


@pytest.mark.quiet
def test_progress_moves_on_and_brings_each_column_once() -> None:
    told = Told()
    figures = stream(schedule=Schedule(duration_s=2.0, longest_s=2.0, await_quiet=False), told=told)
    assert told.fractions == sorted(told.fractions)
    assert len(told.fractions) <= 2.0 * 4 + 3
    starts = [column.start_s for column in told.columns]
    assert starts == sorted(set(starts))
    assert len(starts) >= 3
    assert set(starts) <= {column.start_s for column in figures.columns}


@pytest.mark.quiet
def test_a_stream_is_lengthened_while_its_figures_cannot_tell() -> None:
    # 0 of 50 may still be 7 %: this is near the limit until the longest time is over
    figures = stream(schedule=Schedule(duration_s=1.0, longest_s=1.6, await_quiet=False))
    assert figures.counted.sent == 80


@pytest.mark.parametrize(
    ("lost", "sent", "rtt_ms", "swing_ms", "near"),
    [
        (0, 500, 20, 0, False),
        (0, 100, 20, 0, True),
        (3, 500, 20, 0, True),
        (50, 500, 20, 0, False),
        (0, 500, 100, 0, True),
        (0, 500, 95, 10, True),
        (0, 500, 95, 0, False),
        (0, 500, 115, 0, False),
        (0, 500, 40, 20, True),
        (0, 500, 40, 30, False),
    ],
)
def test_near_is_what_more_packets_could_settle(
    lost: int, sent: int, rtt_ms: float, swing_ms: float, near: bool
) -> None:
    times = {s: rtt_ms + swing_ms * (s % 2) for s in range(sent - lost)}
    assert _is_near(sent, times, LengthenNear()) is near


@pytest.mark.quiet
def test_without_a_target_the_setting_is_named() -> None:
    with pytest.raises(CannotGather) as missed:
        run(gather(make_context(Targets()), SECOND))
    assert missed.value.failure.code is FailureCode.NO_TARGET
    assert missed.value.failure.detail == "targets.media"


@pytest.mark.quiet
def test_a_reflector_that_is_silent_gets_five_packets_and_no_stream() -> None:
    with silent_port() as port:
        started = time.perf_counter()
        evidence = run(gather(make_context(Targets(media=f"127.0.0.1:{port}")), SECOND))
        assert time.perf_counter() - started < 5
    assert evidence.figures is None
    greeting = evidence.path.greetings[0]
    assert greeting.failure is not None
    assert greeting.failure.code is FailureCode.TIMED_OUT


@dataclass(frozen=True)
class SeveralAddresses(SystemNetwork):
    """A name with several addresses, as a resolver would sort them."""

    endpoints: tuple[Endpoint, ...]

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:  # noqa: ARG002
        return self.endpoints


@pytest.mark.quiet
def test_desks_spread_over_the_addresses_of_a_name_and_leave_a_dead_one() -> None:
    async def scene() -> list[str]:
        answered = []
        async with reflecting("127.0.0.5") as (_one, ports), reflecting("127.0.0.6", ports):
            addresses = ("127.0.0.5", "127.0.0.6", "127.0.0.7")  # nobody is at the last
            endpoints = tuple(
                Endpoint(family=socket.AF_INET, address=address, port=ports[0])
                for address in addresses
            )
            for _desk in range(40):
                context = make_context(Targets(), network=SeveralAddresses(endpoints))
                path, tried = await open_reflector_path(context, "media.example.com:1")
                assert path is not None
                assert len(tried.greetings) <= 2
                answered.append(path.endpoint.address)
                path.close()
        return answered

    assert set(run(scene())) == {"127.0.0.5", "127.0.0.6"}


@pytest.mark.quiet
def test_a_reflector_that_is_not_there_turns_us_away() -> None:
    target = f"127.0.0.1:{closed_port()}"
    evidence = run(gather(make_context(Targets(media=target)), SECOND))
    greeting = evidence.path.greetings[0]
    assert greeting.failure is not None
    assert greeting.failure.code is FailureCode.CONNECTION_REFUSED


@pytest.mark.quiet
def test_a_reflector_that_goes_away_is_loss_and_nothing_worse() -> None:
    async def scene() -> MediaEvidence:
        async with reflecting() as (reflector, ports):
            context = make_context(Targets(media=f"127.0.0.1:{ports[0]}"))

            async def leave() -> None:
                await asyncio.sleep(0.5)
                await reflector.close()

            async with asyncio.TaskGroup() as group:
                task = group.create_task(gather(context, SECOND))
                group.create_task(leave())
            return task.result()

    figures = run(scene()).figures
    assert figures is not None
    assert 0 < figures.counted.received < 50
    assert figures.refused > 0


@pytest.mark.quiet
@pytest.mark.parametrize("junk", [b"", b"\x00" * 43, b"\xff" * 172, b"\x00" * 172, b"x" * 1472])
def test_answers_that_are_none_are_not_counted(junk: bytes) -> None:
    class Liar(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            # an honest greeting, then only junk and our own packets thrown back
            if not hasattr(self, "greeted"):
                self.greeted = True
                answer = bytes(4) + data[4:16] + data[4:12] + data[0:4] + data[4:12] + bytes(8)
                self.transport.sendto(answer + data[44:], addr)
            else:
                self.transport.sendto(junk or b"\x01", addr)
                self.transport.sendto(data, addr)

    async def scene() -> MediaEvidence:
        loop = asyncio.get_running_loop()
        transport, _protocol = await loop.create_datagram_endpoint(Liar, ("127.0.0.1", 0))
        try:
            port = transport.get_extra_info("sockname")[1]
            context = make_context(Targets(media=f"127.0.0.1:{port}"))
            return await gather(context, Schedule(duration_s=0.4, longest_s=0.4, await_quiet=False))
        finally:
            transport.close()
            await asyncio.sleep(0)

    figures = run(scene()).figures
    assert figures is not None
    assert figures.counted.received == 0
    assert figures.round_trip is None


@pytest.mark.quiet
def test_it_stops_at_once_and_leaves_no_thread_behind() -> None:
    async def scene() -> float:
        async with reflecting() as (_reflector, ports):
            probe = make_media_probe(duration_s=10)
            context = make_context(Targets(media=f"127.0.0.1:{ports[0]}"))
            async with asyncio.TaskGroup() as group:
                task = group.create_task(probe.gather(context))
                await asyncio.sleep(0.4)
                started = time.perf_counter()
                task.cancel()
            return time.perf_counter() - started

    assert run(scene()) < 1
    assert not [thread.name for thread in threading.enumerate() if "media" in thread.name]


@pytest.mark.quiet
def test_its_evidence_survives_the_report() -> None:
    figures = stream(onward=every(10, LOST))
    assert msgspec.json.decode(msgspec.json.encode(figures), type=MediaFigures) == figures


@pytest.mark.quiet
def test_ipv6_works_as_well() -> None:
    async def scene() -> MediaEvidence:
        async with reflecting("::1") as (_reflector, ports):
            targets = Targets(media=f"[::1]:{ports[0]}")
            return await gather(
                make_context(targets), Schedule(duration_s=0.3, longest_s=0.3, await_quiet=False)
            )

    figures = run(scene()).figures
    assert figures is not None
    assert figures.counted.received == 15


def test_the_factory_keeps_the_name() -> None:
    assert make_media_probe(1.0, 2.0).name == make_media_probe().name == "media"
