"""A context for one probe alone, and a network that only knows routes."""

import socket
import time
from collections.abc import Mapping

from natwizard.model.address import HostPort
from natwizard.model.finding import ChartColumn
from natwizard.model.profile import Answers, Feeds, Targets
from natwizard.probes.base import ProbeContext
from natwizard.probes.host import Host
from natwizard.probes.network import Endpoint, Network, ProxyList, Route
from natwizard.probes.rate_limiter import RateLimiter


def make_context(
    host: Host,
    network: Network,
    *,
    targets: Targets | None = None,
    feeds: Feeds | None = None,
) -> ProbeContext:
    """What a run would hand to a probe."""

    def progress(fraction: float, text: str, columns: tuple[ChartColumn, ...] = ()) -> None:
        pass

    return ProbeContext(
        targets=targets or Targets(),
        feeds=feeds or Feeds(),
        answers=Answers(),
        network=network,
        host=host,
        rate_limiter=RateLimiter(),
        progress=progress,
        run_started=time.perf_counter(),
    )


class RoutesOnly:
    """Names and routes out of two tables; an address without a row takes the default route.

    It stands for a routing table that no test may touch; sockets it has none.
    """

    def __init__(
        self,
        default: str,
        *,
        routes: Mapping[str, str] = {},
        names: Mapping[str, str] = {},
    ) -> None:
        self._default = default
        self._routes = routes
        self._names = names

    async def resolve(self, target: HostPort, *, timeout_s: float) -> tuple[Endpoint, ...]:  # noqa: ARG002
        try:
            address = self._names.get(target.host, target.host)
            socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
        except OSError:
            raise socket.gaierror(socket.EAI_NONAME, "no such name") from None
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return (Endpoint(family=family, address=address, port=target.port),)

    async def find_proxies(self, url: str, *, timeout_s: float) -> ProxyList:  # noqa: ARG002
        return ProxyList()

    def route_to(self, endpoint: Endpoint) -> Route | None:
        interface = self._routes.get(endpoint.address, self._default)
        return Route(local_address="192.0.2.9", interface=interface) if interface else None
