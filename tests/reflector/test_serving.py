"""A reflector that cannot serve says so, and ends: whoever watches over it then starts it anew."""

import asyncio
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from computers.platforms import posix_only
from websockets.server import ServerProtocol

from natwizard.cli.exit_code import ExitCode
from natwizard.model.address import HostPort
from natwizard.reflector import faults, main
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.connections import Connection
from natwizard.reflector.limits import Place
from natwizard.reflector.main import FAULT_EXIT_CODE, CannotServeError, serve
from natwizard.reflector.server import Reflector
from natwizard.reflector.settings import ReflectorSettings, demo_settings
from natwizard.reflector.systemd import Supervisor
from natwizard.reflector.websocket import HEALTH_PATH

WAIT_S = 30.0
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")

FREE_PORTS = {
    "webphone_port": 0,
    "http_ports": (0,),
    "https_ports": (0,),
    "stun_ports": (0,),
    "sip_ports": (0,),
    "sip_tls_port": 0,
    "media_port": 0,
    "fall_back": True,
}

# The real program, with a fault that is made from inside two seconds after its start
PROGRAM = """
import asyncio, os, sys, threading, time
from natwizard.cli.main import main
from natwizard.reflector import main as reflector_main, server

{shorter}
started = server.Reflector.start

async def start(self):
    await started(self)
    {after}

server.Reflector.start = start
sys.exit(main(["reflector", "--fall-back", "--media-port", "0", "--stats"]))
"""
LOSE_UDP = "threading.Timer(1, lambda: os.dup2(os.open(os.devnull, os.O_RDONLY), "
LOSE_UDP += "self._udp._ports[0].datagrams.fileno())).start()"
LOSE_TCP = "threading.Timer(1, lambda: os.dup2(os.open(os.devnull, os.O_RDONLY), "
LOSE_TCP += "self._streams[0]._listener.fileno())).start()"
HANG = "asyncio.get_running_loop().call_later(1, time.sleep, 60)"


@contextmanager
def supervisor() -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """A socket as systemd has it, in Linux's abstract namespace, and the environment it gives."""
    name = f"natwizard-test-{os.getpid()}-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(f"\0{name}")
        told.settimeout(WAIT_S)
        yield told, {**os.environ, "NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": "30000000"}


def until(told: socket.socket, word: str) -> str:
    """The first message with this line."""
    while word not in (message := told.recv(4096).decode()).splitlines():
        pass
    return message


@contextmanager
def program(
    after: str, *, shorter: str = "", environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        (sys.executable, "-c", PROGRAM.format(after=after, shorter=shorter)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


@LINUX
def test_systemd_is_told_of_start_life_and_end() -> None:
    with supervisor() as (told, environment), program("pass", environment=environment) as running:
        assert told.recv(4096) == b"READY=1"
        assert "connections" in until(told, "WATCHDOG=1")
        running.send_signal(signal.SIGTERM)
        assert "STATUS=ending" in until(told, "STOPPING=1")
        assert running.wait(WAIT_S) == ExitCode.READY


@LINUX
@pytest.mark.parametrize(
    ("after", "port"), [(LOSE_UDP, "a UDP port is lost"), (LOSE_TCP, "a TCP port is lost")]
)
def test_a_lost_port_ends_the_process(after: str, port: str) -> None:
    with supervisor() as (told, environment), program(after, environment=environment) as running:
        until(told, "READY=1")
        assert port in until(told, "STOPPING=1")
        _nothing, errors = running.communicate(timeout=WAIT_S)
        assert running.returncode == ExitCode.FAULT == FAULT_EXIT_CODE
        last = errors.splitlines()[-1]
        assert last.startswith("natwizard reflector: ")
        assert port in last


@LINUX
def test_a_loop_that_hangs_ends_the_process_and_shows_where() -> None:
    with program(HANG, shorter="reflector_main.STUCK_LOOKS = 3") as running:
        _nothing, errors = running.communicate(timeout=WAIT_S)
        assert running.returncode == FAULT_EXIT_CODE
        assert "the event loop hangs" in errors
        assert "run_until_complete" in errors


@LINUX
@pytest.mark.parametrize(
    ("environment", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "3000000"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "x"}, None),
    ],
)
def test_a_watchdog_is_that_of_this_process(
    environment: dict[str, str], watchdog_s: float | None
) -> None:
    assert Supervisor(environment, 7).watchdog_s == watchdog_s
    Supervisor({"NOTIFY_SOCKET": "/nowhere/at/all", **environment}, 7).ready()


