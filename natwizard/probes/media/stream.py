"""A stream like a call's to a reflector and back: round trip, jitter and loss of the line.

One packet every 20 ms as STAMP (RFC 8762) for ten seconds, and for up to sixty where the figures
are too close to a limit to tell. In a run they are as large as a call is counted with (250 bytes
of IP, 100 kbit/s), so that the stream also shows that the line carries one call; a watch, which
goes on for hours, sends what G.711 sends (172 bytes of payload). Where nobody runs a far end, the
same number of packets goes to public beacons (`beacons.py`). At the same moments the gateway and
the provider's first router are asked for a sign of life, to tell where a fault is.
"""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack
from itertools import pairwise

from msgspec import Struct

from natwizard.model.finding import ChartColumn, FarEnd
from natwizard.model.language import N_, _
from natwizard.model.outcome import Failure
from natwizard.model.profile import PublicServer, PublicUse
from natwizard.model.statistics import clustered_interval, quantile
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.media.beacon_figures import (
    BeaconFigures,
    chart_times_ms,
    counted_of,
    figures_by_location,
    nearest_round_trip,
    times_by_number_ms,
)
from natwizard.probes.media.beacons import INTERVAL_S as BEACON_INTERVAL_S
from natwizard.probes.media.beacons import PAYLOAD_BYTES as BEACON_BYTES
from natwizard.probes.media.beacons import (
    BeaconStream,
    open_beacon_paths,
    relative_round_trips_ms,
)
from natwizard.probes.media.call_load import SenderFaults, StepFigures, step_figures
from natwizard.probes.media.figures import (
    COLUMN_S,
    Counted,
    Directions,
    RoundTrip,
    columns_of,
    count,
    directions,
    first_answers,
    jitter_of,
    round_trip_ms,
    round_trip_of,
)
from natwizard.probes.media.liveness import LivenessCheck, check_liveness, fell_silent
from natwizard.probes.media.path import (
    COUNTED_BYTES,
    PAYLOAD_BYTES,
    MediaPath,
    PathAttempts,
    open_media_path,
    wait_until_quiet,
)
from natwizard.probes.media.router_probe import PathRouters, no_hops, watch_hops
from natwizard.probes.media.sender import CLOSERS, MediaStream, ReflectedPacket
from natwizard.probes.media.timing_guard import low_jitter_process

# A G.711 packet of a call holds 20 ms
INTERVAL_S = 0.02
# A column of the chart (figures.COLUMN_S)
TICK_S = 0.25
SHORTEST_TICK_S = 0.02
SETTLED_S = 0.5
SETTLED_GREETINGS = 2
"""A packet younger than this, and than two greetings took, may still be on its way: the live chart
waits for it."""

# Decision 12: short steps decide sooner than going on to 30 s and 60 s at once
LENGTHEN_S = 2.5
# Two looks and what a look takes: the sender must never run out of packets before it is lengthened
DECIDE_BEFORE_S = 0.6
STRAGGLERS_AT_LEAST_S = 0.5
# No call uses what comes later
STRAGGLERS_AT_MOST_S = 2.0
STRAGGLER_STEP_S = 0.05


class LengthenNear(Struct, frozen=True, kw_only=True):
    """Goes on measuring while the 95 % interval of a figure holds a limit that a rule may use."""

    loss_share: float = 0.01
    round_trip_ms: float = 100.0
    jitter_ms: float = 20.0


class Schedule(Struct, frozen=True, kw_only=True):
    """How long a stream lasts, in seconds.

    Attributes:
        hops: looks at routers on the way meanwhile.
        await_quiet: other probes have sent something before, which has to leave the line first.
        doubts_silence: asks whether a far end that fell silent is still there.
        as_counted: packets as large as the requirement counts a call with, not as G.711's.
    """

    duration_s: float = 10.0
    longest_s: float = 60.0
    lengthen: LengthenNear = LengthenNear()
    hops: bool = True
    await_quiet: bool = True
    doubts_silence: bool = True
    as_counted: bool = False


class TimingQuality(Struct, frozen=True, kw_only=True):
    """How well this computer kept time; spoilt figures are not the line's.

    Attributes:
        send_late_p95_ms, send_late_max_ms: how long packets left after their deadline.
        lag_p95_ms: how long answers waited to be read; how late the sender woke where the
            kernel tells no arrival times.
        kernel_times: whether arrival times are the kernel's.
        stalls: times it stood still for a tenth of a second and more.
        unsent: packets it refused to send; `send_failure` is the first reason.
        overflowed: datagrams that came and that it dropped, because they were not read in time.
        busy_share: of all its cores, by all programs; `own_share`: of one core, by this one.
    """

    send_late_p95_ms: float
    send_late_max_ms: float
    lag_p95_ms: float
    kernel_times: bool
    stalls: int
    unsent: int = 0
    send_failure: Failure | None = None
    overflowed: int = 0
    busy_share: float = 0.0
    own_share: float = 0.0


