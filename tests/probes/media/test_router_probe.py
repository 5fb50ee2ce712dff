"""Routers on the way: what the kernel and ping say of them. Real routers are in tests/lab."""

import asyncio
import dataclasses
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.udp_lab import make_context, run, silent_port

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


# ---- sockets whose packets end on the way


@pytest.mark.skipif(sys.platform != "linux", reason="reports of Linux")
@pytest.mark.parametrize(
    ("family", "here", "level", "hops", "reports"),
    [
        (socket.AF_INET, "127.0.0.1", socket.IPPROTO_IP, socket.IP_TTL, 11),
        (socket.AF_INET6, "::1", socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 25),
    ],
)
def test_a_report_of_the_kernel_is_read_with_its_moment_and_is_no_router(
    family: socket.AddressFamily, here: str, level: int, hops: int, reports: int
) -> None:
    """This computer itself turns the packet away: nobody listens there (linux/errqueue.h)."""
    with socket.socket(family, socket.SOCK_DGRAM) as gone:
        gone.bind((here, 0))
        endpoint = Endpoint(family=family, address=here, port=gone.getsockname()[1])
    hop = HopSocket(SystemNetwork(), endpoint, 7)
    try:
        assert hop.datagrams.getsockopt(level, hops) == 7
        assert hop.datagrams.getsockopt(level, reports) == 1
        assert hop._read() is None
        sent_ns = time.perf_counter_ns()
        hop.datagrams.send(b"hop")
        select.select([hop.datagrams], [], [], 30)
        report = hop._read()
        assert report is not None
        assert report[0] == ""
        assert sent_ns - 1_000_000 <= report[1] <= time.perf_counter_ns()
        assert run(hop.ask(30)) is None
    finally:
        hop.close()
    assert hop.datagrams.fileno() == -1


class Answered(HopSocket):
    """As if routers had answered: reports in order, with how long each took."""

    def __init__(self, *reports: tuple[str, int] | None) -> None:
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", 0))
        self.datagrams.connect(self.datagrams.getsockname())  # what leaves makes it readable
        self.reports = list(reports)

    def _read(self) -> tuple[str, int] | None:
        return self.reports.pop(0) if self.reports else None


