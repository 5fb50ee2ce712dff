"""Sixty desks and more behind one address, against the documented limits, in virtual time.

The packets are sent when the real stream would send them, to beacons that hold the real limits of
1,000 packets a second an address; what came of one desk is judged by the real rules.
"""

import heapq
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from natwizard.checks.base import Inputs
from natwizard.checks.quality_bandwidth import QUALITY_BANDWIDTH
from natwizard.checks.quality_loss import QUALITY_LOSS
from natwizard.checks.shared.far_end import judge_by_far_end
from natwizard.model.finding import FarEnd, Judgement, Status
from natwizard.model.outcome import Attempt, Failure, FailureCode, Gathered, Missed
from natwizard.probes.media.beacon_figures import (
    counted_of,
    figures_by_location,
    nearest_round_trip,
)
from natwizard.probes.media.beacons import (
    INTERVAL_S,
    LOCATIONS,
    PAYLOAD_BYTES,
    SOCKETS,
    BeaconPath,
    BeaconReply,
    BeaconStream,
    relative_round_trips_ms,
)
from natwizard.probes.media.calls import CALLS
from natwizard.probes.media.figures import Directions, jitter_of
from natwizard.probes.media.path import PathAttempts
from natwizard.probes.media.stream import MEDIA, MediaEvidence, MediaFigures, TimingQuality
from natwizard.probes.network import Endpoint
from natwizard.reflector.beacon import Beacon

SECONDS = 10.0
ROUND_TRIPS_S = (0.012, 0.018, 0.021)
OFFICE = "203.0.113.7"
BODY = bytes(PAYLOAD_BYTES)
WATCHED = 8
"""Desks that are judged: those that begin first, in the middle, and last among them."""

CALM = TimingQuality(
    send_late_p95_ms=0.1, send_late_max_ms=1, lag_p95_ms=0.1, kernel_times=True, stalls=0
)


def bound() -> socket.socket:
    """On a port of its own, as a connected one is; Windows tells no port before that."""
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    return datagrams


