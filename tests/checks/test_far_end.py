"""What measurements to strangers may claim: tables over figures that no computer spoils."""

from collections.abc import Sequence

import pytest
from cases.udp_cases import case, figures, jitter, path
from msgspec import structs

from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_bandwidth import QUALITY_BANDWIDTH
from natwizard.checks.quality_jitter import QUALITY_JITTER
from natwizard.checks.quality_latency import QUALITY_LATENCY
from natwizard.checks.quality_loss import QUALITY_LOSS
from natwizard.checks.shared.far_end import _together, broken_sockets, judge_by_far_end, was_busy
from natwizard.model.finding import FarEnd, Judgement, Status
from natwizard.model.outcome import Failure, FailureCode, Missed
from natwizard.probes.media.beacon_figures import BeaconFigures
from natwizard.probes.media.beacons import BeaconLocation, BeaconSocket
from natwizard.probes.media.figures import Directions
from natwizard.probes.media.router_probe import PathRouter, PathRouters
from natwizard.probes.media.stream import MediaEvidence

CALLS_UNSET = Missed(
    failure=Failure(code=FailureCode.NO_TARGET, operation="read_profile", detail="targets.media")
)
SENT_A_SOCKET = 26
"""12.5 s: a stream goes on so long where one of three locations may have to be left out."""


