"""Whatever is raised, wherever the program looks at the world, it costs a row and never a run."""

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, NoReturn

import msgspec
import psutil
import pytest
from computers.probe_context import RoutesOnly
from report.test_remedies import faults_of
from servers.reach_lab import answering, page, serving

from natwizard.checks.catalogue import CHECKS, probes_of
from natwizard.model.address import HostPort
from natwizard.model.finding import Finding, Owner, Status
from natwizard.model.profile import Answers, Feeds, Role, Targets
from natwizard.model.report import Report
from natwizard.probes.base import Probe, ProbeContext
from natwizard.probes.line import LineState
from natwizard.probes.network import EgressInterface, Endpoint, Network, ProxyList, Route
from natwizard.profiles.find import find_profile
from natwizard.run.plan import RunPlan, make_plan
from natwizard.run.runner import Environment, Run
from natwizard.system.environment import machine_facts, system_host
from natwizard.system.network import SystemNetwork

UNLISTED_ERRNO = 4_242


class RustPanic(BaseException):
    """As PyO3 raises them, from cryptography for one: no Exception."""


def odd_exceptions() -> tuple[BaseException, ...]:
    """What no list of a probe names; each anew, for a traceback belongs to one raise."""
    return (
        SystemError("returned a result with an exception set"),
        RecursionError("maximum recursion depth exceeded"),
        MemoryError(),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        ExceptionGroup("several", [OSError(UNLISTED_ERRNO, "odd"), KeyError("absent")]),
        ExceptionGroup("of the system's", [OSError(UNLISTED_ERRNO, "odd"), TimeoutError()]),
        KeyError("absent"),
        OSError(UNLISTED_ERRNO, "an error that no table names"),
        OSError("without a number"),
        TimeoutError(),
        StopIteration("of a generator"),
        AssertionError(),
        NotImplementedError(),
        RustPanic("called `Option::unwrap()` on a `None` value"),
        BaseExceptionGroup("with a panic in it", [RustPanic("index out of bounds")]),
    )


NAMES: Final = tuple(f"{number}-{type(e).__name__}" for number, e in enumerate(odd_exceptions()))
SHIPPED: Final = find_profile().profile
HOST: Final = system_host()
PLAN: Final = make_plan(SHIPPED, Answers(role=Role.ADMINISTRATOR), location="shipped")
PROBES: Final = probes_of(CHECKS)

Gather = Callable[[ProbeContext], Awaitable[object]]


def planned(gather_of: Callable[[Probe[object]], Gather]) -> RunPlan:
    """The shipped plan, whose probes look in another way."""
    made = {probe.name: replace(probe, gather=gather_of(probe)) for probe in PROBES}
    return replace(
        PLAN,
        rows=tuple(
            replace(
                row, check=replace(row.check, needs=tuple(made[p.name] for p in row.check.needs))
            )
            for row in PLAN.rows
        ),
    )


def report_of(
    plan: RunPlan, *, network: Network, line: Callable[[], LineState] | None = None
) -> Report:
    environment = Environment(
        network=network,
        host=HOST,
        machine=machine_facts(HOST),
        line=line,
        open_page=None,
        earlier_reports=None,
    )
    return asyncio.run(Run(plan=plan, environment=environment, happened=lambda _: None).execute())


def accused(report: Report) -> list[Finding]:
    """Rows of the network that say that something is wrong with it."""
    beginnings = ("port.", "udp.", "nat.", "quality.", "websocket.", "filter.", "dns.", "ip.")
    return [
        each
        for each in report.findings
        if each.check.startswith(beginnings) and each.status in {Status.FAIL, Status.WARN}
    ]


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_a_probe_that_raises_anything_costs_its_own_rows(number: int) -> None:
    """Every one of them at once: the report is whole, and nobody is accused."""

    def raising(_probe: Probe[object]) -> Gather:
        async def gather(_context: ProbeContext) -> object:
            raise odd_exceptions()[number]

        return gather

    report = report_of(planned(raising), network=RoutesOnly("eth0"))
    assert [each.check for each in report.findings] == [row.check.name for row in PLAN.rows]
    told = {each.probe: each.failure for each in report.outcomes}
    assert told
    assert all(failure is not None for failure in told.values())
    assert accused(report) == []


