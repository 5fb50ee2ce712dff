"""Round trip, jitter, loss and call quality, judged from evidence made by hand."""

import pytest
from cases.udp_cases import (
    UDP_SILENT,
    UDP_WORKS,
    attempt,
    case,
    figures,
    jitter,
    media,
    missed,
    path,
)
from checks.test_fault import hops
from msgspec.structs import replace

from natwizard.checks import quality_jitter, quality_latency, quality_loss, quality_mos
from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_jitter import JitterLimits
from natwizard.checks.quality_latency import LatencyLimits
from natwizard.checks.quality_loss import Losses, LossLimits, disagree
from natwizard.checks.quality_mos import MosLimits
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import Failure, FailureCode
from natwizard.probes.media.call_load import StepFigures
from natwizard.probes.media.calls import CallsEvidence
from natwizard.probes.media.figures import Jitter
from natwizard.probes.media.stream import MediaEvidence, MediaFigures
from natwizard.probes.stun.udp_range import PortResult, RangeEvidence

STEADY = jitter(3.0)


def words(judgement: Judgement) -> int:
    return len(judgement.summary.split())


@pytest.mark.parametrize(
    ("median_ms", "spread_ms", "status"),
    [
        (21, 0.5, Status.PASS),
        (99, 0.5, Status.PASS),
        (99.8, 0.5, Status.BORDERLINE),
        (100.2, 0.5, Status.BORDERLINE),
        (101, 0.5, Status.FAIL),
        (143, 2, Status.FAIL),
    ],
)
def test_the_round_trip_is_judged_by_its_median(
    median_ms: float, spread_ms: float, status: Status
) -> None:
    evidence = media(figures(median_ms=median_ms, median_spread_ms=spread_ms))
    judgement = quality_latency.judge(case({"media": evidence}), LatencyLimits())
    assert judgement.status is status
    assert words(judgement) <= 12
    assert (judgement.remedy is None) == (status is Status.PASS)
    assert judgement.gauge is not None
    assert (judgement.gauge.title, judgement.gauge.value) == ("Round trip", median_ms)
    assert judgement.chart is not None
    assert (judgement.chart.limit_ms, judgement.chart.length_s) == (100.0, 10)
    assert judgement.expected == "under 100\u00a0ms"


def with_lowest(found: MediaFigures, lowest_ms: float) -> MediaFigures:
    """The same, where the fastest packet took so long."""
    assert found.round_trip is not None
    return replace(found, round_trip=replace(found.round_trip, lowest_ms=lowest_ms))


DETOUR = "Ask whether traffic takes a detour (VPN, proxy)."
OTHER_USE = "Use a cable, stop what else uses the line, then run again."


@pytest.mark.parametrize(
    ("lowest_ms", "median_ms", "text", "owner"),
    [
        # somebody else's download or upload is before them
        (23, 199, OTHER_USE, Owner.AGENT),
        (148, 397, OTHER_USE, Owner.AGENT),
        (20, 100.1, OTHER_USE, Owner.AGENT),
        # as long for each: a satellite, another continent, a VPN by way of one
        (598, 600, DETOUR, Owner.NETWORK_TEAM),
        (110, 199, DETOUR, Owner.NETWORK_TEAM),
        (99.6, 100.1, DETOUR, Owner.NETWORK_TEAM),
    ],
)
def test_a_delay_that_only_some_packets_have_is_no_detour(
    lowest_ms: float, median_ms: float, text: str, owner: Owner
) -> None:
    found = with_lowest(figures(median_ms=median_ms, median_spread_ms=0.5), lowest_ms)
    judgement = quality_latency.judge(case({"media": media(found)}), LatencyLimits())
    assert judgement.status in {Status.FAIL, Status.BORDERLINE}
    assert judgement.remedy is not None
    assert (judgement.remedy.text, judgement.remedy.owner) == (text, owner)


