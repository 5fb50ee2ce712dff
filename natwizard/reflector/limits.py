"""How much one source may have: connections at once, messages a second; bounded in memory."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import chain, islice

from msgspec import Struct

# Source addresses can be forged: without a bound, a flood of them fills the memory
SOURCES_REMEMBERED = 4096
# Of the connections of one stage, where somebody has to make room: see `_hog`
LOOKED_AT = 64


def source_of(peer: object) -> str:
    """The source that a peer's socket address counts for: an IPv4 address or an IPv6 /64.

    One line usually owns a whole /64, so single IPv6 addresses would be no limit at all.
    """
    return _source_of_host(str(peer[0])) if isinstance(peer, tuple) and peer else ""


@lru_cache(maxsize=SOURCES_REMEMBERED)
def _source_of_host(host: str) -> str:
    """Remembered: each packet of a call has the same, and reading an address takes longer than
    answering a packet.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if address.version == 6:
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        # the part of an address that a line may choose freely is the lower half
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_s: float


class MessageLimit:
    """A token bucket for each source; the one seen longest ago is forgotten first."""

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def admit(self, source: str) -> bool:
        """Count one message of a source; False if it has had its share."""
        bucket = self._filled(source)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def charge(self, source: str, messages: float) -> None:
        """Count messages of a source that were served already, be they more than its share."""
        self._filled(source).tokens -= messages

    def wait_s(self, source: str) -> float:
        """After how many seconds a source may send one more; 0 if it has not had its share."""
        return max(0.0, (1 - self._filled(source).tokens) / self._per_s)

    def _filled(self, source: str) -> _Bucket:
        now_s = time.monotonic()
        bucket = self._buckets.pop(source, None) or _Bucket(self._burst, now_s)
        self._buckets[source] = bucket
        if len(self._buckets) > SOURCES_REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now_s - bucket.filled_s) * self._per_s)
        bucket.filled_s = now_s
        return bucket


class ConnectionLimits(Struct, frozen=True, kw_only=True):
    """What connections may take, counted from accept(): before TLS, before any request.

    Attributes:
        per_source: at once.
        total: at once, of all sources.
        new_per_s, new_burst: accepted from one source; a handshake costs a millisecond.
        held_bytes: unfinished messages and unsent answers, of all connections.
        busy_s: a source at its limit keeps those that were heard of so recently.
    """

    per_source: int
    total: int
    new_per_s: float = 50.0
    new_burst: float = 500.0
    held_bytes: int = 64 * 1024 * 1024
    busy_s: float = 5.0


class Stage(IntEnum):
    """How far a connection has come; each step costs whoever takes it more than the one before."""

    SILENT = 0
    BEGUN = 1
    SECURED = 2
    PROVEN = 3
    """A whole request came: it is somebody who speaks our protocols."""

    TALKED = 4
    """So did another message after it."""


PATIENCE_S = {
    Stage.SILENT: 1.0,
    Stage.BEGUN: 3.0,
    Stage.SECURED: 3.0,
    Stage.PROVEN: 5.0,
    Stage.TALKED: 90.0,
}
"""How long one may take for its next step, or word, before it makes room for others.

Slow lines need a second a step. A check holds a websocket for 75 s without a word, to see whether
somebody cuts it: it shall not be we.
"""

AT_WORK = 0.03
"""Whoever has used up less of that patience makes room for nobody: in a flood newcomers would be
dropped for each other before their first byte is read, and a desk among them.
"""

HOG = 64
"""With more connections than so many, and than a share, a source has to give them back even where
all are at work; an office with fewer desks has not."""


class Place:
    """One connection in the table; made by it alone.

    Attributes:
        source: whom it counts for (`source_of`).
        stage_s: when it came to its stage, on the clock of `time.monotonic`.
        heard_s: when a whole message last came: bytes of none are no conversation.
        held: bytes that it makes us keep.
    """

    __slots__ = ("drop", "heard_s", "held", "source", "stage", "stage_s")

    def __init__(self, source: str, drop: Callable[[], None]) -> None:
        self.source = source
        self.drop = drop
        self.stage = Stage.SILENT
        self.stage_s = self.heard_s = time.monotonic()
        self.held = 0

    def patience_used(self, now_s: float) -> float:
        """1 where all is used up that its stage is given."""
        # a byte now and then is no step: in the early stages only those count
        since_s = self.heard_s if self.stage >= Stage.PROVEN else self.stage_s
        return (now_s - since_s) / PATIENCE_S[self.stage]