class _Refusing:
    """A world in which every name leads here, and nobody is at home."""

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:  # noqa: ARG002
        return (Endpoint(family=socket.AF_INET, address="198.51.100.1", port=target.port),)

    async def in_hosts_file(self, host: str, *, timeout_s: float) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    async def name_of(self, address: str, *, timeout_s: float) -> str:  # noqa: ARG002
        raise socket.gaierror(socket.EAI_NONAME, address)

    async def connect_tcp(
        self,
        endpoint: Endpoint,
        *,
        timeout_s: float,  # noqa: ARG002
        segment_bytes: int = 0,  # noqa: ARG002
    ) -> socket.socket:
        raise ConnectionRefusedError(str(endpoint))

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:
        raise ConnectionRefusedError(str(family))

    def ways_out(self, family: socket.AddressFamily) -> tuple[EgressInterface, ...]:
        return (EgressInterface(family=family, interface="eth0", local_address="127.0.0.1"),)

    def open_udp_by(self, way: EgressInterface) -> socket.socket:
        raise ConnectionRefusedError(way.interface)

    def resolvers(self) -> tuple[str, ...]:
        return ("127.0.0.1",)

    def proxy_for(self, url: str) -> ProxyList:  # noqa: ARG002
        return ProxyList()

    async def find_proxies(self, url: str, *, timeout_s: float) -> ProxyList:  # noqa: ARG002
        return ProxyList()

    def route_to(self, endpoint: Endpoint) -> Route | None:  # noqa: ARG002
        return Route(local_address="127.0.0.1", interface="lo")


CALLS_OF_THE_NETWORK: Final = tuple(name for name in vars(_Refusing) if not name.startswith("_"))
TARGETS: Final = Targets(
    http="http://www.example.com/",
    https="https://www.example.com/",
    webphone="phone.example.com:10062",
    webphone_control="control.example.net:10062",
    websocket=("wss://www.example.com/echo",),
    tls=("crm.example.com:443",),
    tls_floor="crm.example.com:443",
    stun=("stun.example.com:5060", "stun.example.com:3479"),
    stun_control=("stun.example.net:3478",),
    media="media.example.com:18620",
    udp_range="media.example.com",
    udp_range_ports=("5000-5003",),
    sip=("sip.example.com:5060",),
    sip_mirror="mirror.example.com:5060",
    resolver_control="192.0.2.53:53",
)


NOT_OF_THE_NETWORK: Final = ("browser.", "audio.", "salesforce.", "screen.", "computer.")
ACROSS_THE_NETWORK: Final = replace(
    PLAN,
    profile=msgspec.structs.replace(SHIPPED, targets=TARGETS, feeds=Feeds()),
    rows=tuple(row for row in PLAN.rows if not row.check.name.startswith(NOT_OF_THE_NETWORK)),
)


@pytest.fixture(scope="module")
def accused_anyway() -> set[str]:
    """What that world is blamed for without any exception."""
    return {each.check for each in accused(report_of(ACROSS_THE_NETWORK, network=_Refusing()))}