@pytest.mark.parametrize(
    ("lowest_ms", "lost_out", "summary", "owner"),
    [
        (148, 25, "Parts of what you say would be lost.", Owner.AGENT),
        (148, 0, "Parts of what your caller says would be lost.", Owner.AGENT),
        (396, 25, "Parts of what you say would be lost.", Owner.NETWORK_TEAM),
        (396, 0, "Parts of what your caller says would be lost.", Owner.NETWORK_TEAM),
    ],
)
def test_what_a_full_line_drops_is_no_matter_for_the_provider(
    lowest_ms: float, lost_out: int, summary: str, owner: Owner
) -> None:
    found = with_lowest(figures(median_ms=397, sent=875, lost=25, lost_out=lost_out), lowest_ms)
    judgement = quality_loss.judge(case({"media": media(found)}), LossLimits())
    assert (judgement.status, judgement.summary) == (Status.FAIL, summary)
    assert judgement.remedy is not None
    assert judgement.remedy.owner is owner


def test_a_provider_whose_routers_lose_packets_is_asked_however_full_they_are() -> None:
    found = with_lowest(figures(median_ms=397, sent=500, lost=250), 23)
    evidence = replace(media(found), hops=hops((2.0,) * 10, (30.0,) * 5, sent=10))
    judgement = quality_loss.judge(case({"media": evidence}), LossLimits())
    assert judgement.remedy is not None
    assert judgement.remedy.text == "Send this report to your internet provider."


def test_a_slow_line_says_what_happens_to_the_caller() -> None:
    evidence = media(figures(median_ms=143))
    judgement = quality_latency.judge(case({"media": evidence}), LatencyLimits())
    assert judgement.summary == "You and the caller would talk over each other."
    assert judgement.observed == "143\u00a0ms median"
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.NETWORK_TEAM


@pytest.mark.parametrize(
    ("out", "back", "both", "status", "value"),
    [
        (jitter(2), jitter(3), jitter(4), Status.PASS, 3),
        (jitter(2), jitter(25), jitter(26), Status.FAIL, 25),
        (jitter(25), jitter(2), jitter(26), Status.FAIL, 25),
        (jitter(2), jitter(18.6, spread_ms=2.3), jitter(18.6), Status.BORDERLINE, 18.6),
        (None, None, jitter(4), Status.PASS, 4),
        (None, None, jitter(30), Status.FAIL, 30),
    ],
)
def test_jitter_is_judged_by_the_worse_way(
    out: Jitter | None, back: Jitter | None, both: Jitter, status: Status, value: float
) -> None:
    evidence = media(figures(out=out, back=back, round_trip_jitter=both))
    judgement = quality_jitter.judge(case({"media": evidence}), JitterLimits())
    assert judgement.status is status
    assert judgement.gauge is not None
    assert judgement.gauge.value == value
    assert words(judgement) <= 12


@pytest.mark.parametrize(
    ("sent", "lost", "status"),
    [
        (100, 0, Status.BORDERLINE),
        (500, 0, Status.PASS),
        (500, 3, Status.BORDERLINE),
        (1500, 5, Status.PASS),
        (1500, 10, Status.BORDERLINE),
        (1500, 25, Status.FAIL),
        (500, 500, Status.FAIL),
    ],
)
def test_loss_is_judged_by_its_interval(sent: int, lost: int, status: Status) -> None:
    evidence = media(figures(sent=sent, lost=lost, gap=min(lost, 9)))
    judgement = quality_loss.judge(case({"media": evidence}), LossLimits())
    assert judgement.status is status
    assert words(judgement) <= 12
    assert judgement.interval is not None
    assert judgement.gauge is not None
    assert judgement.gauge.title == "Loss"


def test_loss_is_told_with_its_interval_and_its_longest_gap() -> None:
    evidence = media(figures(sent=1500, lost=25, lost_out=20, gap=9))
    judgement = quality_loss.judge(case({"media": evidence}), LossLimits())
    assert judgement.observed == "1.67\u00a0%, likely 1.1 to 2.4; longest gap 180\u00a0ms"
    assert judgement.summary == "Parts of what you say would be lost."


def test_loss_on_the_way_back_is_heard_by_you() -> None:
    evidence = media(figures(sent=1500, lost=25, lost_out=5))
    judgement = quality_loss.judge(case({"media": evidence}), LossLimits())
    assert judgement.summary == "Parts of what your caller says would be lost."


