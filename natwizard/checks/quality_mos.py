"""quality.mos: how good would a call sound? An estimate from round trip, jitter and loss."""

import math

from msgspec import Struct

from natwizard.checks.base import Check, Inputs
from natwizard.checks.shared.media_limits import (
    MediaLimits,
    measured_round_trip,
    usable_figures,
    worst_jitter,
)
from natwizard.checks.shared.number_format import beside, milliseconds, number, with_unit
from natwizard.checks.verdict import VerdictTable, passed, warned
from natwizard.model.finding import Detail, Judgement, Page
from natwizard.model.language import N_, _
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import short_number
from natwizard.probes.media.figures import Counted
from natwizard.probes.media.stream import MEDIA

# G.107, table 2: dB, or dBm0p for noise
SLR, RLR = 8.0, 2.0
STMR = 15.0
"""Sidetone: how softly one's own voice is heard in one's own earpiece."""
DS, DR = 3.0, 3.0
LSTR = STMR + DR
"""How the room's noise is heard in one's own earpiece."""
TELR = 65.0
"""Talker echo: how much softer one's own voice comes back."""
WEPL = 110.0
"""Weighted echo path loss: how much softer the listener's echo is than the voice."""
NC, NFOR = -70.0, -64.0
PS, PR = 35.0, 35.0
QDU = 1.0

IE_G711 = 0.0
BPL_G711_PLC = 25.1
"""ITU-T G.113, appendix I: G.711 with concealment of losses, packets lost at random."""

SMALLEST_BUFFER_MS = 40.0
"""Two packets; the limit of `quality.latency_under_load` is reckoned with the same."""
BUFFER_JITTERS = 2.0
"""RFC 3550's jitter is a mean; what is late by up to twice of it has to be waited for, too."""
CODEC_DELAY_MS = 20.0
"""One packet of 20 ms has to be spoken before it can be sent."""

UNHEARD_DELAY_MS = 100.0
"""G.107: Idd is 0 up to 100 ms."""


class CallQuality(Struct, frozen=True, kw_only=True):
    """What a call over a line would be like.

    Attributes:
        one_way_ms: half the round trip, the jitter buffer and the codec.
        buffer_ms: the jitter buffer that was assumed.
        rating: R, 0 to 100; mos: 1.0 to 4.5.
    """

    one_way_ms: float
    buffer_ms: float
    rating: float
    mos: float


def call_quality(
    round_trip_ms: float, jitter_ms: float, loss_percent: float, burst_ratio: float = 1.0
) -> CallQuality:
    """Estimate from round trip, RFC 3550 jitter and loss.

    `burst_ratio` (BurstR) is the mean length of a run of losses over that of random ones.
    """
    buffer_ms = max(SMALLEST_BUFFER_MS, BUFFER_JITTERS * jitter_ms)
    one_way_ms = round_trip_ms / 2 + buffer_ms + CODEC_DELAY_MS
    rating = BASIC - delay_impairment(one_way_ms) - loss_impairment(loss_percent, burst_ratio)
    rating = max(0.0, rating)
    return CallQuality(
        one_way_ms=one_way_ms, buffer_ms=buffer_ms, rating=rating, mos=mos_of(rating)
    )


def _noise() -> float:
    """No: what both rooms and the line add up to, in dBm0p."""
    olr = SLR + RLR
    circuit = NC
    send = PS - SLR - DS - 100 + 0.004 * (PS - olr - DS - 14) ** 2
    heard = PR + 10 * math.log10(1 + 10 ** ((10 - LSTR) / 10))
    receive = RLR - 121 + heard + 0.008 * (heard - 35) ** 2
    floor = NFOR + RLR
    return 10 * math.log10(sum(10 ** (each / 10) for each in (circuit, send, receive, floor)))


def _simultaneous(basic: float) -> float:
    """Is = Iolr + Ist + Iq: too loud, too much sidetone, quantizing."""
    x = SLR + RLR + 0.2 * (64 + NOISE - RLR)
    loud = 20 * ((1 + (x / 8) ** 8) ** (1 / 8) - x / 8)
    st = -10 * math.log10(10 ** (-STMR / 10) + math.exp(-1 / 4) * 10 ** (-TELR / 10))
    sidetone = (
        12 * (1 + ((st - 13) / 6) ** 8) ** (1 / 8)
        - 28 * (1 + ((st + 1) / 19.4) ** 35) ** (1 / 35)
        - 13 * (1 + ((st - 3) / 33) ** 13) ** (1 / 13)
        + 29
    )
    q = 37 - 15 * math.log10(QDU)
    g = 1.07 + 0.258 * q + 0.0602 * q**2
    y = (basic - 100) / 15 + 46 / 8.4 - g / 9
    z = 46 / 30 - g / 40
    quantizing = 15 * math.log10(1 + 10**y + 10**z)
    total: float = loud + sidetone + quantizing
    return total


NOISE = _noise()
RO = 15 - 1.5 * (SLR + NOISE)
BASIC = RO - _simultaneous(RO)


