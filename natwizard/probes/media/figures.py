"""Turns sent packets and their answers into figures. Pure; no clock, no socket."""

import itertools
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from natwizard.model.finding import ChartColumn
from natwizard.model.statistics import BATCHES, Z_95, half_width, quantile
from natwizard.probes.media.path import ReflectorGreeting
from natwizard.probes.media.sender import ReflectedPacket
from natwizard.wire import stamp

# RFC 3550, 6.4.1: the estimate moves by a sixteenth of each change
GAIN = 16
SETTLING = 2 * GAIN
"""The estimate starts from 0: what it says of the first packets is too low."""


class Jitter(Struct, frozen=True, kw_only=True):
    """Jitter in ms.

    Attributes:
        mean_ms: mean of RFC 3550's running estimate once it has settled; one reading of it
            tells of some twenty packets only.
        last_ms, highest_ms: its last reading (what an RTCP report would hold), its highest.
        low_ms, high_ms: where the mean lies with 95 %, from means of ten batches.
    """

    mean_ms: float
    last_ms: float
    highest_ms: float
    low_ms: float
    high_ms: float


def jitter_of(transits_ms: Sequence[float]) -> Jitter | None:
    """Jitter of transit times in order of arrival; None for fewer than two packets.

    A transit time may hold any constant, such as the difference of two clocks.
    """
    changes = [abs(b - a) for a, b in itertools.pairwise(transits_ms)]
    if not changes:
        return None
    estimate, estimates = 0.0, []
    for change in changes:
        estimate += (change - estimate) / GAIN
        estimates.append(estimate)
    settled = estimates[SETTLING:] or [statistics.fmean(changes)]
    mean = statistics.fmean(settled)
    low, high = _interval(changes)
    return Jitter(
        mean_ms=mean,
        last_ms=estimates[-1],
        highest_ms=max(settled),
        low_ms=min(low, mean),
        high_ms=max(high, mean),
    )


def _interval(changes: list[float]) -> tuple[float, float]:
    half = half_width(changes, statistics.fmean)
    if half is None:
        return 0.0, max(changes)
    centre = statistics.fmean(changes)
    return max(0.0, centre - half), centre + half


# The watch counts by the same quarters of a second (watch.tally)
COLUMN_S = 0.25
NS_PER_MS = 1e6

CLOCK_SLACK_MS = 10.0
"""How much longer than any round trip one way may seem, before a clock is not believed."""

BELIEVABLE_SHARE = 0.99

# Ten medians of fewer packets each tell next to nothing of how medians vary
BATCH_AT_LEAST = 5

NUMBERING_SLACK, NUMBERING_SLACK_SHARE = 3, 0.02
"""How far a reflector's count may be off, for packets that were doubled and then lost."""


class RoundTrip(Struct, frozen=True, kw_only=True):
    """Round-trip times in ms, without the time the reflector took.

    Attributes:
        median_low_ms, median_high_ms: where the median lies with 95 %: the wider of order
            statistics, which take neighbours for strangers, and of the medians of ten batches.
    """

    lowest_ms: float
    median_ms: float
    p95_ms: float
    highest_ms: float
    median_low_ms: float
    median_high_ms: float


class Counted(Struct, frozen=True, kw_only=True):
    """What became of the packets.

    Attributes:
        sent: packets that left this computer.
        received: packets that came back at least once.
        duplicates: answers beyond the first of a packet.
        reordered: packets that came back after a later one (RFC 4737). They are not lost.
        longest_gap: packets of the longest run that was lost.
        gaps: runs that were lost; 0 where nothing was, or where nobody counted.
        lost_out, lost_back: lost on the way there and on the way back, as far as the
            reflector's own numbers tell; None where it does not count. Packets after the last
            answer are in neither, which happens only where the line ends before the stream.
    """

    sent: int
    received: int
    duplicates: int
    reordered: int
    longest_gap: int
    lost_out: int | None = None
    lost_back: int | None = None
    gaps: int = 0


class Directions(Struct, frozen=True, kw_only=True):
    """Jitter each way and of the round trip; None where it cannot be told.

    One way needs the reflector's timestamps, but no synchronized clocks.
    """

    out: Jitter | None = None
    back: Jitter | None = None
    round_trip: Jitter | None = None


