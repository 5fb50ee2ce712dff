"""Sends voice-like packets at absolute deadlines and takes in their answers, in two threads."""

import time
from contextlib import suppress
from typing import NamedTuple, Self

from natwizard.model.outcome import Failure
from natwizard.probes.failures import failure_from
from natwizard.probes.media.arrival import Arrival, overflowed, receive
from natwizard.probes.media.path import MediaPath, is_ours, unix_offset_ns
from natwizard.probes.media.stream_threads import RECEIVE_WAIT_S, StreamThreads
from natwizard.wire import stamp
from natwizard.wire.error import WireError

# Both threads have to run before the first packet is due
LEAD_NS = 20_000_000
STALL_NS = 100_000_000
"""Later than this the computer was asleep or stopped: the schedule moves instead of bursting."""

CLOSERS = 3
"""Small packets after the last: their numbers tell on which way the last ones got lost."""


class ReflectedPacket(NamedTuple):
    """One packet that came back. Not a Struct: made while timing matters.

    Attributes:
        sequence: of our packet; `reflector_sequence`: of the reflector's answer.
        arrived_ns: on the clock of `time.perf_counter_ns`.
        reflector_received, reflector_sent: NTP timestamps of the reflector's clock.
    """

    sequence: int
    arrived_ns: int
    reflector_sequence: int
    reflector_received: int
    reflector_sent: int


class MediaStream(StreamThreads):
    """One stream of packets on one path, which it closes at its end.

    Attributes:
        packets: how many will be sent; may be raised while `sending`.
        sent_ns: when each packet left, by its number, on the clock of `time.perf_counter_ns`.
        late_ns: how long after its deadline the kernel had it.
        waited_ns: for each answer, how long it lay in the kernel; empty if nobody tells.
        overflowed: datagrams that this computer dropped, because they were not read in time;
            known at the end.
        closing: answers to the closers, which are in none of the lists above.
        unsent: numbers of packets that this computer refused to send.
        stalls: times this computer stood still for a tenth of a second and more.
        refused: error reports that came back (ICMP), and refusals to send.
        strays: datagrams that came from the far end and answer nothing.
    """

    def __init__(self, path: MediaPath, *, packets: int, interval_s: float, size: int) -> None:
        super().__init__("media")
        self.packets = packets
        self.sent_ns: list[int] = []
        self.late_ns: list[int] = []
        self.answers: list[ReflectedPacket] = []
        self.closing: list[ReflectedPacket] = []
        self.waited_ns: list[int] = []
        self.unsent: list[int] = []
        self.send_failure: Failure | None = None
        self.stalls = 0
        self.refused = 0
        self.strays = 0
        self.overflowed = 0
        self.offset_ns = unix_offset_ns()
        self._path = path
        self._lane = path.flow
        self._interval_ns = round(interval_s * 1e9)
        head = path.flow.head_for(size)
        self._packet = stamp.SenderBuffer(size=size, session=path.flow.session, head=head)
        self._stamps: list[int] = []
        self._closing_stamps: list[int] = []

    def __enter__(self) -> Self:
        for datagrams in (self._lane.out, self._lane.back):
            datagrams.settimeout(RECEIVE_WAIT_S)
        return super().__enter__()

    def _ended(self) -> None:
        self.overflowed = overflowed(self._lane.back)
        self._path.close()

    def ntp(self, perf_ns: int) -> int:
        """A moment as our packets carry it."""
        return stamp.ntp_from_unix_ns(perf_ns + self.offset_ns)

    def _send_all(self) -> None:
        start_ns = time.perf_counter_ns() + LEAD_NS
        sequence = 0
        while sequence < self.packets and not self._stop.is_set():
            due_ns = start_ns + sequence * self._interval_ns
            wait_ns = due_ns - time.perf_counter_ns()
            if wait_ns > 0:
                time.sleep(wait_ns / 1e9)
            now_ns = time.perf_counter_ns()
            late_ns = now_ns - due_ns
            if late_ns > STALL_NS:
                self.stalls += 1
                start_ns += late_ns
            self._send(sequence, now_ns)
            self.late_ns.append(late_ns + time.perf_counter_ns() - now_ns)
            sequence += 1
        if not self._lane.head:  # through a TURN server nobody counts
            self._send_closers(sequence)

    def _send_closers(self, first: int) -> None:
        for sequence in range(first, first + CLOSERS):
            if self._stop.wait(self._interval_ns / 1e9):
                return
            sent = self.ntp(time.perf_counter_ns())
            self._closing_stamps.append(sent)
            packet = stamp.SenderPacket(sequence=sequence, sent=sent, session=self._lane.session)
            with suppress(OSError):
                self._lane.out.send(stamp.encode_sender(packet, size=stamp.BASE_BYTES))

    def _send(self, sequence: int, now_ns: int) -> None:
        self._stamps.append(self.ntp(now_ns))
        datagram = self._packet.fill(sequence, self._stamps[-1])
        self.sent_ns.append(time.perf_counter_ns())
        try:
            self._send_once(datagram)
        except OSError as error:
            self.unsent.append(sequence)
            if self.send_failure is None:
                self.send_failure = failure_from(error, "send_media")

    def _send_once(self, datagram: bytearray) -> None:
        try:
            self._lane.out.send(datagram)
        except OSError:  # may be a report (ICMP) on an earlier packet; this one has not left yet
            self.refused += 1
            self._lane.out.send(datagram)

    def _receive_all(self) -> None:
        while not self._stop.is_set():
            try:
                arrival = receive(self._lane.back)
            except TimeoutError:
                continue
            except ConnectionError:
                self.refused += 1
                continue
            except OSError:
                time.sleep(RECEIVE_WAIT_S)  # the interface is gone: do not spin until it is back
                continue
            self._take_in(arrival)

    def _stamp_of(self, sequence: int) -> int | None:
        """What a packet of this number carries; None if there is none."""
        if sequence < len(self._stamps):
            return self._stamps[sequence]
        place = sequence - len(self._stamps)
        return self._closing_stamps[place] if place < len(self._closing_stamps) else None

    def _take_in(self, arrival: Arrival) -> None:
        try:
            packet = self._lane.read(arrival.datagram)
        except WireError:
            self.strays += 1
            return
        sequence = packet.sender_sequence
        if not is_ours(packet, self._lane.session) or packet.sender_sent != self._stamp_of(
            sequence
        ):
            self.strays += 1
            return
        if sequence >= len(self.sent_ns):
            self.closing.append(
                ReflectedPacket(
                    sequence, arrival.arrived_ns, packet.sequence, packet.received, packet.sent
                )
            )
            return
        arrived_ns, waited_ns = arrival.arrived_ns, arrival.waited_ns
        if arrived_ns < self.sent_ns[sequence]:  # this computer's clock was set meanwhile
            arrived_ns, waited_ns = arrival.read_ns, None
        if waited_ns is not None:
            self.waited_ns.append(waited_ns)
        self.answers.append(
            ReflectedPacket(sequence, arrived_ns, packet.sequence, packet.received, packet.sent)
        )
