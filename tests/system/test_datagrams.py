"""A packet that is turned away is a refusal, whatever the system calls it.

Windows says reset. Linux' kernel says so of a datagram socket as well: of one of a pair on paths,
when its other end turns to somebody else. So the very error is had here without a Windows.
"""

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from computers.platforms import linux_only, under_wine
from servers.udp_lab import closed_port

from natwizard.model.address import HostPort
from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import failure_from
from natwizard.probes.network import Endpoint
from natwizard.probes.stun.client import StunSocket
from natwizard.system.datagrams import DatagramSocket
from natwizard.system.loop import make_loop
from natwizard.system.network import SystemNetwork

T = TypeVar("T")
RESETS = linux_only("its kernel resets datagram sockets on paths")


class Pair:
    """Two sockets that are connected, and one beside them."""

    def __init__(self, *, knows_its_peer: bool) -> None:
        names = [f"\0natwizard-{os.getpid()}-{id(self)}-{number}" for number in range(3)]
        self.near = DatagramSocket(socket.AF_UNIX)
        self.far, self.other = (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _number in range(2)
        )
        for each, name in zip((self.near, self.far, self.other), names, strict=True):
            each.bind(name)
            each.settimeout(5)
        if knows_its_peer:
            self.near.connect(names[1])
        else:
            socket.socket.connect(self.near, names[1])
        self.far.connect(names[0])
        self._elsewhere = names[2]

    def reset(self) -> None:
        """The kernel resets `near`: what it has sent was thrown away unread."""
        socket.socket.send(self.near, b"unread")
        self.far.connect(self._elsewhere)

    def close(self) -> None:
        for each in (self.near, self.far, self.other):
            each.close()


@pytest.fixture(params=[True, False], ids=["connected", "unconnected"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    pair = Pair(knows_its_peer=request.param)
    yield pair
    pair.close()


@RESETS
@pytest.mark.parametrize("pair", [True], indirect=True)
def test_the_kernel_does_say_reset_here(pair: Pair) -> None:
    pair.reset()
    with pytest.raises(ConnectionResetError):
        socket.socket.recv(pair.near, 100)


@RESETS
@pytest.mark.parametrize("pair", [True], indirect=True)
@pytest.mark.parametrize("read", ["recv", "recvfrom"])
def test_a_reset_of_a_connected_socket_is_a_refusal(pair: Pair, read: str) -> None:
    pair.reset()
    with pytest.raises(ConnectionRefusedError) as caught:
        getattr(pair.near, read)(100)
    assert failure_from(caught.value, "ask").code is FailureCode.CONNECTION_REFUSED


@RESETS
@pytest.mark.parametrize("pair", [True], indirect=True)
def test_a_refusal_is_told_through_the_event_loop(pair: Pair) -> None:
    async def ask() -> bytes:
        pair.near.setblocking(False)
        async with asyncio.timeout(5):
            return await asyncio.get_running_loop().sock_recv(pair.near, 100)

    pair.reset()
    loop = make_loop()
    try:
        with pytest.raises(ConnectionRefusedError):
            loop.run_until_complete(ask())
    finally:
        loop.close()


@RESETS
@pytest.mark.parametrize("pair", [False], indirect=True)
def test_an_unconnected_socket_goes_on_after_a_reset(pair: Pair) -> None:
    pair.reset()
    pair.near.setblocking(False)
    with pytest.raises(BlockingIOError):
        pair.near.recvfrom(100)
    address = pair.near.getsockname()
    pair.far.sendto(b"still heard", address)
    assert pair.near.recvfrom(100)[0] == b"still heard"


class LostUnderWay(DatagramSocket):
    """Windows' word for "time exceeded", which no system here has, before what the socket has."""

    reports = 1

    def _without_resets(self, work: Callable[[], T]) -> T:
        def reporting() -> T:
            if self.reports:
                self.reports -= 1
                raise OSError(errno.ENETRESET, "WSAENETRESET")
            return work()

        return super()._without_resets(reporting)


@pytest.mark.parametrize("connected", [True, False])
def test_a_packet_that_ended_under_way_spoils_no_other(connected: bool) -> None:
    with (
        LostUnderWay(socket.AF_INET) as near,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far,
    ):
        for each in (near, far):
            each.bind(("127.0.0.1", 0))
            each.settimeout(5)
        if connected:
            near.connect(far.getsockname())
            near.send(b"asked")
        else:
            near.sendto(b"asked", far.getsockname())
        assert far.recvfrom(100) == (b"asked", near.getsockname())
        near.reports = 1
        far.sendto(b"answered", near.getsockname())
        assert near.recvfrom(100)[0] == b"answered"


@pytest.mark.skipif(under_wine(), reason="not under wine: it tells no socket of a refusal")
def test_a_closed_port_is_a_refusal_on_this_very_system() -> None:
    """On Windows by way of a reset; on Linux and macOS without one."""
    port = closed_port()

    async def ask() -> None:
        with StunSocket(SystemNetwork().open_udp(socket.AF_INET)) as asking:
            place = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=port)
            asking.connect(place)
            await asking.ask(place, (2.0,), answer_from=HostPort("127.0.0.1", port))

    loop = make_loop()
    try:
        with pytest.raises(ConnectionRefusedError):
            loop.run_until_complete(ask())
    finally:
        loop.close()


def test_windows_gets_the_socket_that_translates() -> None:
    with SystemNetwork().open_udp(socket.AF_INET) as datagrams:
        assert isinstance(datagrams, DatagramSocket) is (sys.platform == "win32")