def first_answers(answers: Sequence[ReflectedPacket]) -> list[ReflectedPacket]:
    """The first answer to each packet, in order of arrival."""
    first: dict[int, ReflectedPacket] = {}
    for answer in answers:
        first.setdefault(answer.sequence, answer)
    return list(first.values())


def residence_ns(answer: ReflectedPacket) -> int:
    """How long the reflector kept a packet, by its own clock."""
    return stamp.ntp_difference_ns(answer.reflector_sent, answer.reflector_received)


def round_trip_ms(answer: ReflectedPacket, sent_ns: Sequence[int]) -> float:
    """Round trip without the reflector's own time, where that is believable."""
    whole_ns = answer.arrived_ns - sent_ns[answer.sequence]
    kept_ns = residence_ns(answer)
    return (whole_ns - kept_ns if 0 <= kept_ns < whole_ns else whole_ns) / NS_PER_MS


def round_trip_of(times_ms: Sequence[float]) -> RoundTrip | None:
    """Quantiles of times in order of arrival, and the interval of the median; None for none."""
    if not times_ms:
        return None
    ordered = sorted(times_ms)
    low_ms, high_ms = _median_interval(times_ms, ordered)
    return RoundTrip(
        lowest_ms=ordered[0],
        median_ms=quantile(ordered, 0.5),
        p95_ms=quantile(ordered, 0.95),
        highest_ms=ordered[-1],
        median_low_ms=low_ms,
        median_high_ms=high_ms,
    )


def _median_interval(times_ms: Sequence[float], ordered: Sequence[float]) -> tuple[float, float]:
    reach, middle = Z_95 * math.sqrt(len(ordered)) / 2, (len(ordered) - 1) / 2
    low_ms = ordered[max(0, math.floor(middle - reach))]
    high_ms = ordered[min(len(ordered) - 1, math.ceil(middle + reach))]
    half_ms = half_width(times_ms, statistics.median)
    if half_ms is None or len(times_ms) < BATCHES * BATCH_AT_LEAST:
        return low_ms, high_ms
    median_ms = quantile(ordered, 0.5)
    return (
        max(ordered[0], min(low_ms, median_ms - half_ms)),
        min(ordered[-1], max(high_ms, median_ms + half_ms)),
    )


def count(
    tried: int,
    answers: Sequence[ReflectedPacket],
    greeting: ReflectorGreeting,
    unsent: AbstractSet[int] = frozenset(),
    closing: Sequence[ReflectedPacket] = (),
) -> Counted:
    """Count what came back, and split losses by direction where the reflector counts.

    Packets are numbered up to `tried`; those of `unsent` never left, and are nobody's loss.
    `closing` are answers to packets after them, which tell up to where the reflector counted.
    """
    arrived = first_answers(answers)
    came_back = {answer.sequence for answer in arrived}
    closed = _closed(tried, closing) if answers else ()
    lost_out, lost_back = _split_losses(
        (*answers, *closed),
        came_back | {answer.sequence for answer in closed},
        greeting,
        unsent,
    )
    gaps = lost_runs(range(tried), came_back, unsent)
    return Counted(
        sent=tried - len(unsent),
        received=len(came_back),
        duplicates=len(answers) - len(came_back),
        reordered=_reordered(arrived),
        longest_gap=max(gaps, default=0),
        gaps=len(gaps),
        lost_out=lost_out,
        lost_back=lost_back,
    )


def _closed(tried: int, closing: Sequence[ReflectedPacket]) -> tuple[ReflectedPacket, ...]:
    """The closers that came back without one missing before them: none of them was lost."""
    by_number = {answer.sequence: answer for answer in reversed(closing)}
    closed: list[ReflectedPacket] = []
    while (answer := by_number.get(tried + len(closed))) is not None:
        closed.append(answer)
    return tuple(closed)


def _reordered(arrived: Sequence[ReflectedPacket]) -> int:
    highest, late = -1, 0
    for answer in arrived:
        late += answer.sequence < highest
        highest = max(highest, answer.sequence)
    return late


def lost_runs(
    numbers: Iterable[int], came_back: AbstractSet[int], unsent: AbstractSet[int]
) -> list[int]:
    """Packets of each run that was lost, of packets given by number in order."""
    gaps, run = [], 0
    for sequence in numbers:
        if sequence in came_back:
            gaps += [run] if run else []
            run = 0
        else:
            run += sequence not in unsent
    return gaps + ([run] if run else [])


