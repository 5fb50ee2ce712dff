"""Which certificates servers present, and who on this computer trusts them."""

import ssl
from datetime import UTC, datetime

from msgspec import Struct

from natwizard.model.address import HostPort
from natwizard.model.outcome import Attempt, Failure, FailureCode
from natwizard.probes.base import Phase, Probe, ProbeContext, require_target
from natwizard.probes.failures import CannotGather
from natwizard.probes.handshake import Stream, TlsSession, session_of, start_tls
from natwizard.probes.network import Endpoint
from natwizard.probes.presented_chain import (
    Certificate,
    PublicAuthorities,
    presented_ders,
    read_chain,
)
from natwizard.probes.public_roots import (
    limited_to,
    public_pem,
    trusting_anyone,
    trusting_public,
    trusting_system,
)
from natwizard.probes.reach import (
    STAGE_TIMEOUT_S,
    Budget,
    Looked,
    Reach,
    Way,
    attempt_opening,
    look_up,
    open_stream,
    side_by_side,
    spread,
)
from natwizard.probes.targets import read_target

HTTPS_PORT = 443
HOSTS = 8
BUDGET_S = 11.0
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class Verified(Struct, frozen=True, kw_only=True):
    """What one verifier said of a chain.

    Attributes:
        trusted: whether the chain is good for this host, now.
        code: OpenSSL's X509_V_ERR number where OpenSSL was the verifier; 0 otherwise.
        reason: the verifier's own words; empty where it is trusted.
    """

    trusted: bool
    code: int = 0
    reason: str = ""


class Presented(Struct, frozen=True, kw_only=True):
    """A handshake that trusted anyone, and the chain it was shown, leaf first.

    Attributes:
        issuer_is_public: whether an organisation of the leaf issuer's name is a public authority.
    """

    session: TlsSession
    certificates: tuple[Certificate, ...]
    issuer_is_public: bool


class HostChain(Struct, frozen=True, kw_only=True):
    """One host.

    Attributes:
        control: from targets.tls_control: not the service's own.
        reach: the connection of the first handshake; None where no name led to an address.
        public: against public authorities and the profile's extra roots.
        system: against this computer's own store; only asked where `public` said no.
        accepts: whether handshakes limited to one version come about, 1.2 then 1.3; not for
            controls.
    """

    target: str
    control: bool = False
    lookup: Looked
    reach: Reach | None = None
    presented: Attempt[Presented] | None = None
    public: Attempt[Verified] | None = None
    system: Attempt[Verified] | None = None
    accepts: tuple[Attempt[TlsSession], ...] = ()


class ChainEvidence(Struct, frozen=True, kw_only=True):
    """Hosts of the service, then the controls; `judged_at` is the clock they were verified by."""

    hosts: tuple[HostChain, ...]
    judged_at: str


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
        budget=Budget(BUDGET_S),
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


class _Inspection:
    def __init__(
        self,
        *,
        context: ProbeContext,
        authorities: PublicAuthorities,
        public: ssl.SSLContext,
        at: datetime,
        budget: Budget,
    ) -> None:
        self.at = at
        self._context = context
        self._authorities = authorities
        self._public = public
        self._budget = budget

    async def look_at(self, target: HostPort, *, control: bool) -> HostChain:
        lookup = await look_up(self._context, target)
        endpoints = spread(lookup.value or (), 1)
        if not endpoints:
            return HostChain(target=str(target), control=control, lookup=lookup)
        looked = [await self._look_from(target, endpoints[0], lookup, control=control)]
        for endpoint in endpoints[1:]:
            if looked[-1].presented is not None:
                break
            looked.append(await self._look_from(target, endpoint, lookup, control=control))
        return looked[-1] if looked[-1].presented is not None else looked[0]

    async def _look_from(
        self, target: HostPort, endpoint: Endpoint, lookup: Looked, *, control: bool
    ) -> HostChain:
        way = Way(target=target, trust=trusting_anyone())
        stream, reach = await open_stream(self._context, endpoint, way, self._budget)
        if stream is None:
            return HostChain(target=str(target), control=control, lookup=lookup, reach=reach)
        ders, presented = await self._read(stream, target)
        public, system = None, None
        if presented.ok and ders is not None:
            public = await self._ask_public(ders, target, endpoint)
        if public is not None and not _trusted(public):
            system = await self._ask(trusting_system(), "verify_system", target, endpoint)
        return HostChain(
            target=str(target),
            control=control,
            lookup=lookup,
            reach=reach,
            presented=presented,
            public=public,
            system=system,
            accepts=() if control else await self._try_versions(target, endpoint),
        )

    async def _read(
        self, stream: Stream, target: HostPort
    ) -> tuple[tuple[bytes, ...] | None, Attempt[Presented]]:
        async def work() -> tuple[tuple[bytes, ...], Presented]:
            ders = presented_ders(stream.tls_object())
            certificates = read_chain(ders)
            return ders, Presented(
                session=session_of(stream),
                certificates=certificates,
                issuer_is_public=self._authorities.knows(certificates[0].issuer_organization),
            )

        try:
            return await attempt_opening(self._context, "read_chain", target, work)
        finally:
            stream.close()

    async def _ask_public(
        self, ders: tuple[bytes, ...], target: HostPort, endpoint: Endpoint
    ) -> Attempt[Verified]:
        """First offline; where that says no, OpenSSL decides, which is as lenient as browsers."""

        async def offline() -> Verified:
            reason = self._authorities.verify(ders, target.host, self.at)
            return Verified(trusted=not reason, reason=reason)

        verdict = await self._context.attempt("verify_public", target, offline)
        if _trusted(verdict):
            return verdict
        asked = await self._ask(self._public, "verify_public", target, endpoint)
        return asked if asked.ok else verdict

    async def _ask(
        self, trust: ssl.SSLContext, operation: str, target: HostPort, endpoint: Endpoint
    ) -> Attempt[Verified]:
        """Another handshake, verified by the given context."""

        async def work() -> Verified:
            connection = await self._context.network.connect_tcp(
                endpoint, timeout_s=self._budget.at_most(STAGE_TIMEOUT_S)
            )
            try:
                stream = await start_tls(
                    connection, trust, target.host, timeout_s=self._budget.at_most(STAGE_TIMEOUT_S)
                )
            except ssl.SSLCertVerificationError as error:
                return Verified(
                    trusted=False, code=error.verify_code, reason=error.verify_message or str(error)
                )
            stream.close()
            return Verified(trusted=True)

        async with self._context.pace.flow():
            return await self._context.attempt(operation, target, work)

    async def _try_versions(
        self, target: HostPort, endpoint: Endpoint
    ) -> tuple[Attempt[TlsSession], ...]:
        async def shake(version: ssl.TLSVersion) -> Attempt[TlsSession] | None:
            way = Way(target=target, trust=limited_to(version))
            stream, reach = await open_stream(self._context, endpoint, way, self._budget)
            if stream is not None:
                stream.close()
            return reach.tls

        tried = await side_by_side(shake(version) for version in VERSIONS)
        return tuple(attempt for attempt in tried if attempt is not None)


def _trusted(attempt: Attempt[Verified]) -> bool:
    return attempt.value is not None and attempt.value.trusted


TLS_CHAIN = Probe(
    name="tls_chain",
    title="Reading certificates",
    evidence=ChainEvidence,
    phase=Phase.REACHABILITY,
    typical_s=1.0,
    deadline_s=13.0,
    gather=gather,
)
