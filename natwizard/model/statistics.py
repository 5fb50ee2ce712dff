"""The few statistics that findings rest on."""

import math
import statistics
from collections.abc import Callable, Sequence

Z_95 = 1.959964

BATCHES = 10
"""They held the truth more often than what else was tried on simulated lines (decision 12)."""
STUDENT_95 = 2.262
"""Student's t for nine degrees of freedom, 95 %, two-sided."""


def wilson_interval(hits: float, trials: float, z: float = Z_95) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927): low and high, 0.0 to 1.0; (0, 1) for no trials.

    Unlike the plain normal interval it is honest at 0 of n: 0 lost of 500 may still be 0.76 %.
    """
    if trials == 0:
        return 0.0, 1.0
    share, z2 = hits / trials, z * z
    centre = share + z2 / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    scale = 1 + z2 / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def clustered_interval(hits: int, runs: int, trials: int) -> tuple[float, float]:
    """Wilson's interval where hits come in runs, as losses of a line do; 0 `runs`: not known.

    A run tells hardly more than one hit. The trials are divided by the factor by which the
    variance of a two-state Markov chain's mean is larger than that of independent trials
    (Gilbert 1960; Kish's design effect), but never so far that less than one hit is left.
    """
    if not 0 < runs < hits or hits >= trials:
        return wilson_interval(hits, trials)
    stays, begins = 1 - runs / hits, runs / (trials - hits)
    alike = min(max(0.0, stays - begins), 1 - 1 / trials)
    effect = min((1 + alike) / (1 - alike), float(hits))
    return wilson_interval(hits / effect, trials / effect)


def half_width(
    samples: Sequence[float], middle: Callable[[Sequence[float]], float]
) -> float | None:
    """Half the 95 % interval of a mean or median of samples in order; None for fewer than ten.

    Neighbours in a stream are alike, so ten batches are compared, not single samples.
    """
    size = len(samples) // BATCHES
    if size == 0:
        return None
    batches = [samples[start : start + size] for start in range(0, BATCHES * size, size)]
    return STUDENT_95 * statistics.stdev(map(middle, batches)) / math.sqrt(BATCHES)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Value below which `share` of the samples lie, by linear interpolation (Hyndman-Fan 7).

    `ordered` must be sorted and not empty.
    """
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
