"""The far end for UDP: answers STUN binding requests and STAMP test packets on its ports.

A thread of its own with blocking waits, not the event loop: an answer that waits for a
websocket's callback would read as jitter of the line. Sources: RFC 8489, RFC 8762 (stateful).
"""

import asyncio
import errno
import logging
import selectors
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.probes.arrival import (
    Arrival,
    both_clocks_ns,
    overflowed,
    prepare_arrivals,
    receive,
)
from natwizard.reflector import flood_filter
from natwizard.reflector.faults import FaultLog
from natwizard.reflector.limits import MessageLimit, source_of
from natwizard.wire import stamp, stun
from natwizard.wire.error import WireError

TextHandler: TypeAlias = Callable[[bytes, tuple[str, int]], bytes | None]
"""A datagram of text and its source -> the answer, no longer than the question, or None."""

LOG = logging.getLogger(__name__)

TEXT_HEAD_BYTES = 8

WAKE_S = 0.1
JOIN_S = 0.8
STUCK_S = 5.0
"""Longer than any batch takes: a thread that has not come round since then serves nobody."""

LOOK_S = 1.0
FAILING_S = 5.0
"""A socket that gave nothing but errors for so long will give nothing else."""

ERROR_PAUSE_S = 0.01
GONE = {errno.EBADF, errno.ENOTSOCK, errno.EINVAL}

YEAR_S = 31_557_600
CLOCKS_BEHIND_S, CLOCKS_AHEAD_S = YEAR_S, 9 * YEAR_S
"""How far a sender's clock may be off when a reflector starts: it may run for years."""

FLOOD_JUNK = 256
FLOOD_WINDOW_S = 0.1
"""So much that is nobody's protocol within such a time, on one port, is a flood. A full queue
holds some 250 packets, so that the filter is there before more than one queue of calls is lost."""

FLOOD_CALM_PER_S = 200.0
FLOOD_LOOK_S = 10.0

SESSION_SILENCE_S = 10.0
SEQUENCES_AHEAD = stamp.SEQUENCE_MODULUS // 2
GREETING_PACKETS = 16
"""More than any greeting: our sender begins its stream at number 0, after its greeting, and goes
on with the count of it."""
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
    floods: int = 0


@dataclass(slots=True)
class _Port:
    """One bound socket, and where else this server can be asked (RFC 5780).

    Attributes:
        junk, junk_since_s: datagrams of no protocol, since when.
        filtering: whether the kernel drops them; `unread` and `looked_s`: how many it had dropped
            when that was last looked at.
        failing_since_s: since when reading gave nothing but errors.
    """

    datagrams: socket.socket
    origin: HostPort | None
    other: HostPort | None
    junk: int = 0
    junk_since_s: float = 0.0
    filtering: bool = False
    unread: int = 0
    looked_s: float = 0.0
    failing_since_s: float | None = None