@pytest.mark.parametrize(
    ("stun", "code", "status"),
    [
        (UDP_WORKS, FailureCode.TIMED_OUT, Status.FAIL),
        (UDP_SILENT, FailureCode.TIMED_OUT, Status.UNKNOWN),
        (missed(FailureCode.NO_TARGET, "targets.stun"), FailureCode.TIMED_OUT, Status.UNKNOWN),
        (UDP_WORKS, FailureCode.CONNECTION_REFUSED, Status.UNKNOWN),
    ],
)
def test_silence_is_a_problem_only_if_another_udp_server_answered(
    stun: object, code: FailureCode, status: Status
) -> None:
    judgement = quality_loss.judge(case({"media": media(code=code), "stun": stun}), LossLimits())
    assert judgement.status is status
    assert judgement.remedy is not None
    assert words(judgement) <= 12


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (media(figures(late_ms=5.1)), FailureCode.MACHINE_BUSY),
        (media(figures(lag_ms=5.1)), FailureCode.MACHINE_BUSY),
        (media(figures(unsent=100)), FailureCode.NOT_PERMITTED),
        (missed(FailureCode.NO_TARGET, "targets.media"), FailureCode.NO_TARGET),
        (media(code=FailureCode.NAME_NOT_FOUND), FailureCode.NAME_NOT_FOUND),
    ],
)
def test_what_the_line_is_not_to_blame_for_is_missing_evidence(
    evidence: MediaEvidence, code: FailureCode
) -> None:
    for judge, limits in (
        (quality_latency.judge, LatencyLimits()),
        (quality_jitter.judge, JitterLimits()),
        (quality_loss.judge, LossLimits()),
        (quality_mos.judge, MosLimits()),
    ):
        with pytest.raises(EvidenceMissing) as missing:
            judge(case({"media": evidence, "stun": UDP_WORKS}), limits)
        assert missing.value.failure.code is code


@pytest.mark.parametrize("evidence", [media(code=FailureCode.TIMED_OUT), media(figures(lost=500))])
def test_what_never_came_back_has_no_round_trip(evidence: MediaEvidence) -> None:
    for judge, limits in (
        (quality_latency.judge, LatencyLimits()),
        (quality_jitter.judge, JitterLimits()),
        (quality_mos.judge, MosLimits()),
    ):
        with pytest.raises(EvidenceMissing) as missing:
            judge(case({"media": evidence}), limits)
        assert isinstance(missing.value.failure, Failure)
        assert missing.value.failure.code is FailureCode.TIMED_OUT


@pytest.mark.parametrize(
    ("median_ms", "jitter_ms", "lost", "status", "mos"),
    [
        (40, 3, 0, Status.PASS, 4.37),
        (300, 45, 0, Status.WARN, 3.94),
        (400, 60, 0, Status.WARN, 3.506),
        (60, 5, 40, Status.WARN, 3.497),
    ],
)
def test_call_quality_follows_from_the_three(
    median_ms: float, jitter_ms: float, lost: int, status: Status, mos: float
) -> None:
    found = figures(median_ms=median_ms, round_trip_jitter=jitter(jitter_ms), lost=lost)
    judgement = quality_mos.judge(case({"media": media(found)}), MosLimits())
    assert judgement.status is status
    assert judgement.measured[0].value == pytest.approx(mos, abs=0.02)
    assert any("G.107" in detail.text for detail in judgement.details)


def calls_that_lost(lost: int, *, sent: int = 1000) -> CallsEvidence:
    step = StepFigures(
        calls=1,
        duration_s=2.0,
        sent=sent,
        received=sent - lost,
        late=0,
        round_trip_ms=20.0,
        p95_ms=21.0,
        send_late_p95_ms=0.1,
        gaps=lost,
    )
    return CallsEvidence(path=path(), asked=1, steps=(step,), carried=1, arrived_kbit_s=100.0)


@pytest.mark.parametrize(
    ("in_stream", "in_calls", "status"),
    [
        (0, 0, Status.PASS),
        (0, 60, Status.BORDERLINE),
        (60, 60, Status.FAIL),
        (60, 0, Status.BORDERLINE),
    ],
)
def test_losses_of_all_streams_count_and_where_they_disagree_it_is_close(
    in_stream: int, in_calls: int, status: Status
) -> None:
    stream = media(figures(sent=1000, lost=in_stream, gap=1))
    evidence = {"media": stream, "calls": calls_that_lost(in_calls)}
    judgement = quality_loss.judge(case(evidence), LossLimits())
    assert judgement.status is status
    measured = {quantity.name: quantity.value for quantity in judgement.measured}
    assert measured["sent"] == 2000
    assert measured["received"] == 2000 - in_stream - in_calls
    said = [each.text for each in judgement.details if each.label == "Lost"]
    assert said[0].endswith("chance does not explain") is (status is Status.BORDERLINE)


