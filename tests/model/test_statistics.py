"""Intervals and quantiles against published values and their own laws."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.model.statistics import clustered_interval, quantile, wilson_interval


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


@pytest.mark.parametrize(
    ("lost", "runs", "sent", "low", "high"),
    [
        (0, 0, 500, 0.0, 0.76),  # as Wilson's
        (5, 5, 1500, 0.14, 0.78),  # one by one: as Wilson's
        (5, 0, 1500, 0.14, 0.78),  # runs not counted: as Wilson's
        (5, 1, 500, 0.18, 5.42),  # one gap of a tenth of a second tells as much as 1 of 100
        (25, 1, 3000, 0.15, 4.57),  # half a second in a minute
        (150, 1, 500, 5.51, 75.9),  # three seconds of ten
        (60, 20, 2000, 1.74, 5.12),  # runs of three: Wilson would say 2.34 to 3.84
    ],
)
def test_losses_in_runs_tell_less_than_losses_one_by_one(
    lost: int, runs: int, sent: int, low: float, high: float
) -> None:
    found = clustered_interval(lost, runs, sent)
    assert tuple(100 * bound for bound in found) == pytest.approx((low, high), abs=0.06)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 400))
def test_the_share_lies_in_its_interval(lost: int, runs: int, sent: int) -> None:
    lost, runs = min(lost, sent), min(runs, lost, sent)
    low, high = clustered_interval(lost, runs, sent)
    assert 0 <= low <= lost / sent + 1e-9
    assert lost / sent - 1e-9 <= high <= 1
    assert low <= wilson_interval(lost, sent)[0] + 1e-9


def test_the_true_loss_lies_in_its_interval_though_losses_come_in_bursts() -> None:
    """Of 200 streams of a minute that lose 1 % in bursts of four: Wilson's alone holds 0.55."""
    chance = random.Random(3)
    held = 0
    for _stream in range(200):
        lost = runs = 0
        falling = False
        for _packet in range(3000):
            before = falling
            falling = chance.random() < (0.75 if falling else 0.01 * 0.25 / 0.99)
            lost += falling
            runs += falling and not before
        low, high = clustered_interval(lost, runs, 3000)
        held += low <= 0.01 <= high
    assert held > 0.88 * 200
