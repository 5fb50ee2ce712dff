"""Where a fault is, from evidence made by hand."""

import msgspec
import pytest
from cases.udp_cases import case, figures, jitter, media

from natwizard.checks import quality_jitter, quality_latency
from natwizard.checks.quality_jitter import JitterLimits
from natwizard.checks.quality_latency import LatencyLimits
from natwizard.checks.shared.fault_location import (
    Fault,
    fault_line,
    fault_of_delay,
    fault_of_jitter,
    fault_of_loss,
    path_stops,
)
from natwizard.model.finding import Status
from natwizard.probes.link.kind import Link, LinkKind, Radio
from natwizard.probes.link.route import LinkEvidence
from natwizard.probes.media.router_probe import PathRouter, PathRouters, is_inside

GATEWAY, PUBLIC = "192.168.1.1", "198.51.100.1"
Times = tuple[float, ...]


def hops(gateway: Times | None, public: Times | None, *, sent: int = 0) -> PathRouters:
    """Routers that answered so; None for one that was not found."""

    def hop(number: int, address: str, times: Times | None) -> PathRouter | None:
        if times is None:
            return None
        return PathRouter(
            number=number, address=address, sent=max(sent, len(times)), times_ms=times
        )

    return PathRouters(gateway=hop(1, GATEWAY, gateway), public=hop(4, PUBLIC, public))


@pytest.mark.parametrize(
    ("gateway_ms", "public_ms", "fault"),
    [
        (90, 100, Fault.BUILDING),
        (70, None, Fault.BUILDING),
        (2, 100, Fault.PROVIDER),
        (2, 12, Fault.FAR_END),
        (None, 12, Fault.FAR_END),
        (2, None, Fault.UNKNOWN),
        (None, 100, Fault.UNKNOWN),
        # half of it
        (69, None, Fault.UNKNOWN),
        (None, 70, Fault.FAR_END),
        (None, 71, Fault.UNKNOWN),
        (2, 72, Fault.PROVIDER),
        (2, 71, Fault.UNKNOWN),
        (None, None, Fault.UNKNOWN),
        (40, 80, Fault.UNKNOWN),  # a third each
        (2, 300, Fault.UNKNOWN),  # slower than the whole way: slow at answering only
        (300, 12, Fault.FAR_END),
    ],
)
def test_delay_is_laid_on_the_part_that_takes_most_of_it(
    gateway_ms: float | None, public_ms: float | None, fault: Fault
) -> None:
    found = hops(*(None if ms is None else (ms,) * 8 for ms in (gateway_ms, public_ms)))
    assert fault_of_delay(figures(median_ms=140), found) is fault


@pytest.mark.parametrize(
    ("gateway", "public", "fault"),
    [
        ((2.0, 30.0) * 5, (12.0, 40.0) * 5, Fault.BUILDING),
        ((2.0, 2.5) * 5, (12.0, 40.0) * 5, Fault.PROVIDER),
        ((2.0, 2.5) * 5, (12.0, 12.5) * 5, Fault.FAR_END),
        ((2.0, 4.0) * 5, (12.0, 14.0) * 5, Fault.UNKNOWN),
        ((2.0, 2.5) * 5, None, Fault.UNKNOWN),
        (None, (12.0, 12.5) * 5, Fault.UNKNOWN),
        # half of it, and a quarter, to the last bit
        ((2.0, 4.5) * 5, (12.0, 12.5) * 5, Fault.BUILDING),
        ((2.0, 4.375) * 5, (12.0, 12.5) * 5, Fault.UNKNOWN),
        ((2.0, 2.5) * 5, (12.0, 14.5) * 5, Fault.PROVIDER),
        ((2.0, 2.5) * 5, (12.0, 14.375) * 5, Fault.UNKNOWN),
        ((2.0, 3.25) * 5, (12.0, 13.25) * 5, Fault.FAR_END),
        ((2.0, 3.375) * 5, (12.0, 12.5) * 5, Fault.UNKNOWN),
        ((2.0, 2.5) * 5, (12.0, 13.375) * 5, Fault.UNKNOWN),
        ((2.0, 30.0) * 2, (12.0, 40.0) * 2, Fault.UNKNOWN),  # four answers are too few
    ],
)
def test_jitter_is_laid_on_the_first_part_that_spreads(
    gateway: Times | None, public: Times | None, fault: Fault
) -> None:
    # from 20 to 25 ms: a spread of 5
    assert fault_of_jitter(figures(median_ms=21), hops(gateway, public)) is fault


