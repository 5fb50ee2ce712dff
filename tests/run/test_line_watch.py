"""What counts as a change of the line, and what it voids: looks made by hand."""

import itertools
import threading
import time
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from natwizard.model.line_change import LineChangeKind
from natwizard.probes.line import LineState, LineWay
from natwizard.run import line_watch
from natwizard.run.line_watch import (
    CHANGES_AT_MOST,
    LOOK_EVERY_S,
    SETTLING_S,
    SLEPT_S,
    STOOD_STILL_S,
    LineWatch,
    changes_between,
)

CABLE = LineWay(interface="eth0", local_address="192.0.2.7", carrier_changes=2)
WIFI = LineWay(interface="wlan0", local_address="198.51.100.7")
V6 = LineWay(interface="eth0", local_address="2001:db8::7", carrier_changes=2)


def state(
    way: LineWay | None = CABLE,
    v6: LineWay | None = None,
    *more: str,
    clock_s: float = 0.0,
    slept_s: float = 0.0,
) -> LineState:
    own = {each.local_address for each in (way, v6) if each is not None}
    return LineState(
        ways={"v4": way, "v6": v6},
        addresses=frozenset({*own, *more}),
        clock_s=clock_s,
        awake_s=clock_s - slept_s,
    )


@pytest.mark.parametrize(
    ("before", "now", "kinds"),
    [
        (state(), state(), set()),
        (state(), state(None), {LineChangeKind.DOWN}),
        (state(None), state(), {LineChangeKind.UP}),
        (state(None), state(None), set()),
        (state(), state(WIFI), {LineChangeKind.OTHER_INTERFACE}),
        (state(), state(replace(CABLE, local_address="192.0.2.8")), {LineChangeKind.OTHER_ADDRESS}),
        # a new address beside the old one (RFC 8981) is no other line
        (state(), state(replace(CABLE, local_address="192.0.2.8"), None, "192.0.2.7"), set()),
        (state(), state(replace(CABLE, carrier_changes=4)), {LineChangeKind.INTERRUPTED}),
        # a further way takes none away; one that goes, does
        (state(), state(CABLE, V6), set()),
        (state(CABLE, V6), state(), {LineChangeKind.DOWN}),
    ],
)
def test_what_counts_as_a_change(
    before: LineState, now: LineState, kinds: set[LineChangeKind]
) -> None:
    known = {place: way for place, way in before.ways.items() if way is not None}
    assert {kind for kind, _place in changes_between(before, now, known)} == kinds


def watched(*looks: LineState | OSError) -> tuple[LineWatch, list[float]]:
    """A watch that has seen these, and when it looked."""
    waiting = iter(looks)

    def look() -> LineState:
        seen = next(waiting)
        if isinstance(seen, OSError):
            raise seen
        return seen

    watch, times = LineWatch(look, time.perf_counter()), []
    for _look in looks:
        watch.look_now()
        times.append(time.perf_counter() - watch.started)
        time.sleep(0.002)
    return watch, times


def test_a_line_that_stays_voids_nothing() -> None:
    watch, _times = watched(state(), state(), state())
    assert watch.spoilt(0.0, 1e6) is None
    assert watch.changes == []


def test_a_line_that_was_never_there_is_a_finding_and_voids_nothing() -> None:
    watch, _times = watched(state(None), state(None))
    assert watch.spoilt(0.0, 1e6) is None


def test_down_voids_what_ran_meanwhile_and_all_that_follows_until_it_is_back() -> None:
    watch, times = watched(state(), state(), state(None), state(None))
    assert watch.spoilt(0.0, times[1] - 0.001) is None
    assert watch.spoilt(0.0, times[2]) is not None
    assert watch.spoilt(1e5, 1e6) is not None


def test_what_came_before_and_after_stands_where_the_same_line_is_back() -> None:
    watch, times = watched(state(), state(), state(None), state(), state())
    assert [each.kind for each in watch.changes] == [LineChangeKind.DOWN, LineChangeKind.UP]
    assert watch.spoilt(0.0, times[1] - 0.001) is None
    assert watch.spoilt(times[2], times[2]) is not None
    assert watch.spoilt(times[3] + SETTLING_S / 2, 1e6) is not None
    assert watch.spoilt(times[4] + SETTLING_S, 1e6) is None