def delay_impairment(one_way_ms: float) -> float:
    """Id = Idte + Idle + Idd, with T = Ta and Tr = 2 T."""
    return _talker_echo(one_way_ms) + _listener_echo(2 * one_way_ms) + _pure_delay(one_way_ms)


def _talker_echo(one_way_ms: float) -> float:
    """Idte; under a millisecond an echo is sidetone."""
    if one_way_ms < 1:
        return 0.0
    terv = (
        TELR
        - 40 * math.log10((1 + one_way_ms / 10) / (1 + one_way_ms / 150))
        + 6 * math.exp(-0.3 * one_way_ms**2)
    )
    roe, re = -1.5 * (NOISE - RLR), 80 + 2.5 * (terv - 14)
    half = (roe - re) / 2
    return (half + math.hypot(half, 10) - 1) * (1 - math.exp(-one_way_ms))


def _listener_echo(there_and_back_ms: float) -> float:
    """Idle."""
    rle: float = 10.5 * (WEPL + 7) * (there_and_back_ms + 1) ** -0.25
    half = (RO - rle) / 2
    return half + math.hypot(half, 13)


def _pure_delay(one_way_ms: float) -> float:
    """Idd, which even a line without any echo has."""
    if one_way_ms <= UNHEARD_DELAY_MS:
        return 0.0
    x = math.log2(one_way_ms / UNHEARD_DELAY_MS)
    near, far = math.pow(1 + x**6, 1 / 6), math.pow(1 + (x / 3) ** 6, 1 / 6)
    return 25 * (near - 3 * far + 2)


def loss_impairment(loss_percent: float, burst_ratio: float = 1.0) -> float:
    """Ie,eff of (7-29)."""
    robust = loss_percent / max(1.0, burst_ratio) + BPL_G711_PLC
    return IE_G711 + (95 - IE_G711) * loss_percent / robust


def mos_of(rating: float) -> float:
    """Mean opinion score of a rating R; the polynomial dips below 1 for R under 6.5."""
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)


class MosLimits(MediaLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Estimated MOS: good from `good`, poor below `fair`."""

    # R of 80 and of 70: users are satisfied, and some are not (ITU-T G.109, table 1)
    good: float = 4.0
    fair: float = 3.6


FIRST = N_("Put right round trip, jitter and loss first; this follows from them.")
REQUEST = N_(
    "Please give voice (UDP) priority on this line, and see what delays or drops it. The"
    " estimate follows from a round trip of {round_trip}, jitter of {jitter} and {loss}"
    " loss."
)


class Impression(VerdictTable):
    """How a call would sound."""

    GOOD = passed(N_("Calls should sound good."))
    FAIR = warned(N_("Calls should sound fair, not good."), FIRST, REQUEST)
    POOR = warned(N_("Calls would sound poor."), FIRST, REQUEST)


def judge(inputs: Inputs, limits: MosLimits) -> Judgement:
    """Put the three figures into the E-model. An estimate: advice, whatever it comes to."""
    evidence = inputs.evidence(MEDIA)
    figures = usable_figures(evidence, limits)
    round_trip_ms = measured_round_trip(figures).median_ms
    jitter_ms = worst_jitter(figures)[0].mean_ms
    counted = figures.counted
    loss_percent = 100 * (counted.sent - counted.received) / max(1, counted.sent)
    quality = call_quality(round_trip_ms, jitter_ms, loss_percent, burst_ratio(counted))
    return _impression(quality.mos, limits).verdict.judgement(
        texts={
            "round_trip": milliseconds(round_trip_ms),
            "jitter": milliseconds(jitter_ms),
            "loss": with_unit(loss_percent, "%", 2),
        },
        observed=_("about {mos} of 5").format(
            mos=beside(quality.mos, "", 1, limits.good, limits.fair)
        ),
        expected=_("{good} or more").format(good=short_number(limits.good)),
        measured=(
            Quantity(name="mos", value=quality.mos, unit=Unit.MOS),
            Quantity(name="rating", value=quality.rating, unit=Unit.COUNT),
            Quantity(name="one_way", value=quality.one_way_ms, unit=Unit.MILLISECOND),
        ),
        details=_details(quality, round_trip_ms, jitter_ms, loss_percent),
    )


def _impression(mos: float, limits: MosLimits) -> Impression:
    if mos >= limits.good:
        return Impression.GOOD
    return Impression.FAIR if mos >= limits.fair else Impression.POOR


def burst_ratio(counted: Counted) -> float:
    """BurstR of G.107: mean run of losses over that of losses by chance; 1 for none."""
    lost = counted.sent - counted.received
    if not counted.gaps or not counted.received:
        return 1.0
    return max(1.0, lost / counted.gaps * counted.received / counted.sent)


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
    meaning=N_(
        "A mark for how a call would sound, from 1 (bad) to 5 (perfect), reckoned from delay, "
        "jitter and loss. People call 4 good."
    ),
    title=N_("Call quality (MOS)"),
    term="MOS",
    page=Page.UDP_MEDIA,
    stands_for_page=True,
    method=N_("ITU-T G.107 from the three above. An estimate: it never decides a result"),
    reads_silence=True,
    needs=(MEDIA,),
    limits=MosLimits,
    judge=judge,
)
