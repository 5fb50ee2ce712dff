"""What time servers say it is, beside this computer's clock."""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.privacy import PublicText, ServerText
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.handshake import Stream
from natwizard.probes.connection.page_exchange import fetch_page
from natwizard.probes.connection.presented_chain import presented_ders, read_chain
from natwizard.probes.connection.public_roots import trusting_anyone
from natwizard.probes.connection.reachability import Looked, look_up, side_by_side, spread
from natwizard.probes.connection.trace import Budget, ConnectionPath, choose_proxy, open_stream
from natwizard.probes.connection.web_address import read_address, read_target
from natwizard.probes.failures import BadAnswer
from natwizard.probes.network import Endpoint

HTTPS_PORT = 443
SERVERS = 3
"""Two have to agree; the third is for one that does not answer."""

# With settings (3 s) and name (2 s) before it, below the probe's deadline
BUDGET_S = 6.0
PAGE_TIMEOUT_S = 4.0
# One of each family
ADDRESSES = 2


class ClockReading(Struct, frozen=True, kw_only=True):
    """The time by one server; all moments are ISO 8601, in UTC.

    Attributes:
        offset_s: this computer's clock less the server's, in s; good to a second.
        not_before, not_after: when the server's certificate is valid.
    """

    server: ServerText
    served_at: PublicText
    offset_s: float
    not_before: PublicText
    not_after: PublicText


class ServerTime(Struct, frozen=True, kw_only=True):
    """One server that was asked, at an address of each family."""

    lookup: Looked
    tries: tuple[Attempt[ClockReading], ...] = ()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them, in their order."""
        yield self.lookup
        yield from self.tries


class ClockEvidence(Struct, frozen=True, kw_only=True):
    """The servers that were asked."""

    servers: tuple[ServerTime, ...]

    def readings(self) -> tuple[ClockReading, ...]:
        """Those that told their time, each server once."""
        told = (
            next((attempt.value for attempt in server.tries if attempt.value is not None), None)
            for server in self.servers
        )
        return tuple(reading for reading in told if reading is not None)

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them, server by server."""
        for server in self.servers:
            yield from server.attempts()


async def gather(context: ProbeContext) -> ClockEvidence:
    """Ask all servers at the same time."""
    return ClockEvidence(
        servers=await side_by_side(_ask(context, server) for server in _servers(context))
    )


def _servers(context: ProbeContext) -> tuple[HostPort, ...]:
    """Servers that have nothing to do with each other: the secure page's, and the controls."""
    targets = context.targets
    require_target(targets.https or targets.tls_control, "targets.https")
    found = []
    if targets.https:
        found.append(read_address(targets.https, "targets.https", ("https",)).target)
    found += [
        read_target(text, "targets.tls_control", default_port=HTTPS_PORT)
        for text in targets.tls_control
    ]
    return tuple(dict.fromkeys(found))[:SERVERS]


async def _ask(context: ProbeContext, server: HostPort) -> ServerTime:
    """By the way that browsers take: through the proxy, where the system has one.

    Certificates are not verified: with a wrong clock none would pass, and that is what is sought.
    """
    proxy = (await choose_proxy(context, f"https://{server}/", server)).proxy
    way = ConnectionPath(
        target=server, trust=trusting_anyone(), proxy=proxy, tunnel=proxy is not None
    )
    lookup = await look_up(context, way.first_hop)
    # side by side: an address that is silent must not use up the time of one that answers
    tries = await side_by_side(
        _ask_at(context, endpoint, way, Budget(BUDGET_S))
        for endpoint in spread(lookup.value or (), 1)[:ADDRESSES]
    )
    return ServerTime(
        lookup=lookup, tries=tuple(attempt for attempt in tries if attempt is not None)
    )


async def _ask_at(
    context: ProbeContext, endpoint: Endpoint, way: ConnectionPath, budget: Budget
) -> Attempt[ClockReading] | None:
    async with budget.place(context.rate_limiter):
        stream, _reach = await open_stream(context, endpoint, way, budget)
        if stream is None:
            return None
        try:
            return await context.attempt(
                "read_time", way.target, lambda: _read(stream, way.target, budget)
            )
        finally:
            stream.close()


async def _read(stream: Stream, server: HostPort, budget: Budget) -> ClockReading:
    """Raises what `fetch_page` raises; BadAnswer for a server that does not tell its time."""
    certificate = read_chain(presented_ders(stream.tls_object()))[0]
    asked = datetime.now(UTC)
    page = await fetch_page(
        stream,
        host=str(server) if server.port != HTTPS_PORT else server.host,
        resource="/",
        expected="",
        timeout_s=budget.at_most(PAGE_TIMEOUT_S),
    )
    answered = datetime.now(UTC)
    # servers without a clock leave the Date header out (RFC 9110, 6.6.1)
    if not page.served_at:
        raise BadAnswer("no Date header")
    # the answer was written somewhere between, and half a second is what the header cuts off
    middle = asked + (answered - asked) / 2
    offset_s = (middle - datetime.fromisoformat(page.served_at)).total_seconds() - 0.5
    return ClockReading(
        server=server.host,
        served_at=page.served_at,
        offset_s=round(offset_s, 1),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


CLOCK = Probe(
    name="clock",
    title=N_("Comparing the clock"),
    evidence=ClockEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.6,
    deadline_s=30.0,
    shares_line=True,
    gather=gather,
)
