"""quality.latency: is the round trip short enough for a conversation?"""

import math
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.fault_location import fault_line, fault_of_delay
from natwizard.checks.shared.media_limits import (
    STOP_OTHER_USE,
    LimitedValue,
    MediaLimits,
    judge_against_limit,
    measured_round_trip,
    usable_figures,
    waits_in_a_queue,
)
from natwizard.checks.shared.number_format import milliseconds
from natwizard.checks.verdict import Verdict, failed, passed
from natwizard.model.finding import Chart, Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.link.route import LINK
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import MEDIA, MediaFigures

# Streams are lengthened by 2.5 s (decision 12): in whole tens the axis ends at a round number
CHART_STEP_S = 10
TILE_TITLE = N_("Round trip")


class LatencyLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The median round trip must be below this, in ms."""

    # the vendor's "Technical Prerequisites": under 100 ms
    round_trip_ms: float = 100.0


DETOUR = N_("Ask whether traffic takes a detour (VPN, proxy).")
DETOUR_REQUEST = N_(
    "Please look at the way of voice traffic (UDP) to {target}: does it go through a VPN,"
    " a proxy or a distant site? The round trip takes {median} (median), {lowest} at best."
)
VERDICTS: Final[Mapping[Status, Verdict]] = {
    Status.PASS: passed(N_("Answers come back fast enough for a conversation.")),
    Status.BORDERLINE: Verdict(
        status=Status.BORDERLINE,
        summary=N_("The delay is at the edge of what a conversation bears."),
        remedy=DETOUR,
        request=DETOUR_REQUEST,
        owner=Owner.NETWORK_TEAM,
    ),
    Status.FAIL: failed(
        N_("You and the caller would talk over each other."), DETOUR, DETOUR_REQUEST
    ),
}
IN_A_QUEUE: Final[Mapping[Status, Verdict]] = {
    status: replace(VERDICTS[status], remedy=STOP_OTHER_USE, request="", owner=Owner.AGENT)
    for status in (Status.BORDERLINE, Status.FAIL)
}
"""Downloads and uploads of others fill the line, or the Wi-Fi is slow: no detour is why."""


def judge(inputs: Inputs, limits: LatencyLimits) -> Judgement:
    """Compare the median, which a few slow packets do not move."""
    evidence = inputs.evidence(MEDIA)
    figures = usable_figures(evidence, limits)
    times = measured_round_trip(figures)
    measured = LimitedValue(
        value=times.median_ms,
        low=times.median_low_ms,
        high=times.median_high_ms,
        limit=limits.round_trip_ms,
        unit=Unit.MILLISECOND,
    )
    named = {
        "median": times.median_ms,
        "lowest": times.lowest_ms,
        "p95": times.p95_ms,
        "highest": times.highest_ms,
    }
    words = {name: milliseconds(value) for name, value in named.items()}
    words["median"] = measured.written(1 if measured.value < 10 else 0)
    observed = _("{median} median").format(median=words["median"])
    if measured.status is Status.BORDERLINE:
        observed = f"{observed}, {measured.likely}"
    spread = _("fastest {lowest}, median {median}, 95 % under {p95}, slowest {highest}")
    fault = fault_of_delay(figures, evidence.hops or PathRouters())
    return judge_against_limit(
        {**VERDICTS, **IN_A_QUEUE} if waits_in_a_queue(figures.round_trip) else VERDICTS,
        measured,
        evidence,
        figures,
        title=_(TILE_TITLE),
        digits=0,
        observed=observed,
        quantities=tuple(
            Quantity(name=name, value=value, unit=Unit.MILLISECOND) for name, value in named.items()
        ),
        details=(
            Detail(label=_("Round trip"), text=spread.format(**words)),
            *fault_line(inputs, evidence, fault, measured.status),
        ),
        texts={"target": evidence.path.target, **words},
        chart=_chart(figures, limits.round_trip_ms),
    )


def _chart(figures: MediaFigures, limit: float) -> Chart:
    length_s = max(1, math.ceil(figures.duration_s / CHART_STEP_S)) * CHART_STEP_S
    return Chart(title=_("Round trip"), limit_ms=limit, length_s=length_s, columns=figures.columns)


QUALITY_LATENCY = Check(
    name="quality.latency",
    meaning=N_(
        "How long your voice takes to the service and back. From a tenth of a second on, "
        "people begin to talk over each other."
    ),
    title=N_("Latency (round trip)"),
    term="Latency",
    page=Page.UDP_MEDIA,
    headline="median",
    tile_title=TILE_TITLE,
    settings=("media", "turn"),
    method=N_("Round trip of test packets the size of voice packets; median"),
    reads_silence=True,
    needs=(MEDIA, LINK),
    limits=LatencyLimits,
    judge=judge,
)