class ConnectionTable:
    """Who is connected. Where it is full, one makes room, so that new ones are served.

    That is the one which has used up most of its patience, by the stage it has come to: silence is
    borne for a second, a handshake for three, a websocket that has talked for longer than a check
    holds one. Sources that have far more than their share (all places, divided by the sources) go
    before the others.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._new = MessageLimit(per_s=limits.new_per_s, burst=limits.new_burst)
        self._of_source: dict[str, dict[Place, None]] = {}
        # in the order in which they came there, the proven in that of their last word
        self._at: dict[Stage, OrderedDict[Place, None]] = {stage: OrderedDict() for stage in Stage}
        self._holders: OrderedDict[Place, None] = OrderedDict()
        self._held = 0
        self.dropped = 0

    def __len__(self) -> int:
        return sum(map(len, self._at.values()))

    @property
    def held_bytes(self) -> int:
        """What all connections together make us keep."""
        return self._held

    def enter(self, source: str, drop: Callable[[], None]) -> Place | None:
        """Take a place, if need be that of an idle one; None where all are at work.

        `drop` is called once if the place is wanted by others: it has been given back by then.
        """
        if not self._new.admit(source):
            return None
        limits, mine = self._limits, self._of_source.get(source, {})
        if len(mine) >= limits.per_source:
            idlest = _idlest(mine, time.monotonic() - limits.busy_s)
            if idlest is None:
                return None
            self._drop(idlest)
        elif len(self) >= limits.total and not self.make_room():
            return None
        place = Place(source, drop)
        self._of_source.setdefault(source, {})[place] = None
        self._at[Stage.SILENT][place] = None
        return place

    def make_room(self) -> bool:
        """Drop one connection; False where all are at work."""
        place = self._hog() or self._most_overdue()
        if place is not None:
            self._drop(place)
        return place is not None

    def leave(self, place: Place) -> None:
        """Give a place back; does nothing if it was dropped."""
        mine = self._of_source.get(place.source, {})
        if place not in mine:
            return
        del mine[place]
        if not mine:
            del self._of_source[place.source]
        del self._at[place.stage][place]
        self._holders.pop(place, None)
        self._held -= place.held
        place.held = 0

    def heard(self, place: Place) -> None:
        """A whole message came."""
        place.heard_s = time.monotonic()
        if place in self._at[Stage.TALKED]:
            self._at[Stage.TALKED].move_to_end(place)
        else:
            self.advance(place, Stage.TALKED if place.stage is Stage.PROVEN else Stage.PROVEN)

    def advance(self, place: Place, stage: Stage) -> None:
        """It has come so far."""
        if place in self._at[place.stage]:
            del self._at[place.stage][place]
            self._at[stage][place] = None
            place.stage, place.stage_s = stage, time.monotonic()

    def hold(self, place: Place, size: int) -> None:
        """So many bytes are kept for a connection now; whoever has held longest makes room."""
        if place not in self._of_source.get(place.source, {}):
            return
        self._held += size - place.held
        place.held = size
        if not size:
            self._holders.pop(place, None)
        else:
            self._holders.setdefault(place, None)
        while self._held > self._limits.held_bytes:
            self._drop(next(iter(self._holders)))

    def _hog(self) -> Place | None:
        """The idlest of a source with far too many that have proven themselves.

        Only some are looked at: to look at all for each newcomer would be a flood's best weapon.
        """
        share = max(HOG, self._limits.total / max(1, len(self._of_source)))
        idlest = chain.from_iterable(
            islice(self._at[stage], LOOKED_AT) for stage in (Stage.PROVEN, Stage.TALKED)
        )
        return next((place for place in idlest if len(self._of_source[place.source]) > share), None)

    def _most_overdue(self) -> Place | None:
        now_s = time.monotonic()
        oldest = [next(iter(places)) for places in self._at.values() if places]
        place = max(oldest, key=lambda one: one.patience_used(now_s), default=None)
        return place if place is not None and place.patience_used(now_s) >= AT_WORK else None

    def _drop(self, place: Place) -> None:
        self.leave(place)
        self.dropped += 1
        place.drop()


def _idlest(places: Iterable[Place], since_s: float) -> Place | None:
    idle = (place for place in places if place.heard_s <= since_s)
    return min(idle, key=lambda place: (place.stage, place.heard_s), default=None)
