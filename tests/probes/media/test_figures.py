"""Figures from packets and answers made by hand."""

import math
import random
import statistics

import msgspec
import pytest

from natwizard.model.finding import ChartColumn
from natwizard.probes.media.figures import (
    Counted,
    columns_of,
    count,
    directions,
    first_answers,
    jitter_of,
    round_trip_ms,
    round_trip_of,
)
from natwizard.probes.media.path import ReflectorGreeting
from natwizard.probes.media.sender import ReflectedPacket
from natwizard.wire import stamp

MS = 1_000_000
INTERVAL_NS = 20 * MS
OFFSET_NS = 1_800_000_000_000_000_000
CLOCK_AHEAD_NS = 7_000_000_000
"""The reflector's clock is seven seconds ahead of ours."""

GREETED = ReflectorGreeting(sent=1, answered=0, reflector_sequence=0)


def answer(
    sequence: int,
    number: int | None = None,
    *,
    out_ms: float = 10,
    back_ms: float = 10,
    kept_ms: float = 1,
    ahead_ns: int = CLOCK_AHEAD_NS,
) -> ReflectedPacket:
    """The answer to a packet that left at sequence x 20 ms."""
    at_reflector = sequence * INTERVAL_NS + round(out_ms * MS)
    left_reflector = at_reflector + round(kept_ms * MS)
    clock = OFFSET_NS + ahead_ns
    return ReflectedPacket(
        sequence,
        left_reflector + round(back_ms * MS),
        sequence + 1 if number is None else number,
        stamp.ntp_from_unix_ns(at_reflector + clock),
        stamp.ntp_from_unix_ns(left_reflector + clock),
    )


def sent_ns(packets: int) -> list[int]:
    return [sequence * INTERVAL_NS for sequence in range(packets)]


def test_the_reflectors_own_time_is_not_the_lines() -> None:
    assert round_trip_ms(answer(3, kept_ms=4), sent_ns(4)) == pytest.approx(20)


@pytest.mark.parametrize("kept_ms", [-5, 500])
def test_a_reflectors_time_that_cannot_be_is_left_out(kept_ms: float) -> None:
    late = ReflectedPacket(0, 21 * MS, 1, *(answer(0, kept_ms=kept_ms)[3:]))
    assert round_trip_ms(late, sent_ns(1)) == pytest.approx(21)


def test_the_first_answer_to_a_packet_counts_in_order_of_arrival() -> None:
    answers = [answer(1), answer(0), answer(1, back_ms=90), answer(2)]
    assert [each.sequence for each in first_answers(answers)] == [1, 0, 2]
    assert first_answers(answers)[0] is answers[0]


COUNTS = [
    # all came back, from a reflector that counts
    ([answer(s) for s in range(5)], (5, 5, 0, 0, 0, 0, 0, 0)),
    # packets 1 and 2 never reached it
    ([answer(0, 1), answer(3, 2), answer(4, 3)], (5, 3, 0, 0, 2, 1, 2, 0)),
    # it answered all, two answers were lost
    ([answer(0, 1), answer(3, 4), answer(4, 5)], (5, 3, 0, 0, 2, 1, 0, 2)),
    # one each way, not neighbours
    ([answer(0, 1), answer(2, 2), answer(4, 4)], (5, 3, 0, 0, 1, 2, 1, 1)),
    # nothing after packet 1: on which way is not known
    ([answer(0, 1), answer(1, 2)], (5, 2, 0, 0, 3, 1, 0, 0)),
    # doubled on the way there: answered twice with different numbers
    ([answer(0, 1), answer(0, 2), answer(1, 3)], (2, 2, 1, 0, 0, 0, 0, 0)),
    # doubled on the way back: twice the same number
    ([answer(0, 1), answer(0, 1), answer(1, 2)], (2, 2, 1, 0, 0, 0, 0, 0)),
    # overtaken is not lost
    ([answer(0, 1), answer(2, 3), answer(1, 2)], (3, 3, 0, 1, 0, 0, 0, 0)),
    # a reflector that copies our numbers cannot tell
    ([answer(0, 0), answer(2, 2)], (3, 2, 0, 0, 1, 1, None, None)),
    # nothing at all
    ([], (3, 0, 0, 0, 3, 1, None, None)),
]


