"""The way out of this computer as it is at one moment. `system.ways_out` has the real one."""

from collections.abc import Callable, Mapping

from msgspec import Struct


class LineWay(Struct, frozen=True, kw_only=True):
    """How packets to one destination leave.

    Attributes:
        interface: the OS's name, empty where unknown; local_address: what they leave from.
        carrier_changes: how often the interface lost or got its carrier since it exists; 0 where
            the system does not count. It tells of an interruption shorter than the time
            between two looks.
    """

    interface: str
    local_address: str
    carrier_changes: int = 0


class LineState(Struct, frozen=True, kw_only=True):
    """One look.

    Attributes:
        ways: by destination; None where packets cannot leave for it.
        addresses: all that this computer has. A way that prefers a new one of them while the old
            one stays is no other line (IPv6 privacy addresses, RFC 8981).
        clock_s: of a clock that goes on while the computer sleeps; awake_s: of one that rests.
    """

    ways: Mapping[str, LineWay | None]
    addresses: frozenset[str]
    clock_s: float
    awake_s: float


LookAtLine = Callable[[], LineState]
