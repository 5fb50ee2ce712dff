"""The UDP ports of a reflector: bound together, paired for RFC 5780, and known to be lost."""

import errno
import socket
import time
from dataclasses import dataclass

from natwizard.model.address import HostPort
from natwizard.probes.media.arrival import prepare_arrivals
from natwizard.reflector.flood_filter import FloodGuard

FAILING_S = 5.0
"""A socket that gave nothing but errors for so long will give nothing else."""

# A socket with an error stays ready: without a pause the thread would do nothing else
ERROR_PAUSE_S = 0.01
GONE = {errno.EBADF, errno.ENOTSOCK, errno.EINVAL}


class EndpointLostError(Exception):
    """A port can no longer be read: this reflector has to be started anew."""


@dataclass(slots=True)
class UdpPort:
    """One bound socket, and where else this server can be asked (RFC 5780).

    Attributes:
        failing_since_s: since when reading gave nothing but errors.
    """

    datagrams: socket.socket
    origin: HostPort | None
    other: HostPort | None
    flood: FloodGuard
    failing_since_s: float | None = None

    @property
    def number(self) -> int:
        """Its port's number."""
        return int(self.datagrams.getsockname()[1])

    def check(self) -> None:
        """Raise EndpointLostError if it is gone: it would never be ready, and raise nothing."""
        try:
            self.datagrams.getsockname()
        except OSError as error:
            raise EndpointLostError(f"a UDP port is lost: {error}") from error

    def bear(self, error: OSError) -> float:
        """How long to wait after an error of reading, in seconds. Raises EndpointLostError.

        Windows reports that an earlier answer was turned away (ICMP); the next may be well.
        """
        if isinstance(error, ConnectionError):
            return 0.0
        now_s = time.monotonic()
        if self.failing_since_s is None:
            self.failing_since_s = now_s
        if error.errno in GONE or now_s - self.failing_since_s > FAILING_S:
            raise EndpointLostError(f"a UDP port is lost: {error}") from error
        return ERROR_PAUSE_S


def bind_ports(addresses: tuple[str, ...], ports: tuple[int, ...]) -> list[UdpPort]:
    """Bind each port (0 picks a free one) on each address; port by port. Raises OSError."""
    bound: list[list[socket.socket]] = []
    try:
        for port in ports:
            row: list[socket.socket] = []
            bound.append(row)
            for address in addresses:
                row.append(_bind(address, row[0].getsockname()[1] if row else port))
    except BaseException:
        for row in bound:
            for datagrams in row:
                datagrams.close()
        raise
    actual = tuple(int(row[0].getsockname()[1]) for row in bound)
    return _with_partners(bound, addresses, actual)


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    datagrams = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            # else `::` takes the port for IPv4 as well, and the IPv4 socket cannot be bound
            datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        prepare_arrivals(datagrams)
        datagrams.setblocking(False)
        datagrams.bind((address, port))
    except BaseException:
        datagrams.close()
        raise
    return datagrams


def _with_partners(
    bound: list[list[socket.socket]], addresses: tuple[str, ...], ports: tuple[int, ...]
) -> list[UdpPort]:
    """Each socket with the other address and the next port, if there are two of both."""
    paired = len(addresses) == 2 and len(ports) > 1
    served = []
    for place, row in enumerate(bound):
        next_port = ports[(place + 1) % len(ports)]
        for side, datagrams in enumerate(row):
            origin = HostPort(addresses[side], ports[place]) if paired else None
            other = HostPort(addresses[1 - side], next_port) if paired else None
            served.append(UdpPort(datagrams, origin, other, FloodGuard(datagrams)))
    return served
