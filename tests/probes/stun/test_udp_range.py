"""The range probe against a real server that listens on many ports."""

import asyncio
import ctypes
import errno
import os
import socket
import struct
import sys
import time
from dataclasses import replace

import pytest
from cases.udp_cases import UDP_WORKS, case, media
from servers.udp_lab import Told, make_context, run

from natwizard.checks import quality_loss
from natwizard.checks import udp_range as udp_range_check
from natwizard.checks.base import EvidenceMissing, NoLimits
from natwizard.checks.quality_loss import LossLimits
from natwizard.model.finding import Status
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Answers, Targets
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint, Route
from natwizard.probes.rate_limiter import RateLimiter
from natwizard.probes.stun import udp_range
from natwizard.probes.stun.udp_range import (
    PortResult,
    PortSpan,
    RangeEvidence,
    SamplingBudget,
    gather,
)
from natwizard.reflector.udp import UdpReflector
from natwizard.system.network import SystemNetwork


def targets(host: str, *ports: str) -> Targets:
    return Targets(udp_range=host, udp_range_ports=ports)


@pytest.mark.parametrize(
    ("target", "setting"),
    [
        (Targets(udp_range_ports=("5000",)), "targets.udp_range"),
        (Targets(udp_range="127.0.0.1"), "targets.udp_range_ports"),
    ],
)
def test_a_target_that_is_not_set_is_named(target: Targets, setting: str) -> None:
    with pytest.raises(CannotGather) as missed:
        run(gather(make_context(target)))
    assert missed.value.failure.code is FailureCode.NO_TARGET
    assert missed.value.failure.detail == setting


def test_every_listed_port_answers_where_nothing_is_blocked() -> None:
    async def scene(host: str) -> RangeEvidence:
        reflector = UdpReflector()
        ports = await reflector.start(host, (0,) * 30)
        try:
            wanted = targets(host, *(str(port) for port in ports))
            return await gather(make_context(wanted))
        finally:
            await reflector.close()

    for host in ("127.0.0.9", "::1"):
        evidence = run(scene(host))
        assert evidence.answered == len(evidence.results) == 30
        assert evidence.blocked == ()
        assert evidence.flows == 30
        assert evidence.address == host


def test_single_ports_that_are_silent_are_named() -> None:
    async def scene() -> RangeEvidence:
        reflector = UdpReflector()
        ports = await reflector.start("127.0.0.9", (0,) * 5)
        with _silent("127.0.0.9", 0) as closed:
            silent = closed.getsockname()[1]
            try:
                wanted = targets("127.0.0.9", *(str(port) for port in (*ports, silent)))
                evidence = await gather(make_context(wanted))
            finally:
                await reflector.close()
        assert evidence.answered == 5
        assert [(span.low, span.high) for span in evidence.blocked] == [(silent, silent)]
        return evidence

    evidence = run(scene())
    failed = [result for result in evidence.results if result.failure]
    assert [result.failure for result in failed] == [FailureCode.TIMED_OUT]
    assert failed[0].tries == 6  # a silent port is asked twice, three requests each


def test_the_ends_of_a_blocked_run_are_exact(own_address: str) -> None:
    first, last, blocked = 20000, 20399, range(20117, 20234)

    async def scene() -> tuple[RangeEvidence, Told, float]:
        told = Told()
        reflector = UdpReflector()
        open_ports = tuple(port for port in range(first, last + 1) if port not in blocked)
        await reflector.start(own_address, open_ports)
        silent = [_silent(own_address, port) for port in blocked]
        started = time.perf_counter()
        try:
            wanted = targets(own_address, f"{first}-{last}")
            evidence = await gather(make_context(wanted, told=told))
        finally:
            await reflector.close()
            for opened in silent:
                opened.close()
        return evidence, told, time.perf_counter() - started

    evidence, told, took_s = run(scene(), timeout_s=60)
    assert evidence.blocked == (PortSpan(low=20117, high=20233, exact=True),)
    assert evidence.flows <= SamplingBudget().flows
    assert told.fractions == sorted(told.fractions)
    assert took_s < 20


