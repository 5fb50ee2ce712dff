"""The media probe without a far end of one's own: public beacons, whole run to verdict."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import structs
from servers.udp_lab import make_context, reflecting, run

from natwizard.checks.base import EvidenceMissing, Inputs
from natwizard.checks.quality_bandwidth import QUALITY_BANDWIDTH
from natwizard.checks.quality_jitter import QUALITY_JITTER
from natwizard.checks.quality_latency import QUALITY_LATENCY
from natwizard.checks.quality_loss import QUALITY_LOSS
from natwizard.checks.shared.far_end import judge_by_far_end
from natwizard.model.finding import FarEnd, Judgement, Status
from natwizard.model.outcome import Failure, FailureCode, Gathered, Missed
from natwizard.model.profile import PublicServer, PublicUse, Targets
from natwizard.probes.media.calls import CALLS
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import (
    MEDIA,
    MediaEvidence,
    Schedule,
    TimingQuality,
    gather,
)
from natwizard.probes.stun.binding import STUN
from natwizard.reflector.beacon import Beacon, serving_beacons

PLACES = ("Ireland", "London", "Frankfurt", "Virginia", "Sydney", "Oregon")
SHORT = Schedule(duration_s=3.0, longest_s=3.0, hops=False)
QUALITY = (QUALITY_LATENCY, QUALITY_JITTER, QUALITY_LOSS, QUALITY_BANDWIDTH)


def servers(targets: tuple[str, ...]) -> tuple[PublicServer, ...]:
    return tuple(
        PublicServer(
            use=PublicUse.MEDIA_BEACON,
            address=target,
            place=place,
            operator="Example",
            source="https://example.com/",
            read_on="2026-11-29",
        )
        for target, place in zip(targets, PLACES, strict=False)
    )


def measure(*beacons: Beacon) -> MediaEvidence:
    with serving_beacons(*beacons) as targets:
        context = replace(make_context(Targets()), public=servers(targets))
        return run(gather(context, SHORT))


CALM = TimingQuality(
    send_late_p95_ms=0.1, send_late_max_ms=1, lag_p95_ms=0.1, kernel_times=True, stalls=0
)
"""However busy the machine that runs these tests: that figures are void then is tried elsewhere."""


def judged(evidence: MediaEvidence) -> dict[str, Judgement]:
    if evidence.figures is not None:
        evidence = structs.replace(
            evidence, figures=structs.replace(evidence.figures, machine=CALM)
        )
    unset = Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.media")
    outcomes = {MEDIA.name: Gathered(evidence=evidence), CALLS.name: Missed(failure=unset)}
    found = {}
    for check in QUALITY:
        found[check.name] = judge_by_far_end(check.name, check.bind({}), Inputs(outcomes=outcomes))
    return found


def near(**behaviour: object) -> Beacon:
    return Beacon(**behaviour)  # type: ignore[arg-type]


def far(after_s: float, **behaviour: object) -> Beacon:
    """Further away, so that the order of locations is that of the arguments."""
    return Beacon(delay_s=lambda _number: after_s, **behaviour)  # type: ignore[arg-type]


def loses(every: int) -> Callable[[int], bool]:
    """Of the stream only: the first packet is the greeting."""
    return lambda number: number == 0 or number % every != 0


def test_a_healthy_line_passes_and_says_to_whom_it_was_measured() -> None:
    evidence = measure(near(), far(0.004), far(0.008), far(0.1))
    assert evidence.far_end is FarEnd.PUBLIC
    assert evidence.figures is not None
    assert evidence.figures.counted.received == evidence.figures.counted.sent > 100
    places = [each.place for each in evidence.beacons]
    assert len(places) == 3
    for name, told in judged(evidence).items():
        if name in {"quality.loss", "quality.bandwidth"}:  # the others depend on this computer
            assert told.status in {Status.PASS, Status.BORDERLINE}, (name, told)
        assert told.far_end is FarEnd.PUBLIC
        assert "to public servers" in told.observed
        assert any(", ".join(places) in detail.text for detail in told.details)


def test_the_round_trip_is_that_of_the_nearest_location() -> None:
    evidence = measure(near(), far(0.15), far(0.2))
    assert evidence.figures is not None
    assert evidence.figures.round_trip is not None
    own = [each.round_trip for each in evidence.beacons]
    assert evidence.figures.round_trip == own[0]
    assert own[1] is not None
    assert own[1].lowest_ms >= 150 > evidence.figures.round_trip.lowest_ms


def test_a_set_target_replaces_the_beacons() -> None:
    async def both() -> MediaEvidence:
        async with reflecting() as (_reflector, ports):
            targets = Targets(media=f"127.0.0.1:{ports[0]}")
            context = replace(make_context(targets), public=servers(("127.0.0.1:9",)))
            return await gather(context, Schedule(duration_s=0.5, longest_s=0.5, hops=False))

    evidence = run(both())
    assert evidence.far_end is FarEnd.OWN
    assert evidence.beacons == ()


def test_loss_of_one_location_is_its_own() -> None:
    told = judged(measure(near(), far(0.004), far(0.008, answers=loses(3))))["quality.loss"]
    assert told.status in {Status.PASS, Status.BORDERLINE}
    assert any("Frankfurt" in detail.text for detail in told.details)


def test_loss_at_two_locations_is_the_lines() -> None:
    told = judged(
        measure(near(answers=loses(4)), far(0.004, answers=loses(5)), far(0.008, answers=loses(6)))
    )["quality.loss"]
    assert told.status is Status.FAIL


def test_loss_on_one_socket_of_24_is_one_of_several_paths() -> None:
    told = judged(measure(near(answers_flow=lambda flow: flow != 3), far(0.004), far(0.008)))[
        "quality.loss"
    ]
    assert told.status is Status.WARN
    assert told.summary == "One of several ways out of this network loses voice packets."


def test_a_location_that_dies_is_no_loss_of_the_line() -> None:
    told = judged(measure(near(dies_after=15), far(0.004), far(0.008)))["quality.loss"]
    assert told.status is not Status.FAIL


def test_answers_that_break_off_at_a_limit_read_as_busy() -> None:
    """In small, what more than 60 desks behind one address see: the first ones of each second."""
    told = judged(
        measure(
            near(limit_an_address=13),
            far(0.004, limit_an_address=13),
            far(0.008, limit_an_address=13),
        )
    )["quality.loss"]
    assert told.status is Status.UNKNOWN
    assert told.summary == "The public test servers were busy."


@pytest.mark.parametrize("dead", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)])
def test_dead_locations_are_left_out(dead: tuple[int, ...]) -> None:
    beacons = [far(0.004 * place, answers=lambda _n, place=place: place not in dead)
               for place in range(4)]  # fmt: skip
    evidence = measure(*beacons)
    assert len(evidence.beacons) == min(3, 4 - len(dead))
    told = judged(evidence)
    assert told["quality.loss"].status in {Status.PASS, Status.BORDERLINE}
    assert told["quality.bandwidth"].status is Status.PASS


def test_silence_of_all_is_never_a_problem() -> None:
    evidence = measure(*(near(answers=lambda _number: False) for _each in range(3)))
    assert evidence.figures is None
    unset = Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.stun")
    outcomes = {MEDIA.name: Gathered(evidence=evidence), STUN.name: Missed(failure=unset)}
    told = judge_by_far_end(QUALITY_LOSS.name, QUALITY_LOSS.bind({}), Inputs(outcomes=outcomes))
    assert told.status is Status.UNKNOWN
    assert told.summary == "No public test server answered voice packets."
    assert told.remedy is not None
    assert "only for the service" in told.remedy.text


def test_a_long_way_to_the_nearest_location_is_advice_with_the_distance() -> None:
    told = judged(measure(far(0.15), far(0.16), far(0.17)))["quality.latency"]
    assert told.status is Status.WARN
    assert told.remedy is not None
    assert "Ireland" in told.remedy.request


def test_garbage_is_no_evidence() -> None:
    garbled = [
        far(0.004 * place, body=lambda body: body if len(body) < 20 else body[::-1])
        for place in range(3)
    ]
    with pytest.raises(EvidenceMissing):
        judged(measure(*garbled))


def test_one_location_is_enough_and_the_routers_on_the_way_to_it_are_looked_for() -> None:
    """There are none within a computer."""
    with serving_beacons(Beacon()) as targets:
        context = replace(make_context(Targets()), public=servers(targets))
        evidence = run(gather(context, Schedule(duration_s=0.4, longest_s=0.4)))
    assert evidence.hops == PathRouters()
    assert [each.place for each in evidence.beacons] == ["Ireland"]
    assert evidence.figures is not None
    assert evidence.figures.interval_ms == 20.0
    assert evidence.figures.payload_bytes == 250
    assert evidence.figures.counted.sent <= 20
