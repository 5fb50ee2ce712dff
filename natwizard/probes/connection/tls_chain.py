"""Which certificates servers present, and who on this computer trusts them."""

import asyncio
import dataclasses
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from natwizard.model.address import HostPort
from natwizard.model.language import N_
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.model.privacy import PublicText, QuotingText, ServerText
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.connection.handshake import Stream, TlsSession, session_of, start_tls
from natwizard.probes.connection.presented_chain import (
    Certificate,
    PublicAuthorities,
    presented_ders,
    read_chain,
    top_of,
)
from natwizard.probes.connection.public_roots import (
    limited_to,
    public_pem,
    trusting_anyone,
    trusting_public,
    trusting_system,
)
from natwizard.probes.connection.reachability import (
    Looked,
    Reachability,
    attempt_opening,
    look_up,
    side_by_side,
    spread,
)
from natwizard.probes.connection.trace import (
    STAGE_TIMEOUT_S,
    Budget,
    ConnectionPath,
    ConnectionTrace,
    choose_proxy,
    open_stream,
)
from natwizard.probes.connection.web_address import read_target
from natwizard.probes.failures import CannotGather
from natwizard.probes.network import Endpoint

HTTPS_PORT = 443
# Each takes up to seven connections an address: the first, two verifiers and four versions
HOSTS = 8
# TCP, proxy and handshake of one address may each be silent for 3 s (STAGE_TIMEOUT_S)
BUDGET_S = 9.5
HEAD_START_S = 1.0
"""After so much silence of one address the next is tried beside it, as browsers do (RFC 8305)."""
VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
OFFERS = {f"offer_tls_{name}": name for name in VERSIONS}


class Verified(Struct, frozen=True, kw_only=True):
    """What one verifier said of a chain.

    Attributes:
        trusted: whether the chain is good for this host, now.
        code: OpenSSL's X509_V_ERR number where OpenSSL was the verifier; 0 otherwise.
        reason: the verifier's own words; empty where it is trusted.
    """

    trusted: bool
    code: int = 0
    reason: QuotingText = ""


class PresentedChain(Struct, frozen=True, kw_only=True):
    """A handshake that trusted anyone, and the chain it was shown, leaf first.

    Attributes:
        issuer_is_public: whether an organisation of the name that the chain leads to, as far as it
            was presented, is a public authority, or has an intermediate of one.
        issuer_is_proven: whether a known public intermediate signed it, by its fingerprint or the
            identifier of its key: no name that anyone can write.
    """

    session: TlsSession
    certificates: tuple[Certificate, ...]
    issuer_is_public: bool
    issuer_is_proven: bool = False


class HostChain(Struct, frozen=True, kw_only=True):
    """One host.

    Attributes:
        control: from targets.tls_control: not the service's own.
        proxy: host:port of the system's proxy, which browsers would use; empty for the direct way.
        reach: the connection of the first handshake; None where no name led to an address.
        public: against public authorities and the profile's extra roots.
        system: against this computer's own store; only asked where `public` said no.
        accepts: whether handshakes limited to one version come about, 1.0 to 1.3 in order, each
            with an operation of `OFFERS`; none where no connection came about; not for controls.
    """

    target: ServerText
    control: bool = False
    proxy: QuotingText = ""
    lookup: Looked
    reach: Reachability | None = None
    presented: Attempt[PresentedChain] | None = None
    public: Attempt[Verified] | None = None
    system: Attempt[Verified] | None = None
    accepts: tuple[Attempt[TlsSession], ...] = ()

    def attempts(self) -> Iterator[Attempt[object]]:
        """All of them, in the order of their stages."""
        yield self.lookup
        if self.reach is not None:
            yield from self.reach.attempts()
        verified = (self.presented, self.public, self.system)
        yield from (attempt for attempt in verified if attempt is not None)
        yield from self.accepts


class ChainEvidence(Struct, frozen=True, kw_only=True):
    """Hosts of the service, then the controls; `judged_at` is the clock they were verified by."""

    hosts: tuple[HostChain, ...]
    judged_at: PublicText


async def gather(context: ProbeContext) -> ChainEvidence:
    """All hosts side by side; at most eight."""
    targets = context.targets
    require_target(targets.tls or targets.tls_control, "targets.tls")
    hosts = [
        (read_target(text, "targets.tls", default_port=HTTPS_PORT), False) for text in targets.tls
    ]
    hosts += [
        (read_target(text, "targets.tls_control", default_port=HTTPS_PORT), True)
        for text in targets.tls_control
    ]
    trust = trusting_public(targets.extra_roots)
    inspection = _Inspection(
        context=context,
        authorities=_authorities(targets.extra_roots),
        public=trust,
        at=datetime.now(UTC),
    )
    return ChainEvidence(
        hosts=await side_by_side(
            inspection.look_at(target, control=control) for target, control in hosts[:HOSTS]
        ),
        judged_at=inspection.at.isoformat(timespec="seconds"),
    )


