"""The media test round through a real TURN server: coturn, as an owner may already run it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases.udp_cases import case
from servers.free_ports import free_port
from servers.udp_lab import LOST, PASSED, Relay, every, make_context, run

from natwizard.checks import quality_jitter, quality_loss
from natwizard.checks.base import EvidenceMissing
from natwizard.checks.quality_jitter import JitterLimits
from natwizard.checks.quality_loss import LossLimits
from natwizard.checks.shared.missing_evidence import judge_missing
from natwizard.model.finding import Owner, Status
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Answers, Targets
from natwizard.probes.media.calls import make_calls_probe
from natwizard.probes.media.path import TURN_SOCKETS
from natwizard.probes.media.stream import Schedule, gather
from natwizard.probes.stun.binding import STUN, NatFiltering
from natwizard.probes.stun.turn_client import TurnSocket
from natwizard.system.network import SystemNetwork

pytestmark = [
    pytest.mark.lab,
    pytest.mark.quiet,
    pytest.mark.skipif(not shutil.which("turnserver"), reason="needs turnserver (coturn)"),
]

USER, PASSWORD, REALM = "agent", "correct horse", "example.com"
SHORT = Schedule(duration_s=1.0, longest_s=1.0)
START_S = 10


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Where coturn listens."""
    with _serving(tmp_path_factory.mktemp("coturn"), "127.0.0.1") as place:
        yield place


