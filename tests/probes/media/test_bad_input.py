"""Reflectors that do not behave, and clocks that are set: no crash, and no wrong verdict."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import cast

import pytest
from cases.udp_cases import case, path
from servers.udp_lab import make_context, run

from natwizard.checks import (
    quality_bandwidth,
    quality_jitter,
    quality_latency,
    quality_loss,
    quality_mos,
)
from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_bandwidth import BandwidthLimits
from natwizard.checks.quality_loss import LossLimits
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Answers, Targets
from natwizard.probes.media import arrival
from natwizard.probes.media.calls import CallsEvidence, make_calls_probe
from natwizard.probes.media.stream import MediaEvidence, MediaFigures, Schedule, gather
from natwizard.wire import stamp

A_SECOND = Schedule(duration_s=1.0, longest_s=1.0, await_quiet=False)
PACKETS = 50
HOUR_NS = 3600 * 10**9
PATIENT = LossLimits(send_late_p95_ms=1000, lag_p95_ms=1000)

Answerer = Callable[[int, stamp.SenderPacket, bytes], list[bytes]]
"""Number of the packet since the start (0 is the greeting), packet, its padding -> answers."""


def answer(
    number: int,
    packet: stamp.SenderPacket,
    padding: bytes,
    *,
    step_ns: int = 0,
    shift: int = 0,
    own: int | None = None,
) -> bytes:
    """What an honest reflector sends, but for what is asked for."""
    now = stamp.ntp_from_unix_ns(time.time_ns() + step_ns)
    return stamp.encode_reflector(
        stamp.ReflectorPacket(
            sequence=number if own is None else own,
            sent=now,
            received=now,
            sender_sequence=packet.sequence + shift,
            sender_sent=packet.sent,
            sender_error_estimate=packet.error_estimate,
            session=packet.session,
        ),
        padding=padding,
    )


def against(answers: Answerer) -> MediaEvidence:
    """A stream to a reflector that greets honestly and then answers so."""

    class Reflector(asyncio.DatagramProtocol):
        number = 0

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            packet, padding = stamp.decode_sender(data), data[stamp.BASE_BYTES :]
            say = answers if self.number else lambda *asked: [answer(*asked)]
            for datagram in say(self.number, packet, padding):
                self.transport.sendto(datagram, addr)
            self.number += 1

    async def scene() -> MediaEvidence:
        loop = asyncio.get_running_loop()
        transport, _reflector = await loop.create_datagram_endpoint(Reflector, ("127.0.0.1", 0))
        try:
            target = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
            return await gather(make_context(Targets(media=target)), A_SECOND)
        finally:
            transport.close()
            await asyncio.sleep(0)

    return run(scene())


def figures_of(evidence: MediaEvidence) -> MediaFigures:
    assert evidence.figures is not None
    return evidence.figures


@pytest.mark.parametrize(
    "answers",
    [
        lambda *_asked: [b"\x01"],
        lambda *_asked: [b"\x00" * 60_000],
        lambda *_asked: [random.randbytes(172)],
        lambda *asked: [answer(*asked, shift=1)],
        lambda *asked: [answer(*asked, shift=1 << 31)],
        lambda _number, packet, _padding: [stamp.encode_sender(packet, size=172)],
    ],
    ids=["1 byte", "60,000 bytes", "noise", "next number", "far number", "thrown back"],
)
def test_a_reflector_that_answers_nonsense_is_not_taken_for_a_line_that_loses(
    answers: Answerer,
) -> None:
    evidence = against(answers)
    figures = figures_of(evidence)
    assert (figures.counted.sent, figures.counted.received) == (PACKETS, 0)
    assert figures.strays >= PACKETS - 1
    for check in (quality_loss, quality_latency, quality_jitter, quality_mos):
        limits = check.__dict__[f"QUALITY_{check.__name__.rpartition('_')[2].upper()}"].limits
        with pytest.raises(EvidenceMissing) as missing:
            check.judge(case({"media": evidence}), limits(**PATIENCE))
        assert missing.value.failure.code is FailureCode.BAD_ANSWER


PATIENCE = {"send_late_p95_ms": 1000.0, "lag_p95_ms": 1000.0}


def test_answers_that_come_five_times_count_once() -> None:
    figures = figures_of(against(lambda *asked: [answer(*asked)] * 5))
    assert figures.counted.received == figures.counted.sent == PACKETS
    assert figures.counted.duplicates == 4 * PACKETS
    assert (figures.strays, figures.counted.lost_out) == (0, 0)


def test_nonsense_beside_honest_answers_does_no_harm() -> None:
    figures = figures_of(
        against(
            lambda number, *rest: [answer(number, *rest), *([b"?"] if number == PACKETS else [])]
        )
    )
    assert (figures.counted.received, figures.strays) == (PACKETS, 1)
    assert quality_loss.judge(case({"media": _evidence(figures)}), PATIENT).measured[0].value == 0


def test_answers_from_another_address_are_nobodys() -> None:
    """A router would drop them, too: our socket listens to the one it asked."""

    async def scene() -> MediaEvidence:
        loop = asyncio.get_running_loop()
        other, _protocol = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, ("127.0.0.4", 0)
        )

        class Reflector(asyncio.DatagramProtocol):
            number = 0

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = cast("asyncio.DatagramTransport", transport)

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                packet = stamp.decode_sender(data)
                said = answer(self.number, packet, data[stamp.BASE_BYTES :])
                (other if self.number % 5 == 4 else self.transport).sendto(said, addr)
                self.number += 1

        transport, _reflector = await loop.create_datagram_endpoint(Reflector, ("127.0.0.1", 0))
        try:
            target = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
            return await gather(make_context(Targets(media=target)), A_SECOND)
        finally:
            transport.close()
            other.close()
            await asyncio.sleep(0)

    figures = figures_of(run(scene()))
    assert (figures.counted.received, figures.strays) == (4 * PACKETS // 5, 0)


@pytest.mark.parametrize("numbers", ["random", "backwards", "constant"])
def test_a_reflector_that_numbers_by_its_own_fancy_splits_no_losses(numbers: str) -> None:
    fancy = {
        "random": lambda _number: random.getrandbits(32),
        "backwards": lambda number: (1 << 31) - number,
        "constant": lambda _number: 7,
    }[numbers]
    figures = figures_of(
        against(
            lambda number, *rest: (
                [] if number % 5 == 4 else [answer(number, *rest, own=fancy(number))]
            )
        )
    )
    assert figures.counted.received == 4 * PACKETS // 5
    assert (figures.counted.lost_out, figures.counted.lost_back) == (None, None)


@pytest.mark.parametrize("step_ns", [HOUR_NS, -HOUR_NS, 10**9])
def test_a_reflector_whose_clock_is_set_says_nothing_of_one_way(step_ns: int) -> None:
    figures = figures_of(
        against(lambda n, *rest: [answer(n, *rest, step_ns=step_ns if n > 12 else 0)])
    )
    assert figures.counted.received == PACKETS
    assert (figures.jitter.out, figures.jitter.back) == (None, None)
    assert figures.jitter.round_trip is not None
    assert figures.round_trip is not None
    assert 0 <= figures.round_trip.lowest_ms <= figures.round_trip.median_ms < 100


@pytest.mark.parametrize("step_ns", [HOUR_NS, -HOUR_NS, 10**9 // 2, -(10**9) // 2])
def test_a_clock_that_is_set_here_does_not_move_the_round_trip(
    step_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, asked = arrival.both_clocks_ns, [0]

    def stepped() -> tuple[int, int]:
        asked[0] += 1
        unix_ns, perf_ns = honest()
        return unix_ns + (step_ns if asked[0] > 20 else 0), perf_ns

    monkeypatch.setattr(arrival, "both_clocks_ns", stepped)
    figures = figures_of(against(lambda *asked_: [answer(*asked_)]))
    assert figures.counted.received == PACKETS
    assert figures.round_trip is not None
    assert figures.round_trip.lowest_ms >= 0
    assert figures.round_trip.highest_ms < 400


@pytest.mark.quiet  # a computer too busy to keep time says so before it blames the answers
def test_calls_to_a_reflector_that_answers_nonsense_end_early() -> None:
    class Reflector(asyncio.DatagramProtocol):
        greeted = False

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            packet = stamp.decode_sender(data)
            honest = answer(0, packet, data[stamp.BASE_BYTES :])
            self.transport.sendto(b"\xff" * 60_000 if self.greeted else honest, addr)
            self.greeted = True

    async def scene() -> CallsEvidence:
        loop = asyncio.get_running_loop()
        transport, _reflector = await loop.create_datagram_endpoint(Reflector, ("127.0.0.1", 0))
        try:
            target = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
            context = make_context(Targets(media=target), answers=Answers(concurrent_calls=4))
            return await make_calls_probe(step_s=5.0).gather(context)
        finally:
            transport.close()
            await asyncio.sleep(0)

    evidence = run(scene())
    assert evidence.steps[0].duration_s < 3
    with pytest.raises(EvidenceMissing) as missing:
        quality_bandwidth.judge(case({"calls": evidence}), BandwidthLimits())
    assert missing.value.failure.code is FailureCode.BAD_ANSWER


def _evidence(figures: MediaFigures) -> MediaEvidence:
    return MediaEvidence(path=path(), figures=figures)
