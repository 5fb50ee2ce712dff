"""How far a connection comes: name, TCP, proxy, TLS, each an attempt of its own."""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec import Struct

from natwizard.model.address import HostPort, parse_host_port
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.probes.base import ProbeContext
from natwizard.probes.handshake import Stream, TlsSession, session_of, start_plain, start_tls
from natwizard.probes.network import Endpoint
from natwizard.probes.public_roots import trusting_anyone
from natwizard.probes.tunnel import open_tunnel

T = TypeVar("T")
R = TypeVar("R")

LOOKUP_TIMEOUT_S = 2.0
STAGE_TIMEOUT_S = 3.0
PROXY_SETTINGS_TIMEOUT_S = 2.0
SHORTEST_TIMEOUT_S = 0.05

Looked = Attempt[tuple[Endpoint, ...]]


class Reach(Struct, frozen=True, kw_only=True):
    """How far one connection to one address came.

    Attributes:
        family: "IPv4" or "IPv6", of the address that was connected to (a proxy's, if one is set).
        proxy: host:port of the proxy on the way, or empty.
        connects: every TCP try, in order; another one follows a certificate that failed.
        tls: the handshake verified against public roots; None where none was due.
        unverified_tls: after an untrusted certificate, a handshake that trusts anyone.
    """

    family: str
    proxy: str = ""
    connects: tuple[Attempt[Endpoint], ...]
    tunnel: Attempt[int] | None = None
    tls: Attempt[TlsSession] | None = None
    unverified_tls: Attempt[TlsSession] | None = None

    @property
    def connected(self) -> bool:
        """Whether any TCP try came through."""
        return any(attempt.ok for attempt in self.connects)

    @property
    def certificate_failed(self) -> bool:
        """Whether the handshake failed for the certificate alone."""
        return (
            self.tls is not None
            and self.tls.failure is not None
            and self.tls.failure.code is FailureCode.CERTIFICATE_UNTRUSTED
        )

    @property
    def failure(self) -> Failure | None:
        """What ended it; None where a stream came about, verified or not."""
        if not self.connected:
            return self.connects[-1].failure
        if self.tunnel is not None and self.tunnel.failure is not None:
            return self.tunnel.failure
        if self.certificate_failed:
            if self.unverified_tls is not None:
                return self.unverified_tls.failure
            return self.connects[-1].failure
        return self.tls.failure if self.tls is not None else None

    def attempts(self) -> tuple[Attempt[object], ...]:
        """All of them, in the order of their stages."""
        later = (self.tunnel, self.tls, self.unverified_tls)
        return (*self.connects, *(attempt for attempt in later if attempt is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to get to a target.

    Attributes:
        target: whom TLS and a proxy are asked for.
        trust: whom TLS trusts; None for a plain connection.
        proxy: connect to this one instead, and
        tunnel: ask it to CONNECT to the target.
        tries: TCP tries; only silence is tried again.
    """

    target: HostPort
    trust: ssl.SSLContext | None = None
    proxy: HostPort | None = None
    tunnel: bool = False
    tries: int = 1

    @property
    def first_hop(self) -> HostPort:
        """Whom the socket connects to."""
        return self.proxy or self.target


class Budget:
    """Time that a probe shares out to its stages, so that silence everywhere still ends in time."""

    def __init__(self, total_s: float) -> None:
        self._ends = time.monotonic() + total_s

    def at_most(self, timeout_s: float) -> float:
        """This much, or what is left."""
        return max(SHORTEST_TIMEOUT_S, min(timeout_s, self._ends - time.monotonic()))


async def look_up(context: ProbeContext, target: HostPort) -> Looked:
    """Addresses of a target, as the system's resolver gives them."""
    return await context.attempt(
        "look_up", target, lambda: context.network.resolve(target, timeout_s=LOOKUP_TIMEOUT_S)
    )


async def find_proxy(context: ProbeContext, url: str) -> HostPort | None:
    """The system's proxy for a URL; None where there is none or its settings give no answer."""
    try:
        text = await context.network.find_proxy(url, timeout_s=PROXY_SETTINGS_TIMEOUT_S)
        return parse_host_port(text.removeprefix("http://"), default_port=80) if text else None
    except (TimeoutError, ValueError) as error:
        context.log.append(f"proxy settings for {url}: {type(error).__name__} {error}")
        return None


def spread(endpoints: tuple[Endpoint, ...], per_family: int) -> tuple[Endpoint, ...]:
    """The first addresses of each family."""
    families = (socket.AF_INET, socket.AF_INET6)
    chosen = {
        endpoint
        for family in families
        for endpoint in [e for e in endpoints if e.family == family][:per_family]
    }
    return tuple(endpoint for endpoint in endpoints if endpoint in chosen)


def family_name(endpoint: Endpoint) -> str:
    """As people call it."""
    return "IPv6" if endpoint.family == socket.AF_INET6 else "IPv4"


async def attempt_opening(
    context: ProbeContext,
    operation: str,
    target: object,
    work: Callable[[], Awaitable[tuple[R, T]]],
) -> tuple[R | None, Attempt[T]]:
    """As `ProbeContext.attempt`, for work that brings something live along with its value."""
    live: list[R] = []

    async def keep_live() -> T:
        opened, value = await work()
        live.append(opened)
        return value

    attempt = await context.attempt(operation, target, keep_live)
    return (live[0] if live else None), attempt


async def open_stream(
    context: ProbeContext, endpoint: Endpoint, way: Way, budget: Budget
) -> tuple[Stream | None, Reach]:
    """Go as far as it goes to one address. The caller closes the stream."""
    journey = _Journey(context=context, endpoint=endpoint, way=way, budget=budget)
    stream = await journey.go()
    return stream, Reach(
        family=family_name(endpoint),
        proxy=str(way.proxy) if way.proxy else "",
        connects=tuple(journey.connects),
        tunnel=journey.tunnel,
        tls=journey.tls,
        unverified_tls=journey.unverified_tls,
    )


@dataclass(slots=True, kw_only=True)
class _Journey:
    context: ProbeContext
    endpoint: Endpoint
    way: Way
    budget: Budget
    connects: list[Attempt[Endpoint]] = field(default_factory=list)
    tunnel: Attempt[int] | None = None
    tls: Attempt[TlsSession] | None = None
    unverified_tls: Attempt[TlsSession] | None = None

    async def go(self) -> Stream | None:
        connection = await self._connect(self.way.tries)
        if connection is None:
            return None
        if self.way.trust is None:
            return await start_plain(connection)
        stream, self.tls = await self._shake_hands(connection, self.way.trust)
        if not _untrusted(self.tls):
            return stream
        connection = await self._connect(1)
        if connection is None:
            return None
        stream, self.unverified_tls = await self._shake_hands(connection, trusting_anyone())
        return stream

    async def _connect(self, tries: int) -> socket.socket | None:
        for _number in range(tries):
            connection = await self._connect_tcp()
            if connection is not None:
                return await self._through_proxy(connection)
            last = self.connects[-1].failure
            if last is None or last.code is not FailureCode.TIMED_OUT:
                return None
        return None

    async def _connect_tcp(self) -> socket.socket | None:
        async def work() -> tuple[socket.socket, Endpoint]:
            timeout_s = self.budget.at_most(STAGE_TIMEOUT_S)
            opened = await self.context.network.connect_tcp(self.endpoint, timeout_s=timeout_s)
            return opened, self.endpoint

        async with self.context.pace.flow():
            connection, attempt = await attempt_opening(
                self.context, "connect_tcp", self.endpoint, work
            )
        self.connects.append(attempt)
        return connection

    async def _through_proxy(self, connection: socket.socket) -> socket.socket | None:
        if not self.way.tunnel:
            return connection
        try:
            self.tunnel = await self.context.attempt(
                "open_tunnel",
                self.way.target,
                lambda: open_tunnel(
                    connection,
                    self.way.target,
                    timeout_s=self.budget.at_most(STAGE_TIMEOUT_S),
                ),
            )
        except BaseException:
            connection.close()
            raise
        if self.tunnel.ok:
            return connection
        connection.close()
        return None

    async def _shake_hands(
        self, connection: socket.socket, trust: ssl.SSLContext
    ) -> tuple[Stream | None, Attempt[TlsSession]]:
        async def work() -> tuple[Stream, TlsSession]:
            stream = await start_tls(
                connection,
                trust,
                self.way.target.host,
                timeout_s=self.budget.at_most(STAGE_TIMEOUT_S),
            )
            return stream, session_of(stream)

        return await attempt_opening(self.context, "start_tls", self.way.target, work)


def _untrusted(attempt: Attempt[TlsSession]) -> bool:
    return attempt.failure is not None and attempt.failure.code is FailureCode.CERTIFICATE_UNTRUSTED


async def side_by_side(works: Iterable[Coroutine[object, object, T]]) -> tuple[T, ...]:
    """Results of works done at the same time, in the order given."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
    return tuple(task.result() for task in tasks)
