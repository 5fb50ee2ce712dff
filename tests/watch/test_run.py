"""A connection watched over time, against a real reflector behind a relay that spoils packets."""

import asyncio
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from servers.udp_lab import LOST, PASSED, Fate, Relay, silent_port
from websockets.asyncio.server import ServerConnection, serve

from natwizard.model.finding import ChartColumn
from natwizard.model.profile import Profile, Targets
from natwizard.model.watch import BadKind, BadMoment, WatchLimits, WatchRecord
from natwizard.probes.media.figures import Counted, Directions
from natwizard.probes.media.stream import MediaFigures, TimingQuality
from natwizard.reflector.background import BackgroundReflector
from natwizard.system.environment import real_environment
from natwizard.watch.run import Watch, limits_of
from natwizard.watch.tally import MomentLog, WatchColumns, WatchTally, moments_in, seconds_of

ON_TIME = pytest.mark.xdist_group("whole runs")  # real calls: one after the other

GREETING = 1
PATIENT = WatchLimits(spoilt_ms=1000)
"""The relay shares this process and its cores: that is no fault of the code under test."""


def quarter(median: float = 30.0, *, lost: int = 0, high: float | None = None) -> ChartColumn:
    return ChartColumn(
        start_s=0.0, low=median - 5, median=median, high=high or median + 5, lost=lost
    )


def watched(
    demo_profile: Profile, targets: Targets, *, seconds: float, stretch_s: float = 2.0
) -> WatchRecord:
    profile = structs.replace(demo_profile, targets=targets)
    told: list[WatchRecord] = []
    watch = Watch(
        profile=profile, environment=real_environment(), told=told.append,
        duration_s=seconds, stretch_s=stretch_s, ping_every_s=0.3, limits=PATIENT,
    )  # fmt: skip
    record = asyncio.run(watch.execute())
    assert told[-1] == record
    assert [one.figures.sent for one in told] == sorted(one.figures.sent for one in told)
    return record


@pytest.fixture
def media(reflector: BackgroundReflector) -> tuple[str, int]:
    place = reflector.places.media
    return place.host, place.port


@ON_TIME
def test_lost_and_slow_stretches_are_told_with_their_time(
    demo_profile: Profile, media: tuple[str, int]
) -> None:
    def fate(number: int) -> Fate:
        second = (number - GREETING) / 50
        if 0.6 <= second < 0.9:
            return LOST
        return (0.16,) if second >= 2.4 else PASSED

    with Relay(servers={("127.0.0.1", 0): media}, onward=fate).running() as relay:
        targets = Targets(media=relay.addresses()[0])
        record = watched(demo_profile, targets, seconds=5.2, stretch_s=4.0)
    kinds = {moment.kind: moment for moment in record.line_moments}
    assert kinds[BadKind.LOST].start_s == pytest.approx(0.7, abs=0.35)
    assert kinds[BadKind.LOST].worst == pytest.approx(15, abs=2)
    assert kinds[BadKind.SLOW].start_s == pytest.approx(2.9, abs=0.7)
    assert kinds[BadKind.SLOW].worst > 150  # and what a busy machine adds
    assert record.figures.lost == pytest.approx(15, abs=2)
    assert sum(column.lost for column in record.columns) == record.figures.lost
    assert "No websocket is watched" in record.note


@ON_TIME
def test_silence_is_one_moment_and_nothing_else_is_claimed(demo_profile: Profile) -> None:
    with silent_port() as port:
        record = watched(demo_profile, Targets(media=f"127.0.0.1:{port}"), seconds=3.2)
    [moment] = record.moments
    assert moment.kind is BadKind.NO_ANSWER
    assert record.figures.median_ms is None
    assert record.columns == ()


