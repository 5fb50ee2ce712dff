"""Takes the ports a reflector wants, or free ones where that is allowed."""

import errno
import ipaddress
import socket
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from natwizard.reflector.settings import RANGE_COUNT, RANGE_FIRST_PORT, RANGE_LAST_PORT

T = TypeVar("T")

# A port that was free on one address or protocol may be taken on the other
TRIES = 16
# So close a port stands for the same part of the range: they are 1,513 apart
NEIGHBOURS = 20
BACKLOG = 1024
"""Room for a flood to queue up without anybody else being turned away by the system."""

# In use, not ours to take (ports below 1024), or an address this computer does not have; the
# numbers are Windows': WSAEACCES, WSAEADDRINUSE, WSAEADDRNOTAVAIL
_TAKEN = {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL, 10013, 10048, 10049}


def listen_tcp(address: str, port: int, *, fall_back: bool) -> socket.socket:
    """A listening socket. Raises OSError if the port is taken and there is no falling back."""
    return _first(lambda wanted: _listen(address, wanted), port, fall_back=fall_back)


def free_udp_port(addresses: Sequence[str], port: int, *, fall_back: bool) -> int:
    """A UDP port that could be bound on every address just now."""
    return _first(lambda wanted: _probe_udp(addresses, wanted), port, fall_back=fall_back)


def listen_tcp_beside_udp(addresses: Sequence[str], port: int, *, fall_back: bool) -> socket.socket:
    """Listens on the first address, at a number that is free on UDP too, there on all of them."""

    def both(wanted: int) -> socket.socket:
        listener = _listen(addresses[0], wanted)
        try:
            _probe_udp(addresses, port_of(listener))
        except OSError:
            listener.close()
            raise
        return listener

    return _first(both, port, fall_back=fall_back)


def bind_udp(address: str, port: int) -> socket.socket:
    """A bound datagram socket."""
    bound = socket.socket(_family(address), socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound


def port_of(bound: socket.socket) -> int:
    """The number of a bound socket's port."""
    return int(bound.getsockname()[1])


def stands_beside(address: str, other: str) -> bool:
    """Whether an address can be served beside another, at the same port numbers.

    macOS knows of no 127.0.0.2; wine binds 127.0.0.1 so that no other loopback address is free.
    """
    with bind_udp(other, 0) as bound:
        try:
            bind_udp(address, port_of(bound)).close()
        except OSError:
            return False
    return True


def spread_range(addresses: Sequence[str], taken: Iterable[int]) -> tuple[int, ...]:
    """About 40 free UDP ports, evenly spread over 5000 to 64000, or close to where they should be.

    The last one looks for a neighbour below, so that none is outside the range.
    """
    step = (RANGE_LAST_PORT - RANGE_FIRST_PORT) / (RANGE_COUNT - 1)
    used = set(taken)
    ports = []
    for place in range(RANGE_COUNT):
        port = RANGE_FIRST_PORT + round(place * step)
        aside = -1 if port == RANGE_LAST_PORT else 1
        near = (port + aside * distance for distance in range(NEIGHBOURS))
        found = next((at for at in near if at not in used and _is_free(addresses, at)), None)
        if found is not None:
            ports.append(found)
    return tuple(ports)


def _first(take: Callable[[int], T], port: int, *, fall_back: bool) -> T:
    """Take the wanted port; where it is taken, any free one, a few times over."""
    wanted = [port] + ([0] * TRIES if fall_back or not port else [])
    for number in wanted[:-1]:
        try:
            return take(number)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
    return take(wanted[-1])


def _listen(address: str, port: int) -> socket.socket:
    listener = socket.socket(_family(address), socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs share a port
            # a reflector that is started anew must not wait for its old connections (TIME_WAIT)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _probe_udp(addresses: Sequence[str], port: int) -> int:
    with bind_udp(addresses[0], port) as bound:
        number = port_of(bound)
        for address in addresses[1:]:
            bind_udp(address, number).close()
        return number


def _is_free(addresses: Sequence[str], port: int) -> bool:
    try:
        _probe_udp(addresses, port)
    except OSError:
        return False
    return True


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
