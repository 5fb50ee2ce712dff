"""nat.mapping: does the router keep one public address for a socket? RFC 4787 (4.1), RFC 5780."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from natwizard.checks.base import Check, Inputs, NoLimits
from natwizard.checks.shared.nat_texts import (
    ASK_WHY_SILENT,
    SILENT_REQUEST,
    by_connection,
    is_translated,
    reflections,
)
from natwizard.checks.shared.number_format import tried_lines
from natwizard.checks.verdict import Verdict, passed, unknown, warned
from natwizard.model.finding import Detail, Judgement, Owner, Page
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


OTHERS_SILENT = unknown(
    N_("We could not see how your router treats call partners."),
    ASK_WHY_SILENT,
    SILENT_REQUEST,
)
"""A second server is set, and it did not answer."""
SPLIT_HERE = unknown(
    N_("We could not see how your router treats call partners."),
    N_("Run again without the VPN, or with two STUN servers by the same connection."),
    owner=Owner.HELPDESK,
)
"""Two servers answered, each by another connection of this computer's own."""
DEPENDENT = warned(
    N_("Your router gives each call partner another address."),
    N_("Ask for endpoint-independent mapping."),
    N_(
        "Please set the router's UDP mapping to endpoint-independent (RFC 4787, REQ-1)."
        " It is {kind} now: {observed}, all from one socket."
    ),
)
VERDICTS: Final[Mapping[NatMapping, Verdict]] = {
    NatMapping.NOT_TRANSLATED: passed(N_("Your address is not changed on the way.")),
    NatMapping.ENDPOINT_INDEPENDENT: passed(
        N_("Your router shows one address to every call partner.")
    ),
    NatMapping.ADDRESS_DEPENDENT: DEPENDENT,
    NatMapping.ADDRESS_AND_PORT_DEPENDENT: DEPENDENT,
    NatMapping.DEPENDENT: DEPENDENT,
    NatMapping.TOO_FEW: unknown(
        N_("We could not see how your router treats call partners."),
        N_("Set a second STUN server (targets.stun_control), then run again."),
        owner=Owner.HELPDESK,
    ),
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


def _mapping_by_connection(seen: Seen) -> NatMapping:
    kinds = [mapping_of(each) for each in by_connection(seen)]
    dependent = next((kind for kind in kinds if VERDICTS[kind] is DEPENDENT), None)
    return dependent or _settled(dict(enumerate(kinds)))


def _answered_by_both(evidence: StunEvidence) -> bool:
    return any(
        len({flow.local_address for flow, _mapping in _shared(evidence, version)}) > 1
        for version in (4, 6)
    )


def judge(inputs: Inputs, _limits: NoLimits) -> Judgement:
    """The worst of IPv4 and IPv6; endpoint-independent is what calls between people need."""
    evidence = inputs.evidence(STUN)
    kinds = {
        version: _mapping_by_connection(_shared(evidence, version))
        for version in (4, 6)
        if _shared(evidence, version)
    }
    version = next((each for each, kind in kinds.items() if VERDICTS[kind] is DEPENDENT), 0)
    kind = kinds[version] if version else _settled(kinds)
    observed = _observed(evidence, kind, _shared(evidence, version))
    verdict = VERDICTS[kind]
    if kind is NatMapping.TOO_FEW and inputs.line.stun_hosts > 1:
        verdict = SPLIT_HERE if _answered_by_both(evidence) else OTHERS_SILENT
    return verdict.judgement(
        texts={"kind": _(kind.value), "observed": observed},
        observed=observed,
        expected=_("one mapping"),
        measured=tuple(
            Quantity(name=f"mapping_ipv{version}", value=str(kind), unit=Unit.TEXT)
            for version, kind in kinds.items()
        ),
        details=_details(evidence, kinds),
        tried=tried_lines([flow.attempt for flow in evidence.flows if flow.socket == 0]),
    )


def _shared(evidence: StunEvidence, version: int) -> Seen:
    return [found for found in reflections(evidence, version) if found[0].socket == 0]


def _settled(kinds: Mapping[int, NatMapping]) -> NatMapping:
    """Of the families together, where none is dependent."""
    known = {kind for kind in kinds.values() if kind is not NatMapping.TOO_FEW}
    if not known:
        return NatMapping.TOO_FEW
    translated = NatMapping.ENDPOINT_INDEPENDENT in known
    return NatMapping.ENDPOINT_INDEPENDENT if translated else NatMapping.NOT_TRANSLATED


def _observed(evidence: StunEvidence, kind: NatMapping, seen: Seen) -> str:
    """In words; `seen` of the family that is told, where it is dependent."""
    match kind:
        case NatMapping.NOT_TRANSLATED:
            return _("no translation")
        case NatMapping.ENDPOINT_INDEPENDENT:
            return _("one mapping for every server")
        case NatMapping.TOO_FEW:
            servers = len({
                reflection.server.host
                for version in (4, 6)
                for _flow, reflection in _shared(evidence, version)
            })  # fmt: skip
            return ngettext(
                "{count} server answered; two are needed", "{count} servers answered", servers
            ).format(count=servers)
        case _:
            return _("symmetric: {mappings} mappings for {servers} servers").format(
                mappings=len({reflection.public for _flow, reflection in seen}),
                servers=len({reflection.server for _flow, reflection in seen}),
            )


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
    if evidence.filtering_untried:
        text = _("Not tested: this computer's own firewall would answer in the router's place.")
        rows.append(Detail(label=_("Filtering"), text=text))
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
    meaning=N_(
        "Your router gives this computer an address on the internet. If it gives another one "
        "for each partner, the voices of both sides cannot find each other directly."
    ),
    title=N_("NAT (address mapping)"),
    term="NAT",
    page=Page.CONNECTION,
    settings=("stun_control",),
    method=N_("Several servers asked from one socket (RFC 5780, section 4.3)"),
    needs=(STUN,),
    limits=NoLimits,
    judge=judge,
)