@ON_TIME
def test_a_websocket_that_is_cut_is_opened_again(
    demo_profile: Profile, media: tuple[str, int]
) -> None:
    async def both() -> WatchRecord:
        async def hang_up(connection: ServerConnection) -> None:
            await asyncio.sleep(0.7)
            connection.transport.abort()

        async with serve(hang_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            targets = Targets(
                media=f"{media[0]}:{media[1]}", websocket=(f"ws://127.0.0.1:{port}/",)
            )
            watch = Watch(
                profile=structs.replace(demo_profile, targets=targets),
                environment=real_environment(), told=lambda _record: None,
                duration_s=2.6, stretch_s=1.2, ping_every_s=0.3,
            )  # fmt: skip
            return await watch.execute()

    record = asyncio.run(both())
    assert record.figures.websocket_cuts >= 2
    assert 0.8 < record.figures.websocket_s < 2.6
    cut = [moment for moment in record.moments if moment.kind is BadKind.WEBSOCKET_CUT]
    assert cut
    assert cut[0].start_s == pytest.approx(0.75, abs=0.4)


@ON_TIME
def test_stop_ends_at_once_and_keeps_what_was_seen(
    demo_profile: Profile, demo_targets: Targets
) -> None:
    async def stopped() -> tuple[WatchRecord, float]:
        watch = Watch(
            profile=structs.replace(demo_profile, targets=demo_targets),
            environment=real_environment(), told=lambda _record: None, duration_s=3600,
        )  # fmt: skip
        loop = asyncio.get_running_loop()
        asked: list[float] = []

        def stop() -> None:
            asked.append(loop.time())
            watch.stop()

        loop.call_later(3, stop)
        record = await watch.execute()
        return record, loop.time() - asked[0]

    record, took_s = asyncio.run(stopped())
    assert took_s < 30
    assert record.columns
    assert 2.9 < record.lasted_s < 33


def test_without_any_target_it_says_so_and_ends(demo_profile: Profile) -> None:
    record = watched(demo_profile, Targets(), seconds=60)
    assert record.lasted_s < 5
    assert "targets.media" in record.note


@pytest.mark.parametrize(
    ("quarters", "kind"),
    [
        ((quarter(), quarter()), None),
        ((quarter(lost=2), quarter()), None),
        ((quarter(lost=2), quarter(lost=1)), BadKind.LOST),
        ((quarter(lost=12), quarter(lost=12)), BadKind.NO_ANSWER),
        ((quarter(120), quarter(130)), BadKind.SLOW),
        ((quarter(120), quarter(90)), None),
        ((quarter(high=400), quarter()), BadKind.LATE),
        ((quarter(high=100), quarter()), None),
    ],
)
def test_a_second_is_judged_by_what_can_be_heard(
    quarters: tuple[ChartColumn, ...], kind: BadKind | None
) -> None:
    seconds = seconds_of([(7.25 + 0.25 * number, one) for number, one in enumerate(quarters)])
    usual = seconds_of([(9.0 + number, quarter()) for number in range(8)])
    told = [moment.kind for moment in moments_in((*seconds, *usual), WatchLimits())]
    assert told == ([kind] if kind else [])


def test_neighbours_of_one_kind_are_one_moment() -> None:
    log = MomentLog()
    for start in (1.0, 2.0, 3.5, 30.0):
        log.add(BadMoment(kind=BadKind.LOST, start_s=start, duration_s=1.0, worst=4))
    log.add(BadMoment(kind=BadKind.SLOW, start_s=2.0, duration_s=1.0, worst=140))
    assert [(each.kind, each.start_s, each.duration_s, each.worst) for each in log.all()] == [
        (BadKind.LOST, 1.0, 3.5, 12), (BadKind.SLOW, 2.0, 1.0, 140), (BadKind.LOST, 30.0, 1.0, 4),
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(BadKind), st.floats(0, 9)), max_size=60),
    st.integers(len(BadKind) + 1, 2 * len(BadKind)),
)
def test_the_log_never_holds_more_than_it_may_and_drops_none(
    found: list[tuple[BadKind, float]], most: int
) -> None:
    log = MomentLog(most)
    for number, (kind, duration_s) in enumerate(found):
        log.add(BadMoment(kind=kind, start_s=20.0 * number, duration_s=duration_s))
    kept = log.all()
    assert len(kept) == min(most, len(found))
    for kind in BadKind:
        assert sum(each.times for each in kept if each.kind is kind) == sum(
            one is kind for one, _duration_s in found
        )
    for number, (kind, duration_s) in enumerate(found):
        assert any(
            each.kind is kind
            and each.start_s <= 20.0 * number
            and each.start_s + each.duration_s >= 20.0 * number + duration_s
            for each in kept
        ), "each lies in a stretch of its kind"


