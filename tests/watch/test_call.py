"""The call of a watch: what its page tells, second by second, and what becomes of it."""

import asyncio
import threading
import tracemalloc
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable

import msgspec
import pytest
from cases.page_cases import INSTANCE
from msgspec import structs

from natwizard.model.profile import Profile, Targets
from natwizard.model.watch import BadKind, CallStanding, WatchLimits, WatchRecord
from natwizard.probes.browser_page.load import ComputerLoad
from natwizard.probes.browser_page.steps import (
    AnyStep,
    AtStage,
    Closed,
    HeadsetStage,
    MicrophoneRefused,
    MicrophoneTrouble,
    PageHello,
    Task,
    WatchedDirection,
    WatchedSecond,
)
from natwizard.system.environment import real_environment
from natwizard.watch.call import CONFLICT
from natwizard.watch.run import Watch, clock_through_sleep
from natwizard.watch.tally import MOST_COLUMNS, MOST_MOMENTS, CallTally, MomentLog

HELLO = PageHello(instance=INSTANCE, user_agent="Firefox/153.0", brands=())
TURN = Targets(turn="192.0.2.7:3478", turn_user="agent", turn_password="secret")
GOOD = WatchedDirection(
    received=50, lost=0, samples=48_000, concealed=0, jitter_ms=2, buffer_ms=40, round_trip_ms=30
)


def second(made_up: float = 0.0, *, lost: int = 0, late_ms: float = 3.0, buffer_ms: float = 40.0,
           ) -> WatchedSecond:  # fmt: skip
    worse = structs.replace(
        GOOD, concealed=round(48_000 * made_up), lost=lost, received=50 - lost, buffer_ms=buffer_ms
    )
    return WatchedSecond(
        instance=INSTANCE, transport="udp", directions=(GOOD, worse), late_ms=late_ms
    )


def at(stage: HeadsetStage) -> AtStage:
    return AtStage(instance=INSTANCE, stage=stage)


IDLE, BUSY, WOKEN_LATE = ComputerLoad(), ComputerLoad(busy_share=0.99), ComputerLoad(late_ms=300)
HOURS_S = 6 * 3600
HELD = at(HeadsetStage.HOLDING)


def told(*seconds: WatchedSecond) -> tuple[CallTally, MomentLog]:
    """A call of these seconds, one after the other."""
    log = MomentLog()
    tally = CallTally(WatchLimits(), log, "192.0.2.7:3478")
    tally.held(0)
    for number, each in enumerate(seconds, 1):
        tally.second(number, each, IDLE)
    return tally, log


@pytest.mark.parametrize(
    ("spoilt", "kind"),
    [
        (second(0.059), None),
        (second(0.2, lost=10), BadKind.CALL_GAPS),
        (second(buffer_ms=390), BadKind.CALL_LATE),
        # gaps of a page whose clock was late are this computer's
        (second(0.2, late_ms=300), BadKind.COMPUTER),
        (second(late_ms=300), None),
        # no second at all: the computer slept, or the browser held the tab back
        (second(1.0, late_ms=60_000), None),
    ],
)
def test_each_second_is_judged_by_itself(spoilt: WatchedSecond, kind: BadKind | None) -> None:
    tally, log = told(second(), second(), spoilt, second())
    assert [moment.kind for moment in log.all()] == ([kind] if kind else [])
    assert all(moment.start_s == 2 for moment in log.all())
    assert tally.figures(4.0).held_s == 4


@pytest.mark.parametrize(
    ("seconds", "kinds"),
    [
        # every core was busy, or this program was not woken in time: no word of the line
        (((0.2, 40, BUSY),), [BadKind.COMPUTER]),
        (((0.2, 40, WOKEN_LATE),), [BadKind.COMPUTER]),
        (((0.0, 40, BUSY),), []),
        # counted a second later
        (((0.0, 40, BUSY), (0.2, 40, IDLE)), [BadKind.COMPUTER]),
        (((0.0, 40, BUSY), (0.0, 40, IDLE), (0.2, 40, IDLE)), [BadKind.CALL_GAPS]),
        # the buffer that grew meanwhile stays large, and the next one has another cause
        (((0.0, 500, BUSY), *((0.0, 500, IDLE),) * 9), [BadKind.COMPUTER]),
        (((0.0, 500, BUSY), *((0.0, 40, IDLE),) * 4, (0.0, 500, IDLE)),
         [BadKind.COMPUTER, BadKind.CALL_LATE]),
    ],
)  # fmt: skip
def test_what_a_busy_computer_spoils_is_its_own(
    seconds: tuple[tuple[float, float, ComputerLoad], ...], kinds: list[BadKind]
) -> None:
    log = MomentLog()
    tally = CallTally(WatchLimits(), log, "192.0.2.7:3478")
    tally.held(0)
    for number, (made_up, buffer_ms, load) in enumerate(seconds, 1):
        tally.second(number, second(made_up, buffer_ms=buffer_ms), load)
    assert [moment.kind for moment in log.all()] == kinds