@pytest.mark.parametrize(
    ("reports", "answer"),
    [
        ((None, ("192.0.2.1", 5_500_000)), ("192.0.2.1", 5.5)),
        ((None, ("192.0.2.1", 0)), ("192.0.2.1", 0.0)),
        # one that is older than the packet, or that means something else
        ((None, ("192.0.2.1", -1)), None),
        ((None, ("", 5_000_000)), None),
        ((None, None), None),
        # late reports on earlier packets are passed over
        ((("192.0.2.9", 1), ("192.0.2.9", 2), None, ("192.0.2.1", 3_000_000)), ("192.0.2.1", 3.0)),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="ping asks there")
def test_an_answer_is_one_to_this_packet(
    reports: tuple[tuple[str, int] | None, ...],
    answer: tuple[str, float] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(router_probe, "time", SimpleNamespace(perf_counter_ns=lambda: READ_NS))
    moved = [each and (each[0], READ_NS + each[1]) for each in reports]
    hop = Answered(*moved)
    try:
        assert run(hop.ask(30)) == answer
    finally:
        hop.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reports of Linux")
def test_a_packet_that_cannot_leave_or_that_nobody_answers_has_no_answer() -> None:
    async def scene() -> tuple[object, object]:
        with silent_port() as port:
            here = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=port)
            hop = HopSocket(SystemNetwork(), here, 1)
            silent = await hop.ask(0.02)
            hop.close()
            return silent, await hop.ask(30)

    assert run(scene()) == (None, None)


@pytest.mark.parametrize(
    ("family", "report", "cut"), [(socket.AF_INET, EXPIRED, 24), (socket.AF_INET6, EXPIRED_6, 40)]
)
def test_a_report_is_read_where_the_whole_address_is_there(
    family: int, report: str, cut: int
) -> None:
    whole = bytes.fromhex(report)
    assert router_of(family, whole[:cut]) == router_of(family, whole) != ""
    assert router_of(family, whole[: cut - 1]) == ""


# ---- how often strangers' routers are asked


@dataclass
class Hops:
    """Routers by hop; each is asked by what stands for a socket, and answers in so many ms."""

    routers: dict[int, str]
    astray: int = 0
    asked: dict[int, int] = field(default_factory=dict)
    open: int = 0
    refuses_at: int = 0

    def __call__(self, _network: object, _endpoint: Endpoint, number: int) -> "OneHop":
        if number == self.refuses_at:
            raise PermissionError("not allowed")
        self.open += 1
        return OneHop(self, number)


@dataclass
class OneHop:
    hops: Hops
    number: int

    async def ask(self, timeout_s: float) -> tuple[str, float] | None:
        assert timeout_s < 1  # a late answer must not be taken for that to the next packet
        times = self.hops.asked[self.number] = self.hops.asked.get(self.number, 0) + 1
        await asyncio.sleep(0)
        router = self.hops.routers.get(self.number)
        if router is None or (times == 3 and self.number == 1):
            return None
        if times == 4 and self.hops.astray == self.number:
            return "203.0.113.77", 1.0
        return router, 2.5

    def close(self) -> None:
        self.hops.open -= 1


def watch_by_udp(
    hops: Hops, monkeypatch: pytest.MonkeyPatch, seconds: float = 0.4
) -> tuple[PathRouters, list[float]]:
    paused: list[float] = []

    async def pause(over: asyncio.Event, seconds_: float) -> None:
        paused.append(seconds_)
        await asyncio.sleep(0.01)
        if len(paused) >= 12:
            over.set()

    monkeypatch.setattr(router_probe, "HopSocket", hops)
    monkeypatch.setattr(router_probe, "_pause", pause)
    host = SimpleNamespace(platform="linux")
    context = dataclasses.replace(
        make_context(Targets(), network=NamingNetwork("r1.provider.example")), host=host
    )

    async def scene() -> PathRouters:
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, over.set)
        return await watch_hops(context, FAR, over)

    return run(scene()), paused


def test_the_gateway_and_the_first_router_outside_are_asked_once_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    routers = {1: "192.168.1.1", 2: "100.64.0.1", 3: "198.51.100.1", 4: "198.51.100.2"}
    hops = Hops(routers, astray=3)
    found, paused = watch_by_udp(hops, monkeypatch, seconds=30)
    assert (found.gateway, found.public) != (None, None)
    assert found.gateway is not None
    assert found.public is not None
    assert (found.gateway.number, found.gateway.address) == (1, "192.168.1.1")
    assert (found.public.number, found.public.network) == (3, "provider.example")
    # eight packets find them; only the two are asked on
    assert set(hops.asked) == set(range(1, 9))
    assert {number: times for number, times in hops.asked.items() if times > 1}.keys() == {1, 3}
    # each packet that found no answer counts as one, and so does one that another router answered
    for router in (found.gateway, found.public):
        assert router.sent == hops.asked[router.number] - 1
        assert len(router.times_ms) == router.sent - 1
        assert set(router.times_ms) == {2.5}
    # routers ration such answers, Linux to one a second: what an answer took is part of it
    assert {round(seconds, 4) for seconds in paused} == {0.9975, 0.999, 0.1}
    assert hops.open == 0


def test_a_computer_that_may_not_ask_leaves_no_socket_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hops = Hops({1: "192.168.1.1"}, refuses_at=5)
    found, _paused = watch_by_udp(hops, monkeypatch)
    assert found == PathRouters()
    assert (hops.asked, hops.open) == ({}, 0)


