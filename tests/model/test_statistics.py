"""Intervals and quantiles against published values and their own laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.statistics import quantile, wilson_interval


@pytest.mark.parametrize(
    ("lost", "sent", "low_percent", "high_percent"),
    [(0, 100, 0, 3.70), (0, 500, 0, 0.76), (3, 500, 0.20, 1.75), (5, 1500, 0.14, 0.78),
     (10, 1500, 0.36, 1.22), (25, 1500, 1.13, 2.45)],
)  # fmt: skip
def test_wilson_gives_the_intervals_of_the_method_table(
    lost: int, sent: int, low_percent: float, high_percent: float
) -> None:
    low, high = wilson_interval(lost, sent)
    assert (low * 100, high * 100) == pytest.approx((low_percent, high_percent), abs=0.006)


@given(st.integers(0, 5000).flatmap(lambda sent: st.tuples(st.integers(0, sent), st.just(sent))))
def test_the_observed_share_lies_inside_its_interval(lost_of_sent: tuple[int, int]) -> None:
    lost, sent = lost_of_sent
    low, high = wilson_interval(lost, sent)
    assert 0 <= low <= (lost / sent if sent else 0.5) + 1e-12
    assert (lost / sent if sent else 0.5) - 1e-12 <= high <= 1


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.floats(0, 1))
def test_a_quantile_lies_between_the_extremes(values: list[float], share: float) -> None:
    ordered = sorted(values)
    assert ordered[0] <= quantile(ordered, share) <= ordered[-1] + 1e-9


def test_the_median_of_an_even_count_is_halfway() -> None:
    assert quantile((1.0, 2.0, 4.0, 8.0), 0.5) == 3.0
