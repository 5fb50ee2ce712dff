"""Counts the packets of each STAMP session, as a stateful Session-Reflector does. RFC 8762, 4."""

import time
from collections import OrderedDict
from dataclasses import dataclass

from natwizard.wire import stamp

# A stream sends every 20 ms: what comes after such a gap is another session (docs/reflector.md)
SESSION_SILENCE_S = 10.0
# Half of all numbers lie ahead of one, the other half behind, as RFC 1982 compares them
SEQUENCES_AHEAD = stamp.SEQUENCE_MODULUS // 2
GREETING_PACKETS = 16
"""More than any greeting: our sender begins its stream at number 0, after its greeting, and goes
on with the count of it."""


class StampSessions:
    """The sessions of one reflector; the one seen longest ago is forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._sessions: OrderedDict[tuple[str, int, int], _Session] = OrderedDict()

    def number(self, source: tuple[str, int], packet: stamp.SenderPacket) -> int:
        """Count one packet: its sender can tell by the number on which way others got lost."""
        name, now_s = (*source, packet.session), time.monotonic()
        session = self._sessions.pop(name, None)
        if session is None or session.begins_anew(packet, now_s):
            session = _Session(0, packet.sequence, packet.sent, now_s)
        self._sessions[name] = session
        if len(self._sessions) > self._most:
            self._sessions.popitem(last=False)
        return session.count_in(packet, now_s)


@dataclass(slots=True)
class _Session:
    """One STAMP session: how many packets came, and how far its sender is."""

    count: int
    sequence: int
    sent: int
    seen_s: float

    def begins_anew(self, packet: stamp.SenderPacket, now_s: float) -> bool:
        """Whether a packet is the first of another session from the same port.

        Counting on would tell its sender of packets that it never sent: -100 % lost on one way
        and 100 % on the other. Its numbers then go back while its clock goes on; in a packet that
        was merely overtaken both go back.
        """
        if 0 < (packet.sequence - self.sequence) % stamp.SEQUENCE_MODULUS < SEQUENCES_AHEAD:
            return False
        if now_s - self.seen_s > SESSION_SILENCE_S:
            return True
        named = packet.session != 0 and self.sequence < GREETING_PACKETS
        return not named and stamp.ntp_difference_ns(packet.sent, self.sent) > 0

    def count_in(self, packet: stamp.SenderPacket, now_s: float) -> int:
        """The number of this packet."""
        number, self.count = self.count, (self.count + 1) % stamp.SEQUENCE_MODULUS
        if (packet.sequence - self.sequence) % stamp.SEQUENCE_MODULUS < SEQUENCES_AHEAD:
            self.sequence, self.sent = packet.sequence, packet.sent
        self.seen_s = now_s
        return number
