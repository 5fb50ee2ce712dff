"""Whether the webphone's TCP port leaves this network, asked of a stranger's server.

For computers that nobody told the webphone's address. A witness on the same host, on a port that
networks let out, tells a server that sleeps from a firewall.
"""

from collections.abc import Iterator

from msgspec import Struct

from natwizard.model.address import parse_host_port
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt
from natwizard.model.profile import PublicUse
from natwizard.probes.base import Phase, Probe, ProbeContext
from natwizard.probes.connection.reachability import side_by_side
from natwizard.probes.connection.web_address import WebAddress
from natwizard.probes.web import PageTry, fetch_by_all_ways


class PublicPortEvidence(Struct, frozen=True, kw_only=True):
    """A page on the webphone's port, and one of the same host as witness.

    Attributes:
        port: the TCP port that was tried; 0 where nobody was asked.
        pages, witness: the direct way, then through the proxy where one is set; both are empty
            where a webphone is set, or public servers are switched off.
    """

    port: int = 0
    pages: tuple[PageTry, ...] = ()
    witness: tuple[PageTry, ...] = ()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them, the page first."""
        for each in (*self.pages, *self.witness):
            yield from each.attempts()


async def gather(context: ProbeContext) -> PublicPortEvidence:
    """Ask the first public server for this use, and its witness at the same time."""
    servers = context.public_for(PublicUse.WEBPHONE_PORT)
    if context.targets.webphone or not servers:
        return PublicPortEvidence()
    server = servers[0]
    page, witness = (
        WebAddress(scheme="http", target=parse_host_port(text), resource="/")
        for text in (server.address, server.witness or server.address)
    )
    (pages, _choice), (witnesses, _witness_choice) = await side_by_side(
        (
            fetch_by_all_ways(context, page, server.expect, None, tunnel=True),
            fetch_by_all_ways(context, witness, "", None, tunnel=True),
        )
    )
    return PublicPortEvidence(port=page.target.port, pages=pages, witness=witnesses)


PUBLIC_PORT = Probe(
    name="public_port",
    title=N_("Asking whether the webphone's port leaves this network"),
    evidence=PublicPortEvidence,
    phase=Phase.REACHABILITY,
    typical_s=0.8,
    deadline_s=20.0,
    shares_line=True,
    gather=gather,
)