@pytest.mark.parametrize("allowed", [14, 17, 40])
def test_never_more_flows_than_allowed_however_much_is_left_to_find(
    allowed: int, own_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third port is silent: the ends of each silence would take many more."""
    budget = SamplingBudget(sample=12, more=allowed - 12)
    monkeypatch.setattr(udp_range, "SamplingBudget", lambda: budget)
    waits = (0.05,) * len(udp_range.WAITS_S)
    monkeypatch.setattr(udp_range, "WAITS_S", waits)
    monkeypatch.setattr(udp_range, "SHORTEST_WAIT_S", 0.05)
    first, last = 23000, 23299
    opened: list[object] = []

    async def scene() -> RangeEvidence:
        reflector = UdpReflector()
        context = make_context(targets(own_address, f"{first}-{last}"), new_flows_per_s=2000)
        counted = CountingNetwork(opened)
        silent = [_silent(own_address, port) for port in range(first + 1, last, 3)]
        taken = {each.getsockname()[1] for each in silent}
        await reflector.start(
            own_address, tuple(port for port in range(first, last + 1) if port not in taken)
        )
        try:
            return await gather(replace(context, network=counted))
        finally:
            await reflector.close()
            for each in silent:
                each.close()

    evidence = run(scene(), timeout_s=60)
    assert 0 < evidence.answered < len(evidence.results)
    assert evidence.still_answers is True
    assert evidence.flows == len(opened) <= allowed


class CountingNetwork(SystemNetwork):
    """Keeps count of the sockets that are opened."""

    def __init__(self, opened: list[object]) -> None:
        super().__init__()
        self._opened = opened

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        self._opened.append(family)
        return super().open_udp(family)


class Unplugged(SystemNetwork):
    """A computer whose way out is gone after so many sockets."""

    def __init__(self, sockets: int) -> None:
        super().__init__()
        self._left = sockets

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        self._left -= 1
        if self._left < 0:
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        return super().open_udp(family)

    def route_to(self, endpoint: Endpoint) -> Route | None:
        return None if self._left < 0 else super().route_to(endpoint)


@pytest.mark.parametrize("sockets", [0, 20])
def test_a_port_that_nothing_was_sent_to_is_not_blocked(sockets: int) -> None:
    async def scene() -> RangeEvidence:
        reflector = UdpReflector()
        ports = await reflector.start("127.0.0.9", (0,) * 30)
        try:
            wanted = targets("127.0.0.9", *(str(port) for port in ports))
            context = make_context(wanted, new_flows_per_s=2000)
            return await gather(replace(context, network=Unplugged(sockets)))
        finally:
            await reflector.close()

    evidence = run(scene())
    assert evidence.answered == sockets
    assert evidence.not_sent == 30 - sockets
    assert evidence.blocked == ()
    with pytest.raises(EvidenceMissing) as missing:
        udp_range_check.judge(case({"udp_range": evidence, "stun": UDP_WORKS}), NoLimits())
    assert missing.value.failure.code is FailureCode.NETWORK_UNREACHABLE


def test_a_server_that_stops_in_mid_sample_is_ill_and_nothing_is_blocked() -> None:
    """It answers the first ports and then nobody any more, which looks like a blocked range."""

    async def scene() -> RangeEvidence:
        reflector = UdpReflector()
        ports = await reflector.start("127.0.0.9", (0,) * 60)
        wanted = targets("127.0.0.9", *(str(port) for port in ports))
        context = make_context(wanted, new_flows_per_s=100)

        async def dies() -> None:
            while reflector.counters().received < 20:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.005)
            await reflector.close()

        # whoever takes its ports over answers nothing, as a process that hangs
        async with asyncio.TaskGroup() as group:
            group.create_task(dies())
            return await gather(context)

    evidence = run(scene(), timeout_s=60)
    assert 0 < evidence.answered < len(evidence.results)
    assert evidence.still_answers is False
    with pytest.raises(EvidenceMissing) as missing:
        udp_range_check.judge(case({"udp_range": evidence, "stun": UDP_WORKS}), NoLimits())
    assert missing.value.failure.code is FailureCode.FAR_END_SILENT


class FewFlows(SystemNetwork):
    """After some flows, no answer comes back to a new one; those that were there stay."""

    def __init__(self, flows: int) -> None:
        self._left = flows

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        datagrams = super().open_udp(family)
        if self._left <= 0:
            nothing = ctypes.create_string_buffer(struct.pack("HBBI", RETURN, 0, 0, 0))
            program = struct.pack("HL", 1, ctypes.addressof(nothing))
            datagrams.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        self._left -= 1
        return datagrams


RETURN, SO_ATTACH_FILTER = 0x06, 26
"""As <linux/filter.h> has them: a program that accepts 0 bytes of each packet."""


@pytest.mark.skipif(sys.platform != "linux", reason="a filter of Linux' sockets")
def test_a_network_that_takes_no_more_flows_is_told_from_a_server_that_is_ill() -> None:
    """Such as a carrier's NAT with a quota of ports, or a router whose table is full."""

    async def scene() -> RangeEvidence:
        reflector = UdpReflector()
        ports = await reflector.start("127.0.0.9", (0,) * 30)
        try:
            wanted = targets("127.0.0.9", *(str(port) for port in ports))
            context = make_context(wanted, new_flows_per_s=2000)
            return await gather(replace(context, network=FewFlows(20)))
        finally:
            await reflector.close()

    evidence = run(scene(), timeout_s=60)
    assert evidence.answered == 20
    assert evidence.flows_used_up
    inputs = case(
        {"udp_range": evidence, "stun": UDP_WORKS, "media": media(code=FailureCode.TIMED_OUT)}
    )
    for found in (
        udp_range_check.judge(inputs, NoLimits()),
        quality_loss.judge(inputs, LossLimits()),
    ):
        assert found.status is Status.UNKNOWN
        assert found.summary == "This network takes no more connections than the test made."


def test_flows_are_opened_at_the_runs_own_pace_and_never_more_than_allowed(
    own_address: str,
) -> None:
    """With the pace of a real run, and counted at the far end."""

    async def scene() -> tuple[RangeEvidence, int]:
        reflector = UdpReflector()
        await reflector.start(own_address, tuple(range(22000, 22300)))
        try:
            context = replace(
                make_context(targets(own_address, "22000-22299")), rate_limiter=RateLimiter()
            )
            return await gather(context), reflector.counters().received
        finally:
            await reflector.close()

    evidence, received = run(scene())
    assert evidence.flows == len(evidence.results) == 300
    assert received == sum(result.tries for result in evidence.results)
    # 300 flows at 100 a second: the last may start 2.99 s after the first, and no earlier
    started = sorted(result.started_s for result in evidence.results)
    assert started[-1] - started[0] >= 2.5
    for first, later in zip(started, started[50:], strict=False):
        assert later - first >= 0.3  # fifty take half a second, but for a stall


class CountingLimiter(RateLimiter):
    """Counts the flows that it let begin, and tells when a sweep is well under way."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0
        self.under_way = asyncio.Event()

    async def turn(self) -> None:
        await super().turn()
        self.begun += 1
        if self.begun == 30:
            self.under_way.set()


@pytest.mark.parametrize("answering", [True, False], ids=["answering", "silent"])
def test_a_sweep_lets_the_flows_of_other_probes_in_between(
    answering: bool, own_address: str
) -> None:
    """Counted in flows and not in time: others wait for one of the sweep's, not for all."""

    async def scene() -> int:
        reflector = UdpReflector()
        if answering:
            await reflector.start(own_address, tuple(range(22000, 22300)))
        limiter = CountingLimiter()
        context = replace(make_context(targets(own_address, "22000-22299")), rate_limiter=limiter)
        try:
            async with asyncio.TaskGroup() as group:
                sweep = group.create_task(gather(context))
                await limiter.under_way.wait()
                before = limiter.begun
                async with limiter.flow():
                    between = limiter.begun - before
                sweep.cancel()
        finally:
            await reflector.close()
        return between

    assert run(scene()) <= 3


def test_listed_ranges_are_exact_by_themselves() -> None:
    """As long as nothing was sampled their ends are the ones that were asked for."""
    spans = udp_range.spans_of((range(20, 31), range(10, 21), range(32, 40), range(41, 42)))
    assert [(each.low, each.high, each.exact) for each in spans] == [
        (10, 30, True), (32, 39, True), (41, 41, True)
    ]  # fmt: skip


class KnownPorts(udp_range._Sweep):
    """A sweep over a network that lets these ports out, without a packet."""

    def __init__(self, open_ports: range, flows_at_most: int) -> None:
        place = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=1)
        super().__init__(make_context(Targets()), place, flows_at_most)
        self._open = open_ports

    async def ask(self, port: int) -> bool:
        self.flows += 1
        failure = None if port in self._open else FailureCode.TIMED_OUT
        self.results[port] = PortResult(
            port=port, started_s=0.0, duration_ms=1.0, tries=1, failure=failure
        )
        return failure is None


