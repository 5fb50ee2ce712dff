"""The STUN probe against real servers, with and without a router between."""

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import msgspec
import pytest
from cases.udp_cases import case
from computers.platforms import sends_from_one_address
from computers.recorded_host import HOSTS, RecordedHost
from servers.udp_lab import Relay, closed_port, every, make_context, reflecting, run, silent_port

from natwizard.checks import nat_load_balancing, nat_mapping
from natwizard.checks.base import NoLimits
from natwizard.checks.nat_load_balancing import BalancingLimits
from natwizard.model.address import HostPort
from natwizard.model.finding import Status
from natwizard.model.outcome import FailureCode
from natwizard.model.profile import Targets
from natwizard.probes.base import EarlierEvidence
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint
from natwizard.probes.stun import binding
from natwizard.probes.stun.binding import (
    NatFiltering,
    StunEvidence,
    _may_follow,
    find_filtering,
    gather,
)
from natwizard.probes.stun.client import StunSocket
from natwizard.system.network import SystemNetwork
from natwizard.wire import stun


def look(**targets: tuple[str, ...]) -> StunEvidence:
    return run(gather(make_context(Targets(**targets))))


def test_without_any_server_there_is_nothing_to_look_at() -> None:
    with pytest.raises(CannotGather) as missed:
        look()
    assert missed.value.failure.code is FailureCode.NO_TARGET


@sends_from_one_address()
def test_two_servers_see_one_address_where_no_router_is_between() -> None:
    async def scene() -> StunEvidence:
        async with (
            reflecting("127.0.0.1", (0, 0)) as (_first, ports),
            reflecting("127.0.0.2") as (_second, control),
        ):
            targets = Targets(
                stun=tuple(f"127.0.0.1:{port}" for port in ports),
                stun_control=(f"127.0.0.2:{control[0]}",),
            )
            return await gather(make_context(targets))

    evidence = run(scene())
    assert evidence.came_back
    assert [server.is_service for server in evidence.servers] == [True, True, False]
    shared = [flow.attempt.value for flow in evidence.flows if flow.socket == 0]
    assert len(shared) == 3
    assert len({reflection.public for reflection in shared if reflection}) == 1
    assert all(
        flow.attempt.value and flow.attempt.value.public.port == flow.attempt.value.local_port
        for flow in evidence.flows
    )
    assert all(flow.local_address.startswith("127.") for flow in evidence.flows)
    # one more flow for each further socket and each server address, not for each port
    assert sorted(flow.socket for flow in evidence.flows) == [0, 0, 0, 1, 1, 2, 2, 3, 3]


def test_strangers_get_a_handful_of_packets() -> None:
    async def scene() -> int:
        async with (
            reflecting("127.0.0.1", (0, 0)) as (_first, ports),
            reflecting("127.0.0.2") as (control, strangers),
        ):
            targets = Targets(
                stun=tuple(f"127.0.0.1:{port}" for port in ports),
                stun_control=(f"127.0.0.2:{strangers[0]}",),
            )
            await gather(make_context(targets))
            return control.counters().received

    assert 1 <= run(scene()) <= 5


def _runs(runs: tuple[EarlierEvidence, ...], _probe: str) -> tuple[EarlierEvidence, ...]:
    return runs


def test_what_earlier_runs_saw_is_kept_beside_what_this_one_sees() -> None:
    async def scene() -> tuple[StunEvidence, StunEvidence]:
        async with reflecting("127.0.0.1", (0,)) as (_reflector, ports):
            servers = {("127.0.0.3", 0): ("127.0.0.1", ports[0])}
            seen: list[StunEvidence] = []
            for source in ("127.0.0.6", "127.0.0.7"):  # the router was given another address
                runs = [
                    EarlierEvidence(
                        started_at="2026-11-24T09:00:00", evidence=msgspec.json.encode(each)
                    )
                    for each in seen
                ]
                junk = EarlierEvidence(started_at="2026-11-20T09:00:00", evidence=b'{"flows": 7}')
                with Relay(servers=servers, leaves_from=(source,)).running() as relay:
                    context = replace(
                        make_context(Targets(stun=relay.addresses())),
                        earlier=partial(_runs, (*runs, junk)),
                    )
                    seen.append(await gather(context))
            return seen[0], seen[1]

    first, second = run(scene())
    assert first.earlier == ()
    (before,) = second.earlier
    assert (before.seen_at, before.public) == ("2026-11-24T09:00:00", "127.0.0.6")
    judgement = nat_load_balancing.judge(case({"stun": second}), BalancingLimits())
    assert "127.0.0.6 on 24 Nov 2026" in " ".join(detail.text for detail in judgement.details)


