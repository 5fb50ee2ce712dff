"""Figures of a stream to several locations, from packets and answers made by hand."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from servers.udp_lab import Told, make_context, run

from natwizard.model.profile import Targets
from natwizard.probes.media import stream as stream_module
from natwizard.probes.media.beacon_figures import (
    chart_times_ms,
    counted_of,
    figures_by_location,
    nearest_round_trip,
    times_by_number_ms,
)
from natwizard.probes.media.beacons import (
    SOCKETS,
    BeaconPath,
    BeaconReply,
    BeaconStream,
    locations_of,
    relative_times_ms,
)
from natwizard.probes.media.figures import Counted
from natwizard.probes.media.stream import LengthenNear, Schedule
from natwizard.probes.network import Endpoint

MS = 1_000_000
START_NS = 10**12
AWAY_MS = (10.0, 20.0, 40.0)
"""Round trips to the three locations."""

Beacons = tuple[BeaconStream, tuple[BeaconPath, ...]]


@pytest.fixture
def beacons() -> Iterator[Callable[[int], Beacons]]:
    """Makes a stream that is never started, to so many locations."""
    with ExitStack() as opened:

        def bound() -> socket.socket:
            datagrams = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            datagrams.bind(("127.0.0.1", 0))
            return datagrams

        def make(locations: int) -> Beacons:
            paths = tuple(
                BeaconPath(
                    target=f"beacon-{place}.example.com:7770",
                    endpoint=Endpoint(family=socket.AF_INET, address="192.0.2.1", port=7770),
                    greeting_ms=AWAY_MS[place] + 0.123_45,
                    sockets=tuple(bound() for _each in range(SOCKETS // locations)),
                )
                for place in range(locations)
            )
            return BeaconStream(paths, slots=500), paths

        yield make


def sent(
    made: Beacons, packets: int, *, without: set[int] = frozenset(), more_ms: float = 0.0
) -> BeaconStream:
    """Packets every 20 ms round robin, of which these get no answer."""
    stream, paths = made
    for number in range(packets):
        stream.sent_ns.append(START_NS + number * 20 * MS)
        stream.flow_of.append(number % SOCKETS)
        if number not in without:
            away_ms = AWAY_MS[number % len(paths)] + more_ms * (number % 2)
            stream.replies.append(BeaconReply(number, stream.sent_ns[number] + round(away_ms * MS)))
    return stream


def test_packets_are_counted_by_socket_for_paths_differ_in_length(
    beacons: Callable[[int], Beacons],
) -> None:
    """Packet 24 goes by the socket of packet 0; that 2 came after 24 is the length of its way."""
    made = beacons(3)
    stream = sent(made, 60, without={5, 6, 9})
    replies = {reply.number: reply for reply in stream.replies}
    order = [0, 24, 1, 49, 25, 2, *(n for n in range(60) if n not in (0, 1, 2, 24, 25, 49))]
    stream.replies = [replies[n] for n in order if n in replies]
    stream.replies.append(replies[3])
    stream.unsent = [9]
    assert counted_of(stream, range(60)) == Counted(
        sent=59, received=57, duplicates=1, reordered=1, longest_gap=2, gaps=1
    )
    assert counted_of(stream, [5, 9, 10]) == Counted(
        sent=2, received=1, duplicates=0, reordered=0, longest_gap=1, gaps=1
    )
    assert counted_of(stream, ()).sent == 0


def test_the_first_answer_to_a_packet_is_its_round_trip(
    beacons: Callable[[int], Beacons],
) -> None:
    stream = sent(beacons(3), 6)
    stream.replies.append(BeaconReply(0, stream.sent_ns[0] + 90 * MS))
    assert times_by_number_ms(stream) == dict(enumerate((*AWAY_MS, *AWAY_MS)))
    assert relative_times_ms(stream) == dict.fromkeys(range(6), 0.0)


def test_only_what_varies_on_one_path_is_drawn_above_the_nearest(
    beacons: Callable[[int], Beacons],
) -> None:
    stream = sent(beacons(3), 48)
    late = stream.replies[30]
    stream.replies[30] = BeaconReply(30, late.arrived_ns + 7 * MS)
    drawn = chart_times_ms(stream)
    assert drawn.pop(30) == pytest.approx(17.0)
    assert set(drawn.values()) == {10.0}
    stream.replies = []
    assert chart_times_ms(stream) == {}


def test_each_location_has_its_own_figures(beacons: Callable[[int], Beacons]) -> None:
    made = beacons(3)
    stream = sent(made, 300, without={n for n in range(300) if n % 3 == 1 and n % 2})
    stream.unsent = [2]
    stream.replies = [reply for reply in stream.replies if reply.number != 2]
    places = {made[1][0].target: "London", made[1][2].target: "Sydney"}
    found = figures_by_location(stream, made[1], places)
    assert [each.place for each in found] == ["London", "", "Sydney"]
    assert [each.counted.sent for each in found] == [100, 100, 99]
    assert [each.counted.received for each in found] == [100, 50, 99]
    assert [each.round_trip.median_ms for each in found if each.round_trip] == list(AWAY_MS)
    assert [each.location.sent for each in found] == [100, 100, 99]
    assert [each.location.received for each in found] == [100, 50, 99]
    assert [each.location.median_ms for each in found] == list(AWAY_MS)
    assert [each.location.greeting_ms for each in found] == [10.123, 20.123, 40.123]
    for each in found:
        assert each.jitter is not None
        assert each.jitter.mean_ms == 0.0
        # of 300 packets over 24 sockets the first twelve have one more
        assert [flow.sent for flow in each.location.sockets][1:] == [13, 13, 13, 12, 12, 12, 12]
    nearest = nearest_round_trip(found)
    assert nearest is not None
    assert nearest.median_ms == 10.0
    assert nearest_round_trip(found[1:]) == found[1].round_trip
    assert nearest_round_trip(()) is None


@pytest.mark.parametrize(
    ("without", "silence_s"),
    [
        (set[int](), 0.06),
        # packets of this location are 60 ms apart: 0, 3, 6 ...
        (set(range(60, 90)), 0.66),
        # the ends of the stream count as answered
        (set(range(270, 300)), 0.6),
        (set(range(30)), 0.6),
        (set(range(300)), 5.94),
    ],
)
def test_a_locations_longest_silence_lies_between_two_answers(
    without: set[int], silence_s: float, beacons: Callable[[int], Beacons]
) -> None:
    made = beacons(3)
    first = locations_of(sent(made, 300, without=without), made[1])[0]
    assert first.longest_silence_s == pytest.approx(silence_s)
    assert first.received == 100 - len({n for n in without if n % 3 == 0})


def test_a_location_that_nothing_was_sent_to_was_never_silent(
    beacons: Callable[[int], Beacons],
) -> None:
    made = beacons(2)
    found = locations_of(made[0], made[1])
    assert [(each.sent, each.median_ms, each.longest_silence_s) for each in found] == [
        (0, None, 0.0),
        (0, None, 0.0),
    ]


def phase(
    made: Beacons, lost: Callable[[int], bool], *, packets: int = 500, location: int = 0
) -> float:
    stream = sent(made, packets, without={n for n in range(packets) if lost(n)})
    return figures_by_location(stream, made[1], {})[location].lost_phase


def test_a_limit_by_the_second_shows_in_when_packets_are_lost(
    beacons: Callable[[int], Beacons],
) -> None:
    """It answers the first ones of each second, and a line loses at any time."""
    # the last quarter of each second, and all but the first quarter
    assert phase(beacons(1), lambda n: n % 50 >= 38) > 0.95
    assert phase(beacons(1), lambda n: n % 50 >= 12) > 0.95
    assert phase(beacons(1), lambda n: n % 5 == 0) < 0.05
    assert phase(beacons(1), lambda n: n % 5 != 0) < 0.05
    # twice a second is no limit of a second
    assert phase(beacons(1), lambda n: n % 25 >= 20) < 0.05


def test_too_few_losses_keep_to_no_part_of_a_second(beacons: Callable[[int], Beacons]) -> None:
    assert phase(beacons(1), lambda n: n == 7) == 0.0
    assert phase(beacons(1), lambda n: n in (7, 57)) > 0.95
    assert phase(beacons(1), lambda _n: True) == 0.0
    assert phase(beacons(1), lambda _n: False) == 0.0


def test_what_never_left_was_lost_to_no_limit(beacons: Callable[[int], Beacons]) -> None:
    made = beacons(1)
    stream = sent(made, 500, without={n for n in range(500) if n % 50 >= 38})
    stream.unsent = [n for n in range(500) if n % 50 >= 38]
    assert figures_by_location(stream, made[1], {})[0].lost_phase == 0.0


# ---- whether more packets would tell, and what is shown meanwhile


@pytest.mark.parametrize(
    ("lost", "locations", "near"),
    [
        # the worst location may be left out as its own; of the others few are lost
        ({n for n in range(600) if n % 3 == 2}, 3, False),
        ({*(n for n in range(600) if n % 3 == 2), 30, 90, 151}, 3, True),
        # nothing is lost, or there is no other
        (set[int](), 3, False),
        ({30, 90, 151}, 1, False),
    ],
)
def test_without_its_worst_location_a_stream_may_tell_enough(
    lost: set[int], locations: int, near: bool, beacons: Callable[[int], Beacons]
) -> None:
    stream = sent(beacons(locations), 600, without=lost)
    times_ms = times_by_number_ms(stream)
    told = stream_module._is_near_without_worst(stream, 600, times_ms, LengthenNear())
    assert told is near


class Played(BeaconStream):
    """A stream on a clock that moves as somebody sleeps; `stalls_at` slots are never sent."""

    now_ns = START_NS
    stalls_at: frozenset[int] = frozenset()
    lost: Callable[[int], bool] = staticmethod(lambda _number: False)
    slept: list[float]

    def perf_counter_ns(self) -> int:
        return self.now_ns

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_ns += round(seconds * 1e9)
        while (slot := len(self.sent_ns) + self.dropped_slots) < self.slots:
            due_ns = START_NS + slot * 20 * MS
            if due_ns > self.now_ns:
                break
            if slot in self.stalls_at:
                self.dropped_slots += 1
                continue
            number = len(self.sent_ns)
            self.sent_ns.append(due_ns)
            self.flow_of.append(slot % SOCKETS)
            if not self.lost(number):
                self.replies.append(BeaconReply(number, due_ns + 10 * MS))

    @property
    def sending(self) -> bool:
        return len(self.sent_ns) + self.dropped_slots < self.slots


def played(
    made: Beacons, monkeypatch: pytest.MonkeyPatch, schedule: Schedule, **changed: object
) -> tuple[Played, Told]:
    stream, told = Played(made[1], slots=round(schedule.duration_s / 0.02)), Told()
    stream.slept = []
    for name, value in changed.items():
        setattr(stream, name, value)
    monkeypatch.setattr(stream_module, "asyncio", stream)
    context = make_context(Targets(), told=told)
    run(stream_module._watch_beacons(context, stream, schedule))
    return stream, told


@pytest.mark.parametrize(
    ("changed", "slots"),
    [
        ({}, 500),
        ({"stalls_at": frozenset(range(100, 150))}, 500),
        # one in a hundred of every location: it goes on for a minute
        ({"lost": lambda n: n % 100 == 50}, 3000),
        # so does one whose second location loses all, for what is left of it
        ({"lost": lambda n: n % 3 == 1 or n % 100 == 50}, 3000),
        # 333 packets of the others are too few to tell, 416 are not
        ({"lost": lambda n: n % 3 == 1}, 625),
    ],
    ids=["whole", "stalled", "one in a hundred", "one location and few others", "one location"],
)
def test_beacons_are_asked_for_longer_while_that_may_tell_more(
    changed: dict[str, object], slots: int, beacons: Callable[[int], Beacons],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    stream, told = played(beacons(3), monkeypatch, Schedule(), **changed)
    assert stream.slots == len(stream.sent_ns) + stream.dropped_slots == slots
    assert stream.sent_ns[-1] == START_NS + (slots - 1) * 20 * MS
    assert 4 * slots / 50 <= len(told.fractions) <= 4 * slots / 50 + 14
    assert max(told.fractions) == 0.98
    starts = [column.start_s for column in told.columns]
    assert starts == sorted(set(starts))
    # all but what is not settled at the end, half a second and the column of it
    assert len(starts) >= 4 * slots / 50 - 5 - 4 * stream.dropped_slots / 50


def test_stragglers_of_beacons_are_waited_for_and_no_longer_than_needed(
    beacons: Callable[[int], Beacons], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Schedule(duration_s=1.0, longest_s=1.0)
    whole, _told = played(beacons(3), monkeypatch, short)
    lossy, _told = played(beacons(3), monkeypatch, short, lost=lambda n: n == 20)
    assert whole.slept[-1] <= 0.25
    assert lossy.slept[-10:] == [0.05] * 10
    assert lossy.slept[-11] != 0.05
