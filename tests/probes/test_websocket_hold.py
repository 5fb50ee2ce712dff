"""A quiet websocket held open: by the reflector, by nginx that is impatient, by a dead end."""

import asyncio
import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers.nginx_files import NGINX_HEAD
from servers.reach_lab import (
    LabNetwork,
    closed_port,
    lab_context,
    make_authority,
    server_pem,
    serving,
    tunnelling,
)
from websockets.asyncio.server import ServerConnection, serve

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.websocket_hold import HoldEvidence, WebsocketHold, make_hold_probe
from natwizard.reflector.background import BackgroundReflector

NGINX = (
    NGINX_HEAD
    + """\
  server {{
    listen 127.0.0.1:{port}; listen 127.0.0.1:{secure_port} ssl;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.pem;
    location / {{
      proxy_pass http://{echo};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout 1s;
    }}
  }}
}}
"""
)


@dataclass(frozen=True, kw_only=True)
class Nginx:
    """Where a real one listens, and who vouches for it."""

    port: int
    secure_port: int
    authority_pem: str


@pytest.fixture
def impatient_nginx(reflector: BackgroundReflector, tmp_path: Path) -> Iterator[Nginx]:
    """A real nginx before the reflector that ends connections after a second of silence."""
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if os.name != "posix" or not Path(nginx).exists():  # wine would start Linux's own
        pytest.skip("nginx is not installed")
    port, secure_port = closed_port(), closed_port()
    authority = make_authority()
    (tmp_path / "server.pem").write_bytes(server_pem(authority, names=("127.0.0.1",)))
    config = tmp_path / "nginx.conf"
    echo = reflector.places.http[0]
    config.write_text(NGINX.format(folder=tmp_path, port=port, secure_port=secure_port, echo=echo))
    with subprocess.Popen([nginx, "-g", "daemon off;", "-c", str(config)]) as running:
        wait_for(port)
        yield Nginx(port=port, secure_port=secure_port, authority_pem=authority.pem)
        running.terminate()


def wait_for(port: int) -> None:
    for _number in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("nginx did not start")


def hold(idle_s: float, targets: Targets, network: LabNetwork | None = None) -> HoldEvidence:
    return asyncio.run(make_hold_probe(idle_s).gather(lab_context(targets, network)))


def code(held: WebsocketHold) -> FailureCode | None:
    assert held.hold is not None
    return held.hold.failure.code if held.hold.failure is not None else None


def test_a_patient_server_is_held_to_the_end(demo_targets: Targets) -> None:
    evidence = hold(0.5, demo_targets)
    assert len(evidence.tries) == len(demo_targets.websocket)
    for held in evidence.tries:
        assert held.hold is not None
        assert held.hold.ok
        assert held.hold.duration_s >= 0.5


def test_an_impatient_nginx_is_caught_with_the_time_it_took(impatient_nginx: Nginx) -> None:
    url = f"ws://127.0.0.1:{impatient_nginx.port}/"
    [held] = hold(3.0, Targets(websocket=(url,))).tries
    assert code(held) in {FailureCode.CLOSED_EARLY, FailureCode.CONNECTION_RESET}
    assert held.hold is not None
    assert 0.8 <= held.hold.duration_s < 2.5


def test_a_server_that_takes_leave_within_tls_ended_it_itself(impatient_nginx: Nginx) -> None:
    """Nobody on the way can say so, so that no firewall is to be asked."""
    targets = Targets(
        websocket=(f"wss://127.0.0.1:{impatient_nginx.secure_port}/",),
        extra_roots=(impatient_nginx.authority_pem,),
    )
    [held] = hold(10.0, targets).tries
    assert code(held) is FailureCode.CLOSED_BY_PEER


def test_whoever_is_not_known_may_take_leave_for_a_filter(impatient_nginx: Nginx) -> None:
    targets = Targets(websocket=(f"wss://127.0.0.1:{impatient_nginx.secure_port}/",))
    [held] = hold(10.0, targets).tries
    assert code(held) in {FailureCode.CLOSED_EARLY, FailureCode.CONNECTION_RESET}