def _split_losses(
    answers: Sequence[ReflectedPacket],
    came_back: set[int],
    greeting: ReflectorGreeting,
    unsent: AbstractSet[int],
) -> tuple[int | None, int | None]:
    """Compare the reflector's numbers with ours, up to the last answer (RFC 8762, 4)."""
    numbers = {answer.reflector_sequence for answer in answers}
    counted = {
        number - greeting.reflector_sequence
        for number in numbers
        if number > greeting.reflector_sequence
    }
    copies = all(answer.reflector_sequence == answer.sequence for answer in answers)
    if not answers or copies or len(counted) != len(numbers):
        return None, None
    greeted_after = greeting.sent - 1 - greeting.answered
    reached = max(counted)  # packets that came in at the reflector since the greeting
    doubled_out = len(numbers) - len(came_back)
    expected = max(came_back) + 1 - sum(sequence < max(came_back) for sequence in unsent)
    lost = expected - len(came_back)
    lost_out = expected + greeted_after - (reached - max(0, doubled_out))
    slack = max(NUMBERING_SLACK, round(NUMBERING_SLACK_SHARE * expected))
    if not -slack <= lost_out <= lost + slack:
        return None, None  # these numbers count something else
    lost_out = min(lost, max(0, lost_out))
    return lost_out, lost - lost_out


def directions(
    answers: Sequence[ReflectedPacket], sent_ns: Sequence[int], offset_ns: int
) -> Directions:
    """Jitter each way, if the reflector's clock is steady, and of the round trip."""
    arrived = first_answers(answers)
    times = [round_trip_ms(answer, sent_ns) for answer in arrived]
    round_trip = jitter_of(times)
    by_reflector = sorted(arrived, key=lambda answer: (answer.reflector_received, answer.sequence))
    out = [
        _ms(answer.reflector_received, stamp.ntp_from_unix_ns(sent_ns[answer.sequence] + offset_ns))
        for answer in by_reflector
    ]
    back = [
        _ms(stamp.ntp_from_unix_ns(answer.arrived_ns + offset_ns), answer.reflector_sent)
        for answer in arrived
    ]
    if not times or not _clock_is_steady(arrived, sent_ns, (out, back), max(times)):
        return Directions(round_trip=round_trip)
    return Directions(out=jitter_of(out), back=jitter_of(back), round_trip=round_trip)


def _ms(later: int, earlier: int) -> float:
    return stamp.ntp_difference_ns(later, earlier) / NS_PER_MS


def _clock_is_steady(
    arrived: Sequence[ReflectedPacket],
    sent_ns: Sequence[int],
    ways: tuple[list[float], list[float]],
    longest_ms: float,
) -> bool:
    """A way cannot vary by more than the longest round trip: else the clock was set, or is none."""
    believable = sum(
        0 <= residence_ns(answer) <= answer.arrived_ns - sent_ns[answer.sequence]
        for answer in arrived
    )
    return believable >= BELIEVABLE_SHARE * len(arrived) and all(
        max(way) - min(way) <= longest_ms + CLOCK_SLACK_MS for way in ways
    )


def columns_of(
    packets: Iterable[tuple[int, float]],
    times_ms: Mapping[int, float],
    *,
    end: int,
    level_ms: float = 0.0,
) -> tuple[ChartColumn, ...]:
    """Columns up to `end` - 1 of packets, given by number and seconds since the start, in order.

    A slice from which nothing came back repeats the median before it (`level_ms` at first), and
    counts its losses.
    """
    slices: dict[int, list[int]] = {}
    for sequence, moment_s in packets:
        slices.setdefault(int(moment_s / COLUMN_S), []).append(sequence)
    columns = []
    for number in sorted(number for number in slices if number < end):
        ordered = sorted(times_ms[s] for s in slices[number] if s in times_ms)
        level_ms = quantile(ordered, 0.5) if ordered else level_ms
        columns.append(
            ChartColumn(
                start_s=number * COLUMN_S,
                low=round(ordered[0] if ordered else level_ms, 3),
                median=round(level_ms, 3),
                high=round(ordered[-1] if ordered else level_ms, 3),
                lost=len(slices[number]) - len(ordered),
            )
        )
    return tuple(columns)