@pytest.mark.parametrize("last", [10, 11, 12, 13, 14, 15, 16])
def test_an_end_is_looked_for_until_two_neighbours_differ(last: int) -> None:
    """Whoever mends a firewall is told the exact ports."""

    async def scene() -> KnownPorts:
        sweep = KnownPorts(range(last + 1), 100)
        await sweep.ask_all((10, 17))
        await sweep.find_edge(10, 17)
        return sweep

    answered = run(scene()).answered
    assert answered[last]
    assert not answered[last + 1]


def test_an_end_is_not_looked_for_with_more_flows_than_allowed() -> None:
    async def scene() -> int:
        sweep = KnownPorts(range(5000), 2 + 5 + udp_range.WITNESSES)
        await sweep.ask_all((0, 60_000))
        await sweep.find_edge(0, 60_000)
        return sweep.flows

    assert run(scene()) == 7


def test_silence_everywhere_brings_no_ranges() -> None:
    async def scene() -> RangeEvidence:
        with _silent("127.0.0.12", 0) as one, _silent("127.0.0.12", 0) as two:
            ports = [str(opened.getsockname()[1]) for opened in (one, two)]
            return await gather(make_context(targets("127.0.0.12", *ports)))

    evidence = run(scene())
    assert (evidence.answered, evidence.blocked) == (0, ())
    assert len(evidence.results) == 2
    # a server that is down does not even turn us away over TCP, as this computer does
    assert len(evidence.signs) == 3
    refused = [each.failure.code for each in evidence.signs if each.failure]
    assert set(refused) <= {FailureCode.CONNECTION_REFUSED}


def test_a_port_that_turns_us_away_is_told_from_silence() -> None:
    async def scene() -> RangeEvidence:
        with _silent("127.0.0.12", 0) as opened:
            port = opened.getsockname()[1]
        return await gather(make_context(targets("127.0.0.12", str(port))))

    assert run(scene()).results[0].failure is FailureCode.CONNECTION_REFUSED


def _silent(host: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((host, port))
    return opened


@pytest.mark.parametrize(("thorough", "asked"), [(False, 400), (True, 900)])
def test_a_thorough_run_samples_more_ports(thorough: bool, asked: int, own_address: str) -> None:
    async def scene() -> RangeEvidence:
        reflector = UdpReflector()
        await reflector.start(own_address, tuple(range(21000, 21900)))
        try:
            wanted = targets(own_address, "21000-21899")
            answers = Answers(thorough=thorough)
            return await gather(make_context(wanted, answers=answers, new_flows_per_s=2000))
        finally:
            await reflector.close()

    evidence = run(scene())
    assert evidence.answered == evidence.flows == asked
    assert evidence.blocked == ()
