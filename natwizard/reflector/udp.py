"""The far end for UDP: answers STUN binding requests and STAMP test packets on its ports.

A thread of its own with blocking waits, not the event loop: an answer that waits for a
websocket's callback would read as jitter of the line. Sources: RFC 8489, RFC 8762 (stateful).
"""

import asyncio
import logging
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.probes.media.arrival import (
    Arrival,
    both_clocks_ns,
    overflowed,
    receive,
)
from natwizard.reflector.faults import FaultLog
from natwizard.reflector.limits import MessageLimit, source_of
from natwizard.reflector.stamp_sessions import StampSessions
from natwizard.reflector.udp_port import UdpPort, bind_ports
from natwizard.wire import stamp, stun
from natwizard.wire.error import WireError

TextHandler: TypeAlias = Callable[[bytes, tuple[str, int]], bytes | None]
"""A datagram of text and its source -> the answer, no longer than the question, or None."""

LOG = logging.getLogger(__name__)

# A STAMP packet has its number and the seconds of its timestamp there
TEXT_HEAD_BYTES = 8

# So late at most it is seen that the thread shall stop, or that a flood is over
WAKE_S = 0.1
# Several rounds of the thread, and less than whoever closes us waits (background.CLOSE_S)
JOIN_S = 0.8
STUCK_LOOKS = 10
"""Looks of a supervisor that comes round, a second apart: a thread that did not, whose rounds take
a tenth of one, serves nobody. Counted, not timed: a computer that stood still has not hung."""

LOOK_S = 1.0


BATCH = 64
"""Datagrams read from one port before the others have their turn."""


class ReflectorLimits(Struct, frozen=True, kw_only=True):
    """What the reflector gives to one source (an address, whatever its port).

    Attributes:
        packets_per_s, packets_burst: 200 calls of 50 packets a second, and some room.
        longer_per_s, longer_burst: STUN answers that are longer than their request. A bare
            request has 20 bytes and the shortest answer 32 (IPv6: 44), so RFC 8489 cannot be
            served without; requests padded with SOFTWARE, as ours are, do not count here.
        sessions: how many STAMP sessions are remembered.
        texts_per_s, texts_burst: SIP datagrams of all sources together: each takes as long to
            read as twenty calls' packets.
    """

    packets_per_s: float = 12_000
    packets_burst: float = 12_000
    longer_per_s: float = 5
    longer_burst: float = 20
    sessions: int = 4096
    texts_per_s: float = 500
    texts_burst: float = 2000


class ReflectorCounters(Struct, frozen=True, kw_only=True):
    """Datagrams since the start, by what became of them.

    Attributes:
        unread: dropped by the kernel, in none of the other numbers: junk while a flood was
            filtered out, and what came faster than it could be read.
        floods: how often a port's junk became a flood; `filtering`: ports where one lasts.
        faults: datagrams on which this program itself failed.
    """

    received: int = 0
    stamp_answered: int = 0
    stun_answered: int = 0
    text_answered: int = 0
    not_understood: int = 0
    over_rate: int = 0
    answer_too_long: int = 0
    not_sent: int = 0
    unread: int = 0
    floods: int = 0
    filtering: int = 0
    faults: int = 0


@dataclass(slots=True)
class _Tally:
    """The counters while they still move; touched by the reflector's thread only."""

    received: int = 0
    stamp_answered: int = 0
    stun_answered: int = 0
    text_answered: int = 0
    not_understood: int = 0
    over_rate: int = 0
    answer_too_long: int = 0
    not_sent: int = 0


