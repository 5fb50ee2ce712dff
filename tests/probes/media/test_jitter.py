"""Interarrival jitter against worked values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natwizard.probes.media.figures import jitter_of


def test_a_constant_transit_has_no_jitter_whatever_the_clocks_differ_by() -> None:
    jitter = jitter_of([123456.0] * 100)
    assert jitter is not None
    assert (jitter.mean_ms, jitter.last_ms, jitter.low_ms, jitter.high_ms) == (0, 0, 0, 0)


def test_the_running_estimate_is_that_of_rfc_3550() -> None:
    # J(1) = 16/16 = 1; J(2) = 1 + (16 - 1)/16 = 1.9375
    jitter = jitter_of([0.0, 16.0, 0.0])
    assert jitter is not None
    assert jitter.last_ms == pytest.approx(1.9375)


def test_a_transit_that_swings_by_ten_has_a_jitter_of_ten() -> None:
    jitter = jitter_of([10.0 * (place % 2) for place in range(500)])
    assert jitter is not None
    assert jitter.mean_ms == pytest.approx(10, rel=0.01)
    assert jitter.low_ms <= jitter.mean_ms <= jitter.high_ms


@pytest.mark.parametrize("transits", [[], [5.0]])
def test_fewer_than_two_packets_have_none(transits: list[float]) -> None:
    assert jitter_of(transits) is None


def test_a_line_that_changes_has_a_wide_interval() -> None:
    calm = [1.0 * (place % 2) for place in range(250)]
    rough = [40.0 * (place % 2) for place in range(250)]
    jitter = jitter_of(calm + rough)
    assert jitter is not None
    assert jitter.low_ms < 15
    assert jitter.high_ms > 25


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=300))
def test_the_mean_lies_in_its_interval(transits: list[float]) -> None:
    jitter = jitter_of(transits)
    assert jitter is not None
    assert 0 <= jitter.low_ms <= jitter.mean_ms <= jitter.high_ms
