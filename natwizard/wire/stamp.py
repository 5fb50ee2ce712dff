"""STAMP test packets as bytes, unauthenticated mode. Source: RFC 8762 (4.2.1, 4.3.1), RFC 8972."""

from struct import Struct as Layout

from msgspec import Struct

from natwizard.wire.error import WireError

BASE_BYTES = 44
"""Both packets, without padding (RFC 8762, figures 2 and 5)."""

LEAST_BYTES = 41
"""An answer of TWAMP-light without padding (RFC 5357, 4.2.1)."""

# The most that an Ethernet frame of 1,500 bytes carries over IPv4 and UDP: nothing is fragmented
SIZE_LIMIT_BYTES = 1472
# The field has 32 bits and wraps (RFC 8762, 4.2.1)
SEQUENCE_MODULUS = 1 << 32

_SENDER = Layout("!IQHH28x")
_SENDER_HEAD = Layout("!IQHH")
ZEROS_FROM = _SENDER_HEAD.size
"""Zeros of a STAMP sender (RFC 8972, 3); padding of any kind in TWAMP-light (RFC 5357, 4.1.2)."""
_REFLECTOR = Layout("!IQHHQIQHxxB3x")
_PADDING = Layout("!BBH")
_FIRST = Layout("!IQ")

# Seconds from the NTP era of 1900 to the Unix epoch (RFC 5905, 6)
NTP_EPOCH_S = 2_208_988_800
NS_PER_S = 1_000_000_000

ERROR_ESTIMATE = 0x1B01
"""Clock not known to be synchronized, NTP format, 1 x 2**(27 - 32) s: 31 ms (RFC 4656, 4.1.2)."""

# A reflector holds a packet for less; random padding comes so close once in 200 million packets
LONGEST_RESIDENCE_NS = 10 * NS_PER_S

UPTIME_S = 1 << 24
"""A clock that was never set counts from its computer's start: half a year of that."""

UNKNOWN_TTL = 255
"""What a reflector writes that cannot see a packet's TTL (RFC 5357, 4.2.1)."""

EXTRA_PADDING_TLV = 1
UNRECOGNIZED_FLAG = 0x80
"""Set by a sender, cleared by a reflector that knows the TLV (RFC 8972, 4)."""


class SenderPacket(Struct, frozen=True, kw_only=True):
    """What a Session-Sender transmits.

    Attributes:
        sent: NTP timestamp, 32 bits of seconds since 1900 and 32 of fraction.
        session: STAMP session identifier (RFC 8972, 3); 0 where the sender knows none.
    """

    sequence: int
    sent: int
    error_estimate: int = ERROR_ESTIMATE
    session: int = 0


class ReflectorPacket(Struct, frozen=True, kw_only=True):
    """What a Session-Reflector returns; timestamps are in NTP format, of the reflector's clock.

    Attributes:
        sequence: the reflector's own count in stateful mode, else a copy of the sender's.
        sent: when this answer left; `received`: when the sender's packet came in.
        sender_ttl: hops left in the sender's packet on arrival; 255 where that is not known.
    """

    sequence: int
    sent: int
    received: int
    sender_sequence: int
    sender_sent: int
    sender_error_estimate: int
    error_estimate: int = ERROR_ESTIMATE
    session: int = 0
    sender_ttl: int = UNKNOWN_TTL


def ntp_from_unix_ns(unix_ns: int) -> int:
    """Nanoseconds since 1970 as a 64-bit NTP timestamp (era 0 wraps in 2036, as NTP does)."""
    seconds, rest_ns = divmod(unix_ns, NS_PER_S)
    return ((seconds + NTP_EPOCH_S) % (1 << 32)) << 32 | (rest_ns << 32) // NS_PER_S


def ntp_difference_ns(later: int, earlier: int) -> int:
    """Signed nanoseconds between two NTP timestamps, right across the wrap of 2036."""
    # of two instants the nearer difference counts: across the wrap neither is simply the larger
    difference = (later - earlier) % (1 << 64)
    if difference >= 1 << 63:
        difference -= 1 << 64
    # whole numbers: a double would lose what is below a microsecond of a 64-bit timestamp
    return (difference * NS_PER_S) >> 32


def encode_sender(packet: SenderPacket, *, size: int) -> bytes:
    """A sender packet of exactly `size` bytes, 44 to 1472.

    What exceeds the base is an Extra Padding TLV (RFC 8972, 4.1), so that reflectors of either
    RFC return it; up to three bytes that cannot hold a TLV's head are plain zeros.
    """
    if not BASE_BYTES <= size <= SIZE_LIMIT_BYTES:
        raise ValueError(f"a STAMP packet has 44 to 1472 bytes, not {size}")
    base = _SENDER.pack(packet.sequence, packet.sent, packet.error_estimate, packet.session)
    rest = size - BASE_BYTES
    if rest < _PADDING.size:
        return base + bytes(rest)
    head = _PADDING.pack(UNRECOGNIZED_FLAG, EXTRA_PADDING_TLV, rest - _PADDING.size)
    return base + head + bytes(rest - _PADDING.size)


