"""The E-model against worked values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.checks.g107 import call_quality, mos_of


@pytest.mark.parametrize(
    ("round_trip_ms", "jitter_ms", "loss_percent", "mos"),
    [
        (40, 3, 0, 4.37),
        (100, 20, 1, 4.26),
        (250, 40, 0, 4.12),
        (400, 60, 0, 3.46),
        (60, 5, 8, 3.51),
    ],
)
def test_known_lines_have_their_known_score(
    round_trip_ms: float, jitter_ms: float, loss_percent: float, mos: float
) -> None:
    quality = call_quality(round_trip_ms, jitter_ms, loss_percent)
    assert quality.mos == pytest.approx(mos, abs=0.006)


@pytest.mark.parametrize(("rating", "mos"), [(0, 1.0), (60, 3.1), (93.2, 4.409), (100, 4.5)])
def test_ratings_become_scores_as_in_annex_b(rating: float, mos: float) -> None:
    assert mos_of(rating) == pytest.approx(mos, abs=0.001)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 100))
def test_a_score_is_always_between_one_and_four_and_a_half(
    round_trip_ms: float, jitter_ms: float, loss_percent: float
) -> None:
    assert 1.0 <= call_quality(round_trip_ms, jitter_ms, loss_percent).mos <= 4.5
