"""quality.jitter: do packets arrive evenly?"""

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.fault_location import fault_line, fault_of_jitter
from natwizard.checks.shared.media_limits import (
    MediaLimits,
    how_measured,
    likelier_side,
    likely,
    status_against,
    usable_figures,
    worst_jitter,
)
from natwizard.checks.shared.number_format import tried_lines, with_unit
from natwizard.model.finding import Detail, Gauge, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Interval, Quantity, Unit
from natwizard.probes.link.route import LINK
from natwizard.probes.media.figures import Jitter
from natwizard.probes.media.router_probe import PathRouters
from natwizard.probes.media.stream import MEDIA, MediaFigures


class JitterLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """RFC 3550 jitter of the worse direction must be below this, in ms."""

    jitter_ms: float = 20.0


def judge(inputs: Inputs, limits: JitterLimits) -> Judgement:
    """Compare the worse direction; a call needs both."""
    evidence = inputs.evidence(MEDIA)
    figures = usable_figures(evidence, limits)
    jitter, way = worst_jitter(figures)
    limit = limits.jitter_ms
    status = status_against(jitter.mean_ms, jitter.low_ms, jitter.high_ms, limit)
    interval = Interval(low=jitter.low_ms, high=jitter.high_ms, unit=Unit.MILLISECOND)
    observed = f"{with_unit(jitter.mean_ms, 'ms', 1)}, {likely(jitter.low_ms, jitter.high_ms)}"
    if status is Status.BORDERLINE:
        observed = f"{observed}; {likelier_side(jitter.mean_ms, limit)}"
    return Judgement(
        status=status,
        summary=_summary(status),
        observed=observed,
        expected=_("under {limit}").format(limit=with_unit(limit, "ms")),
        measured=_quantities(figures, jitter),
        interval=interval,
        remedy=_remedy(status),
        details=(
            Detail(
                label=_("Why we say so"),
                text=_("Interarrival jitter after RFC 3550, {way}; {highest} at its worst.").format(
                    way=way, highest=with_unit(jitter.highest_ms, "ms", 1)
                ),
            ),
            *_ways(figures),
            *fault_line(
                inputs, evidence, fault_of_jitter(figures, evidence.hops or PathRouters()), status
            ),
            *how_measured(figures, evidence.path),
        ),
        tried=tried_lines(evidence.path.attempts()),
        gauge=Gauge(
            title=_("Jitter"), value=jitter.mean_ms, unit="ms", limit=limit, interval=interval
        ),
    )


def _summary(status: Status) -> str:
    match status:
        case Status.PASS:
            return _("Your connection is steady.")
        case Status.BORDERLINE:
            return _("Your connection is at the edge of steady.")
        case _:
            return _("Your connection is too unsteady for clear calls.")


def _remedy(status: Status) -> Remedy | None:
    match status:
        case Status.PASS:
            return None
        case Status.BORDERLINE:
            return Remedy(text=_("Use a cable, then run again."), owner=Owner.AGENT)
        case _:
            return Remedy(
                text=_("Use a cable and stop large downloads, then run again."),
                owner=Owner.AGENT,
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


def _ways(figures: MediaFigures) -> tuple[Detail, ...]:
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
    title=N_("Steadiness"),
    page=Page.UDP_MEDIA,
    needs=(MEDIA, LINK),
    limits=JitterLimits,
    judge=judge,
)
