"""Run as a program: every probe of this family once, side by side; prints how long each took."""

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.reach_lab import lab_context

from natwizard.model.profile import Targets
from natwizard.probes.base import Probe, ProbeContext
from natwizard.probes.connection.tls_chain import TLS_CHAIN
from natwizard.probes.dns_servers import DNS_SERVERS
from natwizard.probes.failures import CannotGather
from natwizard.probes.service_addresses import SERVICE_ADDRESSES
from natwizard.probes.tls_floor import TLS_FLOOR
from natwizard.probes.web import WEB
from natwizard.probes.webphone import WEBPHONE
from natwizard.probes.websocket import WEBSOCKET

PROBES: tuple[Probe[object], ...] = (
    WEB,
    WEBPHONE,
    WEBSOCKET,
    TLS_CHAIN,
    TLS_FLOOR,
    DNS_SERVERS,
    SERVICE_ADDRESSES,
)


def targets_on(host: str) -> Targets:
    """Everything on one host, at the usual ports."""
    return Targets(
        webphone=host,
        webphone_control=f"{host}:10062",
        http=f"http://{host}/",
        https=f"https://{host}/",
        websocket=(f"ws://{host}/", f"wss://{host}/"),
        tls=(f"{host}:443",),
        tls_control=(f"{host}:444",),
        tls_floor=host,
        resolvers=("192.0.2.1", "192.0.2.2"),
        resolver_control="192.0.2.3:53",
    )


async def timed(probe: Probe[object], context: ProbeContext) -> tuple[str, float]:
    started = time.perf_counter()
    try:
        await probe.gather(context)
    except CannotGather as missed:
        context.log.append(str(missed))
    return probe.name, time.perf_counter() - started


async def main(host: str) -> dict[str, float]:
    context = lab_context(targets_on(host))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(timed(probe, context)) for probe in PROBES]
    return dict(task.result() for task in tasks)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))  # noqa: T201 - this is its answer