@pytest.mark.parametrize(("answers", "expected"), COUNTS)
def test_packets_are_counted(answers: list[ReflectedPacket], expected: tuple[int, ...]) -> None:
    sent, received, duplicates, reordered, gap, gaps, out, back = expected
    assert count(sent, answers, GREETED) == Counted(
        sent=sent,
        received=received,
        duplicates=duplicates,
        reordered=reordered,
        longest_gap=gap,
        gaps=gaps,
        lost_out=out,
        lost_back=back,
    )


def test_packets_that_never_left_are_nobodys_loss() -> None:
    # 2 and 5 were refused by this computer; 3 was lost on the way there, 6 on the way back
    answers = [answer(0, 1), answer(1, 2), answer(4, 3), answer(7, 5)]
    counted = count(8, answers, GREETED, frozenset({2, 5}))
    assert (counted.sent, counted.received) == (6, 4)
    assert (counted.lost_out, counted.lost_back) == (1, 1)
    assert (counted.longest_gap, counted.gaps) == (1, 2)


@pytest.mark.parametrize(
    ("closers", "ways"),
    [
        ((), (0, 0)),  # nothing after packet 1: on which way is not known
        (((4, 3), (5, 4)), (2, 0)),  # the reflector never saw 2 and 3
        (((4, 5), (5, 6)), (0, 2)),  # it answered both
        (((4, 4),), (1, 1)),
        (((5, 6),), (0, 0)),  # closer 4 is lost too, and nobody knows where
        (((6, 7), (4, 5), (4, 5)), (0, 2)),  # doubled, overtaken, and one lost
    ],
)
def test_closers_tell_on_which_way_the_last_packets_got_lost(
    closers: tuple[tuple[int, int], ...], ways: tuple[int, int]
) -> None:
    answers = [answer(0, 1), answer(1, 2)]
    closing = [answer(sequence, number) for sequence, number in closers]
    counted = count(4, answers, GREETED, frozenset(), closing)
    assert (counted.lost_out, counted.lost_back) == ways
    assert (counted.sent, counted.received, counted.duplicates) == (4, 2, 0)


def test_greetings_that_came_late_do_not_confuse_the_count() -> None:
    # three greetings left; the second came back as the reflector's number 1; the third came in
    greeted = ReflectorGreeting(sent=3, answered=1, reflector_sequence=1)
    answers = [answer(0, 3), answer(2, 4), answer(3, 5)]
    counted = count(4, answers, greeted)
    assert (counted.lost_out, counted.lost_back) == (1, 0)


def test_jitter_is_told_by_direction_though_clocks_differ() -> None:
    answers = [answer(s, out_ms=10 + 4 * (s % 2), back_ms=10) for s in range(200)]
    found = directions(answers, sent_ns(200), OFFSET_NS)
    assert found.out is not None
    assert found.back is not None
    assert found.round_trip is not None
    assert found.out.mean_ms == pytest.approx(4, rel=0.02)
    assert found.back.mean_ms == pytest.approx(0, abs=0.001)
    assert found.round_trip.mean_ms == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize(
    "broken",
    [
        # the clock was set by a second half way
        lambda s: answer(s, ahead_ns=CLOCK_AHEAD_NS + (s >= 50) * 1_000_000_000),
        # it is none: chance
        lambda s: answer(s, ahead_ns=random.Random(s).randrange(10**12)),
        # it answers before it received
        lambda s: answer(s, kept_ms=-3, back_ms=13),
        # zeros
        lambda s: ReflectedPacket(s, s * INTERVAL_NS + 20 * MS, s + 1, 0, 0),
    ],
)
def test_a_clock_that_is_not_steady_tells_no_directions(broken: object) -> None:
    found = directions([broken(s) for s in range(100)], sent_ns(100), OFFSET_NS)
    assert (found.out, found.back) == (None, None)
    assert found.round_trip is not None


