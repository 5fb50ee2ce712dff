"""Estimated call quality. Source: ITU-T G.107 (E-model) in its simplified form for one codec.

R = 93.2 - Id - Ie,eff: 93.2 is the basic quality with every other input at its default;
Id of the delay as fitted by Cole and Rosenbluth (ACM CCR 31-2, 2001); Ie,eff from G.107 (7-29)
for random loss. G.711 with packet loss concealment: Ie 0, Bpl 25.1 (G.113, appendix I,
table I.1 of 02/2001). R to MOS: G.107, annex B.
"""

from msgspec import Struct

R_BASIC = 93.2
IE_G711 = 0.0
BPL_G711_PLC = 25.1

DELAY_FACTOR = 0.024
DELAY_KNEE_MS = 177.3
DELAY_FACTOR_BEYOND = 0.11

SMALLEST_BUFFER_MS = 40.0
BUFFER_JITTERS = 2.0
CODEC_DELAY_MS = 20.0
"""One packet of 20 ms has to be spoken before it can be sent."""


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


def call_quality(round_trip_ms: float, jitter_ms: float, loss_percent: float) -> CallQuality:
    """Estimate from round trip, RFC 3550 jitter and loss."""
    buffer_ms = max(SMALLEST_BUFFER_MS, BUFFER_JITTERS * jitter_ms)
    one_way_ms = round_trip_ms / 2 + buffer_ms + CODEC_DELAY_MS
    delay = DELAY_FACTOR * one_way_ms
    delay += DELAY_FACTOR_BEYOND * max(0.0, one_way_ms - DELAY_KNEE_MS)
    equipment = IE_G711 + (95 - IE_G711) * loss_percent / (loss_percent + BPL_G711_PLC)
    rating = min(100.0, max(0.0, R_BASIC - delay - equipment))
    return CallQuality(
        one_way_ms=one_way_ms, buffer_ms=buffer_ms, rating=rating, mos=mos_of(rating)
    )


def mos_of(rating: float) -> float:
    """Mean opinion score of a rating R; the polynomial dips below 1 for R under 6.5."""
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