@pytest.mark.parametrize("gone", [(), (state(None),)])
def test_another_line_voids_all_that_the_one_before_measured(gone: tuple[LineState, ...]) -> None:
    watch, times = watched(state(), *gone, state(WIFI))
    assert watch.changes[-1].kind is LineChangeKind.OTHER_INTERFACE
    assert (watch.changes[-1].was_interface, watch.changes[-1].interface) == ("eth0", "wlan0")
    assert watch.spoilt(0.0, 0.0) is not None
    assert watch.spoilt(times[-1] + SETTLING_S + 0.01, 1e6) is None


def test_a_line_that_comes_up_late_voids_what_was_tried_without_it() -> None:
    watch, _times = watched(state(None), state())
    assert [each.kind for each in watch.changes] == [LineChangeKind.UP]
    assert watch.spoilt(0.0, 0.0) is not None


@pytest.mark.parametrize(
    ("passed_s", "slept_s", "kinds"),
    [
        (STOOD_STILL_S, 0.0, []),
        (STOOD_STILL_S + 0.1, 0.0, [LineChangeKind.STOOD_STILL]),
        # a nap that a clock of the wall does not tell from a busy computer
        (SLEPT_S + 0.6, SLEPT_S + 0.1, [LineChangeKind.SUSPENDED]),
        (SLEPT_S + 0.4, SLEPT_S - 0.1, []),
        (28_800.5, 28_800.0, [LineChangeKind.SUSPENDED]),
    ],
)
def test_sleep_is_told_from_standing_still_by_the_clock_that_rests(
    passed_s: float, slept_s: float, kinds: list[LineChangeKind]
) -> None:
    later = state(clock_s=100.0 + passed_s, slept_s=slept_s)
    watch, times = watched(state(clock_s=100.0), later)
    assert [each.kind for each in watch.changes] == kinds
    assert (watch.spoilt(0.0, times[-1]) is not None) is bool(kinds)
    assert watch.spoilt(times[-1] + SETTLING_S + 0.01, 1e6) is None


def test_earlier_sleep_is_nobody_s_business() -> None:
    """The clocks differ by all the sleep since the computer was started."""
    asleep = [state(clock_s=clock_s, slept_s=3600.0) for clock_s in (5000.0, 5000.5)]
    watch, _times = watched(*asleep)
    assert watch.changes == []


def test_a_look_that_fails_is_made_up_for_by_the_next_one() -> None:
    watch, _times = watched(state(), OSError("no such device"), state(WIFI))
    assert [each.kind for each in watch.changes] == [LineChangeKind.OTHER_INTERFACE]


def test_a_flapping_line_fills_no_report_and_spoils_on() -> None:
    flapping = [state(None), state()] * (CHANGES_AT_MOST + 2)
    watch, times = watched(state(), *flapping)
    assert len(watch.changes) == CHANGES_AT_MOST
    assert watch.spoilt(times[-1], times[-1]) is not None


@dataclass
class Clock:
    """Looks at moments that are chosen, so that limits can be met exactly."""

    now_s: float = 0.0

    def perf_counter(self) -> float:
        return self.now_s


def at(monkeypatch: pytest.MonkeyPatch, *looks: tuple[float, LineState]) -> LineWatch:
    """A watch that has looked at these moments, in seconds since the run began."""
    clock = Clock()
    monkeypatch.setattr(line_watch, "time", clock)
    waiting = [state for _moment, state in looks]
    watch = LineWatch(lambda: waiting.pop(0), started=0.0)
    for moment_s, _state in looks:
        clock.now_s = moment_s
        watch.look_now()
    return watch


