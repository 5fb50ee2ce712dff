"""The E-model against worked values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.checks.quality_mos import (
    BASIC,
    NOISE,
    RO,
    Impression,
    MosLimits,
    _impression,
    _simultaneous,
    burst_ratio,
    call_quality,
    delay_impairment,
    loss_impairment,
    mos_of,
)
from natwizard.probes.media.figures import Counted


def test_the_parts_of_the_default_rating_are_those_of_the_recommendation() -> None:
    """G.107's defaults: No -61.2 dBm0p, Ro 94.77, Is 1.41; with Idd and the like, 93.2 is left."""
    assert pytest.approx(-61.17921438624, abs=1e-10) == NOISE
    assert pytest.approx(94.76882157936, abs=1e-10) == RO
    assert pytest.approx(1.41356812013, abs=1e-10) == _simultaneous(RO)
    assert pytest.approx(93.35525345923, abs=1e-10) == BASIC


@pytest.mark.parametrize(
    ("one_way_ms", "impairment"),
    [
        # under a millisecond an echo is sidetone, and none of it is left
        (0, 0.149045725),
        (0.5, 0.180083700),
        (0.999, 0.201419140),
        (1, 0.092526081),
        (1.5, 0.113495918),
        (50, 1.599092307),
        # delay alone is heard from 100 ms on
        (100, 2.691523170),
        (101, 2.711886594),
        (150, 3.816121524),
        (400, 31.108426816),
    ],
)
def test_the_cost_of_delay_has_its_steps_where_the_recommendation_has_them(
    one_way_ms: float, impairment: float
) -> None:
    assert delay_impairment(one_way_ms) == pytest.approx(impairment, abs=1e-6)


@pytest.mark.parametrize(
    ("mos", "impression"),
    [
        (4.4, Impression.GOOD),
        (4.0, Impression.GOOD),
        (3.999, Impression.FAIR),
        (3.6, Impression.FAIR),
        (3.599, Impression.POOR),
    ],
)
def test_a_score_at_its_limit_is_still_good_enough(mos: float, impression: Impression) -> None:
    assert _impression(mos, MosLimits()) is impression


@pytest.mark.parametrize(
    ("round_trip_ms", "jitter_ms", "loss_percent", "mos"),
    [
        (40, 3, 0, 4.365),
        (100, 20, 1, 4.254),
        (250, 40, 0, 4.12),
        (400, 60, 0, 3.506),
        (60, 5, 8, 3.497),
    ],
)
def test_known_lines_have_their_known_score(
    round_trip_ms: float, jitter_ms: float, loss_percent: float, mos: float
) -> None:
    quality = call_quality(round_trip_ms, jitter_ms, loss_percent)
    assert quality.mos == pytest.approx(mos, abs=0.006)


def test_a_line_without_delay_and_loss_has_the_rating_of_the_recommendation() -> None:
    """G.107, 7.7: all inputs at their defaults give R = 93.2."""
    assert BASIC - delay_impairment(0) == pytest.approx(93.2, abs=0.05)


@pytest.mark.parametrize("one_way_ms", [0, 50, 100, 150, 200, 250, 300])
def test_delay_costs_what_others_fitted_to_the_recommendation(one_way_ms: float) -> None:
    """Cole and Rosenbluth (ACM CCR 31-2, 2001), whose straight lines hold up to 300 ms."""
    fitted = 93.2 - 0.024 * one_way_ms - 0.11 * max(0.0, one_way_ms - 177.3)
    assert BASIC - delay_impairment(one_way_ms) == pytest.approx(fitted, abs=0.3)


@given(st.floats(20, 5000), st.floats(0, 100))
def test_more_delay_never_sounds_better(one_way_ms: float, more_ms: float) -> None:
    longer = delay_impairment(one_way_ms + more_ms)
    assert delay_impairment(one_way_ms) <= longer + 0.02


@pytest.mark.parametrize(
    ("loss_percent", "burst_ratio", "impairment"),
    [(0, 1, 0), (2, 1, 7.01), (2, 3, 7.37), (10, 1, 27.07), (10, 4, 34.42), (10, 0.2, 27.07)],
)
def test_losses_in_bursts_cost_more(
    loss_percent: float, burst_ratio: float, impairment: float
) -> None:
    assert loss_impairment(loss_percent, burst_ratio) == pytest.approx(impairment, abs=0.01)


@pytest.mark.parametrize(("rating", "mos"), [(0, 1.0), (60, 3.1), (93.2, 4.409), (100, 4.5)])
def test_ratings_become_scores_as_in_annex_b(rating: float, mos: float) -> None:
    assert mos_of(rating) == pytest.approx(mos, abs=0.001)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 100))
def test_a_score_is_always_between_one_and_four_and_a_half(
    round_trip_ms: float, jitter_ms: float, loss_percent: float
) -> None:
    assert 1.0 <= call_quality(round_trip_ms, jitter_ms, loss_percent).mos <= 4.5


@pytest.mark.parametrize(
    ("received", "gaps", "ratio"),
    [
        (1000, 0, 1.0),  # nothing lost
        (0, 1, 1.0),  # nothing came: there is no pattern in it
        (990, 10, 1.0),  # each alone is fewer in a row than chance brings
        (900, 10, 9.0),  # ten in a row, where chance brings 1.1
    ],
)
def test_bursts_are_losses_in_a_row_against_those_of_chance(
    received: int, gaps: int, ratio: float
) -> None:
    counted = Counted(
        sent=1000, received=received, duplicates=0, reordered=0, longest_gap=10, gaps=gaps
    )
    assert burst_ratio(counted) == pytest.approx(ratio)