@given(st.lists(st.tuples(st.integers(0, 12), st.floats(1, 500)), min_size=1, max_size=200))
def test_columns_keep_every_loss_and_every_extreme(told: list[tuple[int, float]]) -> None:
    columns = WatchColumns(most=8)
    for number, (lost, median) in enumerate(told):
        columns.take(number * 0.25, quarter(median, lost=lost), 12)
    kept = columns.all()
    assert len(kept) <= 9
    assert sum(column.lost for column in kept) == sum(lost for lost, _median in told)
    answered = [median for lost, median in told if lost < 12]
    if answered:
        shown = [column for column in kept if column.answered]
        assert max(column.high for column in shown) == max(answered) + 5
        assert min(column.low for column in shown) == min(answered) - 5
    starts = [column.start_s for column in kept]
    assert starts == sorted(set(starts))


def test_a_day_needs_no_more_memory_than_an_hour() -> None:
    def hours(count: int, make: Callable[[], WatchTally]) -> int:
        tracemalloc.start()
        tally = make()
        for number in range(count * 4 * 3600 // 20):
            tally.quarter(number * 5.0, quarter(30 + number % 97, lost=number % 3))
            if number % 40 == 39:
                tally._pending.clear()
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return size

    # everything that grows with time is bounded: columns, moments, counts
    first, day = (hours(count, lambda: WatchTally(WatchLimits())) for count in (1, 24))
    assert day < 2 * first


def stretch_of(**machine: float) -> MediaFigures:
    """A second of a call on a computer that was busy; all answers came in the end."""
    told = TimingQuality(send_late_p95_ms=40, send_late_max_ms=90, lag_p95_ms=2, kernel_times=True,
                   stalls=0)  # fmt: skip
    return MediaFigures(
        started_s=0, duration_s=1, interval_ms=20, payload_bytes=172,
        counted=Counted(sent=50, received=50, duplicates=0, reordered=0, longest_gap=0),
        round_trip=None, jitter=Directions(), machine=structs.replace(told, **machine), columns=(),
    )  # fmt: skip


def test_a_busy_computer_is_not_the_lines_fault(demo_profile: Profile) -> None:
    tally = WatchTally(limits_of(demo_profile))
    for number in range(4):
        tally.quarter(number / 4, quarter(lost=3))
    tally.stretch(stretch_of(), 0.0)
    assert [moment.kind for moment in tally.all_moments(1.0)] == [BadKind.COMPUTER]
    figures = tally.figures(1.0)
    assert (figures.sent, figures.lost) == (50, 12), "figures and chart count alike"


@pytest.mark.parametrize(
    ("machine", "silent"),
    [
        ({}, True),
        ({"send_late_max_ms": 1500}, False),
        ({"stalls": 1}, False),
        ({"overflowed": 3}, False),
        ({"unsent": 3}, False),
    ],
)
def test_a_computer_that_is_a_little_late_hides_no_silence(
    demo_profile: Profile, machine: dict[str, float], silent: bool
) -> None:
    tally = WatchTally(limits_of(demo_profile))
    for number in range(4):
        tally.quarter(number / 4, quarter(lost=12))
    tally.stretch(stretch_of(**machine), 0.0)
    told = [moment.kind for moment in tally.all_moments(1.0)]
    assert (BadKind.NO_ANSWER in told) is silent
    assert BadKind.COMPUTER in told


def test_a_silent_quarter_has_no_round_trip(demo_profile: Profile) -> None:
    """The packets of a quarter are 12 or 13; all of 12 lost is as silent as all of 13."""
    tally = WatchTally(limits_of(demo_profile))
    for number in range(400):
        tally.quarter(number / 4, quarter(30.0))
    for number in range(400, 800):
        tally.quarter(number / 4, quarter(0.0, lost=12 + number % 2))
    figures = tally.figures(200.0)
    assert figures.median_ms == pytest.approx(30.0, rel=0.04)
    assert sum(column.answered for column in tally.columns.all()) == 400 * 12.5