@contextmanager
def streams(number: int) -> Iterator[list[tuple[BeaconStream, tuple[BeaconPath, ...]]]]:
    """Streams that are never started: what they would send and get is filled in here."""
    with ExitStack() as opened:
        made = []
        for _desk in range(number):
            paths = tuple(
                BeaconPath(
                    target=f"beacon-{place}.example.com:7770",
                    endpoint=Endpoint(family=socket.AF_INET, address="192.0.2.1", port=7770),
                    greeting_ms=ROUND_TRIPS_S[place] * 1000,
                    sockets=tuple(
                        opened.enter_context(bound()) for _each in range(SOCKETS // LOCATIONS)
                    ),
                )
                for place in range(LOCATIONS)
            )
            made.append((BeaconStream(paths, slots=round(SECONDS / INTERVAL_S)), paths))
        yield made


def office(desks: int, starts_within_s: float) -> list[MediaEvidence]:
    """All desks send for ten seconds; evidence of some."""
    drawn = random.Random(desks)
    beacons = [Beacon() for _each in range(LOCATIONS)]
    starts = sorted(1.0 + drawn.uniform(0.0, starts_within_s) for _desk in range(desks))
    watched = {round(each * (desks - 1) / (WATCHED - 1)) for each in range(WATCHED)}
    with streams(len(watched)) as made:
        seen = dict(zip(sorted(watched), made, strict=True))
        due = [(start, desk, 0) for desk, start in enumerate(starts)]
        heapq.heapify(due)
        while due:
            now, desk, slot = heapq.heappop(due)
            flow, place = slot % SOCKETS, slot % LOCATIONS
            source = (OFFICE, 1024 + desk * SOCKETS + flow)
            answer = beacons[place].answer_to(BODY, source, now)
            if desk in seen:
                stream = seen[desk][0]
                stream.sent_ns.append(round(now * 1e9))
                stream.flow_of.append(flow)
                if answer is not None:
                    arrived_ns = round((now + ROUND_TRIPS_S[place]) * 1e9)
                    stream.replies.append(BeaconReply(slot, arrived_ns))
            if slot + 1 < round(SECONDS / INTERVAL_S):
                heapq.heappush(due, (starts[desk] + (slot + 1) * INTERVAL_S, desk, slot + 1))
        return [evidence_of(stream, paths) for stream, paths in made]


def evidence_of(stream: BeaconStream, paths: tuple[BeaconPath, ...]) -> MediaEvidence:
    places = dict(zip((each.target for each in paths), ("London", "Ireland", "Frankfurt"),
                      strict=True))  # fmt: skip
    locations = figures_by_location(stream, paths, places)
    sent = len(stream.sent_ns)
    figures = MediaFigures(
        started_s=0.0,
        duration_s=(stream.sent_ns[-1] - stream.sent_ns[0]) / 1e9,
        interval_ms=INTERVAL_S * 1000,
        payload_bytes=PAYLOAD_BYTES,
        counted=counted_of(stream, range(sent)),
        round_trip=nearest_round_trip(locations),
        jitter=Directions(round_trip=jitter_of(relative_round_trips_ms(stream))),
        machine=CALM,
        columns=(),
    )
    lookup: Attempt[tuple[Endpoint, ...]] = Attempt(
        operation="look_up", target="x", started_s=0.0, duration_s=0.0, value=(paths[0].endpoint,)
    )
    return MediaEvidence(
        path=PathAttempts(target="x", lookup=lookup),
        figures=figures,
        far_end=FarEnd.PUBLIC,
        beacons=locations,
    )


def judged(evidence: MediaEvidence) -> list[Judgement]:
    unset = Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.media")
    outcomes = {MEDIA.name: Gathered(evidence=evidence), CALLS.name: Missed(failure=unset)}
    return [
        judge_by_far_end(check.name, check.bind({}), Inputs(outcomes=outcomes))
        for check in (QUALITY_LOSS, QUALITY_BANDWIDTH)
    ]


def lost_share(evidence: MediaEvidence) -> float:
    assert evidence.figures is not None
    counted = evidence.figures.counted
    return 1 - counted.received / counted.sent


def test_a_desk_alone_and_fifty_together_are_within_the_limits() -> None:
    for desks in (8, 50):
        for evidence in office(desks, starts_within_s=1.0):
            assert lost_share(evidence) == 0.0
            assert judged(evidence)[0].status is Status.PASS


@pytest.mark.parametrize("desks", [60, 61, 80, 500])
@pytest.mark.parametrize("starts_within_s", [0.0, 1.0])
def test_what_the_limit_takes_is_never_told_as_the_lines_loss(
    desks: int, starts_within_s: float
) -> None:
    for evidence in office(desks, starts_within_s):
        for told in judged(evidence):
            assert told.status is not Status.FAIL, (lost_share(evidence), told)


@pytest.mark.parametrize("starts_within_s", [0.0, 1.0])
def test_five_hundred_desks_at_once_read_as_busy_servers(starts_within_s: float) -> None:
    offices = office(500, starts_within_s)
    assert max(map(lost_share, offices)) > 0.5, "the limit was met"
    for evidence in offices:
        if lost_share(evidence) > 0.05:
            loss = judged(evidence)[0]
            assert loss.status is Status.UNKNOWN, (lost_share(evidence), loss)
            assert loss.summary == "The public test servers were busy."


def test_five_hundred_silent_runs_spread_over_five_minutes_stay_within_the_limits() -> None:
    """As `check --quiet` begins where a site starts them all at the same minute."""
    for evidence in office(500, starts_within_s=300.0):
        assert lost_share(evidence) == 0.0


def test_a_line_that_loses_at_any_time_is_not_taken_for_a_limit() -> None:
    """The other side: losses by chance, few or most, keep to no part of a second."""
    for share in (0.1, 0.3, 0.6, 0.9):
        drawn = random.Random(7)
        with streams(1) as ((stream, paths),):
            for slot in range(round(SECONDS / INTERVAL_S)):
                now_ns = round((1.0 + slot * INTERVAL_S) * 1e9)
                stream.sent_ns.append(now_ns)
                stream.flow_of.append(slot % SOCKETS)
                if drawn.random() > share:
                    place = slot % LOCATIONS
                    arrived_ns = now_ns + round(ROUND_TRIPS_S[place] * 1e9)
                    stream.replies.append(BeaconReply(slot, arrived_ns))
            loss = judged(evidence_of(stream, paths))[0]
        assert loss.status is Status.FAIL, (share, loss)