def test_round_trips_have_quantiles_and_an_interval() -> None:
    times = [float(37 * place % 101 + 1) for place in range(101)]
    found = round_trip_of(times)
    assert found is not None
    assert (found.lowest_ms, found.median_ms, found.p95_ms, found.highest_ms) == (1, 51, 96, 101)
    assert 1 <= found.median_low_ms <= 41
    assert 61 <= found.median_high_ms <= 101
    assert round_trip_of([]) is None


def test_the_median_lies_in_its_interval_though_neighbours_are_alike() -> None:
    """Of 200 streams whose round trip wanders (queues do), as the name says: 95 % (1.5 errors)."""
    chance = random.Random(5)

    def wandering() -> list[float]:
        level, times = chance.gauss(0, 1), []
        for _packet in range(500):
            level = 0.9 * level + math.sqrt(1 - 0.9**2) * chance.gauss(0, 1)
            times.append(20 + 5 * math.exp(0.7 * level))
        return times

    intervals = [found for _run in range(200) if (found := round_trip_of(wandering()))]
    holds = [found.median_low_ms <= 25 <= found.median_high_ms for found in intervals]
    assert statistics.fmean(holds) > 0.88  # order statistics alone: 0.47


def test_columns_hold_a_quarter_of_a_second_each() -> None:
    sent_s = [0.02 * place for place in range(30)]
    times = {place: 20.0 + place for place in range(30) if place not in (3, 4)}
    columns = columns_of(enumerate(sent_s), times, end=2)
    assert columns == (
        ChartColumn(start_s=0.0, low=20, median=27, high=32, lost=2),
        ChartColumn(start_s=0.25, low=33, median=38.5, high=44, lost=0),
    )
    assert columns_of(enumerate(sent_s), times, end=1) == columns[:1]


def test_a_column_without_answers_repeats_the_level_and_counts_losses() -> None:
    sent_s = [0.02 * place for place in range(25)]
    columns = columns_of(enumerate(sent_s), dict.fromkeys(range(13), 20.0), end=9)
    assert columns[1] == ChartColumn(start_s=0.25, low=20, median=20, high=20, lost=12)


# ---- limits of what is believed, met exactly


@pytest.mark.parametrize(
    ("packets", "mean_ms"),
    # the estimate of RFC 3550 begins at 0 and has come up to 7/8 after 33 changes
    [(33, 10.0), (34, 10 * (1 - (15 / 16) ** 33))],
)
def test_the_running_estimate_counts_once_it_has_settled(packets: int, mean_ms: float) -> None:
    jitter = jitter_of([10.0 * (place % 2) for place in range(packets)])
    assert jitter is not None
    assert jitter.mean_ms == pytest.approx(mean_ms)
    assert jitter.highest_ms == pytest.approx(mean_ms)


def test_jitter_of_few_packets_or_of_one_rough_moment_may_be_none_at_all() -> None:
    few = jitter_of([0.0, 16.0, 0.0])
    assert few is not None
    assert (few.low_ms, few.high_ms) == (0.0, 16.0)
    rough = jitter_of([0.5 * (place % 2) * (place < 10) for place in range(101)])
    assert rough is not None
    assert rough.low_ms == 0.0
    assert rough.mean_ms > 0


@pytest.mark.parametrize(
    ("count_of", "low_ms", "high_ms"),
    # order statistics: half the count, and 1.96 times half its root to either side
    [(1, 0, 0), (4, 0, 3), (25, 7, 17), (49, 17, 31)],
)
def test_the_median_of_few_lies_between_order_statistics(
    count_of: int, low_ms: float, high_ms: float
) -> None:
    drawn = random.Random(3).sample(range(count_of), count_of)
    found = round_trip_of([float(each) for each in drawn])
    assert found is not None
    assert (found.median_low_ms, found.median_high_ms) == (low_ms, high_ms)


@pytest.mark.parametrize(("packets", "wide"), [(49, False), (50, True)])
def test_neighbours_that_are_alike_widen_it_from_five_a_batch_on(packets: int, wide: bool) -> None:
    """A line whose level changes twice: most of its packets are alike, its moments are not."""
    times = [*([0.0] * 10), *([50.0] * 25), *([100.0] * 15)][:packets]
    found = round_trip_of(times)
    assert found is not None
    assert (found.median_low_ms < 50 < found.median_high_ms) is wide
    assert wide or found.median_low_ms == found.median_high_ms == 50
    assert found.median_low_ms >= 0
    assert found.median_high_ms <= 100