def test_ipv6_servers_are_asked_as_well() -> None:
    async def scene() -> StunEvidence:
        async with reflecting("::1") as (_reflector, ports):
            return await gather(make_context(Targets(stun=(f"[::1]:{ports[0]}",))))

    evidence = run(scene())
    assert {flow.ip_version for flow in evidence.flows} == {6}
    assert evidence.flows[0].attempt.value is not None
    assert evidence.flows[0].attempt.value.public.host == "::1"


@sends_from_one_address()
def test_a_router_that_maps_by_destination_shows_two_addresses() -> None:
    async def scene() -> StunEvidence:
        async with reflecting() as (_reflector, ports):
            server = ("127.0.0.1", ports[0])
            servers = {("127.0.0.3", 0): server, ("127.0.0.4", 0): ("127.0.0.1", ports[0])}
            with Relay(servers=servers, maps_by_server=False).running() as relay:
                same = await gather(make_context(Targets(stun=relay.addresses())))
            async with reflecting("127.0.0.2") as (_second, others):
                servers[("127.0.0.4", 0)] = ("127.0.0.2", others[0])
                with Relay(servers=servers, maps_by_server=True).running() as relay:
                    other = await gather(make_context(Targets(stun=relay.addresses())))
        assert len(public_of_shared(same)) == 1
        return other

    assert len(public_of_shared(run(scene()))) == 2


def test_a_router_with_two_lines_shows_two_hosts() -> None:
    async def scene() -> StunEvidence:
        async with reflecting() as (_reflector, ports):
            servers = {("127.0.0.3", 0): ("127.0.0.1", ports[0])}
            with Relay(servers=servers, leaves_from=("127.0.0.5", "127.0.0.6")).running() as relay:
                return await gather(make_context(Targets(stun=relay.addresses())))

    flows = run(scene()).flows
    assert {flow.attempt.value.public.host for flow in flows if flow.attempt.value} == {
        "127.0.0.5",
        "127.0.0.6",
    }


def test_a_second_address_of_the_server_is_asked_from_the_same_socket() -> None:
    async def scene() -> StunEvidence:
        async with reflecting("127.0.0.1", (0, 0), other="127.0.0.2") as (_reflector, ports):
            return await gather(make_context(Targets(stun=(f"127.0.0.1:{ports[0]}",))))

    flows = [flow for flow in run(scene()).flows if flow.target.startswith("other address")]
    assert [flow.socket for flow in flows] == [0, 0]
    servers = [flow.attempt.value.server for flow in flows if flow.attempt.value]
    assert [server.host for server in servers] == ["127.0.0.2", "127.0.0.2"]
    assert servers[0].port != servers[1].port


