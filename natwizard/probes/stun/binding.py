"""How STUN servers see this computer: do they answer, and under which address?

One socket asks every server, which shows how the router maps it (RFC 5780, 4.3). CHANGE-REQUEST
goes only to a server of the service that offers OTHER-ADDRESS: strangers' servers are not asked
for favours. Then a few more sockets ask up to three servers each, which shows whether all flows
leave under one address. A server gets one small packet a socket where nothing is lost, and two
more at its other address where it names one.
"""

import asyncio
import socket
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec
from msgspec import Struct

from natwizard.model.address import HostPort, canonical_ip, parse_host_port
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import OwnAddress, PublicText, QuotingText, ServerText
from natwizard.probes.base import EarlierEvidence, Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.reachability import (
    Looked,
    is_silent,
    look_up,
    side_by_side,
    signs_of_life,
)
from natwizard.probes.detached import run_detached
from natwizard.probes.failures import failure_from
from natwizard.probes.network import EgressInterface, Endpoint
from natwizard.probes.stun.client import StunMapping, StunSocket
from natwizard.wire import stun


class EarlierAddress(Struct, frozen=True, kw_only=True):
    """What one earlier run saw first.

    Attributes:
        seen_at: when that run began, ISO 8601.
        local_address: this computer's own on that way; it tells whether the network is the same.
        public: host of the public address.
    """

    seen_at: PublicText
    ip_version: int
    local_address: OwnAddress
    public: OwnAddress


class _Reflection(Struct, frozen=True):
    public: HostPort


class _Attempt(Struct, frozen=True):
    value: _Reflection | None = None


class _Flow(Struct, frozen=True):
    """The few fields of a flow that every version has written so far."""

    ip_version: int
    attempt: _Attempt
    local_address: str = ""


class _Evidence(Struct, frozen=True):
    flows: tuple[_Flow, ...] = ()


def earlier_addresses(runs: tuple[EarlierEvidence, ...]) -> tuple[EarlierAddress, ...]:
    """One of each run and family, newest first; runs that cannot be read are left out."""
    found: list[EarlierAddress] = []
    for run in runs:
        try:
            evidence = msgspec.json.decode(run.evidence, type=_Evidence)
        except msgspec.MsgspecError:
            continue
        first: dict[int, EarlierAddress] = {}
        for flow in evidence.flows:
            if flow.attempt.value is not None and flow.local_address:
                address = EarlierAddress(
                    seen_at=run.started_at,
                    ip_version=flow.ip_version,
                    local_address=flow.local_address,
                    public=flow.attempt.value.public.host,
                )
                first.setdefault(flow.ip_version, address)
        found += first.values()
    return tuple(found)


# One lost packet must not read as a router that lets nobody in
TRIES = 3
SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.2, 0.6
# Of the same server just before: silence is the usual answer here, and is waited for each time
WAIT_ROUND_TRIPS = 3


class NatFiltering(StrEnum):
    """RFC 4787's words (5)."""

    ENDPOINT_INDEPENDENT = N_("endpoint-independent")
    ADDRESS_DEPENDENT = N_("address-dependent")
    ADDRESS_AND_PORT_DEPENDENT = N_("address- and port-dependent")


class FilteringTry(Struct, frozen=True, kw_only=True):
    """What one server found; a failure where it answers nobody, or refuses to change."""

    target: ServerText
    ip_version: int
    attempt: Attempt[NatFiltering]


async def find_filtering(
    context: ProbeContext, target: str, server: Endpoint, other: HostPort
) -> FilteringTry:
    """Ask for an answer from another address and port, and for one from another port only."""

    async def work() -> NatFiltering:
        beside = HostPort(server.address, other.port)
        both, port_only = await side_by_side(
            [
                _comes_through(context, server, other, stun.CHANGE_ADDRESS | stun.CHANGE_PORT),
                _comes_through(context, server, beside, stun.CHANGE_PORT),
            ]
        )
        if both:
            return NatFiltering.ENDPOINT_INDEPENDENT
        return (
            NatFiltering.ADDRESS_DEPENDENT if port_only else NatFiltering.ADDRESS_AND_PORT_DEPENDENT
        )

    async with context.rate_limiter.flow():
        attempt = await context.attempt("ask_stun_to_change", server, work)
    return FilteringTry(
        target=target, ip_version=6 if ":" in server.address else 4, attempt=attempt
    )


async def _comes_through(
    context: ProbeContext, server: Endpoint, answer_from: HostPort, changes: int
) -> bool:
    """A socket of its own: one that has asked elsewhere would have let that in."""
    with StunSocket(context.network.open_udp(server.family)) as asking:
        started_s = context.elapsed_s()
        await asking.ask(server)
        round_trip_s = context.elapsed_s() - started_s
        wait_s = min(LONGEST_WAIT_S, max(SHORTEST_WAIT_S, WAIT_ROUND_TRIPS * round_trip_s))
        try:
            await asking.ask(server, (wait_s,) * TRIES, changes=changes, answer_from=answer_from)
        except TimeoutError:
            return False
        return True


