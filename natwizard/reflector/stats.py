"""What a reflector has done so far, in numbers."""

from dataclasses import dataclass

from msgspec import Struct

from natwizard.reflector.limits import ConnectionTable
from natwizard.reflector.udp import ReflectorCounters


class Stats(Struct, frozen=True, kw_only=True):
    """Counts since the start. Dropped: not understood, too large, or over a source's share.

    Attributes:
        illness: why this reflector cannot serve, in a few words; empty while it can.
        connections_open: at this moment, and `held_bytes` what they make us keep.
        connections_refused: from a source over its share, or where all others were at work.
        connections_dropped: idle ones that made room for new ones.
        faults: connections, datagrams and calls of the loop on which this program itself failed.
        sip_answered, sip_dropped: over TCP and TLS; datagrams are `text_answered` in `udp`.
    """

    illness: str
    connections: int
    connections_open: int
    connections_refused: int
    connections_dropped: int
    held_bytes: int
    faults: int
    web_pages: int
    websocket_messages: int
    sip_answered: int
    sip_dropped: int
    dns_answered: int
    dns_dropped: int
    udp: ReflectorCounters


@dataclass(slots=True)
class Tally:
    """The running counts of one reflector; belongs to its event loop."""

    connections: int = 0
    connections_refused: int = 0
    web_pages: int = 0
    websocket_messages: int = 0
    sip_answered: int = 0
    sip_dropped: int = 0
    dns_answered: int = 0
    dns_dropped: int = 0

    def snapshot(
        self,
        udp: ReflectorCounters,
        table: ConnectionTable,
        *,
        faults: int,
        illness: str,
    ) -> Stats:
        """The counts of this moment."""
        return Stats(
            illness=illness,
            connections=self.connections,
            connections_open=len(table),
            connections_refused=self.connections_refused,
            connections_dropped=table.dropped,
            held_bytes=table.held_bytes,
            faults=faults + udp.faults,
            web_pages=self.web_pages,
            websocket_messages=self.websocket_messages,
            sip_answered=self.sip_answered,
            sip_dropped=self.sip_dropped,
            dns_answered=self.dns_answered,
            dns_dropped=self.dns_dropped,
            udp=udp,
        )