def location(
    place: str,
    *,
    lost: int = 0,
    on_sockets: int = 8,
    jitter_ms: float = 2.0,
    median_ms: float = 20.0,
    phase: float = 0.1,
    silence_s: float = 0.5,
) -> BeaconFigures:
    """One location whose losses are spread evenly over so many of its eight sockets."""
    losses = [lost // on_sockets + (number < lost % on_sockets) for number in range(on_sockets)]
    losses += [0] * (8 - on_sockets)
    seen = figures(median_ms=median_ms, sent=8 * SENT_A_SOCKET, lost=lost)
    return BeaconFigures(
        place=place,
        location=BeaconLocation(
            target=f"{place.lower()}.example.com:7770",
            endpoint="192.0.2.1:7770",
            greeting_ms=median_ms,
            sockets=tuple(
                BeaconSocket(local_port=4000 + n, sent=SENT_A_SOCKET, received=SENT_A_SOCKET - each)
                for n, each in enumerate(losses)
            ),
            longest_silence_s=silence_s,
        ),
        counted=structs.replace(seen.counted, gaps=lost),
        round_trip=seen.round_trip,
        jitter=jitter(jitter_ms),
        lost_phase=phase,
    )


def routers(*, gateway: int, public: int, sent: int = 60) -> PathRouters:
    """Both routers answer; each lost so many of its packets."""
    return PathRouters(
        gateway=PathRouter(
            number=1, address="192.168.1.1", sent=sent, times_ms=(1.0,) * (sent - gateway)
        ),
        public=PathRouter(
            number=2, address="198.51.100.1", sent=sent, times_ms=(5.0,) * (sent - public)
        ),
    )


def evidence(locations: Sequence[BeaconFigures], hops: PathRouters | None = None) -> MediaEvidence:
    lost = sum(each.counted.sent - each.counted.received for each in locations)
    sent = sum(each.counted.sent for each in locations)
    worst = max(each.jitter.mean_ms for each in locations if each.jitter is not None)
    times = [each.round_trip for each in locations if each.round_trip is not None]
    nearest = min(times, key=lambda each: each.median_ms)
    whole = figures(median_ms=nearest.median_ms, sent=sent, lost=lost)
    whole = structs.replace(whole, round_trip=nearest)
    return MediaEvidence(
        path=path(),
        figures=structs.replace(whole, jitter=Directions(round_trip=jitter(worst))),
        hops=hops,
        far_end=FarEnd.PUBLIC,
        beacons=tuple(locations),
    )


def judged(check: object, seen: MediaEvidence, *, calls: int = 1) -> Judgement:
    name = check.name  # type: ignore[attr-defined]
    inputs = case({"media": seen, "calls": CALLS_UNSET}, calls=calls)
    return judge_by_far_end(name, check.bind({}), inputs)  # type: ignore[attr-defined]


CLEAN = location("London"), location("Frankfurt")


@pytest.mark.parametrize(
    ("seen", "status", "summary"),
    [
        (evidence([location("Ireland"), *CLEAN]), Status.PASS, "Voice packets arrive."),
        # one location is its own trouble, whichever it is
        (evidence([location("Ireland", lost=60), *CLEAN]), Status.PASS, "Voice packets arrive."),
        (evidence([*CLEAN, location("Ireland", lost=160)]), Status.PASS, "Voice packets arrive."),
        # two agree
        (
            evidence([location("A", lost=20), location("B", lost=22), location("C", lost=1)]),
            Status.FAIL,
            "Parts of what you say would be lost.",
        ),
        # one alone, and a router on the way agrees
        (
            evidence([location("A", lost=20)], routers(gateway=8, public=8)),
            Status.FAIL,
            "Parts of what you say would be lost.",
        ),
        (
            evidence([location("A", lost=20)]),
            Status.WARN,
            "One public test server saw trouble; nothing else confirms it.",
        ),
        # the routers on the way show none of it: beyond them, strangers and limits begin
        (
            evidence(
                [location("A", lost=40), location("B", lost=40), location("C", lost=40)],
                routers(gateway=0, public=0),
            ),
            Status.WARN,
            "Voice packets get lost beyond your internet provider's first router.",
        ),
        *(
            (
                evidence([location("A", lost=20 * paths, on_sockets=paths), *CLEAN]),
                Status.WARN,
                "One of several ways out of this network loses voice packets.",
            )
            for paths in (1, 2, 3)
        ),
        (
            evidence([location(place, lost=20, phase=0.95) for place in "ABC"]),
            Status.UNKNOWN,
            "The public test servers were busy.",
        ),
        (
            evidence([location(place, lost=150, phase=0.95) for place in "ABC"]),
            Status.UNKNOWN,
            "The public test servers were busy.",
        ),
    ],
)
def test_loss_needs_two_witnesses(seen: MediaEvidence, status: Status, summary: str) -> None:
    told = judged(QUALITY_LOSS, seen)
    assert (told.status, told.summary) == (status, summary)
    assert told.far_end is FarEnd.PUBLIC
    assert told.observed.endswith("to public servers")
    assert any("not the service" in detail.text for detail in told.details)


@pytest.mark.parametrize(
    ("jitters_ms", "status"),
    [
        ((2.0, 2.0, 2.0), Status.PASS),
        ((2.0, 2.0, 60.0), Status.PASS),
        ((40.0, 45.0, 2.0), Status.FAIL),
        ((40.0, 42.0, 45.0), Status.FAIL),
        ((40.0,), Status.WARN),
    ],
)
def test_jitter_needs_two_witnesses(jitters_ms: tuple[float, ...], status: Status) -> None:
    places = [location(place, jitter_ms=ms) for place, ms in zip("ABC", jitters_ms, strict=False)]
    assert judged(QUALITY_JITTER, evidence(places)).status is status


@pytest.mark.parametrize(("median_ms", "status"), [(20.0, Status.PASS), (240.0, Status.WARN)])
def test_a_long_way_is_never_a_problem(median_ms: float, status: Status) -> None:
    seen = evidence([location("Sydney", median_ms=median_ms), location("Oregon", median_ms=300)])
    told = judged(QUALITY_LATENCY, seen)
    assert told.status is status
    if told.remedy is not None:
        assert "The round trip to Sydney takes 240\u00a0ms" in told.remedy.request


@pytest.mark.parametrize(
    ("lowest_ms", "status", "remedy"),
    [
        # packets wait on this line, whoever is asked
        ((20.0, 60.0), Status.FAIL, "Use a cable, stop what else uses the line, then run again."),
        ((20.0, 269.0), Status.WARN, "Set up a test server of your own to be sure."),
        ((239.0, 269.0), Status.WARN, "Ask whether traffic takes a detour (VPN, proxy)."),
    ],
)
def test_packets_that_wait_make_no_server_far_away(
    lowest_ms: tuple[float, ...], status: Status, remedy: str
) -> None:
    locations = []
    for place, median_ms, lowest in zip("AB", (240.0, 270.0), lowest_ms, strict=True):
        found = location(place, median_ms=median_ms)
        assert found.round_trip is not None
        round_trip = structs.replace(found.round_trip, lowest_ms=lowest)
        locations.append(structs.replace(found, round_trip=round_trip))
    told = judged(QUALITY_LATENCY, evidence(locations))
    assert told.status is status
    assert told.remedy is not None
    assert told.remedy.text == remedy


@pytest.mark.parametrize(
    ("calls", "lost", "status"),
    [(1, 0, Status.PASS), (5, 0, Status.NOT_SET_UP), (1, 60, Status.WARN)],
)
def test_one_call_is_in_the_stream_and_more_are_not(calls: int, lost: int, status: Status) -> None:
    seen = evidence([location(place, lost=lost) for place in "ABC"])
    told = judged(QUALITY_BANDWIDTH, seen, calls=calls)
    assert told.status is status
    assert "69\u00a0kbit/s each way" in told.observed  # 172 bytes every 20 ms


@pytest.mark.parametrize(
    ("silences_s", "busy"),
    [
        # half of the stream, while another location went on
        ((6.25, None), True),
        ((6.2, None), False),
        ((6.25, 6.25, None), True),
        ((6.25, 0.5, None), False),
        # all at once is the line
        ((6.25, 6.25), False),
        ((None, None), False),
    ],
)
def test_a_location_that_stops_for_good_is_busy_where_others_go_on(
    silences_s: tuple[float | None, ...], busy: bool
) -> None:
    locations = tuple(
        location(f"L{number}") if silence_s is None
        else location(f"L{number}", lost=104, silence_s=silence_s)
        for number, silence_s in enumerate(silences_s)
    )  # fmt: skip
    assert was_busy(locations, 12.5) is busy


def test_silence_is_told_with_what_may_be_right_about_it() -> None:
    silent = MediaEvidence(path=path(FailureCode.TIMED_OUT), far_end=FarEnd.PUBLIC)
    told = judged(QUALITY_LOSS, silent)
    assert told.status is Status.UNKNOWN
    assert told.remedy is not None
    assert "only for the service" in told.remedy.text


def test_a_far_end_of_ones_own_decides() -> None:
    own = MediaEvidence(path=path(), figures=figures(lost=60))
    told = judged(QUALITY_LOSS, own)
    assert (told.status, told.far_end) == (Status.FAIL, FarEnd.OWN)


def test_no_location_at_all_has_lost_nothing() -> None:
    counted = _together(())
    assert (counted.sent, counted.received, counted.longest_gap, counted.gaps) == (0, 0, 0, 0)


def test_single_paths_are_broken_only_where_they_hold_nearly_all_losses() -> None:
    """One of 24 sockets lost 13 of its 26 packets; the others lost more, a few each."""

    def scattered(lost_elsewhere: int) -> tuple[BeaconFigures, ...]:
        one = location("A", lost=13, on_sockets=1)
        return one, location("B", lost=lost_elsewhere), location("C")

    assert broken_sockets(scattered(0)) == 1
    assert broken_sockets(scattered(1)) == 1  # 13 of 14
    assert broken_sockets(scattered(2)) == 0  # 13 of 15 is less than nine of ten
    nine_of_ten = location("A", lost=18, on_sockets=1), location("B", lost=2), location("C")
    assert broken_sockets(nine_of_ten) == 1
    # less than half of what took it: a socket that lost some packets is no broken path
    assert broken_sockets((location("A", lost=12, on_sockets=1), *CLEAN)) == 0


@pytest.mark.parametrize("others", [CLEAN[:1], CLEAN])
def test_what_one_location_loses_alone_is_no_loss_of_the_line(
    others: tuple[BeaconFigures, ...],
) -> None:
    told = judged(QUALITY_LOSS, evidence([location("Ireland", lost=60), *others]))
    # few packets to one other location leave the figure close to its limit
    assert told.status in {Status.PASS, Status.BORDERLINE}
    assert "Not counted" in [each.label for each in told.details]


def test_a_location_that_is_left_out_is_told_by_its_place() -> None:
    told = judged(QUALITY_LOSS, evidence([location("Ireland", lost=60), *CLEAN]))
    aside = [each.text for each in told.details if each.label == "Not counted"]
    assert len(aside) == 1
    assert aside[0].startswith("Ireland")
    assert "60 of 208 packets lost" in aside[0]


def test_what_a_busy_server_left_out_does_not_spoil_a_pass() -> None:
    stopped = location("A", lost=1, silence_s=12.0)
    assert judged(QUALITY_LOSS, evidence([stopped, *CLEAN])).status is Status.PASS


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("far_end", [None, FarEnd.PUBLIC])
def test_what_was_measured_of_the_service_is_told_as_the_services(
    status: Status, far_end: FarEnd | None
) -> None:
    said = Judgement(status=status, summary="So it is.", observed="", expected="", far_end=far_end)
    measured = status in {Status.PASS, Status.BORDERLINE, Status.WARN, Status.FAIL}
    for check in ("udp.stun", "udp.range", "port.webphone", "websocket.open", "port.sip"):
        told = judge_by_far_end(check, lambda _: said, case({}))
        assert told.far_end is (FarEnd.SERVICE if measured and far_end is None else far_end)
    assert judge_by_far_end("computer.ram", lambda _: said, case({})) is said


@pytest.mark.parametrize(
    ("phases", "busy"),
    [
        # of one location: nearly all at one phase of each second
        (((5, 0.8),), True),
        (((5, 0.799),), False),
        (((4, 1.0),), False),  # of so few, chance does that too
        # of many packets, less will do: 57 * 0.65 squared is 24.08
        (((57, 0.65),), True),
        (((56, 0.65),), False),
        (((57, 0.649),), False),
        (((29, 0.65), (28, 0.65)), True),
        (((28, 0.65), (28, 0.65)), False),
        # the few that came are as telling as the few that did not
        (((208 - 57, 0.65),), True),
        (((208 - 56, 0.65),), False),
        # 6 * 2 squared is 24, to the last bit
        (((6, 2.0),), True),
        # one that loses by chance, and is counted, shows that it is no limit
        (((20, 0.9), (5, 0.1)), False),
        (((20, 0.9), (4, 0.1)), True),
    ],
)
def test_a_limit_of_packets_a_second_is_told_by_its_phase(
    phases: tuple[tuple[int, float], ...], *, busy: bool
) -> None:
    locations = tuple(
        location(f"L{number}", lost=lost, phase=phase)
        for number, (lost, phase) in enumerate(phases)
    )
    assert was_busy((*locations, location("Clean")), 12.5) is busy


@pytest.mark.parametrize(
    ("jitters_ms", "aside"),
    [
        ((2.0, 2.0, 9.5), 1),
        # "clearly worse" begins above twice what the others have at most, and above 5 ms
        ((2.0, 2.5, 6.51), 1),
        ((2.0, 2.5, 6.5), 0),
        ((0.5, 0.5, 5.51), 1),
        ((0.5, 0.5, 5.5), 0),
        # one of which nothing is known is neither worse nor a measure for others
        ((2.0, 2.0, None), 0),
        ((2.0, None, 40.0), 0),
    ],
)
def test_a_location_that_varies_alone_is_laid_aside(
    jitters_ms: tuple[float | None, ...], aside: int
) -> None:
    """Its spread of 0.5 ms is taken off, and that of the others added."""
    places = [
        structs.replace(location(place, jitter_ms=ms or 0.0), jitter=jitter(ms) if ms else None)
        for place, ms in zip("ABC", jitters_ms, strict=True)
    ]
    told = judged(QUALITY_JITTER, evidence(places))
    assert sum(each.label == "Not counted" for each in told.details) == aside


@pytest.mark.parametrize(
    ("jitters_ms", "status"),
    [
        ((20.6, 20.6), Status.FAIL),
        ((20.6, 19.9), Status.WARN),
        ((20.6, 20.0), Status.FAIL),
        ((20.6, None), Status.WARN),
    ],
)
def test_two_locations_at_the_limit_or_over_it_agree(
    jitters_ms: tuple[float | None, ...], status: Status
) -> None:
    places = [
        structs.replace(location(place, jitter_ms=ms or 0.0), jitter=jitter(ms) if ms else None)
        for place, ms in zip("AB", jitters_ms, strict=True)
    ]
    assert judged(QUALITY_JITTER, evidence(places)).status is status


def all_lost_but(received: int) -> MediaEvidence:
    one = location("A", lost=208 - received)
    return MediaEvidence(
        path=path(),
        figures=figures(sent=208, lost=208 - received),
        far_end=FarEnd.PUBLIC,
        beacons=(one,),
    )


@pytest.mark.parametrize(
    ("received", "summary"),
    [
        (0, "The public test servers were busy."),
        (1, "One public test server saw trouble; nothing else confirms it."),
    ],
)
def test_who_greeted_and_then_said_nothing_is_no_witness(received: int, summary: str) -> None:
    assert judged(QUALITY_LOSS, all_lost_but(received)).summary == summary


@pytest.mark.parametrize(("lost", "status"), [((15, 5), Status.FAIL), ((16, 5), Status.WARN)])
def test_a_location_bears_a_loss_out_from_half_of_its_share_on(
    lost: tuple[int, int], status: Status
) -> None:
    """5 of 208 is half of 20 of 416."""
    seen = evidence([location(place, lost=each) for place, each in zip("AB", lost, strict=True)])
    told = judged(QUALITY_LOSS, seen)
    assert told.status is status
    assert "Not counted" not in {each.label for each in told.details}


def test_a_loss_on_one_path_is_told_with_its_numbers() -> None:
    told = judged(QUALITY_LOSS, evidence([location("A", lost=20, on_sockets=1), *CLEAN]))
    assert told.remedy is not None
    assert "20 of 624 packets got lost, nearly all of them on 1 of 24 flows" in told.remedy.request


@pytest.mark.parametrize("code", [FailureCode.TIMED_OUT, FailureCode.MACHINE_BUSY])
def test_a_call_test_that_failed_is_not_made_up_for_by_strangers(code: FailureCode) -> None:
    missing = Missed(failure=Failure(code=code, operation="send_calls"))
    inputs = case({"media": evidence(CLEAN), "calls": missing})
    with pytest.raises(EvidenceMissing) as caught:
        judge_by_far_end(QUALITY_BANDWIDTH.name, QUALITY_BANDWIDTH.bind({}), inputs)
    assert caught.value.failure.code is code


@pytest.mark.parametrize(("lost", "status"), [(2, Status.PASS), (3, Status.PASS), (4, Status.WARN)])
def test_a_call_is_carried_unless_too_much_loss_is_proven(lost: int, status: Status) -> None:
    seen = evidence([location(place, lost=lost) for place in "ABC"])
    assert judged(QUALITY_BANDWIDTH, seen).status is status


@pytest.mark.parametrize(("on_sockets", "broken"), [(3, 3), (4, 0)])
def test_more_than_three_sockets_are_the_line(on_sockets: int, broken: int) -> None:
    lossy = location("A", lost=20 * on_sockets, on_sockets=on_sockets)
    assert broken_sockets((lossy, *CLEAN)) == broken


def test_where_every_socket_is_broken_it_is_no_single_path() -> None:
    whole = location("A", lost=160)
    one = structs.replace(whole.location, sockets=whole.location.sockets[:3])
    assert broken_sockets((structs.replace(whole, location=one),)) == 0
    unused = BeaconSocket(local_port=4999, sent=0, received=0)
    beside = structs.replace(one, sockets=(*one.sockets[:2], unused))
    assert broken_sockets((structs.replace(whole, location=beside),)) == 0, "it was never sent to"
