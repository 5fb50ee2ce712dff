"""Routers on the way: what the kernel and ping say of them. Real routers are in tests/lab."""

import asyncio
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.udp_lab import make_context, run

from natwizard.model.profile import Targets
from natwizard.probes.base import ProbeContext
from natwizard.probes.host import CommandResult
from natwizard.probes.media import router_probe
from natwizard.probes.media.arrival import SO_TIMESTAMPNS
from natwizard.probes.media.router_probe import (
    IP_RECVERR,
    MSG_ERRQUEUE,
    HopSocket,
    PathRouters,
    first_other,
    network_in,
    router_of,
    times_in,
    watch_hops,
)
from natwizard.probes.network import Endpoint
from natwizard.system.network import SystemNetwork

FAR = Endpoint(family=socket.AF_INET, address="203.0.113.9", port=18620)

# struct sock_extended_err (linux/errqueue.h) and the router's sockaddr, little endian
EXPIRED = "71000000020b0000000000000000000002000000c633640100000000000000000000000000000000"
EXPIRED_6 = (
    "710000000303000000000000000000000a00000000000000fe80000000000000021122fffe334455000000000000"
)
REFUSED = "6f00000002030300000000000000000002000000cb71710900000000"

WINDOWS_EXPIRED = """
Ping wird ausgeführt für 203.0.113.9 mit 32 Bytes Daten:
Antwort von 192.168.1.1: Die Gültigkeitsdauer wurde bei der Übertragung überschritten.

Ping-Statistik für 203.0.113.9:
    Pakete: Gesendet = 1, Empfangen = 1, Verloren = 0
"""
WINDOWS_ANSWERS = """
Ping wird ausgeführt für 192.168.1.1 mit 32 Bytes Daten:
Antwort von 192.168.1.1: Bytes=32 Zeit<1ms TTL=64
Antwort von 192.168.1.1: Bytes=32 Zeit=7ms TTL=64
Zeitüberschreitung der Anforderung.
    Minimum = 0ms, Maximum = 7ms, Mittelwert = 3ms
"""
MAC_EXPIRED = """
PING 203.0.113.9 (203.0.113.9): 56 data bytes
36 bytes from 10.0.0.1: Time to live exceeded
"""
MAC_ANSWERS = """
PING 10.0.0.1 (10.0.0.1): 56 data bytes
64 bytes from 10.0.0.1: icmp_seq=0 ttl=64 time=3.512 ms
round-trip min/avg/max/stddev = 3.512/3.512/3.512/0.000 ms
"""


@pytest.mark.parametrize(
    ("family", "report", "router"),
    [
        (socket.AF_INET, EXPIRED, "198.51.100.1"),
        (socket.AF_INET6, EXPIRED_6, "fe80::211:22ff:fe33:4455"),
        (socket.AF_INET, REFUSED, ""),
        (socket.AF_INET, EXPIRED[:30], ""),
        (socket.AF_UNSPEC, EXPIRED, ""),
    ],
)
def test_only_a_router_where_hops_ran_out_counts(family: int, report: str, router: str) -> None:
    assert router_of(family, bytes.fromhex(report)) == router


@given(st.sampled_from((socket.AF_INET, socket.AF_INET6)), st.binary(max_size=64))
def test_no_report_crashes_the_reader(family: int, report: bytes) -> None:
    assert isinstance(router_of(family, report), str)


class Reporting(socket.socket):
    """A socket that the kernel has one report for, and then no more."""

    ancillary: tuple[tuple[int, int, bytes], ...] = ()

    def recvmsg(  # type: ignore[override]
        self, size: int, space: int, flags: int
    ) -> tuple[bytes, list[tuple[int, int, bytes]], int, object]:
        assert (size, space, flags) == (64, 512, MSG_ERRQUEUE)
        if not self.ancillary:
            raise BlockingIOError
        told, self.ancillary = list(self.ancillary), ()
        return b"hop", told, 0, None


class ReportingNetwork(SystemNetwork):
    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        return Reporting(family, socket.SOCK_DGRAM)