def test_what_is_void_begins_with_the_last_good_look_and_ends_a_second_after_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = at(
        monkeypatch, (0.0, state()), (0.5, state()), (1.0, state(None)), (4.0, state()),
    )  # fmt: skip
    assert watch.spoilt(0.25, 0.5) is not None
    assert watch.spoilt(0.25, 0.4375) is None
    # nobody looked between, and the line was away all the while
    assert watch.spoilt(2.5, 2.5) is not None
    assert watch.spoilt(5.0, 6.0) is not None
    assert watch.spoilt(5.0625, 6.0) is None


def test_while_it_is_down_all_is_void_from_the_last_good_look_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = at(monkeypatch, (0.0, state()), (0.5, state()), (1.0, state(None)), (30.0, state(None)))
    assert watch.spoilt(20.0, 21.0) is not None
    assert watch.spoilt(0.0, 0.4375) is None


def test_without_a_line_from_the_first_all_is_void_once_anything_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept = state(None, clock_s=100.0, slept_s=50.0)
    watch = at(monkeypatch, (0.25, state(None)), (0.5, slept))
    assert [each.kind for each in watch.changes] == [LineChangeKind.SUSPENDED]
    assert watch.spoilt(0.0, 0.0) is not None


def test_a_change_is_told_to_the_millisecond_with_the_look_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = at(monkeypatch, (0.0, state()), (0.512_345, state()), (1.024_567, state(None)))
    [change] = watch.changes
    assert (change.since_s, change.at_s) == (0.512, 1.025)
    assert (change.interface, change.local_address) == ("eth0", "192.0.2.7")
    assert change.was_interface == "eth0"


@pytest.mark.parametrize(
    ("passed_s", "slept_s", "kinds"),
    [
        # longer than the time limits of what is asked (3 to 5 s), and shorter
        (4.5, 0.0, []),
        (6.0, 0.0, [LineChangeKind.STOOD_STILL]),
        # a lid that was shut for a moment; both clocks tick 64 times a second on Windows
        (1.25, 0.75, []),
        (1.5, 1.0, []),
        (1.75, 1.25, [LineChangeKind.SUSPENDED]),
    ],
)
def test_sleep_and_standing_still_are_told_from_a_busy_computer(
    passed_s: float, slept_s: float, kinds: list[LineChangeKind]
) -> None:
    watch, _times = watched(state(clock_s=100.0), state(clock_s=100.0 + passed_s, slept_s=slept_s))
    assert [each.kind for each in watch.changes] == kinds


def test_looks_are_closer_than_what_they_have_to_tell() -> None:
    """Else an interruption is over and settled before anybody looks; and no report is filled."""
    assert 2 * LOOK_EVERY_S <= SETTLING_S
    assert 5 * LOOK_EVERY_S <= STOOD_STILL_S
    assert CHANGES_AT_MOST <= 100


def test_it_looks_by_itself_and_holds_no_program_up_that_ends() -> None:
    looked, twice = itertools.count(), threading.Event()

    def look() -> LineState:
        if next(looked):
            twice.set()
        return state()

    watch = LineWatch(look, time.perf_counter())
    with watch:
        [thread] = [each for each in threading.enumerate() if each.name == "line watch"]
        assert thread.daemon
        assert twice.wait(60)
    thread.join(60)
    assert not thread.is_alive()


def test_what_changed_while_nobody_measured_is_nobody_s_business() -> None:
    """The soak enters the same watch again."""
    looks = iter([state(), state(WIFI)])
    watch = LineWatch(lambda: next(looks, state(WIFI)), time.perf_counter())
    with watch:
        pass
    with watch:
        watch.look_now()
    assert watch.changes == []


def test_all_of_a_long_absence_is_void(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the look that found it back, though it was looked at in between."""
    watch = at(
        monkeypatch, (0.0, state()), (0.5, state(None)), (9.5, state(None)), (10.0, state())
    )  # fmt: skip
    for moment_s in (0.0, 1.0, 3.0, 8.75, 9.25, 9.75, 11.0):
        assert watch.spoilt(moment_s, moment_s) is not None, moment_s
    assert watch.spoilt(11.125, 12.0) is None