@pytest.mark.parametrize(
    ("lost", "gateway", "public", "fault"),
    [
        (150, 7, 7, Fault.BUILDING),
        (150, 10, 7, Fault.PROVIDER),
        (150, 10, 10, Fault.FAR_END),
        (150, 9, 10, Fault.UNKNOWN),  # one lost is chance
        (10, 10, 10, Fault.UNKNOWN),  # 2 % would not show in ten packets
        (10, 5, 10, Fault.UNKNOWN),  # it rations its answers
        (150, 10, None, Fault.UNKNOWN),
        (150, None, 7, Fault.UNKNOWN),
        (150, 3, 3, Fault.UNKNOWN),
    ],
)
def test_loss_is_laid_on_the_first_part_that_loses(
    lost: int, gateway: int | None, public: int | None, fault: Fault
) -> None:
    found = hops(*(None if n is None else (2.0,) * n for n in (gateway, public)), sent=10)
    assert fault_of_loss(figures(lost=lost), found) is fault


@pytest.mark.parametrize(
    ("radio", "words"),
    [
        (Radio(signal_percent=42), "Wi-Fi signal 42 %."),
        (Radio(signal_dbm=-78), "Wi-Fi signal \u221278 dBm."),
        (Radio(), ""),
        (None, ""),
    ],
)
def test_the_wifi_signal_is_told_where_the_fault_is_inside(radio: Radio | None, words: str) -> None:
    link = LinkEvidence(
        towards="",
        routed=True,
        link=Link(name="wlan0", kind=LinkKind.WIFI),
        below=(),
        radio=radio,
        usable=("wlan0",),
    )
    evidence = msgspec.structs.replace(media(figures()), hops=hops((2.0,), (12.0,)))
    (where,) = fault_line(case({"link": link}), evidence, Fault.BUILDING, Status.FAIL)
    text = f"Inside this building: between this computer and its router, {GATEWAY}. {words}"
    assert where.text.replace("\u00a0", " ") == text.strip()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (PathRouters(), "We cannot tell: no router on the way answered."),
        (hops((2.0,), None), "We cannot tell: the routers on the way answered too little."),
    ],
)
def test_it_says_so_where_it_cannot_tell(found: PathRouters, words: str) -> None:
    evidence = msgspec.structs.replace(media(figures()), hops=found)
    (where,) = fault_line(case({}), evidence, Fault.UNKNOWN, Status.FAIL)
    assert where.text == words


def test_findings_that_are_not_well_tell_the_place() -> None:
    slow = figures(median_ms=140, round_trip_jitter=jitter(30))
    evidence = msgspec.structs.replace(media(slow), hops=hops((2.0,) * 9, (12.0,) * 9))
    for judge, limits in (
        (quality_latency.judge, LatencyLimits()),
        (quality_jitter.judge, JitterLimits()),
    ):
        labels = {detail.label for detail in judge(case({"media": evidence}), limits).details}  # type: ignore[operator]
        assert "Where" in labels
    well = msgspec.structs.replace(evidence, figures=figures(median_ms=20))
    judgement = quality_latency.judge(case({"media": well}), LatencyLimits())
    assert "Where" not in {detail.label for detail in judgement.details}


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.0.0.1", True),
        ("172.31.9.9", True),
        ("172.32.0.1", False),
        ("192.168.1.1", True),
        ("100.64.0.1", True),
        ("198.51.100.1", False),
        ("fe80::1", True),
        ("fd00::1", True),
        ("2001:db8::1", False),
    ],
)
def test_addresses_of_private_networks_are_inside(address: str, inside: bool) -> None:
    assert is_inside(address) is inside


# ---- the way as a picture


