"""The media probe against the real reflector, through relays whose harm is known."""

import asyncio
import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

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

from natwizard.checks.quality_jitter import JitterLimits
from natwizard.checks.quality_latency import LatencyLimits
from natwizard.checks.quality_loss import LossLimits
from natwizard.model.address import HostPort
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.base import Phase
from natwizard.probes.failures import CannotGather
from natwizard.probes.media import stream as stream_module
from natwizard.probes.media.figures import columns_of
from natwizard.probes.media.path import (
    MediaPath,
    PathAttempts,
    ReflectorFlow,
    ReflectorGreeting,
    open_reflector_path,
)
from natwizard.probes.media.sender import MediaStream, ReflectedPacket
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
from natwizard.wire import stamp

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


# ---- what is decided while packets fly, on a clock that moves as somebody sleeps


@dataclass
class Line:
    """A stream on a line made by hand: packets leave at their deadlines, answers come in time.

    Attributes:
        comes_back_s: by packet, after how many seconds; None is lost.
    """

    packets: int
    comes_back_s: Callable[[int], float | None]
    now_ns: int = 10**12
    began_ns: int = 10**12
    sent_ns: list[int] = field(default_factory=list)
    answers: list[ReflectedPacket] = field(default_factory=list)
    closers: int = 0
    slept: list[float] = field(default_factory=list)

    def perf_counter_ns(self) -> int:
        return self.now_ns

    async def sleep(self, seconds: float) -> None:
        """Everybody who sleeps moves the clock on."""
        self.slept.append(seconds)
        self.now_ns += round(seconds * 1e9)
        while len(self.sent_ns) < self.packets and self._due_ns() <= self.now_ns:
            self.sent_ns.append(self._due_ns())
        if len(self.sent_ns) == self.packets:
            self.closers = min(3, (self.now_ns - self.sent_ns[-1]) // 20_000_000)
        known = {answer.sequence for answer in self.answers}
        for number, sent_ns in enumerate(self.sent_ns):
            after_s = self.comes_back_s(number)
            if number in known or after_s is None:
                continue
            arrived_ns = sent_ns + round(after_s * 1e9)
            if arrived_ns <= self.now_ns:
                self.answers.append(ReflectedPacket(number, arrived_ns, number, 0, 0))

    def _due_ns(self) -> int:
        return self.began_ns + len(self.sent_ns) * 20_000_000

    @property
    def sending(self) -> bool:
        return len(self.sent_ns) < self.packets or self.closers < 3


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Callable[[Line], Line]:
    """The module's clock and sleep are this line's."""

    def take(line: Line) -> Line:
        monkeypatch.setattr(stream_module, "time", line)
        monkeypatch.setattr(stream_module, "asyncio", line)
        return line

    return take


def watched(line: Line, schedule: Schedule, *, settle_s: float = 0.5) -> Told:
    told = Told()
    run(stream_module._watch(make_context(Targets(), told=told), line, schedule, settle_s))  # type: ignore[arg-type]
    return told


@pytest.mark.parametrize(
    ("comes_back_s", "packets"),
    [
        # clear from the first: ten seconds are enough
        (lambda _n: 0.02, 500),
        (lambda n: None if n % 5 == 0 else 0.02, 500),
        # one in a hundred is lost: it goes on to the end of a minute
        (lambda n: None if n % 100 == 50 else 0.02, 3000),
        (lambda _n: 0.1, 3000),
        # near at first, and clear after another 2.5 s
        (lambda n: None if n == 50 else 0.02, 625),
    ],
    ids=["whole", "lossy", "one in a hundred", "a tenth of a second", "one in ten seconds"],
)
def test_it_goes_on_in_steps_while_its_figures_are_near_a_limit(
    comes_back_s: Callable[[int], float | None], packets: int, by_hand: Callable[[Line], Line]
) -> None:
    line = by_hand(Line(500, comes_back_s))
    told = watched(line, Schedule())
    assert line.packets == len(line.sent_ns) == packets
    # four times a second, so that the chart lives, and no more often until the end
    seconds = packets / 50
    assert 4 * seconds <= len(told.fractions) <= 4 * seconds + 12
    assert max(line.slept) <= 0.25
    # the sender never runs out before it is lengthened: packets leave without a gap
    assert line.sent_ns[-1] - line.sent_ns[0] == (packets - 1) * 20_000_000
    assert max(told.fractions) == 0.98


def test_each_column_is_shown_once_and_once_its_answers_are_due(
    by_hand: Callable[[Line], Line],
) -> None:
    """A packet that takes 0.4 s is not lost: the chart waits for it."""
    line = by_hand(Line(250, lambda n: None if n == 70 else 0.4))
    told = watched(line, Schedule(duration_s=5.0, longest_s=5.0))
    starts = [column.start_s for column in told.columns]
    assert starts == [place * 0.25 for place in range(len(starts))]
    assert len(starts) >= 16
    assert sum(column.lost for column in told.columns) == 1
    assert [column.start_s for column in told.columns if column.lost] == [1.25]
    assert {column.median for column in told.columns} == {400.0}


def test_a_slice_without_answers_is_drawn_where_the_line_was_before(
    by_hand: Callable[[Line], Line],
) -> None:
    line = by_hand(Line(250, lambda n: None if 100 <= n < 160 else 0.03))
    told = watched(line, Schedule(duration_s=5.0, longest_s=5.0))
    assert {column.median for column in told.columns} == {30.0}
    assert sum(column.lost for column in told.columns) == 60


@pytest.mark.parametrize(
    ("greeted_s", "settle_s"),
    [((), 0.5), ((0.1,), 0.5), ((3.0, 0.4), 0.8), ((1.0,), 2.0), ((5.0,), 2.0)],
)
def test_a_packet_is_waited_for_as_long_as_two_greetings_took(
    greeted_s: tuple[float, ...], settle_s: float
) -> None:
    greetings = tuple(
        Attempt(operation="greet", target="t", started_s=0, duration_s=each, value=None)
        for each in greeted_s
    )
    lookup: Attempt[tuple[Endpoint, ...]] = Attempt(
        operation="look_up", target="t", started_s=0, duration_s=0, value=()
    )
    tried = PathAttempts(target="t", lookup=lookup, greetings=greetings)
    assert stream_module._settle_s(tried) == settle_s


@pytest.mark.parametrize(
    ("slowest_ms", "missing", "waited_s"),
    [
        (20.0, 1, 0.5),  # no less, for the slowest may not be here yet
        (300.0, 1, 0.9),
        (1500.0, 1, 2.0),  # no call uses what comes later
        (None, 4, 0.5),
        (20.0, 0, 0.0),
    ],
)
def test_stragglers_are_waited_for_three_round_trips_long(
    slowest_ms: float | None, missing: int, waited_s: float, by_hand: Callable[[Line], Line]
) -> None:
    line = by_hand(Line(4, lambda _n: None))
    line.sent_ns = [line.now_ns] * 4
    if slowest_ms is not None:
        arrived_ns = line.now_ns + round(slowest_ms * 1e6)
        line.answers = [
            ReflectedPacket(number, arrived_ns, number, 0, 0) for number in range(4 - missing)
        ]
    run(stream_module._wait_for_stragglers(line))  # type: ignore[arg-type]
    assert sum(line.slept) == pytest.approx(waited_s)


def test_nothing_is_near_where_nothing_has_settled_or_come() -> None:
    at_the_limit = dict.fromkeys(range(100), 100.0)
    assert _is_near(100, at_the_limit, LengthenNear())
    assert not _is_near(0, at_the_limit, LengthenNear())
    assert not _is_near(100, {}, LengthenNear())


@pytest.mark.parametrize(
    ("missing", "near"),
    [
        # a run tells hardly more than one loss: once by chance, and more packets would tell
        (range(200, 215), True),
        (range(10, 490, 32), False),
    ],
    ids=["one run of fifteen", "fifteen here and there"],
)
def test_losses_in_a_row_leave_it_open_for_longer(missing: range, near: bool) -> None:
    times = {number: 20.0 for number in range(500) if number not in missing}
    assert len(times) == 485
    assert _is_near(500, times, LengthenNear()) is near


def test_it_goes_on_near_the_limits_that_rules_have() -> None:
    """Else a figure that is near a limit would be judged by too few packets."""
    near = LengthenNear()
    assert near.loss_share * 100 == LossLimits().loss_percent
    assert near.round_trip_ms == LatencyLimits().round_trip_ms
    assert near.jitter_ms == JitterLimits().jitter_ms


def test_a_run_gives_a_stream_ten_seconds_a_minute_at_most_and_time_for_what_is_beside() -> None:
    schedule = Schedule()
    assert (schedule.duration_s, schedule.longest_s) == (10.0, 60.0)
    assert schedule.hops
    assert schedule.await_quiet
    assert schedule.doubts_silence
    assert not schedule.as_counted
    for probe, duration_s, longest_s in (
        (make_media_probe(), 10.0, 60.0),
        (make_media_probe(3.0, 5.0), 3.0, 5.0),
    ):
        assert probe.phase is Phase.MEDIA
        assert probe.shares_line
        assert duration_s < probe.typical_s <= duration_s + 2
        # four addresses that are silent, a line that has to come to rest, stragglers, witnesses
        assert longest_s + 4 * 2.5 + 4 + 2 <= probe.deadline_s <= longest_s + 60


# ---- what a stream comes to


@dataclass
class Busy:
    """A computer whose processor times are given: seconds busy and seconds in all."""

    times_s: list[tuple[float, float]]

    def processor_times(self) -> tuple[float, float]:
        return self.times_s.pop(0)


@pytest.mark.parametrize(
    ("after", "share"),
    [
        ((30.0, 140.0), 0.5),
        ((10.0, 140.0), 0.0),
        ((50.0, 140.0), 1.0),
        # counters that ran backwards, or more than all of the time
        ((5.0, 140.0), 0.0),
        ((90.0, 140.0), 1.0),
        # no time has passed by these counters
        ((10.0, 100.0), 0.0),
        ((11.0, 99.0), 0.0),
    ],
)
def test_how_busy_a_computer_was_is_a_share_of_all_its_cores(
    after: tuple[float, float], share: float
) -> None:
    context = dataclasses.replace(make_context(Targets()), host=Busy([(10.0, 100.0), after]))
    assert stream_module._Load(context).shares()[0] == share


def test_the_own_share_is_of_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    times = {"process_time": iter((1.0, 2.5)), "perf_counter": iter((10.0, 20.0))}
    clock = SimpleNamespace(**{name: each.__next__ for name, each in times.items()})
    context = dataclasses.replace(make_context(Targets()), host=Busy([(0.0, 1.0), (0.5, 2.0)]))
    monkeypatch.setattr(stream_module, "time", clock)
    assert stream_module._Load(context).shares() == (0.5, 0.15)


@pytest.fixture
def path() -> Iterator[MediaPath]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        datagrams.connect(datagrams.getsockname())
        yield MediaPath(
            flow=ReflectorFlow(out=datagrams, back=datagrams, session=5),
            endpoint=Endpoint(family=socket.AF_INET, address="127.0.0.1", port=9),
            greeting=ReflectorGreeting(sent=1, answered=0, reflector_sequence=0),
        )


def filled(path: MediaPath) -> MediaStream:
    """A second of a call that began at 5 s: packet 7 never left, 20 to 24 were lost on the way
    there, 30 came twice, and each took 40 ms, one of them in the reflector.
    """
    stream = MediaStream(path, packets=50, interval_s=0.02, size=222)
    stream.sent_ns = [5 * 10**9 + number * 20_000_000 for number in range(50)]
    stream.late_ns = [number * 100_000 for number in range(50)]
    stream.unsent, stream.stalls, stream.refused, stream.strays = [7], 2, 3, 4
    stream.overflowed = 1
    stream.send_failure = Failure(code=FailureCode.NETWORK_UNREACHABLE, operation="send_media")
    came = [number for number in range(50) if number != 7 and not 20 <= number < 25]
    for own, number in enumerate(sorted([*came, 30]), start=1):
        at_ns = stream.sent_ns[number] + 40_000_000
        kept = stamp.ntp_from_unix_ns(10**18 + number * 20_000_000 + 1_000_000)
        there = stamp.ntp_from_unix_ns(10**18 + number * 20_000_000)
        stream.answers.append(ReflectedPacket(number, at_ns, own, there, kept))
        stream.waited_ns.append(2_000_000)
    return stream


def test_a_stream_is_counted_with_all_that_is_not_the_lines(path: MediaPath) -> None:
    stream = filled(path)
    context = dataclasses.replace(make_context(Targets()), host=Busy([(0, 0), (1.0, 8.0)]))
    load = stream_module._Load(context)
    figures = stream_module._figures(stream, path, 222, 12.5, load)
    counted = figures.counted
    assert (counted.sent, counted.received, counted.duplicates) == (49, 44, 1)
    assert (counted.lost_out, counted.lost_back) == (5, 0)
    assert (counted.longest_gap, counted.gaps) == (5, 1)
    assert (figures.started_s, figures.duration_s) == (12.5, pytest.approx(0.98))
    assert (figures.interval_ms, figures.payload_bytes) == (20.0, 222)
    assert figures.round_trip is not None
    assert figures.round_trip.median_ms == pytest.approx(39, abs=0.001)
    assert [column.start_s for column in figures.columns] == [0.0, 0.25, 0.5, 0.75]
    assert [column.lost for column in figures.columns] == [0, 5, 0, 0]
    assert (figures.refused, figures.strays) == (3, 4)
    machine = figures.machine
    assert machine.send_late_p95_ms == pytest.approx(4.655)
    assert machine.send_late_max_ms == pytest.approx(4.9)
    assert (machine.lag_p95_ms, machine.kernel_times) == (2.0, True)
    assert (machine.stalls, machine.unsent, machine.overflowed) == (2, 1, 1)
    assert machine.busy_share == 0.125
    assert machine.send_failure is stream.send_failure
    # where no kernel tells, how late the sender woke stands for how late answers were read
    stream.waited_ns = []
    told = stream_module._machine(stream, stream_module._Load(make_context(Targets())))
    assert (told.lag_p95_ms, told.kernel_times) == (pytest.approx(4.655), False)


def test_the_same_stream_is_one_call(path: MediaPath) -> None:
    call = stream_module._as_call(filled(path))
    assert (call.calls, call.sent, call.received) == (1, 50, 44)
    assert call.duration_s == 1.0
    assert call.sent_kbit_s == pytest.approx(100)
    assert call.round_trip_ms == pytest.approx(39, abs=0.001)
    assert (call.unsent, call.stalls, call.overflowed, call.strays) == (1, 2, 1, 4)
    assert call.gaps == 2
    none = stream_module._as_call(MediaStream(path, packets=5, interval_s=0.02, size=222))
    assert (none.sent, none.received, none.duration_s) == (0, 0, 0.02)


def test_what_never_left_is_no_silence(path: MediaPath) -> None:
    answered = stream_module._answered(filled(path))
    assert len(answered) == 49
    assert [place for place, came in enumerate(answered) if not came] == list(range(19, 24))


def test_nothing_sent_comes_to_nothing(path: MediaPath) -> None:
    stream = MediaStream(path, packets=5, interval_s=0.02, size=222)
    load = stream_module._Load(make_context(Targets()))
    figures = stream_module._figures(stream, path, 222, 0.0, load)
    assert (figures.counted.sent, figures.duration_s, figures.columns) == (0, 0.0, ())
    assert (figures.machine.send_late_max_ms, figures.machine.send_late_p95_ms) == (0.0, 0.0)
    assert stream_module.p95_ms(()) == 0.0
    assert stream_module.p95_ms([number * 1_000_000 for number in range(101)]) == 95.0


@pytest.mark.parametrize(
    ("after_ns", "settled"),
    [(499_999_999, 0), (500_000_000, 1), (539_999_999, 2), (540_000_000, 3), (900_000_000, 4)],
)
def test_a_packet_is_settled_once_it_is_as_old_as_an_answer_may_be(
    after_ns: int, settled: int, by_hand: Callable[[Line], Line]
) -> None:
    line = by_hand(Line(4, lambda _n: None))
    live = stream_module._Live(line, 0.5)  # type: ignore[arg-type]
    assert live.new_columns() == ()  # before the first packet
    line.sent_ns = [line.began_ns + number * 20_000_000 for number in range(4)]
    line.now_ns = line.began_ns + after_ns
    live.new_columns()
    assert live.settled == settled


@pytest.mark.parametrize("settle_s", [0.5, 0.53, 0.61, 0.77])
def test_a_column_is_shown_once_it_is_whole(
    settle_s: float, by_hand: Callable[[Line], Line]
) -> None:
    """Whatever moment somebody looks at: the report draws the same ones."""
    line = by_hand(Line(250, lambda n: (20 + n % 13) / 1000))
    told = watched(line, Schedule(duration_s=5.0, longest_s=5.0), settle_s=settle_s)
    sent_s = [(moment_ns - line.sent_ns[0]) / 1e9 for moment_ns in line.sent_ns]
    times_ms = {number: 20.0 + number % 13 for number in range(250)}
    whole = columns_of(enumerate(sent_s), times_ms, end=250)
    assert len(told.columns) >= 15
    assert tuple(told.columns) == whole[: len(told.columns)]