def test_a_gateway_of_the_internet_is_both(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _paused = watch_by_udp(Hops({1: "198.51.100.1"}), monkeypatch)
    assert found.gateway is not None
    assert found.gateway == found.public
    inside, _paused = watch_by_udp(Hops({2: "10.0.0.1"}), monkeypatch)
    assert inside == PathRouters()


@pytest.mark.parametrize(("seconds", "least_s"), [(0.06, 0.05), (-1.0, 0.04)])
def test_a_pause_never_lets_packets_follow_at_once_and_ends_with_the_stream(
    seconds: float, least_s: float
) -> None:
    async def scene() -> tuple[float, float]:
        over = asyncio.Event()
        before_s = time.perf_counter()
        await router_probe._pause(over, seconds)
        paused_s = time.perf_counter() - before_s
        over.set()
        before_s = time.perf_counter()
        await router_probe._pause(over, 20.0)
        return paused_s, time.perf_counter() - before_s

    paused_s, ended_s = run(scene())
    assert paused_s >= least_s
    assert ended_s < 20


def test_pings_are_few_and_each_has_its_time() -> None:
    """One packet finds a router, three at a time look at it; Windows waits a second for each."""
    host = PingHost("windows")
    limits: list[float] = []
    plain = host.run

    def run_(arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:
        limits.append(timeout_s)
        return plain(arguments, timeout_s=timeout_s)

    host.run = run_  # type: ignore[method-assign]
    watch(host, 0.3)
    finding = [each for each in host.asked if each[-1] == FAR.address]
    assert sorted(int(each[-2]) for each in finding) == list(range(1, 9))
    watching = [each for each in host.asked if each[-1] != FAR.address]
    assert {each[-2] for each in watching} == {"3"}
    assert set(limits) == {2.0, 5.0}


@pytest.mark.parametrize(
    ("platform", "finding", "watching"),
    [
        ("windows", ("ping", "-n", "1", "-w", "1000", "-i", "2", FAR.address),
         ("ping", "-n", "3", "192.168.1.1")),
        ("macos", ("ping", "-c", "1", "-m", "2", FAR.address), ("ping", "-c", "3", "192.168.1.1")),
    ],
)  # fmt: skip
def test_each_system_s_ping_is_spoken_to_in_its_own_options(
    platform: Literal["windows", "macos"], finding: tuple[str, ...], watching: tuple[str, ...]
) -> None:
    """Windows' `-c` is a routing compartment, and macOS' `-n` asks for no count: without one it
    goes on for ever.
    """
    host = PingHost(platform)
    watch(host, 0.3)
    assert finding in host.asked
    assert watching in host.asked


def test_no_router_is_asked_for_longer_than_the_longest_stream() -> None:
    assert router_probe.EVERY_S == 1.0
    assert 60 <= router_probe.PINGS_AT_MOST <= 120
    assert router_probe.ANSWER_S < router_probe.EVERY_S

    class Ready(PingHost):
        def run(self, arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:
            if arguments[-1] == FAR.address:
                return super().run(arguments, timeout_s=timeout_s)
            return CommandResult(exit_code=0, output="bytes=32 time=5ms TTL=64\n" * 3)

    hops = watch(Ready("windows"), 25)
    assert hops.gateway is not None
    assert hops.gateway.sent == len(hops.gateway.times_ms) == 90


def test_a_ping_that_prints_without_end_is_read_to_a_limit() -> None:
    class Endless(PingHost):
        def run(self, arguments: tuple[str, ...], *, timeout_s: float) -> CommandResult:  # noqa: ARG002
            return CommandResult(exit_code=0, output="bytes=32 time=5ms TTL=64\n" * 100_000)

    times = run(router_probe.ping_times(Endless("windows"), "192.0.2.1", 3))  # type: ignore[arg-type]
    assert len(times) <= 1000


@pytest.mark.parametrize(
    ("name", "network"),
    [
        # 253 characters are the longest name there is (RFC 1035), and a byte more is none
        (".".join(["a" * 61] * 3 + ["a" * 59, "example"]), "a" * 59 + ".example"),
        (".".join(["a" * 61] * 3 + ["a" * 60, "example"]), ""),
        ("a.b", "a.b"),
        ("x.y.ac.uk", "y.ac.uk"),
        ("x.y.example.uk", "example.uk"),
        ("x.y.ac.example", "ac.example"),
    ],
)
def test_the_network_of_a_name_at_its_edges(name: str, network: str) -> None:
    assert network_in(name) == network
