"""Sends as many packets as some calls at once would, in one thread, and counts the answers.

Slots of one millisecond: 200 calls are 10,000 packets a second, and no timer wakes that often.
"""

import selectors
import threading
import time
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from natwizard.model.statistics import quantile
from natwizard.probes.media.arrival import Arrival, overflowed, receive
from natwizard.probes.media.path import COUNTED_BYTES, ReflectorFlow, is_ours, unix_offset_ns
from natwizard.probes.media.stream_threads import RECEIVE_WAIT_S, StreamThreads
from natwizard.wire import stamp
from natwizard.wire.error import WireError

PACKETS_PER_S = 50
"""One packet of a call every 20 ms."""

SPARSE_BYTES = 88
"""Of IP, 35 kbit/s: even the thinnest line has room for it, so that its loss is the line's own."""

LATE_AFTER_MS = 150.0
"""No jitter buffer waits so long: a packet this much slower than the fastest is lost to a call.
Filled queues show here before they drop anything."""

SETTLED_SHARE = 0.4
"""Of a step's time. Before it, what a shaper lets through in a burst passes for speed."""

# Finer than timers wake (Windows: 1 ms at best), and 20 of them are a packet's period
SLOT_NS = 1_000_000
PERIOD_NS = 1_000_000_000 // PACKETS_PER_S
SLOTS = PERIOD_NS // SLOT_NS
# Before the other lanes have their turn
READ_AT_ONCE = 64
# The spacing of fewer tells no rate
SETTLED_PACKETS = 8

STALL_NS = 20_000_000
"""Later than this the computer stood still: the schedule moves, for a burst is no call's doing."""


class StepFigures(Struct, frozen=True, kw_only=True):
    """What came of one number of calls.

    Attributes:
        received: packets that came back at least once.
        round_trip_ms, p95_ms: median and 95 % quantile; None if nothing came back.
        late: packets that came back later than a call could use them.
        send_late_p95_ms: how long after their deadline packets left this computer.
        unsent: packets that this computer refused to send.
        stalls: times this computer stood still for longer than a packet's 20 ms.
        overflowed: answers that this computer dropped, because they were not read in time.
        strays: datagrams that came from the far end and answer nothing.
        gaps: runs of packets of one flow that did not come back.
        sent_kbit_s: of IP, while it was sending.
        arrived_kbit_s: of IP, what came back once the step had settled; None for too little.
        waiting_ms: how much longer the last third of the packets took than the fastest one, in
            the median: a queue that fills on the way.
    """

    calls: int
    duration_s: float
    sent: int
    received: int
    late: int
    round_trip_ms: float | None
    p95_ms: float | None
    send_late_p95_ms: float
    unsent: int = 0
    stalls: int = 0
    overflowed: int = 0
    strays: int = 0
    gaps: int = 0
    sent_kbit_s: float = 0.0
    arrived_kbit_s: float | None = None
    waiting_ms: float | None = None


class SenderFaults(Struct, frozen=True, kw_only=True):
    """What is not the line's doing; each as `StepFigures` has it."""

    unsent: int = 0
    stalls: int = 0
    overflowed: int = 0
    strays: int = 0


def step_figures(
    sent_ns: Sequence[Sequence[int]],
    back_ns: Sequence[Sequence[int]],
    late_ns: Sequence[int],
    *,
    calls: int,
    duration_s: float,
    packet_bytes: int,
    faults: SenderFaults,
) -> StepFigures:
    """Count; times by lane and packet, and 0 in `back_ns` for what did not come back.

    A packet is late if its round trip took `LATE_AFTER_MS` more than the fastest.
    """
    pairs = sorted(
        (sent, back)
        for lane_sent_ns, lane_back_ns in zip(sent_ns, back_ns, strict=True)
        for sent, back in zip(lane_sent_ns, lane_back_ns, strict=True)
    )
    times = sorted((back - sent) / 1e6 for sent, back in pairs if back)
    return StepFigures(
        calls=calls,
        duration_s=round(duration_s, 3),
        sent=len(pairs),
        received=len(times),
        late=sum(time_ms > times[0] + LATE_AFTER_MS for time_ms in times),
        round_trip_ms=quantile(times, 0.5) if times else None,
        p95_ms=quantile(times, 0.95) if times else None,
        send_late_p95_ms=quantile(sorted(late_ns), 0.95) / 1e6 if late_ns else 0.0,
        unsent=faults.unsent,
        stalls=faults.stalls,
        overflowed=faults.overflowed,
        strays=faults.strays,
        gaps=sum(map(_gaps, back_ns)),
        sent_kbit_s=_rate_kbit_s(len(pairs), duration_s, packet_bytes),
        arrived_kbit_s=_arrived_kbit_s([back for _sent, back in pairs if back], packet_bytes),
        waiting_ms=_waiting_ms(pairs, times[0]) if times else None,
    )