# Each is a packet to what may be a stranger's server
WAYS_AT_MOST = 4


class StunWay(Struct, frozen=True, kw_only=True):
    """One interface asking one server.

    Attributes:
        preferred: the system itself would take this way.
    """

    interface: QuotingText
    local_address: OwnAddress
    preferred: bool
    attempt: Attempt[StunMapping]


async def ask_by_interface(
    context: ProbeContext, servers: Mapping[socket.AddressFamily, Endpoint]
) -> tuple[StunWay, ...]:
    """One question each; none where a family has but one way, or its server is this computer."""
    tried = [
        await _ask_interface_family(context, endpoint)
        for endpoint in servers.values()
        if not canonical_ip(endpoint.address).is_loopback
    ]
    return tuple(way for family in tried for way in family)


async def _ask_interface_family(context: ProbeContext, endpoint: Endpoint) -> tuple[StunWay, ...]:
    try:
        ways = await run_detached(
            lambda: context.network.ways_out(endpoint.family), name="ways out"
        )
    except OSError as error:  # an interface that went away while its addresses were read
        context.log.append(f"ways_out {endpoint.family.name}: {error}")
        return ()
    if len(ways) < 2:
        return ()
    route = context.network.route_to(endpoint)
    preferred = route.interface if route is not None else ""
    return await side_by_side(
        [
            _ask_from_interface(context, way, endpoint, preferred=way.interface == preferred)
            for way in ways[:WAYS_AT_MOST]
        ]
    )


async def _ask_from_interface(
    context: ProbeContext, way: EgressInterface, endpoint: Endpoint, *, preferred: bool
) -> StunWay:
    async def work() -> StunMapping:
        with StunSocket(context.network.open_udp_by(way)) as asking:
            return await asking.ask(endpoint)

    async with context.rate_limiter.flow():
        attempt = await context.attempt(f"ask_stun_by {way.interface}", endpoint, work)
    return StunWay(
        interface=way.interface,
        local_address=way.local_address,
        preferred=preferred,
        attempt=attempt,
    )


SERVICES = 6
CONTROLS = 4
# With the first, four flows: a router that balances by flow shows it
MORE_SOCKETS = 3
SERVERS_PER_SOCKET = 3
IPV6 = 6
# Some networks change the address with time and not by flow
SOCKET_SPACING_S = 0.25


class StunServer(Struct, frozen=True, kw_only=True):
    """A server of the profile.

    Attributes:
        target: as the profile has it; `is_service`: from targets.stun, not a control.
        lookup: its addresses.
    """

    target: ServerText
    is_service: bool
    lookup: Looked


class StunFlow(Struct, frozen=True, kw_only=True):
    """One socket asking one address.

    Attributes:
        target: as the profile has it, or "other address of ..." for one a server told us.
        ip_version: 4 or 6.
        socket: 0 is the socket that asks every server; the others count from 1.
        local_address: address of this computer on that way, or empty.
    """

    target: ServerText
    is_service: bool
    ip_version: int
    socket: int
    local_address: OwnAddress
    attempt: Attempt[StunMapping]

    @property
    def came_back(self) -> bool:
        """Whether any answer came, even one that refuses: then UDP gets through."""
        failure = self.attempt.failure
        return failure is None or failure.code is FailureCode.BAD_ANSWER


class StunEvidence(Struct, frozen=True, kw_only=True):
    """What STUN servers answered.

    Attributes:
        filtering: whom the router lets in, by a server of the service that can tell.
        filtering_untried: such a server is there, and was not asked. Windows' own firewall (or
            another in its place) keeps out what nobody asked for, which is what the test invites:
            the router would get the blame.
        ways: one question by each interface that leads out, where there are several.
        earlier: what earlier runs on this computer saw, newest first.
        signs: connections over TCP to those addresses of the service's servers that answered no
            question: a server that is down answers nothing by any way.
        asked_alone: silent servers once more, each from a socket of its own that is connected to
            it: only such a socket is told that packets are turned away (ICMP).
    """

    servers: tuple[StunServer, ...]
    flows: tuple[StunFlow, ...]
    filtering: tuple[FilteringTry, ...] = ()
    filtering_untried: bool = False
    ways: tuple[StunWay, ...] = ()
    earlier: tuple[EarlierAddress, ...] = ()
    signs: tuple[Attempt[Endpoint], ...] = ()
    asked_alone: tuple[Attempt[StunMapping], ...] = ()

    @property
    def came_back(self) -> bool:
        """Whether any server answered over UDP."""
        alone = any(attempt.ok for attempt in self.asked_alone)
        return alone or any(flow.came_back for flow in self.flows)