class MediaFigures(Struct, frozen=True, kw_only=True):
    """What one stream showed.

    Attributes:
        started_s: seconds since the run began; columns count from here.
        duration_s: from the first packet to the last.
        refused: error reports (ICMP) that came back.
        strays: datagrams that came from the far end and answer nothing.
        round_trip: None if nothing came back.
        columns: 0.25 s each, in ms.
    """

    started_s: float
    duration_s: float
    interval_ms: float
    payload_bytes: int
    counted: Counted
    round_trip: RoundTrip | None
    jitter: Directions
    machine: TimingQuality
    columns: tuple[ChartColumn, ...]
    refused: int = 0
    strays: int = 0


class MediaEvidence(Struct, frozen=True, kw_only=True):
    """A stream to the media target, or to public beacons.

    Attributes:
        figures: None where no greeting came back at all.
        hops: routers on the way; None where nobody looked.
        far_end: whose server it was.
        beacons: what each public location showed; `figures` is all of them together.
        liveness: what was asked where it fell silent; None where it did not.
        call: the stream as what it also is, one call on the line; None where its packets were
            smaller than a call is counted with, or went to beacons.
    """

    path: PathAttempts
    figures: MediaFigures | None = None
    hops: PathRouters | None = None
    far_end: FarEnd = FarEnd.OWN
    beacons: tuple[BeaconFigures, ...] = ()
    liveness: LivenessCheck | None = None
    call: StepFigures | None = None


class _Load:
    """How busy this computer and this program were since this was made."""

    def __init__(self, context: ProbeContext) -> None:
        self._host = context.host
        self._before = context.host.processor_times()
        self._own_s, self._started_s = time.process_time(), time.perf_counter()

    def shares(self) -> tuple[float, float]:
        """Of all cores, by anyone; and of one core, by this program. 0 to 1, the latter or more."""
        busy_s, all_s = (
            now - before
            for now, before in zip(self._host.processor_times(), self._before, strict=True)
        )
        own = (time.process_time() - self._own_s) / (time.perf_counter() - self._started_s)
        return min(1.0, max(0.0, busy_s / all_s)) if all_s > 0 else 0.0, own


async def gather(context: ProbeContext, schedule: Schedule) -> MediaEvidence:
    """Greet the reflector, stream, wait for stragglers, and count.

    Where neither reflector nor TURN server is set, public beacons take their place.
    """
    beacons = context.public_for(PublicUse.MEDIA_BEACON)
    if beacons and not (context.targets.media or context.targets.turn):
        return await _gather_from_beacons(context, beacons, schedule)
    path, tried = await open_media_path(context)
    if path is None:
        return MediaEvidence(path=tried)
    if schedule.await_quiet:
        await wait_until_quiet(context, path)
    size = path.flow.payload_of(COUNTED_BYTES) if schedule.as_counted else PAYLOAD_BYTES
    stream = MediaStream(
        path,
        packets=round(schedule.duration_s / INTERVAL_S),
        interval_s=INTERVAL_S,
        size=size,
    )
    started_s = context.elapsed_s()
    over = asyncio.Event()
    load = _Load(context)
    async with asyncio.TaskGroup() as group:
        looking = watch_hops(context, path.endpoint, over) if schedule.hops else no_hops()
        hops = group.create_task(looking)
        with low_jitter_process(), stream:
            await _watch(context, stream, schedule, _settle_s(tried))
            await _wait_for_stragglers(stream)
        over.set()
    figures = _figures(stream, path, size, started_s, load)
    liveness = None
    if schedule.doubts_silence and fell_silent(_answered(stream)):
        liveness = await check_liveness(context, path)
    return MediaEvidence(
        path=tried,
        figures=figures,
        hops=hops.result(),
        liveness=liveness,
        call=_as_call(stream) if schedule.as_counted else None,
    )


def _as_call(stream: MediaStream) -> StepFigures:
    """The same packets, counted as the ramp of calls counts its own."""
    back_ns = [0] * len(stream.sent_ns)
    for number, time_ms in _times(stream).items():
        back_ns[number] = stream.sent_ns[number] + round(time_ms * 1e6)
    lasted_ns = stream.sent_ns[-1] - stream.sent_ns[0] if stream.sent_ns else 0
    return step_figures(
        (stream.sent_ns,),
        (back_ns,),
        stream.late_ns,
        calls=1,
        duration_s=lasted_ns / 1e9 + INTERVAL_S,
        packet_bytes=COUNTED_BYTES,
        faults=SenderFaults(
            unsent=len(stream.unsent),
            stalls=stream.stalls,
            overflowed=stream.overflowed,
            strays=stream.strays,
        ),
    )


