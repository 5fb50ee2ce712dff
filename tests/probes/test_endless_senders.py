"""Whoever sends other things without end does not keep us from giving up on time."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable

import dns.message
import pytest
from servers.udp_lab import make_context, run

from natwizard.model.address import HostPort
from natwizard.model.profile import Targets
from natwizard.probes.dns_servers import ask_udp
from natwizard.probes.failures import BadAnswer
from natwizard.probes.media.beacons import echo_once
from natwizard.probes.media.path import ReflectorFlow, greet
from natwizard.probes.network import Endpoint
from natwizard.probes.sip import exchange
from natwizard.probes.stun.client import StunSocket
from natwizard.probes.stun.turn_client import TurnSocket
from natwizard.system.network import SystemNetwork
from natwizard.wire.sip import Transport, build_options

JUNK = b"\x00junk" * 10
PATIENCE_S = 60


class Endless(socket.socket):
    """There is always one more datagram, as from a peer who sends faster than anybody reads."""

    def recv(self, size: int, flags: int = 0) -> bytes:  # noqa: ARG002
        return JUNK

    def recvfrom(self, size: int, flags: int = 0) -> tuple[bytes, tuple[str, int]]:  # type: ignore[override] # noqa: ARG002
        return JUNK, ("127.0.0.1", self.getpeername()[1])


class EndlessNetwork(SystemNetwork):
    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        opened = Endless(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        return opened


def connected(endpoint: Endpoint) -> socket.socket:
    opened = EndlessNetwork().open_udp(endpoint.family)
    opened.connect((endpoint.address, endpoint.port))
    return opened


async def stun(endpoint: Endpoint) -> object:
    with StunSocket(EndlessNetwork().open_udp(endpoint.family)) as asking:
        asking.connect(endpoint)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            asking.datagrams.connect(peer.getsockname())
            peer.sendto(JUNK, asking.datagrams.getsockname())  # so that there is something to read
            return await asking.ask(endpoint)


async def sip(endpoint: Endpoint) -> object:
    context = make_context(Targets(), network=EndlessNetwork())
    server = HostPort(endpoint.address, endpoint.port)
    return await exchange(context, endpoint, server, Transport.UDP, build_options)


async def dns_server(endpoint: Endpoint) -> object:
    context = make_context(Targets(), network=EndlessNetwork())
    server = HostPort(endpoint.address, endpoint.port)
    return await ask_udp(context, server, dns.message.make_query("example.com", "A"))


async def turn(endpoint: Endpoint) -> object:
    with connected(endpoint) as datagrams:
        return await TurnSocket(datagrams=datagrams, user="u", password="p").allocate()


async def reflector(endpoint: Endpoint) -> object:
    with connected(endpoint) as datagrams:
        return await greet(ReflectorFlow(out=datagrams, back=datagrams, session=1))


async def beacon(endpoint: Endpoint) -> object:
    with connected(endpoint) as datagrams:
        return await echo_once(datagrams)


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("ask", [stun, sip, dns_server, turn, reflector, beacon])
def test_junk_without_end_stops_no_time_limit(
    ask: Callable[[Endpoint], Awaitable[object]],
) -> None:
    """Nor anything else that runs on the event loop meanwhile."""

    async def scene() -> tuple[int, float]:
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            endpoint = Endpoint(
                family=socket.AF_INET, address="127.0.0.1", port=silent.getsockname()[1]
            )
            started_s = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                other = group.create_task(others())
                with pytest.raises((TimeoutError, BadAnswer)):
                    await ask(endpoint)
                other.cancel()
            return turns, time.perf_counter() - started_s

    turns, took_s = run(scene(), timeout_s=PATIENCE_S / 2)
    assert turns > 10
    assert took_s < PATIENCE_S / 2
