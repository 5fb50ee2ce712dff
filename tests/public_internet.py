"""The public servers of the shipped profile, played on loopback under their own names.

A computer reaches them through `MappedNetwork`: names and ports lead to loopback, so that the
profile runs as it is shipped. Nothing is ever sent to an address outside.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from msgspec import structs
from probes.beacon_server import Beacon
from probes.beacon_server import serving as serving_beacons
from reach_lab import Authority, answering, closed_port, page, server_context, serving
from udp_lab import reflecting
from websockets.asyncio.server import ServerConnection, serve

from natwizard.model.address import HostPort
from natwizard.model.profile import Profile, PublicUse
from natwizard.probes.network import Endpoint, ProxyList
from natwizard.profiles.read import shipped_profile
from natwizard.system.network import SystemNetwork

ECHOES = ("ws.postman-echo.com", "echo.websocket.org")
PORT_TESTER = "portquiz.net"
GREETS = "echo.websocket.org"


@dataclass
class MappedNetwork(SystemNetwork):
    """The real stack, on which names lead to loopback; a name that is not played is not found.

    Attributes:
        places: host:port -> port on loopback.
        withheld: names that the network's resolver does not tell.
    """

    places: dict[str, int] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        del timeout_s
        port = self.places.get(str(target))
        if port is None or target.host in self.withheld:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return (Endpoint(family=socket.AF_INET, address="127.0.0.1", port=port),)

    def resolvers(self) -> tuple[str, ...]:
        return ()

    def proxy_for(self, url: str) -> ProxyList:
        del url
        return ProxyList()


@dataclass(kw_only=True)
class Faults:
    """What is wrong with this internet.

    Attributes:
        beacons: how each of the six behaves, in the profile's order.
        closed: host:port of TCP servers that nobody gets through to.
        udp: whether any UDP gets out.
        echoes: what of the echo servers works.
        withheld: as of MappedNetwork.
    """

    beacons: tuple[Beacon, ...] = ()
    closed: frozenset[str] = frozenset()
    udp: bool = True
    echoes: frozenset[str] = frozenset(ECHOES)
    withheld: frozenset[str] = frozenset()


async def _echo(connection: ServerConnection) -> None:
    if connection.request is not None and connection.request.headers["Host"].startswith(GREETS):
        await connection.send("Request served by a test")
    async for message in connection:
        assert len(message) <= 1024, "public echo servers are asked for 1 KiB at most"
        await connection.send(message)


@asynccontextmanager
async def public_internet(authority: Authority, faults: Faults) -> AsyncIterator[MappedNetwork]:
    """All servers that the shipped profile names, as far as a run of the network rows asks them."""
    profile = shipped_profile()
    beacons = faults.beacons or tuple(
        Beacon(delay_s=lambda _number, place=place: 0.004 * place) for place in range(6)
    )
    async with AsyncExitStack() as opened:
        places: dict[str, int] = {}
        targets = opened.enter_context(serving_beacons(*beacons))
        named = [each for each in profile.public if each.use is PublicUse.MEDIA_BEACON]
        for server, target in zip(named, targets, strict=True):
            places[server.address] = int(target.rpartition(":")[2]) if faults.udp else _silent()
        tls = server_context(authority, names=(*ECHOES, "login.salesforce.com"))
        pages = {
            "www.msftconnecttest.com:80": (b"Microsoft Connect Test", None),
            "detectportal.firefox.com:80": (b"success", None),
            "login.salesforce.com:443": (b"Salesforce", tls),
            f"{PORT_TESTER}:10062": (b"Port test successful!", None),
            f"{PORT_TESTER}:443": (b"Port test successful!", None),
        }
        for place, (body, secured) in pages.items():
            answer = answering(page(body))
            port = await opened.enter_async_context(serving(answer, secured))
            places[place] = closed_port() if place in faults.closed else port
        echo = await opened.enter_async_context(serve(_echo, "127.0.0.1", 0, ssl=tls))
        for name in ECHOES:
            works = name in faults.echoes
            places[f"{name}:443"] = (
                next(iter(echo.sockets)).getsockname()[1] if works else (closed_port())
            )
        _reflector, ports = await opened.enter_async_context(reflecting(ports=(0, 0)))
        for target, port in zip(profile.targets.stun_control, ports, strict=True):
            places[target] = port if faults.udp else _silent()
        yield MappedNetwork(places=places, withheld=faults.withheld)
        await asyncio.sleep(0)


_KEPT: list[socket.socket] = []


def _silent() -> int:
    """A UDP port that takes everything and answers nothing, as long as the tests run."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    _KEPT.append(taken)
    return int(taken.getsockname()[1])


def profile_for(authority: Authority) -> Profile:
    """The shipped profile; only the root of our internet counts as public too, and the one server
    that it names by address, a resolver, is left alone."""
    profile = shipped_profile()
    targets = structs.replace(profile.targets, extra_roots=(authority.pem,), resolver_control="")
    return structs.replace(profile, targets=targets)