@dataclass(slots=True, kw_only=True)
class UdpReflector:
    """Answers on its ports until closed; never with more bytes than it got, but for bare STUN.

    Attributes:
        text_handler: called in the reflector's thread with datagrams that start with text;
            an answer longer than its question is dropped and counted.
    """

    limits: ReflectorLimits = field(default_factory=ReflectorLimits)
    text_handler: TextHandler | None = None
    _ports: list[UdpPort] = field(default_factory=list)
    _tally: _Tally = field(default_factory=_Tally)
    faults: FaultLog = field(default_factory=FaultLog)
    _sessions: StampSessions = field(init=False)
    _texts: MessageLimit = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _failure: BaseException | None = None
    _last: ReflectorCounters | None = None
    _rounds: int = 0
    _rounds_seen: int = -1
    _looks_missed: int = 0

    def __post_init__(self) -> None:
        limits = self.limits
        self._texts = MessageLimit(per_s=limits.texts_per_s, burst=limits.texts_burst)
        self._sessions = StampSessions(limits.sessions)

    async def start(
        self, bind_address: str, ports: tuple[int, ...], *, other_address: str = ""
    ) -> tuple[int, ...]:
        """Bind all ports (0 picks a free one) and answer; returns the ports. Raises OSError.

        On a computer with several addresses bind one of them: an answer to a wildcard address
        may leave from another. `other_address` is a second address of this computer: the same
        ports are bound there too, and STUN answers name it if there are two ports.
        """
        addresses = (bind_address, other_address) if other_address else (bind_address,)
        self._ports = bind_ports(addresses, ports)
        self._thread = threading.Thread(target=self._serve, name="udp reflector", daemon=True)
        self._thread.start()
        return tuple(port.number for port in self._ports[:: len(addresses)])

    async def close(self) -> None:
        """Stop answering and free the ports; takes up to a tenth of a second."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, JOIN_S)
        self._last = self.counters()
        for port in self._ports:
            port.datagrams.close()
        self._ports = []

    def counters(self) -> ReflectorCounters:
        """What happened so far; may be asked from any thread."""
        ports = self._ports
        if not ports and self._last is not None:
            return self._last
        return ReflectorCounters(
            **asdict(self._tally),
            unread=sum(overflowed(port.datagrams) for port in ports),
            floods=sum(port.flood.floods for port in ports),
            filtering=sum(port.flood.filtering for port in ports),
            faults=self.faults.count,
        )

    def look(self) -> None:
        """See whether the thread still comes round; for a supervisor, once a second."""
        standing = self._thread is not None and self._rounds == self._rounds_seen
        self._looks_missed = self._looks_missed + 1 if standing else 0
        self._rounds_seen = self._rounds

    def illness(self) -> str:
        """Why nobody is answered any more, in a few words; empty while all is well."""
        if self._failure is not None:
            return f"UDP is not served: {self._failure}"
        if self._looks_missed >= STUCK_LOOKS:
            return f"UDP has not been served for {self._looks_missed} s"
        return ""

    def _serve(self) -> None:
        try:
            self._serve_ports()
        except BaseException as error:
            # the thread ends here: whoever asks how things are has to know why
            self._failure = error
            LOG.exception("UDP is no longer served")
            if not isinstance(error, Exception):
                raise

    def _serve_ports(self) -> None:
        limits = self.limits
        packets = MessageLimit(per_s=limits.packets_per_s, burst=limits.packets_burst)
        longer = MessageLimit(per_s=limits.longer_per_s, burst=limits.longer_burst)
        looked_s = 0.0
        with selectors.DefaultSelector() as selector:
            for port in self._ports:
                selector.register(port.datagrams, selectors.EVENT_READ, port)
            while not self._stop.is_set():
                for key, _events in selector.select(WAKE_S):
                    self._drain(key.data, packets, longer)
                    self._rounds += 1
                self._rounds += 1
                now_s = time.monotonic()
                if now_s >= looked_s + LOOK_S:
                    looked_s = now_s
                    self._look_after(now_s)

    def _drain(self, port: UdpPort, packets: MessageLimit, longer: MessageLimit) -> None:
        for _turn in range(BATCH):
            try:
                arrival = receive(port.datagrams)
            except BlockingIOError:
                return
            except OSError as error:
                self._stop.wait(port.bear(error))
                continue
            port.failing_since_s = None
            self._tally.received += 1
            # the cheap look before all else; text is looked at by whoever answers it
            if not (_is_text(arrival.datagram) or port.flood.may_be_ours(arrival.datagram)):
                self._count_junk(port)
                continue
            try:
                if not packets.admit(source_of(arrival.source)):
                    self._tally.over_rate += 1
                    continue
                answer = self._answer(port, arrival, longer)
            except Exception as error:  # noqa: BLE001 - one datagram never ends the service
                self.faults.note("a datagram", error)
                continue
            if answer is not None:
                self._send(port, answer, arrival.source)

    def _count_junk(self, port: UdpPort) -> None:
        self._tally.not_understood += 1
        port.flood.count_junk()

    def _look_after(self, now_s: float) -> None:
        """See that each port is there, and open those that filter when their flood is over.

        Raises EndpointLostError: a socket that is gone is never ready, and so raises nothing else.
        """
        for port in self._ports:
            port.check()
            port.flood.look(now_s)

    def _send(self, port: UdpPort, answer: bytes, source: tuple[str, int]) -> None:
        try:
            port.datagrams.sendto(answer, source)
        except OSError:
            self._tally.not_sent += 1

    def _answer(self, port: UdpPort, arrival: Arrival, longer: MessageLimit) -> bytes | None:
        datagram = arrival.datagram
        try:
            if stun.looks_like_stun(datagram):
                return self._answer_stun(port, arrival, longer)
            if self.text_handler is not None and _is_text(datagram):
                return self._answer_text(self.text_handler, port, arrival)
            return self._answer_stamp(arrival)
        except WireError:
            self._count_junk(port)
            return None

    def _answer_stun(self, port: UdpPort, arrival: Arrival, longer: MessageLimit) -> bytes | None:
        request = stun.decode(arrival.datagram)
        if not isinstance(request, stun.BindingRequest):
            raise WireError("a server answers requests only")
        served = self._served_by(port, request)
        if served is None:
            unknown = request.unknown_required
            # Unknown Attribute, for whoever has no second address (RFC 5780)
            answer = stun.encode_error(request.transaction_id, 420, unknown=unknown)
        else:
            answer = stun.encode_success(
                request.transaction_id,
                HostPort(*arrival.source),
                size_limit=len(arrival.datagram),
                other=served.other,
                origin=served.origin,
            )
        is_longer = len(answer) > len(arrival.datagram)
        if is_longer and not longer.admit(source_of(arrival.source)):
            self._tally.over_rate += 1
            return None
        self._tally.stun_answered += 1
        if served is None or served is port:
            return answer
        self._send(served, answer, arrival.source)
        return None

    def _served_by(self, port: UdpPort, request: stun.BindingRequest) -> UdpPort | None:
        """Which socket answers: this one, or the one that CHANGE-REQUEST wants; None refuses."""
        if not request.unknown_required:
            return port
        only_change = request.unknown_required == (stun.AttributeType.CHANGE_REQUEST,)
        if not only_change or port.origin is None or port.other is None:
            return None
        wanted = HostPort(
            port.other.host if request.changes & stun.CHANGE_ADDRESS else port.origin.host,
            port.other.port if request.changes & stun.CHANGE_PORT else port.origin.port,
        )
        return next((each for each in self._ports if each.origin == wanted), None)

    def _answer_text(self, handler: TextHandler, port: UdpPort, arrival: Arrival) -> bytes | None:
        if not self._texts.admit(""):
            self._tally.over_rate += 1
            return None
        answer = handler(arrival.datagram, arrival.source)
        if answer is None:
            self._count_junk(port)
        elif len(answer) > len(arrival.datagram):
            self._tally.answer_too_long += 1
        else:
            self._tally.text_answered += 1
            return answer
        return None

    def _answer_stamp(self, arrival: Arrival) -> bytes:
        packet = stamp.decode_sender(arrival.datagram)
        if stamp.looks_reflected(arrival.datagram):
            raise WireError("an answer, not a question")
        sequence = self._sessions.number(arrival.source, packet)
        self._tally.stamp_answered += 1
        unix_ns, now_ns = both_clocks_ns()
        return stamp.encode_reflector(
            stamp.ReflectorPacket(
                sequence=sequence,
                sent=stamp.ntp_from_unix_ns(unix_ns),
                received=stamp.ntp_from_unix_ns(unix_ns - (now_ns - arrival.arrived_ns)),
                sender_sequence=packet.sequence,
                sender_sent=packet.sent,
                sender_error_estimate=packet.error_estimate,
                session=packet.session,
                sender_ttl=arrival.hops_left or stamp.UNKNOWN_TTL,
            ),
            padding=arrival.datagram[stamp.BASE_BYTES :],
        )


def _is_text(datagram: bytes) -> bool:
    """A STAMP packet may begin with any number, but until 2053 no NTP time is text after it."""
    head = datagram[:TEXT_HEAD_BYTES]
    return head[:1].isalpha() and all(0x20 <= byte < 0x7F for byte in head)