class EndpointLostError(Exception):
    """A port can no longer be read: this reflector has to be started anew."""


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
    faults: FaultLog = field(default_factory=FaultLog)
    _sessions: OrderedDict[tuple[str, int, int], _Session] = field(default_factory=OrderedDict)
    _texts: MessageLimit = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _failure: BaseException | None = None
    _round_s: float = field(default_factory=time.monotonic)
    _earliest_s: int = 0
    _latest_s: int = 0

    def __post_init__(self) -> None:
        limits = self.limits
        self._texts = MessageLimit(per_s=limits.texts_per_s, burst=limits.texts_burst)

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
        now_s = int(time.time()) + stamp.NTP_EPOCH_S
        self._earliest_s, self._latest_s = now_s - CLOCKS_BEHIND_S, now_s + CLOCKS_AHEAD_S
        self._round_s = time.monotonic()
        self._thread = threading.Thread(target=self._serve, name="udp reflector", daemon=True)
        self._thread.start()
        return actual

    async def close(self) -> None:
        """Stop answering and free the ports; takes up to a tenth of a second."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, JOIN_S)
        for port in self._ports:
            port.datagrams.close()
        self._ports = []

    def counters(self) -> ReflectorCounters:
        """What happened so far; may be asked from any thread."""
        tally, ports = self._tally, self._ports
        return ReflectorCounters(
            received=tally.received,
            stamp_answered=tally.stamp_answered,
            stun_answered=tally.stun_answered,
            text_answered=tally.text_answered,
            not_understood=tally.not_understood,
            over_rate=tally.over_rate,
            answer_too_long=tally.answer_too_long,
            not_sent=tally.not_sent,
            unread=sum(overflowed(port.datagrams) for port in ports),
            floods=tally.floods,
            filtering=sum(port.filtering for port in ports),
            faults=self.faults.count,
        )

    def illness(self) -> str:
        """Why nobody is answered any more, in a few words; empty while all is well."""
        if self._failure is not None:
            return f"UDP is not served: {self._failure}"
        waiting_s = time.monotonic() - self._round_s
        if self._thread is not None and waiting_s > STUCK_S:
            return f"UDP has not been served for {waiting_s:.0f} s"
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
                    self._round_s = time.monotonic()
                self._round_s = time.monotonic()
                if self._round_s >= looked_s + LOOK_S:
                    looked_s = self._round_s
                    self._look_after(looked_s)

    def _drain(self, port: _Port, packets: MessageLimit, longer: MessageLimit) -> None:
        for _turn in range(BATCH):
            try:
                arrival = receive(port.datagrams)
            except BlockingIOError:
                return
            except OSError as error:
                self._bear(port, error)
                continue
            port.failing_since_s = None
            self._tally.received += 1
            if not self._is_ours(arrival.datagram):
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

    def _bear(self, port: _Port, error: OSError) -> None:
        """Go on after an error of reading. Raises EndpointLostError where that is hopeless.

        Windows reports that an earlier answer was turned away (ICMP); the next may be well.
        """
        if isinstance(error, ConnectionError):
            return
        now_s = time.monotonic()
        if port.failing_since_s is None:
            port.failing_since_s = now_s
        if error.errno in GONE or now_s - port.failing_since_s > FAILING_S:
            raise EndpointLostError(f"a UDP port is lost: {error}") from error
        self._stop.wait(ERROR_PAUSE_S)

    def _is_ours(self, datagram: bytes) -> bool:
        """The cheap look before all else; text is looked at by whoever answers it."""
        return _is_text(datagram) or flood_filter.may_be_ours(
            datagram, earliest_s=self._earliest_s, latest_s=self._latest_s
        )

    def _count_junk(self, port: _Port) -> None:
        """Count what is nobody's protocol; where it becomes a flood, have the kernel drop it."""
        self._tally.not_understood += 1
        port.junk += 1
        if port.junk < FLOOD_JUNK:
            return
        now_s = time.monotonic()
        if now_s - port.junk_since_s < FLOOD_WINDOW_S and not port.filtering:
            port.filtering = flood_filter.attach(
                port.datagrams, earliest_s=self._earliest_s, latest_s=self._latest_s
            )
            port.unread, port.looked_s = overflowed(port.datagrams), now_s
            self._tally.floods += 1
        port.junk, port.junk_since_s = 0, now_s

    def _look_after(self, now_s: float) -> None:
        """See that each port is there, and open those that filter when their flood is over.

        Raises EndpointLostError: a socket that is gone is never ready, and so raises nothing else.
        """
        for port in self._ports:
            try:
                port.datagrams.getsockname()
            except OSError as error:
                raise EndpointLostError(f"a UDP port is lost: {error}") from error
            if not port.filtering or now_s - port.looked_s < FLOOD_LOOK_S:
                continue
            dropped = overflowed(port.datagrams) - port.unread
            if dropped < FLOOD_CALM_PER_S * (now_s - port.looked_s):
                flood_filter.detach(port.datagrams)
                port.filtering = False
            port.unread, port.looked_s = port.unread + dropped, now_s

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
                return self._answer_text(self.text_handler, port, arrival)
            return self._answer_stamp(arrival)
        except WireError:
            self._count_junk(port)
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

    def _answer_text(self, handler: TextHandler, port: _Port, arrival: Arrival) -> bytes | None:
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
        sequence = self._next_sequence(arrival.source, packet)
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

    def _next_sequence(self, source: tuple[str, int], packet: stamp.SenderPacket) -> int:
        """Count the packets of one session, so that its sender can tell the two ways apart."""
        name, now_s = (*source, packet.session), time.monotonic()
        session = self._sessions.pop(name, None)
        if session is None or session.begins_anew(packet, now_s):
            session = _Session(0, packet.sequence, packet.sent, now_s)
        self._sessions[name] = session
        if len(self._sessions) > self.limits.sessions:
            self._sessions.popitem(last=False)
        return session.count_in(packet, now_s)


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
