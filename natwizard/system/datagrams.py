"""UDP sockets that tell of a refused packet in one way on every system.

Where the far end's computer answers a packet with "port unreachable" (ICMP), POSIX says refused,
and to connected sockets only. Windows says reset, WSAECONNRESET (10054), to the next call of any
kind, on sockets that are not connected, too (recvfrom and sendto, Microsoft Learn;
SIO_UDP_CONNRESET). Where a router on the way says that the packet was too long under way (time
exceeded), POSIX says nothing and Windows WSAENETRESET (10052; SIO_UDP_NETRESET).
"""

import errno
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from natwizard.probes.media.winsock import Message, MessageSocket

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

T = TypeVar("T")

Address = tuple[str, int] | tuple[str, int, int, int] | str
"""Of IPv4, IPv6, and of a path; what `socket` takes has no public name."""

WSAECONNREFUSED = 10061
# One report for each packet that was turned away; a socket that reports on and on is refused
REPORTS_AT_MOST = 64


class DatagramSocket(MessageSocket):
    """A UDP socket whose resets are refusals, and that hears nothing of packets lost under way.

    One that is not connected may ask many servers, and a report does not name the packet that it
    is about: such a socket is told nothing, and goes on, as on POSIX.
    """

    def __init__(self, family: socket.AddressFamily) -> None:
        super().__init__(family, socket.SOCK_DGRAM)
        self._has_peer = False

    def connect(self, address: Address) -> None:  # type: ignore[override]
        """As of `socket`; refusals are told from now on."""
        super().connect(address)
        self._has_peer = True

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As of `socket`."""
        return self._without_resets(lambda: super(DatagramSocket, self).recv(bufsize, flags))

    def recvfrom(self, bufsize: int, flags: int = 0, /) -> tuple[bytes, tuple[str, int]]:
        """As of `socket`."""
        return self._without_resets(lambda: super(DatagramSocket, self).recvfrom(bufsize, flags))

    def receive_message(self) -> Message:
        """As of `MessageSocket`."""
        return self._without_resets(super().receive_message)

    def send(self, data: "ReadableBuffer", flags: int = 0, /) -> int:
        """As of `socket`."""
        return self._without_resets(lambda: super(DatagramSocket, self).send(data, flags))

    def sendto(self, data: "ReadableBuffer", address: Address) -> int:  # type: ignore[override]
        """As of `socket`, in its short form."""
        return self._without_resets(lambda: super(DatagramSocket, self).sendto(data, address))

    def _without_resets(self, work: Callable[[], T]) -> T:
        for _report in range(REPORTS_AT_MOST):
            try:
                return work()
            except ConnectionResetError as error:
                if self._has_peer:
                    raise _refused() from error
            except OSError as error:
                if error.errno != errno.ENETRESET:
                    raise
        raise _refused()


def _refused() -> ConnectionRefusedError:
    number = WSAECONNREFUSED if sys.platform == "win32" else errno.ECONNREFUSED
    return ConnectionRefusedError(number, "the packet was turned away (port unreachable)")


def datagram_socket(family: socket.AddressFamily) -> socket.socket:
    """What `DatagramSocket` is for on Windows; elsewhere the kernel does so itself."""
    if sys.platform == "win32":
        return DatagramSocket(family)
    return socket.socket(family, socket.SOCK_DGRAM)
