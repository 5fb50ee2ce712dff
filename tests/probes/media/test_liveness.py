"""A far end that dies in mid-stream, by a process that stops: is it told from the line?"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cases.udp_cases import case
from servers.udp_lab import Told, closed_port, make_context, run

from natwizard.checks import quality_loss
from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_loss import LossLimits
from natwizard.model.finding import ChartColumn, Status
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.media import liveness
from natwizard.probes.media.calls import CallsEvidence, make_calls_probe
from natwizard.probes.media.liveness import (
    WITNESS_WAITS_S,
    LivenessCheck,
    check_liveness,
    fell_silent,
)
from natwizard.probes.media.path import MediaPath, ReflectorFlow, ReflectorGreeting
from natwizard.probes.media.stream import MediaEvidence, make_media_probe
from natwizard.probes.network import Endpoint
from natwizard.reflector.udp import UdpReflector

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stops processes by signals")

FAR_END, WITNESS = "127.0.0.21", "127.0.0.22"
SERVE = f"""
import asyncio
from natwizard.reflector.udp import UdpReflector
async def serve():
    print(*await UdpReflector().start("{FAR_END}", (0,)), flush=True)
    await asyncio.sleep(600)
asyncio.run(serve())
"""
PATIENT = LossLimits(send_late_p95_ms=1000, lag_p95_ms=1000)
"""Whether this computer kept time is not what these are about."""


@contextmanager
def far_end() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A reflector in a process of its own, and its port."""
    with subprocess.Popen((sys.executable, "-c", SERVE), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


class StopsMidway(Told):
    """Stops a process, as one that hangs, once a probe says that it is so far."""

    def __init__(self, process: subprocess.Popen[bytes] | None, after: float) -> None:
        super().__init__()
        self._process, self._after = process, after

    def __call__(self, fraction: float, text: str, columns: tuple[ChartColumn, ...] = ()) -> None:
        super().__call__(fraction, text, columns)
        if self._process is not None and fraction >= self._after:
            os.kill(self._process.pid, signal.SIGSTOP)
            self._process = None


def stream(*, stops: bool, witness: str) -> MediaEvidence:
    """Three seconds of media to a far end that stops after one; `witness` "", "up" or "down"."""

    async def scene(port: int, process: subprocess.Popen[bytes]) -> MediaEvidence:
        other = UdpReflector()
        (asked,) = await other.start(WITNESS, (0,))
        if witness != "up":
            await other.close()
        targets = Targets(
            media=f"{FAR_END}:{port}",
            stun_control=(f"{WITNESS}:{asked}",) if witness else (),
        )
        told = StopsMidway(process if stops else None, after=0.3)
        try:
            probe = make_media_probe(3.0, 3.0, hops=False, await_quiet=False)
            return await probe.gather(make_context(targets, told=told))
        finally:
            await other.close()

    with far_end() as (process, port):
        return run(scene(port, process), timeout_s=60)


def test_a_far_end_that_stays_is_not_asked() -> None:
    assert stream(stops=False, witness="up").liveness is None


@pytest.mark.parametrize(
    ("witness", "answered"),
    [("up", True), ("", None), ("down", False)],
)
def test_a_far_end_that_stops_is_ill_unless_nobody_else_answers(
    witness: str, answered: bool | None
) -> None:
    evidence = stream(stops=True, witness=witness)
    assert evidence.liveness is not None
    assert not evidence.liveness.greeted_again
    assert evidence.liveness.witness_answered is answered
    inputs = case({"media": evidence})
    if witness == "down":  # as a line that is gone: what was lost was lost on it
        assert quality_loss.judge(inputs, PATIENT).status is Status.FAIL
        return
    with pytest.raises(EvidenceMissing) as missing:
        quality_loss.judge(inputs, PATIENT)
    assert missing.value.failure.code is FailureCode.FAR_END_SILENT


def test_the_call_test_asks_too() -> None:
    """It stops at the first step of the ramp: what did not come back says nothing of the line."""

    async def scene(port: int, process: subprocess.Popen[bytes]) -> CallsEvidence:
        other = UdpReflector()
        (asked,) = await other.start(WITNESS, (0,))
        targets = Targets(media=f"{FAR_END}:{port}", stun_control=(f"{WITNESS}:{asked}",))
        told = StopsMidway(process, after=0.01)
        try:
            return await make_calls_probe(1.0).gather(make_context(targets, told=told))
        finally:
            await other.close()

    with far_end() as (process, port):
        evidence = run(scene(port, process), timeout_s=60)
    assert evidence.liveness is not None
    assert evidence.liveness.is_ill
    assert evidence.liveness.witness_answered


@pytest.mark.parametrize(
    ("answered", "silent"),
    [
        ([False] * 49, False),
        ([False] * 50, True),
        ([True] * 500 + [False] * 49, False),
        ([True] * 500 + [False] * 50, True),
        ([False] * 500 + [True] + [False] * 49, False),
        ([False] * 500 + [True] + [False] * 50, True),
        ([True] * 500, False),
        ([], False),
    ],
)
def test_a_far_end_fell_silent_where_a_whole_second_of_a_call_has_no_answer(
    answered: list[bool], silent: bool
) -> None:
    assert fell_silent(answered) is silent


@pytest.mark.parametrize(
    ("greeted_again", "witness", "ill"),
    [(True, None, False), (False, None, True), (False, True, True), (False, False, False)],
)
def test_whoever_greets_again_is_well_and_a_line_that_is_gone_is_nobodys_illness(
    greeted_again: bool, witness: bool | None, ill: bool
) -> None:
    assert LivenessCheck(greeted_again=greeted_again, witness_answered=witness).is_ill is ill


def asked_of(*others: str, media: str, control: tuple[str, ...] = ()) -> LivenessCheck:
    """What is found where nobody greets again and these witnesses could be asked, in order."""
    endpoint = Endpoint(family=socket.AF_INET, address=FAR_END, port=closed_port(FAR_END))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        path = MediaPath(
            flow=ReflectorFlow(out=datagrams, back=datagrams, session=5),
            endpoint=endpoint,
            greeting=ReflectorGreeting(sent=1, answered=0, reflector_sequence=0),
        )
        targets = Targets(media=media, stun_control=control, stun=others)
        return run(check_liveness(make_context(targets), path))


def test_two_others_are_asked_and_never_the_far_end_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its name or by the address that it was found at: it would only be silent again."""

    async def scene() -> tuple[UdpReflector, int]:
        witness = UdpReflector()
        return witness, (await witness.start(WITNESS, (0,)))[0]

    async def ask() -> None:
        witness, port = await scene()
        try:
            up = f"{WITNESS}:{port}"
            gone = tuple(f"127.0.0.{last}:{closed_port()}" for last in (23, 24))
            loop = asyncio.get_running_loop()

            async def found(*others: str, control: tuple[str, ...] = ()) -> LivenessCheck:
                return await loop.run_in_executor(
                    None, lambda: asked_of(*others, media="far.example.com:1", control=control)
                )

            own = (f"{FAR_END}:3478", "far.example.com:3478")
            told = await found(*own, up)
            assert (told.witness, told.witness_answered) == (up, True)
            with monkeypatch.context() as hasty:  # nobody answers these
                hasty.setattr(liveness, "WITNESS_WAITS_S", (0.05, 0.05))
                told = await found(*gone, up)
            assert (told.witness, told.witness_answered) == (gone[0], False)
            told = await found(gone[1], control=(up,))
            assert (told.witness, told.witness_answered) == (up, True)
            told = await found(*own)
            assert (told.witness, told.witness_answered) == ("", None)
            assert told.is_ill
        finally:
            await witness.close()

    run(ask(), timeout_s=60)


def test_a_witness_is_asked_twice_within_two_seconds() -> None:
    """One packet may be lost; a STUN question is sent again after half a second (RFC 8489)."""
    assert WITNESS_WAITS_S[0] == 0.5
    assert len(WITNESS_WAITS_S) == 2
    assert sum(WITNESS_WAITS_S) <= 2
