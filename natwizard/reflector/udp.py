"""The far end for UDP: answers STUN binding requests and STAMP test packets on its ports.

A thread of its own with blocking waits, not the event loop: an answer that waits for a
websocket's callback would read as jitter of the line. Sources: RFC 8489, RFC 8762 (stateful).
"""

import asyncio
import selectors
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.probes.media.arrival import Arrival, both_clocks_ns, prepare_arrivals, receive
from natwizard.reflector.limits import MessageLimit, source_of
from natwizard.wire import stamp, stun
from natwizard.wire.error import WireError

TextHandler: TypeAlias = Callable[[bytes, tuple[str, int]], bytes | None]
"""A datagram of text and its source -> the answer, no longer than the question, or None."""

TEXT_HEAD_BYTES = 8

WAKE_S = 0.1
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
    """

    packets_per_s: float = 12_000
    packets_burst: float = 12_000
    longer_per_s: float = 5
    longer_burst: float = 20
    sessions: int = 4096


class ReflectorCounters(Struct, frozen=True, kw_only=True):
    """Datagrams since the start, by what became of them."""

    received: int = 0
    stamp_answered: int = 0
    stun_answered: int = 0
    text_answered: int = 0
    not_understood: int = 0
    over_rate: int = 0
    answer_too_long: int = 0
    not_sent: int = 0


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


@dataclass(frozen=True, slots=True)
class _Port:
    """One bound socket, and where else this server can be asked (RFC 5780)."""

    datagrams: socket.socket
    origin: HostPort | None
    other: HostPort | None


@dataclass(slots=True, kw_only=True)
class UdpReflector:
    """Answers on its ports until closed; never with more bytes than it got, but for bare STUN.

    Attributes:
        text_handler: called in the reflector's thread with datagrams that start with text;
            an answer longer than its question is dropped and counted.
    """

    limits: ReflectorLimits = field(default_factory=ReflectorLimits)
    text_handler: TextHandler | None = None
    _ports: list[_Port] = field(default_factory=list)
    _tally: _Tally = field(default_factory=_Tally)
    _sessions: OrderedDict[tuple[str, int, int], int] = field(default_factory=OrderedDict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    async def start(
        self, bind_address: str, ports: tuple[int, ...], *, other_address: str = ""
    ) -> tuple[int, ...]:
        """Bind all ports (0 picks a free one) and answer; returns the ports. Raises OSError.

        On a computer with several addresses bind one of them: an answer to a wildcard address
        may leave from another. `other_address` is a second address of this computer: the same
        ports are bound there too, and STUN answers name it if there are two ports.
        """
        addresses = (bind_address, other_address) if other_address else (bind_address,)
        bound: list[list[socket.socket]] = []
        try:
            for port in ports:
                row: list[socket.socket] = []
                bound.append(row)
                for address in addresses:
                    row.append(_bind(address, row[0].getsockname()[1] if row else port))
        except BaseException:
            for row in bound:
                for datagrams in row:
                    datagrams.close()
            raise
        actual = tuple(int(row[0].getsockname()[1]) for row in bound)
        self._ports = list(_with_partners(bound, addresses, actual))
        self._thread = threading.Thread(target=self._serve, name="udp reflector", daemon=True)
        self._thread.start()
        return actual

    async def close(self) -> None:
        """Stop answering and free the ports; takes up to a tenth of a second."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        for port in self._ports:
            port.datagrams.close()
        self._ports = []

    def counters(self) -> ReflectorCounters:
        """What happened so far; may be asked from any thread."""
        tally = self._tally
        return ReflectorCounters(
            received=tally.received,
            stamp_answered=tally.stamp_answered,
            stun_answered=tally.stun_answered,
            text_answered=tally.text_answered,
            not_understood=tally.not_understood,
            over_rate=tally.over_rate,
            answer_too_long=tally.answer_too_long,
            not_sent=tally.not_sent,
        )

    def _serve(self) -> None:
        limits = self.limits
        packets = MessageLimit(per_s=limits.packets_per_s, burst=limits.packets_burst)
        longer = MessageLimit(per_s=limits.longer_per_s, burst=limits.longer_burst)
        with selectors.DefaultSelector() as selector:
            for port in self._ports:
                selector.register(port.datagrams, selectors.EVENT_READ, port)
            while not self._stop.is_set():
                for key, _events in selector.select(WAKE_S):
                    self._drain(key.data, packets, longer)

    def _drain(self, port: _Port, packets: MessageLimit, longer: MessageLimit) -> None:
        for _turn in range(BATCH):
            try:
                arrival = receive(port.datagrams)
            except BlockingIOError:
                return
            except OSError:  # an earlier answer was turned away (ICMP); the next may be well
                continue
            self._tally.received += 1
            if not packets.admit(source_of(arrival.source)):
                self._tally.over_rate += 1
                continue
            answer = self._answer(port, arrival, longer)
            if answer is None:
                continue
            self._send(port, answer, arrival.source)

    def _send(self, port: _Port, answer: bytes, source: tuple[str, int]) -> None:
        try:
            port.datagrams.sendto(answer, source)
        except OSError:
            self._tally.not_sent += 1

    def _answer(self, port: _Port, arrival: Arrival, longer: MessageLimit) -> bytes | None:
        datagram = arrival.datagram
        try:
            if stun.looks_like_stun(datagram):
                return self._answer_stun(port, arrival, longer)
            if self.text_handler is not None and _is_text(datagram):
                return self._answer_text(self.text_handler, arrival)
            return self._answer_stamp(arrival)
        except WireError:
            self._tally.not_understood += 1
            return None

    def _answer_stun(self, port: _Port, arrival: Arrival, longer: MessageLimit) -> bytes | None:
        request = stun.decode(arrival.datagram)
        if not isinstance(request, stun.BindingRequest):
            raise WireError("a server answers requests only")
        served = self._served_by(port, request)
        if served is None:
            unknown = request.unknown_required
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

    def _served_by(self, port: _Port, request: stun.BindingRequest) -> _Port | None:
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

    def _answer_text(self, handler: TextHandler, arrival: Arrival) -> bytes | None:
        answer = handler(arrival.datagram, arrival.source)
        if answer is None:
            self._tally.not_understood += 1
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
        sequence = self._next_sequence((*arrival.source, packet.session))
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

    def _next_sequence(self, session: tuple[str, int, int]) -> int:
        """Count the packets of one session, so that its sender can tell the two ways apart."""
        sequence = self._sessions.pop(session, 0)
        self._sessions[session] = (sequence + 1) % stamp.SEQUENCE_MODULUS
        if len(self._sessions) > self.limits.sessions:
            self._sessions.popitem(last=False)
        return sequence


def _is_text(datagram: bytes) -> bool:
    """A STAMP packet may begin with any number, but no time of this century is text after it."""
    head = datagram[:TEXT_HEAD_BYTES]
    return head[:1].isalpha() and all(0x20 <= byte < 0x7F for byte in head)


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        prepare_arrivals(datagrams)
        datagrams.setblocking(False)
        datagrams.bind((address, port))
    except BaseException:
        datagrams.close()
        raise
    return datagrams


def _with_partners(
    bound: list[list[socket.socket]], addresses: tuple[str, ...], ports: tuple[int, ...]
) -> list[_Port]:
    """Each socket with the other address and the next port, if there are two of both."""
    paired = len(addresses) == 2 and len(ports) > 1
    served = []
    for place, row in enumerate(bound):
        next_port = ports[(place + 1) % len(ports)]
        for side, datagrams in enumerate(row):
            origin = HostPort(addresses[side], ports[place]) if paired else None
            other = HostPort(addresses[1 - side], next_port) if paired else None
            served.append(_Port(datagrams, origin, other))
    return served
