"""A small attack, bounded by counts: desks are served as if it were not there.

`make bench-attack` is the large one, with a thousand sources, and measures.
"""

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator

import psutil
import pytest
from servers.attack import UPGRADE, Crowd, Desk, hostile_addresses, junk_flood, measure_all

from natwizard.model.address import HostPort, parse_host_port
from natwizard.reflector import server
from natwizard.reflector.background import BackgroundReflector
from natwizard.reflector.settings import ReflectorSettings

DESKS = 20
PLACES = 400

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 without asking"
)

SETTINGS = ReflectorSettings(
    fall_back=True,
    webphone_port=0,
    http_ports=(0,),
    https_ports=(0,),
    stun_ports=(0,),
    sip_ports=(0,),
    sip_tls_port=0,
    media_port=0,
)


def test_desks_are_served_beside_silent_and_slow_peers_and_junk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", PLACES)
    with BackgroundReflector(SETTINGS) as own:
        places = own.places
        hostile = hostile_addresses(50)
        crowd = Crowd(
            host="127.0.0.1",
            tls_ports=[places.webphone.port, places.https[0].port, places.sip_tls.port],
            web_ports=[places.http[0].port],
            addresses=hostile,
            connections=2 * PLACES,
            new_per_turn=4,
        )
        trust = ssl.create_default_context(cadata="\n".join(own.targets().extra_roots))
        desks = [
            Desk(
                address=f"127.32.0.{1 + number}" if number % 2 else "127.32.1.1",
                media=places.media,
                stun=places.stun[0],
                webphone=places.webphone,
                trust=trust,
            )
            for number in range(DESKS)
        ]
        junk = junk_flood("127.0.0.1", [places.media.port], hostile, per_s=1000)
        with crowd.running(), junk:
            crowd.until_held(2 * PLACES, wait_s=60)
            # ten times as many places would be taken as slowly: none is at work any more
            time.sleep(1)
            figures = asyncio.run(measure_all(desks, packets=100, exchanges=2))
        stats = own.stats()
    for desk in figures:
        assert (desk.exchanges, desk.failures, desk.cut) == (2, [], False)
        assert (desk.sent, desk.bindings) == (100, 2)
    # what a slow computer did not read in time is not what this is about
    assert sum(desk.lost for desk in figures) <= stats.udp.unread
    assert stats.connections_dropped > 0
    assert stats.connections_open <= PLACES
    assert stats.udp.not_understood > 0
    assert (stats.faults, stats.illness) == (0, "")


def test_one_source_of_silent_connections_leaves_a_new_desk_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the desk's own address: an office with one hostile computer in it."""
    monkeypatch.setattr(server, "CONNECTIONS_PER_SOURCE", 20)
    with BackgroundReflector(SETTINGS) as own, contextlib.ExitStack() as stack:
        own._server.served()._connections._limits = server.ConnectionLimits(
            per_source=20, total=1000, busy_s=0.0
        )
        place = own.places.webphone
        for _number in range(60):
            stack.enter_context(socket.create_connection((place.host, place.port), timeout=5))
        trust = ssl.create_default_context(cadata="\n".join(own.targets().extra_roots))
        plain = stack.enter_context(socket.create_connection((place.host, place.port), timeout=5))
        secured = stack.enter_context(trust.wrap_socket(plain, server_hostname=place.host))
        secured.sendall(UPGRADE)
        assert secured.recv(4096).startswith(b"HTTP/1.1 101")
        assert own.stats().connections_dropped == 41


def test_unfinished_messages_of_all_together_are_bounded() -> None:
    """Each may be a megabyte; whoever has kept us waiting longest with one makes room."""
    most = 4 * 2**20
    frame = b"\x82\xff" + (2**20).to_bytes(8, "big") + bytes(4) + bytes(2**20 - 100)
    with BackgroundReflector(SETTINGS) as own, contextlib.ExitStack() as stack:
        own._server.served()._connections._limits = server.ConnectionLimits(
            per_source=100, total=1000, held_bytes=most
        )
        place = own.places.http[0]
        for _number in range(10):
            one = stack.enter_context(socket.create_connection((place.host, place.port), timeout=5))
            one.sendall(UPGRADE)
            assert one.recv(4096).startswith(b"HTTP/1.1 101")
            with contextlib.suppress(ConnectionError):
                one.sendall(frame)
            end_s = time.monotonic() + 20
            while (
                own.stats().connections_dropped + own.stats().held_bytes // (2**20 - 200) <= _number
                and time.monotonic() < end_s
            ):
                time.sleep(0.01)
            assert own.stats().held_bytes <= most
        assert own.stats().connections_dropped >= 6
        assert own.stats().connections_open <= 4


SILENT, WEBSOCKETS = 600, 100
SILENT_BYTES, WEBSOCKET_BYTES = 12 * 1024, 64 * 1024
"""Of the whole process, a connection; measured: docs/reliability.md."""


@contextlib.contextmanager
def reflector_process() -> Iterator[tuple[subprocess.Popen[str], HostPort, str]]:
    """The real program; yields it, its secure websocket, and its authority."""
    command = ("reflector", "--fall-back", "--media-port", "0")
    with subprocess.Popen(
        (sys.executable, "-m", "natwizard", *command),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},
    ) as running:
        try:
            assert running.stderr is not None
            assert running.stdout is not None
            running.stderr.readline()
            os.set_blocking(running.stdout.fileno(), False)
            targets = tomllib.loads(running.stdout.read())["targets"]
            yield running, parse_host_port(targets["webphone"]), targets["extra_roots"][0]
        finally:
            running.kill()


def test_a_connection_costs_little_before_and_after_it_says_something() -> None:
    """asyncio's own TLS would take 256 KiB for each, from accept() on."""
    with reflector_process() as (running, place, root), contextlib.ExitStack() as stack:
        process = psutil.Process(running.pid)
        before = process.memory_info().rss
        sources = hostile_addresses(SILENT // 30)
        for number in range(SILENT):
            one = stack.enter_context(socket.socket())
            one.bind((sources[number % len(sources)], 0))
            one.connect((place.host, place.port))
        trust = ssl.create_default_context(cadata=root)

        def websocket(source: str) -> None:
            plain = stack.enter_context(socket.socket())
            plain.settimeout(10)
            plain.bind((source, 0))
            plain.connect((place.host, place.port))
            secured = stack.enter_context(trust.wrap_socket(plain, server_hostname=place.host))
            secured.sendall(UPGRADE)
            assert secured.recv(4096).startswith(b"HTTP/1.1 101")

        websocket("127.32.0.1")  # all that came before has been accepted when this is answered
        silent = process.memory_info().rss
        assert (silent - before) / SILENT < SILENT_BYTES
        for number in range(WEBSOCKETS):
            websocket(f"127.32.0.{1 + number % 20}")
        assert (process.memory_info().rss - silent) / WEBSOCKETS < WEBSOCKET_BYTES