def _rate_kbit_s(packets: int, duration_s: float, packet_bytes: int) -> float:
    return packets * packet_bytes * 8 / 1000 / duration_s if duration_s > 0 else 0.0


def _arrived_kbit_s(back_ns: Sequence[int], packet_bytes: int) -> float | None:
    """From the moments of arrival, which a full line spaces out; a burst at first is left out,
    for a bucket of tokens lets through more than the line goes on to carry.
    """
    moments = sorted(back_ns)
    if len(moments) < SETTLED_PACKETS:
        return None
    settled_ns = moments[0] + SETTLED_SHARE * (moments[-1] - moments[0])
    settled = moments[bisect_right(moments, settled_ns) :]
    if len(settled) < SETTLED_PACKETS:
        return None
    return _rate_kbit_s(len(settled) - 1, (settled[-1] - settled[0]) / 1e9, packet_bytes)


def _waiting_ms(pairs: Sequence[tuple[int, int]], fastest_ms: float) -> float | None:
    """In the order of sending; later packets wait for all that a full line still holds."""
    last = sorted((back - sent) / 1e6 for sent, back in pairs[-(len(pairs) // 3) :] if back)
    return quantile(last, 0.5) - fastest_ms if last else None


class CallLoad(StreamThreads):
    """One step of the ramp, over several lanes that the caller owns and keeps for the next step.

    Attributes:
        sent_ns, back_ns: by lane and packet; 0 in `back_ns` where nothing came back yet. The
            time a reflector kept a packet is taken off.
        late_ns: how long after its deadline the kernel had each packet, in order.
    """

    def __init__(
        self,
        flows: Sequence[ReflectorFlow],
        *,
        calls: int,
        duration_s: float,
        packet_bytes: int = COUNTED_BYTES,
    ) -> None:
        """`packet_bytes` is of IP, whatever it is wrapped in on the way."""
        super().__init__("calls")
        self.calls = calls
        self.sent_ns: list[list[int]] = [[] for _lane in flows]
        self.back_ns: list[list[int]] = [[] for _lane in flows]
        self.late_ns: list[int] = []
        self._stamps: list[list[int]] = [[] for _lane in flows]
        self._lanes = flows
        self._packet_bytes = packet_bytes
        self._packets = [_buffer(flow, packet_bytes) for flow in flows]
        self._periods = max(1, round(duration_s * PACKETS_PER_S))
        self._sent_s = 0.0
        self._unsent = 0
        self._stalls = 0
        self._overflowed_before = sum(overflowed(flow.back) for flow in flows)
        self._strays = 0
        self._offset_ns = unix_offset_ns()
        self._enough = threading.Event()

    def stop_sending(self) -> None:
        """Send no more; what is on its way may still come back."""
        self._enough.set()

    def missing(self) -> int:
        """Packets that have not come back yet."""
        return sum(back.count(0) for back in self.back_ns)

    def overdue(self, after_s: float) -> tuple[int, int]:
        """Packets sent longer ago than this: how many are missing, and how many they are."""
        cut_ns = time.perf_counter_ns() - round(after_s * 1e9)
        missing = sent = 0
        for sent_ns, back_ns in zip(self.sent_ns, self.back_ns, strict=True):
            due = bisect_right(sent_ns, cut_ns)
            missing += back_ns[:due].count(0)
            sent += due
        return missing, sent

    def figures(self) -> StepFigures:
        """Count what came back so far."""
        return step_figures(
            self.sent_ns,
            self.back_ns,
            self.late_ns,
            calls=self.calls,
            duration_s=self._sent_s,
            packet_bytes=self._packet_bytes,
            faults=SenderFaults(
                unsent=self._unsent,
                stalls=self._stalls,
                overflowed=sum(overflowed(flow.back) for flow in self._lanes)
                - self._overflowed_before,
                strays=self._strays,
            ),
        )

    def _send_all(self) -> None:
        """Calls are spread over the slots of their 20 ms, as independent calls would be."""
        start_ns = time.perf_counter_ns() + 2 * SLOT_NS
        slots = [range(slot, self.calls, SLOTS) for slot in range(SLOTS)]
        for period in range(self._periods):
            for slot, calls in enumerate(slots):
                if not calls:
                    continue
                due_ns = start_ns + period * PERIOD_NS + slot * SLOT_NS
                wait_ns = due_ns - time.perf_counter_ns()
                if wait_ns > 0:
                    time.sleep(wait_ns / 1e9)
                if self._enough.is_set() or self._stop.is_set():
                    return
                late_ns = time.perf_counter_ns() - due_ns
                if late_ns > STALL_NS:
                    self._stalls += 1
                    start_ns += late_ns
                for call in calls:
                    self._send(call % len(self._lanes), due_ns)
            self._sent_s = (period + 1) / PACKETS_PER_S

    def _send(self, place: int, due_ns: int) -> None:
        sent_ns, stamps = self.sent_ns[place], self._stamps[place]
        now_ns = time.perf_counter_ns()
        stamps.append(stamp.ntp_from_unix_ns(now_ns + self._offset_ns))
        datagram = self._packets[place].fill(len(sent_ns), stamps[-1])
        self.back_ns[place].append(0)
        sent_ns.append(time.perf_counter_ns())
        try:
            self._lanes[place].out.send(datagram)
        except OSError:  # full, refused, or gone: a packet that never left
            self._unsent += 1
        self.late_ns.append(time.perf_counter_ns() - due_ns)

    def _receive_all(self) -> None:
        with selectors.DefaultSelector() as selector:
            for place, flow in enumerate(self._lanes):
                flow.out.setblocking(False)
                flow.back.setblocking(False)
                selector.register(flow.back, selectors.EVENT_READ, place)
            while not self._stop.is_set():
                for key, _events in selector.select(RECEIVE_WAIT_S):
                    self._drain(key.data)

    def _drain(self, place: int) -> None:
        flow = self._lanes[place]
        for _turn in range(READ_AT_ONCE):
            try:
                arrival = receive(flow.back)
            except OSError:
                return
            try:
                packet = flow.read(arrival.datagram)
            except WireError:
                self._strays += 1
                continue
            if not is_ours(packet, flow.session):
                continue  # a late answer to an earlier step, which had another session
            sequence, sent_ns = packet.sender_sequence, self.sent_ns[place]
            known = sequence < len(sent_ns)
            if not known or packet.sender_sent != self._stamps[place][sequence]:
                self._strays += packet.session == flow.session
            elif not self.back_ns[place][sequence]:
                self.back_ns[place][sequence] = _back_ns(arrival, packet, sent_ns[sequence])


def _gaps(back_ns: Sequence[int]) -> int:
    return sum(not back and bool(before) for before, back in pairwise((1, *back_ns)))


def _buffer(flow: ReflectorFlow, packet_bytes: int) -> stamp.SenderBuffer:
    """A packet of so many bytes of IP, its headers and those of a tunnel included."""
    size = flow.payload_of(packet_bytes)
    return stamp.SenderBuffer(size=size, session=flow.session, head=flow.head_for(size))


def _back_ns(arrival: Arrival, packet: stamp.ReflectorPacket, sent_ns: int) -> int:
    """When a packet came back, without the reflector's own time where that is believable."""
    arrived_ns = arrival.arrived_ns
    if arrived_ns <= sent_ns:  # this computer's clock was set meanwhile
        arrived_ns = arrival.read_ns
    kept_ns = stamp.ntp_difference_ns(packet.sent, packet.received)
    return arrived_ns - (kept_ns if 0 <= kept_ns < arrived_ns - sent_ns else 0)
