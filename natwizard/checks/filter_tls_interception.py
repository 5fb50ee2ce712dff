"""filter.tls_interception: does something between here and the service open encrypted traffic?"""

from collections.abc import Mapping, Sequence
from enum import IntEnum, StrEnum
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from natwizard.assets import asset
from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.browser_texts import day
from natwizard.checks.shared.connection_outcome import ending_of, ending_words
from natwizard.checks.shared.number_format import DOT, tried_by
from natwizard.checks.verdict import VerdictTable, failed, passed, unknown, warned
from natwizard.model.address import is_literal, parse_host_port
from natwizard.model.finding import Detail, Judgement, Owner, Page
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled, moment_words
from natwizard.probes.connection.reachability import Reachability
from natwizard.probes.connection.tls_chain import (
    HTTPS_PORT,
    OFFERS,
    TLS_CHAIN,
    HostChain,
    PresentedChain,
)


class InspectionPlace(StrEnum):
    """Where a product sits: on this computer, or on the way."""

    ANTIVIRUS = "antivirus"
    GATEWAY = "gateway"


class InspectionProduct(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product that opens encrypted traffic.

    Attributes:
        issuers: parts of the issuer's name, in any case.
        source: where that issuer is known from.
    """

    name: str
    kind: InspectionPlace
    issuers: tuple[str, ...]
    source: str


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    product: tuple[InspectionProduct, ...]


@cache
def products() -> tuple[InspectionProduct, ...]:
    """All that are known, in the order they are looked for."""
    return msgspec.toml.decode(asset("tls-inspectors.toml").read_bytes(), type=_File).product


def product_of(issuer: str) -> InspectionProduct | None:
    """The product that issues certificates under this name, or None."""
    lowered = issuer.lower()
    return next(
        (
            product
            for product in products()
            if any(pattern.lower() in lowered for pattern in product.issuers)
        ),
        None,
    )


# OpenSSL's numbers (x509_vfy.h)
NOT_YET_VALID, EXPIRED = 9, 10
SELF_SIGNED = 18
# Issuer not in the store, and a first certificate that nothing vouches for: a missing intermediate
# gives either
NO_ISSUER = {20, 21}
WRONG_NAME, WRONG_ADDRESS = 62, 64


class ChainTrust(IntEnum):
    """Who vouches for a host; where hosts differ, the highest is told."""

    PUBLIC = 0
    UNSEEN = 1
    INCOMPLETE = 2
    EXPIRED = 3
    WRONG_NAME = 4
    CUT = 5
    SELF_SIGNED = 6
    UNKNOWN_AUTHORITY = 7
    PRIVATE_STORE_ONLY = 8


FOREIGN = {ChainTrust.SELF_SIGNED, ChainTrust.UNKNOWN_AUTHORITY, ChainTrust.PRIVATE_STORE_ONLY}
CUT_CODES = {FailureCode.CONNECTION_RESET, FailureCode.CLOSED_EARLY, FailureCode.TLS_FAILED}


class JudgedHost(Struct, frozen=True, kw_only=True):
    """One host and who vouches for it."""

    host: HostChain
    trust: ChainTrust

    @property
    def issuer(self) -> str:
        """Of the leaf; empty where none was shown."""
        presented = self.host.presented
        if presented is None or presented.value is None:
            return ""
        return presented.value.certificates[0].issuer

    @property
    def product(self) -> InspectionProduct | None:
        """Whose certificate it is, where that is known; names of the whole chain count."""
        presented = self.host.presented
        if self.trust not in FOREIGN or presented is None or presented.value is None:
            return None
        issuers = (certificate.issuer for certificate in presented.value.certificates)
        return next((found for found in map(product_of, issuers) if found), None)


def _is_cut(reach: Reachability) -> bool:
    """Whether the connection broke as encryption began: what a proxy refuses had not begun to."""
    in_tunnel = reach.tunnel is None or reach.tunnel.ok
    failure = reach.failure
    return reach.connected and in_tunnel and failure is not None and failure.code in CUT_CODES


def trust_of(host: HostChain) -> ChainTrust:
    """Who vouches for a host's certificate."""
    if host.presented is None or host.presented.value is None or host.public is None:
        cut = host.reach is not None and _is_cut(host.reach)
        return ChainTrust.CUT if cut else ChainTrust.UNSEEN
    public = host.public.value
    if public is None:
        return ChainTrust.UNSEEN
    if public.trusted:
        return ChainTrust.PUBLIC
    if host.system is not None and host.system.value is not None and host.system.value.trusted:
        # Windows and macOS fetch a missing intermediate themselves, and then trust the chain
        left_out = public.code in NO_ISSUER and _is_of_a_public_authority(host.presented.value)
        return ChainTrust.INCOMPLETE if left_out else ChainTrust.PRIVATE_STORE_ONLY
    leaf = host.presented.value.certificates[0]
    if public.code in {NOT_YET_VALID, EXPIRED}:
        return ChainTrust.EXPIRED
    if public.code in {WRONG_NAME, WRONG_ADDRESS}:
        return ChainTrust.WRONG_NAME
    if public.code == SELF_SIGNED or leaf.self_issued:
        return ChainTrust.SELF_SIGNED
    return (
        ChainTrust.INCOMPLETE
        if _is_of_a_public_authority(host.presented.value)
        else ChainTrust.UNKNOWN_AUTHORITY
    )


EXEMPT_REQUEST = N_(
    "Please exempt {host} from TLS inspection. The certificate shown here was issued by: {issuer}."
)
# it is not inspection, so an exemption would not help
ASK_WHO = N_("Ask what answers for the service's name.")
ASK_WHO_REQUEST = N_(
    "Please look what answers for {host}. The certificate shown here is {wrong}; it was issued "
    "by: {issuer}."
)
SET_HOSTS = N_("Set `targets.tls` to the service's hosts, then run again.")


class FilterKind(VerdictTable):
    """What stands between here and the service."""

    CLEAN = passed(N_("Nothing opens your encrypted traffic to the service."))
    UNSEEN = unknown(
        N_("We could not see who vouches for the service."),
        N_("Fix the connection first; this follows from it."),
        owner=Owner.AGENT,
    )
    SERVICE_SILENT = unknown(
        N_("The service's server does not answer, while other sites do."),
        N_("Ask the service's support whether {host} is down."),
        owner=Owner.HELPDESK,
    )
    SERVICE_FAILS = unknown(
        N_("The service's encryption fails, while other sites work."),
        N_("Ask the service's support to look at {host}."),
        owner=Owner.HELPDESK,
    )
    SERVICE_WANTS_CERTIFICATE = unknown(
        N_("The service's server wants a proof of identity from this computer."),
        N_("Ask the service's support whether {host} is the right server."),
        owner=Owner.HELPDESK,
    )
    CUT = failed(
        N_("Something cuts connections as encryption begins."),
        N_("Ask to exempt the service from deep inspection."),
        EXEMPT_REQUEST,
    )
    INCOMPLETE = warned(
        N_("The service's server leaves out part of its proof of identity."),
        N_("Tell the service: an intermediate certificate is missing."),
        owner=Owner.HELPDESK,
    )
    EXPIRED = failed(
        N_("The service's proof of identity is out of date."),
        N_("Check this computer's date; if it is right, tell the service."),
        owner=Owner.HELPDESK,
    )
    ALL_EXPIRED = failed(
        N_("Secure sites look out of date: is this computer's clock right?"),
        N_("Set the date and time, then run again."),
    )
    WRONG_NAME = failed(
        N_("Another server answers in the service's place."), ASK_WHO, ASK_WHO_REQUEST
    )
    SELF_SIGNED = failed(
        N_("A server that vouches for itself answers in the service's place."),
        ASK_WHO,
        ASK_WHO_REQUEST,
    )
    OPENED_HERE = failed(
        N_("A security program on this computer opens your encrypted traffic."),
        N_("Switch off HTTPS scanning for the service."),
        owner=Owner.HELPDESK,
    )
    """By a program on this computer."""
    OPENED = failed(
        N_("A web filter opens your encrypted traffic."),
        N_("Exempt the service's domains from TLS inspection."),
        EXEMPT_REQUEST,
    )
    OTHERS_CLEAN = passed(N_("No web filter opens your encrypted traffic."))
    """No host of the service is set: other sites are all there is, here and below."""
    OTHERS_OPENED = warned(
        N_("A web filter opens encrypted traffic; the service's too?"),
        SET_HOSTS,
        owner=Owner.HELPDESK,
    )
    OTHERS_UNSEEN = unknown(
        N_("Whether a filter opens your traffic could not be seen."),
        SET_HOSTS,
        owner=Owner.HELPDESK,
    )


BY_TRUST: Final[Mapping[ChainTrust, FilterKind]] = {
    ChainTrust.PUBLIC: FilterKind.CLEAN,
    ChainTrust.UNSEEN: FilterKind.UNSEEN,
    ChainTrust.CUT: FilterKind.CUT,
    ChainTrust.INCOMPLETE: FilterKind.INCOMPLETE,
    ChainTrust.EXPIRED: FilterKind.EXPIRED,
    ChainTrust.WRONG_NAME: FilterKind.WRONG_NAME,
}
TRUST_WORDS: Final[Mapping[ChainTrust, str]] = {
    ChainTrust.PUBLIC: N_("public"),
    ChainTrust.UNSEEN: N_("not seen"),
    ChainTrust.INCOMPLETE: N_("incomplete"),
    ChainTrust.EXPIRED: N_("out of date"),
    ChainTrust.WRONG_NAME: N_("for another name"),
    ChainTrust.CUT: N_("cut off"),
    ChainTrust.SELF_SIGNED: N_("signed by itself"),
    ChainTrust.UNKNOWN_AUTHORITY: N_("known to nobody"),
    ChainTrust.PRIVATE_STORE_ONLY: N_("known to this computer only"),
}
# what is wrong with a certificate that no filter made
NOT_INSPECTION: Final[Mapping[ChainTrust, str]] = {
    ChainTrust.INCOMPLETE: N_(
        "a public authority issued it; the server leaves out what leads there"
    ),
    ChainTrust.EXPIRED: N_("a public authority vouches for it; only its dates are wrong"),
    ChainTrust.WRONG_NAME: N_("a public authority vouches for it, but for another name"),
    ChainTrust.SELF_SIGNED: N_("filters sign with an authority of their own; this signs itself"),
}


class ChainFacts(Struct, frozen=True, kw_only=True):
    """The worst trust of the service's hosts, and how many other sites show a public one."""

    trust: ChainTrust
    controls: int
    controls_public: int


def _is_of_a_public_authority(presented: PresentedChain) -> bool:
    """By proof, or by a name that no product is known to write."""
    if presented.issuer_is_proven:
        return True
    issuers = (certificate.issuer for certificate in presented.certificates)
    return presented.issuer_is_public and not any(map(product_of, issuers))


def _judged(hosts: Sequence[HostChain]) -> list[JudgedHost]:
    """Each host by itself, then those together whose issuer only has a public authority's name.

    Servers of different owners do not leave out the same intermediate: one who signs for all of
    them stands on the way.
    """
    seen = [JudgedHost(host=host, trust=trust_of(host)) for host in hosts]
    doubtful = [
        each for each in seen if each.trust is ChainTrust.INCOMPLETE and not _is_proven(each.host)
    ]
    return [
        replace(each, trust=ChainTrust.UNKNOWN_AUTHORITY)
        if each in doubtful
        and any(each.issuer == other.issuer and _unrelated(each, other) for other in doubtful)
        else each
        for each in seen
    ]


def _is_proven(host: HostChain) -> bool:
    presented = host.presented.value if host.presented is not None else None
    return presented is not None and presented.issuer_is_proven


def _unrelated(one: JudgedHost, other: JudgedHost) -> bool:
    """Of two owners, as far as names tell: addresses of one list may be one owner's."""
    here, there = (parse_host_port(each.host.target).host.lower() for each in (one, other))
    if is_literal(here) or is_literal(there):
        return one.host.control != other.host.control
    return here.split(".")[-2:] != there.split(".")[-2:]


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """Every host of the service has to show a public certificate; controls only compare."""
    evidence = inputs.evidence(TLS_CHAIN)
    seen = _judged(evidence.hosts)
    service = [each for each in seen if not each.host.control]
    controls = [each for each in seen if each.host.control]
    worst = max(service or controls, key=lambda each: each.trust)
    controls_public = sum(each.trust is ChainTrust.PUBLIC for each in controls)
    kind = _kind(worst, controls) if service else _kind_by_controls(worst)
    return kind.verdict.judgement(
        texts={
            "host": worst.host.target,
            "issuer": worst.issuer or _("nobody; the connection was cut"),
            "wrong": _(TRUST_WORDS[worst.trust]),
        },
        observed=_observed(worst, service or controls, only_controls=not service),
        expected=_("a certificate by a public authority"),
        measured=(
            Quantity(name="hosts", value=len(service), unit=Unit.COUNT),
            Quantity(
                name="public",
                value=sum(e.trust is ChainTrust.PUBLIC for e in service),
                unit=Unit.COUNT,
            ),
            Quantity(name="controls", value=len(controls), unit=Unit.COUNT),
            Quantity(name="controls_public", value=controls_public, unit=Unit.COUNT),
            Quantity(name="trust", value=worst.trust.name.lower(), unit=Unit.TEXT),
        ),
        details=_details(seen, evidence.judged_at),
        tried=tried_by(evidence.hosts),
        facts=ChainFacts(
            trust=worst.trust, controls=len(controls), controls_public=controls_public
        ),
    )


def _wants_certificate(host: HostChain) -> bool:
    failures = (
        host.reach.failure if host.reach is not None else None,
        host.presented.failure if host.presented is not None else None,
    )
    return FailureCode.CERTIFICATE_WANTED in {each.code for each in failures if each is not None}


def _is_silent_alone(worst: JudgedHost, controls: Sequence[JudgedHost]) -> bool:
    """No connection to it came about, and others of the same port show a public certificate."""
    port = parse_host_port(worst.host.target, default_port=HTTPS_PORT).port
    reach = worst.host.reach
    return (
        not worst.host.proxy
        and reach is not None
        and not reach.connected
        and any(
            each.trust is ChainTrust.PUBLIC
            and parse_host_port(each.host.target, default_port=HTTPS_PORT).port == port
            for each in controls
        )
    )


def _kind(worst: JudgedHost, controls: Sequence[JudgedHost]) -> FilterKind:
    match worst.trust:
        case ChainTrust.UNSEEN if _wants_certificate(worst.host):
            return FilterKind.SERVICE_WANTS_CERTIFICATE
        case ChainTrust.UNSEEN if _is_silent_alone(worst, controls):
            return FilterKind.SERVICE_SILENT
        case ChainTrust.CUT if any(each.trust is ChainTrust.PUBLIC for each in controls):
            return FilterKind.SERVICE_FAILS
        case ChainTrust.EXPIRED if any(each.trust is ChainTrust.EXPIRED for each in controls):
            return FilterKind.ALL_EXPIRED
        case trust if trust in FOREIGN:
            return _kind_of_foreign(worst)
        case trust:
            return BY_TRUST[trust]


def _kind_of_foreign(worst: JudgedHost) -> FilterKind:
    product = worst.product
    if product is not None and product.kind is InspectionPlace.ANTIVIRUS:
        return FilterKind.OPENED_HERE
    by_itself = worst.trust is ChainTrust.SELF_SIGNED and product is None
    return FilterKind.SELF_SIGNED if by_itself else FilterKind.OPENED


def _kind_by_controls(worst: JudgedHost) -> FilterKind:
    """No host of the service is set: what other sites show is all there is."""
    if worst.trust is ChainTrust.PUBLIC:
        return FilterKind.OTHERS_CLEAN
    return FilterKind.OTHERS_OPENED if worst.trust in FOREIGN else FilterKind.OTHERS_UNSEEN


def _observed(worst: JudgedHost, hosts: Sequence[JudgedHost], *, only_controls: bool) -> str:
    if worst.trust is ChainTrust.PUBLIC:
        count = len(hosts)
        if only_controls:
            return ngettext(
                "{count} other site, public; no host of the service set (targets.tls)",
                "{count} other sites, all public; no host of the service set (targets.tls)",
                count,
            ).format(count=count)
        return ngettext(
            "{count} host, public certificate", "{count} hosts, all public certificates", count
        ).format(count=count)
    if not worst.issuer:
        return labelled(worst.host.target, _reach_words(worst.host))
    if worst.product is not None:
        return _("certificate by {product} ({issuer})").format(
            product=worst.product.name, issuer=worst.issuer
        )
    words = _("certificate by {issuer}").format(issuer=worst.issuer)
    if worst.trust is ChainTrust.PRIVATE_STORE_ONLY:
        return _("{words}, found only in this computer's own store").format(words=words)
    return f"{words}{DOT}{_(TRUST_WORDS[worst.trust])}"


def _why_not_inspection(seen: JudgedHost) -> str:
    """Empty where that cannot be said."""
    return "" if seen.product is not None else _(NOT_INSPECTION.get(seen.trust, ""))


def _reach_words(host: HostChain) -> str:
    reaches = [(host.reach, host.presented)] if host.reach is not None else []
    return ending_words(ending_of(host.lookup, reaches))


def _details(seen: Sequence[JudgedHost], judged_at: str) -> tuple[Detail, ...]:
    lines = []
    for each in seen:
        presented = each.host.presented
        if presented is None or presented.value is None:
            lines.append(Detail(label=each.host.target, text=_reach_words(each.host)))
            continue
        leaf, session = presented.value.certificates[0], presented.value.session
        text = DOT.join(
            (
                _(TRUST_WORDS[each.trust]),
                _("issued by {issuer}").format(issuer=leaf.issuer),
                _("{start} to {end}").format(
                    start=day(leaf.not_before[:10]), end=day(leaf.not_after[:10])
                ),
                _versions_words(each.host) or session.version,
                f"SHA-256 {leaf.fingerprint[:16]}",
            )
        )
        lines.append(Detail(label=each.host.target, text=text))
        if reason := _why_not_inspection(each):
            lines.append(Detail(label=_("Why it is not inspection"), text=reason))
    lines.append(Detail(label=_("Judged at"), text=moment_words(judged_at)))
    return tuple(lines)


def _versions_words(host: HostChain) -> str:
    """ "TLS 1.2, 1.3 accepted, 1.0, 1.1 refused"; empty where none was offered by itself."""
    offered = [(OFFERS.get(tried.operation, ""), tried.ok) for tried in host.accepts]
    accepted = ", ".join(name for name, came in offered if name and came)
    refused = ", ".join(name for name, came in offered if name and not came)
    if accepted and refused:
        words = _("TLS {accepted} accepted, {refused} refused")
        return words.format(accepted=accepted, refused=refused)
    return _("TLS {accepted} accepted").format(accepted=accepted) if accepted else ""


FILTER_TLS_INTERCEPTION = Check(
    name="filter.tls_interception",
    meaning=N_(
        "A web filter that opens encrypted traffic puts itself between you and the service. "
        "Voice and announcements of calls often do not survive it."
    ),
    title=N_("TLS inspection"),
    term="TLS inspection",
    page=Page.WEB_FILTERS,
    stands_for_page=True,
    settings=("tls", "tls_control"),
    method=N_("The certificate as presented, held against public roots"),
    needs=(TLS_CHAIN,),
    limits=NoLimits,
    judge=judge,
)