class SenderBuffer:
    """A sender packet filled in again and again, for whoever sends thousands a second."""

    def __init__(self, *, size: int, session: int, head: bytes = b"") -> None:
        """`head` goes before each packet, such as the header of a tunnel."""
        packet = SenderPacket(sequence=0, sent=0, session=session)
        self._datagram = bytearray(head + encode_sender(packet, size=size))
        self._start = len(head)

    def fill(self, sequence: int, sent: int) -> bytearray:
        """The datagram with this number and NTP timestamp; the next call changes it again."""
        _FIRST.pack_into(self._datagram, self._start, sequence, sent)
        return self._datagram


def decode_sender(datagram: bytes) -> SenderPacket:
    """Read a sender packet. Raises WireError if it is too short or too long.

    What comes from a TWAMP-light sender (RFC 5357) has no session identifier: where STAMP has it
    there is padding, which may be other bytes in each packet.
    """
    _check_size(datagram, BASE_BYTES)
    sequence, sent, error_estimate, session = _SENDER_HEAD.unpack_from(datagram)
    return SenderPacket(
        sequence=sequence,
        sent=sent,
        error_estimate=error_estimate,
        session=session if _is_zero(datagram[ZEROS_FROM:BASE_BYTES]) else 0,
    )


def may_be_sent(datagram: bytes, *, earliest_s: int, latest_s: int) -> bool:
    """Whether a sender may have sent this; tells most other bytes apart without decoding them.

    Either there are zeros where STAMP wants them, or a time of the day that a clock may show, set
    (NTP seconds from `earliest_s` to `latest_s`) or not.
    """
    if not BASE_BYTES <= len(datagram) <= SIZE_LIMIT_BYTES:
        return False
    if _is_zero(datagram[ZEROS_FROM:BASE_BYTES]):
        return True
    sent_s = int.from_bytes(datagram[4:8], "big")
    return (
        sent_s < UPTIME_S
        or 0 <= sent_s - NTP_EPOCH_S < UPTIME_S
        or earliest_s <= sent_s <= latest_s
    )


def looks_reflected(datagram: bytes) -> bool:
    """Whether this is a reflector's packet, of any make: both its timestamps are close together.

    A sender has zeros there (RFC 8762) or padding (RFC 5357). Two reflectors that answer each
    other's answers would never end, once a forged packet has made them begin.
    """
    if len(datagram) < BASE_BYTES:
        return False
    _sequence, sent, _error, _session, received, *_copied = _REFLECTOR.unpack_from(datagram)
    close = abs(ntp_difference_ns(sent, received)) < LONGEST_RESIDENCE_NS
    return received != 0 and close


def encode_reflector(packet: ReflectorPacket, *, padding: bytes = b"") -> bytes:
    """A reflector packet; `padding` is what followed the base in the sender's packet."""
    return (
        _REFLECTOR.pack(
            packet.sequence,
            packet.sent,
            packet.error_estimate,
            packet.session,
            packet.received,
            packet.sender_sequence,
            packet.sender_sent,
            packet.sender_error_estimate,
            packet.sender_ttl,
        )
        + padding
    )


def decode_reflector(datagram: bytes) -> ReflectorPacket:
    """Read a reflector packet. Raises WireError if it is too short or too long.

    From 41 bytes: TWAMP-light (RFC 5357, 4.2.1) ends with the TTL, STAMP has three zeros after it.
    """
    _check_size(datagram, LEAST_BYTES)
    (
        sequence,
        sent,
        error_estimate,
        session,
        received,
        sender_sequence,
        sender_sent,
        sender_error_estimate,
        sender_ttl,
    ) = _REFLECTOR.unpack_from(datagram.ljust(BASE_BYTES, b"\0"))
    return ReflectorPacket(
        sequence=sequence,
        sent=sent,
        received=received,
        sender_sequence=sender_sequence,
        sender_sent=sender_sent,
        sender_error_estimate=sender_error_estimate,
        error_estimate=error_estimate,
        session=session,
        sender_ttl=sender_ttl,
    )


def _is_zero(part: bytes) -> bool:
    return part.count(0) == len(part)


def _check_size(datagram: bytes, least: int) -> None:
    if not least <= len(datagram) <= SIZE_LIMIT_BYTES:
        raise WireError(f"expected a STAMP packet of {least} to 1472 bytes, got {len(datagram)}")
