"""The real network, on which names and addresses of the internet lead to this computer.

For the demo of the shipped profile and for tests: nothing is ever sent to anywhere else.
"""

import errno
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from natwizard.model.address import HostPort, canonical_ip, is_literal
from natwizard.probes.network import EgressInterface, Endpoint, Network, ProxyList
from natwizard.system.network import SystemNetwork

LOOPBACK = "127.0.0.1"
FIRST_ADDRESS = IPv4Address("127.83.0.1")
"""Names get addresses from here on, as different servers have. All of 127/8 stays on a computer
(RFC 1122, 3.2.1.3), whatever else is asked about an address, such as ping and the routing table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A network in place of the internet, and the certificates (PEM) that are public on it."""

    network: Network
    public_roots: tuple[str, ...]


class MappedNetwork(SystemNetwork):
    """`probes.network.Network`: real sockets, real protocols, and a map in place of the internet.

    A name that is not mapped is not found, an address that is neither mapped nor on loopback is
    unreachable. There is no proxy, and no interface that leads out.
    """

    def __init__(
        self,
        places: Mapping[HostPort, int],
        *,
        resolvers: tuple[str, ...] = (),
        withheld: frozenset[str] = frozenset(),
    ) -> None:
        """`places`: ports on loopback, for TCP and UDP alike.

        `resolvers`: addresses that stand for this computer's own; mapped with port 53.
        `withheld`: names that are not found although they are mapped.
        """
        self._withheld = withheld
        self._resolvers = resolvers
        names = dict.fromkeys(place.host for place in places if not is_literal(place.host))
        self._addresses = {name: str(FIRST_ADDRESS + at) for at, name in enumerate(names)}
        self._ports = {
            HostPort(self._addresses.get(place.host, place.host), place.port): port
            for place, port in places.items()
        }

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        """From the map alone. Raises gaierror."""
        if is_literal(target.host):
            return await super().resolve(target, timeout_s=timeout_s)
        address = self._addresses.get(target.host)
        if address is None or target.host in self._withheld:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return (Endpoint(family=socket.AF_INET, address=address, port=target.port),)

    async def connect_tcp(
        self, endpoint: Endpoint, *, timeout_s: float, segment_bytes: int = 0
    ) -> socket.socket:
        """As the real one, to where the map leads."""
        host, port = mapped(self._ports, endpoint.address, endpoint.port)
        there = Endpoint(family=endpoint.family, address=host, port=port)
        return await super().connect_tcp(there, timeout_s=timeout_s, segment_bytes=segment_bytes)

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        """A socket that connects and sends to where the map leads."""
        datagrams = MappedSocket(family, self._ports)
        datagrams.setblocking(False)
        return datagrams

    def ways_out(self, family: socket.AddressFamily) -> tuple[EgressInterface, ...]:
        """None: everything is on this computer."""
        del family
        return ()

    def resolvers(self) -> tuple[str, ...]:
        """Those that were given."""
        return self._resolvers

    def proxy_for(self, url: str) -> ProxyList:
        """None: this computer's own leads elsewhere."""
        del url
        return ProxyList()


def mapped(ports: Mapping[HostPort, int], host: str, port: int) -> tuple[str, int]:
    """Where to connect to instead. Raises OSError (ENETUNREACH) for the world outside."""
    there = ports.get(HostPort(host, port))
    if there is not None:
        return LOOPBACK, there
    if canonical_ip(host).is_loopback:
        return host, port
    raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH), host)


class MappedSocket(socket.socket):
    """A datagram socket that sends to where the map leads.

    `recvfrom` names who was meant, for one socket may ask several servers and tell them apart by
    that; what else is told of the other side is as it really is.
    """

    def __init__(self, family: socket.AddressFamily, ports: Mapping[HostPort, int]) -> None:
        super().__init__(family, socket.SOCK_DGRAM)
        self._ports = ports
        self._meant: dict[object, tuple[str, int]] = {
            (LOOPBACK, port): (place.host, place.port) for place, port in ports.items()
        }

    def connect(self, address: object) -> None:
        """As `socket.connect`."""
        super().connect(self._mapped(address))

    def sendto(self, data: bytes | bytearray | memoryview, *rest: object) -> int:  # type: ignore[override]
        """As `socket.sendto`: flags, which are optional, come before the address."""
        flags = int(str(rest[0])) if len(rest) > 1 else 0
        return super().sendto(data, flags, self._mapped(rest[-1]))

    def recvfrom(self, bufsize: int, flags: int = 0) -> tuple[bytes, object]:
        """As `socket.recvfrom`."""
        datagram, source = super().recvfrom(bufsize, flags)
        return datagram, self._meant.get(source, source)

    def _mapped(self, address: object) -> tuple[str, int]:
        if not isinstance(address, tuple):
            raise TypeError(f"expected host and port, got {address!r}")
        return mapped(self._ports, str(address[0]), int(address[1]))
