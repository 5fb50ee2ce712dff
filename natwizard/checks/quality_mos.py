"""quality.mos: how good would a call sound? An estimate from round trip, jitter and loss."""

from natwizard.checks.base import Case, Check
from natwizard.checks.g107 import CODEC_DELAY_MS, CallQuality, call_quality
from natwizard.checks.media_limits import (
    MediaLimits,
    measured_round_trip,
    usable_figures,
    worst_jitter,
)
from natwizard.checks.wording import milliseconds, number, with_unit
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.media import MEDIA
from natwizard.probes.media_figures import Counted


class MosLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Estimated MOS: good from `good`, poor below `fair`."""

    good: float = 4.0
    fair: float = 3.6


def judge(case: Case, limits: MosLimits) -> Judgement:
    """Put the three figures into the E-model. An estimate: advice, whatever it comes to."""
    evidence = case.evidence(MEDIA)
    figures = usable_figures(evidence, limits)
    round_trip_ms = measured_round_trip(figures).median_ms
    jitter_ms = worst_jitter(figures)[0].mean_ms
    counted = figures.counted
    loss_percent = 100 * (counted.sent - counted.received) / max(1, counted.sent)
    quality = call_quality(round_trip_ms, jitter_ms, loss_percent, burst_ratio(counted))
    status, summary = _verdict(quality.mos, limits)
    return Judgement(
        status=status,
        summary=summary,
        observed=_("about {mos} of 5").format(mos=number(quality.mos, 1)),
        expected=_("{good} or more").format(good=number(limits.good, 1)),
        measured=(
            Quantity(name="mos", value=quality.mos, unit=Unit.MOS),
            Quantity(name="rating", value=quality.rating, unit=Unit.COUNT),
            Quantity(name="one_way", value=quality.one_way_ms, unit=Unit.MILLISECOND),
        ),
        remedy=_remedy(status, (round_trip_ms, jitter_ms, loss_percent)),
        details=_details(quality, round_trip_ms, jitter_ms, loss_percent),
    )


def _verdict(mos: float, limits: MosLimits) -> tuple[Status, str]:
    if mos >= limits.good:
        return Status.PASS, _("Calls should sound good.")
    if mos >= limits.fair:
        return Status.WARN, _("Calls should sound fair, not good.")
    return Status.WARN, _("Calls would sound poor.")


def burst_ratio(counted: Counted) -> float:
    """BurstR of G.107: mean run of losses over that of losses by chance; 1 for none."""
    lost = counted.sent - counted.received
    if not counted.gaps or not counted.received:
        return 1.0
    return max(1.0, lost / counted.gaps * counted.received / counted.sent)


def _remedy(status: Status, parts: tuple[float, float, float]) -> Remedy | None:
    if status is Status.PASS:
        return None
    round_trip_ms, jitter_ms, loss_percent = parts
    return Remedy(
        text=_("Put right round trip, jitter and loss first; this follows from them."),
        owner=Owner.NETWORK_TEAM,
        request=_(
            "Please give voice (UDP) priority on this line, and see what delays or drops it. The"
            " estimate follows from a round trip of {round_trip}, jitter of {jitter} and {loss}"
            " loss."
        ).format(
            round_trip=milliseconds(round_trip_ms),
            jitter=milliseconds(jitter_ms),
            loss=with_unit(loss_percent, "%", 2),
        ),
    )


def _details(
    quality: CallQuality, round_trip_ms: float, jitter_ms: float, loss_percent: float
) -> tuple[Detail, ...]:
    return (
        Detail(
            label=_("Why we say so"),
            text=_(
                "ITU-T G.107 for G.711 with loss concealment (Ie 0, Bpl 25.1), all else at its"
                " defaults: R = {rating}, MOS {mos}."
            ).format(rating=number(quality.rating, 1), mos=number(quality.mos, 2)),
        ),
        Detail(
            label=_("Put in"),
            text=_("round trip {round_trip}, jitter {jitter}, loss {loss}").format(
                round_trip=milliseconds(round_trip_ms),
                jitter=with_unit(jitter_ms, "ms", 1),
                loss=with_unit(loss_percent, "%", 2),
            ),
        ),
        Detail(
            label=_("One way"),
            text=_(
                "{one_way}: half the round trip, {buffer} of jitter buffer (twice the jitter,"
                " at least 40 ms) and {codec} for the codec"
            ).format(
                one_way=milliseconds(quality.one_way_ms),
                buffer=milliseconds(quality.buffer_ms),
                codec=milliseconds(CODEC_DELAY_MS),
            ),
        ),
    )


QUALITY_MOS = Check(
    name="quality.mos",
    title=N_("Call quality"),
    page=Page.UDP_MEDIA,
    needs=(MEDIA,),
    limits=MosLimits,
    judge=judge,
)
