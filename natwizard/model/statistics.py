"""The few statistics that findings rest on."""

import math
from collections.abc import Sequence

Z_95 = 1.959964


def wilson_interval(hits: int, trials: int, z: float = Z_95) -> tuple[float, float]:
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


def quantile(ordered: Sequence[float], share: float) -> float:
    """Value below which `share` of the samples lie, by linear interpolation (Hyndman-Fan 7).

    `ordered` must be sorted and not empty.
    """
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