@pytest.mark.parametrize(
    ("varies_ms", "steady"), [(9.9, True), (10.1, False)], ids=["within", "beyond"]
)
def test_a_way_varies_by_no_more_than_the_round_trip_and_a_clocks_slack(
    varies_ms: float, steady: bool
) -> None:
    """The clock there is set in mid-stream, by as much as the longest round trip and some more."""
    jump_ns = round((20 + varies_ms) * MS)
    answers = [answer(s, ahead_ns=CLOCK_AHEAD_NS + jump_ns * (s >= 50)) for s in range(100)]
    found = directions(answers, sent_ns(100), OFFSET_NS)
    assert (found.out is not None) is steady


@pytest.mark.parametrize(("odd", "believed"), [(1, True), (2, False)])
def test_one_odd_time_in_a_hundred_makes_no_clock_unsteady(odd: int, believed: bool) -> None:
    answers = [
        answer(s, kept_ms=-1, back_ms=11, out_ms=11) if s < odd else answer(s) for s in range(100)
    ]
    found = directions(answers, sent_ns(100), OFFSET_NS)
    assert (found.out is not None) is believed


def test_a_reflector_that_keeps_a_packet_for_the_whole_way_or_not_at_all_is_believed() -> None:
    whole = [answer(s, out_ms=0, back_ms=0, kept_ms=5) for s in range(10)]
    assert directions(whole, sent_ns(10), OFFSET_NS).out is not None
    none = [answer(s, kept_ms=0) for s in range(10)]
    assert directions(none, sent_ns(10), OFFSET_NS).back is not None


@pytest.mark.parametrize(
    ("packets", "more", "believed"),
    [(100, 3, True), (100, 4, False), (500, 10, True), (500, 11, False)],
)
def test_a_count_may_be_off_by_three_or_two_in_a_hundred(
    packets: int, more: int, believed: bool
) -> None:
    """Doubled on the way there, and one of both lost: the reflector saw more than came from us."""
    answers = [answer(s, s + 1) for s in range(packets - 1)]
    answers.append(answer(packets - 1, packets + more))
    counted = count(packets, answers, GREETED)
    assert (counted.lost_out, counted.lost_back) == ((0, 0) if believed else (None, None))


@pytest.mark.parametrize(("fewer", "believed"), [(3, True), (4, False)])
def test_nor_may_fewer_have_come_there_than_came_back(fewer: int, believed: bool) -> None:
    answers = [answer(s, min(s + 1, 100 - fewer)) for s in range(100)]
    counted = count(100, answers, GREETED)
    assert (counted.lost_out, counted.lost_back) == ((0, 0) if believed else (None, None))


def test_numbers_that_go_on_from_before_the_greeting_count_something_else() -> None:
    greeted = ReflectorGreeting(sent=1, answered=0, reflector_sequence=5)
    for numbers in ((5, 7), (4, 6)):
        counted = count(2, [answer(0, numbers[0]), answer(1, numbers[1])], greeted)
        assert (counted.lost_out, counted.lost_back) == (None, None)


def test_a_report_of_an_older_version_has_nobody_who_counted_gaps() -> None:
    old = b'{"sent":5,"received":5,"duplicates":0,"reordered":0,"longest_gap":0}'
    assert msgspec.json.decode(old, type=Counted).gaps == 0


def test_columns_are_told_to_the_microsecond() -> None:
    [column] = columns_of([(0, 0.0), (1, 0.1)], {0: 20.123_45, 1: 21.987_65}, end=1)
    assert (column.low, column.median, column.high) == (20.123, 21.056, 21.988)
    [empty] = columns_of([(0, 0.0)], {}, end=1, level_ms=7.123_45)
    assert (empty.low, empty.median, empty.high, empty.lost) == (7.123, 7.123, 7.123, 1)