@contextlib.contextmanager
def _serving(folder: Path, *hosts: str, options: tuple[str, ...] = ()) -> Iterator[tuple[str, int]]:
    """A coturn on these addresses; with two of them it speaks RFC 5780 as well."""
    host, port = hosts[0], free_port(socket.SOCK_DGRAM, host=hosts[0])
    listening = [word for each in hosts for word in ("--listening-ip", each)]
    command = [
        "turnserver", "-n", *listening, "--relay-ip", host, "--listening-port",
        str(port), "--min-port", "49160", "--max-port", "49900", "--lt-cred-mech",
        "--user", f"{USER}:{PASSWORD}", "--realm", REALM, "--no-cli", "--no-tls", "--no-dtls",
        "--no-tcp", "--allow-loopback-peers", "--log-file", "stdout", "--simple-log",
        "--pidfile", str(folder / "pid"), "--userdb", str(folder / "db"), *options,
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_until_it_answers(host, port, folder / "log")
        yield host, port
    finally:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(3)
        server.kill()
        server.wait(5)


def _wait_until_it_answers(host: str, port: int, log: Path) -> None:
    request = bytes.fromhex("000100002112a442") + os.urandom(12)
    deadline = time.monotonic() + START_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((host, port))
        asking.settimeout(0.2)
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                asking.send(request)
                asking.recv(2048)
                return
            time.sleep(0.1)
    pytest.fail(log.read_text(errors="replace")[-2000:])


def targets(host: str, port: int, *, password: str = PASSWORD) -> Targets:
    return Targets(turn=f"{host}:{port}", turn_user=USER, turn_password=password)


def test_another_make_of_server_tells_mapping_and_filtering(tmp_path: Path) -> None:
    last = os.getpid() % 250 + 1
    with _serving(tmp_path, f"127.0.41.{last}", f"127.0.42.{last}") as (host, port):
        evidence = run(STUN.gather(make_context(Targets(stun=(f"{host}:{port}",)))))
    # the server itself, its other address on the same port, and on the other port
    shared = [flow.attempt.value for flow in evidence.flows if flow.socket == 0]
    assert len({reflection.server for reflection in shared if reflection}) == 3
    assert [each.attempt.value for each in evidence.filtering] == [
        NatFiltering.ENDPOINT_INDEPENDENT
    ]


def test_a_stream_comes_round_through_two_allocations(coturn: tuple[str, int]) -> None:
    evidence = run(gather(make_context(targets(*coturn)), SHORT))
    figures = evidence.figures
    assert figures is not None
    assert [attempt.ok for attempt in evidence.path.allocations] == [True, True]
    assert (figures.counted.sent, figures.counted.received) == (50, 50)
    assert figures.round_trip is not None
    assert 0 < figures.round_trip.median_ms < 50
    assert figures.jitter.out is None
    assert figures.jitter.round_trip is not None
    judgement = quality_jitter.judge(
        case({"media": evidence}), JitterLimits(send_late_p95_ms=1000, lag_p95_ms=1000)
    )
    assert judgement.status in (Status.PASS, Status.BORDERLINE)


def test_losses_on_the_way_to_the_server_are_counted(coturn: tuple[str, int]) -> None:
    with Relay(
        servers={("127.0.0.1", 0): coturn}, onward=lambda n: every(5, LOST)(n) if n > 20 else PASSED
    ).running() as relay:
        host, port = next(iter(relay.listening.values()))
        schedule = Schedule(duration_s=2.0, longest_s=2.0)
        evidence = run(gather(make_context(targets(host, port)), schedule))
    figures = evidence.figures
    assert figures is not None
    assert 14 <= figures.counted.sent - figures.counted.received <= 21
    assert (figures.counted.lost_out, figures.counted.lost_back) == (None, None)
    judgement = quality_loss.judge(
        case({"media": evidence}), LossLimits(send_late_p95_ms=1000, lag_p95_ms=1000)
    )
    assert judgement.status is Status.FAIL


def test_calls_go_round_as_well(coturn: tuple[str, int]) -> None:
    context = make_context(targets(*coturn), answers=Answers(concurrent_calls=2))
    for _try in range(3):  # a run that a busy machine spoilt says so
        evidence = run(make_calls_probe(step_s=0.6).gather(context))
        if not evidence.limited_by_computer:
            break
    assert [step.calls for step in evidence.steps] == [2, 4]
    assert evidence.carried == 4


def test_a_wrong_password_is_named(coturn: tuple[str, int]) -> None:
    evidence = run(gather(make_context(targets(*coturn, password="wrong")), SHORT))
    assert evidence.figures is None
    failure = evidence.path.allocations[0].failure
    assert failure is not None
    assert failure.code is FailureCode.CREDENTIALS_REFUSED
    with pytest.raises(EvidenceMissing) as missing:
        quality_loss.judge(case({"media": evidence}), LossLimits())
    assert missing.value.failure.detail == "targets.turn_user, targets.turn_password"


def test_a_server_without_room_is_told_as_that(tmp_path: Path) -> None:
    """The second allocation of a test call is one too many for this user."""
    with _serving(tmp_path, "127.0.0.1", options=("--user-quota", "1")) as place:
        evidence = run(gather(make_context(targets(*place)), SHORT))
    assert evidence.figures is None
    assert [attempt.ok for attempt in evidence.path.allocations] == [True, False]
    with pytest.raises(EvidenceMissing) as missing:
        quality_loss.judge(case({"media": evidence}), LossLimits())
    assert missing.value.failure.code is FailureCode.SERVER_FULL
    judgement = judge_missing("Packet loss", "under 1 %", missing.value.failure)
    assert judgement.status is Status.UNKNOWN
    assert judgement.remedy is not None
    assert judgement.remedy.owner is Owner.HELPDESK


def test_allocations_are_given_back(coturn: tuple[str, int]) -> None:
    for _time in range(12):  # far more than the ports and quotas would bear if they were kept
        evidence = run(gather(make_context(targets(*coturn)), Schedule(duration_s=0.1)))
        assert evidence.figures is not None


class _PortsUsedBefore(SystemNetwork):
    """Gives its first sockets the local ports of this list, as a system or a NAT may by chance."""

    def __init__(self, ports: list[int]) -> None:
        super().__init__()
        self._ports = ports

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        datagrams = super().open_udp(family)
        if self._ports:
            datagrams.bind(("127.0.0.1", self._ports.pop(0)))
        return datagrams


async def _leave_an_allocation(host: str, port: int) -> int:
    """Allocate and go without a word, as a program does that is ended; returns the local port."""
    with SystemNetwork().open_udp(socket.AF_INET) as datagrams:
        datagrams.connect((host, port))
        await TurnSocket(datagrams, USER, PASSWORD).allocate()
        return int(datagrams.getsockname()[1])


def test_a_port_that_the_server_still_holds_is_left_for_another(coturn: tuple[str, int]) -> None:
    held = run(_leave_an_allocation(*coturn))
    context = make_context(targets(*coturn), network=_PortsUsedBefore([held]))
    evidence = run(gather(context, Schedule(duration_s=0.1)))
    assert evidence.figures is not None
    assert [attempt.ok for attempt in evidence.path.allocations] == [True, True]


def test_ports_that_are_all_held_are_told_in_the_servers_words(coturn: tuple[str, int]) -> None:
    held = [run(_leave_an_allocation(*coturn)) for _time in range(TURN_SOCKETS)]
    context = make_context(targets(*coturn), network=_PortsUsedBefore(held))
    evidence = run(gather(context, Schedule(duration_s=0.1)))
    assert evidence.figures is None
    failure = evidence.path.allocations[0].failure
    assert failure is not None
    assert "437" in failure.detail