@pytest.mark.parametrize(
    ("host", "found"),
    [("linux-debian", [NatFiltering.ADDRESS_AND_PORT_DEPENDENT]), ("windows-office", [])],
)
def test_a_server_that_does_not_change_opens_no_router(
    host: str, found: list[NatFiltering]
) -> None:
    """It offers another address, and then answers from its own all the same.

    On Windows it is not even asked: the computer's own firewall might be what keeps answers out.
    """
    changes: list[int] = []

    class Stubborn(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            request = stun.decode(data)
            if request.changes:
                changes.append(request.changes)
            other = HostPort("127.0.0.99", 9)
            answer = stun.encode_success(
                request.transaction_id, HostPort(*addr), size_limit=200, other=other
            )
            self.transport.sendto(answer, addr)

    async def scene() -> StunEvidence:
        loop = asyncio.get_running_loop()
        transport, _server = await loop.create_datagram_endpoint(Stubborn, ("127.0.0.1", 0))
        try:
            target = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
            context = make_context(Targets(stun=(target,)))
            return await gather(replace(context, host=RecordedHost(HOSTS / host)))
        finally:
            transport.close()
            await asyncio.sleep(0)

    evidence = run(scene())
    assert [each.attempt.value for each in evidence.filtering] == found
    assert evidence.filtering_untried is not bool(found)
    assert bool(changes) is bool(found)


@pytest.mark.parametrize(
    ("round_trip_s", "wait_s"), [(0.01, 0.2), (0.1, 0.3), (0.19, 0.57), (2.0, 0.6)]
)
def test_an_answer_from_elsewhere_is_waited_for_three_round_trips_three_times(
    round_trip_s: float, wait_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind most routers silence is the answer, and a run should not wait long for it; one lost
    packet is no silence.
    """
    now_s = 7.0
    waits: list[tuple[float, ...]] = []

    class Asking(StunSocket):
        async def ask(
            self, _endpoint: Endpoint, *waits_s: tuple[float, ...], **_how: object
        ) -> None:  # type: ignore[override]
            nonlocal now_s
            now_s += round_trip_s
            if waits_s:
                waits.append(*waits_s)
                raise TimeoutError

    monkeypatch.setattr(binding, "StunSocket", Asking)
    context = SimpleNamespace(network=SystemNetwork(), elapsed_s=lambda: now_s)
    server = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=9)
    asked = binding._comes_through(context, server, HostPort("127.0.0.1", 10), 2)  # type: ignore[arg-type]
    assert not run(asked)
    assert waits == [(pytest.approx(wait_s),) * 3]


def test_strangers_are_not_asked_to_change() -> None:
    host = RecordedHost(HOSTS / "linux-debian")

    async def scene() -> tuple[StunEvidence, StunEvidence]:
        async with reflecting("127.0.0.1", (0, 0), "127.0.0.2") as (_reflector, ports):
            target = (f"127.0.0.1:{ports[0]}",)
            strangers = await gather(make_context(Targets(stun_control=target)))
            own = replace(make_context(Targets(stun=target)), host=host)
            return strangers, await gather(own)

    strangers, owners = run(scene())
    assert strangers.filtering == ()
    assert [each.attempt.value for each in owners.filtering] == [NatFiltering.ENDPOINT_INDEPENDENT]


class GoneWhenAskedToChange(socket.socket):
    """The line goes away between the server's first answer and the question that follows it."""

    number: int

    def sendto(self, data: bytes, address: tuple[str, int]) -> int:  # type: ignore[override]
        if stun.decode(data).changes:
            raise OSError(self.number, os.strerror(self.number))
        return super().sendto(data, address)


class GoneBefore(GoneWhenAskedToChange):
    """It is gone before anything was asked."""

    def sendto(self, data: bytes, address: tuple[str, int]) -> int:  # type: ignore[override] # noqa: ARG002
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("line", [GoneWhenAskedToChange, GoneBefore])
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENETUNREACH, FailureCode.NETWORK_UNREACHABLE),
        (errno.ENETDOWN, FailureCode.NETWORK_UNREACHABLE),
        (errno.EPERM, FailureCode.BLOCKED_HERE),
        (errno.ENODEV, FailureCode.OTHER),
    ],
)
def test_a_line_that_goes_away_between_two_questions_is_a_failure_and_no_defect(
    line: type[GoneWhenAskedToChange], number: int, code: FailureCode
) -> None:
    """Both questions fail at once, each in a task of its own: asyncio raises a group of two."""

    class Line(SystemNetwork):
        def open_udp(self, family: socket.AddressFamily) -> socket.socket:
            opened = line(family, socket.SOCK_DGRAM)
            opened.number = number
            opened.setblocking(False)
            return opened

    async def scene() -> StunEvidence:
        async with reflecting("127.0.0.1", (0, 0), "127.0.0.2") as (_reflector, ports):
            context = replace(
                make_context(Targets(stun=(f"127.0.0.1:{ports[0]}",)), network=Line()),
                host=RecordedHost(HOSTS / "linux-debian"),
            )
            server = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=ports[0])
            tried = await find_filtering(context, "a", server, HostPort("127.0.0.2", ports[1]))
            assert tried.attempt.value is None
            assert tried.attempt.failure is not None
            assert tried.attempt.failure.code is code
            return await gather(context)

    evidence = run(scene())
    assert all(each.attempt.failure is not None for each in evidence.filtering)
    assert [len(evidence.filtering)] == [1 if line is GoneWhenAskedToChange else 0]
    if line is GoneWhenAskedToChange:
        judgement = nat_mapping.judge(case({"stun": evidence}), NoLimits())
        assert judgement.status is not Status.FAIL
        assert "fault in natwizard" not in judgement.summary