def test_voice_refused_on_the_way_is_no_missing_network() -> None:
    refused = media(code=FailureCode.NETWORK_UNREACHABLE)
    judgement = quality_loss.judge(case({"media": refused, "stun": UDP_WORKS}), LossLimits())
    assert judgement.status is Status.FAIL
    assert judgement.summary == "A router or firewall says no to voice packets."


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((1000, 0), (1000, 60), True),
        ((1000, 60), (1000, 0), True),  # whichever is told first
        # apart by chance alone
        ((100, 0), (100, 2), False),
        # apart, and on the same side of the limit of 1 %
        ((1000, 60), (1000, 200), False),
        ((100_000, 10), (100_000, 500), False),
        ((1000, 0), (0, 0), False),
        ((0, 0), (1000, 60), False),
    ],
)
def test_two_looks_at_a_line_disagree_beyond_chance_and_across_the_limit(
    one: tuple[int, int], other: tuple[int, int], *, apart: bool
) -> None:
    first, second = (Losses(sent=sent, lost=lost, gaps=lost) for sent, lost in (one, other))
    assert disagree(first, second, 1.0) is apart


@pytest.mark.parametrize(
    ("limit_percent", "apart"), [(0.0, False), (0.01, True), (6.0, True), (6.01, False)]
)
def test_a_share_at_the_limit_is_over_it(limit_percent: float, *, apart: bool) -> None:
    """Of none and of 6 % lost."""
    low, high = Losses(sent=10_000), Losses(sent=10_000, lost=600, gaps=600)
    assert disagree(low, high, limit_percent) is apart


@pytest.mark.parametrize(
    ("median_ms", "told"),
    [(9.94, "9.9 ms"), (9.99, "10.0 ms"), (10.0, "10 ms"), (99.6, "99.6 ms, likely")],
)
def test_a_median_below_ten_has_two_figures(median_ms: float, told: str) -> None:
    evidence = media(figures(median_ms=median_ms, median_spread_ms=0.5))
    observed = quality_latency.judge(case({"media": evidence}), LatencyLimits()).observed
    assert observed.replace("\u00a0", " ").replace(" median", "").startswith(told)


@pytest.mark.parametrize(
    ("there", "back", "words"),
    [
        (None, None, "3 lost; the test server does not tell on which way"),
        (1, 2, "3 lost: 1 on the way there, 2 on the way back"),
    ],
)
def test_losses_are_told_by_their_way_where_both_are_known(
    there: int | None, back: int | None, words: str
) -> None:
    seen = figures(lost=3, lost_out=there)
    assert seen.counted.lost_back == back
    judged = quality_loss.judge(case({"media": media(seen)}), LossLimits())
    assert words in [each.text for each in judged.details if each.label == "Packets"]


def test_a_media_server_that_is_down_is_no_network_that_blocks() -> None:
    silent = PortResult(
        port=5000, started_s=0.0, duration_ms=1.0, tries=3, failure=FailureCode.TIMED_OUT
    )
    sign = replace(attempt(code=FailureCode.TIMED_OUT), operation="connect_tcp")
    ranged = RangeEvidence(
        target="media.example.com", lookup=attempt(()), listed=(), address="192.0.2.9",
        results=(silent,), signs=(replace(sign, target="192.0.2.9:80"),),
    )  # fmt: skip
    seen = {"media": media(code=FailureCode.TIMED_OUT), "stun": UDP_WORKS, "udp_range": ranged}
    judgement = quality_loss.judge(case(seen), LossLimits())
    assert judgement.status is Status.UNKNOWN
    assert judgement.summary == "The test server gives no answer of any kind."
    elsewhere = {**seen, "udp_range": replace(ranged, address="192.0.2.8")}
    assert quality_loss.judge(case(elsewhere), LossLimits()).status is Status.FAIL
