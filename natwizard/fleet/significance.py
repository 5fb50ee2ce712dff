"""Exact tests for counts of desks, and the correction for having looked at many of them. Pure."""

import math
from collections.abc import Sequence


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
        _log_choose(failing, failed)
        + _log_choose(whole - failing, desks - failed)
        - _log_choose(whole, desks)
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
        _log_choose(desks, failed)
        + failed * math.log(chance)
        + (desks - failed) * math.log1p(-chance)
    )
    term, total = 1.0, 1.0
    for count in range(failed, desks):
        term *= (desks - count) * chance / ((count + 1) * (1 - chance))
        total += term
    return min(1.0, math.exp(log_term + math.log(total)))


def false_discovery_rates(chances: Sequence[float], looks: int) -> list[float]:
    """The share of false ones among all that are as clear as each (Benjamini, Hochberg 1995)."""
    order = sorted(range(len(chances)), key=lambda place: chances[place], reverse=True)
    rates, lowest = [1.0] * len(chances), 1.0
    for rank, place in zip(range(len(order), 0, -1), order, strict=True):
        lowest = min(lowest, chances[place] * max(looks, len(order)) / rank)
        rates[place] = lowest
    return rates


def _log_choose(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)