UNIX_NS, READ_NS = 1_800_000_000 * 10**9, 7 * 10**12
ABOUT_HOPS = (socket.IPPROTO_IP, IP_RECVERR, bytes.fromhex(EXPIRED))


def taken_in(unix_ns: int) -> tuple[int, int, bytes]:
    seconds, rest_ns = divmod(unix_ns, 10**9)
    return socket.SOL_SOCKET, SO_TIMESTAMPNS, struct.pack("@ll", seconds, rest_ns)


@pytest.mark.skipif(sys.platform != "linux", reason="reports of Linux")
@pytest.mark.parametrize(
    ("ancillary", "report"),
    [
        # the kernel had it so much earlier than it was read
        ((taken_in(UNIX_NS - 40_000_000), ABOUT_HOPS), ("198.51.100.1", READ_NS - 40_000_000)),
        ((ABOUT_HOPS, taken_in(UNIX_NS - 1_999_999_999)),
         ("198.51.100.1", READ_NS - 1_999_999_999)),
        ((taken_in(UNIX_NS), ABOUT_HOPS), ("198.51.100.1", READ_NS)),
        # no time, or one that cannot be: this computer's clock was set
        ((ABOUT_HOPS,), ("198.51.100.1", READ_NS)),
        ((taken_in(UNIX_NS + 5), ABOUT_HOPS), ("198.51.100.1", READ_NS)),
        ((taken_in(UNIX_NS - 2_000_000_000), ABOUT_HOPS), ("198.51.100.1", READ_NS)),
        (((socket.SOL_SOCKET, SO_TIMESTAMPNS, b"short"), ABOUT_HOPS), ("198.51.100.1", READ_NS)),
        # of another kind, or none at all
        (((socket.IPPROTO_IP, IP_RECVERR, bytes.fromhex(REFUSED)),), ("", READ_NS)),
        ((taken_in(UNIX_NS),), ("", READ_NS)),
        ((), None),
    ],
)  # fmt: skip
def test_a_report_is_of_the_moment_that_the_kernel_had_it(
    ancillary: tuple[tuple[int, int, bytes], ...],
    report: tuple[str, int] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(router_probe, "both_clocks_ns", lambda: (UNIX_NS, READ_NS))
    hop = HopSocket(
        ReportingNetwork(), Endpoint(family=socket.AF_INET, address="127.0.0.1", port=9), 1
    )
    try:
        hop.datagrams.ancillary = ancillary  # type: ignore[attr-defined]
        assert hop._read() == report
    finally:
        hop.close()


@pytest.mark.parametrize(
    ("output", "router"),
    [(WINDOWS_EXPIRED, "192.168.1.1"), (MAC_EXPIRED, "10.0.0.1"), (WINDOWS_ANSWERS, "192.168.1.1")],
)
def test_ping_names_the_router_in_any_language(output: str, router: str) -> None:
    assert first_other(output, "203.0.113.9") == router
    assert first_other("999.1.1.1 203.0.113.9", "203.0.113.9") == ""


@pytest.mark.parametrize(
    ("output", "times"),
    [(WINDOWS_ANSWERS, (1.0, 7.0)), (MAC_ANSWERS, (3.512,)), (WINDOWS_EXPIRED, ()), ("", ())],
)
def test_times_are_those_of_answers_only(output: str, times: tuple[float, ...]) -> None:
    assert times_in(output) == times


@given(st.text(max_size=300))
def test_no_words_of_ping_crash_the_reader(output: str) -> None:
    first_other(output, "192.0.2.1")
    times_in(output)


@dataclass
class PingHost:
    """Stands for a computer whose ping command sees two routers; sockets it has none."""

    platform: Literal["windows", "macos"]
    absent: bool = False
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:  # noqa: ARG002
        self.asked.append(arguments)
        if self.absent:
            raise FileNotFoundError(arguments[0])
        if arguments[-1] == FAR.address:
            routers = {"1": "192.168.1.1", "2": "100.64.0.1", "3": "198.51.100.1"}
            router = routers.get(arguments[-2], "")
            said = f"from {router}: expired" if router else "nothing"
            return CommandResult(exit_code=1, output=said)
        time.sleep(0.05)
        answer = f"from {arguments[-1]}: bytes=32 time=5ms TTL=64\n"
        return CommandResult(exit_code=0, output=answer * 3)


@dataclass
class NamingNetwork(SystemNetwork):
    """Knows one name for every address, and which were asked for; asks nobody."""

    name: str
    asked: list[str] = field(default_factory=list)

    async def name_of(self, address: str, *, timeout_s: float) -> str:
        assert timeout_s < 5
        self.asked.append(address)
        if not self.name:
            raise socket.gaierror(socket.EAI_NONAME, "no name")
        return self.name


def watch(
    host: PingHost, seconds: float, endpoint: Endpoint = FAR, named: NamingNetwork | None = None
) -> PathRouters:
    context = make_context(Targets(), network=named or NamingNetwork(""))
    changed = {name: getattr(context, name) for name in ProbeContext.__slots__}

    async def scene() -> PathRouters:
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, over.set)
        return await watch_hops(ProbeContext(**(changed | {"host": host})), endpoint, over)

    return run(scene())


