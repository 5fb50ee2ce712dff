"""What happened to this computer's own connection while a run measured it."""

from enum import StrEnum

from msgspec import Struct

from natwizard.model.privacy import OwnAddress, QuotingText


class LineChangeKind(StrEnum):
    """How a connection can change in mid-run."""

    DOWN = "down"
    """There was a way out, and there is none any more: a cable pulled, Wi-Fi off."""
    UP = "up"
    """There was no way out, and there is one now."""
    INTERRUPTED = "interrupted"
    """The same way is there, but its carrier was gone in between."""
    OTHER_INTERFACE = "other_interface"
    """Packets leave by another interface: a VPN switched on or off, Wi-Fi in place of a cable."""
    OTHER_ADDRESS = "other_address"
    """The same interface lost its address and got another one."""
    SUSPENDED = "suspended"
    """The computer slept: its clocks say for how long. Reports of older versions say so of a
    program that stood still, too."""
    STOOD_STILL = "stood_still"
    """This program got no turn for seconds, while the computer was awake."""


class LineChange(Struct, frozen=True, kw_only=True):
    """One change of the connection.

    Attributes:
        at_s: seconds from the run's start until it was seen; since_s: until the last look before.
            It happened in between.
        interface, local_address: of the way it is about; of the new one where there are two.
        was_interface: of the way before, or empty.
    """

    kind: LineChangeKind
    at_s: float
    since_s: float
    interface: QuotingText = ""
    local_address: OwnAddress = ""
    was_interface: QuotingText = ""
