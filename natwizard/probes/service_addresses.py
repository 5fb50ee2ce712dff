"""Which addresses the names of the service lead to."""

import asyncio
import socket
from collections.abc import Iterator

import dns.exception
import dns.message
import dns.name
import dns.rdatatype
from msgspec import Struct
from msgspec.structs import replace

from natwizard.model.address import (
    HostPort,
    IpAddress,
    behind_translation,
    canonical_ip,
    is_literal,
)
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import PublicText, ServerText
from natwizard.model.profile import Targets
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.reachability import LOOKUP_TIMEOUT_S, side_by_side
from natwizard.probes.connection.web_address import read_target
from natwizard.probes.dns_servers import ask_udp, control_resolver
from natwizard.probes.failures import BadAnswer
from natwizard.probes.network import Endpoint

# Each is asked here and at the control
NAMES = 24
ADDRESSES_PER_NAME = 32
WEBPHONE_SETTING = "targets.webphone"
# A lost SYN is sent again after one second (RFC 6298, 2.1)
CONNECT_S = 3.0


class ServiceName(Struct, frozen=True, kw_only=True):
    """One host of the service.

    Attributes:
        settings: the settings of the profile that name it ("targets.stun").
        addresses: each once, in the resolver's order; at most 32.
        control: IPv4 addresses that another resolver (targets.resolver_control) answers with, none
            where it knows no such name; None where there is none to ask.
        elsewhere: a connection to the webphone's port at the first of these, where none of them
            is among the addresses here; None where there is nothing to compare.
        hosts_file: what this computer's hosts file has for it, none where it has no line; None
            where there was no need to look.
    """

    host: ServerText
    settings: tuple[PublicText, ...]
    addresses: Attempt[tuple[ServerText, ...]]
    control: Attempt[tuple[ServerText, ...]] | None = None
    elsewhere: Attempt[Endpoint] | None = None
    hosts_file: Attempt[tuple[ServerText, ...]] | None = None

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them."""
        yield self.addresses
        if self.control is not None:
            yield self.control
        if self.elsewhere is not None:
            yield self.elsewhere
        if self.hosts_file is not None:
            yield self.hosts_file


class ServiceAddressesEvidence(Struct, frozen=True, kw_only=True):
    """Every host of the service that the profile names; controls are left out."""

    names: tuple[ServiceName, ...]


async def gather(context: ProbeContext) -> ServiceAddressesEvidence:
    """Look all names up side by side, here and at the control resolver; at most 24."""
    settings = require_target(service_hosts(context.targets), "targets.webphone")
    # the control's own name may have to be looked up: no other name waits for that
    async with asyncio.TaskGroup() as group:
        control = group.create_task(control_resolver(context), name="look up the control")
        names = await side_by_side(
            _compare(context, host, named_by, control) for host, named_by in settings[:NAMES]
        )
    return ServiceAddressesEvidence(names=names)


def service_hosts(targets: Targets) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Hosts of the service, each with the settings that name it.

    targets.tls is left out: it also names hosts of others that calls depend on (the CRM).
    """
    named: list[tuple[str, str]] = [
        (WEBPHONE_SETTING, targets.webphone),
        *(("targets.stun", text) for text in targets.stun),
        ("targets.media", targets.media),
        *(("targets.sip", text) for text in targets.sip),
        ("targets.sip_tls", targets.sip_tls),
    ]
    found: dict[str, tuple[str, ...]] = {}
    for setting, text in named:
        if text:
            host = read_target(text, setting, default_port=1).host.lower()
            found[host] = tuple(dict.fromkeys((*found.get(host, ()), setting)))
    return tuple(found.items())


async def _compare(
    context: ProbeContext,
    host: str,
    settings: tuple[str, ...],
    control: asyncio.Task[HostPort | None],
) -> ServiceName:
    async def elsewhere() -> Attempt[tuple[str, ...]] | None:
        resolver = None if is_literal(host) else await control
        return None if resolver is None else await _ask_control(context, host, resolver)

    async with asyncio.TaskGroup() as group:
        here = group.create_task(_look_up(context, host), name=f"look up {host}")
        there = group.create_task(elsewhere(), name=f"look up {host} elsewhere")
    found = ServiceName(
        host=host, settings=settings, addresses=here.result(), control=there.result()
    )
    if WEBPHONE_SETTING not in settings or not _differ(found):
        return found
    hosts_file = await context.attempt(
        "read_hosts_file",
        host,
        lambda: context.network.in_hosts_file(host, timeout_s=LOOKUP_TIMEOUT_S),
    )
    connected = await _connect_elsewhere(context, found)
    return replace(found, elsewhere=connected, hosts_file=hosts_file)


def _differ(name: ServiceName) -> bool:
    """Whether both answer, and with other addresses."""
    here, there = name.addresses.value, name.control.value if name.control else None
    if not here or not there:
        return False
    return not {_meant(text) for text in here} & {_meant(text) for text in there}


def _meant(text: str) -> IpAddress:
    return behind_translation(canonical_ip(text))


async def _connect_elsewhere(context: ProbeContext, name: ServiceName) -> Attempt[Endpoint]:
    port = read_target(context.targets.webphone, WEBPHONE_SETTING, default_port=1).port
    address = (name.control.value or ("",))[0] if name.control else ""
    endpoint = Endpoint(family=socket.AF_INET, address=address, port=port)

    async def work() -> Endpoint:
        (await context.network.connect_tcp(endpoint, timeout_s=CONNECT_S)).close()
        return endpoint

    async with context.rate_limiter.flow():
        return await context.attempt("connect_elsewhere", endpoint, work)


async def _look_up(context: ProbeContext, host: str) -> Attempt[tuple[str, ...]]:
    async def work() -> tuple[str, ...]:
        endpoints = await context.network.resolve(HostPort(host, 443), timeout_s=LOOKUP_TIMEOUT_S)
        addresses = dict.fromkeys(endpoint.address.split("%")[0] for endpoint in endpoints)
        return tuple(addresses)[:ADDRESSES_PER_NAME]

    return await context.attempt("look_up", host, work)


async def _ask_control(
    context: ProbeContext, host: str, control: HostPort
) -> Attempt[tuple[str, ...]]:
    async def work() -> tuple[str, ...]:
        try:
            name = dns.name.from_text(host)
        except dns.exception.DNSException as error:
            raise BadAnswer(f"no name to ask for: {type(error).__name__}") from error
        answer = await ask_udp(context, control, dns.message.make_query(name, dns.rdatatype.A))
        if answer.rcode not in {"NOERROR", "NXDOMAIN"}:
            raise BadAnswer(answer.rcode)
        return answer.addresses

    return await context.attempt("ask_control", f"{host} at {control}", work)


SERVICE_ADDRESSES = Probe(
    name="service_addresses",
    title=N_("Looking up the service's addresses"),
    evidence=ServiceAddressesEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.3,
    deadline_s=11.0,
    shares_line=True,
    gather=gather,
)
