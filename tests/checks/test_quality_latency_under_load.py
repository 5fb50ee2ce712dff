"""quality.latency_under_load: the round trip while calls load the line, against the idle one."""

import pytest
from cases.udp_cases import case, figures, media, missed, path
from msgspec import structs

from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_latency_under_load import UnderLoadLimits, judge
from natwizard.checks.quality_mos import call_quality
from natwizard.model.finding import Judgement, Owner, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.media.call_load import StepFigures
from natwizard.probes.media.calls import CallsEvidence


def step(
    calls: int,
    round_trip_ms: float | None = 21.0,
    *,
    late_ms: float = 0.3,
    waiting_ms: float | None = None,
) -> StepFigures:
    received = calls * 100 if round_trip_ms is not None else 0
    return StepFigures(
        calls=calls,
        duration_s=2.0,
        sent=calls * 100,
        received=received,
        late=0,
        round_trip_ms=round_trip_ms,
        p95_ms=None if round_trip_ms is None else round_trip_ms + 4,
        send_late_p95_ms=late_ms,
        waiting_ms=waiting_ms,
    )


def evidence(*steps: StepFigures, carried: int = 10, full: bool = False) -> CallsEvidence:
    return CallsEvidence(
        path=path(),
        asked=10,
        idle=step(1, 25.0),
        steps=steps,
        carried=carried,
        arrived_kbit_s=carried * 100.0 + 40,
        line_full=full,
    )


def look(calls: CallsEvidence, idle_ms: float = 20.0) -> Judgement:
    inputs = case({"calls": calls, "media": media(figures(median_ms=idle_ms))}, calls=10)
    return judge(inputs, UnderLoadLimits())


@pytest.mark.parametrize(
    ("idle_ms", "busy_ms", "status", "summary"),
    [
        (20.0, 33.0, Status.PASS, "The delay stays short while calls load the line."),
        (20.0, 179.6, Status.PASS, "The delay stays short while calls load the line."),
        (20.0, 180.0, Status.WARN, "A busy line makes callers wait: packets queue on the way."),
        (20.0, 2100.0, Status.WARN, "A busy line makes callers wait: packets queue on the way."),
        (170.0, 199.0, Status.PASS, "The delay is long, but not because of calls."),
        (160.0, 189.9, Status.PASS, "The delay is long, but not because of calls."),
        (160.0, 190.0, Status.WARN, "A busy line makes callers wait: packets queue on the way."),
        (600.0, 602.0, Status.PASS, "The delay is long, but not because of calls."),
        (600.0, 900.0, Status.WARN, "A busy line makes callers wait: packets queue on the way."),
    ],
)
def test_what_load_adds_is_advice_and_never_a_problem(
    idle_ms: float, busy_ms: float, status: Status, summary: str
) -> None:
    judgement = look(evidence(step(5), step(10, busy_ms)), idle_ms)
    assert (judgement.status, judgement.summary) == (status, summary)


def test_a_figure_just_under_its_limit_is_not_rounded_up_to_it() -> None:
    observed = look(evidence(step(5), step(10, 179.6))).observed.replace("\u00a0", " ")
    assert observed == "179.6 ms with 10 calls at once, 20 ms with an idle line"


def test_the_advice_names_what_to_switch_on_and_who_does_it() -> None:
    calls = evidence(step(10, 40.0), step(20, 400.0), step(13, 310.0), full=True)
    remedy = look(calls).remedy
    assert remedy is not None
    assert remedy.owner is Owner.NETWORK_TEAM
    assert "queue management" in remedy.text
    told = remedy.request.replace("\u00a0", " ")
    assert "With the line full (1,040 kbit/s) to media.example.com:18620" in told
    assert "grew from 20 ms to 310 ms" in told


def test_a_full_line_is_judged_by_the_load_that_just_filled_it() -> None:
    calls = evidence(step(10, 40.0), step(20, 400.0), step(13, 310.0), full=True)
    named = {each.name: each.value for each in look(calls).measured}
    assert (named["calls"], named["round_trip_under_load"]) == (13, 310.0)
    assert (named["round_trip_idle"], named["round_trip_added"]) == (20.0, 290.0)


@pytest.mark.parametrize(("full", "busy_ms"), [(True, 400.0), (False, 150.0)])
def test_a_queue_that_is_still_filling_is_judged_by_what_it_came_to(
    full: bool, busy_ms: float
) -> None:
    calls = evidence(step(13, 150.0, waiting_ms=380.0), full=full, carried=10 if full else 13)
    named = {each.name: each.value for each in look(calls).measured}
    assert named["round_trip_under_load"] == busy_ms


