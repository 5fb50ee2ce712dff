"""A few UDP ports of the range that calls use, asked of strangers' servers that listen there.

For networks where nobody told the service's addresses. Six ports of 59,001 prove nothing of the
others, and a stranger that sleeps proves nothing at all: it is shown, and decides nothing.
"""

from functools import partial

import dns.exception
import dns.message
from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import PublicText, ServerText
from natwizard.model.profile import PublicServer, PublicUse, UdpService
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.connection.reachability import Looked, look_up, side_by_side, spread
from natwizard.probes.dns_servers import ask_udp
from natwizard.probes.failures import BadAnswer
from natwizard.probes.media.beacons import echo_once
from natwizard.probes.network import Endpoint
from natwizard.probes.stun.client import StunSocket

# They are strangers': a sample, however many a profile names
SERVERS = 12


class PublicUdpPort(Struct, frozen=True, kw_only=True):
    """One port of one server.

    Attributes:
        asked: from the first address; its value is what the port speaks. None without an address.
    """

    server: ServerText
    port: int
    lookup: Looked
    asked: Attempt[PublicText] | None = None

    @property
    def answered(self) -> bool:
        """Whether anything that makes sense came back."""
        return self.asked is not None and self.asked.ok

    def attempts(self) -> tuple[Attempt[object], ...]:
        """All of them, in order."""
        return (self.lookup, *((self.asked,) if self.asked is not None else ()))


class PublicUdpEvidence(Struct, frozen=True, kw_only=True):
    """One entry a server, in the profile's order; none where `targets.udp_range` is set."""

    ports: tuple[PublicUdpPort, ...] = ()

    @property
    def answered(self) -> int:
        """How many of them answered."""
        return sum(each.answered for each in self.ports)


async def gather(context: ProbeContext) -> PublicUdpEvidence:
    """Ask each once, all at the same time."""
    if context.targets.udp_range:
        return PublicUdpEvidence()
    servers = context.public_for(PublicUse.UDP_SAMPLE)[:SERVERS]
    return PublicUdpEvidence(ports=await side_by_side(_ask(context, each) for each in servers))


async def _ask(context: ProbeContext, server: PublicServer) -> PublicUdpPort:
    target = parse_host_port(server.address)
    lookup = await look_up(context, target)
    asked = None
    for endpoint in spread(lookup.value or (), 1)[:1]:
        work = partial(_answer, context, server, endpoint)
        asked = await context.attempt("ask_udp_port", target, work)
    return PublicUdpPort(server=server.address, port=target.port, lookup=lookup, asked=asked)


async def _answer(context: ProbeContext, server: PublicServer, endpoint: Endpoint) -> str:
    """What the port speaks. Raises OSError, TimeoutError, BadAnswer."""
    match server.speaks:
        case UdpService.DNS:
            try:
                kind = "NS" if server.dns_name == "." else "TXT"
                question = dns.message.make_query(server.dns_name, kind)
            except dns.exception.DNSException as error:
                raise BadAnswer(f"dns_name: {error}") from error
            await ask_udp(context, HostPort(endpoint.address, endpoint.port), question)
            return server.speaks.value
        case UdpService.STUN | UdpService.ECHO:
            pass
    async with context.rate_limiter.flow():
        if server.speaks is UdpService.STUN:
            with StunSocket(context.network.open_udp(endpoint.family)) as asking:
                asking.connect(endpoint)
                await asking.ask(endpoint)
        else:
            with context.network.open_udp(endpoint.family) as datagrams:
                datagrams.connect((endpoint.address, endpoint.port))
                await echo_once(datagrams)
    return server.speaks.value


PUBLIC_UDP = Probe(
    name="public_udp",
    title=N_("Asking whether a few UDP ports leave this network"),
    evidence=PublicUdpEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.5,
    deadline_s=15.0,
    shares_line=True,
    gather=gather,
)