def _authorities(extra_roots: tuple[str, ...]) -> PublicAuthorities:
    try:
        return PublicAuthorities(public_pem(extra_roots))
    except ValueError as error:
        detail = f"targets.extra_roots: {error}"
        raise CannotGather(
            Failure(code=FailureCode.BAD_ANSWER, operation="read_profile", detail=detail[:300])
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    endpoint: Endpoint
    way: ConnectionPath
    budget: Budget

    def trace(self, context: ProbeContext) -> ConnectionTrace:
        return ConnectionTrace(
            context=context, endpoint=self.endpoint, way=self.way, budget=self.budget
        )


class _Inspection:
    def __init__(
        self,
        *,
        context: ProbeContext,
        authorities: PublicAuthorities,
        public: ssl.SSLContext,
        at: datetime,
    ) -> None:
        self.at = at
        self._context = context
        self._authorities = authorities
        self._public = public

    async def look_at(self, target: HostPort, *, control: bool) -> HostChain:
        """By the way that browsers take: through the proxy, where the system has one."""
        proxy = (await choose_proxy(self._context, f"https://{target}/", target)).proxy
        way = ConnectionPath(
            target=target, trust=trusting_anyone(), proxy=proxy, tunnel=proxy is not None
        )
        lookup = await look_up(self._context, way.first_hop)
        nothing = HostChain(
            target=str(target),
            control=control,
            proxy=str(proxy) if proxy else "",
            lookup=lookup,
        )
        looks: list[asyncio.Task[HostChain]] = []
        async with asyncio.TaskGroup() as group:
            for endpoint in spread(lookup.value or (), 1):
                path = _Path(endpoint=endpoint, way=way, budget=Budget(BUDGET_S))
                looks.append(
                    group.create_task(self._look_from(path, nothing), name=f"look at {endpoint}")
                )
                await asyncio.wait(looks, timeout=HEAD_START_S, return_when=asyncio.FIRST_COMPLETED)
                if any(look.done() and look.result().presented is not None for look in looks):
                    break
        chains = [look.result() for look in looks]
        shown = (chain for chain in chains if chain.presented is not None)
        return next(shown, chains[0] if chains else nothing)

    async def _look_from(self, path: _Path, host: HostChain) -> HostChain:
        async with path.budget.place(self._context.rate_limiter):
            stream, reach = await open_stream(self._context, path.endpoint, path.way, path.budget)
            if stream is None:
                return replace(host, reach=reach)
            ders, presented = await self._read(stream, path.way.target)
        public, system = None, None
        if ders is not None:
            public = await self._ask_public(ders, path)
        if public is not None and not _trusted(public):
            system = await self._ask(trusting_system(), "verify_system", path)
        return replace(
            host,
            reach=reach,
            presented=presented,
            public=public,
            system=system,
            accepts=() if host.control else await self._try_versions(path),
        )

    async def _read(
        self, stream: Stream, target: HostPort
    ) -> tuple[tuple[bytes, ...] | None, Attempt[PresentedChain]]:
        async def work() -> tuple[tuple[bytes, ...], PresentedChain]:
            ders = presented_ders(stream.tls_object())
            certificates = read_chain(ders)
            return ders, PresentedChain(
                session=session_of(stream),
                certificates=certificates,
                issuer_is_public=self._authorities.knows(top_of(certificates).issuer_organization),
                issuer_is_proven=self._authorities.proves(certificates),
            )

        try:
            return await attempt_opening(self._context, "read_chain", target, work)
        finally:
            stream.close()

    async def _ask_public(self, ders: tuple[bytes, ...], path: _Path) -> Attempt[Verified]:
        """First offline; where that says no, OpenSSL decides, which is as lenient as browsers."""

        async def offline() -> Verified:
            reason = self._authorities.verify(ders, path.way.target.host, self.at)
            return Verified(trusted=not reason, reason=reason)

        verdict = await self._context.attempt("verify_public", path.way.target, offline)
        if _trusted(verdict):
            return verdict
        asked = await self._ask(self._public, "verify_public", path)
        return asked if asked.ok else verdict

    async def _ask(self, trust: ssl.SSLContext, operation: str, path: _Path) -> Attempt[Verified]:
        """Another handshake the same way, verified by the given context."""

        async def work() -> Verified:
            trace = path.trace(self._context)
            connection = await trace.dial()
            if connection is None:
                raise CannotGather(trace.failure())
            with path.budget.or_close(connection):
                timeout_s = path.budget.at_most(STAGE_TIMEOUT_S)
            try:
                stream = await start_tls(
                    connection, trust, path.way.target.host, timeout_s=timeout_s
                )
            except ssl.SSLCertVerificationError as error:
                return Verified(
                    trusted=False, code=error.verify_code, reason=error.verify_message or str(error)
                )
            stream.close()
            return Verified(trusted=True)

        async with path.budget.place(self._context.rate_limiter):
            return await self._context.attempt(operation, path.way.target, work)

    async def _try_versions(self, path: _Path) -> tuple[Attempt[TlsSession], ...]:
        async def shake(name: str) -> Attempt[TlsSession] | None:
            way = dataclasses.replace(path.way, trust=limited_to(VERSIONS[name]))
            async with path.budget.place(self._context.rate_limiter):
                stream, reach = await open_stream(self._context, path.endpoint, way, path.budget)
                if stream is not None:
                    stream.close()
            return reach.tls and replace(reach.tls, operation=f"offer_tls_{name}")

        tried = await side_by_side(shake(name) for name in VERSIONS)
        return tuple(attempt for attempt in tried if attempt is not None)


def _trusted(attempt: Attempt[Verified]) -> bool:
    return attempt.value is not None and attempt.value.trusted


TLS_CHAIN = Probe(
    name="tls_chain",
    title=N_("Reading certificates"),
    evidence=ChainEvidence,
    phase=Phase.REACHABILITY,
    typical_s=1.0,
    deadline_s=45.0,
    shares_line=True,
    gather=gather,
)
