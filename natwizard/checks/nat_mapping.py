"""nat.mapping: does the router keep one public address for a socket? RFC 4787 (4.1), RFC 5780."""

from collections.abc import Sequence
from enum import StrEnum

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.nat_texts import is_translated, reflections
from natwizard.checks.shared.number_format import tried_lines
from natwizard.model.finding import Detail, Judgement, Owner, Page, Remedy, Status
from natwizard.model.language import N_, _, ngettext
from natwizard.model.quantity import Quantity, Unit
from natwizard.probes.stun.binding import STUN, StunEvidence, StunFlow
from natwizard.probes.stun.client import StunMapping

Seen = list[tuple[StunFlow, StunMapping]]


class NatMapping(StrEnum):
    """RFC 4787's words, and two of ours."""

    NOT_TRANSLATED = N_("not translated")
    ENDPOINT_INDEPENDENT = N_("endpoint-independent")
    ADDRESS_DEPENDENT = N_("address-dependent")
    ADDRESS_AND_PORT_DEPENDENT = N_("address- and port-dependent")
    DEPENDENT = N_("address-dependent or address- and port-dependent")
    """Different servers see different addresses; none could be asked on two ports."""
    TOO_FEW = N_("too few servers to tell")


DEPENDENT = {
    NatMapping.ADDRESS_DEPENDENT,
    NatMapping.ADDRESS_AND_PORT_DEPENDENT,
    NatMapping.DEPENDENT,
}


def mapping_of(seen: Seen) -> NatMapping:
    """Classify what several servers saw of one socket."""
    if seen and not any(is_translated(flow, reflection) for flow, reflection in seen):
        return NatMapping.NOT_TRANSLATED
    publics = {reflection.public for _flow, reflection in seen}
    by_host: dict[str, set[object]] = {}
    ports: dict[str, set[int]] = {}
    for _flow, reflection in seen:
        by_host.setdefault(reflection.server.host, set()).add(reflection.public)
        ports.setdefault(reflection.server.host, set()).add(reflection.server.port)
    if any(len(found) > 1 for found in by_host.values()):
        return NatMapping.ADDRESS_AND_PORT_DEPENDENT
    if len(by_host) < 2:
        return NatMapping.TOO_FEW
    if len(publics) == 1:
        return NatMapping.ENDPOINT_INDEPENDENT
    if any(len(asked) > 1 for asked in ports.values()):
        return NatMapping.ADDRESS_DEPENDENT
    return NatMapping.DEPENDENT


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The worst of IPv4 and IPv6; endpoint-independent is what calls between people need."""
    evidence = inputs.evidence(STUN)
    kinds = {
        version: mapping_of(_shared(evidence, version))
        for version in (4, 6)
        if _shared(evidence, version)
    }
    dependent = next((version for version, kind in kinds.items() if kind in DEPENDENT), None)
    known = [kind for kind in kinds.values() if kind is not NatMapping.TOO_FEW]
    if dependent is not None:
        judged = _dependent(_shared(evidence, dependent), kinds[dependent])
    elif known:
        judged = _independent(known)
    else:
        judged = _unknown(evidence)
    status, summary, observed, remedy = judged
    return Judgement(
        status=status,
        summary=summary,
        observed=observed,
        expected=_("one mapping"),
        measured=tuple(
            Quantity(name=f"mapping_ipv{version}", value=str(kind), unit=Unit.TEXT)
            for version, kind in kinds.items()
        ),
        remedy=remedy,
        details=_details(evidence, kinds),
        tried=tried_lines([flow.attempt for flow in evidence.flows if flow.socket == 0]),
    )


def _shared(evidence: StunEvidence, version: int) -> Seen:
    return [found for found in reflections(evidence, version) if found[0].socket == 0]


def _dependent(seen: Seen, kind: NatMapping) -> tuple[Status, str, str, Remedy | None]:
    mappings = len({reflection.public for _flow, reflection in seen})
    servers = len({reflection.server for _flow, reflection in seen})
    observed = _("symmetric: {mappings} mappings for {servers} servers").format(
        mappings=mappings, servers=servers
    )
    remedy = Remedy(
        text=_("Ask for endpoint-independent mapping."),
        owner=Owner.NETWORK_TEAM,
        request=_(
            "Please set the router's UDP mapping to endpoint-independent (RFC 4787, REQ-1)."
            " It is {kind} now: {observed}, all from one socket."
        ).format(kind=_(kind.value), observed=observed),
    )
    summary = _("Your router gives each call partner another address.")
    return Status.WARN, summary, observed, remedy


def _independent(known: Sequence[NatMapping]) -> tuple[Status, str, str, Remedy | None]:
    if all(kind is NatMapping.NOT_TRANSLATED for kind in known):
        summary = _("Your address is not changed on the way.")
        return Status.PASS, summary, _("no translation"), None
    summary = _("Your router shows one address to every call partner.")
    return Status.PASS, summary, _("one mapping for every server"), None


def _unknown(evidence: StunEvidence) -> tuple[Status, str, str, Remedy | None]:
    servers = len({
        reflection.server.host
        for version in (4, 6)
        for _flow, reflection in _shared(evidence, version)
    })  # fmt: skip
    observed = ngettext(
        "{count} server answered; two are needed", "{count} servers answered", servers
    ).format(count=servers)
    remedy = Remedy(
        text=_("Set a second STUN server (targets.stun_control), then run again."),
        owner=Owner.HELPDESK,
    )
    summary = _("We could not see how your router treats call partners.")
    return Status.UNKNOWN, summary, observed, remedy


def _details(evidence: StunEvidence, kinds: dict[int, NatMapping]) -> tuple[Detail, ...]:
    rows = [
        Detail(label=_("Mapping over IPv{version}").format(version=version), text=_(kind.value))
        for version, kind in kinds.items()
    ]
    rows += [
        Detail(
            label=_("Filtering over IPv{version}").format(version=each.ip_version),
            text=_(each.attempt.value.value),
        )
        for each in evidence.filtering
        if each.attempt.value is not None
    ]
    rows += [
        Detail(
            label=f"{flow.target} ({reflection.server})",
            text=_("saw {public}, local port {port}").format(
                public=reflection.public, port=reflection.local_port
            ),
        )
        for version in kinds
        for flow, reflection in _shared(evidence, version)
    ]
    rows += [
        Detail(
            label=_("Rewritten on the way"),
            text=_("{server} saw {public}, but its plain answer reads {plain}").format(
                server=reflection.server, public=reflection.public, plain=reflection.plain
            ),
        )
        for version in kinds
        for _flow, reflection in _shared(evidence, version)
        if reflection.plain is not None and reflection.plain != reflection.public
    ]
    return tuple(rows)


NAT_MAPPING = Check(
    name="nat.mapping",
    title=N_("Address mapping"),
    page=Page.CONNECTION,
    needs=(STUN,),
    limits=NoLimits,
    judge=judge,
)
