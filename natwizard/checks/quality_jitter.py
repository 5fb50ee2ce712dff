"""quality.jitter: do packets arrive evenly?"""

from collections.abc import Mapping
from typing import Final

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.fault_location import fault_line, fault_of_jitter
from natwizard.checks.shared.media_limits import (
    LimitedValue,
    MediaLimits,
    judge_against_limit,
    usable_figures,
    worst_jitter,
)
from natwizard.checks.shared.number_format import with_unit
from natwizard.checks.verdict import Verdict, failed, passed
from natwizard.model.finding import Detail, Judgement, Owner, Page, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.link.route import LINK
from natwizard.probes.media.figures import Jitter
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import MEDIA, MediaFigures


class JitterLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """RFC 3550 jitter of the worse direction must be below this, in ms."""

    # the vendor's "Technical Prerequisites": under 20 ms
    jitter_ms: float = 20.0


TILE_TITLE = N_("Jitter")
VERDICTS: Final[Mapping[Status, Verdict]] = {
    Status.PASS: passed(N_("Your connection is steady.")),
    Status.BORDERLINE: Verdict(
        status=Status.BORDERLINE,
        summary=N_("Your connection is at the edge of steady."),
        remedy=N_("Use a cable, then run again."),
        owner=Owner.AGENT,
    ),
    Status.FAIL: failed(
        N_("Your connection is too unsteady for clear calls."),
        N_("Use a cable and stop large downloads, then run again."),
    ),
}


def judge(inputs: Inputs, limits: JitterLimits) -> Judgement:
    """Compare the worse direction; a call needs both."""
    evidence = inputs.evidence(MEDIA)
    figures = usable_figures(evidence, limits)
    jitter, way = worst_jitter(figures)
    measured = LimitedValue(
        value=jitter.mean_ms,
        low=jitter.low_ms,
        high=jitter.high_ms,
        limit=limits.jitter_ms,
        unit=Unit.MILLISECOND,
    )
    fault = fault_of_jitter(figures, evidence.hops or PathRouters())
    why = _("Interarrival jitter after RFC 3550, {way}; {highest} at its worst.")
    return judge_against_limit(
        VERDICTS,
        measured,
        evidence,
        figures,
        title=_(TILE_TITLE),
        digits=1,
        observed=f"{measured.written(1)}, {measured.likely}",
        quantities=_quantities(figures, jitter),
        details=(
            Detail(
                label=_("Why we say so"),
                text=why.format(way=way, highest=with_unit(jitter.highest_ms, "ms", 1)),
            ),
            *_directions(figures),
            *fault_line(inputs, evidence, fault, measured.status),
        ),
    )


def _quantities(figures: MediaFigures, worst: Jitter) -> tuple[Quantity, ...]:
    named = (
        ("jitter", worst),
        ("jitter_out", figures.jitter.out),
        ("jitter_back", figures.jitter.back),
        ("jitter_round_trip", figures.jitter.round_trip),
    )
    return tuple(
        Quantity(name=name, value=jitter.mean_ms, unit=Unit.MILLISECOND)
        for name, jitter in named
        if jitter is not None
    )


def _directions(figures: MediaFigures) -> tuple[Detail, ...]:
    rows = (
        (_("There"), figures.jitter.out),
        (_("Back"), figures.jitter.back),
        (_("There and back"), figures.jitter.round_trip),
    )
    return tuple(
        Detail(label=label, text=with_unit(jitter.mean_ms, "ms", 1))
        for label, jitter in rows
        if jitter is not None
    )


QUALITY_JITTER = Check(
    name="quality.jitter",
    meaning=N_(
        "How unevenly the parts of a voice arrive. Too much, and some come too late to be "
        "heard: speech sounds chopped."
    ),
    title=N_("Jitter"),
    term="Jitter",
    page=Page.UDP_MEDIA,
    headline="jitter",
    tile_title=TILE_TITLE,
    reads_silence=True,
    needs=(MEDIA, LINK),
    limits=JitterLimits,
    judge=judge,
    method=N_("RFC 3550 interarrival jitter of the same packets"),
)
