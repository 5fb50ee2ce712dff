"""Exact tests for counts of desks, and the correction for having looked at many of them. Pure."""

import math
from collections.abc import Sequence
from typing import Final

RATES_TRIED: Final = 200
"""Between 0 and 1, for the largest chance over all of them: it is flat where it is largest."""
ROUNDING: Final = 1e-9
"""Tables that are equally extreme differ in their last digits only."""


def fisher_greater(failed: int, desks: int, failed_elsewhere: int, desks_elsewhere: int) -> float:
    """Chance of at least so many failures here if place made no difference.

    Fisher's exact test, one-sided: failures are drawn without replacement from all desks
    (hypergeometric distribution; Fisher 1935, Agresti, "Categorical Data Analysis", 2.6).
    """
    whole, failing = desks + desks_elsewhere, failed + failed_elsewhere
    most = min(desks, failing)
    if failed <= max(0, failing - desks_elsewhere):
        return 1.0
    log_term = (
        log_choose(failing, failed)
        + log_choose(whole - failing, desks - failed)
        - log_choose(whole, desks)
    )
    # each term from the one before: a sum of thousands of logarithms would lose digits
    term, total = 1.0, 1.0
    for count in range(failed, most):
        term *= (failing - count) * (desks - count)
        term /= (count + 1) * (whole - failing - desks + count + 1)
        total += term
    return min(1.0, math.exp(log_term + math.log(total)))


def binomial_greater(failed: int, desks: int, chance: float) -> float:
    """Chance of at least so many failures where each desk fails by itself with `chance`."""
    if failed <= 0 or chance >= 1:
        return 1.0
    if chance <= 0:
        return 0.0
    log_term = (
        log_choose(desks, failed)
        + failed * math.log(chance)
        + (desks - failed) * math.log1p(-chance)
    )
    term, total = 1.0, 1.0
    for count in range(failed, desks):
        term *= (desks - count) * chance / ((count + 1) * (1 - chance))
        total += term
    return min(1.0, math.exp(log_term + math.log(total)))


def boschloo_greater(failed: int, desks: int, failed_elsewhere: int, desks_elsewhere: int) -> float:
    """The same question as `fisher_greater` asks, answered without taking the sum of failures as
    given: never larger than Fisher's, and of few desks several times smaller.

    Boschloo's exact test, one-sided ("Raised conditional level of significance for the 2 x 2-table
    when testing the equality of two probabilities", 1970): Fisher's value is the statistic, and
    the largest chance over all rates that here and elsewhere may have in common is the answer.
    Takes time with the product of the desks.
    """
    observed = fisher_greater(failed, desks, failed_elsewhere, desks_elsewhere)
    if observed >= 1.0 or not desks_elsewhere:
        return observed
    # of so many elsewhere, at least so many here are as extreme as what was seen
    least, bounds = 0, []
    for count in range(desks_elsewhere + 1):
        while least <= desks and (
            fisher_greater(least, desks, count, desks_elsewhere) > observed * (1 + ROUNDING)
        ):
            least += 1
        bounds.append(least)
    largest = max(
        _chance_beyond(bounds, desks, step / RATES_TRIED) for step in range(1, RATES_TRIED)
    )
    return min(observed, largest)


def _chance_beyond(bounds: Sequence[int], desks: int, rate: float) -> float:
    """Of at least `bounds[n]` failures here with n elsewhere, where all fail at one rate."""
    tails = [0.0]
    for count in range(desks, -1, -1):
        tails.append(tails[-1] + _binomial(count, desks, rate))
    tails.reverse()
    elsewhere = len(bounds) - 1
    return sum(
        _binomial(count, elsewhere, rate) * tails[least]
        for count, least in enumerate(bounds)
        if least <= desks
    )


def _binomial(count: int, whole: int, rate: float) -> float:
    log_chance = count * math.log(rate) + (whole - count) * math.log1p(-rate)
    return math.exp(log_choose(whole, count) + log_chance)


def places_of_a_window(failed: int, expected: float) -> float:
    """By how much a window that may begin anywhere is likelier to hold so many failures than one of
    several of its length that stand beside each other, where `expected` are usual.

    Of n windows beside each other Wallenstein and Neff have n (k - expected) times the chance of
    exactly k in one of them ("An approximation for the distribution of the scan statistic",
    Statistics in Medicine 6, 1987, 197-207); of at least k, as here, it errs on the safe side.
    """
    return max(1.0, failed - expected)


def false_discovery_rates(chances: Sequence[float], looks: int) -> list[float]:
    """The share of false ones among all that are as clear as each (Benjamini, Hochberg 1995)."""
    order = sorted(range(len(chances)), key=lambda place: chances[place], reverse=True)
    rates, lowest = [1.0] * len(chances), 1.0
    for rank, place in zip(range(len(order), 0, -1), order, strict=True):
        lowest = min(lowest, chances[place] * max(looks, len(order)) / rank)
        rates[place] = lowest
    return rates


def log_choose(whole: int, part: int) -> float:
    """Natural logarithm of how many ways there are to choose some of them."""
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)