def test_the_way_has_who_answered_and_the_far_end() -> None:
    found = hops((1.2,) * 8, (9.4,) * 7, sent=8)
    assert found.public is not None
    named = msgspec.structs.replace(found.public, network="provider.example")
    evidence = msgspec.structs.replace(
        media(figures(median_ms=34, sent=1500, lost=6)),
        hops=msgspec.structs.replace(found, public=named),
    )
    here, router, provider, far_end = path_stops(evidence)
    assert (here.name, here.at, here.figures) == ("This computer", "", "")
    assert (router.name, router.at) == ("Router here", GATEWAY)
    assert router.figures == "1.2\u00a0ms, 8 of 8 answered"
    assert (provider.name, provider.at) == ("Internet provider", f"provider.example, {PUBLIC}")
    assert provider.figures == "9.4\u00a0ms, 7 of 8 answered"
    assert far_end.at == evidence.path.target
    assert far_end.figures == "34\u00a0ms, 6 of 1,500 lost"
    judgement = quality_latency.judge(
        case({"media": evidence}), LatencyLimits(send_late_p95_ms=1000, lag_p95_ms=1000)
    )
    assert judgement.path == (here, router, provider, far_end)


def test_a_router_that_is_on_the_internet_itself_is_one_stop() -> None:
    hop = PathRouter(number=1, address=PUBLIC, sent=8, times_ms=(2.0,) * 8)
    evidence = msgspec.structs.replace(media(figures()), hops=PathRouters(gateway=hop, public=hop))
    assert [stop.name for stop in path_stops(evidence)] == [
        "This computer", "Router here", "Far end",
    ]  # fmt: skip


def test_a_silent_router_has_no_time() -> None:
    evidence = msgspec.structs.replace(media(figures()), hops=hops((), None, sent=9))
    assert path_stops(evidence)[1].figures == "0 of 9 answered"


@pytest.mark.parametrize("seen", [None, PathRouters()])
def test_without_any_router_there_is_no_picture(seen: PathRouters | None) -> None:
    assert path_stops(msgspec.structs.replace(media(figures()), hops=seen)) == ()
    assert path_stops(msgspec.structs.replace(media(), hops=hops((1.0,), None))) == ()


@pytest.mark.parametrize(("answers", "fault"), [(4, Fault.UNKNOWN), (5, Fault.BUILDING)])
def test_five_answers_are_enough(answers: int, fault: Fault) -> None:
    """For a median, for a spread, and for a loss of three of eight."""
    assert fault_of_delay(figures(median_ms=140), hops((90.0,) * answers, None)) is fault
    spread = (2.0, *(30.0,) * (answers - 1))
    assert fault_of_jitter(figures(median_ms=21), hops(spread, None)) is fault
    lossy = hops((2.0,) * answers, (2.0,) * answers, sent=8)
    assert fault_of_loss(figures(lost=150), lossy) is fault


@pytest.mark.parametrize(("slower_ms", "fault"), [(2.5, Fault.BUILDING), (2.49, Fault.UNKNOWN)])
def test_a_spread_counts_from_the_fastest_answer_alone(slower_ms: float, fault: Fault) -> None:
    """Half of 5 ms, from the one answer that was quick."""
    found = hops((2.0, *(2.0 + slower_ms,) * 9), (12.0, *(14.0,) * 9))
    assert fault_of_jitter(figures(median_ms=21), found) is fault


@pytest.mark.parametrize(("lost", "fault"), [(1, Fault.UNKNOWN), (2, Fault.BUILDING)])
def test_one_answer_that_is_missing_is_chance(lost: int, fault: Fault) -> None:
    found = hops((2.0,) * (10 - lost), (2.0,) * 10, sent=10)
    assert fault_of_loss(figures(lost=150), found) is fault


@pytest.mark.parametrize(
    ("share_percent", "fault"), [(25, Fault.UNKNOWN), (26, Fault.FAR_END), (30, Fault.FAR_END)]
)
def test_routers_that_lost_nothing_exclude_a_loss_that_would_have_shown(
    share_percent: int, fault: Fault
) -> None:
    """(1 - share) to the tenth of ten packets: 5.6 % at 25 %, 4.9 % at 26 %."""
    found = hops((2.0,) * 10, (2.0,) * 10)
    assert fault_of_loss(figures(lost=5 * share_percent), found) is fault


@pytest.mark.parametrize(("router_ms", "fault"), [(140.0, Fault.BUILDING), (140.1, Fault.UNKNOWN)])
def test_a_router_as_slow_as_the_whole_way_may_be_all_of_it(router_ms: float, fault: Fault) -> None:
    assert fault_of_delay(figures(median_ms=140), hops((router_ms,) * 8, None)) is fault