@pytest.mark.parametrize(
    ("received", "lost", "load", "kind"),
    [
        # nothing came for longer than anybody here was kept waiting
        (0, 0, BUSY, BadKind.CALL_GAPS),
        (0, 0, WOKEN_LATE, BadKind.CALL_GAPS),
        (0, 0, ComputerLoad(late_ms=1400), BadKind.COMPUTER),
        # packets that are missing, on a computer with much to do that woke its programs in time
        (40, 10, BUSY, BadKind.CALL_GAPS),
        (40, 10, WOKEN_LATE, BadKind.COMPUTER),
        (40, 2, BUSY, BadKind.COMPUTER),
    ],
)
def test_what_the_line_loses_is_the_lines_on_a_busy_computer(
    received: int, lost: int, load: ComputerLoad, kind: BadKind
) -> None:
    heard = structs.replace(GOOD, received=received, lost=lost, concealed=20_000)
    log = MomentLog()
    tally = CallTally(WatchLimits(), log, "192.0.2.7:3478")
    tally.second(1, structs.replace(second(), directions=(GOOD, heard)), load)
    assert [moment.kind for moment in log.all()] == [kind]


def test_a_long_way_is_the_lines_however_busy_the_computer_is() -> None:
    far = structs.replace(GOOD, round_trip_ms=900)
    log = MomentLog()
    tally = CallTally(WatchLimits(), log, "192.0.2.7:3478")
    tally.second(1, structs.replace(second(), directions=(GOOD, far)), BUSY)
    assert [moment.kind for moment in log.all()] == [BadKind.CALL_LATE]


def test_figures_and_columns_tell_of_the_worse_direction() -> None:
    tally, _log = told(second(), second(0.5, lost=25), second(buffer_ms=100))
    figures = tally.figures(3.0)
    assert figures.made_up_share == pytest.approx(0.5 / 6, abs=1e-4)
    assert (figures.received, figures.lost) == (275, 25)
    assert [column.median for column in figures.made_up] == [0, 500, 0]
    assert [column.median for column in figures.delays] == [55, 55, 115]
    assert (figures.delay_ms, figures.worst_delay_ms) == (75, 115)
    assert [column.median for column in figures.round_trips] == [30, 30, 30]
    assert [column.median for column in figures.jitters] == [2, 2, 2]


def test_hours_of_it_take_no_more_than_minutes() -> None:
    """Columns double in width, moments are put together: whatever was wrong is still there."""
    log = MomentLog()
    tally = CallTally(WatchLimits(), log, "")
    tracemalloc.start()
    try:
        for number in range(HOURS_S):
            tally.second(number + 1, second(0.3 if number % 5 == 0 else 0.0), IDLE)
        used, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    figures = tally.figures(HOURS_S)
    assert used < 2_000_000
    assert len(figures.made_up) <= MOST_COLUMNS
    assert len(log.all()) <= MOST_MOMENTS
    assert sum(moment.times for moment in log.all()) > 4_000
    assert figures.held_s == pytest.approx(HOURS_S, abs=2)


class FakeTab:
    """Opens the page as a browser does and posts what it is told to; no script runs."""

    def __init__(self, steps: Iterable[AnyStep | float]) -> None:
        self.steps, self.task, self.answers = tuple(steps), b"", list[int]()
        self.opened = threading.Event()

    def open(self, url: str) -> bool:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(url, timeout=5) as answer:
            place = answer.url
        self._post = self._poster(opener, place)
        self.opened.set()
        return True

    def _poster(
        self, opener: urllib.request.OpenerDirector, place: str
    ) -> Callable[[AnyStep], tuple[int, bytes]]:
        origin = place.rsplit("/", 2)[0]

        def post(step: AnyStep) -> tuple[int, bytes]:
            request = urllib.request.Request(  # noqa: S310 - loopback
                f"{place}steps", msgspec.json.encode(step), {"Origin": origin}
            )
            try:
                with opener.open(request, timeout=5) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as refused:
                return refused.code, b""

        return post

    async def visit(self) -> None:
        if self.steps:
            await asyncio.to_thread(self.opened.wait, 20)
        for step in self.steps:
            if isinstance(step, float):
                await asyncio.sleep(step)
                continue
            status, content = await asyncio.to_thread(self._post, step)
            self.answers.append(status)
            self.task = content or self.task
            if status == CONFLICT:
                return