@pytest.mark.parametrize("reset", [False, True])
def test_a_firewall_that_ends_a_secure_connection_takes_no_leave(
    reflector: BackgroundReflector, *, reset: bool
) -> None:
    """One before the reflector, which passes all on for a while and then hangs up."""

    async def firewall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = reflector.places.https[0]
        onward_reader, onward_writer = await asyncio.open_connection(place.host, place.port)

        async def pass_on(read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
            data = b"something"
            while data:
                try:
                    async with asyncio.timeout(2.0):
                        data = await read.read(65536)
                except TimeoutError:
                    return
                write.write(data)

        await asyncio.gather(pass_on(reader, onward_writer), pass_on(onward_reader, writer))
        if reset:
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()
        onward_writer.transport.abort()

    async def scene() -> HoldEvidence:
        async with serving(firewall) as port:
            known = reflector.targets()
            targets = Targets(
                websocket=(f"wss://127.0.0.1:{port}/",), extra_roots=known.extra_roots
            )
            return await make_hold_probe(15.0).gather(lab_context(targets))

    [held] = asyncio.run(scene()).tries
    ended = FailureCode.CONNECTION_RESET if reset else FailureCode.CLOSED_EARLY
    assert code(held) is ended


def test_a_proxy_is_held_beside_the_direct_way(reflector: BackgroundReflector) -> None:
    async def main() -> HoldEvidence:
        async with tunnelling() as proxy:
            network = LabNetwork(proxy=f"http://{HostPort('127.0.0.1', proxy)}")
            targets = Targets(websocket=(f"ws://{reflector.places.http[0]}/",))
            return await make_hold_probe(0.3).gather(lab_context(targets, network))

    direct, proxied = asyncio.run(main()).tries
    assert (direct.proxy, proxied.proxy != "") == ("", True)
    assert code(direct) is code(proxied) is None


def test_a_connection_that_is_forgotten_in_silence_is_found_by_the_ping(
    reflector: BackgroundReflector,
) -> None:
    echo = reflector.places.http[0]

    async def forgetful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As a router whose mapping ends: what comes later goes nowhere, and nobody is told."""
        onward_reader, onward = await asyncio.open_connection(echo.host, echo.port)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(4096):
                sink.write(data)

        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.3), asyncio.TaskGroup() as group:
                    group.create_task(pump(reader, onward))
                    group.create_task(pump(onward_reader, writer))
            while await reader.read(4096):
                pass
        finally:
            onward.transport.abort()

    async def main() -> HoldEvidence:
        async with serving(forgetful) as port:
            targets = Targets(websocket=(f"ws://127.0.0.1:{port}/",))
            return await make_hold_probe(0.6).gather(lab_context(targets))

    assert code(asyncio.run(main()).tries[0]) is FailureCode.TIMED_OUT


def test_what_does_not_open_is_not_held() -> None:
    [held] = hold(0.5, Targets(websocket=(f"ws://127.0.0.1:{closed_port()}/",))).tries
    assert held.hold is None
    [nameless] = hold(0.5, Targets(websocket=("ws://nobody.test/",))).tries
    assert (nameless.address, nameless.hold) == (None, None)


def test_a_server_that_never_stops_talking_ends_in_time() -> None:
    async def chatty(connection: ServerConnection) -> None:
        while True:
            await connection.send(b"x" * 1000)
            await asyncio.sleep(0.001)

    async def main() -> HoldEvidence:
        async with serve(chatty, "127.0.0.1", 0, close_timeout=0.1) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            targets = Targets(websocket=(f"ws://127.0.0.1:{port}/",))
            async with asyncio.timeout(5):
                return await make_hold_probe(0.5).gather(lab_context(targets))

    [held] = asyncio.run(main()).tries
    assert code(held) is None


def test_stopping_takes_no_time() -> None:
    async def main() -> float:
        async def never(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(30)

        async with serving(never) as port:
            targets = Targets(websocket=(f"ws://127.0.0.1:{port}/",))
            started = time.perf_counter()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await make_hold_probe(60.0).gather(lab_context(targets))
            return time.perf_counter() - started

    assert asyncio.run(main()) < 1
