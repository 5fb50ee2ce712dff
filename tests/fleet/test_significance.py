"""Exact tests against sums of exact fractions, and what a correction must do."""

import random
from fractions import Fraction
from itertools import accumulate
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from natwizard.fleet.significance import (
    binomial_greater,
    boschloo_greater,
    false_discovery_rates,
    fisher_greater,
    places_of_a_window,
)


def fisher_by_fractions(failed: int, desks: int, failed_elsewhere: int, elsewhere: int) -> Fraction:
    whole, failing = desks + elsewhere, failed + failed_elsewhere
    ways = sum(
        comb(failing, count) * comb(whole - failing, desks - count)
        for count in range(failed, min(desks, failing) + 1)
    )
    return Fraction(ways, comb(whole, desks))


@given(st.integers(1, 40), st.integers(0, 60), st.data())
def test_fisher_is_the_sum_of_the_hypergeometric_tail(
    desks: int, elsewhere: int, data: st.DataObject
) -> None:
    failed = data.draw(st.integers(0, desks))
    failed_elsewhere = data.draw(st.integers(0, elsewhere))
    exact = float(fisher_by_fractions(failed, desks, failed_elsewhere, elsewhere))
    assert fisher_greater(failed, desks, failed_elsewhere, elsewhere) == pytest.approx(
        exact, rel=1e-9
    )


def boschloo_by_fractions(failed: int, desks: int, failed_elsewhere: int, elsewhere: int) -> float:
    """Every table that Fisher calls as extreme, at every rate of a grid of its own."""
    seen = fisher_by_fractions(failed, desks, failed_elsewhere, elsewhere)
    extreme = [
        (here, there)
        for here in range(desks + 1)
        for there in range(elsewhere + 1)
        if fisher_by_fractions(here, desks, there, elsewhere) <= seen
    ]
    return max(
        float(
            sum(
                comb(desks, here) * comb(elsewhere, there)
                * rate ** (here + there) * (1 - rate) ** (desks + elsewhere - here - there)
                for here, there in extreme
            )
        )
        for rate in (Fraction(step, 97) for step in range(1, 97))
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.data())
def test_boschloo_is_the_worst_case_of_all_tables_as_extreme(
    desks: int, elsewhere: int, data: st.DataObject
) -> None:
    failed = data.draw(st.integers(0, desks))
    failed_elsewhere = data.draw(st.integers(0, elsewhere))
    counts = (failed, desks, failed_elsewhere, elsewhere)
    told = boschloo_greater(*counts)
    assert told <= fisher_greater(*counts) + 1e-12
    if fisher_greater(*counts) < 1:
        exact = min(boschloo_by_fractions(*counts), fisher_greater(*counts))
        assert told == pytest.approx(exact, rel=0.01)


def test_boschloo_sees_more_in_few_desks_and_never_cries_wolf_more_often() -> None:
    """Six of six here and none of three there: Fisher says 1 in 84, Boschloo 1 in 300."""
    assert fisher_greater(6, 6, 0, 3) == pytest.approx(1 / 84)
    assert boschloo_greater(6, 6, 0, 3) == pytest.approx((2 / 3) ** 6 * (1 / 3) ** 3, rel=1e-3)
    for rate in (0.1, 0.3, 0.5, 0.8, 0.95):
        often = sum(
            comb(6, here) * comb(5, there) * rate ** (here + there)
            * (1 - rate) ** (11 - here - there)
            for here in range(7)
            for there in range(6)
            if boschloo_greater(here, 6, there, 5) <= 0.05
        )  # fmt: skip
        assert often <= 0.05


@given(st.integers(1, 60), st.integers(1, 99), st.data())
def test_the_binomial_tail_is_the_sum_of_its_terms(
    desks: int, percent: int, data: st.DataObject
) -> None:
    failed = data.draw(st.integers(0, desks))
    chance = Fraction(percent, 100)
    exact = sum(
        comb(desks, count) * chance**count * (1 - chance) ** (desks - count)
        for count in range(failed, desks + 1)
    )
    assert binomial_greater(failed, desks, percent / 100) == pytest.approx(float(exact), rel=1e-9)


def test_the_ends_are_what_they_must_be() -> None:
    assert fisher_greater(0, 10, 5, 10) == 1.0
    assert fisher_greater(5, 5, 0, 0) == 1.0
    assert binomial_greater(0, 10, 0.1) == 1.0
    assert binomial_greater(3, 10, 0.0) == 0.0
    assert binomial_greater(3, 10, 1.0) == 1.0


def test_thousands_of_desks_lose_no_digits() -> None:
    assert fisher_greater(3000, 5000, 3000, 5000) == pytest.approx(0.5, abs=0.02)
    exact = float(fisher_by_fractions(200, 500, 60, 4500))
    assert 0 < exact < 1e-100
    assert fisher_greater(200, 500, 60, 4500) == pytest.approx(exact, rel=1e-7)


def test_of_what_is_told_as_odd_few_are_false() -> None:
    """Benjamini and Hochberg: among discoveries at 0.1, about a tenth may be none."""
    draw = random.Random(3)
    false_share = []
    for _ in range(200):
        chances = [draw.random() for _ in range(90)] + [draw.random() * 1e-5 for _ in range(10)]
        rates = false_discovery_rates(chances, len(chances))
        told = [place for place, rate in enumerate(rates) if rate <= 0.1]
        assert set(range(90, 100)) <= set(told)
        false_share.append(sum(place < 90 for place in told) / len(told))
    assert sum(false_share) / len(false_share) < 0.12


def test_a_window_that_may_begin_anywhere_holds_more_than_those_beside_each_other() -> None:
    """Drawn: of 200 desks one after the other, how often do k of some n fail? Not more often than
    the factor has it, but for the luck of the draw, and more than twice as often as in one of
    those that stand beside each other.
    """
    chance, desks, window, rate, trials = random.Random(7), 200, 10, 0.1, 4000
    most = []
    for _trial in range(trials):
        failed = [chance.random() < rate for _desk in range(desks)]
        sums = [0, *accumulate(failed)]
        most.append(max(sums[at + window] - sums[at] for at in range(desks - window + 1)))
    for count in (5, 6):
        beside = binomial_greater(count, window, rate) * desks / window
        drawn = sum(each >= count for each in most)
        assert drawn > 2 * beside * trials
        bound = beside * places_of_a_window(count, window * rate)
        assert binomial_greater(drawn, trials, bound) > 0.001
    assert places_of_a_window(2, 3.0) == 1.0
