"""Calls at once, judged from evidence made by hand."""

import pytest
from cases.udp_cases import case, figures, media, missed, path
from msgspec.structs import replace

from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_bandwidth import BandwidthLimits, judge
from natwizard.model.finding import Judgement, Status
from natwizard.model.outcome import FailureCode
from natwizard.probes.media.call_load import StepFigures
from natwizard.probes.media.calls import CallsEvidence
from natwizard.probes.media.liveness import LivenessCheck


def step(calls: int, round_trip_ms: float = 21.0) -> StepFigures:
    return StepFigures(
        calls=calls,
        duration_s=2.5,
        sent=calls * 125,
        received=calls * 125,
        late=0,
        round_trip_ms=round_trip_ms,
        p95_ms=round_trip_ms + 4,
        send_late_p95_ms=0.3,
    )


def look(carried: int, *, wanted: int, asked: int = 10, busy: bool = False) -> Judgement:
    evidence = CallsEvidence(
        path=path(),
        asked=asked,
        idle=step(1, 20.0),
        steps=(step(5), step(10, 33.0)),
        carried=carried,
        limited_by_computer=busy,
        arrived_kbit_s=carried * 100.0 + (64.0 if carried < 10 else 0.0),
        line_full=carried < 10,
    )
    return judge(
        case({"calls": evidence, "media": media(figures())}, calls=wanted), BandwidthLimits()
    )


def test_one_call_of_the_stream_is_enough_for_who_calls_alone() -> None:
    stream = step(1)
    evidence = CallsEvidence(path=path(), asked=1, stream=stream, carried=1, arrived_kbit_s=100.0)
    judgement = judge(case({"calls": evidence}, calls=1), BandwidthLimits())
    assert judgement.status is Status.PASS
    assert judgement.observed == "100\N{NO-BREAK SPACE}kbit/s or more"
    [told] = [detail.text for detail in judgement.details if detail.label == "1 call"]
    assert told.startswith("0 of 125 packets lost, 0 too late; round trip 21")


@pytest.mark.parametrize(
    ("carried", "wanted", "status", "summary"),
    [
        (10, 10, Status.PASS, "Your line carries the 10 calls you need."),
        (10, 1, Status.PASS, "Your line carries the call you need."),
        (6, 10, Status.FAIL, "Your line carries 6 calls at once, not the 10 you need."),
        (0, 1, Status.FAIL, "This line carries 64\u00a0kbit/s; a call needs 100\u00a0kbit/s."),
        (10, 50, Status.UNKNOWN, "Your line carries 10 calls; more were not tried."),
    ],
)
def test_calls_carried_are_compared_with_calls_wanted(
    carried: int, wanted: int, status: Status, summary: str
) -> None:
    judgement = look(carried, wanted=wanted)
    assert (judgement.status, judgement.summary) == (status, summary)
    assert len(summary.split()) <= 12
    assert judgement.gauge is not None
    assert judgement.gauge.title == "Calls at once"
    assert judgement.gauge.higher_is_better
    assert (judgement.gauge.value, judgement.gauge.limit) == (carried, wanted)


def test_the_bandwidth_is_what_arrived() -> None:
    judgement = look(6, wanted=10)
    assert judgement.observed == "664\u00a0kbit/s"
    assert judgement.expected == "1,000\u00a0kbit/s each way"


@pytest.mark.parametrize(("carried", "observed"), [(10, "1,000 kbit/s or more"), (6, "664 kbit/s")])
def test_a_line_whose_end_was_not_found_carries_so_much_or_more(
    carried: int, observed: str
) -> None:
    assert look(carried, wanted=10).observed.replace("\u00a0", " ") == observed


def test_a_computer_that_fell_behind_is_not_held_against_the_line() -> None:
    with pytest.raises(EvidenceMissing) as missing:
        look(6, wanted=10, busy=True)
    assert missing.value.failure.code is FailureCode.MACHINE_BUSY
    assert look(10, wanted=10, busy=True).status is Status.PASS


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        (CallsEvidence(path=path(FailureCode.TIMED_OUT), asked=1), FailureCode.TIMED_OUT),
        (missed(FailureCode.NO_TARGET, "targets.media"), FailureCode.NO_TARGET),
    ],
)
def test_without_an_answer_there_is_nothing_to_judge(evidence: object, code: FailureCode) -> None:
    with pytest.raises(EvidenceMissing) as missing:
        judge(case({"calls": evidence}), BandwidthLimits())
    assert missing.value.failure.code is code


SILENT_SERVER = LivenessCheck(greeted_again=False)


def loaded(carried: int, **parts: object) -> CallsEvidence:
    return CallsEvidence(
        path=path(),
        asked=10,
        idle=step(1, 20.0),
        steps=(step(5), step(10, 33.0)),
        carried=carried,
        arrived_kbit_s=664.0,
        **parts,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        # what spoils the count matters only where calls are missing
        (loaded(10, limited_by_computer=True, liveness=SILENT_SERVER), None),
        (loaded(9, limited_by_computer=True), FailureCode.MACHINE_BUSY),
        (loaded(9, liveness=SILENT_SERVER), FailureCode.FAR_END_SILENT),
        (loaded(9, liveness=LivenessCheck(greeted_again=True)), None),
    ],
)
def test_what_spoils_a_count_of_calls(evidence: CallsEvidence, code: FailureCode | None) -> None:
    if code is None:
        told = judge(case({"calls": evidence}, calls=10), BandwidthLimits())
        assert told.status is (Status.PASS if evidence.carried == 10 else Status.UNKNOWN)
        return
    with pytest.raises(EvidenceMissing) as missing:
        judge(case({"calls": evidence}, calls=10), BandwidthLimits())
    assert (missing.value.probe, missing.value.failure.code) == ("calls", code)


@pytest.mark.parametrize(("strays", "void"), [(125, False), (126, True)])
def test_answers_to_nothing_void_a_count_from_a_twentieth_on(strays: int, *, void: bool) -> None:
    """Of the 2,500 packets of all steps."""
    steps = (step(10), replace(step(10, 33.0), strays=strays))
    evidence = replace(loaded(9), steps=steps)
    assert sum(each.sent for each in evidence.tried) == 2500
    if not void:
        assert judge(case({"calls": evidence}, calls=10), BandwidthLimits()).status is not None
        return
    with pytest.raises(EvidenceMissing) as missing:
        judge(case({"calls": evidence}, calls=10), BandwidthLimits())
    assert missing.value.failure.code is FailureCode.BAD_ANSWER
    assert str(strays) in missing.value.failure.detail


@pytest.mark.parametrize(
    ("lossy", "line_full", "told"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_what_got_through_a_lossy_line_is_told(lossy: bool, line_full: bool, told: bool) -> None:
    lost = step(1)
    seen = replace(lost, received=lost.received - 40) if lossy else lost
    evidence = replace(loaded(10, line_full=line_full), once_more=seen)
    assert evidence.lossy is lossy
    judged = judge(case({"calls": evidence}, calls=10), BandwidthLimits())
    lines = [each.text for each in judged.details if each.label == "What got through"]
    assert bool(lines) is told
    assert judged.observed.endswith("or more") is not (lossy or line_full)
    if told:
        sent = max(each.sent_kbit_s for each in evidence.steps)
        assert lines[0].startswith(f"664\u00a0kbit/s of {sent:,.0f}\u00a0kbit/s came back")
