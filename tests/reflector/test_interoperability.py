"""Our reflector and our sender against others, written here from the RFCs alone.

No STAMP or TWAMP-light program is in Debian or on PyPI (November 2026), so these are the smallest
that RFC 8762 (4.2.1, 4.3.1) and RFC 5357 (4.1.2, 4.2.1, appendix I) allow. They share no code
with natwizard: each field is cut out by its offset.
"""

import asyncio
import re
import shutil
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from servers.udp_lab import make_context, reflecting, run

from natwizard.model.profile import Targets
from natwizard.probes.media.stream import MediaFigures, Schedule, gather
from natwizard.reflector.udp import UdpReflector

EPOCH = 2_208_988_800
TTL_SENT = 57


def ntp_now() -> bytes:
    now = time.time()
    return struct.pack("!II", int(now) + EPOCH, int((now % 1) * (1 << 32)) & 0xFFFFFFFF)


def seconds_of(ntp: bytes) -> float:
    whole, part = struct.unpack("!II", ntp)
    return whole - EPOCH + part / (1 << 32)


def stamp_sender(sequence: int, sent: bytes, *, size: int) -> bytes:
    """RFC 8762, figure 2: number, timestamp, error estimate, 30 zeros; then padding."""
    return struct.pack("!I", sequence) + sent + b"\x81\x05" + bytes(30) + bytes(size - 44)


def twamp_sender(sequence: int, sent: bytes, *, size: int) -> bytes:
    """RFC 5357, 4.1.2: number, timestamp, error estimate, then padding that is not zero."""
    return struct.pack("!I", sequence) + sent + b"\x81\x05" + b"\xa5" * (size - 14)


Sender = Callable[..., bytes]


@pytest.mark.parametrize(
    ("make", "size"),
    [(stamp_sender, 44), (stamp_sender, 172), (twamp_sender, 44), (twamp_sender, 1400)],
)
def test_a_sender_of_another_make_is_answered_as_the_rfc_says(make: Sender, size: int) -> None:
    async def scene() -> None:
        async with reflecting() as (_reflector, ports):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, TTL_SENT)
                sender.connect(("127.0.0.1", ports[0]))
                sender.settimeout(5)
                for count, sequence in enumerate((1000, 1001, 1003)):
                    sent = ntp_now()
                    packet = make(sequence, sent, size=size)
                    sender.send(packet)
                    answer = sender.recv(2048)
                    assert len(answer) == size
                    assert struct.unpack("!I", answer[0:4]) == (count,)
                    received, left = seconds_of(answer[16:24]), seconds_of(answer[4:12])
                    assert abs(received - time.time()) < 10
                    assert -0.001 <= left - received < 5
                    assert int.from_bytes(answer[12:14], "big") & 0xFF != 0  # multiplier
                    assert answer[24:28] == packet[0:4]
                    assert answer[28:36] == sent
                    assert answer[36:38] == b"\x81\x05"
                    assert answer[38:40] == b"\0\0"
                    # 255 where the system does not tell it (RFC 5357, section 4.2.1)
                    assert answer[40] == (TTL_SENT if hasattr(sender, "recvmsg") else 255)
                    assert answer[41:44] == b"\0\0\0"
                    assert answer[44:] == packet[44:]

    run(scene())


@pytest.mark.parametrize(("make", "size"), [(stamp_sender, 44), (twamp_sender, 172)])
def test_a_sender_that_keeps_its_port_reads_no_losses_in_its_next_run(
    make: Sender, size: int
) -> None:
    """As RFC 8762 has it: lost there = sent less the reflector's count, lost back = the rest."""

    async def scene() -> None:
        async with reflecting() as (_reflector, ports):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.connect(("127.0.0.1", ports[0]))
                sender.settimeout(5)
                for _run in range(3):
                    answers = []
                    for sequence in range(30):
                        sender.send(make(sequence, ntp_now(), size=size))
                        answers.append(sender.recv(2048))
                    counted = int.from_bytes(answers[-1][0:4], "big") + 1
                    assert (30 - counted, counted - len(answers)) == (0, 0)

    run(scene())