@LINUX
def test_a_socket_in_the_file_system_is_spoken_to(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(WAIT_S)
        Supervisor({"NOTIFY_SOCKET": str(tmp_path / "notify")}, 7).alive("fine")
        assert told.recv(100) == b"STATUS=fine\nWATCHDOG=1"


def health(place: HostPort) -> httpx.Response:
    return httpx.get(f"http://{place}{HEALTH_PATH}", trust_env=False, timeout=WAIT_S)


def test_health_says_whether_it_can_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "LOOK_S", 60.0)  # so that it does not end before it is asked
    with BackgroundReflector(demo_settings()) as own:
        place = own.places.http[0]
        answer = health(place)
        assert (answer.status_code, answer.text) == (200, "well\n")
        assert own.stats().illness == ""
        own._server.served()._udp._failure = ValueError("x")
        answer = health(place)
        assert (answer.status_code, answer.text) == (503, "UDP is not served: x\n")
        assert own.stats().illness == "UDP is not served: x"


@posix_only("a program is ended there without a word")
def test_stats_are_a_line_of_json_with_what_went_wrong() -> None:
    with program("self._faults.note('a test', ValueError('x'))") as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "is listening" in line:
                break
        running.send_signal(signal.SIGTERM)
        last = running.communicate(timeout=WAIT_S)[1].splitlines()[-1]
    stats = json.loads(last)
    assert stats["faults"] == 1
    assert stats["illness"] == ""
    assert {"connections_open", "connections_dropped", "held_bytes"} <= set(stats)
    assert {"unread", "floods", "filtering", "faults"} <= set(stats["udp"])


def test_a_reflector_that_cannot_serve_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "LOOK_S", 0.05)

    async def scene() -> None:
        def ready(reflector: Reflector) -> None:
            reflector._udp._failure = ValueError("made for a test")

        await serve(ReflectorSettings(**FREE_PORTS), ready, asyncio.Event())

    with pytest.raises(CannotServeError, match="made for a test"):
        asyncio.run(scene())


def test_a_fault_of_the_loop_is_counted_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> int:
        async with Reflector(ReflectorSettings(**FREE_PORTS)) as reflector:
            for _time in range(20):
                asyncio.get_running_loop().call_soon(divmod, 1, 0)
            await asyncio.sleep(0.05)
            return reflector.stats().faults

    assert asyncio.run(scene()) == 20
    assert len([record for record in caplog.records if "a fault in" in record.message]) == 1


def test_faults_are_told_again_after_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [1000.0]
    monkeypatch.setattr(faults.time, "monotonic", lambda: now[0])
    log = faults.FaultLog()
    for second in (0, 1, 59, 60, 61):
        now[0] = 1000.0 + second
        log.note("a test", ValueError(second))
    assert log.count == 5
    assert [record.args[1] for record in caplog.records] == [1, 3]
    assert all(record.exc_info for record in caplog.records)


def test_all_garbage_is_collected_when_few_are_connected_or_after_ten_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, collected = [1000.0], []
    monkeypatch.setattr(main.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(main.gc, "collect", lambda: collected.append(now[0]))
    collector = main.Collector()
    for second, connections, due in (
        (59, 0, False),
        (60, 257, False),
        (60, 256, True),
        (119, 0, False),
        (659, 4096, False),
        (660, 4096, True),
    ):
        now[0] = 1000.0 + second
        assert collector.collect_if_due(connections) is due
    assert collected == [1060.0, 1660.0]


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\r\n\r\n"]
)
def test_a_connection_leaves_nothing_for_a_whole_collection(said: bytes) -> None:
    """Whether it was dropped, hung up, or served."""
    with BackgroundReflector(ReflectorSettings(**FREE_PORTS)) as own:
        place = own.places.http[0]
        gc.collect()
        gc.disable()
        try:
            for _time in range(20):
                with socket.create_connection((place.host, place.port), timeout=WAIT_S) as one:
                    one.sendall(said)
                    if said.endswith(b"\r\n\r\n"):
                        one.recv(4096)
            loop = own._server._running.result()[1]
            table = own._server.served()._connections

            def drop_all() -> None:
                for places in [*table._at.values()]:
                    for one in [*places]:
                        table._drop(one)

            deadline_s = time.monotonic() + WAIT_S
            while own.stats().connections < 20 and time.monotonic() < deadline_s:
                time.sleep(0.01)
            loop.call_soon_threadsafe(drop_all)
            kinds = (ServerProtocol, Connection, Place)
            while own.stats().connections_open and time.monotonic() < deadline_s:
                time.sleep(0.01)
            time.sleep(0.1)
            left = [one for one in gc.get_objects() if isinstance(one, kinds)]
            assert len(left) <= 3  # those of a task which has just ended
        finally:
            gc.enable()
