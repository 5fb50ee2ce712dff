"""quality.latency: is the round trip short enough for a conversation?"""

import math

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.fault_location import fault_line, fault_of_delay
from natwizard.checks.shared.media_limits import (
    MediaLimits,
    how_measured,
    likelier_side,
    likely,
    measured_round_trip,
    status_against,
    usable_figures,
)
from natwizard.checks.shared.number_format import milliseconds, tried_lines, with_unit
from natwizard.model.finding import (
    Chart,
    Detail,
    Gauge,
    Judgement,
    Owner,
    Page,
    Remedy,
    Status,
)
from natwizard.model.language import N_, _
from natwizard.model.quantity import Interval, Quantity, Unit
from natwizard.probes.link.route import LINK
from natwizard.probes.media.figures import RoundTrip
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import MEDIA, MediaFigures

CHART_STEP_S = 10


class LatencyLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The median round trip must be below this, in ms."""

    round_trip_ms: float = 100.0


def judge(inputs: Inputs, limits: LatencyLimits) -> Judgement:
    """Compare the median, which a few slow packets do not move."""
    evidence = inputs.evidence(MEDIA)
    figures = usable_figures(evidence, limits)
    times = measured_round_trip(figures)
    limit = limits.round_trip_ms
    status = status_against(times.median_ms, times.median_low_ms, times.median_high_ms, limit)
    interval = Interval(low=times.median_low_ms, high=times.median_high_ms, unit=Unit.MILLISECOND)
    return Judgement(
        status=status,
        summary=_summary(status),
        observed=_observed(status, times, limit),
        expected=_("under {limit}").format(limit=with_unit(limit, "ms")),
        measured=(
            Quantity(name="median", value=times.median_ms, unit=Unit.MILLISECOND),
            Quantity(name="lowest", value=times.lowest_ms, unit=Unit.MILLISECOND),
            Quantity(name="p95", value=times.p95_ms, unit=Unit.MILLISECOND),
            Quantity(name="highest", value=times.highest_ms, unit=Unit.MILLISECOND),
        ),
        interval=interval,
        remedy=_remedy(status, evidence.path.target, times),
        details=(
            Detail(
                label=_("Round trip"),
                text=_(
                    "fastest {lowest}, median {median}, 95 % under {p95}, slowest {highest}"
                ).format(
                    lowest=milliseconds(times.lowest_ms),
                    median=milliseconds(times.median_ms),
                    p95=milliseconds(times.p95_ms),
                    highest=milliseconds(times.highest_ms),
                ),
            ),
            *fault_line(
                inputs, evidence, fault_of_delay(figures, evidence.hops or PathRouters()), status
            ),
            *how_measured(figures, evidence.path),
        ),
        tried=tried_lines(evidence.path.attempts()),
        gauge=Gauge(
            title=_("Round trip"),
            value=times.median_ms,
            unit="ms",
            limit=limit,
            interval=interval,
            digits=0,
        ),
        chart=_chart(figures, limit),
    )


def _summary(status: Status) -> str:
    match status:
        case Status.PASS:
            return _("Answers come back fast enough for a conversation.")
        case Status.BORDERLINE:
            return _("The delay is at the edge of what a conversation bears.")
        case _:
            return _("You and the caller would talk over each other.")


def _observed(status: Status, times: RoundTrip, limit: float) -> str:
    median = _("{median} median").format(median=milliseconds(times.median_ms))
    if status is not Status.BORDERLINE:
        return median
    between = likely(times.median_low_ms, times.median_high_ms)
    return f"{median}, {between}; {likelier_side(times.median_ms, limit)}"


def _remedy(status: Status, target: str, times: RoundTrip) -> Remedy | None:
    if status is Status.PASS:
        return None
    return Remedy(
        text=_("Ask whether traffic takes a detour (VPN, proxy)."),
        owner=Owner.NETWORK_TEAM,
        request=_(
            "Please look at the way of voice traffic (UDP) to {target}: does it go through a VPN,"
            " a proxy or a distant site? The round trip takes {median} (median), {lowest} at best."
        ).format(
            target=target,
            median=milliseconds(times.median_ms),
            lowest=milliseconds(times.lowest_ms),
        ),
    )


def _chart(figures: MediaFigures, limit: float) -> Chart:
    length_s = max(1, math.ceil(figures.duration_s / CHART_STEP_S)) * CHART_STEP_S
    return Chart(title=_("Round trip"), limit_ms=limit, length_s=length_s, columns=figures.columns)


QUALITY_LATENCY = Check(
    name="quality.latency",
    title=N_("Round trip"),
    page=Page.UDP_MEDIA,
    needs=(MEDIA, LINK),
    limits=LatencyLimits,
    judge=judge,
)