def watched(
    demo_profile: Profile, tab: FakeTab, *, seconds: float, targets: Targets = TURN,
    clock: Callable[[], float] = clock_through_sleep,
) -> WatchRecord:  # fmt: skip
    profile = structs.replace(demo_profile, targets=targets)

    async def both() -> WatchRecord:
        watch = Watch(
            profile=profile, environment=real_environment(open_page=tab.open),
            told=lambda _record: None, duration_s=seconds, holds_call=True,
            clock=clock,
        )  # fmt: skip
        async with asyncio.TaskGroup() as group:
            running = group.create_task(watch.execute())
            visiting = group.create_task(tab.visit())
            record = await running
            # the answer to the last step may be on its way still
            await asyncio.wait((visiting,), timeout=5)
            visiting.cancel()
        return record

    return asyncio.run(both())


def test_a_call_is_held_and_its_page_learns_of_the_end(demo_profile: Profile) -> None:
    steps: list[AnyStep | float] = [HELLO, at(HeadsetStage.OFFERED), HELD]
    for _each in range(400):
        steps += [second(), 0.2]
    tab = FakeTab(steps)
    record = watched(demo_profile, tab, seconds=3.0)
    task = msgspec.json.decode(tab.task, type=Task)
    assert task.holds
    assert [relay.transport for relay in task.relays] == ["udp", "tcp", "tls"]
    assert tab.answers[-1] == CONFLICT
    assert record.call is not None
    assert record.call.target == TURN.turn
    assert record.call.transport == "udp"
    assert 0 < record.call.held_s <= 3.2
    assert record.call.received >= 100
    assert not [each for each in record.moments if each.kind.value.startswith("call")]


@pytest.mark.parametrize(
    ("steps", "standing", "kind"),
    [
        ((HELLO,), CallStanding.OFFERED, None),
        ((HELLO, HELD, second(), Closed(instance=INSTANCE)), CallStanding.TAB_GONE,
         BadKind.CALL_TAB),
        ((HELLO, HELD, second(),
          MicrophoneRefused(instance=INSTANCE, trouble=MicrophoneTrouble.UNPLUGGED),
          at(HeadsetStage.TROUBLE)), CallStanding.NO_MICROPHONE, BadKind.CALL_MICROPHONE),
        ((HELLO, HELD, second(), at(HeadsetStage.CALL_LOST)), CallStanding.CONNECTING,
         BadKind.CALL_CUT),
    ],
)  # fmt: skip
def test_what_becomes_of_a_call_is_a_moment_that_goes_on(
    demo_profile: Profile,
    steps: tuple[AnyStep, ...],
    standing: CallStanding,
    kind: BadKind | None,
) -> None:
    record = watched(demo_profile, FakeTab(steps), seconds=2.5)
    assert record.call is not None
    assert record.call.standing is standing
    moments = [each for each in record.moments if each.kind.value.startswith("call")]
    assert [moment.kind for moment in moments] == ([kind] if kind else [])
    # only a call that broke off may be the line's
    ours = [each for each in record.line_moments if each.kind.value.startswith("call")]
    assert bool(ours) is (kind is BadKind.CALL_CUT)


def test_a_tab_that_is_opened_again_goes_on(demo_profile: Profile) -> None:
    again = structs.replace(HELLO, instance=INSTANCE[::-1])
    tab = FakeTab(
        (HELLO, HELD, second(), Closed(instance=INSTANCE), 0.6, again,
         structs.replace(HELD, instance=again.instance),
         structs.replace(second(), instance=again.instance))
    )  # fmt: skip
    record = watched(demo_profile, tab, seconds=3.0)
    assert set(tab.answers) == {200, 204}
    assert record.call is not None
    assert record.call.standing is CallStanding.HELD
    [moment] = [each for each in record.moments if each.kind is BadKind.CALL_TAB]
    assert 0.4 < moment.duration_s < 2.5


def test_a_computer_that_sleeps_is_told_and_nothing_is_held_against_the_line(
    demo_profile: Profile,
) -> None:
    """Time passes that no program saw: the clock that counts sleep jumps by five minutes."""
    began = clock_through_sleep()

    def clock() -> float:
        now = clock_through_sleep()
        return now + (300 if now - began > 2 else 0)

    record = watched(demo_profile, FakeTab((HELLO, HELD)), seconds=304, clock=clock)
    [slept] = [each for each in record.moments if each.kind is BadKind.SLEPT]
    assert slept.duration_s == pytest.approx(301, abs=3)
    assert slept not in record.line_moments


def test_without_a_server_or_a_browser_the_note_says_why(demo_profile: Profile) -> None:
    record = watched(demo_profile, FakeTab(()), seconds=0.2, targets=Targets())
    assert record.call is None
    assert "No call is held" in record.note
