"""What a reflector has done so far, in numbers."""

from dataclasses import dataclass

from msgspec import Struct

from natwizard.reflector.udp import ReflectorCounters


class Stats(Struct, frozen=True, kw_only=True):
    """Counts since the start. Dropped: not understood, too large, or over a source's share.

    Attributes:
        sip_answered, sip_dropped: over TCP and TLS; datagrams are `text_answered` in `udp`.
    """

    connections: int
    connections_refused: int
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

    def snapshot(self, udp: ReflectorCounters) -> Stats:
        """The counts of this moment."""
        return Stats(
            connections=self.connections,
            connections_refused=self.connections_refused,
            web_pages=self.web_pages,
            websocket_messages=self.websocket_messages,
            sip_answered=self.sip_answered,
            sip_dropped=self.sip_dropped,
            dns_answered=self.dns_answered,
            dns_dropped=self.dns_dropped,
            udp=udp,
        )