def _answered(stream: MediaStream) -> list[bool]:
    """By packet that left this computer, whether its answer came."""
    answered, unsent = {answer.sequence for answer in stream.answers}, set(stream.unsent)
    return [place in answered for place in range(len(stream.sent_ns)) if place not in unsent]


async def _gather_from_beacons(
    context: ProbeContext, beacons: Sequence[PublicServer], schedule: Schedule
) -> MediaEvidence:
    """Voice packets round robin over the nearest locations; the routers on the way to the first."""
    with ExitStack() as opened:
        targets = [server.address for server in beacons]
        paths, greetings = await open_beacon_paths(context, targets, opened)
        named = [path.target for path in paths] or [each.target for each in greetings]
        tried = PathAttempts(target=", ".join(named), lookup=greetings[0].lookup, beacons=greetings)
        if not paths:
            return MediaEvidence(path=tried, far_end=FarEnd.PUBLIC)
        stream = BeaconStream(paths, slots=round(schedule.duration_s / BEACON_INTERVAL_S))
        started_s, over, load = context.elapsed_s(), asyncio.Event(), _Load(context)
        async with asyncio.TaskGroup() as group:
            looking = watch_hops(context, paths[0].endpoint, over) if schedule.hops else no_hops()
            hops = group.create_task(looking)
            with low_jitter_process(), stream:
                await _watch_beacons(context, stream, schedule)
            over.set()
        locations = figures_by_location(
            stream, paths, {server.address: server.place for server in beacons}
        )
        figures = _beacon_figures(stream, locations, started_s, load)
    return MediaEvidence(
        path=tried,
        figures=figures,
        hops=hops.result(),
        far_end=FarEnd.PUBLIC,
        beacons=locations,
    )


async def _watch_beacons(context: ProbeContext, stream: BeaconStream, schedule: Schedule) -> None:
    """Tell how it goes, lengthen by more seconds where that helps, and wait for stragglers."""
    told = 0
    while stream.sending:
        left_s = (stream.slots - len(stream.sent_ns) - stream.dropped_slots) * BEACON_INTERVAL_S
        await asyncio.sleep(min(TICK_S, max(SHORTEST_TICK_S, left_s)))
        sent = len(stream.sent_ns)
        done = sent + stream.dropped_slots
        times_ms = chart_times_ms(stream)
        settled = max(0, sent - round(SETTLED_S / BEACON_INTERVAL_S))
        nearly_over = done >= stream.slots - DECIDE_BEFORE_S / BEACON_INTERVAL_S
        if nearly_over and (
            _is_near(settled, times_ms, schedule.lengthen)
            or _is_near_without_worst(stream, settled, times_ms, schedule.lengthen)
        ):
            longest = round(schedule.longest_s / BEACON_INTERVAL_S)
            stream.slots = min(longest, stream.slots + round(LENGTHEN_S / BEACON_INTERVAL_S))
        columns = _beacon_columns(stream, times_ms, settled) if settled else ()
        text = _("{done} of {planned} packets").format(done=sent, planned=stream.slots)
        context.progress(min(0.98, done / stream.slots), text, columns[told:-1])
        told = max(told, len(columns) - 1)
    slowest_s = max(times_by_number_ms(stream).values(), default=0.0) * 3 / 1000
    wait_s = min(STRAGGLERS_AT_MOST_S, max(STRAGGLERS_AT_LEAST_S, slowest_s))
    for _step in range(round(wait_s / STRAGGLER_STEP_S)):
        if len({reply.number for reply in stream.replies}) == len(stream.sent_ns):
            return
        await asyncio.sleep(STRAGGLER_STEP_S)


def _beacon_columns(
    stream: BeaconStream, times_ms: dict[int, float], sent: int
) -> tuple[ChartColumn, ...]:
    """Of the first packets; each is a slice of 0.25 s, and the last may not be full yet."""
    unsent, start_ns = frozenset(stream.unsent), stream.sent_ns[0]
    packets = (
        (number, (stream.sent_ns[number] - start_ns) / 1e9)
        for number in range(sent)
        if number not in unsent
    )
    return columns_of(packets, times_ms, end=len(stream.sent_ns))


