"""The network as probes may use it. `system.network` is the real one."""

import socket
from typing import Protocol

from msgspec import Struct

from natwizard.model.address import HostPort


class Endpoint(Struct, frozen=True, kw_only=True):
    """One resolved address of a target, ready for a socket."""

    family: socket.AddressFamily
    address: str
    port: int

    def __str__(self) -> str:
        return str(HostPort(self.address, self.port))


class Route(Struct, frozen=True, kw_only=True):
    """How packets to an address leave: `interface` is the OS's name of it, empty if unknown."""

    local_address: str
    interface: str


class ProxyScript(ValueError):
    """A script (PAC) decides on the proxy, and this system leaves it to browsers to run it."""


class WayOut(Struct, frozen=True, kw_only=True):
    """An interface with a route to the internet, and its own address."""

    family: socket.AddressFamily
    interface: str
    local_address: str


class Network(Protocol):
    """Sockets, name lookups and routes; every call is bounded by its timeout."""

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:
        """Ask the system's resolver; IPv4 and IPv6 in its order. Raises gaierror, TimeoutError."""
        ...

    async def connect_tcp(self, endpoint: Endpoint, *, timeout_s: float) -> socket.socket:
        """A connected, non-blocking socket. Raises OSError, TimeoutError."""
        ...

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        """An unbound, non-blocking datagram socket."""
        ...

    def ways_out(self, family: socket.AddressFamily) -> tuple[WayOut, ...]:
        """Every interface that leads out, whichever the system prefers; sends nothing."""
        ...

    def open_udp_by(self, way: WayOut) -> socket.socket:
        """As `open_udp`, but packets leave by this interface. Raises OSError."""
        ...

    def resolvers(self) -> tuple[str, ...]:
        """Addresses of the resolvers this system asks, in its order; empty if it has none."""
        ...

    def proxy_for(self, url: str) -> str:
        """The system's proxy for a URL as "http://host:port", or empty for a direct way.

        Raises ProxyScript.
        """
        ...

    async def find_proxy(self, url: str, *, timeout_s: float) -> str:
        """`proxy_for` off the event loop: a proxy script may think for seconds. TimeoutError."""
        ...

    def route_to(self, endpoint: Endpoint) -> Route | None:
        """The way to an address, found without sending a packet; None if there is none."""
        ...
