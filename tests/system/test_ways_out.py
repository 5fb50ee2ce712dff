"""Interfaces that lead out, from tables of real kernels; sockets of real interfaces."""

import socket
import sys
import time

import psutil
import pytest

from natwizard.probes.network import EgressInterface
from natwizard.system.ways_out import (
    SystemLine,
    awake_s,
    clock_s,
    default_interfaces,
    open_udp_by,
    ways_out,
)

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
DEFAULT = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
SECOND = "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
NETWORK = "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
REFUSED = "eth1\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"
NONE = "0" * 32
DEFAULT_6 = f"{NONE} 00 {NONE} 00 fe80{'0' * 27}1 00000400 00000001 00000000 00000003    eth0\n"
UNREACHABLE_6 = f"{NONE} 00 {NONE} 00 {NONE} ffffffff 00000001 00000000 00200200      lo\n"


@pytest.mark.parametrize(
    ("table", "interfaces"),
    [
        (HEAD + DEFAULT + SECOND + NETWORK, {"eth0", "wlan0"}),
        (HEAD + NETWORK + REFUSED, set()),
        (DEFAULT_6 + UNREACHABLE_6, {"eth0"}),
        (HEAD, set()),
        ("", set()),
    ],
)
def test_interfaces_of_default_routes_are_named(table: str, interfaces: set[str]) -> None:
    assert default_interfaces(table) == interfaces


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_every_way_out_is_an_interface_with_that_address(family: socket.AddressFamily) -> None:
    own = psutil.net_if_addrs()
    for way in ways_out(family):
        assert way.local_address in {each.address for each in own[way.interface]}
        with open_udp_by(way) as datagrams:
            assert datagrams.getsockname()[0] == way.local_address


def test_an_interface_that_is_gone_is_an_error() -> None:
    way = EgressInterface(family=socket.AF_INET, interface="nobody0", local_address="192.0.2.7")
    with pytest.raises(OSError, match=r"."):
        open_udp_by(way)


def test_a_look_at_the_line_takes_no_time_from_what_is_measured() -> None:
    """Of the processor: twice a second, beside a stream that has to leave every 20 ms."""
    line = SystemLine(lambda: ())
    seen = line()
    assert "127.0.0.1" in seen.addresses
    began_s = time.thread_time()
    for _look in range(20):
        line()
    assert (time.thread_time() - began_s) / 20 < 0.02


def test_both_clocks_go_alike_while_the_computer_is_awake() -> None:
    """What they differ by is the sleep since it was started."""
    asleep_s = clock_s() - awake_s()
    time.sleep(0.3)
    assert abs((clock_s() - awake_s()) - asleep_s) < 0.2


@pytest.mark.skipif(sys.platform != "linux", reason="others have no routes by flow")
def test_the_way_is_asked_from_one_port_all_the_time() -> None:
    """Linux may choose among equal routes by the ports of a flow."""
    line = SystemLine(lambda: ())
    line()
    ports = dict(line.source_ports)
    assert set(ports) == {socket.AF_INET, socket.AF_INET6}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("", ports[socket.AF_INET]))  # it is nobody's between two looks
        line()
        assert line.source_ports == ports
    line()
    assert line.source_ports == ports