@pytest.mark.parametrize("call", CALLS_OF_THE_NETWORK)
@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_a_call_to_the_network_that_raises_anything_accuses_nobody(
    number: int, call: str, accused_anyway: set[str]
) -> None:
    def fail(*_arguments: object, **_more: object) -> object:
        raise odd_exceptions()[number]

    report = report_of(ACROSS_THE_NETWORK, network=type("Raising", (_Refusing,), {call: fail})())
    checks = [row.check.name for row in ACROSS_THE_NETWORK.rows]
    assert [each.check for each in report.findings] == checks
    assert {each.check for each in accused(report)} <= accused_anyway


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_a_line_that_cannot_be_looked_at_spoils_nothing(number: int) -> None:
    def look() -> LineState:
        raise odd_exceptions()[number]

    if not isinstance(odd_exceptions()[number], Exception):
        pytest.skip("no library in Rust is asked for the line")
    report = report_of(ACROSS_THE_NETWORK, network=_Refusing(), line=look)
    assert report.findings
    assert report.line_changes == ()


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_libraries_that_raise_anything_leave_the_network_to_be_asked(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psutil is asked for interfaces in mid-run; on a Mac with an M5 some calls raise."""
    if not isinstance(odd_exceptions()[number], Exception):
        pytest.skip("psutil is written in C")

    def fail(*_arguments: object, **_more: object) -> object:
        raise odd_exceptions()[number]

    for library_call in ("net_if_addrs", "net_if_stats"):
        monkeypatch.setattr(psutil, library_call, fail)
    network = SystemNetwork()
    here = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=9)
    assert network.route_to(here) == Route(local_address="127.0.0.1", interface="")
    assert network.ways_out(socket.AF_INET) == ()


class _Unable(_Refusing):
    """A computer that gets one page, and can do nothing else: of its own."""

    def __init__(self, number: int, page_port: int, *, tcp_too: bool) -> None:
        self._number = number
        self._page = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=page_port)
        self._tcp_too = tcp_too
        self._real = SystemNetwork()

    def _fail(self) -> NoReturn:
        raise OSError(self._number, os.strerror(self._number))

    async def connect_tcp(
        self, endpoint: Endpoint, *, timeout_s: float, segment_bytes: int = 0
    ) -> socket.socket:
        if endpoint.port == HTTP_PORT:
            return await self._real.connect_tcp(
                self._page, timeout_s=timeout_s, segment_bytes=segment_bytes
            )
        if self._tcp_too:
            self._fail()
        raise ConnectionRefusedError(str(endpoint))

    def open_udp(self, family: socket.AddressFamily) -> socket.socket:  # noqa: ARG002
        self._fail()

    def open_udp_by(self, way: EgressInterface) -> socket.socket:  # noqa: ARG002
        self._fail()


HTTP_PORT: Final = 80
PHRASE: Final = "This is the real page"
OF_THIS_COMPUTER: Final = (
    errno.ENOBUFS, errno.EPERM, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EINVAL,
    errno.EADDRINUSE, errno.ENOPROTOOPT, errno.EIO, UNLISTED_ERRNO,
)  # fmt: skip


# What a computer says that has too much to do at once, and one whose own firewall forbids it
CAUSES = {
    errno.EPERM: "blocked_here",
    **dict.fromkeys((errno.ENOBUFS, errno.ENOMEM, errno.EMFILE, errno.ENFILE), "computer_busy"),
}


def report_of_one_who_cannot(number: int, *, tcp_too: bool) -> Report:
    targets = msgspec.structs.replace(TARGETS, http_expect=PHRASE)
    plan = replace(
        ACROSS_THE_NETWORK,
        profile=msgspec.structs.replace(ACROSS_THE_NETWORK.profile, targets=targets),
    )

    async def scene() -> Report:
        async with serving(answering(page(PHRASE.encode()))) as port:
            environment = Environment(
                network=_Unable(number, port, tcp_too=tcp_too),
                host=HOST,
                machine=machine_facts(HOST),
            )
            return await Run(plan=plan, environment=environment, happened=lambda _: None).execute()

    return asyncio.run(scene())


@pytest.mark.parametrize("number", OF_THIS_COMPUTER, ids=lambda n: errno.errorcode.get(n, "odd"))
def test_what_this_computer_cannot_do_is_laid_on_nobody(number: int) -> None:
    """A page comes, so that silence would count; but there was none, for nothing was tried."""
    report = report_of_one_who_cannot(number, tcp_too=True)
    found = {each.check: each for each in report.findings}
    assert found["port.tcp80"].status is Status.PASS
    assert accused(report) == []
    cause = report.root_cause
    assert (cause.code if cause else "") == CAUSES.get(number, "")
    assert list(faults_of(report)) == []
    for check in ("udp.stun", "udp.range", "quality.loss", "port.sip", "port.tcp443", "port.dns"):
        assert found[check].status is Status.UNKNOWN, check
        remedy = found[check].remedy
        assert remedy is not None
        assert not remedy.request, f"{check} sends somebody to {remedy.owner}: {remedy.text}"


def test_a_firewall_of_this_computer_is_told_to_whoever_keeps_this_computer() -> None:
    report = report_of_one_who_cannot(errno.EPERM, tcp_too=False)
    for check in ("udp.stun", "udp.range", "quality.loss"):
        found = next(each for each in report.findings if each.check == check)
        assert found.status is Status.UNKNOWN
        assert found.remedy is not None
        assert found.remedy.owner is Owner.HELPDESK
        assert "security program" in found.remedy.text
