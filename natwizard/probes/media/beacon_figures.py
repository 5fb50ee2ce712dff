"""Turns a stream to public beacons into figures, for the whole and for each location. Pure."""

import cmath
import math
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from natwizard.model.privacy import PublicText
from natwizard.probes.media.beacons import (
    BeaconLocation,
    BeaconPath,
    BeaconStream,
    locations_of,
    relative_times_ms,
)
from natwizard.probes.media.figures import (
    Counted,
    Jitter,
    RoundTrip,
    jitter_of,
    lost_runs,
    round_trip_of,
)

LIMIT_PERIOD_S = 1.0
"""Limits of public servers are counted by the second."""


class BeaconFigures(Struct, frozen=True, kw_only=True):
    """What the packets of one location showed.

    Attributes:
        place: where it stands, as the profile says it.
        lost_phase: 0 to 1, how closely the losses keep to one part of every second: a limit of
            packets a second answers the first ones of each second, a line loses at any time. 1 is
            one arc of the second, whole, however wide it is. 0 where fewer than two were lost.
    """

    place: PublicText
    location: BeaconLocation
    counted: Counted
    round_trip: RoundTrip | None
    jitter: Jitter | None
    lost_phase: float = 0.0


def times_by_number_ms(stream: BeaconStream) -> dict[int, float]:
    """Round trip by packet, of the first answer, in order of arrival."""
    times: dict[int, float] = {}
    for reply in stream.replies:
        times.setdefault(reply.number, (reply.arrived_ns - stream.sent_ns[reply.number]) / 1e6)
    return times


def counted_of(stream: BeaconStream, numbers: Sequence[int]) -> Counted:
    """What became of these packets. Order is told by socket: paths differ in length."""
    wanted, unsent = set(numbers), set(stream.unsent)
    answers = [reply.number for reply in stream.replies if reply.number in wanted]
    arrived = list(dict.fromkeys(answers))
    newest: dict[int, int] = {}
    reordered = 0
    for number in arrived:
        flow = stream.flow_of[number]
        reordered += number < newest.get(flow, -1)
        newest[flow] = max(number, newest.get(flow, -1))
    runs = lost_runs(numbers, set(arrived), unsent)
    return Counted(
        sent=len(wanted - unsent),
        received=len(arrived),
        duplicates=len(answers) - len(arrived),
        reordered=reordered,
        longest_gap=max(runs, default=0),
        gaps=len(runs),
    )


def figures_by_location(
    stream: BeaconStream, paths: Sequence[BeaconPath], places: Mapping[str, str]
) -> tuple[BeaconFigures, ...]:
    """One entry a location, nearest first."""
    times, relative = times_by_number_ms(stream), relative_times_ms(stream)
    found = []
    for place, location in enumerate(locations_of(stream, paths)):
        numbers = [n for n, flow in enumerate(stream.flow_of) if flow % len(paths) == place]
        own = set(numbers)
        found.append(
            BeaconFigures(
                place=places.get(location.target, ""),
                location=location,
                counted=counted_of(stream, numbers),
                round_trip=round_trip_of([ms for n, ms in times.items() if n in own]),
                jitter=jitter_of([ms for n, ms in relative.items() if n in own]),
                lost_phase=_lost_phase(
                    stream, own - times.keys() - set(stream.unsent), own & times.keys()
                ),
            )
        )
    return tuple(found)


def nearest_round_trip(locations: Sequence[BeaconFigures]) -> RoundTrip | None:
    """Of the location that answers fastest: a call takes the nearest server, too."""
    times = [each.round_trip for each in locations if each.round_trip is not None]
    return min(times, key=lambda each: each.median_ms, default=None)


def chart_times_ms(stream: BeaconStream) -> dict[int, float]:
    """Round trips by packet as if all locations were as near as the nearest."""
    lowest_ms = min(times_by_number_ms(stream).values(), default=0.0)
    return {number: ms + lowest_ms for number, ms in relative_times_ms(stream).items()}


def _lost_phase(stream: BeaconStream, lost: Collection[int], answered: Collection[int]) -> float:
    """The mean resultant length of the send times of those that are fewer, lost or answered, as a
    share of what packets that fill an arc of that width have: sin(pi w) / (pi w). (Mardia and Jupp,
    "Directional Statistics", 3.4.) Without the share, a limit that takes most packets would read
    as a line that does: their arc is nearly the whole second.
    """
    if len(lost) < 2 or not answered:
        return 0.0
    fewer = min(lost, answered, key=len)
    width = len(fewer) / (len(lost) + len(answered))
    turns = (stream.sent_ns[number] / 1e9 / LIMIT_PERIOD_S for number in fewer)
    resultant = abs(sum(cmath.exp(2j * math.pi * (turn % 1.0)) for turn in turns)) / len(fewer)
    return min(1.0, resultant * math.pi * width / math.sin(math.pi * width))