@pytest.mark.skipif(not shutil.which("turnutils_stunclient"), reason="needs coturn's tools")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_coturn_s_client_is_told_its_address(address: str) -> None:
    async def scene() -> str:
        reflector = UdpReflector()
        (port,) = await reflector.start(address, (0,))
        try:
            process = await asyncio.create_subprocess_exec(
                "turnutils_stunclient", "-p", str(port), "-L", address, address,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            async with asyncio.timeout(20):
                told, _nothing = await process.communicate()
            assert reflector.counters().stun_answered == 1
            return told.decode()
        finally:
            await reflector.close()

    told = run(scene())
    assert re.search(rf"reflexive addr: {re.escape(address)}:\d+", told), told


@pytest.mark.skipif(not shutil.which("turnutils_natdiscovery"), reason="needs coturn's tools")
def test_coturn_s_discovery_sees_that_there_is_no_nat() -> None:
    """RFC 5780, mapping and filtering, on loopback."""

    async def scene() -> str:
        reflector = UdpReflector()
        first, _second = await reflector.start("127.0.0.1", (0, 0), other_address="127.0.0.2")
        try:
            process = await asyncio.create_subprocess_exec(
                "turnutils_natdiscovery", "-m", "-f", "-p", str(first), "-L", "127.0.0.1",
                "127.0.0.1", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            async with asyncio.timeout(60):
                told, _nothing = await process.communicate()
            return told.decode()
        finally:
            await reflector.close()

    told = run(scene())
    assert told.count("No NAT! (Endpoint Independent Mapping)") == 2, told


@pytest.mark.parametrize("size", [14, 41, 43])
def test_a_question_shorter_than_the_answer_gets_none(size: int) -> None:
    async def scene() -> int:
        async with reflecting() as (reflector, ports):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.connect(("127.0.0.1", ports[0]))
                sender.settimeout(0.2)
                sender.send(twamp_sender(1, ntp_now(), size=size))
                with pytest.raises(TimeoutError):
                    sender.recv(2048)
            return int(reflector.counters().not_understood)

    assert run(scene()) == 1


def stamp_reflector(packet: bytes, own: int, received: bytes, ttl: int) -> bytes:
    """RFC 8762, figure 5, stateful, without RFC 8972: the session identifier is zeros."""
    head = struct.pack("!I", own) + ntp_now() + b"\x81\x05" + b"\0\0" + received
    return head + packet[0:14] + b"\0\0" + bytes((ttl,)) + bytes(3) + packet[44:]


def stateless_reflector(packet: bytes, _own: int, received: bytes, ttl: int) -> bytes:
    """As before, but it copies the sender's number (RFC 8762, 4)."""
    return packet[0:4] + stamp_reflector(packet, 0, received, ttl)[4:]


def twamp_reflector(packet: bytes, own: int, received: bytes, ttl: int) -> bytes:
    """RFC 5357, 4.2.1: 41 bytes, and of the padding as much as keeps the size."""
    head = struct.pack("!I", own) + ntp_now() + b"\x81\x05" + b"\0\0" + received
    return (head + packet[0:14] + b"\0\0" + bytes((ttl,)) + packet[14:])[: len(packet)]


def short_reflector(size: int) -> "Reflector":
    """RFC 5357, 4.2.1, without padding: 41 bytes, and up to three that mean nothing."""

    def reflect(packet: bytes, own: int, received: bytes, ttl: int) -> bytes:
        return twamp_reflector(packet, own, received, ttl)[:size]

    return reflect


Reflector = Callable[[bytes, int, bytes, int], bytes]


@contextmanager
def running(reflect: Reflector) -> Iterator[int]:
    """A reflector that loses what it gets as every tenth; yields its port."""
    stop = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(0.1)

        def serve() -> None:
            own = came = 0
            while not stop.is_set():
                try:
                    packet, source = opened.recvfrom(2048)
                except TimeoutError:
                    continue
                received, came = ntp_now(), came + 1
                if came % 10:
                    opened.sendto(reflect(packet, own, received, 64), source)
                    own += 1

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield opened.getsockname()[1]
        finally:
            stop.set()
            thread.join(5)


@pytest.mark.parametrize(
    ("reflect", "counts"),
    [
        (stamp_reflector, True),
        (stateless_reflector, False),
        (twamp_reflector, True),
        (short_reflector(41), True),
        (short_reflector(43), True),
    ],
)
def test_our_sender_measures_against_a_reflector_of_another_make(
    reflect: Reflector, counts: bool
) -> None:
    def look() -> MediaFigures:
        with running(reflect) as port:
            context = make_context(Targets(media=f"127.0.0.1:{port}"))
            evidence = run(
                gather(context, Schedule(duration_s=1.0, longest_s=1.0, await_quiet=False))
            )
        assert evidence.figures is not None
        return evidence.figures

    figures = look()
    counted = figures.counted
    assert (counted.sent, counted.sent - counted.received) == (50, 5)
    # it numbers what it answers: what was lost before that never reached it
    assert (counted.lost_out, counted.lost_back) == ((5, 0) if counts else (None, None))
    assert figures.strays == 0
    assert figures.jitter.out is not None
    assert figures.jitter.back is not None
    assert figures.round_trip is not None
    assert figures.round_trip.median_ms < 50