@pytest.mark.parametrize(
    ("other", "server", "followed"),
    [
        ("198.51.100.2:3479", "198.51.100.1:3478", True),
        ("9.9.9.9:3479", "8.8.8.8:3478", True),
        ("192.168.1.1:3479", "8.8.8.8:3478", False),
        ("127.0.0.1:3479", "8.8.8.8:3478", False),
        ("224.0.0.1:3479", "8.8.8.8:3478", False),
        ("0.0.0.0:3479", "8.8.8.8:3478", False),
        ("8.8.8.8:3479", "8.8.8.8:3478", False),
        ("9.9.9.9:3478", "8.8.8.8:3478", False),
        ("9.9.9.9:0", "8.8.8.8:3478", False),
    ],
)
def test_a_server_cannot_send_us_anywhere(other: str, server: str, followed: bool) -> None:
    assert _may_follow(_place(other), _place(server)) is followed


def test_silence_costs_two_seconds() -> None:
    with silent_port() as port:
        started = time.perf_counter()
        evidence = look(stun=(f"127.0.0.1:{port}",))
        assert 1.9 < time.perf_counter() - started < 8
    assert not evidence.came_back
    assert [flow.attempt.failure.code for flow in evidence.flows if flow.attempt.failure] == [
        FailureCode.TIMED_OUT
    ]


def test_a_lost_request_is_sent_again() -> None:
    async def scene() -> StunEvidence:
        async with reflecting() as (_reflector, ports):
            servers = {("127.0.0.3", 0): ("127.0.0.1", ports[0])}
            with Relay(servers=servers, onward=lambda n: () if n == 0 else (0.0,)).running() as r:
                return await gather(make_context(Targets(stun=r.addresses())))

    first = run(scene()).flows[0].attempt
    assert first.value is not None
    assert first.value.tries == 2


def test_answers_that_come_twice_are_strays_and_do_no_harm() -> None:
    async def scene() -> StunEvidence:
        async with reflecting() as (_reflector, ports):
            servers = {("127.0.0.3", 0): ("127.0.0.1", ports[0])}
            with Relay(servers=servers, back=every(1, (0.0, 0.0))).running() as relay:
                return await gather(make_context(Targets(stun=relay.addresses())))

    assert all(flow.attempt.ok for flow in run(scene()).flows)


HOSTILE = [
    b"\xff" * 64,
    stun.encode_success(bytes(12), HostPort("192.0.2.1", 1), size_limit=0),
    stun.encode_request(bytes(12)),
]


