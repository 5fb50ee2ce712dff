"""Sees the connection change during a run, and knows which measurements that spoilt.

A cable pulled in mid-run looks like a firewall to whatever was asking just then, so what was
measured meanwhile is void; it is neither good nor bad news about the network.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from natwizard.model.line_change import LineChange, LineChangeKind
from natwizard.probes.line import LineState, LineWay, LookAtLine

LOG = logging.getLogger(__name__)

# A look takes under a millisecond (decision 165); of shorter interruptions only Linux' count tells
LOOK_EVERY_S = 0.5
STOOD_STILL_S = 5.0
"""Between two looks, on a computer that was awake: whatever was asked meanwhile had to fail."""
SLEPT_S = 1.0
"""That the clock which rests in sleep fell behind. Both count in steps of 16 ms on Windows, and are
read one after the other."""

SETTLING_S = 1.0
"""After a way is there again: switches learn and neighbours are asked before all of it carries."""

CHANGES_AT_MOST = 100
"""Kept of one run; a flapping interface must not fill a report. What it spoils counts on."""

OTHER_LINE = {LineChangeKind.OTHER_INTERFACE, LineChangeKind.OTHER_ADDRESS}


def changes_between(
    before: LineState, now: LineState, known: Mapping[str, LineWay]
) -> Iterator[tuple[LineChangeKind, str]]:
    """What changed, with the destination whose way shows it; destinations new to `now` do not.

    `known` are the last ways that there were, for what is there again after it was gone.
    """
    had_way = any(before.ways.values())
    for destination, was in before.ways.items():
        way = now.ways.get(destination, was)
        if was is not None:
            kind = _kind(was, way, now)
        elif way is None or had_way:
            # a further way, as IPv6 that arrives late, takes none of those away that were measured
            continue
        else:
            kind = _other(known.get(destination, way), way, now) or LineChangeKind.UP
        if kind is not None:
            yield kind, destination


def _kind(was: LineWay, way: LineWay | None, now: LineState) -> LineChangeKind | None:
    if way is None:
        return LineChangeKind.DOWN
    if (other := _other(was, way, now)) is not None:
        return other
    return LineChangeKind.INTERRUPTED if way.carrier_changes != was.carrier_changes else None


def _other(was: LineWay, way: LineWay, now: LineState) -> LineChangeKind | None:
    if way.interface != was.interface:
        return LineChangeKind.OTHER_INTERFACE
    if way.local_address != was.local_address and was.local_address not in now.addresses:
        return LineChangeKind.OTHER_ADDRESS
    return None


@dataclass(slots=True)
class LineWatch:
    """Looks twice a second on a thread of its own, so that a busy event loop hides nothing.

    Attributes:
        look: one look; what it raises (an interface that vanishes meanwhile) is looked at later.
        started: `time.perf_counter()` when the run began; all times count from it.
        changes: what was seen, in order.
    """

    look: LookAtLine
    started: float
    changes: list[LineChange] = field(default_factory=list)
    _last: LineState | None = None
    _last_s: float = 0.0
    _known: dict[str, LineWay] = field(default_factory=dict)
    _spoilt: list[tuple[float, float]] = field(default_factory=list)
    _down_since_s: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._last = None  # what came to pass while nobody measured is nobody's business
        self.look_now()
        self._over.clear()
        self._thread = threading.Thread(target=self._watch, name="line watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self.look_now()

    def look_now(self) -> None:
        """Take one look; from any thread."""
        with self._lock:
            try:
                state = self.look()
            except Exception as error:  # noqa: BLE001 - libraries raise what no list names
                LOG.warning("the line could not be looked at: %s", error)
                return
            now_s = time.perf_counter() - self.started
            if self._last is None:
                self._down_since_s = None if any(state.ways.values()) else 0.0
            else:
                self._compare(self._last, state, now_s)
            self._known |= {place: way for place, way in state.ways.items() if way is not None}
            self._last, self._last_s = state, now_s

    def spoilt(self, start_s: float, end_s: float) -> tuple[LineChange, ...] | None:
        """The changes that void what was measured from `start_s` to `end_s`; None where it stands.

        Empty where the line was down all the while, which is a finding and no accident.
        """
        with self._lock:
            touched = any(low <= end_s and start_s <= high for low, high in self._spoilt)
            down_s = self._down_since_s
            if down_s is not None and self.changes and end_s >= down_s:
                touched = True
            if not touched:
                return None
            return tuple(self.changes)

    def _compare(self, before: LineState, now: LineState, now_s: float) -> None:
        passed_s = now.clock_s - before.clock_s
        slept = passed_s - (now.awake_s - before.awake_s) > SLEPT_S
        if slept or passed_s > STOOD_STILL_S:
            kind = LineChangeKind.SUSPENDED if slept else LineChangeKind.STOOD_STILL
            self._note(kind, None, None, now_s)
            self._spoilt.append((self._last_s, now_s + SETTLING_S))
        kinds: dict[LineChangeKind, str] = {}
        for kind, destination in changes_between(before, now, self._known):
            kinds.setdefault(kind, destination)
        for kind, destination in kinds.items():
            self._note(kind, self._known.get(destination), now.ways.get(destination), now_s)
        if kinds:
            self._spoilt.append((self._last_s, now_s + SETTLING_S))
        had_none = LineChangeKind.UP in kinds and not self._known
        if kinds.keys() & OTHER_LINE or had_none:
            # what was measured before was another line's, whatever it said
            self._spoilt.append((0.0, now_s + SETTLING_S))
        self._follow_down(now, now_s)

    def _follow_down(self, now: LineState, now_s: float) -> None:
        if any(now.ways.values()):
            if self._down_since_s is not None:
                self._spoilt.append((self._down_since_s, now_s + SETTLING_S))
            self._down_since_s = None
        elif self._down_since_s is None:
            self._down_since_s = self._last_s

    def _note(
        self, kind: LineChangeKind, was: LineWay | None, way: LineWay | None, now_s: float
    ) -> None:
        about = way or was
        if len(self.changes) < CHANGES_AT_MOST:
            self.changes.append(
                LineChange(
                    kind=kind,
                    at_s=round(now_s, 3),
                    since_s=round(self._last_s, 3),
                    interface=about.interface if about is not None else "",
                    local_address=about.local_address if about is not None else "",
                    was_interface=was.interface if was is not None else "",
                )
            )