async def gather(context: ProbeContext) -> StunEvidence:
    """Ask all servers, then those that answered from more sockets."""
    targets = context.targets
    require_target(targets.stun + targets.stun_control, "targets.stun")
    servers = await side_by_side(
        [
            *(_look_up(context, text, is_service=True) for text in targets.stun[:SERVICES]),
            *(
                _look_up(context, text, is_service=False)
                for text in targets.stun_control[:CONTROLS]
            ),
        ]
    )
    firsts = {
        family: first
        for family in (socket.AF_INET, socket.AF_INET6)
        if (first := next(filter(None, (_first_of(each, family) for each in servers)), None))
    }
    async with asyncio.TaskGroup() as group:
        by_interface = group.create_task(ask_by_interface(context, firsts))
        per_family = await side_by_side(
            [_ask_family(context, servers, family) for family in firsts]
        )
    flows = tuple(flow for found in per_family for flow in found)
    can_change = _that_can_change(flows)
    behind_firewall = context.host.platform == "windows" and bool(can_change)
    filtering = await side_by_side(
        [
            find_filtering(context, flow.target, server, other)
            for flow, server, other in (() if behind_firewall else can_change)
        ]
    )
    async with asyncio.TaskGroup() as group:
        by_tcp = group.create_task(
            side_by_side([signs_of_life(context, each) for each in _silent_addresses(flows)])
        )
        alone = await side_by_side([_ask_alone(context, each) for each in _silent(flows)])
    runs = await run_detached(lambda: context.earlier("stun"), name="earlier runs")
    return StunEvidence(
        servers=servers,
        flows=flows,
        filtering=filtering,
        filtering_untried=behind_firewall,
        ways=by_interface.result(),
        earlier=earlier_addresses(runs),
        signs=tuple(sign for of_address in by_tcp.result() for sign in of_address),
        asked_alone=alone,
    )


def _silent(flows: Iterable[StunFlow]) -> tuple[StunFlow, ...]:
    """One question each: where the service has none, nobody has to be asked why."""
    silent = [flow for flow in flows if flow.socket == 0 and is_silent(flow.attempt)]
    return tuple(silent) if any(flow.is_service for flow in silent) else ()


async def _ask_alone(context: ProbeContext, flow: StunFlow) -> Attempt[StunMapping]:
    address, _colon, port = flow.attempt.target.rpartition(":")
    family = socket.AF_INET6 if flow.ip_version == IPV6 else socket.AF_INET
    server = Endpoint(family=family, address=address.strip("[]"), port=int(port))

    async def work() -> StunMapping:
        with StunSocket(context.network.open_udp(family)) as asking:
            asking.connect(server)
            return await asking.ask(server)

    async with context.rate_limiter.flow():
        return await context.attempt("ask_stun", server, work)


def _silent_addresses(flows: Iterable[StunFlow]) -> tuple[str, ...]:
    """Those of the service that answered nothing at all, not even that nobody is at the port."""
    asked = [(flow.attempt.target.rpartition(":")[0].strip("[]"), flow) for flow in flows]
    heard = {address for address, flow in asked if not is_silent(flow.attempt)}
    silent = (address for address, flow in asked if flow.is_service and address not in heard)
    return tuple(dict.fromkeys(silent))


async def _look_up(context: ProbeContext, text: str, *, is_service: bool) -> StunServer:
    lookup = await look_up(context, parse_host_port(text))
    return StunServer(target=text, is_service=is_service, lookup=lookup)


def _first_of(server: StunServer, family: socket.AddressFamily) -> Endpoint | None:
    endpoints = server.lookup.value or ()
    return next((endpoint for endpoint in endpoints if endpoint.family == family), None)


async def _ask_family(
    context: ProbeContext, servers: tuple[StunServer, ...], family: socket.AddressFamily
) -> tuple[StunFlow, ...]:
    """Every server from one socket, then the first that answered from other sockets."""
    known = [(server, endpoint) for server in servers if (endpoint := _first_of(server, family))]
    try:
        shared_datagrams = context.network.open_udp(family)
    except OSError as error:
        failed = failure_from(error, "open_udp")
        return tuple(_not_asked(context, server, endpoint, failed) for server, endpoint in known)
    with StunSocket(shared_datagrams) as shared:
        first = await side_by_side(
            [
                _ask(context, shared, 0, server.target, endpoint, is_service=server.is_service)
                for server, endpoint in known
            ]
        )
        others = await _ask_other_addresses(context, shared, first, family)
    answered = _distinct(
        (flow, endpoint)
        for flow, (_server, endpoint) in zip(first, known, strict=True)
        if flow.attempt.ok
    )[:SERVERS_PER_SOCKET]
    more = await side_by_side(
        [
            _ask_from(context, number, answered, family)
            for number in range(1, MORE_SOCKETS + 1)
            if answered
        ]
    )
    return (*first, *others, *(flow for flows in more for flow in flows))