@pytest.mark.parametrize("junk", HOSTILE)
def test_junk_before_the_answer_is_passed_over(junk: bytes) -> None:
    def answer(request: bytes) -> tuple[bytes, ...]:
        transaction = request[8:20]
        good = stun.encode_success(transaction, HostPort("192.0.2.7", 7), size_limit=0)
        return junk, request, good

    reflection, strays = run(_ask_server(answer))
    assert reflection.public == HostPort("192.0.2.7", 7)
    assert strays == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[:-4],  # the length says more than came
        lambda good: good[:2] + b"\x00\x08" + good[4:28],  # the attribute is cut off
        lambda good: good[:2] + b"\x00\x00" + good[4:20],  # no attribute at all
        lambda good: good[:2] + b"\x00\x04" + good[4:20] + b"\x00\x20\xff\xff",
        lambda good: good[:20] + b"\x00\x20\x00\x08\x00\x07" + good[26:],  # no such family
        lambda good: good[:4] + b"\x00\x00\x00\x00" + good[8:],  # not the cookie
        lambda good: b"\x01\x13" + good[2:],  # another method
        lambda good: good + bytes(60_000),
        lambda good: good[:1],
    ],
    ids=["short", "cut", "empty", "long", "family", "cookie", "method", "64 KB", "1 byte"],
)
def test_a_spoilt_answer_is_passed_over_though_it_names_our_question(
    spoil: Callable[[bytes], bytes],
) -> None:
    def answer(request: bytes) -> tuple[bytes, ...]:
        wrong, right = (
            stun.encode_success(request[8:20], HostPort(host, 7), size_limit=0)
            for host in ("203.0.113.66", "192.0.2.7")
        )
        return spoil(wrong), right

    reflection, strays = run(_ask_server(answer))
    assert reflection.public == HostPort("192.0.2.7", 7)
    assert strays == 1


def test_an_answer_from_another_address_is_nobodys() -> None:
    """It knows our question's number, as only somebody on the way could."""

    async def scene() -> tuple[str, int]:
        loop = asyncio.get_running_loop()
        with _open() as server, _open() as forger, StunSocket(_open()) as asking:
            server.bind(("127.0.0.1", 0))
            forger.bind(("127.0.0.4", 0))
            place = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=_port(server))
            async with asyncio.TaskGroup() as group:
                asked = group.create_task(asking.ask(place, (5.0,)))
                request, source = await loop.sock_recvfrom(server, 2048)
                for answering, host in ((forger, "203.0.113.66"), (server, "192.0.2.7")):
                    told = stun.encode_success(request[8:20], HostPort(host, 7), size_limit=0)
                    await loop.sock_sendto(answering, told, source)
            return asked.result().public.host, asking.strays

    assert run(scene()) == ("192.0.2.7", 1)


def _port(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


def test_a_refusal_is_an_answer_too() -> None:
    def answer(request: bytes) -> tuple[bytes, ...]:
        return (stun.encode_error(request[8:20], 500),)

    with pytest.raises(ValueError, match="STUN error 500"):
        run(_ask_server(answer))


def test_a_port_that_turns_us_away_is_told() -> None:
    async def scene() -> None:
        port = closed_port()
        with StunSocket(_open()) as asking:
            server = Endpoint(family=socket.AF_INET, address="127.0.0.1", port=port)
            asking.connect(server)
            await asking.ask(server)

    with pytest.raises(ConnectionRefusedError):  # and no TimeoutError
        run(scene())


def test_it_ends_at_once_when_it_is_cancelled() -> None:
    async def scene() -> float:
        with silent_port() as port:
            context = make_context(Targets(stun=(f"127.0.0.1:{port}",)))
            async with asyncio.TaskGroup() as group:
                task = group.create_task(gather(context))
                await asyncio.sleep(0.2)
                started = time.perf_counter()
                task.cancel()
            return time.perf_counter() - started

    assert run(scene()) < 0.5


def public_of_shared(evidence: StunEvidence) -> set[HostPort]:
    return {
        flow.attempt.value.public
        for flow in evidence.flows
        if flow.socket == 0 and flow.attempt.value
    }


async def _ask_server(answer: object) -> tuple[object, int]:
    """Ask a server of this test; its answers are made by `answer`."""
    loop = asyncio.get_running_loop()

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: object) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
            for datagram in answer(data):
                self.transport.sendto(datagram, source)

    transport, _protocol = await loop.create_datagram_endpoint(Server, ("127.0.0.1", 0))
    try:
        host, port = transport.get_extra_info("sockname")
        with StunSocket(_open()) as asking:
            server = Endpoint(family=socket.AF_INET, address=host, port=port)
            return await asking.ask(server), asking.strays
    finally:
        transport.close()
        await asyncio.sleep(0)


def _open() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    return opened


def _place(text: str) -> HostPort:
    host, _, port = text.rpartition(":")
    return HostPort(host, int(port))
