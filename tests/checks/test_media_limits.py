"""When a measurement of media is void, and on which side of its limit a value is."""

import pytest
from cases.udp_cases import case, figures, media
from msgspec.structs import replace

from natwizard.checks import quality_loss
from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_loss import LossLimits
from natwizard.checks.shared.media_limits import LimitedValue, MediaLimits, usable_figures
from natwizard.model.finding import Status
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Unit
from natwizard.probes.media.liveness import SILENT_PACKETS, LivenessCheck, fell_silent
from natwizard.probes.media.stream import MediaFigures

STANDS = [
    figures(),
    figures(late_ms=5.0),
    figures(lag_ms=5.0),
    # one in a thousand dropped by this computer is less than any limit would notice
    figures(sent=1000, overflowed=1),
    # 5 of 100 that could not be sent, with the reason at hand
    figures(sent=95, unsent=5),
    figures(sent=100, strays=5),
    figures(sent=50),
]
VOID = [
    (figures(late_ms=5.01), FailureCode.MACHINE_BUSY),
    (figures(lag_ms=5.01), FailureCode.MACHINE_BUSY),
    (figures(sent=1000, overflowed=2), FailureCode.MACHINE_BUSY),
    # dropped here, so missing there: the line would be accused of it
    (figures(sent=1000, lost=30, overflowed=30), FailureCode.MACHINE_BUSY),
    (figures(sent=94, unsent=6), FailureCode.NOT_PERMITTED),
    (figures(sent=100, strays=6), FailureCode.BAD_ANSWER),
    # of what was left of a stream all may have come, and a third may be lost all the same
    *((figures(sent=sent), FailureCode.STOOD_STILL) for sent in (0, 1, 8, 49)),
]


@pytest.mark.parametrize("found", STANDS)
def test_a_little_trouble_of_this_computer_leaves_the_figures_standing(found: MediaFigures) -> None:
    assert usable_figures(media(found), MediaLimits()) is found


@pytest.mark.parametrize(("found", "code"), VOID)
def test_more_of_it_voids_the_run(found: MediaFigures, code: FailureCode) -> None:
    with pytest.raises(EvidenceMissing) as missing:
        usable_figures(media(found), MediaLimits())
    assert missing.value.failure.code is code
    with pytest.raises(EvidenceMissing):
        quality_loss.judge(case({"media": media(found)}), LossLimits())


def limited(value: float, low: float, high: float) -> LimitedValue:
    return LimitedValue(value=value, low=low, high=high, limit=100.0, unit=Unit.MILLISECOND)


@pytest.mark.parametrize(
    ("value", "low", "high", "status"),
    [
        (99.9, 99.8, 99.95, Status.PASS),
        (100.0, 100.0, 100.0, Status.FAIL),  # "under 100 ms": the limit itself is not under it
        (100.0, 100.0, 101.0, Status.FAIL),
        (99.9, 99.0, 100.0, Status.BORDERLINE),
        (100.0, 99.0, 101.0, Status.BORDERLINE),
        (100.1, 100.05, 100.2, Status.FAIL),
    ],
)
def test_a_value_has_to_stay_under_its_limit(
    value: float, low: float, high: float, status: Status
) -> None:
    assert limited(value, low, high).status is status


@pytest.mark.parametrize(
    ("value", "side"),
    [
        (99.9, "more likely within the limit"),
        (100.0, "more likely over the limit"),
        (100.1, "more likely over the limit"),
    ],
)
def test_a_close_value_says_which_side_is_likelier(value: float, side: str) -> None:
    assert limited(value, 99.0, 101.0).likelier_side == side
    assert limited(value, value, value).likelier_side == ""


@pytest.mark.parametrize(
    ("liveness", "is_void"),
    [
        (None, False),
        # it runs, so the way to it lost the packets
        (LivenessCheck(greeted_again=True), False),
        (LivenessCheck(greeted_again=False), True),
        (LivenessCheck(greeted_again=False, witness="a:1", witness_answered=True), True),
        # nobody answers any more: the line went, with all that was on it
        (LivenessCheck(greeted_again=False, witness="a:1", witness_answered=False), False),
    ],
)
def test_a_far_end_that_is_ill_is_not_the_lines_loss(
    liveness: LivenessCheck | None, is_void: bool
) -> None:
    evidence = replace(media(figures(sent=500, lost=250)), liveness=liveness)
    if not is_void:
        assert quality_loss.judge(case({"media": evidence}), LossLimits()).status is Status.FAIL
        return
    with pytest.raises(EvidenceMissing) as missing:
        quality_loss.judge(case({"media": evidence}), LossLimits())
    assert missing.value.failure.code is FailureCode.FAR_END_SILENT


@pytest.mark.parametrize(
    ("answered", "silent"),
    [
        ([], False),
        ([False] * (SILENT_PACKETS - 1), False),
        ([False] * SILENT_PACKETS, True),
        ([True] * 100 + [False] * SILENT_PACKETS, True),
        ([True] * 100 + [False] * (SILENT_PACKETS - 1), False),
        ([False] * 200 + [True], False),
    ],
)
def test_silence_counts_from_one_second_on(answered: list[bool], silent: bool) -> None:
    assert fell_silent(answered) is silent


def test_how_late_this_computer_was_is_told_to_a_tenth() -> None:
    with pytest.raises(EvidenceMissing) as missing:
        usable_figures(media(figures(late_ms=5.06, lag_ms=7.04)), MediaLimits())
    assert missing.value.failure.detail.replace("\u00a0", " ") == (
        "packets left 5.1 ms late, answers were read 7.0 ms late (95 % of them were faster)"
    )