def _beacon_figures(
    stream: BeaconStream, locations: Sequence[BeaconFigures], started_s: float, load: _Load
) -> MediaFigures:
    sent = len(stream.sent_ns)
    return MediaFigures(
        started_s=started_s,
        duration_s=(stream.sent_ns[-1] - stream.sent_ns[0]) / 1e9 if sent else 0.0,
        interval_ms=BEACON_INTERVAL_S * 1000,
        payload_bytes=BEACON_BYTES,
        counted=counted_of(stream, range(sent)),
        round_trip=nearest_round_trip(locations),
        jitter=Directions(round_trip=jitter_of(relative_round_trips_ms(stream))),
        machine=_machine(stream, load),
        columns=_beacon_columns(stream, chart_times_ms(stream), sent) if sent else (),
        refused=stream.refused,
        strays=stream.strays,
    )


async def _watch(
    context: ProbeContext, stream: MediaStream, schedule: Schedule, settle_s: float
) -> None:
    """Tell four times a second how it goes, and lengthen the stream where that helps."""
    live = _Live(stream, settle_s)
    while stream.sending:
        left_s = (stream.packets + CLOSERS - len(stream.sent_ns)) * INTERVAL_S
        await asyncio.sleep(min(TICK_S, max(SHORTEST_TICK_S, left_s)))
        columns = live.new_columns()
        sent = len(stream.sent_ns)
        nearly_over = sent >= stream.packets - DECIDE_BEFORE_S / INTERVAL_S
        if nearly_over and _is_near(live.settled, live.times_ms, schedule.lengthen):
            longest = round(schedule.longest_s / INTERVAL_S)
            stream.packets = min(longest, stream.packets + round(LENGTHEN_S / INTERVAL_S))
        text = _("{done} of {planned} packets").format(done=sent, planned=stream.packets)
        context.progress(min(0.98, sent / stream.packets), text, columns)


def _settle_s(tried: PathAttempts) -> float:
    greeted_s = tried.greetings[-1].duration_s if tried.greetings else 0.0
    return min(STRAGGLERS_AT_MOST_S, max(SETTLED_S, SETTLED_GREETINGS * greeted_s))


class _Live:
    """What is known while packets still fly. Looks at each packet and answer once: while time
    is kept, this process must stay quiet.

    Attributes:
        settled: packets old enough that an answer would be back.
        times_ms: round trip by packet.
    """

    def __init__(self, stream: MediaStream, settle_s: float) -> None:
        self.settled = 0
        self.times_ms: dict[int, float] = {}
        self._stream = stream
        self._settle_s = settle_s
        self._answers_seen = 0
        self._shown = 0
        self._level_ms = 0.0

    def new_columns(self) -> tuple[ChartColumn, ...]:
        """Take in what has come, and return the columns that were settled since the last time."""
        stream = self._stream
        answers = stream.answers[self._answers_seen :]
        self._answers_seen += len(answers)
        for answer in answers:
            self.times_ms.setdefault(answer.sequence, round_trip_ms(answer, stream.sent_ns))
        cut_ns = time.perf_counter_ns() - self._settle_s * 1e9
        while self.settled < len(stream.sent_ns) and stream.sent_ns[self.settled] <= cut_ns:
            self.settled += 1
        if self.settled == 0:
            return ()
        start_ns = stream.sent_ns[0]
        end = int((stream.sent_ns[self.settled - 1] - start_ns) / 1e9 / COLUMN_S)
        moments = ((stream.sent_ns[s] - start_ns) / 1e9 for s in range(self._shown, self.settled))
        packets = enumerate(moments, start=self._shown)
        columns = columns_of(packets, self.times_ms, end=end, level_ms=self._level_ms)
        if columns:
            self._level_ms = columns[-1].median
            end_ns = start_ns + end * COLUMN_S * 1e9
            while stream.sent_ns[self._shown] < end_ns:
                self._shown += 1
        return columns


async def _wait_for_stragglers(stream: MediaStream) -> None:
    """Three round trips of the slowest packet, but no longer than needed."""
    longest_s = max(_times(stream).values(), default=0.0) * 3 / 1000
    wait_s = min(STRAGGLERS_AT_MOST_S, max(STRAGGLERS_AT_LEAST_S, longest_s))
    for _step in range(round(wait_s / STRAGGLER_STEP_S)):
        if len({answer.sequence for answer in stream.answers}) == len(stream.sent_ns):
            return
        await asyncio.sleep(STRAGGLER_STEP_S)


def _times(stream: MediaStream) -> dict[int, float]:
    """Round trip in ms by packet, in order of arrival."""
    return {
        answer.sequence: round_trip_ms(answer, stream.sent_ns)
        for answer in first_answers(stream.answers)
    }


