"""filter.tls_interception: does something between here and the service open encrypted traffic?"""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from functools import cache

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from natwizard.assets import asset
from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.browser_texts import day
from natwizard.checks.shared.connection_outcome import ending_of, ending_words
from natwizard.checks.shared.number_format import DOT, tried_by
from natwizard.model.address import is_literal, parse_host_port
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.outcome import FailureCode
from natwizard.model.quantity import Quantity, Unit
from natwizard.model.writing import labelled
from natwizard.probes.connection.tls_chain import OFFERS, TLS_CHAIN, HostChain, PresentedChain


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


def trust_of(host: HostChain) -> ChainTrust:
    """Who vouches for a host's certificate."""
    if host.presented is None or host.presented.value is None or host.public is None:
        cut = host.reach is not None and host.reach.connected
        failure = host.reach.failure if host.reach is not None else None
        cut = cut and failure is not None and failure.code in CUT_CODES
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
    status, summary, remedy = _say(worst, controls) if service else _say_by_controls(worst)
    return Judgement(
        status=status,
        summary=summary,
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
            Quantity(
                name="controls_public",
                value=sum(e.trust is ChainTrust.PUBLIC for e in controls),
                unit=Unit.COUNT,
            ),
            Quantity(name="trust", value=worst.trust.name.lower(), unit=Unit.TEXT),
        ),
        remedy=remedy,
        details=_details(seen, evidence.judged_at),
        tried=tried_by(evidence.hosts),
    )


def _say(worst: JudgedHost, controls: Sequence[JudgedHost]) -> tuple[Status, str, Remedy | None]:
    match worst.trust:
        case ChainTrust.PUBLIC:
            return Status.PASS, _("Nothing opens your encrypted traffic to the service."), None
        case ChainTrust.UNSEEN:
            return (
                Status.UNKNOWN,
                _("We could not see who vouches for the service."),
                Remedy(text=_("Look at the ports page, then run again."), owner=Owner.HELPDESK),
            )
        case ChainTrust.CUT if any(each.trust is ChainTrust.PUBLIC for each in controls):
            return (
                Status.UNKNOWN,
                _("The service's encryption fails, while other sites work."),
                Remedy(
                    text=_("Tell your helpdesk: {host}.").format(host=worst.host.target),
                    owner=Owner.HELPDESK,
                ),
            )
        case ChainTrust.CUT:
            return (
                Status.FAIL,
                _("Something cuts connections as encryption begins."),
                _exempt(_("Ask to exempt the service from deep inspection."), worst),
            )
        case ChainTrust.INCOMPLETE:
            return (
                Status.WARN,
                _("The service's server leaves out part of its proof of identity."),
                Remedy(
                    text=_("Tell the service: an intermediate certificate is missing."),
                    owner=Owner.HELPDESK,
                ),
            )
        case ChainTrust.EXPIRED:
            return _out_of_date(controls)
        case ChainTrust.WRONG_NAME:
            return (
                Status.FAIL,
                _("Another server answers in the service's place."),
                _asked(_("Ask what answers for the service's name."), worst),
            )
        case _:
            return _opened(worst)


def _say_by_controls(worst: JudgedHost) -> tuple[Status, str, Remedy | None]:
    """No host of the service is set: what other sites show is all there is."""
    set_hosts = Remedy(
        text=_("Set `targets.tls` to the service's hosts, then run again."), owner=Owner.HELPDESK
    )
    if worst.trust is ChainTrust.PUBLIC:
        return Status.PASS, _("No web filter opens your encrypted traffic."), None
    if worst.trust in FOREIGN:
        return Status.WARN, _("A web filter opens encrypted traffic; the service's too?"), set_hosts
    return Status.UNKNOWN, _("Whether a filter opens your traffic could not be seen."), set_hosts


def _opened(worst: JudgedHost) -> tuple[Status, str, Remedy | None]:
    product = worst.product
    if product is not None and product.kind is InspectionPlace.ANTIVIRUS:
        return (
            Status.FAIL,
            _("A security program on this computer opens your encrypted traffic."),
            Remedy(text=_("Switch off HTTPS scanning for the service."), owner=Owner.HELPDESK),
        )
    if worst.trust is ChainTrust.SELF_SIGNED and product is None:
        return (
            Status.FAIL,
            _("A server that vouches for itself answers in the service's place."),
            _asked(_("Ask what answers for the service's name."), worst),
        )
    return (
        Status.FAIL,
        _("A web filter opens your encrypted traffic."),
        _exempt(_("Exempt the service's domains from TLS inspection."), worst),
    )


def _out_of_date(controls: Sequence[JudgedHost]) -> tuple[Status, str, Remedy]:
    if any(each.trust is ChainTrust.EXPIRED for each in controls):
        return (
            Status.FAIL,
            _("Secure sites look out of date: is this computer's clock right?"),
            Remedy(text=_("Set the date and time, then run again."), owner=Owner.AGENT),
        )
    return (
        Status.FAIL,
        _("The service's proof of identity is out of date."),
        Remedy(
            text=_("Check this computer's date; if it is right, tell the service."),
            owner=Owner.HELPDESK,
        ),
    )


def _exempt(text: str, worst: JudgedHost) -> Remedy:
    request = _(
        "Please exempt {host} from TLS inspection. The certificate shown here was issued by: "
        "{issuer}."
    ).format(host=worst.host.target, issuer=worst.issuer or _("nobody; the connection was cut"))
    return Remedy(text=text, owner=Owner.NETWORK_TEAM, request=request)


def _asked(text: str, worst: JudgedHost) -> Remedy:
    """It is not inspection, so an exemption would not help."""
    request = _(
        "Please look what answers for {host}. The certificate shown here is {wrong}; it was issued "
        "by: {issuer}."
    ).format(host=worst.host.target, wrong=_trust_words(worst.trust), issuer=worst.issuer)
    return Remedy(text=text, owner=Owner.NETWORK_TEAM, request=request)


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
    return f"{words}{DOT}{_trust_words(worst.trust)}"


def _trust_words(trust: ChainTrust) -> str:
    return {
        ChainTrust.PUBLIC: _("public"),
        ChainTrust.UNSEEN: _("not seen"),
        ChainTrust.INCOMPLETE: _("incomplete"),
        ChainTrust.EXPIRED: _("out of date"),
        ChainTrust.WRONG_NAME: _("for another name"),
        ChainTrust.CUT: _("cut off"),
        ChainTrust.SELF_SIGNED: _("signed by itself"),
        ChainTrust.UNKNOWN_AUTHORITY: _("known to nobody"),
        ChainTrust.PRIVATE_STORE_ONLY: _("known to this computer only"),
    }[trust]


def _why_not_inspection(seen: JudgedHost) -> str:
    """What is wrong with a certificate that no filter made; empty where that cannot be said."""
    if seen.product is not None:
        return ""
    return {
        ChainTrust.INCOMPLETE: _(
            "a public authority issued it; the server leaves out what leads there"
        ),
        ChainTrust.EXPIRED: _("a public authority vouches for it; only its dates are wrong"),
        ChainTrust.WRONG_NAME: _("a public authority vouches for it, but for another name"),
        ChainTrust.SELF_SIGNED: _("filters sign with an authority of their own; this signs itself"),
    }.get(seen.trust, "")


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
                _trust_words(each.trust),
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
    lines.append(Detail(label=_("Judged at"), text=judged_at))
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
    title=N_("Web inspection"),
    page=Page.WEB_FILTERS,
    needs=(TLS_CHAIN,),
    limits=NoLimits,
    judge=judge,
)
