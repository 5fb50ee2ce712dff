"""Interarrival jitter of one direction. Source: RFC 3550, 6.4.1 and A.8."""

import itertools
import statistics
from collections.abc import Sequence

from msgspec import Struct

from natwizard.model.statistics import half_width

GAIN = 16
SETTLING = 2 * GAIN
"""The estimate starts from 0: what it says of the first packets is too low."""


class Jitter(Struct, frozen=True, kw_only=True):
    """Jitter in ms.

    Attributes:
        mean_ms: mean of RFC 3550's running estimate once it has settled; one reading of it
            tells of some twenty packets only.
        last_ms, highest_ms: its last reading (what an RTCP report would hold), its highest.
        low_ms, high_ms: where the mean lies with 95 %, from means of ten batches.
    """

    mean_ms: float
    last_ms: float
    highest_ms: float
    low_ms: float
    high_ms: float


def jitter_of(transits_ms: Sequence[float]) -> Jitter | None:
    """Jitter of transit times in order of arrival; None for fewer than two packets.

    A transit time may hold any constant, such as the difference of two clocks.
    """
    changes = [abs(b - a) for a, b in itertools.pairwise(transits_ms)]
    if not changes:
        return None
    estimate, estimates = 0.0, []
    for change in changes:
        estimate += (change - estimate) / GAIN
        estimates.append(estimate)
    settled = estimates[SETTLING:] or [statistics.fmean(changes)]
    mean = statistics.fmean(settled)
    low, high = _interval(changes)
    return Jitter(
        mean_ms=mean,
        last_ms=estimates[-1],
        highest_ms=max(settled),
        low_ms=min(low, mean),
        high_ms=max(high, mean),
    )


def _interval(changes: list[float]) -> tuple[float, float]:
    half = half_width(changes, statistics.fmean)
    if half is None:
        return 0.0, max(changes)
    centre = statistics.fmean(changes)
    return max(0.0, centre - half), centre + half
