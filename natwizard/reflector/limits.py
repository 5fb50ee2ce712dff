"""How much one source may have: connections at once, messages a second; bounded in memory."""

import ipaddress
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

SOURCES_REMEMBERED = 4096


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
        now_s = time.monotonic()
        bucket = self._buckets.pop(source, None) or _Bucket(self._burst, now_s)
        self._buckets[source] = bucket
        if len(self._buckets) > SOURCES_REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now_s - bucket.filled_s) * self._per_s)
        bucket.filled_s = now_s
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True


class ConnectionLimit:
    """Counts open connections, of each source and of all together."""

    def __init__(self, *, per_source: int, total: int) -> None:
        self._per_source = per_source
        self._total = total
        self._open: dict[str, int] = {}

    def enter(self, source: str) -> bool:
        """Take a place; False if there is none, and then nothing is to be given back."""
        held = self._open.get(source, 0)
        if held >= self._per_source or sum(self._open.values()) >= self._total:
            return False
        self._open[source] = held + 1
        return True

    def leave(self, source: str) -> None:
        """Give a place back."""
        left = self._open[source] - 1
        if left:
            self._open[source] = left
        else:
            del self._open[source]
