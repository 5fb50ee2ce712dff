"""Which version of TLS this program's own handshake settles on with a reference server."""

from collections.abc import Iterator

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import PublicText, QuotingText, ServerText
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.public_roots import trusting_anyone
from natwizard.probes.connection.reachability import (
    Looked,
    Reachability,
    attempts_from,
    look_up,
    side_by_side,
    spread,
)
from natwizard.probes.connection.tls_chain import HTTPS_PORT
from natwizard.probes.connection.trace import Budget, ConnectionPath, choose_proxy, open_stream
from natwizard.probes.connection.web_address import read_address, read_target
from natwizard.probes.network import Endpoint

# TCP, proxy and handshake; below the probe's deadline with settings and name before it
BUDGET_S = 7.0
HOSTS = 4


class FloorTry(Struct, frozen=True, kw_only=True):
    """One reference server, tried at the first address of each family."""

    target: ServerText
    proxy: QuotingText = ""
    lookup: Looked
    reached: tuple[Reachability, ...] = ()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them: the name first, then address by address."""
        return attempts_from(self.lookup, self.reached)


class FloorEvidence(Struct, frozen=True, kw_only=True):
    """Handshakes that offer TLS 1.2 and 1.3, whoever the certificate is from.

    Attributes:
        setting: the setting of the profile that named the servers.
    """

    setting: PublicText
    tries: tuple[FloorTry, ...]


async def gather(context: ProbeContext) -> FloorEvidence:
    """Shake hands with the reference server, or else with servers named for other checks."""
    setting, hosts = _references(context)
    return FloorEvidence(
        setting=setting, tries=await side_by_side(_shake(context, host) for host in hosts[:HOSTS])
    )


def _references(context: ProbeContext) -> tuple[str, tuple[HostPort, ...]]:
    targets = context.targets
    if targets.tls_floor:
        floor = read_target(targets.tls_floor, "targets.tls_floor", default_port=HTTPS_PORT)
        return "targets.tls_floor", (floor,)
    if targets.tls:
        hosts = tuple(
            read_target(text, "targets.tls", default_port=HTTPS_PORT) for text in targets.tls
        )
        return "targets.tls", hosts
    url = require_target(targets.https, "targets.tls_floor")
    return "targets.https", (read_address(url, "targets.https", ("https",)).target,)


async def _shake(context: ProbeContext, host: HostPort) -> FloorTry:
    """By the way that browsers take: through the proxy, where the system has one."""
    proxy = (await choose_proxy(context, f"https://{host}/", host)).proxy
    way = ConnectionPath(
        target=host, trust=trusting_anyone(), proxy=proxy, tunnel=proxy is not None
    )
    lookup = await look_up(context, way.first_hop)

    async def shake(endpoint: Endpoint) -> Reachability:
        budget = Budget(BUDGET_S)
        async with budget.place(context.rate_limiter):
            stream, reach = await open_stream(context, endpoint, way, budget)
            if stream is not None:
                stream.close()
        return reach

    return FloorTry(
        target=str(host),
        proxy=str(proxy) if proxy else "",
        lookup=lookup,
        reached=await side_by_side(shake(endpoint) for endpoint in spread(lookup.value or (), 1)),
    )


TLS_FLOOR = Probe(
    name="tls_floor",
    title=N_("Agreeing on encryption"),
    evidence=FloorEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.5,
    deadline_s=30.0,
    shares_line=True,
    gather=gather,
)
