"""Hours of a call as quarter seconds, fed to a real watch: losses, silences, a websocket cut."""

import time

from gui.example_run import example_profile
from msgspec import Struct

from natwizard.model.finding import ChartColumn
from natwizard.model.watch import BadKind, WatchRecord
from natwizard.probes.media.figures import Counted, Directions
from natwizard.probes.media.stream import MediaFigures, TimingQuality
from natwizard.system.environment import real_environment
from natwizard.watch.run import STRETCH_S, Watch

QUARTER_S = 0.25
LOSS_EVERY_S, SILENCE_EVERY_S, CUT_EVERY_S = 20, 4000, 600
LOST_PACKETS, SILENT_PACKETS = 5, 12
ON_TIME = TimingQuality(
    send_late_p95_ms=0.1, send_late_max_ms=0.2, lag_p95_ms=0.1, kernel_times=True, stalls=0
)


class Happened(Struct, frozen=True, kw_only=True):
    """What was put in, to hold against what came out."""

    starts_s: dict[BadKind, list[float]]
    lost: int
    record: WatchRecord


def watched_for(hours: float) -> Happened:
    """A watch of so many hours, as it stands at its end."""
    watch = Watch(
        profile=example_profile(), environment=real_environment(), told=lambda _record: None,
        duration_s=hours * 3600,
    )  # fmt: skip
    starts: dict[BadKind, list[float]] = {
        BadKind.LOST: [], BadKind.NO_ANSWER: [], BadKind.WEBSOCKET_CUT: [],
    }  # fmt: skip
    tally, lost = watch._tally, 0
    tally.websocket_open(0.0)
    for number in range(int(hours * 3600 / QUARTER_S)):
        at_s = number * QUARTER_S
        bad = BadKind.NO_ANSWER if at_s % SILENCE_EVERY_S == 10 else None
        if at_s % LOSS_EVERY_S == 3:
            bad = BadKind.LOST
        if bad is not None:
            starts[bad].append(at_s)
        silent = at_s % SILENCE_EVERY_S in {10, 10.25, 10.5, 10.75}
        gone = SILENT_PACKETS if silent else LOST_PACKETS if bad is BadKind.LOST else 0
        lost += gone
        median = 30 + 10 * ((number % 97) / 97)
        tally.quarter(at_s, ChartColumn(start_s=at_s, low=median - 4, median=median,
                                        high=median + 9, lost=gone))  # fmt: skip
        if at_s % CUT_EVERY_S == 100:
            starts[BadKind.WEBSOCKET_CUT].append(at_s)
            tally.websocket_lost(at_s, BadKind.WEBSOCKET_CUT)
            tally.websocket_open(at_s + 5)
        if (at_s + QUARTER_S) % STRETCH_S == 0:
            tally.stretch(_figures(), at_s - STRETCH_S)
    tally.finish()
    watch._started = time.perf_counter() - hours * 3600
    return Happened(starts_s=starts, lost=lost, record=watch.record())


def _figures() -> MediaFigures:
    return MediaFigures(
        started_s=0, duration_s=STRETCH_S, interval_ms=20, payload_bytes=172,
        counted=Counted(sent=500, received=495, duplicates=0, reordered=0, longest_gap=5),
        round_trip=None, jitter=Directions(), machine=ON_TIME, columns=(),
    )  # fmt: skip
