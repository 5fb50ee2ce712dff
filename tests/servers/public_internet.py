"""The public servers of the shipped profile, played on loopback under their own names.

A computer reaches them through `MappedNetwork`: names and ports lead to loopback, so that the
profile runs as it is shipped. Nothing is ever sent to an address outside. The servers are those of
`natwizard demo --shipped`; here something is wrong with them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from servers.reach_lab import closed_port
from servers.udp_lab import silent_port

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.profile import PublicUse
from natwizard.profiles.read import shipped_profile
from natwizard.reflector.beacon import Beacon
from natwizard.reflector.stand_ins import serving_stand_ins
from natwizard.system.mapped_network import MappedNetwork, World

ECHOES = ("ws.postman-echo.com", "echo.websocket.org")
PORT_TESTER = "portquiz.net"


@dataclass(kw_only=True)
class Faults:
    """What is wrong with this internet.

    Attributes:
        beacons: how each of the six behaves, in the profile's order.
        closed: host:port of TCP servers that nobody gets through to.
        udp: whether any UDP but that of name servers gets out.
        echoes: what of the echo servers works.
        withheld: names that the network's resolver does not tell.
    """

    beacons: tuple[Beacon, ...] = ()
    closed: frozenset[str] = frozenset()
    udp: bool = True
    echoes: frozenset[str] = frozenset(ECHOES)
    withheld: frozenset[str] = frozenset()


@asynccontextmanager
async def public_internet(faults: Faults) -> AsyncIterator[World]:
    """All servers that the shipped profile names, as far as a run of the network rows asks them."""
    profile = shipped_profile()
    beacons = faults.beacons or tuple(
        Beacon(delay_s=lambda _number, place=place: 0.004 * place) for place in range(6)
    )
    async with serving_stand_ins(profile, beacons) as stand_ins:
        places = dict(stand_ins.places)
        shut = {parse_host_port(text) for text in faults.closed}
        shut |= {HostPort(name, 443) for name in ECHOES if name not in faults.echoes}
        places |= dict.fromkeys(shut, closed_port())
        with silent_port() as silent:
            if not faults.udp:
                places |= dict.fromkeys(_by_udp(), silent)
            network = MappedNetwork(places, resolvers=stand_ins.resolvers, withheld=faults.withheld)
            yield World(network=network, public_roots=(stand_ins.authority_pem,))


def _by_udp() -> list[HostPort]:
    """What the shipped profile asks over UDP, but for name servers."""
    profile = shipped_profile()
    uses = {PublicUse.MEDIA_BEACON, PublicUse.UDP_SAMPLE}
    named = [each.address for each in profile.public if each.use in uses]
    return [parse_host_port(text) for text in (*named, *profile.targets.stun_control)]