def _not_asked(
    context: ProbeContext, server: StunServer, endpoint: Endpoint, failure: Failure
) -> StunFlow:
    """This computer gave no socket to ask with: not the server's silence."""
    return StunFlow(
        target=server.target,
        is_service=server.is_service,
        ip_version=6 if endpoint.family == socket.AF_INET6 else 4,
        socket=0,
        local_address="",
        attempt=Attempt(
            operation="ask_stun",
            target=str(endpoint),
            started_s=context.elapsed_s(),
            duration_s=0.0,
            failure=failure,
        ),
    )


async def _ask_from(
    context: ProbeContext,
    number: int,
    servers: list[tuple[StunFlow, Endpoint]],
    family: socket.AddressFamily,
) -> tuple[StunFlow, ...]:
    """A new socket, a little later than the one before: addresses may change with time, too."""
    await asyncio.sleep((number - 1) * SOCKET_SPACING_S)
    try:
        datagrams = context.network.open_udp(family)
    except OSError as error:  # out of sockets; what the first one found still stands
        context.log.append(f"open_udp {family.name}: {error}")
        return ()
    with StunSocket(datagrams) as another:
        return await side_by_side(
            [
                _ask(context, another, number, flow.target, endpoint, is_service=flow.is_service)
                for flow, endpoint in servers
            ]
        )


async def _ask_other_addresses(
    context: ProbeContext,
    shared: StunSocket,
    flows: tuple[StunFlow, ...],
    family: socket.AddressFamily,
) -> tuple[StunFlow, ...]:
    """Where a server has a second address and port, ask there too: RFC 5780, tests II and III."""
    for flow in flows:
        reflection = flow.attempt.value
        if reflection is None or reflection.other is None:
            continue
        other, server = reflection.other, reflection.server
        if _may_follow(other, server):
            places = dict.fromkeys((HostPort(other.host, server.port), other))
            return await side_by_side(
                [
                    _ask(
                        context,
                        shared,
                        0,
                        f"other address of {flow.target}",
                        Endpoint(family=family, address=place.host, port=place.port),
                        is_service=False,
                    )
                    for place in places
                ]
            )
    return ()


def _that_can_change(
    flows: tuple[StunFlow, ...],
) -> list[tuple[StunFlow, Endpoint, HostPort]]:
    """Of each family the first server of the service that has a second address and port."""
    found: dict[int, tuple[StunFlow, Endpoint, HostPort]] = {}
    for flow in flows:
        reflection = flow.attempt.value
        if not flow.is_service or reflection is None or reflection.other is None:
            continue
        server, other = reflection.server, reflection.other
        if _may_follow(other, server):
            family = socket.AF_INET6 if flow.ip_version == 6 else socket.AF_INET
            place = Endpoint(family=family, address=server.host, port=server.port)
            found.setdefault(flow.ip_version, (flow, place, other))
    return list(found.values())


def _may_follow(other: HostPort, server: HostPort) -> bool:
    """A server may send us to another address of its kind, not into our own network."""
    there, here = canonical_ip(other.host), canonical_ip(server.host)
    return (
        there.version == here.version
        and there != here
        and other.port not in (0, server.port)
        and not (there.is_multicast or there.is_unspecified)
        and there.is_global == here.is_global
        and there.is_loopback == here.is_loopback
    )


async def _ask(
    context: ProbeContext,
    asking: StunSocket,
    number: int,
    target: str,
    endpoint: Endpoint,
    *,
    is_service: bool,
) -> StunFlow:
    async with context.rate_limiter.flow():
        attempt = await context.attempt("ask_stun", endpoint, lambda: asking.ask(endpoint))
    route = context.network.route_to(endpoint) if attempt.ok else None
    return StunFlow(
        target=target,
        is_service=is_service,
        ip_version=6 if endpoint.family == socket.AF_INET6 else 4,
        socket=number,
        local_address=route.local_address if route else "",
        attempt=attempt,
    )


def _distinct(
    flows: Iterable[tuple[StunFlow, Endpoint]],
) -> list[tuple[StunFlow, Endpoint]]:
    """One flow an address: a router that balances by destination looks at addresses."""
    by_address: dict[str, tuple[StunFlow, Endpoint]] = {}
    for flow, endpoint in flows:
        by_address.setdefault(endpoint.address, (flow, endpoint))
    return list(by_address.values())


STUN = Probe(
    name="stun",
    title=N_("Asking for your public address"),
    evidence=StunEvidence,
    phase=Phase.REACHABILITY,
    typical_s=1.5,
    deadline_s=20.0,
    shares_line=True,
    gather=gather,
)