@pytest.mark.parametrize("platform", ["windows", "macos"])
def test_ping_finds_the_gateway_and_the_first_router_of_the_internet(
    platform: Literal["windows", "macos"],
) -> None:
    host = PingHost(platform)
    hops = watch(host, 0.4)
    assert hops.gateway is not None
    assert hops.public is not None
    assert (hops.gateway.address, hops.public.address) == ("192.168.1.1", "198.51.100.1")
    assert hops.public.number == 3
    assert hops.gateway.sent == len(hops.gateway.times_ms) >= 3
    assert set(hops.gateway.times_ms) == {5.0}
    assert not any("100.64.0.1" in arguments[-1] for arguments in host.asked)
    assert msgspec.json.decode(msgspec.json.encode(hops), type=PathRouters) == hops


@pytest.mark.parametrize(
    ("name", "network"),
    [("ae1.core.provider.example", "provider.example"), ("\x1b]0;x\x07.example", ""), ("", "")],
)
def test_only_the_router_of_the_internet_is_asked_for_its_network(name: str, network: str) -> None:
    named = NamingNetwork(name)
    hops = watch(PingHost("windows"), 0.4, named=named)
    assert named.asked == ["198.51.100.1"]
    assert hops.public is not None
    assert hops.gateway is not None
    assert (hops.gateway.network, hops.public.network) == ("", network)


def test_the_system_knows_the_name_of_this_computer() -> None:
    assert "localhost" in run(SystemNetwork().name_of("127.0.0.1", timeout_s=5))


def test_a_computer_without_ping_finds_nothing_and_says_so_at_once() -> None:
    started = time.perf_counter()
    assert watch(PingHost("windows", absent=True), 10) == PathRouters()
    assert time.perf_counter() - started < 5


def test_there_are_no_routers_within_a_computer() -> None:
    here = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=9)
    host = PingHost("macos")
    assert watch(host, 0.1, here) == PathRouters()
    assert host.asked == []


# ---- whose network a router is in


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("ae1.core.lon.provider.example", "provider.example"),
        ("ae1.provider.co.uk.", "provider.co.uk"),
        ("Core-7.PROVIDER.COM.AU", "provider.com.au"),
        ("provider.de", "provider.de"),
        ("co.uk", "co.uk"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        # whoever owns an address may write anything
        ("", ""),
        ("router", ""),
        ("192.0.2.1", ""),
        ("a..example", ""),
        ("-a.example", ""),
        ("a_b.example", ""),
        ("<b>x</b>.example", ""),
        ("\x1b[31m.example", ""),
        ("evil\u202e.example", ""),
        ("x" * 64 + ".example", ""),
        ("a." * 127 + "example", ""),
    ],
)
def test_the_network_of_a_name(name: str, network: str) -> None:
    assert network_in(name) == network


@given(st.text(max_size=300))
def test_no_name_brings_anything_but_a_domain(name: str) -> None:
    network = network_in(name)
    assert network == "" or (network.isascii() and "." in network and len(network) < 200)
    assert set(network) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