def _is_near(settled: int, times_ms: dict[int, float], near: LengthenNear) -> bool:
    """Whether more packets could change what a rule says."""
    if settled == 0 or not times_ms:
        return False
    times, jitter = round_trip_of(list(times_ms.values())), jitter_of(list(times_ms.values()))
    return (
        _is_loss_near(range(settled), times_ms, near)
        or (times is not None and times.median_low_ms <= near.round_trip_ms <= times.median_high_ms)
        or (jitter is not None and jitter.low_ms <= near.jitter_ms <= jitter.high_ms)
    )


def _is_loss_near(numbers: Sequence[int], times_ms: dict[int, float], near: LengthenNear) -> bool:
    missing = [number not in times_ms for number in numbers]
    runs = sum(here and not before for before, here in pairwise([False, *missing]))
    low, high = clustered_interval(sum(missing), runs, len(missing))
    return low <= near.loss_share <= high


def _is_near_without_worst(
    stream: BeaconStream, settled: int, times_ms: dict[int, float], near: LengthenNear
) -> bool:
    """Whether the others need more packets, should the worst location be left out as its own."""
    places = len(set(stream.place_of))
    lost = [0] * places
    for number in range(settled):
        lost[stream.place_of[stream.flow_of[number]]] += number not in times_ms
    if places < 2 or not any(lost):
        return False
    worst = lost.index(max(lost))
    rest = [n for n in range(settled) if stream.place_of[stream.flow_of[n]] != worst]
    return bool(rest) and _is_loss_near(rest, times_ms, near)


def _figures(
    stream: MediaStream, path: MediaPath, size: int, started_s: float, load: _Load
) -> MediaFigures:
    answers: list[ReflectedPacket] = list(stream.answers)
    tried, unsent = len(stream.sent_ns), frozenset(stream.unsent)
    sent_s = [(moment_ns - stream.sent_ns[0]) / 1e9 for moment_ns in stream.sent_ns]
    times_ms = _times(stream)
    packets = [(sequence, at) for sequence, at in enumerate(sent_s) if sequence not in unsent]
    return MediaFigures(
        started_s=started_s,
        duration_s=sent_s[-1] if sent_s else 0.0,
        interval_ms=INTERVAL_S * 1000,
        payload_bytes=size,
        counted=count(tried, answers, path.greeting, unsent, stream.closing),
        round_trip=round_trip_of(list(times_ms.values())),
        jitter=directions(answers, stream.sent_ns, stream.offset_ns),
        machine=_machine(stream, load),
        columns=columns_of(packets, times_ms, end=tried),
        refused=stream.refused,
        strays=stream.strays,
    )


def _machine(stream: MediaStream | BeaconStream, load: _Load) -> TimingQuality:
    busy_share, own_share = load.shares()
    return TimingQuality(
        busy_share=round(busy_share, 3),
        own_share=round(own_share, 3),
        send_late_p95_ms=p95_ms(stream.late_ns),
        send_late_max_ms=max(stream.late_ns, default=0) / 1e6,
        lag_p95_ms=p95_ms(stream.waited_ns or stream.late_ns),
        kernel_times=bool(stream.waited_ns),
        stalls=stream.stalls,
        unsent=len(stream.unsent),
        send_failure=stream.send_failure,
        overflowed=stream.overflowed,
    )


def p95_ms(times_ns: Sequence[int]) -> float:
    """The 95 % quantile of nanoseconds in ms; 0 for none."""
    return quantile(sorted(times_ns), 0.95) / 1e6 if times_ns else 0.0


def make_media_probe(
    duration_s: float = 10.0,
    longest_s: float = 60.0,
    *,
    hops: bool = True,
    await_quiet: bool = True,
    doubts_silence: bool = True,
    as_counted: bool = False,
) -> Probe[MediaEvidence]:
    """The media probe with another length, for watches, demos and tests; its name stays "media"."""
    schedule = Schedule(
        duration_s=duration_s,
        longest_s=max(duration_s, longest_s),
        hops=hops,
        await_quiet=await_quiet,
        doubts_silence=doubts_silence,
        as_counted=as_counted,
    )

    def look(context: ProbeContext) -> Awaitable[MediaEvidence]:
        return gather(context, schedule)

    return Probe(
        name="media",
        title=N_("Sending voice packets and counting what comes back"),
        evidence=MediaEvidence,
        phase=Phase.MEDIA,
        typical_s=duration_s + 1,
        deadline_s=longest_s + 25,
        shares_line=True,
        gather=look,
    )


MEDIA = make_media_probe(as_counted=True)