def test_a_line_that_calls_do_not_fill_says_what_was_not_tested() -> None:
    labels = [each.label for each in look(evidence(step(5), step(10))).details]
    assert labels == ["5 calls", "10 calls", "Not tested"]


def test_without_the_stream_the_packets_before_the_ramp_are_the_idle_line() -> None:
    judgement = judge(case({"calls": evidence(step(10, 60.0))}), UnderLoadLimits())
    named = {each.name: each.value for each in judgement.measured}
    assert named["round_trip_idle"] == 25.0


@pytest.mark.parametrize(
    ("calls", "code"),
    [
        (evidence(step(1)), FailureCode.NOT_RUN),
        (evidence(step(10, late_ms=9.0)), FailureCode.MACHINE_BUSY),
        (evidence(step(10, None)), FailureCode.TIMED_OUT),
        (
            evidence(structs.replace(step(1, 900.0), received=12), carried=0, full=True),
            FailureCode.TIMED_OUT,
        ),
        (CallsEvidence(path=path(FailureCode.TIMED_OUT), asked=1), FailureCode.TIMED_OUT),
        (missed(FailureCode.NO_TARGET, "targets.media"), FailureCode.NO_TARGET),
    ],
)
def test_thin_evidence_is_not_measured(calls: object, code: FailureCode) -> None:
    with pytest.raises(EvidenceMissing) as missing:
        judge(case({"calls": calls}), UnderLoadLimits())
    assert missing.value.failure.code is code


@pytest.mark.parametrize(("received", "enough"), [(49, False), (50, True)])
def test_a_second_of_one_call_is_enough_to_tell_a_delay(received: int, enough: bool) -> None:
    """Of fewer packets the median may be that of one hiccup."""
    calls = evidence(structs.replace(step(2, 400.0), received=received), carried=2)
    if enough:
        assert look(calls).status is Status.WARN
        return
    with pytest.raises(EvidenceMissing):
        look(calls)


def test_the_limit_is_what_g114_leaves_beside_the_smallest_buffer() -> None:
    limit = UnderLoadLimits().round_trip_ms
    assert call_quality(limit, jitter_ms=1.0, loss_percent=0.0).one_way_ms == 150.0


def alone(round_trip_ms: float | None) -> CallsEvidence:
    return CallsEvidence(
        path=path(), asked=1, stream=step(1, round_trip_ms), carried=1, arrived_kbit_s=100.0
    )


def test_who_calls_alone_reads_what_one_call_did() -> None:
    judgement = look(alone(42.0))
    assert judgement.status is Status.PASS
    assert judgement.observed.replace("\u00a0", " ") == "42 ms with 1 call at once"
    assert [each.label for each in judgement.details] == ["Not tested"]


@pytest.mark.parametrize(("idle_ms", "round_trip_ms"), [(20.0, None), (20.0, 180.0), (20.0, 600.0)])
def test_what_one_call_adds_is_not_known_for_sure(
    idle_ms: float, round_trip_ms: float | None
) -> None:
    with pytest.raises(EvidenceMissing) as missing:
        look(alone(round_trip_ms), idle_ms)
    assert missing.value.failure.code is FailureCode.NOT_RUN


def test_a_long_way_is_not_laid_on_the_one_call_that_went_by_it() -> None:
    judgement = look(alone(601.0), 600.0)
    assert judgement.summary == "The delay is long, but not because of calls."
    assert judgement.status is Status.PASS


@pytest.mark.parametrize(
    ("busy_ms", "told"), [(9.94, "9.9 ms"), (10.0, "10 ms"), (10.4, "10 ms"), (179.6, "179.6 ms")]
)
def test_two_figures_are_told_below_ten_and_more_beside_the_limit(
    busy_ms: float, told: str
) -> None:
    judgement = look(alone(busy_ms), busy_ms - 1)
    assert judgement.observed.replace("\u00a0", " ") == f"{told} with 1 call at once"


@pytest.mark.parametrize("calls", [1, 2])
def test_two_calls_are_more_than_one(calls: int) -> None:
    seen = evidence(structs.replace(step(calls), sent=200, received=200))
    if calls == 1:
        with pytest.raises(EvidenceMissing):
            look(seen)
    else:
        assert look(seen).status is Status.PASS
