"""How far a connection comes: name, TCP, proxy, TLS, each an attempt of its own."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Protocol, TypeVar

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.outcome import SILENCES, Attempt, Failure, FailureCode, HoldsAttempts
from natwizard.model.privacy import PublicText, QuotingText
from natwizard.probes.base import ProbeContext
from natwizard.probes.connection.handshake import TlsSession
from natwizard.probes.network import Endpoint

T = TypeVar("T")
R = TypeVar("R")
W = TypeVar("W", bound="HoldsReachability")

LOOKUP_TIMEOUT_S = 2.0
WITHOUT_A_WAY = {
    FailureCode.NETWORK_UNREACHABLE,
    FailureCode.NOT_SUPPORTED,
    FailureCode.MACHINE_BUSY,
}
FURTHER_ADDRESSES = 8
"""Of each family, of a name whose first ones are dead."""
SIGN_PORTS, SIGN_S = (80, 443, 5060), 3.0

OUT_OF_DATE = ("certificate has expired", "certificate is not yet valid")
"""OpenSSL's words (X509_verify_cert_error_string(3))."""

Looked = Attempt[tuple[Endpoint, ...]]


SMALL_SEGMENT_BYTES = 536
"""Every way carries these: IPv4 at least 576 bytes of IP (RFC 9293, 3.7.1), IPv6 1,280."""


class SegmentTrial(Struct, frozen=True, kw_only=True):
    """A step that fell silent, tried with small TCP segments, and then once more as before.

    Where only small ones come through, larger packets get lost, and nobody says so: a way whose
    MTU is smaller than that of its ends, without ICMP's "packet too big" (RFC 2923).

    Attributes:
        small: with SMALL_SEGMENT_BYTES at most, each way; NOT_SUPPORTED where this system cannot.
        ordinary: with the system's own size again (0); None where small ones fared no better.
    """

    small: Attempt[int]
    ordinary: Attempt[int] | None = None

    @property
    def large_are_lost(self) -> bool:
        """Whether size alone makes the difference. A server that was only late answers twice."""
        return self.small.ok and is_silent(self.ordinary)

    @property
    def could_not_be_made(self) -> bool:
        """Whether this system has no way to try."""
        failure = self.small.failure
        return failure is not None and failure.code is FailureCode.NOT_SUPPORTED


def is_silent(attempt: Attempt[object] | None) -> bool:
    """Whether nothing came in time."""
    return attempt is not None and attempt.failure is not None and attempt.failure.code in SILENCES


class Reachability(Struct, frozen=True, kw_only=True):
    """How far one connection to one address came.

    Attributes:
        family: "IPv4" or "IPv6", of the address that was connected to (a proxy's, if one is set).
        proxy: host:port of the proxy on the way, or empty.
        connects: every TCP try, in order; another one follows a certificate that failed.
        tls: the handshake verified against public roots; None where none was due.
        unverified_tls: after an untrusted certificate, a handshake that trusts anyone.
        segments: after a handshake that fell silent, whether the size of packets is why; None
            where that was not asked. `tls` is the last one with segments of the usual size.
    """

    family: PublicText
    proxy: QuotingText = ""
    connects: tuple[Attempt[Endpoint], ...]
    tunnel: Attempt[int] | None = None
    tls: Attempt[TlsSession] | None = None
    unverified_tls: Attempt[TlsSession] | None = None
    segments: SegmentTrial | None = None

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
    def out_of_date(self) -> bool:
        """Whether the certificate failed for its dates alone: OpenSSL looks at them last, once the
        chain leads to a public root (X509_verify_cert(3)), so that nobody on the way made it.
        """
        detail = self.tls.failure.detail if self.tls and self.tls.failure else ""
        return self.certificate_failed and any(words in detail for words in OUT_OF_DATE)

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
        later = (self.tunnel, self.tls, self.unverified_tls, *trial_attempts(self.segments))
        return (*self.connects, *(attempt for attempt in later if attempt is not None))


class HoldsReachability(Protocol):
    """What was seen at one address."""

    @property
    def reach(self) -> Reachability: ...


def trial_attempts(trial: SegmentTrial | None) -> tuple[Attempt[int], ...]:
    """Both of them, as far as they were made."""
    if trial is None:
        return ()
    return (trial.small,) if trial.ordinary is None else (trial.small, trial.ordinary)


def attempts_from(lookup: Looked, addresses: Iterable[HoldsAttempts]) -> Iterator[Attempt[object]]:
    """The name first, then address by address."""
    yield lookup
    for each in addresses:
        yield from each.attempts()


async def look_up(context: ProbeContext, target: HostPort) -> Looked:
    """Addresses of a target, as the system's resolver gives them."""
    return await context.attempt(
        "look_up", target, lambda: context.network.resolve(target, timeout_s=LOOKUP_TIMEOUT_S)
    )


def leads_nowhere(lookup: Looked) -> bool:
    """Whether a name has addresses, and none that anybody can be at (RFC 1122, 3.2.1.3 a)."""
    found = lookup.value or ()
    return bool(found) and all(
        ipaddress.ip_address(endpoint.address.partition("%")[0]).is_unspecified
        for endpoint in found
    )


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


async def signs_of_life(context: ProbeContext, address: str) -> tuple[Attempt[Endpoint], ...]:
    """Whether anything is at an address that is silent over UDP: by the ports that networks let
    out, and the one that the reflector takes SIP on. One that turns us away is there, too.
    """
    version = ipaddress.ip_address(address.partition("%")[0]).version
    family = socket.AF_INET6 if version == 6 else socket.AF_INET

    async def connect(port: int) -> Attempt[Endpoint]:
        place = Endpoint(family=family, address=address, port=port)

        async def work() -> Endpoint:
            (await context.network.connect_tcp(place, timeout_s=SIGN_S)).close()
            return place

        async with context.rate_limiter.flow():
            return await context.attempt("connect_tcp", place, work)

    return await side_by_side(connect(port) for port in SIGN_PORTS)


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


async def by_addresses(
    endpoints: tuple[Endpoint, ...],
    per_family: int,
    reach: Callable[[Endpoint], Coroutine[object, object, W]],
    reach_further: Callable[[Endpoint], Coroutine[object, object, W]] | None = None,
) -> tuple[W, ...]:
    """Reach the first addresses of each family side by side; where no connection to one of these
    came about, further ones of that family, too. Browsers go through all that a name has, so that
    a few dead servers of many close nothing.

    Args:
        reach_further: for the further ones, where it is done otherwise there.
    """
    first = spread(endpoints, per_family)
    reached = await side_by_side(reach(endpoint) for endpoint in first)
    settled = {
        endpoint.family
        for endpoint, each in zip(first, reached, strict=True)
        if each.reach.connected or _by_no_server(each.reach)
    }
    left = tuple(each for each in endpoints if each not in first and each.family not in settled)
    further = spread(left, FURTHER_ADDRESSES)
    return (*reached, *await side_by_side((reach_further or reach)(each) for each in further))


def _by_no_server(reach: Reachability) -> bool:
    """Whether this computer has no way to such an address, or no means: no other one would help."""
    return reach.failure is not None and reach.failure.code in WITHOUT_A_WAY


async def side_by_side(works: Iterable[Coroutine[object, object, T]]) -> tuple[T, ...]:
    """Results of works done at the same time, in the order given."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
    return tuple(task.result() for task in tasks)
